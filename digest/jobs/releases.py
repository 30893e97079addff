"""Notices within seconds that an edition which is held over its noon may go, wherever it was released."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from digest.jobs.failures import Failures
from digest.ports import Clock, EditionStore
from digest.schedule import Timetable

LOOK_EVERY: Final = timedelta(seconds=5)
"""Between two looks, while an edition is held over its noon; at all other times nobody looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """Waits for releases. A command has no way to call a process that shares its database, so this looks."""

    editions: EditionStore
    timetable: Timetable
    clock: Clock
    every: timedelta = LOOK_EVERY

    async def within(self, longest: timedelta) -> bool:
        """Wait for an edition that is held over its noon to be released or its hold to end; whether that was.

        It waits no longer than `longest`, and not beyond the next noon: an edition may be held from then on.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + min(longest, self._until_noon(longest)).total_seconds()
        held = await self._held()
        while (left := end - loop.time()) > 0:
            await asyncio.sleep(min(left, self.every.total_seconds()) if held else left)
            if held and not await self._held():
                return True
        return False

    def _until_noon(self, otherwise: timedelta) -> timedelta:
        now = self.clock.now()
        noon = self.timetable.noon_of(self.timetable.day_of(now))
        return noon - now if now < noon else otherwise

    async def _held(self) -> bool:
        now = self.clock.now()
        day = self.timetable.day_of(now)
        hold = None  # also if the database is away: who waits looks for itself
        with Failures().contain("look for a release"):
            if now >= self.timetable.noon_of(day):
                hold = await self.editions.hold(day, now)
        return hold is not None
