"""Letters about a subscription: each is written once, and those that strangers can cause stay within limits.

Anybody who knows an address can request such letters for it, so they count against limits. A request that was
made before finds its letter by the key, writes nothing and does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digest.addresses import problem_with
from digest.deliveries import State
from digest.errors import Refused
from digest.letter_kinds import Confirm, Content, OwnLink, in_minute, of_request, on_day
from digest.letters import LOST, Letter
from digest.membership.limits import Limits
from digest.ports import Clock, Joined, Store
from digest.schedule import Timetable
from digest.subscriptions import (
    Channel,
    Evidence,
    Request,
    Standing,
    Step,
    Subscription,
    Wishes,
    renewed,
)
from digest.tokens import Seal

CONFIRM_WITHIN: Final = timedelta(days=3)
"""How long a request waits for its confirmation."""

EXPIRES_AFTER: Final = timedelta(days=7)
"""How long most letters are worth sending."""

OWN_LINK_LASTS: Final = timedelta(hours=24)
"""How long a link works that lets its reader do what an edition's link does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWriter:
    """Writes letters into the store, from where they are sent."""

    store: Store
    clock: Clock
    timetable: Timetable
    limits: Limits
    letter_written: Callable[[], None]  # called after each new letter

    async def write(self, content: Content, address: str, *, expires_at: datetime | None = None) -> bool:
        """Write a letter, which expires in a week unless told otherwise; False if it was written before."""
        now = self.clock.now()
        letter = Letter(content=content, address=address, expires_at=expires_at or now + EXPIRES_AFTER)
        new = await self.store.letters.write(letter, now)
        if new:
            self.letter_written()
        return new

    async def write_within_limits(
        self, content: Content, address: str, *, expires_at: datetime | None = None
    ) -> bool:
        """Write a letter that counts, if it is new; False where the limits forbid it."""
        now = self.clock.now()
        if await self.written(content):
            return True
        if not await self.count(address, now):
            return False
        if not await self.write(content, address, expires_at=expires_at):
            await self.uncount(address, now)
        return True

    async def written(self, content: Content) -> bool:
        """Whether this letter was written before."""
        return await self.store.letters.state(content.key) is not None

    async def count(self, address: str, now: datetime) -> bool:
        """Count one letter to somebody who has not shown that the address is theirs; False at the limit."""
        return await self.limits.count_letter(address, self.timetable.day_of(now), now)

    async def uncount(self, address: str, now: datetime) -> None:
        """Take back what was counted at this instant: another process had written the letter."""
        await self.limits.uncount_letter(address, self.timetable.day_of(now), now)

    def today(self) -> str:
        """The occasion of letters that are written once a day."""
        return on_day(self.timetable.day_of(self.clock.now()))

    def occasion(self, evidence: Evidence) -> str:
        """Of letters that answer: mail is answered once a day, a button brings one letter a minute."""
        return self.today() if evidence.channel is Channel.MAIL else in_minute(self.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmations:
    """Asks people to confirm; nothing changes before they do."""

    store: Store
    clock: Clock
    letters: LetterWriter
    new_code: Callable[[], str]  # six digits that nobody can guess
    reference: Seal  # the keyed hash that stands for an address in public
    reminds: bool  # whether the letter says that one reminder follows

    async def ask(self, address: str, wishes: Wishes, evidence: Evidence) -> Joined:
        """Note the request and write its letter; asked again within a minute, it is one letter."""
        now = self.clock.now()
        if await self.store.subscriptions.suppressed(address) is not None:
            return Joined.SUPPRESSED
        before = await self._state_before(address, evidence, now)
        # Mail is answered once a day, whatever becomes of the answer: a robot may be asking.
        lost = before in LOST and not answers(evidence)
        if before is not None and not lost:
            await self._note(address, wishes, evidence, now)
            return Joined.ASKED
        if not await self.letters.count(address, now):
            return Joined.LIMITED
        try:
            found = await self.store.subscriptions.ask(address, wishes, evidence, now)
        except Refused:
            return Joined.SUPPRESSED
        request = await self._renew(found, now, lost=lost)
        if request is None:
            await self.letters.uncount(found.address, now)
            return Joined.KNOWN
        await self._write_counted(self._letter(request, evidence), found.address, now)
        return Joined.ASKED

    async def invite(self, found: Subscription, now: datetime) -> None:
        """Ask somebody on an operator's word; the letter was counted at this instant."""
        request = await self._renew(found, now)
        if request is None:
            await self.letters.uncount(found.address, now)
            return
        await self._write_counted(_invitation(request), found.address, now)

    async def invite_again(self, found: Subscription, request: Request, now: datetime) -> None:
        """Write the letter of an invitation if the process that noted it died before it wrote the letter."""
        await self.letters.write(_invitation(request), found.address, expires_at=now + CONFIRM_WITHIN)

    async def _state_before(self, address: str, evidence: Evidence, now: datetime) -> State | None:
        """The state of the letter that is asked for, if it was written before."""
        known = await self.store.subscriptions.find(address)
        if known is None or known.standing is not Standing.PENDING:
            return None
        before = await self.store.requests.get(known.subscriber)
        stands = renewed(before, self._request(known, now, code=""))
        return await self.store.letters.state(self._letter(stands, evidence).key)

    async def _note(self, address: str, wishes: Wishes, evidence: Evidence, now: datetime) -> None:
        """Note the newest wishes of somebody whose letter was written before."""
        known = await self.store.subscriptions.find(address)
        if known is not None and known.standing is Standing.PENDING and wishes != known.wishes:
            await self.store.subscriptions.ask(known.address, wishes, evidence, now)

    async def _write_counted(self, content: Confirm, address: str, now: datetime) -> None:
        """Write a letter that was counted at an instant; of two processes at once, one counts."""
        if not await self.letters.write(content, address, expires_at=now + CONFIRM_WITHIN):
            await self.letters.uncount(address, now)

    async def _renew(self, found: Subscription, now: datetime, *, lost: bool = False) -> Request | None:
        """The request that is stored now; None if the subscription was confirmed or ended meanwhile."""
        return await self.store.requests.renew(self._request(found, now, code=self.new_code()), lost=lost)

    def _request(self, found: Subscription, now: datetime, *, code: str) -> Request:
        return Request(
            subscriber=found.subscriber,
            generation=found.generation,
            address=found.address,
            code=code,
            asked_at=now,
            expires_at=now + CONFIRM_WITHIN,
            reference=self.reference(found.address),
        )

    def _letter(self, request: Request, evidence: Evidence) -> Confirm:
        answer = answers(evidence)
        return Confirm(
            subscriber=request.subscriber,
            generation=request.generation,
            occasion=self.letters.today() if answer else of_request(request.asked_at),
            code=request.code,
            answer=answer,
            reminder=self.reminds,
        )


def _invitation(request: Request) -> Confirm:
    return Confirm(
        subscriber=request.subscriber,
        generation=request.generation,
        occasion=of_request(request.asked_at),
        code=request.code,
        invited=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerLinks:
    """Links for what only the owner of an address may do; they work for 24 hours.

    Editions do not carry them: an edition may be passed on to anybody.
    """

    store: Store
    clock: Clock
    limits: Limits
    letters: LetterWriter

    async def send(self, subscriber: int, generation: int, action: str, *, network: str) -> Joined:
        """Send the address's owner a link to do `action`: change the "address", "export" or "erase"."""
        now = self.clock.now()
        found = await subscription_of(self.store, subscriber, generation)
        if found is None or not found.agreed:
            return Joined.UNFIT
        if await self.store.subscriptions.suppressed(found.address) is not None:
            return Joined.SUPPRESSED
        if not await self.limits.count_request(network, now):
            return Joined.LIMITED
        link = OwnLink(
            subscriber=subscriber,
            generation=generation,
            occasion=in_minute(now),
            to=action,
            until=now + OWN_LINK_LASTS,
        )
        sent = await self.letters.write_within_limits(link, found.address, expires_at=link.until)
        return Joined.ASKED if sent else Joined.LIMITED

    async def owner(self, subscriber: int, generation: int, until: datetime) -> Subscription | None:
        """Whose link it is that works until an instant; None where it opens nothing any more."""
        found = await subscription_of(self.store, subscriber, generation)
        if found is None or not found.agreed or self.clock.now() >= until:
            return None
        # The link went to the address of that time: after a change somebody else may read mail there.
        history = await self.store.subscriptions.history(subscriber)
        moved = (t.at for t in history if t.step is Step.MOVED and t.generation == generation)
        return None if any(at > until - OWN_LINK_LASTS for at in moved) else found


async def subscription_of(store: Store, subscriber: int, generation: int) -> Subscription | None:
    """The subscription that a link names; None once it has begun anew, for old links open nothing."""
    found = await store.subscriptions.get(subscriber)
    return found if found is not None and found.generation == generation else None


def answers(evidence: Evidence) -> bool:
    """Whether a letter answers a message: then no machine may answer the letter in turn (RFC 3834)."""
    return evidence.channel is Channel.MAIL


def fit(address: str) -> bool:
    """Whether an address can be written to, as far as its spelling tells."""
    return problem_with(address) is None
