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
from digest.site.api import values
from digest.site.api.description import Operation, Parameter, described
from digest.site.api.made import AnswerMaker
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
    number_in,
    page_of,
    wished_by,
)

ROOT: Final = "api/v1"
MOST: Final = 200
"""The most entries of one page."""

_USUAL: Final = 50
_LONGEST_ID: Final = 400  # characters
_JSON: Final = "application/json"

_TEXTS: Final = {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 100}
_LIMIT: Final = Parameter(
    name="limit",
    about="The most entries of the page.",
    schema={"type": "integer", "minimum": 1, "maximum": MOST, "default": _USUAL},
)
_BEFORE: Final = Parameter(
    name="before",
    about="Only stories with a number below this.",
    schema={"type": "integer", "minimum": 1, "maximum": LATEST_NUMBER},
)
_WISHES: Final = (
    Parameter(name="inspectorate", about="Only of one of these, by key.", schema=_TEXTS),
    Parameter(name="kind", about="Only about services of one of these kinds.", schema=_TEXTS),
    Parameter(
        name="area", about="Only about services in one of these places, by their names.", schema=_TEXTS
    ),
    Parameter(name="provider", about="Only about one of these services, by id.", schema=_TEXTS),
    Parameter(
        name="watched", about="And all about these services, whatever else is asked for.", schema=_TEXTS
    ),
    Parameter(
        name="commentary",
        about="Whether blogs' comments count.",
        schema={"type": "string", "enum": ["yes", "no"], "default": "yes"},
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
        Parameter(name="inspectorate", about="Only its services, by key.", schema={"type": "string"}),
        Parameter(
            name="after",
            about="Only services with an id after this one.",
            schema={"type": "string", "maxLength": _LONGEST_ID},
        ),
        _LIMIT,
    ),
    missing=True,
)
SERVICE: Final = Operation(
    path="/services/{id}",
    about="All that we know of a service. An id that leads to another service gives that one.",
    answer=values.ServiceRecord,
    parameters=(
        Parameter(name="id", about="Its id.", schema={"type": "string", "minLength": 1}, in_path=True),
    ),
    missing=True,
)
MOVEMENTS: Final = Operation(
    path="/movements",
    about="Ratings that moved or were withdrawn, and corrections: as in an edition of movements only.",
    answer=values.StoryPage,
    parameters=(*_WISHES, _BEFORE, _LIMIT),
    missing=True,
)
REPORTS: Final = Operation(
    path="/reports",
    about="All stories of editions.",
    answer=values.StoryPage,
    parameters=(*_WISHES, _BEFORE, _LIMIT),
    missing=True,
)
EDITIONS: Final = Operation(
    path="/editions",
    about="The days with an edition, the newest first.",
    answer=values.EditionPage,
    parameters=(
        Parameter(name="before", about="Only days before this.", schema={"type": "string", "format": "date"}),
        _LIMIT,
    ),
)
EDITION: Final = Operation(
    path="/editions/{day}",
    about="A day's edition.",
    answer=values.EditionStories,
    parameters=(
        Parameter(name="day", about="Its day.", schema={"type": "string", "format": "date"}, in_path=True),
    ),
    missing=True,
)
OPERATIONS: Final = (INSPECTORATES, SERVICES, SERVICE, MOVEMENTS, REPORTS, EDITIONS, EDITION)

Make = Callable[[], Awaitable[Any]]


def routes(site: Site) -> list[Route]:
    api = _Api(site)

    def at(operation: Operation, handler: Handler) -> Route:
        return Route(f"/{ROOT}{operation.path.replace('{id}', '{id:path}')}", answering(handler))

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
                about=f"What {self._site.pages.address('data')} explains. Nobody needs a key.",
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
        limit = _limit(request)
        after, of = _text(request, "after"), _text(request, "inspectorate")
        if of and of not in self._site.inspectorates:
            raise Unknown(f"We know no inspectorate with the key {of}")

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
        limit = _limit(request)
        before = number_in(request, "before", least=1, most=LATEST_NUMBER, usual=LATEST_NUMBER)

        async def make() -> values.StoryPage:
            found = await page_of(self._site, wished, before=before, limit=limit)
            more = {"before": found.before} if found.before is not None else {}
            return values.StoryPage(
                stories=list(map(self._make.story, found.stories)),
                next=self._next(request, (*PARAMETERS, "limit"), **more),
            )

        return await self._answer(request, make, reads=(*PARAMETERS, "before", "limit"))

    async def editions(self, request: Request) -> Response:
        limit, before = _limit(request), _text(request, "before")
        last = _day(before) if "before" in request.query_params else date.max
        if last is None:
            raise Wrong("before is a day, such as 2026-11-29.")

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


def _limit(request: Request) -> int:
    return number_in(request, "limit", least=1, most=MOST, usual=_USUAL)


def _text(request: Request, name: str) -> str:
    found = request.query_params.getlist(name)
    if len(found) > 1 or any(not _may_be_an_id(text) for text in found):
        raise Wrong(f"{name} is one text of at most {_LONGEST_ID} characters.")
    return "".join(found)


def _may_be_an_id(text: str) -> bool:
    return len(text) <= _LONGEST_ID and "\0" not in text


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if str(found) == text else None  # weeks have days too
