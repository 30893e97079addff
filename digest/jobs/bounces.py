"""Scoring: what came back of deliveries, by report or by refusal, becomes endings of subscriptions and calls.

What is decided, `digest.bounces` decides; here it is looked up, done, and told to operators once.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from digest.addresses import without_addresses
from digest.bounces import BACK, BRAKE_LEAST, Brake, EndSubscription, Heard, Reason, brake, decide
from digest.deliveries import status_in
from digest.jobs.operator_alerts import OperatorAlerts
from digest.ports import Clock, Refusal, Returned, Store
from digest.schedule import Timetable
from digest.smtp_verdicts import Notice, Verdict
from digest.subscriptions import Channel, Evidence, Standing, Step, Subscription, Taken

log = logging.getLogger(__name__)

_ENDED: Final = EndSubscription(reason=Reason.BOUNCED)
_BEGINNINGS: Final = frozenset({Step.CONFIRMED, Step.RESTORED, Step.MOVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """Scores deliveries one by one; any number of processes may do so at once."""

    timetable: Timetable
    store: Store
    calls: OperatorAlerts
    clock: Clock

    async def returned(self, returned: Returned) -> None:
        """Keep a report on a delivery and do what follows; the same report again does nothing twice."""
        await self.store.mail.returned(returned)
        # Even where it says nothing new: we may have been stopped right here.
        if returned.verdict is Verdict.ABOUT_US:
            await self.about_us(returned.code, returned.status)
        if returned.verdict in BACK:
            await self._brake(returned.edition)
        if returned.verdict in {Verdict.HARD, Verdict.SOFT}:
            await self._score(returned)

    async def refusals(self, day: date) -> int:
        """Score what was refused while we submitted an edition (F71); how many."""
        found = await self.store.mail.refusals(day)
        for refusal in found:
            await self.returned(_of(refusal, day, self.clock.now()))
        return len(found)

    async def complained(self, day: date, subscriber: int, kind: str) -> bool:
        """End a subscription whose edition was called spam; False if that was of an earlier agreement."""
        subscription = await self.store.subscriptions.get(subscriber)
        if subscription is None or not await self._covers(subscription, [day]):
            return False
        evidence = Evidence(
            channel=Channel.SERVICE, wording=f"a complaint ({kind}) about the edition of {day}"
        )
        return await self.end(subscription, Step.COMPLAINED, evidence)

    async def about_us(self, code: int | None, status: str) -> None:
        """Call operators, once a day: what comes back says nothing of whom it was to."""
        said = f"{code or ''} {status}".strip() or "without a code"
        await self.calls.once(
            "returned because of us",
            self.timetable.noon_of(self.timetable.day_of(self.clock.now())),
            f"a mail server turns our messages back because of us, not of whom they are to: {said}",
        )

    async def agreed(self, subscription: Subscription, at: datetime) -> bool:
        """Whether the agreement as it stands, by this address, had begun at an instant."""
        begun = _begun(subscription, await self.store.subscriptions.history(subscription.subscriber))
        return begun is not None and begun <= at

    async def _score(self, returned: Returned) -> None:
        subscription = await self.store.subscriptions.get(returned.subscriber)
        if subscription is None or not subscription.live:
            return
        said = [Heard(edition=day, verdict=v) for day, v in await self.store.mail.heard(returned.subscriber)]
        current = await self._covers(subscription, {one.edition for one in said})
        heard = [one for one in said if one.edition in current]
        editions = await self.store.mail.received(returned.subscriber)
        # A brake can only spare somebody, so it is looked for where somebody is to be spared.
        if decide(heard, editions=editions) != _ENDED:
            return
        braked = await self._braked({one.edition for one in heard})
        if decide(heard, editions=editions, braked=braked) == _ENDED:
            evidence = Evidence(channel=Channel.SERVICE, wording=_said(returned))
            await self.end(subscription, Step.BOUNCED, evidence)

    async def _covers(self, subscription: Subscription, days: Collection[date]) -> set[date]:
        """The editions that went out under the agreement as it stands: this address, this consent."""
        begun = _begun(subscription, await self.store.subscriptions.history(subscription.subscriber))
        return {day for day in days if begun is not None and begun <= self.timetable.noon_of(day)}

    async def _braked(self, days: Iterable[date]) -> set[date]:
        back = await self.store.mail.came_back(list(days), BACK)
        return {day for day, bounced in back.items() if await self._is_braked(day, bounced)}

    async def _is_braked(self, day: date, bounced: int) -> bool:
        if bounced < BRAKE_LEAST:
            return False
        return isinstance(brake(day, sent=await self.store.mail.sent(day), bounced=bounced), Brake)

    async def _brake(self, day: date) -> None:
        back = await self.store.mail.came_back([day], BACK)
        if await self._is_braked(day, back.get(day, 0)):
            log.warning("too much of an edition comes back", extra={"edition": day.isoformat()})
            await self.calls.once(
                f"braked {day}",
                self.timetable.noon_of(day),
                f"too much of the edition of {day} comes back to score anybody for it: {back[day]} so far",
            )

    async def end(self, subscription: Subscription, step: Step, evidence: Evidence) -> bool:
        """Whether this ended it."""
        number, generation = subscription.subscriber, subscription.generation
        ended = await self.store.subscriptions.take(number, generation, step, evidence, self.clock.now())
        if ended:
            log.info("subscription ended", extra={"subscriber": number, "reason": step.value})
        return ended


def _begun(subscription: Subscription, history: Sequence[Taken]) -> datetime | None:
    """When the agreement as it stands began; None while it is only asked for."""
    if subscription.standing is Standing.PENDING:
        return None
    own = [one for one in history if one.generation == subscription.generation and one.step in _BEGINNINGS]
    return own[-1].at if own else subscription.since


def _of(refusal: Refusal, day: date, now: datetime) -> Returned:
    """A refusal as a report, judged by the same table."""
    status = status_in(refusal.text)
    notice = Notice(action="failed", status=status, code=refusal.code, text=refusal.text)
    return Returned(
        edition=day,
        subscriber=refusal.subscriber,
        verdict=notice.verdict,
        at=now,
        status=status,
        code=refusal.code,
        text=without_addresses(refusal.text),
        fingerprint=f"refused {day} {refusal.subscriber}",
    )


def _said(returned: Returned) -> str:
    return " ".join(str(word) for word in (returned.code, returned.status, returned.text) if word)
