"""Carries out what operators decide about a source: hold, release, baseline, pause, resume, retry.

`Refused` if there is no source of that id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from digest import sources
from digest.errors import Refused
from digest.ports import Clock, Store
from digest.sources import Polled, Source

log = logging.getLogger(__name__)

BY_HAND: Final = "an operator made it known only"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDesk:
    """What operators do with sources."""

    sources: Sequence[Source]  # those that are polled
    zone: ZoneInfo
    store: Store
    clock: Clock

    async def hold(self, source: str, *, by: str) -> None:
        """Hold all that comes new from it."""
        await self._change(source, sources.held, "hold", by)

    async def release(self, source: str, *, by: str) -> int:
        """Let what is held be read, as news; returns how many items."""
        await self._change(source, sources.released, "release", by)
        return await self.store.admissions.release(source, now=self.clock.now())

    async def baseline(self, source: str, *, following: bool, by: str) -> int:
        """Let what is held be known only, and `following` the whole next list; returns how many items."""
        after = sources.without_baseline if following else sources.released
        await self._change(source, after, "baseline", by)
        return await self.store.admissions.baseline(source, why=BY_HAND)

    async def pause(self, source: str, until: date | None, *, by: str) -> datetime | None:
        """Poll it no more before a day, or before it is resumed; when that is."""
        over = datetime.combine(until, time(), self.zone) if until else None
        if over is not None and over <= self.clock.now():
            raise Refused(f"{until}: that day has begun; a pause ends on a later one")
        await self._change(source, sources.paused, "pause", by, until=over)
        return over

    async def resume(self, source: str, *, by: str) -> None:
        """Let it be due at once, whether or not it was paused."""
        await self._change(source, sources.resumed, "resume", by)

    async def retry(self, items: Sequence[int], *, by: str) -> int:
        """Have parked items read again with the next poll of their sources; returns how many."""
        count = await self.store.items.retry(items)
        log.info("an operator has items read again", extra={"by": by, "items": count})
        return count

    async def _change(
        self, source: str, after: Callable[..., Polled], what: str, by: str, **facts: Any
    ) -> None:
        known = {one.id for one in self.sources}
        known |= {one.source for one in await self.store.sources.polled()}
        if source not in known:
            raise Refused(f"{source}: no source has that id; `digest sources list` has all")
        change = partial(after, source, now=self.clock.now(), **facts)
        await self.store.sources.record(source, change)
        log.info("an operator decided about a source", extra={"source": source, "act": what, "by": by})
