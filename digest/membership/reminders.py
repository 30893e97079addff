"""Reminding: one letter, a day later, to whoever asked to join and has not confirmed (F79).

Once for each time of asking, never to whom an import brought, and only after a letter that the relay took.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from digest.letters import REMINDER, Letter
from digest.membership.letters import Writing
from digest.ports import Joined
from digest.subscriptions import Request

log = logging.getLogger(__name__)

AFTER: Final = timedelta(hours=24)
"""How long somebody has before they are reminded."""
NOT_WITHIN: Final = timedelta(hours=12)
"""Of the link's end: a reminder that comes too late to act on only annoys."""
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder(Writing):
    """Looks for those to be reminded; any number of processes may do so at once."""

    async def look(self) -> int:
        """Write what is due; how many letters that made."""
        if not self.reminds:
            return 0
        written = after = 0
        now = self.clock.now()
        while found := await self.store.requests.forgotten(
            asked_before=now - AFTER, good_after=now + NOT_WITHIN, after=after, limit=AT_ONCE
        ):
            for request in found:
                outcome = await self._remind(request)
                if outcome is Joined.LIMITED and not await self._room():
                    return written  # the others are for the next look
                written += outcome is Joined.ASKED
            after = found[-1].subscriber
        if written:
            log.info("reminded", extra={"letters": written})
        return written

    async def _remind(self, request: Request) -> Joined:
        now = self.clock.now()
        if await self.store.subscriptions.suppressed(request.address) is not None:
            return Joined.SUPPRESSED
        # As with imports: half of the day's letters stay for those who ask.
        if not await self._room() or not await self.may_write(request.address, now):
            return Joined.LIMITED
        until = request.expires_at.astimezone(self.timetable.zone)
        letter = Letter(
            key=f"{REMINDER} {request.subscriber} {request.generation}",
            kind=REMINDER,
            subscriber=request.subscriber,
            address=request.address,
            content={
                "generation": request.generation,
                "code": request.code,
                "until": until.isoformat(),
            },
            expires_at=request.expires_at - NOT_WITHIN / 2,
        )
        if not await self.store.letters.write(letter, now):
            await self.not_written(request.address, now)
            return Joined.KNOWN
        self.wrote()
        return Joined.ASKED

    async def _room(self) -> bool:
        now = self.clock.now()
        return await self.quotas.spare(self.timetable.day_of(now), now) > 0
