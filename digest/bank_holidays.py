"""The bank holidays of England and Wales, on which nobody is expected to publish.

By the Banking and Financial Dealings Act 1971 and the proclamations since; https://www.gov.uk/bank-holidays.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

_MOVED: Final = {
    date(2020, 5, 4): date(2020, 5, 8),  # VE Day, 75 years
    date(2022, 5, 30): date(2022, 6, 2),  # the Platinum Jubilee
}
_EXTRA: Final = (
    date(2022, 6, 3),  # the Platinum Jubilee
    date(2022, 9, 19),  # the funeral of Queen Elizabeth II
    date(2023, 5, 8),  # the coronation of King Charles III
)

MONDAY: Final = 0


def bank_holidays(year: int) -> frozenset[date]:
    """Those of a year, with the days in place of those on a weekend. Right from 2020 on."""
    easter = _easter(year)
    mondays = (
        _first(MONDAY, date(year, 5, 1)),
        _first(MONDAY, date(year, 5, 25)),
        _first(MONDAY, date(year, 8, 25)),
    )
    found = {_MOVED.get(day, day) for day in mondays}
    found |= {easter - timedelta(days=2), easter + timedelta(days=1)}
    found |= {day for day in _EXTRA if day.year == year}
    for day in (date(year, 1, 1), *_christmas(year)):
        found.add(_in_place_of(day, found))
    return frozenset(found)


def _christmas(year: int) -> tuple[date, date]:
    """Christmas Day and Boxing Day; the one that keeps its day first, as the other then moves past it."""
    days = (date(year, 12, 25), date(year, 12, 26))
    return days if days[0].weekday() < 5 else (days[1], days[0])


def _in_place_of(day: date, taken: set[date]) -> date:
    """The day itself if it is a weekday, else the next weekday that is free."""
    while day.weekday() > 4 or day in taken:
        day += timedelta(days=1)
    return day


def _first(weekday: int, day: date) -> date:
    """The first such weekday from a day on."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _easter(year: int) -> date:
    """Easter Sunday, by the Gregorian reckoning (Meeus, Jones and Butcher)."""
    golden = year % 19
    century, years = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    ahead = (32 + 2 * rest + 2 * (years // 4) - moon - years % 4) % 7
    late = (golden + 11 * moon + 22 * ahead) // 451
    month, day = divmod(moon + ahead - 7 * late + 114, 31)
    return date(year, month, day + 1)
