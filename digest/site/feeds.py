"""Feeds of movements and of reports: exactly the stories that a subscriber with the same wishes is mailed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.pages.headers import own_path
from digest.pages.problems import OPEN
from digest.pages.wished import PARAMETERS, Wished, following
from digest.ports.public import ToldStory
from digest.present.tidy import one_line
from digest.site.entries import entry_writer
from digest.site.feed_formats import ATOM, JSON_FEED, Feed, atom, json_feed
from digest.site.pages import asked
from digest.site.services import moved, service_at
from digest.site.services import page_of as page_of_service
from digest.site.site import Site
from digest.site.told import LATEST_NUMBER, Handler, answering, number_in, page_of, wished_by

ENTRIES: Final = 30
"""The entries of one page of a feed."""

_BEFORE: Final = "before"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed changed last to which nothing has come yet."""

_NAMES: Final = {"movements": "Ratings that moved", "reports": "All reports"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a feed is written."""

    ending: str
    media_type: str
    write: Callable[[Feed], bytes]


FORMATS: Final = (
    Format(ending="atom", media_type=ATOM, write=atom),
    Format(ending="json", media_type=JSON_FEED, write=json_feed),
)


def routes(site: Site) -> list[Route]:
    return [
        *(Route(f"/{_page(name, form)}", _feed(site, name, form)) for name in _NAMES for form in FORMATS),
        *(
            Route(f"/services/{{inspectorate}}/{{address:path}}{_below(form)}", _service_feed(site, form))
            for form in FORMATS
        ),
    ]


def _page(name: str, form: Format) -> str:
    return f"feeds/{name}.{form.ending}"


def _below(form: Format) -> str:
    """What stands behind the address of a service's page in that of its feed."""
    return f"/feed.{form.ending}"


def _feed(site: Site, name: str, form: Format) -> Handler:
    async def feed(request: Request) -> Response:
        wished = await wished_by(request, site, movements_only=name == "movements")
        title = f"{site.pages.pages.sender.service_name}: {_NAMES[name]}"
        page = _page(name, form)
        return await _serve(request, site, wished, form, title=title, page=page, reads=PARAMETERS)

    return answering(feed)


def _service_feed(site: Site, form: Format) -> Handler:
    """The feed of a service has what is mailed to who follows it: also what is told of its successors."""

    async def feed(request: Request) -> Response:
        path = own_path(request.scope).removesuffix(_below(form))
        found = await service_at(site, request.path_params["address"], path)
        if found is None:
            return site.pages.not_found(request)
        home = page_of_service(found)
        page = home + _below(form)
        if path != f"/{unquote(home)}":
            return moved(request, page)
        title = f"{one_line(found.name)}: {site.pages.pages.sender.service_name}"
        return await _serve(request, site, following(found.id), form, title=title, page=page, home=home)

    return answering(feed)


async def _serve(
    request: Request,
    site: Site,
    wished: Wished,
    form: Format,
    *,
    title: str,
    page: str,
    home: str = "",
    reads: tuple[str, ...] = (),
) -> Response:
    """A page of the feed at `page`. `home` shows the same to people; `reads` are the wishes' parameters."""
    before = number_in(request, _BEFORE, least=1, most=LATEST_NUMBER, usual=LATEST_NUMBER)

    async def make() -> bytes:
        found = await page_of(site, wished, before=before, limit=ENTRIES)
        address = site.pages.address(page)
        first = address + asked(request, reads)
        own = first if before == LATEST_NUMBER else address + asked(request, reads, before=before)
        more = None if found.before is None else address + asked(request, reads, before=found.before)
        return await asyncio.to_thread(
            _written,
            site,
            found.stories,
            form,
            title=title,
            home=site.pages.address(home),
            first=first,
            own=own,
            next=more,
        )

    return await site.pages.serve(
        request, make, media_type=form.media_type, reads=(*reads, _BEFORE), headers=OPEN
    )


def _written(
    site: Site,
    stories: tuple[ToldStory, ...],
    form: Format,
    *,
    title: str,
    home: str,
    first: str,
    own: str,
    next: str | None,
) -> bytes:
    writer = entry_writer(site)
    entries = tuple(map(writer.of, stories))
    feed = Feed(
        title=title,
        author=site.pages.pages.sender.service_name,
        home=home,
        first=first,
        own=own,
        about=site.pages.address("data"),
        next=next,
        updated=max((entry.updated for entry in entries), default=_NEVER),
        entries=entries,
    )
    return form.write(feed)
