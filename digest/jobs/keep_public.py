"""Keeps what the public site reads: asks what differs from what is public now, and writes that, in parts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from digest.jobs.failures import Failures
from digest.listing import batched
from digest.ports import Clock, EditionStore, Public, PublicModelStore
from digest.ratings import Inspectorates
from digest.schedule import Timetable

log = logging.getLogger(__name__)

AT_ONCE: Final = 250
"""So many entries are written in a transaction: other writers wait for a fraction of a second."""

EVERY: Final = timedelta(minutes=5)
"""The longest time between two looks. There is one at noon as well, when an edition becomes public."""

_TOLD_EVERY: Final = 10_000
"""Entries between two lines of the log, while many are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeeper:
    """Keeps the model of the public site. It may be stopped at any point, and run in several processes."""

    store: PublicModelStore
    editions: EditionStore
    inspectorates: Inspectorates
    timetable: Timetable
    clock: Clock

    async def look(self) -> timedelta:
        """Keep the model, and return how long to wait until the next look. Trouble is logged."""
        with Failures().contain("keep what is public"):
            await self.keep()
        now = self.clock.now()
        noon = self.timetable.noon_of(self.timetable.day_of(now))
        return min(EVERY, noon - now) if now < noon else EVERY

    async def _closed_until(self) -> date:
        """Close what is past its noon and not held; the last day of which nothing is held back."""
        now = self.clock.now()
        until = self.timetable.told_until(now)
        held = await self.editions.close(until, now)
        return min((day - timedelta(days=1) for day in held), default=until)

    async def keep(self) -> int:
        """Write what differs from what is public now; returns how many entries were written again."""
        until = await self._closed_until()
        for day in await self.store.days_to_tell():
            await self.store.tell(day)
        public = Public(until=until, inspectorates=self.inspectorates)
        changed = await self.store.changed(public)
        done = 0
        for part in batched(changed, AT_ONCE):
            await self.store.rewrite(part, public)
            done += len(part)
            if len(changed) > _TOLD_EVERY and (done % _TOLD_EVERY == 0 or done == len(changed)):
                log.info("public services written", extra={"done": done, "of": len(changed)})
        await self.store.note_kept(until)
        return done
