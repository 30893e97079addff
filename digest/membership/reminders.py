"""Reminders: one letter, a day later, to people who asked to join and have not confirmed.

Each request brings at most one. People who came with an import get none; neither do those whose first letter
the relay did not take.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from digest.letter_kinds import Reminder
from digest.membership.letters import LetterWriter
from digest.membership.limits import Share
from digest.ports import Clock, Joined, Store
from digest.schedule import Timetable
from digest.subscriptions import Request

log = logging.getLogger(__name__)

AFTER: Final = timedelta(hours=24)
"""How long after asking the reminder is written."""

STILL_GOOD_FOR: Final = timedelta(hours=12)
"""How long the link must still work: a reminder that comes too late to act on is of no use."""

BATCH: Final = 500
"""Requests read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """Finds requests without a confirmation and reminds; any number of processes may do so at once."""

    store: Store
    clock: Clock
    timetable: Timetable
    letters: LetterWriter
    switched_on: bool

    async def write_due(self) -> int:
        """Write the reminders that are due; how many."""
        if not self.switched_on:
            return 0
        written = after = 0
        now = self.clock.now()
        while found := await self.store.requests.to_remind(
            asked_before=now - AFTER, good_after=now + STILL_GOOD_FOR, after=after, limit=BATCH
        ):
            for request in found:
                outcome = await self._remind(request)
                if outcome is Joined.LIMITED and not await self.letters.left(Share.INVITATIONS):
                    return written  # the others are found by the next look
                written += outcome is Joined.ASKED
            after = found[-1].subscriber
        if written:
            log.info("reminded", extra={"letters": written})
        return written

    async def _remind(self, request: Request) -> Joined:
        if await self.store.subscriptions.suppressed(request.address) is not None:
            return Joined.SUPPRESSED
        charge = self.letters.charge_to_confirm(request.address, Share.INVITATIONS)
        if not await self.letters.limits.count(charge):
            return Joined.LIMITED
        found = await self.store.subscriptions.get(request.subscriber)
        content = Reminder(
            subscriber=request.subscriber,
            generation=request.generation,
            code=request.code,
            until=request.expires_at.astimezone(self.timetable.zone),
            weekly=(found.wishes.weekly or "") if found is not None else "",
            brief=found is not None and found.wishes.brief,
        )
        expires_at = request.expires_at - STILL_GOOD_FOR / 2
        async with self.letters.counted(charge):
            if await self.letters.write(content, request.address, expires_at=expires_at):
                return Joined.ASKED
            await self.letters.limits.uncount(charge)
        return Joined.KNOWN
