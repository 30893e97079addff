"""Every few minutes: tell operators whether the day's edition is complete, stands still or is too late.

Each process tells each of these once for each edition. If several processes run, each tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from digest.deliveries import WAITING, State
from digest.ports import Clock, Operators, Store
from digest.schedule import Timetable
from digest.wording import counted

STANDSTILL: Final = timedelta(minutes=30)
"""Operators are called if no relay has accepted any message of the edition this long after noon."""

LAST_ANSWERS: Final = timedelta(minutes=15)
"""How long after the deadline relays may answer for messages begun before it (RFC 5321 section 4.5.3.2)."""

_YESTERDAY: Final = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Monitor:
    """Checks today's and yesterday's edition, and remembers what it has told operators."""

    timetable: Timetable
    store: Store
    clock: Clock
    operators: Operators
    canary: str | None = None
    _watched: set[date] = field(default_factory=set)  # days on which this process ran after noon
    _told: set[date] = field(default_factory=set)
    _told_of_standstill: set[date] = field(default_factory=set)

    def after(self, before: Monitor) -> Monitor:
        """This monitor with what another one remembers, in whose place it comes."""
        self._watched, self._told = before._watched, before._told
        self._told_of_standstill = before._told_of_standstill
        return self

    async def check_editions(self) -> None:
        """Check today's edition and yesterday's, whose deadline may have passed at midnight."""
        today = self.timetable.day_of(self.clock.now())
        for day in (today - _YESTERDAY, today):
            if day not in self._told and self.clock.now() >= self.timetable.noon_of(day):
                await self._check(day)

    async def _check(self, day: date) -> None:
        now = self.clock.now()
        over = now >= self.timetable.deadline_of(day)
        if day == self.timetable.day_of(now):
            self._watched.add(day)
        if not await self.store.editions.planned(day):
            if not over:
                await self._heed_standstill(day, {})
            elif day in self._watched:  # otherwise this process may not have run on that day
                await self._call(day, f"the edition of {day} was not made")
            return
        states = await self.store.deliveries.tally(day)
        left = sum(count for state, count in states.items() if state in WAITING)
        if not left:
            await self._tell_outcome(day, states)
        elif not over:
            await self._heed_standstill(day, states)
        elif not await self._awaits_answers(day, now):
            late = f"{counted(left, 'delivery was', 'deliveries were')} not made in time"
            await self._call(day, f"the edition of {day}: {late}")

    async def _tell_outcome(self, day: date, states: Mapping[State, int]) -> None:
        """Tell operators how an edition ended whose deliveries are all settled."""
        cases = await self._cases()
        if (trouble := _trouble(states)) is not None:
            await self._call(day, f"the edition of {day} {trouble}: {_told(states)}{cases}")
        elif (missing := await canary_trouble(self.store, self.canary, day)) is not None:
            await self._call(day, f"{missing}{cases}")
        elif day in self._watched:
            counts = _told(states) or "nothing to send"
            if await self.operators.well(f"the edition of {day} is complete: {counts}{cases}"):
                self._told.add(day)

    async def _cases(self) -> str:
        """How many cases are open, in words that end a message; empty if none is."""
        count = await self.store.review.count()
        return f"; {counted(count, 'report waits', 'reports wait')} for your decision" if count else ""

    async def _heed_standstill(self, day: date, states: Mapping[State, int]) -> None:
        late = self.clock.now() >= self.timetable.noon_of(day) + STANDSTILL
        if not late or State.ACCEPTED in states or day in self._told_of_standstill:
            return
        because = await self._why_it_stands(day)
        stand = _told(states) or "it is not made yet"
        if await self.operators.call(f"the edition of {day} stands still: {stand}{because}"):
            self._told_of_standstill.add(day)

    async def _why_it_stands(self, day: date) -> str:
        """What operators did that keeps an edition back, in words that end a message; empty if nothing."""
        if (hold := await self.store.editions.hold(day, self.clock.now())) is not None:
            return f"; {hold.by} holds it: {hold.words}"
        why = await self.store.pauses.current()
        return f"; sending is paused: {why.why}" if why else ""

    async def _awaits_answers(self, day: date, now: datetime) -> bool:
        """Whether a worker may still wait for replies to messages that it sent before the deadline."""
        held = await self.store.deliveries.held()
        in_time = now < self.timetable.deadline_of(day) + LAST_ANSWERS
        return in_time and any(one.batch.edition == day for one in held)

    async def _call(self, day: date, what: str) -> None:
        """Call operators about an edition. A call that nobody receives is made again at the next check."""
        if await self.operators.call(what):
            self._told.add(day)


def _trouble(states: Mapping[State, int]) -> str | None:
    """What is wrong with an edition that is settled, in words that follow its name; None if nothing is."""
    given = sum(states.get(state, 0) for state in (State.ACCEPTED, State.BOUNCED))
    failed = states.get(State.REFUSED, 0) + states.get(State.UNKNOWN, 0)
    if failed and not given:
        return "was given to nobody"
    return "was given to less than half of its readers" if failed > given else None


def _told(states: Mapping[State, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items()))


async def canary_trouble(store: Store, canary: str | None, day: date) -> str | None:
    """What is wrong with the canary's delivery once the day's edition is settled; None if nothing is.

    The canary is the address of an operator who should get every edition that is not empty. It is also wrong
    if the canary is no subscriber or its wishes leave the edition out: then it shows nothing about other
    mail.
    """
    edition = await store.editions.sealed(day) if canary is not None else None
    if canary is None or edition is None or edition.empty:
        return None
    subscription = await store.subscriptions.find(canary)
    if subscription is None:
        return "the canary is no subscriber"
    state = await store.deliveries.state(day, subscription.subscriber)
    if state is None and subscription.wishes.weekly is not None:
        return f"the canary was not to get the edition of {day}: its editions come once a week"
    if state is None:
        return f"the canary was not to get the edition of {day}: its subscription is {subscription.standing}"
    return None if state is State.ACCEPTED else f"the canary did not get the edition of {day}: {state}"
