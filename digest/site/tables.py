"""Tables of services by grade: of an inspectorate and a kind, in an area, now or on any past day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.ports.public import AspectCount, Counted, GradeCount, ServiceFilter, ServiceOrder
from digest.present.chart import MonthChart, a_year_before, month_chart, shares
from digest.present.table import (
    FEW,
    Row,
    ScaleView,
    aspect_row,
    oldest,
    past_row,
    places,
    row_of,
    scale_views,
)
from digest.providers import provider_id
from digest.site.addresses import service_page, table_page
from digest.site.asking import IN_A_PAGE, day_of, page_link, page_number, pages_of, query, text_of
from digest.site.site import Site

_READS: Final = ("area", "on", "scale", "sort", "page")

_EARLIEST: Final = date(1900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a visitor wants to see."""

    inspectorate: str
    kind: str  # as its page has it
    area: str
    on: date | None  # None: now
    scale: str
    sort: str
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One page of a table."""

    rows: tuple[Row, ...]
    count: int  # of services with a grade
    unrated: int  # services without one, which come after them
    sort: str


def routes(site: Site) -> list[Route]:
    async def index(request: Request) -> Response:
        async def values() -> Mapping[str, Any]:
            return await _index(site)

        return await site.pages.show(request, "tables", values)

    async def table(request: Request) -> Response:
        try:
            asked = _asked(request, site.until)
        except ValueError:
            return site.pages.refused(
                request,
                "The day in this address is not a day. Write it as year, month and day, such as 2025-06-30.",
            )

        async def values() -> Mapping[str, Any] | None:
            return await _values(site, asked)

        return await site.pages.show(request, "table", values, reads=_READS)

    return [
        Route("/tables", index),
        Route("/tables/{inspectorate}", table),
        Route("/tables/{inspectorate}/{kind}", table),
    ]


def _asked(request: Request, until: date) -> Asked:
    """Raises ValueError for a day that is none. A day that is to come is read as now."""
    on = day_of(request, "on")
    if on is not None and on < _EARLIEST:
        raise ValueError(on)
    return Asked(
        inspectorate=request.path_params["inspectorate"],
        kind=request.path_params.get("kind", ""),
        area=text_of(request, "area"),
        on=on if on is not None and on < until else None,
        scale=text_of(request, "scale"),
        sort=text_of(request, "sort"),
        page=page_number(request),
    )


def slugs(kinds: Iterable[Counted]) -> dict[str, str]:
    """The kinds by what stands for them in addresses, such as "primary-school"."""
    found: dict[str, str] = {}
    for one in kinds:
        slug = own = provider_id(one.name) or "kind"
        number = 1
        while slug in found:
            number += 1
            slug = f"{own}-{number}"
        found[slug] = one.name
    return found


async def _index(site: Site) -> Mapping[str, Any]:
    own = [one for one in await site.public.inspectorates() if one.name]
    kinds = {one.name: await site.public.kinds(one.name) for one in own}
    return {
        "cards": [
            {
                "name": site.inspectorates.get(one.name, one.name),
                "page": table_page(one.name),
                "counted": one,
                "kinds": _kind_links(one.name, kinds[one.name]),
            }
            for one in own
        ]
    }


def _kind_links(inspectorate: str, kinds: Sequence[Counted]) -> list[tuple[str, str, int]]:
    """The name, the page and the services of each kind."""
    by_name = {one.name: one for one in kinds}
    return [
        (name, table_page(inspectorate, slug), by_name[name].services) for slug, name in slugs(kinds).items()
    ]


async def _values(site: Site, asked: Asked) -> Mapping[str, Any] | None:
    public, key = site.public, asked.inspectorate
    if key not in [one.name for one in await public.inspectorates() if one.name]:
        return None
    kinds = await public.kinds(key)
    kind = slugs(kinds).get(asked.kind, "") if asked.kind else ""
    if asked.kind and not kind:
        return None
    which = ServiceFilter(inspectorate=key, kind=kind, area=asked.area)
    graded = await public.distribution(which, on=asked.on)
    aspects = await _aspect_counts(site, which, asked, graded)
    scales = scale_views(key, site.known, graded, aspects)
    chosen = next((one for one in scales if one.key == asked.scale), next(iter(scales), None))
    newest = asked.on is None and (chosen is None or chosen == scales[0])
    own = [one for one in graded if chosen and one.scale == chosen.key]
    body = site.known.named(key)
    table, page = await _table(site, which, asked, chosen, own, newest=newest)
    pages = pages_of(table.count + table.unrated)
    link = {
        "area": asked.area,
        "on": asked.on,
        "scale": chosen.key if chosen and chosen != scales[0] else "",
        "sort": table.sort,
    }
    path = table_page(key, asked.kind)
    return {
        "name": site.inspectorates.get(key, key),
        "inspectorate": key,
        "licence": body.licence if body else None,
        "kind": kind,
        "area": asked.area,
        "on": asked.on,
        "day": asked.on or site.until,
        "path": path,
        "kinds": _kind_links(key, kinds),
        "area_options": [
            ("", "All areas"),
            *((one.name, one.name) for one in await public.areas(key, kind)),
        ],
        "scale": chosen,
        "others": [one for one in scales if one != chosen],
        "newest_scale": scales[0].key if scales else "",
        "shares": shares(own),
        "aspect_counts": _by_aspect(chosen, aspects),
        "table": table,
        "moves": await _moves(site, which, asked),
        "few": (chosen.services if chosen and chosen.overall else table.count) < FEW,
        "oldest": oldest(table.rows, asked.on or site.until),
        "page": page,
        "pages": pages,
        "link": link,
        "previous": page_link(page - 1, pages, **link),
        "next": page_link(page + 1, pages, **link),
        "query": query,
        "canonical": site.pages.address(path) + query(**link, page=page if page > 1 else None),
    }


async def _aspect_counts(
    site: Site, which: ServiceFilter, asked: Asked, graded: Sequence[GradeCount]
) -> tuple[AspectCount, ...]:
    """Grades of aspects on scales that have no table of overall grades."""
    own = site.known.named(which.inspectorate)
    overall = {one.scale for one in graded}
    scales = [one.key for one in own.scales if not one.has_overall or not graded] if own else []
    found: list[AspectCount] = []
    for key in scales:
        if key not in overall:
            found += await site.public.aspect_distribution(replace(which, scale=key), on=asked.on)
    return tuple(found)


def _by_aspect(chosen: ScaleView | None, aspects: Iterable[AspectCount]) -> list[tuple[str, Any]]:
    """The parts of a bar for each aspect of a table."""
    if chosen is None or chosen.overall:
        return []
    own = [one for one in aspects if one.scale == chosen.key]
    return [(name, shares([_count(one) for one in own if one.aspect == name])) for name in chosen.aspects]


def _count(one: AspectCount) -> GradeCount:
    return GradeCount(scale=one.scale, grade=one.grade, rank=one.rank, services=one.services)


async def _table(
    site: Site,
    which: ServiceFilter,
    asked: Asked,
    scale: ScaleView | None,
    counts: Sequence[GradeCount],
    *,
    newest: bool,
) -> tuple[Table, int]:
    """The page that is asked for, or the last one; and its number."""
    table = await _slice(site, which, asked, scale, counts, newest=newest)
    pages = pages_of(table.count + table.unrated)
    if asked.page <= pages:
        return table, asked.page
    asked = replace(asked, page=pages)
    return await _slice(site, which, asked, scale, counts, newest=newest), pages


async def _slice(
    site: Site,
    which: ServiceFilter,
    asked: Asked,
    scale: ScaleView | None,
    counts: Sequence[GradeCount],
    *,
    newest: bool,
) -> Table:
    offset = (asked.page - 1) * IN_A_PAGE
    rows: tuple[Row, ...] = ()
    count, sort = 0, ""
    if scale is not None:
        rows, count, sort = await _graded(site, replace(which, scale=scale.key), asked, scale, counts, offset)
    if not newest:
        return Table(rows=rows, count=count, unrated=0, sort=sort)
    rest = await site.public.services(
        replace(which, rated=False),
        ServiceOrder.NAME,
        offset=max(0, offset - count),
        limit=IN_A_PAGE - len(rows),
    )
    unrated = tuple(row_of(one, {}, service_page) for one in rest.services)
    return Table(rows=rows + unrated, count=count, unrated=rest.count, sort=sort)


async def _graded(  # noqa: PLR0917 -- one call, above
    site: Site,
    which: ServiceFilter,
    asked: Asked,
    scale: ScaleView,
    counts: Sequence[GradeCount],
    offset: int,
) -> tuple[tuple[Row, ...], int, str]:
    """The rows with a grade, how many there are in all, and by what they are sorted; empty: as usual."""
    if not scale.overall:
        by = asked.sort if asked.sort in scale.aspects else ""
        found = await site.public.aspects_on(which, on=asked.on, by=by, offset=offset, limit=IN_A_PAGE)
        return tuple(aspect_row(one, scale.aspects, service_page) for one in found.rows), found.count, by
    order = next((one for one in ServiceOrder if one.value == asked.sort), ServiceOrder.GRADE)
    sort = "" if order is ServiceOrder.GRADE else order.value
    place = places(counts)
    if asked.on is None:
        now = await site.public.services(which, order, offset=offset, limit=IN_A_PAGE)
        return tuple(row_of(one, place, service_page) for one in now.services), now.count, sort
    past = await site.public.graded_on(asked.on, which, order, offset=offset, limit=IN_A_PAGE)
    return tuple(past_row(one, place, service_page) for one in past.grades), past.count, sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What editions told of moves in the twelve months before a day."""

    chart: MonthChart
    since: date | None  # the day of the first edition, if that was later; None: they tell of the whole time


async def _moves(site: Site, which: ServiceFilter, asked: Asked) -> Moves | None:
    """None if editions told of none."""
    last = asked.on or site.until
    span = await site.public.span(until=site.until)
    if span is None or span[0] > last:
        return None
    year = a_year_before(last)
    first = max(year, span[0])
    moves = await site.public.moves(
        first, until=last, inspectorate=which.inspectorate, kind=which.kind, area=which.area
    )
    chart = month_chart(moves, first, last)
    return Moves(chart=chart, since=first if first > year else None) if chart else None
