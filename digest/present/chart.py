"""Drawings of numbers: how grades are shared out, and how many moved in each month. No colours.

Widths and places across are in percent of the drawing, heights in pixels: text keeps its size on any screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from digest.changes import Movement
from digest.ports.public import GradeCount
from digest.present.times import first_of, months

MONTHS: Final = 12
"""The most months of a drawing."""

SHADES: Final = 6
"""Grades after so many share the last shade."""

_TALLEST: Final = 56  # pixels of the tallest bar
_LEAST: Final = 3  # of the smallest one
_ROOM: Final = 18  # above and below, for the numbers
_GAP: Final = 0.3  # of the place of a month, between two bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The services with one grade, as a part of a bar."""

    grade: str
    services: int
    percent: int  # rounded
    x: float
    width: float
    shade: int  # 1 is that of the best grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The moves of a month: the bar above the line, and the one below it."""

    first: date
    up: int
    down: int
    x: float  # the middle of its place
    up_height: int
    down_height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthChart:
    """Moves by month, the earliest first."""

    months: tuple[Month, ...]
    width: float  # of a bar
    line: int  # where the line between up and down is
    height: int

    @property
    def up(self) -> int:
        return sum(one.up for one in self.months)

    @property
    def down(self) -> int:
        return sum(one.down for one in self.months)


def shares(counts: Sequence[GradeCount]) -> tuple[Share, ...]:
    """The parts of the bar of one scale, the best grade first."""
    total = sum(one.services for one in counts)
    found, x = [], 0.0
    for place, one in enumerate(counts):
        width = 100 * one.services / total
        shade = min(place if one.rank is None else one.rank, SHADES - 1) + 1
        found.append(
            Share(
                grade=one.grade,
                services=one.services,
                percent=round(width),
                x=round(x, 2),
                width=round(width, 2),
                shade=shade,
            )
        )
        x += width
    return tuple(found)


def month_chart(moves: Mapping[date, Mapping[Movement, int]], first: date, last: date) -> MonthChart | None:
    """The moves of the months from that of `first` to that of `last`, the latest twelve; None without any."""
    latest = list(months(first, last))[-MONTHS:]
    counts = {month: {Movement.UPGRADE: 0, Movement.DOWNGRADE: 0} for month in latest}
    for day, of_day in moves.items():
        for movement, count in of_day.items():
            if movement in (own := counts.get(first_of(day), {})):
                own[movement] += count
    most = max((count for own in counts.values() for count in own.values()), default=0)
    if not most:
        return None
    place = 100 / len(latest)
    up = max(_height(own[Movement.UPGRADE], most) for own in counts.values())
    down = max(_height(own[Movement.DOWNGRADE], most) for own in counts.values())
    return MonthChart(
        months=tuple(
            Month(
                first=month,
                up=own[Movement.UPGRADE],
                down=own[Movement.DOWNGRADE],
                x=round((number + 0.5) * place, 2),
                up_height=_height(own[Movement.UPGRADE], most),
                down_height=_height(own[Movement.DOWNGRADE], most),
            )
            for number, (month, own) in enumerate(counts.items())
        ),
        width=round(min(place * (1 - _GAP), 10), 2),
        line=up + _ROOM,
        height=up + down + 2 * _ROOM,
    )


def _height(count: int, most: int) -> int:
    return max(_LEAST, round(_TALLEST * count / most)) if count else 0


def a_year_before(last: date) -> date:
    """The first day of the twelve months that end with that of `last`."""
    return date(last.year - (last.month < MONTHS), last.month % MONTHS + 1, 1)
