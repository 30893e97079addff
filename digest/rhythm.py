"""The rhythm of a source: how often it lists something new, and what its own history makes likely.

Everything is counted in whole days (UTC). `days` maps a day to the number of items that were new on it; days
without any are left out. What a baseline brought is no news and is not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Final

REMEMBERED: Final = timedelta(days=400)
"""How much of a source's history counts: a year, with room for what comes once a year."""

ENOUGH_DAYS: Final = 5
"""On so many days something must have been new before a silence says anything."""

SILENT_GAPS: Final = 4
"""A silence is unlikely after so many usual gaps..."""

SILENT_LONGEST: Final = 1.5
"""...and after so many times the longest gap that there was..."""

SILENT_AT_LEAST: Final = 7
"""...and so many days: a daily source may pause for a week."""

BATCH_FLOOR: Final = 10
"""A batch of so many items is likely for every source, whatever its history."""

BATCH_TIMES: Final = 3
"""A batch is likely up to so many times the most that the history shows for as many days."""


ROWS_SHARE: Final = 0.1
"""Of a publisher's data, up to this share of the records is likely to change from one file to the next..."""

ROWS_FLOOR: Final = 50
"""...or so many of a short table, but not more than half of it..."""

ROWS_MONTHS: Final = 3
"""...and after an absence so many times the share at most."""


def largest_change(rows: int, covered: timedelta) -> int:
    """How many of a publisher's records are likely to change in the time since the last look, `covered`.

    A month's inspections change one row in thirty; grades in the wrong column change nearly all.
    """
    months = min(ROWS_MONTHS, max(1.0, covered / timedelta(days=30)))
    return max(min(ROWS_FLOOR, rows // 2), ceil(ROWS_SHARE * rows * months))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a source lists something new."""

    first: date | None  # the first day with something new; None: there was none
    last: date | None
    on_days: int  # how many days had something new
    items: int  # how many items they had together
    busiest: int  # the most items on one day
    gap: float | None  # the usual number of days from one such day to the next; None: too few are known
    longest_gap: int | None
    weekdays: bool  # nothing was ever new on a weekend: gaps and silences count Mondays to Fridays
    rested: frozenset[date] = field(default=frozenset(), repr=False)  # days on which we did not look

    def quiet_from(self) -> date | None:
        """The first day on which the silence since the last new item is unlikely; None: nothing is expected.

        Weekends are lawful silences of a source that never listed anything new on one.
        """
        if self.last is None or self.gap is None or self.longest_gap is None:
            return None
        at_least = SILENT_AT_LEAST * 5 // 7 if self.weekdays else SILENT_AT_LEAST
        likely = ceil(max(SILENT_GAPS * self.gap, SILENT_LONGEST * self.longest_gap, at_least))
        rest = _count(self.rested, self.last, date.max, weekdays=self.weekdays)
        return _after(self.last, likely + 1 + rest, weekdays=self.weekdays)

    def quiet(self, today: date, silences: Collection[date] = ()) -> bool:
        """Whether it has listed nothing new for longer than its history makes likely.

        Days of `silences` do not count: on these nobody is expected to publish.
        """
        begins, last = self.quiet_from(), self.last
        if begins is None or last is None:
            return False
        lawful = _count(frozenset(silences) - self.rested, last, today, weekdays=self.weekdays)
        return _after(begins, lawful, weekdays=self.weekdays) <= today

    def largest_batch(self, covered: timedelta = timedelta(days=1)) -> int:
        """The most new items that one look makes likely.

        `covered` is the time since the look before: after an absence, each day of it may have brought
        something. Nobody writes more than a few times their busiest day on the next, but a publisher that
        moves its archive lists all of it.
        """
        days = max(1, ceil(covered / timedelta(days=1)))
        return max(BATCH_FLOOR, BATCH_TIMES * max(self.busiest, ceil(days * self._a_day())))

    def _a_day(self) -> float:
        """How many items are new on a day, taken over all days."""
        if self.first is None or self.last is None:
            return 0.0
        rest = sum(self.first < day < self.last for day in self.rested)
        return self.items / max(7, (self.last - self.first).days + 1 - rest)


def rhythm_of(days: Mapping[date, int], rested: Collection[date] = ()) -> Rhythm:
    """The rhythm that a source's history shows.

    `rested` are whole days on which we did not look, because an operator had paused the source: they are no
    silence of its publisher.
    """
    had = sorted(day for day, count in days.items() if count > 0)
    weekdays = len(had) >= ENOUGH_DAYS and all(day.weekday() < 5 for day in had)
    gaps = [
        max(1, _between(one, other, weekdays=weekdays) - _count(rested, one, other, weekdays=weekdays))
        for one, other in pairwise(had)
    ]
    enough = len(had) >= ENOUGH_DAYS
    return Rhythm(
        first=had[0] if had else None,
        last=had[-1] if had else None,
        on_days=len(had),
        items=sum(days[day] for day in had),
        busiest=max((days[day] for day in had), default=0),
        gap=median(gaps) if enough else None,
        longest_gap=max(gaps) if enough else None,
        weekdays=weekdays,
        rested=frozenset(rested),
    )


def _count(days: Collection[date], after: date, until: date, *, weekdays: bool) -> int:
    """How many of the days are after one day and until another; with `weekdays`, of Mondays to Fridays."""
    return sum(after < day <= until and not (weekdays and day.weekday() > 4) for day in days)


def _between(one: date, other: date, *, weekdays: bool) -> int:
    """The days from one day to a later one; with `weekdays`, both are Mondays to Fridays and so are these."""
    apart = (other - one).days
    if not weekdays:
        return apart
    weeks, rest = divmod(apart, 7)
    return weeks * 5 + rest - (2 if other.weekday() < one.weekday() else 0)


def _after(day: date, count: int, *, weekdays: bool) -> date:
    """The day that is `count` days after another; with `weekdays`, only Mondays to Fridays are counted."""
    if not weekdays:
        return day + timedelta(days=count)
    weeks, rest = divmod(count, 5)
    ahead = day.weekday() + rest
    return day + timedelta(days=7 * weeks + rest + (2 if ahead > 4 else 0))
