"""All editions: a calendar of each month, and the months by year."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.ports.public import ToldDay
from digest.present.times import first_of, months
from digest.site.addresses import month_page
from digest.site.site import Site

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month as the archive links to it."""

    first: date  # its first day
    editions: int

    @property
    def page(self) -> str:
        return month_page(self.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The editions of one month."""

    first: date  # its first day
    days: tuple[tuple[date, ToldDay | None], ...]  # each that has come; None: no edition with stories
    previous: date | None  # the first day of the month before, if that is in the archive
    next: date | None

    @property
    def editions(self) -> tuple[ToldDay, ...]:
        return tuple(told for _, told in self.days if told)


def routes(site: Site) -> list[Route]:
    async def archive(request: Request) -> Response:
        async def values() -> Mapping[str, Any]:
            span = await site.public.span(until=site.until)
            if span is None:
                return {"calendar": None, "years": {}, "since": None}
            newest, years = await _calendar(site, first_of(span[1]), span), await _years(site, *span)
            return {"calendar": newest, "years": years, "since": span[0]}

        return await site.pages.show(request, "archive", values)

    async def month(request: Request) -> Response:
        first = month_of(request.path_params["month"])

        async def values() -> Mapping[str, Any] | None:
            span = await site.public.span(until=site.until)
            if first is None or span is None or not first_of(span[0]) <= first <= span[1]:
                return None
            return {"calendar": await _calendar(site, first, span), "years": {}, "since": None}

        return await site.pages.show(request, "archive", values)

    return [Route("/archive", archive), Route("/archive/{month}", month)]


def month_of(text: str) -> date | None:
    """The first day of the month that is written as "2026-11"; None if it is none."""
    found = _MONTH.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None


async def _calendar(site: Site, first: date, span: tuple[date, date]) -> Calendar:
    """The calendar of a month; `span` is that of all public editions."""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    told = {one.day: one for one in await site.public.days(first, last, until=site.until) if one.stories}
    days = (first + timedelta(days=n) for n in range(last.day) if first + timedelta(days=n) <= site.until)
    before, after = first_of(span[0]), span[1]
    return Calendar(
        first=first,
        days=tuple((day, told.get(day)) for day in days),
        previous=first_of(first - timedelta(days=1)) if first > before else None,
        next=last + timedelta(days=1) if last < after else None,
    )


async def _years(site: Site, first: date, last: date) -> Mapping[int, tuple[Month, ...]]:
    """All months from the first edition's to the last one's, by year, the latest year first."""
    told = await site.public.days(first, last, until=site.until)
    counts = Counter(first_of(one.day) for one in told if one.stories)
    years: dict[int, list[Month]] = {}
    for month in months(first, last):
        years.setdefault(month.year, []).append(Month(first=month, editions=counts[month]))
    return {year: tuple(years[year]) for year in sorted(years, reverse=True)}
