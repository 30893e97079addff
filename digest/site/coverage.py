"""The page that says what we cover: each inspectorate with its sources, and how they are read at present."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.edition import SourceNote
from digest.health import facts_of
from digest.ports.public import Counted
from digest.site.site import Site
from digest.source_specs import SourceKind
from digest.sources import Polled, Source

_YEAR: Final = timedelta(days=365)
_MONTH: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A source as readers are told of it."""

    source: str  # its id
    kind: SourceKind
    note: SourceNote  # `checked_at` is local
    read: bool  # whether it was read lately
    refused: bool  # whether it was not, because its server refuses us
    since: date | None  # the day of its first list; None: there was none, or we do not know
    paused_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What we cover, as readers are told of it."""

    inspectorates: Mapping[str, tuple[Told, ...]]  # the sources of each that has its own, by its name
    others: tuple[Told, ...]  # official sources of several inspectorates
    blogs: tuple[Told, ...]

    @property
    def all(self) -> tuple[Told, ...]:
        return (*(one for own in self.inspectorates.values() for one in own), *self.others, *self.blogs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many stories of a source were told lately."""

    stories: int
    months: int  # in so many, of thirty days, twelve at most; 0: in less than one

    @property
    def a_month(self) -> int:
        """The stories of a month on average; 0: less than one."""
        return int(self.stories / self.months + 0.5) if self.months and self.stories >= self.months else 0


def routes(site: Site) -> list[Route]:
    covering = CoveredNow(site)

    async def page(request: Request) -> Response:
        found, told = await covering.read()

        async def values() -> Mapping[str, object]:
            return {"covered": found, "paces": await _paces(site, found), "counted": await _counted(site)}

        mark = f"{await site.pages.mark()} {told}"
        return await site.pages.show(request, "coverage", values, mark=mark, max_age=60)

    return [Route("/coverage", page)]


@dataclass(slots=True)
class CoveredNow:
    """What we cover now. It is put together again when a source was polled or paused, and each minute."""

    site: Site
    _held: tuple[str, Covered, str] | None = field(default=None, init=False)

    async def read(self) -> tuple[Covered, str]:
        """What we cover, and a text that changes with it."""
        now = f"{self.site.clock.now():%Y-%m-%d %H:%M} {await self.site.sources.mark()}"
        if self._held is None or self._held[0] != now:
            found = await covered(self.site)
            self._held = now, found, repr(found)
        return self._held[1:]


async def covered(site: Site) -> Covered:
    """What we cover now."""
    coverage = await site.coverage()
    polled = {one.source: one for one in await site.sources.polled()}

    def told(sources: Iterable[Source]) -> tuple[Told, ...]:
        return tuple(_one(site, source, polled.get(source.id)) for source in sources)

    return Covered(
        inspectorates={name: told(coverage.sources_of(key)) for key, name in coverage.offered.items()},
        others=told(coverage.of_several),
        blogs=told(one for one in coverage.sources if one not in coverage.official),
    )


async def _counted(site: Site) -> Mapping[str, Counted]:
    """How many services each inspectorate has, by its name."""
    return {site.inspectorates.get(one.name, one.name): one for one in await site.public.inspectorates()}


async def _paces(site: Site, found: Covered) -> Mapping[str, Pace]:
    """The pace of each source, by id: since its first list or our first edition, within the last year."""
    until = site.until
    span = await site.public.span(until=until)
    if span is None:
        return {}
    first = max(span[0], until - _YEAR)
    told = await site.public.told_by_source(first, until=until)
    return {
        one.source: pace(told.get(one.source, 0), max(first, one.since or first), until) for one in found.all
    }


def pace(stories: int, since: date, until: date) -> Pace:
    """The pace of so many stories between two days."""
    return Pace(stories=stories, months=min(12, max(0, (until - since) // _MONTH)))


def _one(site: Site, source: Source, polled: Polled | None) -> Told:
    now, facts, zone = site.clock.now(), facts_of(polled), site.timetable.zone
    paused = polled is not None and polled.paused(now)
    note = SourceNote(
        name=source.name,
        checked_at=facts.checked_at.astimezone(zone) if facts.checked_at else None,
        trouble=facts.trouble,
        paused=paused,
    )
    began, paused_at = (polled.began_at, polled.paused_at) if polled else (None, None)
    return Told(
        source=source.id,
        kind=source.kind,
        note=note,
        read=note.health(now).read,
        refused=facts.blocked and facts.trouble is not None,
        since=began.astimezone(zone).date() if began else None,
        paused_on=paused_at.astimezone(zone).date() if paused and paused_at else None,
    )
