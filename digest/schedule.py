"""The edition day, its cut-off and noon: the only place that turns local days into instants.

Instants are aware and in UTC; stretches are half-open. A clock-change day has 23 or 25 hours and still
one cut-off and one noon, because both are found from the calendar, never by adding 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open stretch of time, `start <= instant < end`, in UTC."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When the one daily edition closes, leaves, and is too late to leave."""

    zone: ZoneInfo
    cutoff: time  # local; discoveries before it enter the day's edition
    noon: time  # local; the first submission is not before it
    lateness: timedelta  # how long after noon the day's edition may still be submitted, midnight at the most

    def day_of(self, instant: datetime) -> date:
        """The local calendar day an instant falls on."""
        return instant.astimezone(self.zone).date()

    def cutoff_of(self, day: date) -> datetime:
        return self._at(day, self.cutoff)

    def noon_of(self, day: date) -> datetime:
        return self._at(day, self.noon)

    def deadline_of(self, day: date) -> datetime:
        """From this instant on the day's edition is over; what is left comes with the next one.

        Never past local midnight: two editions must not leave on one local day (promise 1).
        """
        return min(self.noon_of(day) + self.lateness, self._at(day + timedelta(days=1), time()))

    def sending_of(self, day: date) -> Window:
        """The stretch in which the day's edition may be submitted."""
        return Window(start=self.noon_of(day), end=self.deadline_of(day))

    def edition_of(self, instant: datetime) -> date:
        """The day whose edition a discovery of this instant enters."""
        day = self.day_of(instant)
        return day if instant < self.cutoff_of(day) else day + timedelta(days=1)

    def open_days(self, now: datetime) -> Iterator[date]:
        """The day whose edition should exist by now and can still be sent, if there is one.

        Only the local day itself can be open, because no deadline is past its midnight.
        """
        day = self.day_of(now)
        if self.cutoff_of(day) <= now < self.deadline_of(day):
            yield day

    def _at(self, day: date, clock: time) -> datetime:
        # A local time skipped in spring reads as one hour on, a doubled one in autumn as its first (PEP 495).
        return datetime.combine(day, clock.replace(fold=0), self.zone).astimezone(UTC)
