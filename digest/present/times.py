"""The time of the edition in words for readers, and months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_NAMED: Final = {time(0): "midnight", time(12): "noon"}
_UNNAMED_ZONE: Final = "Europe/London"
"""The inspectorates' own zone. For readers, a time without a zone is in it."""


def time_words(at: time, zone: ZoneInfo) -> str:
    """A local time of day, in words that follow "at": "noon", "8am", "5:30pm, Paris time"."""
    minutes = f":{at.minute:02}" if at.minute else ""
    half = "am" if at.hour < 12 else "pm"
    words = _NAMED.get(at, f"{(at.hour + 11) % 12 + 1}{minutes}{half}")
    return words if zone.key == _UNNAMED_ZONE else f"{words}, {_zone_words(zone)}"


def first_of(day: date) -> date:
    """The first day of the month that a day is in."""
    return day.replace(day=1)


def months(first: date, last: date) -> Iterator[date]:
    """The first days of the months from one day's to another's."""
    month = first_of(first)
    while month <= last:
        yield month
        month = first_of(month + timedelta(days=31))


def _zone_words(zone: ZoneInfo) -> str:
    """The zone by its city: "Paris time". A zone without a city keeps its name, such as "UTC"."""
    region, _, city = zone.key.rpartition("/")
    return f"{city.replace('_', ' ')} time" if region and region != "Etc" else city
