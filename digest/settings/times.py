"""Times: when the edition, alerts and the proof of life are made and sent."""

from __future__ import annotations

from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator

from digest.schedule import Timetable
from digest.settings.connection import Section
from digest.settings.types import ClockTime, Count, Duration, Zone, expected


class EditionSettings(Section):
    """When the one daily edition is closed and sent."""

    zone: Zone = ZoneInfo("Europe/London")
    """The time zone in which the two times below are meant."""
    noon: ClockTime = time(12, 0)
    """When sending begins."""
    cutoff: ClockTime = time(11, 45)
    """What is discovered up to this time enters today's edition; not after noon."""
    lateness: Duration = timedelta(hours=6)
    """How long after noon an edition may still be sent; what is left comes with the next one."""

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

    @property
    def timetable(self) -> Timetable:
        return Timetable(zone=self.zone, cutoff=self.cutoff, noon=self.noon, lateness=self.lateness)


class AlertSettings(Section):
    """Alerts: mails at once to those who watch a service and asked for them."""

    per_day: Annotated[Count, Field(ge=0, le=100)] = 3
    """How many alerts one subscriber gets in a day, at the most; the edition tells the rest. 0: no alerts."""
    earliest: ClockTime = time(7, 0)
    """When alerts begin in the morning, in edition.zone; what is found at night waits for it."""
    latest: ClockTime = time(22, 0)
    """When they end in the evening."""

    @field_validator("latest")
    @classmethod
    def _is_after_earliest(cls, latest: time, others: ValidationInfo) -> time:
        earliest = others.data.get("earliest")
        if earliest is not None and latest <= earliest:
            raise expected(f"a time after alerts.earliest, which is {earliest:%H:%M}")
        return latest


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class ProofSettings(Section):
    """The weekly mail to those who asked for one when there was no edition."""

    day: Weekday = Weekday.FRIDAY
    """On which day it is sent."""
    at: ClockTime = time(12, 0)
    """When, in edition.zone; not before the day's edition is made."""
