"""Scoring: what came back of deliveries, by report or by refusal, becomes endings of subscriptions and calls.

What is decided, `digest.bounces` decides; here it is looked up, done, and told to operators once.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from digest.addresses import without_addresses
from digest.bounces import BACK, BRAKE_LEAST, Brake, EndSubscription, Heard, Reason, brake, decide
from digest.deliveries import status_in
from digest.jobs.operator_alerts import OperatorAlerts
from digest.letter_kinds import ConfirmMove, Moved
from digest.ports import Clock, Refusal, Returned, Store, Written
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


RECENT: Final = timedelta(days=1)
"""How far back refusals are looked for: whoever was stopped before noting them is back by then."""


async def score_refusals(scorer: Scorer) -> None:
    """Score today's refusals, and yesterday's that nobody came to.

    An edition's count once it is complete or its time is over: of the first few that went out, who was
    refused may be a share that pulls the brake, for the whole of it.
    """
    now = scorer.clock.now()
    today = scorer.timetable.day_of(now)
    for day in (today - RECENT, today):
        if await _under_way(scorer, day, now):
            continue
        count = await scorer.refusals(day)
        if count:
            log.info("refusals scored", extra={"edition": day.isoformat(), "count": count})
    letters = await LetterScorer(scorer=scorer).refusals(now - RECENT)
    if letters:
        log.info("refusals of letters scored", extra={"count": letters})


async def _under_way(scorer: Scorer, day: date, now: datetime) -> bool:
    done, planned = await scorer.store.deliveries.done(day)
    return done < planned and now < scorer.timetable.deadline_of(day)


_ELSEWHERE: Final = frozenset({ConfirmMove.kind, Moved.kind})
"""Kinds of letters that go to another address than the subscription's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a mail server said of one letter."""

    letter: int
    verdict: Verdict
    status: str
    code: int | None
    text: str  # one storable line, without addresses
    fingerprint: str

    @property
    def said(self) -> str:
        return " ".join(str(word) for word in (self.code, self.status, self.text) if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterScorer:
    """Scores letters one by one; any number of processes may do so at once, and the same word again."""

    scorer: Scorer

    async def returned(self, word: Word) -> None:
        if word.verdict not in BACK:
            return
        letter, one = await self._found(word.letter)
        if letter is None:
            return
        await self.scorer.store.letters.came_back(letter.number, word.code, word.text or word.status)
        if word.verdict is Verdict.ABOUT_US:
            await self.scorer.about_us(word.code, word.status)
        elif one is None or not one.live:
            return
        elif letter.kind in _ELSEWHERE or one.standing is Standing.PENDING:
            if word.verdict is Verdict.HARD:
                # Only what is pending can lapse: who has confirmed meanwhile, by another letter, stays.
                said = f"the letter to confirm by did not reach it: {word.said}"
                await self._settle(letter, one, Step.LAPSED, said)
        elif await self.scorer.agreed(one, letter.at):
            await self.scorer.returned(self._as_of_its_day(word, letter))

    async def refusals(self, since: datetime) -> int:
        """Score the letters that the relay refused since an instant (F71); how many."""
        found = await self.scorer.store.letters.refused(since)
        for letter in found:
            await self.returned(_refusal(letter))
        return len(found)

    async def complained(self, number: int, kind: str) -> bool:
        """End what a letter that was called spam belongs to; False if it belongs to an earlier agreement."""
        letter, one = await self._found(number)
        if letter is None or one is None or not one.live:
            return False
        said = f"a complaint ({kind}) about a letter ({letter.kind})"
        if letter.kind in _ELSEWHERE or one.standing is Standing.PENDING:
            return await self._settle(letter, one, Step.COMPLAINED, said)
        if not await self.scorer.agreed(one, letter.at):
            return False
        return await self.scorer.end(one, Step.COMPLAINED, _evidence(said))

    async def _found(self, number: int) -> tuple[Written | None, Subscription | None]:
        store = self.scorer.store
        letter = await store.letters.get(number)
        if letter is None or letter.subscriber is None:
            return None, None
        return letter, await store.subscriptions.get(letter.subscriber)

    async def _settle(self, letter: Written, one: Subscription, step: Step, said: str) -> bool:
        """Let the request that a letter asked about be over; one that was made after it stays."""
        requests = self.scorer.store.requests
        if letter.kind in _ELSEWHERE:
            request = await requests.get(one.subscriber)
            if request is None or not ConfirmMove.asked_for(request, letter.key):
                return False
            await requests.drop(one.subscriber)
            log.info("a request for a change of address is over", extra={"subscriber": one.subscriber})
            return True
        if letter.generation != one.generation or not await self.scorer.end(one, step, _evidence(said)):
            return False
        await requests.drop(one.subscriber)
        return True

    def _as_of_its_day(self, word: Word, letter: Written) -> Returned:
        assert letter.subscriber is not None
        return Returned(
            edition=self.scorer.timetable.day_of(letter.at),
            letter=letter.number,
            subscriber=letter.subscriber,
            verdict=word.verdict,
            at=self.scorer.clock.now(),
            status=word.status,
            code=word.code,
            text=word.text,
            fingerprint=word.fingerprint,
        )


def _refusal(letter: Written) -> Word:
    """A refusal as a report, judged by the same table."""
    text = letter.text or ""
    status = status_in(text)
    notice = Notice(action="failed", status=status, code=letter.code, text=text)
    return Word(
        letter=letter.number,
        verdict=notice.verdict,
        status=status,
        code=letter.code,
        text=without_addresses(text),
        fingerprint=f"refused letter {letter.number}",
    )


def _evidence(said: str) -> Evidence:
    return Evidence(channel=Channel.SERVICE, wording=said)
