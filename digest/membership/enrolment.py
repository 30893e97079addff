"""Enrolment: the one place for joining, confirming, changing and leaving, by web, by mail and by operators.

Each step is taken first and its letter is written after it, under a key: whoever repeats a request that died
between the two gets the letter, and never a second one. Limits hold here, so that no way in is without them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from digest import letters
from digest.addresses import limit_key
from digest.deliveries import State
from digest.errors import Refused
from digest.membership.asking import answering
from digest.membership.export import held
from digest.membership.letters import fit
from digest.membership.moving import Moving
from digest.ports import DeliveryStore, Joined
from digest.subscriptions import Evidence, Standing, Step, Subscription, Wishes

log = logging.getLogger(__name__)

INVITED: Final[Mapping[str, bool]] = {"invited": True}
"""In a confirmation's content: its reader never asked for it, an operator did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment(Moving):
    """`ports.Enrolling`, and what people can do once they are in."""

    # -- coming ----------------------------------------------------------------------------------------

    async def join(self, address: str, wishes: Wishes, evidence: Evidence, *, network: str) -> Joined:
        if not fit(address):
            return Joined.UNFIT
        if not await self.quotas.network(network, self.clock.now()):
            return Joined.LIMITED
        known = await self.store.subscriptions.find(address)
        if known is not None and known.agreed:
            return Joined.KNOWN if await self.links_to(known, evidence) else Joined.LIMITED
        return await self.ask(address, wishes, evidence)

    async def invite(self, subscriber: int) -> Joined | None:
        """Ask somebody whom an import brought whether they want to come; None where there is nobody to ask.

        One letter, however often it is called; `KNOWN` where it was written before.
        """
        now = self.clock.now()
        found = await self.store.subscriptions.get(subscriber)
        if found is None or found.standing is not Standing.PENDING:
            return None
        before = await self.store.requests.get(subscriber)
        if before is not None and before.generation == found.generation:
            if before.open(now):  # whoever wrote it may have died before its letter, which has the same key
                await self.write_confirmation(found, before, INVITED)
            return Joined.KNOWN
        if await self.store.subscriptions.suppressed(found.address) is not None:
            return Joined.SUPPRESSED
        if not fit(found.address):
            return Joined.UNFIT
        day = self.timetable.day_of(now)
        if not await self.quotas.spare(day, now) or not await self.may_write(found.address, now):
            return Joined.LIMITED
        await self.ask_to_confirm(found, now, INVITED)
        return Joined.ASKED

    async def confirm(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """A link may be followed again and again (F77), and leads to one welcome (F91)."""
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
                await self.store.requests.drop(subscriber)
                log.info("subscription confirmed", extra={"subscriber": subscriber})
        found = await self.standing_of(subscriber, generation)
        if found is None or not found.agreed:
            return False
        await self.tell_once(letters.WELCOME, found, f"welcome {subscriber} {generation}")
        return True

    async def confirm_code(self, reference: str, code: str, evidence: Evidence) -> tuple[int, int] | None:
        """Confirm by the code in the letter instead of its link, for links that scanners press (F78).

        The subscriber and generation that are confirmed; None for a code that is not right.
        """
        now = self.clock.now()
        request = await self.store.requests.under(reference)
        if request is None:
            # As much work as a wrong code: its time must not tell who has asked, and so who is subscribed.
            await self.quotas.wasted(now)
            return None
        if not await self.store.requests.typed(request.subscriber, code, now):
            return None
        own = (request.subscriber, request.generation)
        return own if await self.confirm(*own, evidence) else None

    async def fresh_link(self, address: str, evidence: Evidence, *, network: str) -> Joined:
        """Send the links again to whom they belong. Nobody else gets anything, nor hears of it."""
        if not fit(address):
            return Joined.UNFIT
        if not await self.quotas.network(network, self.clock.now()):
            return Joined.LIMITED
        known = await self.store.subscriptions.find(address)
        if known is None or not known.live:
            return Joined.KNOWN
        if known.standing is Standing.PENDING:
            return await self.ask(known.address, known.wishes, evidence)
        return Joined.KNOWN if await self.links_to(known, evidence) else Joined.LIMITED

    # -- going -----------------------------------------------------------------------------------------

    async def leave(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Whether this ended it.

        A link of an earlier subscription ends no later one (F84): after years it may be in anybody's hands.
        But it may be its owner who wants out, so they are sent the link that works.
        """
        now = self.clock.now()
        left = await self.store.subscriptions.take(subscriber, generation, Step.LEFT, evidence, now)
        if left:
            await self.store.requests.drop(subscriber)
            told = {"subscriber": subscriber, "reason": Step.LEFT.value, "by": evidence.channel.value}
            log.info("subscription ended", extra=told)
        found = await self.store.subscriptions.get(subscriber)
        if found is None:
            return False
        if found.live and found.generation > generation:
            await self.way_out_to(found, {})
        own = found.generation == generation and found.ended_reason is Step.LEFT
        if own and await self._agreed(found):
            await self.tell_once(letters.LEFT, found, f"left {subscriber} {generation}")
        return left

    async def undo_leave(
        self, subscriber: int, generation: int, evidence: Evidence, *, network: str
    ) -> Joined | None:
        """Ask whether somebody who left by mistake, or by another's hand (F83), wants to come back.

        None where there is nothing to undo.
        """
        found = await self.standing_of(subscriber, generation)
        if found is None or found.ended_reason is not Step.LEFT or not found.address:
            return None
        if not await self.quotas.network(network, self.clock.now()):
            return Joined.LIMITED
        return await self.ask(found.address, found.wishes, evidence)

    async def leave_by_address(self, address: str, evidence: Evidence) -> None:
        known = await self.store.subscriptions.find(address) if fit(address) else None
        if known is not None and known.live:
            await self.way_out_to(known, answering(evidence))

    async def erase(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Forget the person: what was sent and what happened stays, of nobody in particular."""
        erased = await self.store.subscriptions.take(
            subscriber, generation, Step.ERASED, evidence, self.clock.now()
        )
        if erased:
            log.info("subscriber erased", extra={"subscriber": subscriber})
        return erased

    # -- changing --------------------------------------------------------------------------------------

    async def pause(self, subscriber: int, generation: int, until: date | None, evidence: Evidence) -> bool:
        """No editions before the day `until`, or before the subscriber says so; False for a day gone by."""
        now = self.clock.now()
        if until is not None and until <= self.timetable.day_of(now):
            return False
        found = await self.standing_of(subscriber, generation)
        if found is not None and found.standing is Standing.PAUSED and found.paused_until == until:
            return True
        return await self.store.subscriptions.take(
            subscriber, generation, Step.PAUSED, evidence, now, until=until
        )

    async def resume(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Whether editions come again; true as well where they did before."""
        await self.store.subscriptions.take(subscriber, generation, Step.RESUMED, evidence, self.clock.now())
        found = await self.standing_of(subscriber, generation)
        return found is not None and found.standing is Standing.ACTIVE

    async def wish(self, subscriber: int, generation: int, wishes: Wishes, evidence: Evidence) -> bool:
        found = await self.standing_of(subscriber, generation)
        if found is not None and found.wishes == wishes and found.live:
            return True
        return await self.store.subscriptions.take(
            subscriber, generation, Step.WISHED, evidence, self.clock.now(), wishes=wishes
        )

    # -- telling ---------------------------------------------------------------------------------------

    async def help(self, address: str, evidence: Evidence, *, unknown: bool = False) -> None:
        if not fit(address) or await self.store.subscriptions.suppressed(address):
            return
        about = "help with what is unknown" if unknown else "help"
        key = f"{about} {self.reference(limit_key(address))} {self.said(evidence)}"
        content = answering(evidence) | ({"unknown": True} if unknown else {})
        await self.write_within_limits(letters.HELP, key, None, content, address=address.strip())

    async def export(self, subscriber: int, generation: int) -> dict[str, Any] | None:
        """Everything held about a person, as JSON holds it; None for a subscription of another generation."""
        found = await self.standing_of(subscriber, generation)
        return None if found is None else await held(found, self.store)

    # -- within ----------------------------------------------------------------------------------------

    async def _agreed(self, found: Subscription) -> bool:
        """Whether it was ever confirmed: else it may have been somebody else who asked."""
        history = await self.store.subscriptions.history(found.subscriber)
        return any(t.step is Step.CONFIRMED and t.generation == found.generation for t in history)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """Whether a subscriber's editions of a month went out."""

    planned: int
    accepted: int
    last: datetime | None  # when the relay last took one, aware, UTC


async def receipts_of(subscriber: int, today: date, ledger: DeliveryStore) -> Receipts:
    """Those of the month of `today`; an edition that was skipped is not counted."""
    found = await ledger.receipts(subscriber, today.replace(day=1))
    wanted = [one for one in found if one.state is not State.SKIPPED]
    accepted = [one for one in wanted if one.state is State.ACCEPTED]
    last = max((one.at for one in accepted if one.at is not None), default=None)
    return Receipts(planned=len(wanted), accepted=len(accepted), last=last)
