"""Asking: the letters that strangers may bring about by an address alone, to whom it belongs.

Each is looked for by its key before anything is counted: an attempt that writes no letter counts against no
limit of letters, however often somebody presses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest import letters
from digest.errors import Refused
from digest.letters import ANSWER
from digest.membership.letters import PATIENCE, Writing, minute_of
from digest.ports import Joined
from digest.subscriptions import Channel, Evidence, Request, Standing, Subscription, Wishes, renewed


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Writing):
    """Confirmations and links; nothing changes before their reader has pressed one."""

    async def ask(self, address: str, wishes: Wishes, evidence: Evidence) -> Joined:
        """Write the confirmation; one letter to whoever presses twice (F91)."""
        now = self.clock.now()
        if await self.store.subscriptions.suppressed(address) is not None:
            return Joined.SUPPRESSED
        if await self._asked_before(address, wishes, evidence, now):
            return Joined.ASKED
        if not await self.may_write(address, now):
            return Joined.LIMITED
        try:
            found = await self.store.subscriptions.ask(address, wishes, evidence, now)
        except Refused:
            return Joined.SUPPRESSED
        content = answering(evidence) | ({"reminder": True} if self.reminds else {})
        await self.ask_to_confirm(found, now, content)
        return Joined.ASKED

    async def _asked_before(self, address: str, wishes: Wishes, evidence: Evidence, now: datetime) -> bool:
        """Whether the letter that would be written was; what they want last is what they get all the same."""
        known = await self.store.subscriptions.find(address)
        if known is None or known.standing is not Standing.PENDING:
            return False
        before = await self.store.requests.get(known.subscriber)
        stands = renewed(before, self._request(known, now, code=""))
        if not await self.written(self._confirm_key(known, stands, answering(evidence))):
            return False
        if wishes != known.wishes:
            await self.store.subscriptions.ask(known.address, wishes, evidence, now)
        return True

    async def ask_to_confirm(self, found: Subscription, now: datetime, content: Mapping[str, bool]) -> None:
        """Write the confirmation that was counted at this instant; of two at once, one counts."""
        request = await self.store.requests.renew(self._request(found, now, code=self.code()))
        if not await self.write_confirmation(found, request, content):
            await self.not_written(found.address, now)

    async def write_confirmation(
        self, found: Subscription, request: Request, content: Mapping[str, bool]
    ) -> bool:
        """Whether it was not there before."""
        key = self._confirm_key(found, request, content)
        return await self.write(
            letters.CONFIRM, key, found, {"code": request.code, **content}, lasts=PATIENCE
        )

    def _request(self, found: Subscription, now: datetime, *, code: str) -> Request:
        return Request(
            subscriber=found.subscriber,
            generation=found.generation,
            address=found.address,
            code=code,
            asked_at=now,
            expires_at=now + PATIENCE,
            reference=self.reference(found.address),
        )

    def _confirm_key(self, found: Subscription, request: Request, content: Mapping[str, bool]) -> str:
        said = self.once_a_day() if content.get(ANSWER, False) else request.asked_at.isoformat()
        return f"{letters.CONFIRM} {found.subscriber} {found.generation} {said}"

    # -- links -----------------------------------------------------------------------------------------

    async def links_to(self, known: Subscription, evidence: Evidence) -> bool:
        """Send their links to somebody who has agreed; whether they have them now."""
        return await self._send(letters.FRESH_LINK, known, self.said(evidence), answering(evidence))

    async def way_out_to(self, known: Subscription, content: Mapping[str, bool]) -> bool:
        """Send the link to leave by to somebody who wants to, and has shown none that is good: once a day."""
        if known.standing is Standing.PENDING:
            return await self._send(letters.UNCONFIRMED, known, self.once_a_day(), content)
        return await self._send(letters.FRESH_LINK, known, self.once_a_day(), {"leaving": True, **content})

    async def _send(self, kind: str, known: Subscription, said: str, content: Mapping[str, bool]) -> bool:
        if await self.store.subscriptions.suppressed(known.address) is not None:
            return False
        key = f"{kind} {known.subscriber} {known.generation} {said}"
        return await self.write_within_limits(kind, key, known, content)

    def said(self, evidence: Evidence) -> str:
        """The end of a key: whoever presses twice gets one letter; mail is answered once a day (F94)."""
        return self.once_a_day() if evidence.channel is Channel.MAIL else minute_of(self.clock.now())

    def once_a_day(self) -> str:
        return f"on {self.timetable.day_of(self.clock.now())}"


def answering(evidence: Evidence) -> dict[str, bool]:
    """Whether a letter answers one of theirs: then no machine may answer it in turn (RFC 3834)."""
    return {ANSWER: True} if evidence.channel is Channel.MAIL else {}
