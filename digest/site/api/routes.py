"""The addresses of the API, and what each answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.pages.problems import OPEN, problem
from digest.pages.wished import PARAMETERS, Wished
from digest.present.tidy import one_line
from digest.site.api import values
from digest.site.api.description import Operation, described
from digest.site.api.made import AnswerMaker
from digest.site.api.parameters import Parameter, objection
from digest.site.entries import entry_writer
from digest.site.pages import FIXED, asked
from digest.site.responses import AN_HOUR
from digest.site.site import Site
from digest.site.told import (
    LATEST_NUMBER,
    Handler,
    Unknown,
    Wrong,
    answering,
    page_of,
    wished_by,
)

ROOT: Final = "api/v1"
MOST: Final = 200
"""The most entries of one page."""

_STORIES: Final = 50
_SERVICES: Final = 25  # each has all its aspects: a page of so many is about as long as one of stories
_LONGEST_ID: Final = 400  # characters
_JSON: Final = "application/json"

_LONGEST: Final = "A request of more than 60,000 octets, its address and headers together, is not read."

_DAY: Final = {"type": "string", "format": "date"}
_A_DAY: Final = "one day, such as 2026-11-29"
_SPACES: Final = r"\x09-\x0d\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""All that `str.strip` takes away; what "\\s" means depends on who reads the description."""


def _name(longest: int) -> dict[str, Any]:
    pattern = rf"^[^\x00]*[^\x00{_SPACES}][^\x00]*$"
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": pattern}


_ID: Final = _name(_LONGEST_ID)
_MOST_NAMES: Final = 10
"""Of one parameter. With the lengths below, all that may be asked fits a request that is read: a character
has up to 12 octets in an address. A feed takes more names."""


def _names(name: str, longest: int, about: str, *examples: str) -> Parameter:
    return Parameter(
        name=name,
        about=f"{about} Up to {_MOST_NAMES}.",
        schema={"type": "array", "items": _name(longest), "maxItems": _MOST_NAMES},
        expects=f"a name of at most {longest} characters and never empty, up to {_MOST_NAMES} times",
        example=list(examples),
    )


def _most(usual: int) -> Parameter:
    return Parameter(
        name="limit",
        about="The most entries of the page.",
        schema={"type": "integer", "minimum": 1, "maximum": MOST, "default": usual},
        expects=f"one whole number from 1 to {MOST}",
    )


_BEFORE: Final = Parameter(
    name="before",
    about="Only stories with a number below this.",
    schema={"type": "integer", "minimum": 1, "maximum": LATEST_NUMBER},
    expects=f"one whole number from 1 to {LATEST_NUMBER}",
    example=2026112900012,
)
_WISHES: Final = (
    _names("inspectorate", 40, "Only of one of these, by key.", "cqc"),
    _names("kind", 80, "Only about services of one of these kinds.", "home"),
    _names("area", 80, "Only about services in one of these places, by their names.", "Kent", "Surrey"),
    _names("provider", 140, "Only about one of these services, by id.", "kent-pdu"),
    _names("watched", 140, "And all about these services, whatever else is asked for.", "kent-pdu"),
    Parameter(
        name="commentary",
        about="Whether blogs' comments count.",
        schema={"type": "string", "enum": ["yes", "no"], "default": "yes"},
        expects="yes or no, once",
        example="no",
    ),
)

INSPECTORATES: Final = Operation(
    path="/inspectorates",
    about="All inspectorates, with their scales and licences.",
    answer=values.InspectorateList,
)
SERVICES: Final = Operation(
    path="/services",
    about="Services with their present grades, in the order of their ids.",
    answer=values.ServicePage,
    parameters=(
        Parameter(
            name="inspectorate",
            about="Only its services, by key.",
            schema=_ID,
            expects="one key",
            example="cqc",
        ),
        Parameter(
            name="after",
            about="Only services with an id after this one.",
            schema=_ID,
            expects=f"one id, of at most {_LONGEST_ID} characters",
            example="cqc:102868",
        ),
        _most(_SERVICES),
    ),
    missing=True,
)
SERVICE: Final = Operation(
    path="/services/{id}",
    about="All that we know of a service. An id that leads to another service gives that one.",
    answer=values.ServiceRecord,
    parameters=(
        Parameter(
            name="id",
            about="Its id.",
            schema={"type": "string", "minLength": 1},
            expects="one id",
            example="kent-pdu",
            in_path=True,
        ),
    ),
    missing=True,
)
MOVEMENTS: Final = Operation(
    path="/movements",
    about="Ratings that moved or were withdrawn, and corrections: as in an edition of movements only.",
    answer=values.StoryPage,
    parameters=(*_WISHES, _BEFORE, _most(_STORIES)),
    missing=True,
)
REPORTS: Final = Operation(
    path="/reports",
    about="All stories of editions.",
    answer=values.StoryPage,
    parameters=(*_WISHES, _BEFORE, _most(_STORIES)),
    missing=True,
)
EDITIONS: Final = Operation(
    path="/editions",
    about="The days with an edition, the newest first.",
    answer=values.EditionPage,
    parameters=(
        Parameter(
            name="before", about="Only days before this.", schema=_DAY, expects=_A_DAY, example="2026-11-29"
        ),
        _most(_STORIES),
    ),
)
EDITION: Final = Operation(
    path="/editions/{day}",
    about="A day's edition.",
    answer=values.EditionStories,
    parameters=(
        Parameter(
            name="day", about="Its day.", schema=_DAY, expects=_A_DAY, example="2026-11-29", in_path=True
        ),
    ),
    missing=True,
)
OPERATIONS: Final = (INSPECTORATES, SERVICES, SERVICE, MOVEMENTS, REPORTS, EDITIONS, EDITION)

Make = Callable[[], Awaitable[Any]]


def routes(site: Site) -> list[Route]:
    api = _Api(site)

    def at(operation: Operation, handler: Handler) -> Route:
        path = f"/{ROOT}{operation.path.replace('{id}', '{id:path}')}"
        return Route(path, answering(_as_described(operation, handler)))

    return [
        Route(f"/{ROOT}/openapi.json", api.openapi),
        at(INSPECTORATES, api.inspectorates),
        at(SERVICES, api.services),
        at(SERVICE, api.service),
        at(MOVEMENTS, api.movements),
        at(REPORTS, api.reports),
        at(EDITIONS, api.editions),
        at(EDITION, api.edition),
    ]


class _Api:
    """The handlers of the API's requests."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._make = AnswerMaker(address=site.pages.address, known=site.known, entries=entry_writer(site))

    async def openapi(self, request: Request) -> Response:
        async def make() -> bytes:
            sender = self._site.pages.pages.sender
            found = described(
                OPERATIONS,
                title=sender.service_name,
                about=f"What {self._site.pages.address('data')} explains. Nobody needs a key. {_LONGEST}",
                server=self._site.pages.address(ROOT),
            )
            return json.dumps(found, indent=1, ensure_ascii=False).encode()

        return await self._site.pages.serve(
            request, make, media_type=_JSON, mark=FIXED, max_age=AN_HOUR, headers=OPEN
        )

    async def inspectorates(self, request: Request) -> Response:
        async def make() -> values.InspectorateList:
            counted = {one.name: one for one in await self._site.public.inspectorates()}
            found = [self._make.inspectorate(one, counted.get(one.key)) for one in self._site.known]
            return values.InspectorateList(inspectorates=found)

        return await self._answer(request, make)

    async def services(self, request: Request) -> Response:
        given, limit = request.query_params, _limit(request, _SERVICES)
        after, of = given.get("after", ""), given.get("inspectorate", "")
        if of and of not in self._site.inspectorates:
            raise Unknown(f"We know no inspectorate with the key {one_line(of)}")

        async def make() -> values.ServicePage:
            found = await self._site.public.services_after(after, inspectorate=of, limit=limit + 1)
            more = {"after": found[limit - 1].id} if len(found) > limit else {}
            return values.ServicePage(
                services=list(map(self._make.service, found[:limit])),
                next=self._next(request, ("inspectorate", "limit"), **more),
            )

        return await self._answer(request, make, reads=("inspectorate", "after", "limit"))

    async def service(self, request: Request) -> Response:
        id = request.path_params["id"]

        async def make() -> values.ServiceRecord | None:
            found = await self._site.public.record(id) if _may_be_an_id(id) else None
            return None if found is None else self._make.record(found)

        return await self._answer(request, make)

    async def movements(self, request: Request) -> Response:
        return await self._stories(request, await wished_by(request, self._site, movements_only=True))

    async def reports(self, request: Request) -> Response:
        return await self._stories(request, await wished_by(request, self._site, movements_only=False))

    async def _stories(self, request: Request, wished: Wished) -> Response:
        limit = _limit(request, _STORIES)
        before = int(request.query_params.get("before", LATEST_NUMBER))

        async def make() -> values.StoryPage:
            found = await page_of(self._site, wished, before=before, limit=limit)
            more = {"before": found.before} if found.before is not None else {}
            return values.StoryPage(
                stories=list(map(self._make.story, found.stories)),
                next=self._next(request, (*PARAMETERS, "limit"), **more),
            )

        return await self._answer(request, make, reads=(*PARAMETERS, "before", "limit"))

    async def editions(self, request: Request) -> Response:
        limit = _limit(request, _STORIES)
        last = date.fromisoformat(request.query_params.get("before", str(date.max)))

        async def make() -> values.EditionPage:
            until = self._site.until
            span = await self._site.public.span(until=until)
            last_of_page = min(until, last - timedelta(days=1)) if last > date.min else date.min
            days = await self._site.public.days(span[0], last_of_page, until=until) if span else ()
            more = {"before": days[-limit].day} if len(days) > limit else {}
            return values.EditionPage(
                editions=[self._make.edition(one) for one in reversed(days[-limit:])],
                next=self._next(request, ("limit",), **more),
            )

        return await self._answer(request, make, reads=("before", "limit"))

    async def edition(self, request: Request) -> Response:
        day = _day(request.path_params["day"])

        async def make() -> values.EditionStories | None:
            until = self._site.until
            found = await self._site.public.days(day, day, until=until) if day else ()
            if not found:
                return None
            stories = await self._site.public.stories_of(found[0].day, until=until)
            return values.EditionStories(
                edition=self._make.edition(found[0]), stories=list(map(self._make.story, stories))
            )

        return await self._answer(request, make)

    # -- within ----------------------------------------------------------------------------------------

    async def _answer(self, request: Request, make: Make, *, reads: Sequence[str] = ()) -> Response:
        async def content() -> bytes | None:
            value = await make()
            return None if value is None else _ADAPTERS[type(value)].dump_json(value)

        return await self._site.pages.serve(
            request, content, media_type=_JSON, reads=reads, headers=OPEN, missing=_missing
        )

    def _next(self, request: Request, kept: Sequence[str], **more: object) -> str | None:
        """The address of the next page, with the same parameters; None if there are no `more`."""
        page = request.url.path.rpartition("/")[2]
        return self._site.pages.address(f"{ROOT}/{page}") + asked(request, kept, **more) if more else None


_ADAPTERS: Final[Mapping[type, TypeAdapter[Any]]] = {kind: TypeAdapter(kind) for kind in values.ANSWERS}


def _missing(_: Request) -> Response:
    return problem(404, "There is nothing of that name.")


def _as_described(operation: Operation, handler: Handler) -> Handler:
    """The handler, for requests whose query is what the description says of it."""

    async def answer(request: Request) -> Response:
        wrong = objection(operation.parameters, request.query_params.multi_items())
        if wrong is not None:
            raise Wrong(wrong)
        return await handler(request)

    return answer


def _limit(request: Request, usual: int) -> int:
    return int(request.query_params.get("limit", usual))


def _may_be_an_id(text: str) -> bool:
    return len(text) <= _LONGEST_ID and "\0" not in text


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if str(found) == text else None  # weeks have days too
