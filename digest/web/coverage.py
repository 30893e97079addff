"""The page that says what we cover: each inspectorate with its sources, and how they are read at present."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from digest.coverage import Coverage
from digest.edition import SourceNote
from digest.health import facts_of
from digest.membership.coverage import Covering
from digest.ports import Store
from digest.schedule import Timetable
from digest.sources import Polled, Source
from digest.web.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A source as readers are told of it."""

    note: SourceNote  # `checked_at` is local
    read: bool  # whether it was read lately


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveragePage:
    """The request handler. The page is the same for everybody, and names only what is covered."""

    covering: Covering
    store: Store
    timetable: Timetable
    pages: Pages

    async def page(self, request: Request) -> Response:
        coverage = await self.covering.now()
        polled = {one.source: one for one in await self.store.sources.polled()}
        return self.pages.show(
            request,
            "coverage",
            inspectorates=self._inspectorates(coverage, polled),
            others=self._told((one for one in coverage.official if one.inspectorate is None), polled),
            blogs=self._told((one for one in coverage.sources if one not in coverage.official), polled),
        )

    def _inspectorates(self, coverage: Coverage, polled: Mapping[str, Polled]) -> dict[str, tuple[Told, ...]]:
        """The sources of each inspectorate that has its own, by its name."""
        own = {
            name: [source for source in coverage.official if source.inspectorate == key]
            for key, name in coverage.offered.items()
        }
        return {name: self._told(sources, polled) for name, sources in own.items() if sources}

    def _told(self, sources: Iterable[Source], polled: Mapping[str, Polled]) -> tuple[Told, ...]:
        return tuple(self._one(source, polled.get(source.id)) for source in sources)

    def _one(self, source: Source, polled: Polled | None) -> Told:
        now, facts = self.covering.clock.now(), facts_of(polled)
        note = SourceNote(
            name=source.name,
            checked_at=facts.checked_at.astimezone(self.timetable.zone) if facts.checked_at else None,
            trouble=facts.trouble,
            paused=polled is not None and polled.paused(now),
        )
        return Told(note=note, read=note.health(now).read)
