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
from digest.present.chart import MonthChart, Share, a_year_before, month_chart, shares
from digest.present.table import (
    FEW,
    FEWEST,
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

_MANY: Final = 6  # columns of aspects
_WITH_MANY: Final = 40  # rows of a page with more

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
                "The date in this web address is not a real date. Use the form 2025-06-30.",
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
    own = site.by_name(one for one in await site.public.inspectorates() if one.name)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """The scales that there are tables of, and the one that is shown."""

    all: tuple[ScaleView, ...]  # the newest first
    chosen: ScaleView | None  # None: nobody has a grade
    graded: tuple[GradeCount, ...]  # of all scales
    aspects: tuple[AspectCount, ...]

    @property
    def newest(self) -> bool:
        """Whether the newest scale is shown. Its table has the services without a grade as well."""
        return self.chosen is None or self.chosen == self.all[0]

    @property
    def in_a_page(self) -> int:
        """The rows of one page: fewer if there are many columns, or a page would be too large."""
        many = self.chosen and not self.chosen.overall and len(self.chosen.aspects) > _MANY
        return _WITH_MANY if many else IN_A_PAGE

    @property
    def counts(self) -> tuple[GradeCount, ...]:
        """How many services have each overall grade of the scale that is shown."""
        return tuple(one for one in self.graded if self.chosen and one.scale == self.chosen.key)

    def by_aspect(self) -> list[tuple[str, tuple[Share, ...]]]:
        """The parts of a bar for each aspect, if the table is of aspects."""
        if self.chosen is None or self.chosen.overall:
            return []
        own = [one for one in self.aspects if one.scale == self.chosen.key]
        return [
            (name, shares([_count(one) for one in own if one.aspect == name][::-1]))
            for name in self.chosen.aspects
        ]


def _count(one: AspectCount) -> GradeCount:
    return GradeCount(scale=one.scale, grade=one.grade, rank=one.rank, services=one.services)


async def _values(site: Site, asked: Asked) -> Mapping[str, Any] | None:
    """What the template gets; None if there is no such inspectorate or kind."""
    key = asked.inspectorate
    if key not in [one.name for one in await site.public.inspectorates() if one.name]:
        return None
    kinds = await site.public.kinds(key)
    kind = slugs(kinds).get(asked.kind, "") if asked.kind else ""
    if asked.kind and not kind:
        return None
    which = ServiceFilter(inspectorate=key, kind=kind, area=asked.area)
    scales = await _scales(site, which, asked)
    table, page = await _table(site, which, asked, scales)
    areas = await site.public.areas(key, kind)
    return {
        **_about(site, asked, kind),
        "kinds": _kind_links(key, kinds),
        "area_options": [("", "All places"), *((one.name, one.name) for one in areas)],
        **_of_scales(scales),
        "table": table,
        "few": 1 < _services(scales, table) < FEW,
        "ranked": _services(scales, table) >= FEWEST,
        "compared": _services(scales, table),
        "all_services": await _all_services(site, which, kinds, areas),
        "oldest": oldest(table.rows, asked.on or site.until),
        "moves": await _moves(site, which, asked),
        **_paging(site, asked, scales, table, page),
    }


def _about(site: Site, asked: Asked, kind: str) -> Mapping[str, Any]:
    """What a table is about."""
    key = asked.inspectorate
    body = site.known.named(key)
    return {
        "name": site.inspectorates.get(key, key),
        "inspectorate": key,
        "licence": body.licence if body else None,
        "kind": kind,
        "area": asked.area,
        "on": asked.on,
        "day": asked.on or site.until,
        "path": table_page(key, asked.kind),
    }


def _of_scales(scales: Scales) -> Mapping[str, Any]:
    return {
        "scale": scales.chosen,
        "others": [one for one in scales.all if one != scales.chosen],
        "newest_scale": scales.all[0].key if scales.all else "",
        "shares": shares(scales.counts[::-1]),
        "aspect_counts": scales.by_aspect(),
    }


def _services(scales: Scales, table: Table) -> int:
    """How many services are compared."""
    return scales.chosen.services if scales.chosen and scales.chosen.overall else table.count


async def _all_services(
    site: Site, which: ServiceFilter, kinds: Sequence[Counted], areas: Sequence[Counted]
) -> int:
    """How many services there are, with a grade or without one."""
    if which.area:
        counted, name = areas, which.area
    elif which.kind:
        counted, name = kinds, which.kind
    else:
        counted, name = await site.public.inspectorates(), which.inspectorate
    return next((one.services for one in counted if one.name == name), 0)


def _paging(site: Site, asked: Asked, scales: Scales, table: Table, page: int) -> Mapping[str, Any]:
    """The links that keep what was chosen."""
    pages = pages_of(table.count + table.unrated, scales.in_a_page)
    link = {
        "area": asked.area,
        "on": asked.on,
        "scale": "" if scales.chosen is None or scales.newest else scales.chosen.key,
        "sort": table.sort,
    }
    own = query(**link, page=page if page > 1 else None)
    return {
        "page": page,
        "pages": pages,
        "link": link,
        "leads": _leads(scales, table, link, pages),
        "previous": page_link(page - 1, pages, **link),
        "next": page_link(page + 1, pages, **link),
        "last": page_link(pages, pages, **link),
        "query": query,
        "canonical": site.pages.address(table_page(asked.inspectorate, asked.kind)) + own,
    }


def _leads(
    scales: Scales, table: Table, link: Mapping[str, str | date | None], pages: int
) -> Mapping[str, str]:
    """The link to the first service with each grade, if those with the same grade stand together."""
    if pages == 1 or table.sort or scales.chosen is None or not scales.chosen.overall:
        return {}
    found, ahead = {}, 0
    for number, one in enumerate(scales.counts, 1):
        page = page_link(ahead // scales.in_a_page + 1, pages, **link)
        found[one.grade] = f"{page}#grade-{number}"
        ahead += one.services
    return found


async def _scales(site: Site, which: ServiceFilter, asked: Asked) -> Scales:
    graded = await site.public.distribution(which, on=asked.on)
    aspects = await _aspect_counts(site, which, asked, graded)
    found = scale_views(which.inspectorate, site.known, graded, aspects)
    chosen = next((one for one in found if one.key == asked.scale), next(iter(found), None))
    return Scales(all=found, chosen=chosen, graded=graded, aspects=aspects)


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


async def _table(site: Site, which: ServiceFilter, asked: Asked, scales: Scales) -> tuple[Table, int]:
    """The page that is asked for, or the last one; and its number."""
    table = await _slice(site, which, asked, scales)
    pages = pages_of(table.count + table.unrated, scales.in_a_page)
    if asked.page <= pages:
        return table, asked.page
    return await _slice(site, which, replace(asked, page=pages), scales), pages


async def _slice(site: Site, which: ServiceFilter, asked: Asked, scales: Scales) -> Table:
    """A page: those with a grade and, of the present, those without one after them."""
    offset = (asked.page - 1) * scales.in_a_page
    rows: tuple[Row, ...] = ()
    count, sort = 0, ""
    if scales.chosen is not None:
        own = replace(which, scale=scales.chosen.key)
        graded = _graded if scales.chosen.overall else _by_aspects
        rows, count, sort = await graded(site, own, asked, scales, offset)
    if asked.on is not None or not scales.newest:
        return Table(rows=rows, count=count, unrated=0, sort=sort)
    rest = await site.public.services(
        replace(which, rated=False),
        ServiceOrder.NAME,
        offset=max(0, offset - count),
        limit=scales.in_a_page - len(rows),
    )
    unrated = tuple(row_of(one, {}, service_page) for one in rest.services)
    return Table(rows=rows + unrated, count=count, unrated=rest.count, sort=sort)


async def _graded(
    site: Site, which: ServiceFilter, asked: Asked, scales: Scales, offset: int
) -> tuple[tuple[Row, ...], int, str]:
    """The rows with an overall grade, how many there are in all, and their order; empty: the usual one."""
    order = next((one for one in ServiceOrder if one.value == asked.sort), ServiceOrder.GRADE)
    sort = "" if order is ServiceOrder.GRADE else order.value
    place = places(scales.counts)
    if asked.on is None:
        now = await site.public.services(which, order, offset=offset, limit=IN_A_PAGE)
        return tuple(row_of(one, place, service_page) for one in now.services), now.count, sort
    past = await site.public.graded_on(asked.on, which, order, offset=offset, limit=IN_A_PAGE)
    return tuple(past_row(one, place, service_page) for one in past.grades), past.count, sort


async def _by_aspects(
    site: Site, which: ServiceFilter, asked: Asked, scales: Scales, offset: int
) -> tuple[tuple[Row, ...], int, str]:
    """The rows with grades of aspects, likewise; they are sorted by the name or by an aspect."""
    columns = scales.chosen.aspects if scales.chosen else ()
    by = asked.sort if asked.sort in columns else ""
    found = await site.public.aspects_on(which, on=asked.on, by=by, offset=offset, limit=scales.in_a_page)
    return tuple(aspect_row(one, columns, service_page) for one in found.rows), found.count, by


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
