"""Scoring letters: what came back of one settles the request it asked about, or scores like an edition.

A letter to somebody who has agreed scores once a day, with the day's edition. One to a new or an earlier
address says nothing of the address that a subscription has.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from digest.addresses import without_addresses
from digest.bounces import BACK
from digest.deliveries import status_in
from digest.jobs.bounces import Scorer
from digest.letters import CONFIRM_MOVE, MOVED
from digest.ports import Returned, Written
from digest.smtp_verdicts import Notice, Verdict
from digest.subscriptions import Channel, Evidence, Standing, Step, Subscription

log = logging.getLogger(__name__)

_ELSEWHERE: Final = frozenset({CONFIRM_MOVE, MOVED})
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
            asked = request is not None and f" {request.asked_at.isoformat()} " in letter.key
            if letter.kind != CONFIRM_MOVE or not asked:
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
