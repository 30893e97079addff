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
    cutoff: time  # local; discoveries up to it enter the day's edition
    noon: time  # local; the first submission is not before it
    lateness: timedelta  # after noon + lateness nothing of that day's edition is submitted any more

    def day_of(self, instant: datetime) -> date:
        """The local calendar day an instant falls on."""
        return instant.astimezone(self.zone).date()

    def cutoff_of(self, day: date) -> datetime:
        return self._at(day, self.cutoff)

    def noon_of(self, day: date) -> datetime:
        return self._at(day, self.noon)

    def deadline_of(self, day: date) -> datetime:
        """From this instant on the day's edition is over; what is left comes with the next one."""
        return self.noon_of(day) + self.lateness

    def window_of(self, day: date) -> Window:
        """From the day before's cut-off to this day's: 23, 24 or 25 hours long."""
        return Window(start=self.cutoff_of(day - timedelta(days=1)), end=self.cutoff_of(day))

    def sending_of(self, day: date) -> Window:
        """The stretch in which the day's edition may be submitted."""
        return Window(start=self.noon_of(day), end=self.deadline_of(day))

    def open_days(self, now: datetime) -> Iterator[date]:
        """Days whose edition should exist by now and can still be sent, oldest first: mostly none or one."""
        last = self.day_of(now)
        for back in range(self.lateness.days + 2, -1, -1):
            day = last - timedelta(days=back)
            if self.cutoff_of(day) <= now < self.deadline_of(day):
                yield day

    def _at(self, day: date, clock: time) -> datetime:
        # A local time skipped in spring reads as one hour on, a doubled one in autumn as its first (PEP 495).
        return datetime.combine(day, clock.replace(fold=0), self.zone).astimezone(UTC)
