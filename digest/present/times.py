"""The time of the edition, in words for readers."""

from __future__ import annotations

from datetime import time
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


def _zone_words(zone: ZoneInfo) -> str:
    """The zone by its city: "Paris time". A zone without a city keeps its name, such as "UTC"."""
    region, _, city = zone.key.rpartition("/")
    return f"{city.replace('_', ' ')} time" if region and region != "Etc" else city
