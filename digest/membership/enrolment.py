"""Enrolment: joining, confirming, changing wishes, pausing and leaving, by web, by mail and by operators.

Each step is taken first and its letter is written after it, under a key. If the process dies between the two,
the repeated request writes the letter; and no repetition writes a second one. The limits are applied here, so
that they hold for every way in.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from digest.addresses import limit_key
from digest.deliveries import State
from digest.errors import Refused
from digest.letter_kinds import Content, FreshLink, Help, Left, Reported, Unconfirmed, Welcome
from digest.letters import Letter
from digest.membership.coverage import Covering
from digest.membership.export import held
from digest.membership.letters import (
    EXPIRES_AFTER,
    Confirmations,
    LetterWriter,
    answers,
    fit,
    subscription_of,
)
from digest.membership.limits import Limits, Share
from digest.ports import Clock, DeliveryStore, Joined, Store
from digest.schedule import Timetable
from digest.subscriptions import Evidence, Standing, Step, Subscription, Suppression, Wishes
from digest.tokens import Seal
from digest.wishes import Gap

log = logging.getLogger(__name__)

_UNDONE_BY_LETTER: Final = (Step.LEFT, Step.COMPLAINED)
_MAY_COME_BACK: Final = (None, Step.LEFT, Step.COMPLAINED, Step.LAPSED)  # reasons of the ending; None: none

NEVER_AGAIN: Final = "its owner wants no email from us, and said so by the link in one"
"""What operators read about an address whose owner stopped all letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """`ports.Enrolling`, and what subscribers and operators can do besides."""

    store: Store
    clock: Clock
    timetable: Timetable
    limits: Limits
    letters: LetterWriter
    confirmations: Confirmations
    covering: Covering
    reference: Seal  # the keyed hash that stands for an address in public

    # -- joining ---------------------------------------------------------------------------------------

    async def join(self, address: str, wishes: Wishes, evidence: Evidence) -> Joined:
        if not fit(address):
            return Joined.UNFIT
        if not await self.letters.count_asked(evidence):
            return Joined.LIMITED
        known = await self.store.subscriptions.find(address)
        if known is not None and known.agreed:
            return Joined.KNOWN if await self._send_links(known, evidence) else Joined.LIMITED
        return await self.confirmations.ask(address, wishes, evidence)

    async def invite(self, subscriber: int) -> Joined | None:
        """Ask somebody who came with an import whether they want editions; None where nobody waits for that.

        However often it is called it writes one letter; `KNOWN` where that was written before.
        """
        now = self.clock.now()
        found = await self.store.subscriptions.get(subscriber)
        if found is None or found.standing is not Standing.PENDING:
            return None
        before = await self.store.requests.get(subscriber)
        if before is not None and before.generation == found.generation:
            if before.open(now):
                await self.confirmations.invite_again(found, before)
            return Joined.KNOWN
        if await self.store.subscriptions.suppressed(found.address) is not None:
            return Joined.SUPPRESSED
        if not fit(found.address):
            return Joined.UNFIT
        charge = self.letters.charge_to_confirm(found.address, Share.INVITATIONS)
        if not await self.limits.count(charge):
            return Joined.LIMITED
        await self.confirmations.invite(found, charge)
        return Joined.ASKED

    async def confirm(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Confirm a subscription; True as well where it was confirmed before, for people follow links again.

        The welcome is written once.
        """
        now = self.clock.now()
        request = await self.store.requests.get(subscriber)
        if request is not None and request.generation == generation and request.open(now):
            try:
                taken = await self.store.subscriptions.take(
                    subscriber, generation, Step.CONFIRMED, evidence, now
                )
            except Refused:
                return False
            if taken:
                await self.limits.confirmed(request.address, now)
                log.info("subscription confirmed", extra={"subscriber": subscriber})
        found = await subscription_of(self.store, subscriber, generation)
        if found is None or not found.agreed:
            return False
        await self._welcome(found)
        return True

    async def confirm_code(self, reference: str, code: str, evidence: Evidence) -> ByCode | None:
        """Confirm by the code in the letter; None for a wrong code.

        The code may be typed again until its request expires. Mail scanners follow links, so a link that was
        followed shows less than a code that was typed.
        """
        now = self.clock.now()
        request = await self.store.requests.by_reference(reference)
        if request is None:
            # As much work as for a wrong code: the time it takes must not tell who has asked to join.
            await self.limits.count_failed_attempt(now)
            return None
        request = await self.store.requests.check_code(request.subscriber, code, now)
        if request is None:
            return None
        own = (request.subscriber, request.generation)
        before = await subscription_of(self.store, *own)
        if not await self.confirm(*own, evidence):
            return None
        again = before is not None and before.agreed
        return ByCode(subscriber=request.subscriber, generation=request.generation, again=again)

    async def fresh_link(self, address: str, evidence: Evidence) -> Joined:
        """Send a subscriber their links again. Nobody else is sent anything, and the page does not tell."""
        if not fit(address):
            return Joined.UNFIT
        if not await self.letters.count_asked(evidence):
            return Joined.LIMITED
        known = await self.store.subscriptions.find(address)
        if known is None or not known.live:
            return Joined.KNOWN
        if known.standing is Standing.PENDING:
            return await self.confirmations.ask(known.address, known.wishes, evidence)
        return Joined.KNOWN if await self._send_links(known, evidence) else Joined.LIMITED

    # -- leaving ---------------------------------------------------------------------------------------

    async def leave(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """End a subscription; True if this call ended it.

        A link of an earlier subscription does not end a later one: after years anybody may hold it. But its
        holder may be the owner, who wants to leave, so the owner is sent the link that works.
        """
        now = self.clock.now()

        def telling(one: Subscription) -> Letter | None:
            if not one.agreed:  # who never confirmed may not be who asked
                return None
            content = Left(subscriber=subscriber, generation=generation, wishes=one.wishes)
            return Letter(content=content, address=one.address, expires_at=now + EXPIRES_AFTER)

        if await self.store.subscriptions.take(
            subscriber, generation, Step.LEFT, evidence, now, telling=telling
        ):
            facts = {"subscriber": subscriber, "reason": Step.LEFT.value, "by": evidence.channel.value}
            log.info("subscription ended", extra=facts)
            self.letters.letter_written()
            return True
        found = await self.store.subscriptions.get(subscriber)
        if found is None or not found.live or found.generation == generation:  # lower: of a restored backup
            return False
        if await self.letters.count_asked(evidence):
            await self._send_leave_link(found, evidence, answer=False)
        return False

    async def undo_leave(self, subscriber: int, generation: int, evidence: Evidence) -> Joined | None:
        """Ask somebody who left whether they want to come back; None where there is nothing to undo.

        They may have pressed a link by mistake, or somebody they forwarded an edition to pressed it, or
        reported it as spam. The link is in the letter that told them, and in no other.
        """
        found = await self.who_left(subscriber, generation)
        if found is None or found.agreed:
            return None
        if not await self.letters.count_asked(evidence):
            return Joined.LIMITED
        return await self.confirmations.ask(found.address, found.wishes, evidence)

    async def who_left(self, subscriber: int, generation: int) -> Subscription | None:
        """The subscription as it is now of somebody who left this generation, with the wishes that they had.

        None if there is nothing to come back to. Strangers may have asked to join at the address since: that
        takes nothing from its owner. An operator or a bounce that ended it later does.
        """
        found = await self.store.subscriptions.get(subscriber)
        if found is None or not found.address or found.ended_reason not in _MAY_COME_BACK:
            return None
        if found.generation == generation:
            return found if found.live or found.ended_reason in _UNDONE_BY_LETTER else None
        if found.agreed:
            return None  # they are back; after years anybody may hold the link
        history = await self.store.subscriptions.history(subscriber)
        if not any(one.generation == generation and one.step in _UNDONE_BY_LETTER for one in history):
            return None
        for kind in (Left, Reported):
            told = await self.store.letters.content(kind(subscriber=subscriber, generation=generation).key)
            if isinstance(told, Left | Reported) and told.wishes is not None:
                return replace(found, wishes=told.wishes)
        # The letter is blanked. The wishes that stand now may be a stranger's.
        return replace(found, wishes=Wishes())

    async def leave_by_address(self, address: str, evidence: Evidence) -> None:
        if not fit(address) or not await self.letters.count_asked(evidence):
            return
        known = await self.store.subscriptions.find(address)
        if known is not None and known.live:
            await self._send_leave_link(known, evidence, answer=answers(evidence))

    async def never_again(self, seal: str, evidence: Evidence) -> None:
        """Never write to the mailbox with this seal again; what it has asked for ends.

        Pressed twice, it is the same. Only an operator can undo it.
        """
        suppression = Suppression(why=NEVER_AGAIN, since=self.clock.now())
        if await self.store.subscriptions.suppress_mailbox(seal, suppression, evidence):
            log.info("an address is never to be written to")

    async def erase(self, subscriber: int, evidence: Evidence) -> bool:
        """Forget a person, whatever the subscription is like; False if nothing is known of them.

        What was sent and what happened is kept without the address.
        """
        own = self.store.subscriptions
        while (found := await own.get(subscriber)) is not None and found.address:
            if await own.take(subscriber, found.generation, Step.ERASED, evidence, self.clock.now()):
                log.info("subscriber erased", extra={"subscriber": subscriber})
                return True  # else somebody has just asked for a new generation
        return False

    # -- changing --------------------------------------------------------------------------------------

    async def pause(self, subscriber: int, generation: int, until: date | None, evidence: Evidence) -> bool:
        """Send no editions before the day `until`; None: until they resume. False for a day that is past."""
        now = self.clock.now()
        if until is not None and until <= self.timetable.day_of(now):
            return False
        if await self.store.subscriptions.take(
            subscriber, generation, Step.PAUSED, evidence, now, until=until
        ):
            return True
        found = await subscription_of(self.store, subscriber, generation)
        return found is not None and found.standing is Standing.PAUSED and found.paused_until == until

    async def resume(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Send editions again; True as well where there was no pause."""
        await self.store.subscriptions.take(subscriber, generation, Step.RESUMED, evidence, self.clock.now())
        found = await subscription_of(self.store, subscriber, generation)
        return found is not None and found.standing is Standing.ACTIVE

    async def wish(self, subscriber: int, generation: int, wishes: Wishes, evidence: Evidence) -> bool:
        """Change what they get; True as well where they had these wishes before."""
        await self.store.subscriptions.take(
            subscriber, generation, Step.WISHED, evidence, self.clock.now(), wishes=wishes
        )
        found = await subscription_of(self.store, subscriber, generation)
        if found is None or found.wishes != wishes or not found.live:
            return False
        # The page that follows says it.
        await self.store.gaps.note(subscriber, generation, (await self.covering.gap(wishes)).keys)
        return True

    # -- telling ---------------------------------------------------------------------------------------

    async def help(
        self, address: str, evidence: Evidence, *, unknown: bool = False, gap: Gap | None = None
    ) -> None:
        if not fit(address) or not await self.letters.count_asked(evidence):
            return
        if await self.store.subscriptions.suppressed(address):
            return
        known = await self.store.subscriptions.find(address)
        subscribed = known is not None and known.agreed
        letter = Help(
            reference=self.reference(limit_key(address)),
            occasion=self.letters.occasion(evidence),
            answer=answers(evidence),
            unknown=unknown,
            uncovered=gap.names if gap else (),
            offered=tuple((await self.covering.now()).offered) if gap else (),
            subscribed=subscribed,
        )
        charge = self.letters.charge(address, agreed=subscribed)
        await self.letters.write_within_limits(letter, address.strip(), charge)

    async def export(self, subscriber: int, generation: int) -> dict[str, Any] | None:
        """Everything held about a person, as JSON holds it; None for a subscription of another generation."""
        found = await subscription_of(self.store, subscriber, generation)
        return None if found is None else await held(found, self.store)

    # -- within ----------------------------------------------------------------------------------------

    async def _send_links(self, known: Subscription, evidence: Evidence) -> bool:
        """Send somebody who has confirmed their links; False where the limits or a suppression forbid it."""
        letter = FreshLink(
            subscriber=known.subscriber,
            generation=known.generation,
            occasion=self.letters.occasion(evidence),
            answer=answers(evidence),
        )
        return await self._send(letter, known, evidence)

    async def _send_leave_link(self, known: Subscription, evidence: Evidence, *, answer: bool) -> None:
        """Send the link to leave to somebody who wants to leave and showed none that works: once a day."""
        subscriber, generation, today = known.subscriber, known.generation, self.letters.today()
        letter: Content
        if known.standing is Standing.PENDING:
            letter = Unconfirmed(subscriber=subscriber, generation=generation, occasion=today, answer=answer)
        else:
            letter = FreshLink(
                subscriber=subscriber, generation=generation, occasion=today, leaving=True, answer=answer
            )
        await self._send(letter, known, evidence)

    async def _send(self, letter: Content, known: Subscription, evidence: Evidence) -> bool:
        if await self.store.subscriptions.suppressed(known.address) is not None:
            return False
        charge = self.letters.charge(known.address, agreed=known.agreed)
        return await self.letters.write_within_limits(letter, known.address, charge)

    async def _welcome(self, found: Subscription) -> None:
        gap = await self.covering.gap(found.wishes)
        own = {"subscriber": found.subscriber, "generation": found.generation}
        letter = Welcome(**own, uncovered=gap.names, silent=gap.whole, weekly=found.wishes.weekly or "")
        if await self._tell(found, letter) and gap.parts:
            await self.store.gaps.note(**own, keys=gap.keys)

    async def _tell(self, found: Subscription, letter: Content) -> bool:
        """Write to somebody who has just acted, once; nobody can be written to once the address is erased."""
        return bool(found.address) and await self.letters.write(letter, found.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCode:
    """A subscription that was confirmed by the code in a letter."""

    subscriber: int
    generation: int
    again: bool  # it was confirmed before


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """How many editions of a month were for a subscriber, and how many the relay took."""

    planned: int
    accepted: int
    last: datetime | None  # when the relay last took one, aware, UTC


async def receipts_of(subscriber: int, today: date, ledger: DeliveryStore) -> Receipts:
    """The receipts of the month of `today`; skipped editions are not counted."""
    found = await ledger.receipts(subscriber, today.replace(day=1))
    wanted = [one for one in found if one.state is not State.SKIPPED]
    accepted = [one for one in wanted if one.state is State.ACCEPTED]
    last = max((one.at for one in accepted if one.at is not None), default=None)
    return Receipts(planned=len(wanted), accepted=len(accepted), last=last)
