"""Letters about a subscription: each is written once, and those that strangers can cause stay within limits.

Anybody who knows an address can request such letters for it, so they count against limits. A request that was
made before finds its letter by the key, writes nothing and does not count.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from digest.addresses import problem_with
from digest.deliveries import State
from digest.errors import Refused
from digest.letter_kinds import Confirm, Content, OwnLink, in_minute, of_request, on_day
from digest.letters import LOST, Letter
from digest.membership.limits import WEEK, Charge, Limits, Share
from digest.ports import Clock, Joined, Store
from digest.schedule import Timetable
from digest.subscriptions import (
    DOUBLE_PRESS_WITHIN,
    Channel,
    Evidence,
    Request,
    Standing,
    Step,
    Subscription,
    Wishes,
    renewed,
)
from digest.tokens import Purpose, Seal
from digest.wishes import Gap

CONFIRM_WITHIN: Final = WEEK
"""How long a request waits for its confirmation: until its address may get the next letter."""

SENT_WITHIN: Final = timedelta(days=3)
"""How long a letter to confirm is worth sending: its link must work for some days after that."""

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
        self, content: Content, address: str, charge: Charge, *, expires_at: datetime | None = None
    ) -> bool:
        """Write a letter that counts, if it is new; False where the limits forbid it."""
        if await self.written(content):
            return True
        if not await self.limits.count(charge):
            return False
        async with self.counted(charge):
            if not await self.write(content, address, expires_at=expires_at):
                await self.limits.uncount(charge)
        return True

    @asynccontextmanager
    async def counted(self, charge: Charge) -> AsyncIterator[None]:
        """Takes a count back if writing the letter fails: trouble of ours must use up nobody's limit."""
        try:
            yield
        except Exception:
            with suppress(Exception):  # the trouble itself is what the caller must hear of
                await self.limits.uncount(charge)
            raise

    async def written(self, content: Content) -> bool:
        """Whether this letter was written before."""
        return await self.store.letters.state(content.key) is not None

    async def count_asked(self, evidence: Evidence) -> bool:
        """Count a request for a letter, whether or not it brings one; False if the share is used up."""
        now = self.clock.now()
        return await self.limits.count_asked(_share_of(evidence), self.timetable.day_of(now), now)

    def charge(self, address: str, share: Share | None = None, *, agreed: bool) -> Charge:
        """What a letter counts against whose reader need not have asked for it (`Limits.charge`)."""
        now = self.clock.now()
        return self.limits.charge(address, share, self.timetable.day_of(now), now, agreed=agreed)

    def charge_to_confirm(self, address: str, share: Share | None = None) -> Charge:
        """What a letter with a link to confirm counts against (`Limits.charge_to_confirm`)."""
        now = self.clock.now()
        return self.limits.charge_to_confirm(address, share, self.timetable.day_of(now), now)

    def charge_to_move(self, address: str) -> Charge:
        """What a letter with a link to confirm a change to this address counts against."""
        now = self.clock.now()
        return self.limits.charge_to_move(address, self.timetable.day_of(now), now)

    async def left(self, share: Share) -> int:
        """How many of the day's letters a share has left."""
        now = self.clock.now()
        return await self.limits.left(share, self.timetable.day_of(now), now)

    def own_charge(self, subscriber: int) -> Charge:
        """What a letter counts against that a subscriber asked for with a link of their own."""
        now = self.clock.now()
        return self.limits.own_charge(subscriber, self.timetable.day_of(now), now)

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
    gap: Callable[[Wishes], Awaitable[Gap]]  # what of some wishes nothing that we read can answer
    reminds: bool  # whether the letter says that one reminder follows

    async def ask(self, address: str, wishes: Wishes, evidence: Evidence) -> Joined:
        """Note the request and write its letter; asked again within a minute, it is one letter.

        Other wishes than before are noted with a letter of their own, which makes the earlier one void. So a
        letter confirms only the wishes that it was written for, even if somebody else asks in between. At a
        limit no letter is written and nothing noted; the link and the code of the earlier one still work.
        """
        now = self.clock.now()
        if await self.store.subscriptions.suppressed(address) is not None:
            return Joined.SUPPRESSED
        waiting = await self._waiting(address, wishes, now)
        before = await self._state_before(*waiting, evidence, now) if waiting is not None else None
        # Mail is answered once a day, whatever becomes of the answer: a robot may be asking.
        lost = before in LOST and not answers(evidence)
        if before is not None and not lost:
            return Joined.ASKED
        charge = self.letters.charge_to_confirm(address)
        if not await self.letters.limits.count(charge):
            return Joined.LIMITED
        try:
            async with self.letters.counted(charge):
                found = await self.store.subscriptions.ask(address, wishes, evidence, now)
                request = await self._renew(found, now, lost=lost)
                if request is None:
                    await self.letters.limits.uncount(charge)
                    return Joined.KNOWN
                letter = await self._with_gap(self._letter(request, evidence), found)
                await self._write_counted(letter, found.address, charge)
        except Refused:
            return Joined.SUPPRESSED
        return Joined.ASKED

    async def invite(self, found: Subscription, charge: Charge) -> None:
        """Ask somebody on an operator's word; the letter was counted before."""
        async with self.letters.counted(charge):
            request = await self._renew(found, charge.now)
            if request is None:
                await self.letters.limits.uncount(charge)
                return
            letter = await self._with_gap(_invitation(request), found)
            await self._write_counted(letter, found.address, charge)

    async def invite_again(self, found: Subscription, request: Request) -> None:
        """Write the letter of an invitation if the process that noted it died before it wrote the letter."""
        charge = self.letters.charge_to_confirm(found.address, Share.INVITATIONS)
        letter = await self._with_gap(_invitation(request), found)
        await self.letters.write_within_limits(
            letter, found.address, charge, expires_at=charge.now + SENT_WITHIN
        )

    async def _waiting(
        self, address: str, wishes: Wishes, now: datetime
    ) -> tuple[Subscription, Request] | None:
        """The pending subscription of an address with these wishes, and its request if that is still open."""
        known = await self.store.subscriptions.find(address)
        if known is None or known.standing is not Standing.PENDING or known.wishes != wishes:
            return None
        before = await self.store.requests.get(known.subscriber)
        return (known, before) if before is not None and before.open(now) else None

    async def _state_before(
        self, known: Subscription, before: Request, evidence: Evidence, now: datetime
    ) -> State | None:
        """The state of the letter that is asked for, if it was written before."""
        stands = renewed(before, self._request(known, now, code=""))
        return await self.store.letters.state(self._letter(stands, evidence).key)

    async def _with_gap(self, letter: Confirm, found: Subscription) -> Confirm:
        """The letter with what nothing that we read can answer of what its reader wishes for."""
        gap = await self.gap(found.wishes)
        wishes = found.wishes
        letter = replace(letter, weekly=wishes.weekly or "", brief=wishes.brief)
        return replace(letter, uncovered=gap.names, silent=gap.whole)

    async def _write_counted(self, content: Confirm, address: str, charge: Charge) -> None:
        """Write a letter that was counted; of two processes at once, one counts."""
        if not await self.letters.write(content, address, expires_at=charge.now + SENT_WITHIN):
            await self.letters.limits.uncount(charge)

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
    letters: LetterWriter

    async def count(self, subscriber: int) -> bool:
        """Count one more email that a subscriber asks for with a link of their own; False at the limit.

        The page says so then: nobody is told anything by it who does not hold that link.
        """
        return await self.letters.limits.count(self.letters.own_charge(subscriber))

    async def send(self, subscriber: int, generation: int, action: str) -> Joined:
        """Send the address's owner a link to do `action`: change the "address", "export" or "erase".

        It was counted before (`count`).
        """
        now = self.clock.now()
        if action == Purpose.ERASE:  # it may have ended since the page was shown
            found = await self.store.subscriptions.get(subscriber)
            fits = found is not None and bool(found.address)
        else:
            found = await subscription_of(self.store, subscriber, generation)
            fits = found is not None and found.agreed
        if found is None or not fits:
            return Joined.UNFIT
        if await self.store.subscriptions.suppressed(found.address) is not None:
            return Joined.SUPPRESSED
        link = OwnLink(
            subscriber=subscriber,
            generation=generation,
            occasion=in_minute(now),
            to=action,
            until=now + OWN_LINK_LASTS,
        )
        await self.letters.write(link, found.address, expires_at=link.until)
        return Joined.ASKED

    async def owner(self, subscriber: int, generation: int, until: datetime) -> Subscription | None:
        """Whose link it is that works until an instant; None where it opens nothing any more."""
        found = await subscription_of(self.store, subscriber, generation)
        return found if found is not None and found.agreed and await self._reads(found, until) else None

    async def eraser(self, subscriber: int, until: datetime) -> Subscription | None:
        """Whose link to erase everything it is; None where it opens nothing any more.

        It works in whatever state and generation: others can end a subscription, and ask for a new one.
        """
        found = await self.store.subscriptions.get(subscriber)
        if found is None or not found.address:
            return None
        return found if await self._reads(found, until) else None

    async def just_erased(self, subscriber: int) -> bool:
        """Whether somebody was erased a moment ago, so that a link may have been pressed twice."""
        recently = self.clock.now() - DOUBLE_PRESS_WITHIN
        history = await self.store.subscriptions.history(subscriber)
        return any(t.step is Step.ERASED and t.at >= recently for t in history)

    async def _reads(self, found: Subscription, until: datetime) -> bool:
        """Whether the reader of the letter whose link works until then reads mail at the address now."""
        # The link went to the address of that time: after a change somebody else may read mail there.
        history = await self.store.subscriptions.history(found.subscriber)
        moved = any(t.step is Step.MOVED and t.at > until - OWN_LINK_LASTS for t in history)
        return self.clock.now() < until and not moved


async def subscription_of(store: Store, subscriber: int, generation: int) -> Subscription | None:
    """The subscription that a link names; None once it has begun again, for old links open nothing."""
    found = await store.subscriptions.get(subscriber)
    return found if found is not None and found.generation == generation else None


def answers(evidence: Evidence) -> bool:
    """Whether a letter answers a message: then no machine may answer the letter in turn (RFC 3834)."""
    return evidence.channel is Channel.MAIL


def _share_of(evidence: Evidence) -> Share:
    """Against which share of the day's letters a request counts that anybody could make in this way."""
    return Share.MAIL if evidence.channel is Channel.MAIL else Share.WEB


def fit(address: str) -> bool:
    """Whether an address can be written to, as far as its spelling tells."""
    return problem_with(address) is None
