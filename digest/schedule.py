"""Schedule: the edition's day, cut-off, noon and deadline. Only this module turns local times into instants.

Instants are aware and in UTC; windows are half-open. A day on which the clocks change has 23 or 25 hours, one
cut-off and one noon: both come from the calendar, never from adding 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @classmethod
    def of(cls, day: date) -> Weekday:
        return list(cls)[day.weekday()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open period of time, `start <= instant < end`, in UTC."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The local times of the daily edition."""

    zone: ZoneInfo
    cutoff: time  # local; what is found before it is in the day's edition
    noon: time  # local; no message is submitted before it
    lateness: timedelta  # how long after noon messages may still be submitted; local midnight ends it earlier
    hold_until: time | None = None  # local; when a hold ends by itself; None: halfway to the deadline

    def day_of(self, instant: datetime) -> date:
        """The local calendar day of an instant."""
        return instant.astimezone(self.zone).date()

    def cutoff_of(self, day: date) -> datetime:
        """The instant of the day's cut-off."""
        return self._at(day, self.cutoff)

    def noon_of(self, day: date) -> datetime:
        """The instant of the day's noon."""
        return self._at(day, self.noon)

    def deadline_of(self, day: date) -> datetime:
        """The instant from which the day's edition is over; its unsent stories come with the next edition.

        Never after local midnight, because no subscriber gets two editions on one local day.
        """
        return min(self.noon_of(day) + self.lateness, self._at(day + timedelta(days=1), time()))

    def hold_end_of(self, day: date) -> datetime:
        """The instant at which a hold of the day's edition ends by itself; before its deadline."""
        noon, deadline = self.noon_of(day), self.deadline_of(day)
        half = noon + (deadline - noon) / 2
        if self.hold_until is None:
            return half
        wanted = self._at(day, self.hold_until)
        return wanted if noon <= wanted < deadline else half

    def sending_of(self, day: date) -> Window:
        """The window in which the day's edition may be submitted: from noon to the deadline."""
        return Window(start=self.noon_of(day), end=self.deadline_of(day))

    def days_sent(self, since: datetime, until: datetime) -> list[date]:
        """The days whose editions may have been submitted, in whole or in part, between two instants."""
        first, last = self.day_of(since), self.day_of(until)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in days if since < self.deadline_of(day) and self.noon_of(day) <= until]

    def begun_by(self, now: datetime) -> date | None:
        """Today, if some may have its edition already."""
        today = self.day_of(now)
        return today if now >= self.noon_of(today) else None

    def told_until(self, now: datetime) -> date:
        """The last day whose edition is public: today from noon on, before that yesterday."""
        today = self.day_of(now)
        return today if now >= self.noon_of(today) else today - timedelta(days=1)

    def edition_of(self, instant: datetime) -> date:
        """The day of the edition that tells what is found at an instant."""
        day = self.day_of(instant)
        return day if instant < self.cutoff_of(day) else day + timedelta(days=1)

    def open_days(self, now: datetime) -> Iterator[date]:
        """The day whose edition is past its cut-off and before its deadline; one day or none.

        It is always the present local day, because no deadline is after midnight.
        """
        day = self.day_of(now)
        if self.cutoff_of(day) <= now < self.deadline_of(day):
            yield day

    def _at(self, day: date, clock: time) -> datetime:
        # A time that is skipped in spring counts as one hour later; of a doubled one in autumn the first
        # counts (PEP 495).
        return datetime.combine(day, clock.replace(fold=0), self.zone).astimezone(UTC)
