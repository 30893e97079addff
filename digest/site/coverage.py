"""The page that says what we cover: each inspectorate with its sources, and how they are read at present."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.edition import SourceNote
from digest.health import facts_of
from digest.site.site import Site
from digest.sources import Polled, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A source as readers are told of it."""

    note: SourceNote  # `checked_at` is local
    read: bool  # whether it was read lately


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What we cover, as readers are told of it."""

    inspectorates: Mapping[str, tuple[Told, ...]]  # the sources of each that has its own, by its name
    others: tuple[Told, ...]  # official sources of several inspectorates
    blogs: tuple[Told, ...]


def routes(site: Site) -> list[Route]:
    async def page(request: Request) -> Response:
        found = await covered(site)

        async def values() -> Mapping[str, object]:
            return {"covered": found}

        return await site.pages.show(request, "coverage", values, mark=repr(found), max_age=60)

    return [Route("/coverage", page)]


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


def _one(site: Site, source: Source, polled: Polled | None) -> Told:
    now, facts = site.clock.now(), facts_of(polled)
    note = SourceNote(
        name=source.name,
        checked_at=facts.checked_at.astimezone(site.timetable.zone) if facts.checked_at else None,
        trouble=facts.trouble,
        paused=polled is not None and polled.paused(now),
    )
    return Told(note=note, read=note.health(now).read)
