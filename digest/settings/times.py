"""Settings for times: when the edition, alerts and the weekly email are sent."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator

from digest.edition import Ending
from digest.schedule import Timetable, Weekday
from digest.settings.connection import Section
from digest.settings.types import ClockTime, Count, Duration, Switch, Zone, expected


class EditionSettings(Section):
    """When the one daily edition is closed and sent."""

    zone: Zone = ZoneInfo("Europe/London")
    """The time zone of the times below."""
    noon: ClockTime = time(12, 0)
    """When sending begins."""
    cutoff: ClockTime = time(11, 45)
    """News found up to this time enters the day's edition; it must not be after noon."""
    lateness: Duration = timedelta(hours=6)
    """How long after noon the edition may still be sent; what is left comes with the next one."""
    hold_until: ClockTime | None = None
    """When an edition goes that operators hold and nobody releases; left out, half of lateness after noon."""

    preview_at: ClockTime | None = None
    """When operators.mail gets the edition as it stands, before it goes; left out, there is no such mail."""
    closing_line: Switch = True
    """Whether an edition ends with what our ratings say about a story of it, if that is rare and true."""
    scoreboard: Switch = True
    """Whether the edition of a Friday ends with the moves of the week."""

    @field_validator("cutoff")
    @classmethod
    def _is_before_noon(cls, cutoff: time, others: ValidationInfo) -> time:
        noon = others.data.get("noon")
        if noon is not None and cutoff > noon:
            raise expected(f"a time not after edition.noon, which is {noon:%H:%M}")
        return cutoff

    @field_validator("lateness")
    @classmethod
    def _is_less_than_a_day(cls, lateness: timedelta) -> timedelta:
        if not timedelta(0) < lateness < timedelta(days=1):
            raise expected('a stretch of time above 0 and below 24 hours, such as "6h"')
        return lateness

    @field_validator("hold_until")
    @classmethod
    def _is_in_time(cls, until: time | None, others: ValidationInfo) -> time | None:
        noon, lateness = others.data.get("noon"), others.data.get("lateness")
        if until is None or noon is None or lateness is None:
            return until
        after = timedelta(hours=until.hour - noon.hour, minutes=until.minute - noon.minute)
        if not timedelta(0) <= after < lateness:
            raise expected("a time from edition.noon on, and within edition.lateness of it")
        return until

    @field_validator("preview_at")
    @classmethod
    def _is_before_it_goes(cls, at: time | None, others: ValidationInfo) -> time | None:
        noon = others.data.get("noon")
        if at is not None and noon is not None and at >= noon:
            raise expected(f"a time before edition.noon, which is {noon:%H:%M}")
        return at

    @property
    def ending(self) -> Ending:
        return Ending(closing_line=self.closing_line, scoreboard=self.scoreboard)

    @property
    def timetable(self) -> Timetable:
        return Timetable(
            zone=self.zone,
            cutoff=self.cutoff,
            noon=self.noon,
            lateness=self.lateness,
            hold_until=self.hold_until,
        )


class AlertSettings(Section):
    """Alerts: emails sent at once to subscribers who watch a service and asked for alerts."""

    per_day: Annotated[Count, Field(ge=0, le=100)] = 3
    """The most alerts for one subscriber in a day; the rest comes in the edition. 0: no alerts."""
    earliest: ClockTime = time(7, 0)
    """When alerts may go out in the morning, in edition.zone; news found at night waits until then."""
    latest: ClockTime = time(22, 0)
    """When alerts stop in the evening."""

    @field_validator("latest")
    @classmethod
    def _is_after_earliest(cls, latest: time, others: ValidationInfo) -> time:
        earliest = others.data.get("earliest")
        if earliest is not None and latest <= earliest:
            raise expected(f"a time after alerts.earliest, which is {earliest:%H:%M}")
        return latest


class ProofSettings(Section):
    """The weekly email to subscribers who asked for one when there is no edition."""

    day: Weekday = Weekday.FRIDAY
    """The day of the week on which it is sent."""
    at: ClockTime = time(12, 0)
    """The time at which it is sent, in edition.zone; not before the day's edition is assembled."""
