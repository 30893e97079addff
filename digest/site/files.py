"""CSV files of all services and of all movements, written while they are read."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.changes import Change
from digest.characters import guarded
from digest.pages.problems import OPEN
from digest.pages.wished import PARAMETERS
from digest.ports.public import Service, ToldStory
from digest.present.story import story_view
from digest.present.tidy import tidy
from digest.ratings import Licence
from digest.site.addresses import edition_page, service_page
from digest.site.entries import licence_of
from digest.site.pages import asked
from digest.site.responses import AN_HOUR, public_stream
from digest.site.site import Site
from digest.site.told import answering, pages_of, wished_by

CSV: Final = "text/csv; charset=utf-8; header=present"

SERVICE_COLUMNS: Final = (
    *("id", "name", "former_names", "inspectorate", "kind", "area"),
    *("scale", "grade", "aspects", "since", "precision", "movement", "before", "moved_on", "told_on"),
    *("page", "licence", "attribution"),
)
MOVEMENT_COLUMNS: Final = (
    *("number", "day", "service", "name", "inspectorate", "kind", "area"),
    *("aspect", "scale", "movement", "before", "before_on", "after"),
    *("published", "corrects", "corrected_on", "report", "page", "licence", "attribution"),
)

_AT_ONCE: Final = 500


def routes(site: Site) -> list[Route]:
    async def services(request: Request) -> Response:
        return await _file(request, site, "services", _services(site))

    async def movements(request: Request) -> Response:
        wished = await wished_by(request, site, movements_only=True)
        rows = _movements(site, pages_of(site, wished))
        return await _file(request, site, "movements", rows, reads=PARAMETERS)

    return [
        Route("/data/services.csv", services),
        Route("/data/movements.csv", answering(movements)),
    ]


async def _file(
    request: Request, site: Site, name: str, parts: AsyncIterator[bytes], reads: tuple[str, ...] = ()
) -> Response:
    mark = f"{name}{asked(request, reads)} {await site.pages.mark()}"
    headers = {**OPEN, "Content-Disposition": f'attachment; filename="{name}.csv"'}
    return public_stream(request, parts, mark=mark, media_type=CSV, max_age=AN_HOUR, headers=headers)


async def _services(site: Site) -> AsyncIterator[bytes]:
    yield _lines(SERVICE_COLUMNS, (), header=True)
    after = ""
    while found := await site.public.services_after(after, limit=_AT_ONCE):
        yield await asyncio.to_thread(_lines, SERVICE_COLUMNS, (_service(site, one) for one in found))
        after = found[-1].id


async def _movements(site: Site, pages: AsyncIterator[tuple[ToldStory, ...]]) -> AsyncIterator[bytes]:
    yield _lines(MOVEMENT_COLUMNS, (), header=True)
    async for stories in pages:
        rows = (row for told in stories for row in _changes(site, told))
        yield await asyncio.to_thread(_lines, MOVEMENT_COLUMNS, rows)


def _service(site: Site, one: Service) -> dict[str, Any]:
    known = site.known.named(one.inspectorate)
    plain = {name: getattr(one, name, None) for name in SERVICE_COLUMNS}
    return plain | {
        "former_names": "; ".join(one.former_names),
        "aspects": "; ".join(f"{each.aspect}: {each.grade}" for each in one.aspects),
        "page": site.pages.address(service_page(one.id, one.slug, one.inspectorate)),
        **_terms(known.licence if known else None),
    }


def _changes(site: Site, told: ToldStory) -> Iterator[dict[str, Any]]:
    """A row for each grade that a story tells; for one that was corrected since, a row without a grade."""
    view = story_view(tidy(told.story))
    story = view.story
    of_story = {
        "number": told.number,
        "day": told.day,
        "service": told.service,
        "name": view.name,
        "inspectorate": told.inspectorate,
        "kind": told.kind,
        "area": told.area,
        "published": story.published,
        "corrects": story.correction.told_on if story.correction else None,
        "corrected_on": told.corrected_on,
        "report": view.link,
        "page": site.pages.address(edition_page(told.day, told.anchor)),
        **_terms(licence_of(told.story, site.known)),
    }
    if told.corrected_on or not view.changes:
        yield of_story
    else:
        yield from (of_story | _grades(change) for change in view.changes)


def _grades(change: Change) -> dict[str, Any]:
    own = {name: getattr(change, name) for name in ("aspect", "scale", "movement", "before", "after")}
    dated = change.before_on and change.before_precision.written(change.before_on)
    return own | {"before_on": dated}


def _terms(licence: Licence | None) -> dict[str, str]:
    return {"licence": licence.name, "attribution": licence.attribution} if licence else {}


def _lines(columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]], *, header: bool = False) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")  # RFC 4180 section 2
    if header:
        writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date | int):
        return str(value)
    return guarded(tidy(str(value)))
