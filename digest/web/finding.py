"""Finding services to watch: the site's own search, with its matches as boxes to tick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from digest.ports import Clock, Store
from digest.present.tidy import one_line
from digest.schedule import Timetable

MOST_MATCHES: Final = 10
"""The most services that the form offers for one search."""

SHORTEST: Final = 2
"""Letters or digits of the shortest text that is looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A service that a search has found, in words that tell it from others of a like name."""

    id: str
    name: str
    inspectorate: str  # its name; empty: not known
    kind: str  # in plain words
    area: str
    former_name: str | None  # the former name that matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Finds services as the public site does, forgiving of spelling."""

    store: Store
    clock: Clock
    timetable: Timetable

    async def find(
        self, text: str, inspectorate: Callable[[str], str], kind: Callable[[str], str]
    ) -> tuple[Match, ...]:
        """The services that fit best; `inspectorate` and `kind` put a key and a kind in words."""
        if sum(one.isalnum() for one in text) < SHORTEST:
            return ()
        until = self.timetable.told_until(self.clock.now())
        found = await self.store.public.search(text, until=until, limit=MOST_MATCHES)
        return tuple(
            Match(
                id=one.service.id,
                name=one_line(one.service.name),
                inspectorate=inspectorate(one.service.inspectorate) if one.service.inspectorate else "",
                kind=kind(one.service.kind) if one.service.kind else "",
                area=one_line(one.service.area),
                former_name=one_line(one.former_name) if one.former_name else None,
            )
            for one in found.services[:MOST_MATCHES]
        )
