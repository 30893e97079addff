"""After each look: is the day's edition complete, did the canary get it, and was the deadline kept?

Each is told to operators once a day by each process; hearing it twice harms nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from digest.deliveries import GIVEN, WAITING, State
from digest.ports import Clock, Operators, Store
from digest.schedule import Timetable


@dataclass(slots=True, kw_only=True)
class Watch:
    """What operators were told already."""

    timetable: Timetable
    store: Store
    clock: Clock
    operators: Operators
    canary: str | None = None
    _told: set[date] = field(default_factory=set)

    async def look(self) -> None:
        now = self.clock.now()
        day = self.timetable.day_of(now)
        if day in self._told or now < self.timetable.noon_of(day):
            return
        over = now >= self.timetable.deadline_of(day)
        if not await self.store.editions.planned(day):
            if over:
                await self._tell(day, f"the edition of {day} was not made", well=False)
            return
        states = await self.store.deliveries.tally(day)
        left = sum(count for state, count in states.items() if state in WAITING)
        if left and not over:
            return
        if left:
            await self._tell(
                day, f"the edition of {day}: {left} deliveries were not made in time", well=False
            )
        elif states and not states.keys() & GIVEN:
            await self._tell(day, f"the edition of {day} was given to nobody: {_told(states)}", well=False)
        elif (missing := await canary_trouble(self.store, self.canary, day)) is not None:
            await self._tell(day, missing, well=False)
        else:
            counts = _told(states) or "nothing to send"
            await self._tell(day, f"the edition of {day} is complete: {counts}", well=True)

    async def _tell(self, day: date, what: str, *, well: bool) -> None:
        self._told.add(day)
        await (self.operators.well(what) if well else self.operators.call(what))


def _told(states: Mapping[State, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items()))


async def canary_trouble(store: Store, canary: str | None, day: date) -> str | None:
    """What is wrong with the canary, if anything is; on a day without an edition nothing can be."""
    if canary is None or not await store.deliveries.tally(day):
        return None
    subscription = await store.subscriptions.find(canary)
    if subscription is None:
        return "the canary is no subscriber"
    state = await store.deliveries.state(day, subscription.subscriber)
    if state is None:
        return None  # an edition for those alone who were owed an earlier one
    return None if state in GIVEN else f"the canary did not get the edition of {day}: {state}"
