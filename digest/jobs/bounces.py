"""Bounces: returned reports, refusals and complaints end subscriptions, or alert operators.

`digest.bounces` decides; this job loads what it needs, does what it decides and alerts operators once.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from digest.addresses import without_addresses
from digest.bounces import BACK, BRAKE_LEAST, Brake, EditionVerdict, EndSubscription, Reason, brake, decide
from digest.deliveries import reported_words, status_in
from digest.jobs.operator_alerts import OperatorAlerts
from digest.letter_kinds import ConfirmMove, Moved, Reported
from digest.letters import Letter, Telling
from digest.ports import Clock, LetterRecord, Refusal, Returned, Store, Trouble, Words
from digest.schedule import Timetable
from digest.smtp_verdicts import Notice, Verdict
from digest.subscriptions import Channel, Evidence, Standing, Step, Subscription, Taken

log = logging.getLogger(__name__)

WATCHED: Final = timedelta(days=7)
"""How long after its day an edition's brake stands; mail servers give up after five days."""
QUOTED: Final = 3
"""How many kinds of reports an alert quotes, the most frequent first."""
QUOTED_LENGTH: Final = 200
"""The most characters of each."""

_ENDED: Final = EndSubscription(reason=Reason.BOUNCED)
COME_BACK_WITHIN: Final = timedelta(days=7)
"""How long the letter about a complaint is worth sending."""

_BEGINNINGS: Final = frozenset({Step.CONFIRMED, Step.RESTORED, Step.MOVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryBounces:
    """Handles reports on deliveries, one at a time; several processes may do so at once."""

    timetable: Timetable
    store: Store
    alerts: OperatorAlerts
    clock: Clock

    async def record(self, returned: Returned) -> None:
        """Store a report on a delivery and act on it. The same report again changes nothing."""
        await self.store.mail.returned(returned)
        # Also for a report that is stored already: a process may have stopped right here.
        if returned.verdict is Verdict.ABOUT_US:
            await self.alert_about_us(returned.code, returned.status)
        if returned.verdict in BACK:
            await self._brake_if_due(returned.edition)
        if returned.verdict in {Verdict.HARD, Verdict.SOFT}:
            await self._score(returned)

    async def score_refusals(self, day: date) -> int:
        """Record the relay's refusals of an edition as reports; returns how many."""
        found = await self.store.mail.refusals(day)
        for refusal in found:
            await self.record(_delivery_report(refusal, day, self.clock.now()))
        return len(found)

    async def end_for_complaint(
        self, day: date, subscriber: int, kind: str, *, by_message_id: bool = False
    ) -> bool:
        """End the subscription of a reader who reported an edition as spam; True if this ended it.

        False if the edition went out under an earlier agreement. `kind` is the feedback type (RFC 5965).
        `by_message_id`: the report names the edition by nothing else. Everybody it was forwarded to
        knows that, so the reader is told, with a link to come back.
        """
        subscription = await self.store.subscriptions.get(subscriber)
        if subscription is None or not await self._covered_editions(subscription, [day]):
            return False
        wording = f"a complaint ({kind}) about the edition of {day}"
        if not by_message_id:
            return await self.end(subscription, Step.COMPLAINED, _evidence(wording))
        evidence = _evidence(f"{wording}, known by its Message-ID alone")
        until = self.clock.now() + COME_BACK_WITHIN

        def telling(one: Subscription) -> Letter:
            content = Reported(subscriber=subscriber, generation=one.generation, wishes=one.wishes)
            return Letter(content=content, address=one.address, expires_at=until)

        return await self.end(subscription, Step.COMPLAINED, evidence, telling=telling)

    async def alert_about_us(self, code: int | None, status: str) -> None:
        """Alert operators, once a day, that a mail server refuses us for any recipient."""
        codes = f"{code or ''} {status}".strip() or "without a code"
        await self.alerts.send_once(
            "returned because of us",
            self.timetable.noon_of(self.timetable.day_of(self.clock.now())),
            f"a mail server refuses our messages because of us, not because of the recipient: {codes}",
        )

    async def covers(self, subscription: Subscription, at: datetime) -> bool:
        """Whether the present agreement, with this address, held at an instant."""
        begun = _begun_at(subscription, await self.store.subscriptions.history(subscription.subscriber))
        return begun is not None and begun <= at

    async def _score(self, returned: Returned) -> None:
        subscription = await self.store.subscriptions.get(returned.subscriber)
        if subscription is None or not subscription.live:
            return
        found = await self.store.mail.verdicts(returned.subscriber)
        current = await self._covered_editions(subscription, {day for day, _ in found})
        verdicts = [EditionVerdict(edition=day, verdict=verdict) for day, verdict in found if day in current]
        editions = await self.store.mail.editions_sent_to(returned.subscriber)
        # A brake only keeps a subscription, so brakes are computed only if it would end without them.
        if decide(verdicts, editions=editions) != _ENDED:
            return
        braked = await self._braked({one.edition for one in verdicts})
        if decide(verdicts, editions=editions, braked=braked) == _ENDED:
            wording = reported_words(returned.code, returned.status, returned.text)
            evidence = Evidence(channel=Channel.SERVICE, wording=wording)
            await self.end(subscription, Step.BOUNCED, evidence)

    async def _covered_editions(self, subscription: Subscription, days: Collection[date]) -> set[date]:
        """Those of these editions that went out under the present agreement: this address, this consent."""
        begun = _begun_at(subscription, await self.store.subscriptions.history(subscription.subscriber))
        return {day for day in days if begun is not None and begun <= self.timetable.noon_of(day)}

    async def _braked(self, days: Iterable[date]) -> set[date]:
        back = await self.store.mail.came_back(list(days), BACK)
        return {day for day, bounced in back.items() if await self._is_braked(day, bounced)}

    async def _is_braked(self, day: date, bounced: int) -> bool:
        if bounced < BRAKE_LEAST:
            return False
        return isinstance(brake(day, sent=await self.store.mail.sent(day), bounced=bounced), Brake)

    async def _brake_if_due(self, day: date) -> None:
        """Log and alert, once, that so much of an edition came back that it counts against nobody."""
        now = self.clock.now()
        if self.timetable.day_of(now) - day > WATCHED:
            return
        bounced = (await self.store.mail.came_back([day], BACK)).get(day, 0)
        if not await self._is_braked(day, bounced):
            return
        standing = {one.name: one for one in await self.store.troubles.all()}.get(_brake_name(day))
        if standing is None:
            words = await self.store.mail.words(day, BACK, QUOTED)
            standing = Trouble(name=_brake_name(day), since=now, said="; ".join(map(_quoted, words)))
            if await self.store.troubles.begin(standing):
                log.warning(
                    "too much of an edition comes back",
                    extra={"edition": day.isoformat(), "came_back": bounced, "words": standing.said},
                )
        if now < standing.since + RECENT:
            await self.alerts.send_once(
                f"braked {day}",
                self.timetable.noon_of(day),
                f"too much of the edition of {day} comes back; it counts against nobody: {bounced} so far. "
                f"What mail servers say: {standing.said}",
            )

    async def release_brakes(self) -> None:
        """End the brakes of editions that are old, or of which enough arrived after all."""
        today = self.timetable.day_of(self.clock.now())
        for trouble in await self.store.troubles.all():
            day = braked_day(trouble)
            if day is None or (today - day <= WATCHED and await self._braked([day])):
                continue
            if await self.store.troubles.end(trouble.name):
                log.info("the brake on an edition is off", extra={"edition": day.isoformat()})

    async def end(
        self, subscription: Subscription, step: Step, evidence: Evidence, *, telling: Telling | None = None
    ) -> bool:
        """End a subscription; True if this ended it, False if it is over or has changed meanwhile.

        `telling` is written in the same transaction.
        """
        number, generation = subscription.subscriber, subscription.generation
        ended = await self.store.subscriptions.take(
            number, generation, step, evidence, self.clock.now(), telling=telling
        )
        if ended:
            log.info("subscription ended", extra={"subscriber": number, "reason": step.value})
        return ended


def _begun_at(subscription: Subscription, history: Sequence[Taken]) -> datetime | None:
    """When the present agreement began; None while it is pending."""
    if subscription.standing is Standing.PENDING:
        return None
    own = [one for one in history if one.generation == subscription.generation and one.step in _BEGINNINGS]
    return own[-1].at if own else subscription.since


def _delivery_report(refusal: Refusal, day: date, now: datetime) -> Returned:
    """A refusal as a report, with the verdict of the same table (`smtp_verdicts.RULES`)."""
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


_BRAKE: Final = "brake "


def _brake_name(day: date) -> str:
    return f"{_BRAKE}{day.isoformat()}"


def braked_day(trouble: Trouble) -> date | None:
    """The edition that a trouble is the brake of; None for another trouble."""
    found = trouble.name.startswith(_BRAKE)
    return date.fromisoformat(trouble.name.removeprefix(_BRAKE)) if found else None


def _quoted(words: Words) -> str:
    text = str(words)
    return text if len(text) <= QUOTED_LENGTH else f"{text[: QUOTED_LENGTH - 1]}…"


RECENT: Final = timedelta(days=1)
"""How far back refusals are searched: a process that stopped before recording them runs again by then."""


async def score_refusals(bounces: DeliveryBounces) -> None:
    """Record the refusals of today's and yesterday's editions and of letters as reports.

    An edition's refusals count once it is complete or past its deadline: a few refusals among the first
    messages are a share that would pull the brake for the whole edition.
    """
    now = bounces.clock.now()
    today = bounces.timetable.day_of(now)
    for day in (today - RECENT, today):
        if await _under_way(bounces, day, now):
            continue
        count = await bounces.score_refusals(day)
        if count:
            log.info("refusals scored", extra={"edition": day.isoformat(), "count": count})
    await bounces.release_brakes()
    letters = await LetterBounces(bounces=bounces).score_refusals(now - RECENT)
    if letters:
        log.info("refusals of letters scored", extra={"count": letters})


async def _under_way(bounces: DeliveryBounces, day: date, now: datetime) -> bool:
    done, planned = await bounces.store.deliveries.done(day)
    return done < planned and now < bounces.timetable.deadline_of(day)


_ELSEWHERE: Final = frozenset({ConfirmMove.kind, Moved.kind})
"""Kinds of letters that go to an address other than the subscription's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterReport:
    """A mail server's report on one letter."""

    letter: int
    verdict: Verdict
    status: str
    code: int | None
    text: str  # one storable line, without addresses
    fingerprint: str

    @property
    def words(self) -> str:
        """The codes and the text, for the history of the subscription."""
        return reported_words(self.code, self.status, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterBounces:
    """Handles reports on letters, one at a time; several processes may do so at once."""

    bounces: DeliveryBounces

    async def record(self, report: LetterReport) -> None:
        """Store a report on a letter and act on it. The same report again changes nothing."""
        if report.verdict not in BACK:
            return
        letter, one = await self._letter_and_subscription(report.letter)
        if letter is None:
            return
        await self.bounces.store.letters.came_back(letter.number, report.code, report.text or report.status)
        if report.verdict is Verdict.ABOUT_US:
            await self.bounces.alert_about_us(report.code, report.status)
        elif one is None or not one.live:
            return
        elif letter.kind in _ELSEWHERE or one.standing is Standing.PENDING:
            if report.verdict is Verdict.HARD:
                # Only a pending subscription can lapse: one that is confirmed by now, by another letter,
                # stays.
                wording = f"the letter to confirm by did not reach it: {report.words}"
                await self._end_request(letter, one, Step.LAPSED, wording)
        elif await self.bounces.covers(one, letter.at):
            await self.bounces.record(self._as_delivery_report(report, letter))

    async def score_refusals(self, since: datetime) -> int:
        """Record the relay's refusals of letters since an instant as reports; returns how many."""
        found = await self.bounces.store.letters.refused(since)
        for letter in found:
            await self.record(_letter_report(letter))
        return len(found)

    async def end_for_complaint(self, number: int, kind: str) -> bool:
        """End the request or subscription of a reader who reported a letter as spam; True if this ended it.

        False if the letter belongs to an earlier agreement. `kind` is the feedback type (RFC 5965).
        """
        letter, one = await self._letter_and_subscription(number)
        if letter is None or one is None or not one.live:
            return False
        wording = f"a complaint ({kind}) about a letter ({letter.kind})"
        if letter.kind in _ELSEWHERE or one.standing is Standing.PENDING:
            return await self._end_request(letter, one, Step.COMPLAINED, wording)
        if not await self.bounces.covers(one, letter.at):
            return False
        return await self.bounces.end(one, Step.COMPLAINED, _evidence(wording))

    async def _letter_and_subscription(self, number: int) -> tuple[LetterRecord | None, Subscription | None]:
        store = self.bounces.store
        letter = await store.letters.get(number)
        if letter is None or letter.subscriber is None:
            return None, None
        return letter, await store.subscriptions.get(letter.subscriber)

    async def _end_request(self, letter: LetterRecord, one: Subscription, step: Step, wording: str) -> bool:
        """End the request that a letter asks to confirm; True if this ended it. A later request stays."""
        requests = self.bounces.store.requests
        if letter.kind in _ELSEWHERE:
            request = await requests.get(one.subscriber)
            if request is None or not ConfirmMove.asked_for(request, letter.key):
                return False
            await requests.drop(request)
            log.info("a request for a change of address is over", extra={"subscriber": one.subscriber})
            return True
        return letter.generation == one.generation and await self.bounces.end(one, step, _evidence(wording))

    def _as_delivery_report(self, report: LetterReport, letter: LetterRecord) -> Returned:
        assert letter.subscriber is not None
        return Returned(
            edition=self.bounces.timetable.day_of(letter.at),
            letter=letter.number,
            subscriber=letter.subscriber,
            verdict=report.verdict,
            at=self.bounces.clock.now(),
            status=report.status,
            code=report.code,
            text=report.text,
            fingerprint=report.fingerprint,
        )


def _letter_report(letter: LetterRecord) -> LetterReport:
    """A refusal of a letter as a report, with the verdict of the same table (`smtp_verdicts.RULES`)."""
    text = letter.text or ""
    status = status_in(text)
    notice = Notice(action="failed", status=status, code=letter.code, text=text)
    return LetterReport(
        letter=letter.number,
        verdict=notice.verdict,
        status=status,
        code=letter.code,
        text=without_addresses(text),
        fingerprint=f"refused letter {letter.number}",
    )


def _evidence(wording: str) -> Evidence:
    return Evidence(channel=Channel.SERVICE, wording=wording)
