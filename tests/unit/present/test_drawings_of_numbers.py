"""Drawings of numbers: parts of a bar add up, and months begin with the first edition."""

from __future__ import annotations

from datetime import date

import pytest

from digest.changes import Movement
from digest.ports.public import GradeCount
from digest.present.chart import MonthChart, a_year_before, month_chart, shares
from digest.present.table import ordinal, places

UP, DOWN = Movement.UPGRADE, Movement.DOWNGRADE


def counts(*services: int) -> list[GradeCount]:
    return [
        GradeCount(scale="s", grade=f"grade {rank}", rank=rank, services=count)
        for rank, count in enumerate(services)
    ]


def test_the_parts_of_a_bar_fill_it() -> None:
    found = shares(counts(1, 2, 0, 5))

    assert [one.x for one in found] == [0, 12.5, 37.5, 37.5]
    assert sum(one.width for one in found) == 100
    assert [(one.percent, one.shade) for one in found] == [(12, 1), (25, 2), (0, 3), (62, 4)]
    assert shares([]) == ()


def test_the_same_grade_is_the_same_place() -> None:
    assert places(counts(1, 2, 1)) == {"grade 0": "1st", "grade 1": "Joint 2nd", "grade 2": "4th"}


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (112, "112th"), (1021, "1,021st")],
)
def test_a_place_in_words(number: int, said: str) -> None:
    assert ordinal(number) == said


def drawn(moves: dict[date, dict[Movement, int]], first: date, last: date) -> MonthChart:
    found = month_chart(moves, first, last)
    assert found is not None
    return found


def test_moves_of_a_month_are_one_bar_up_and_one_down() -> None:
    moves = {date(2026, 1, 5): {UP: 1}, date(2026, 1, 9): {UP: 3, DOWN: 2}, date(2026, 3, 1): {DOWN: 1}}
    chart = drawn(moves, date(2026, 1, 3), date(2026, 3, 9))

    assert [(one.first.month, one.up, one.down) for one in chart.months] == [(1, 4, 2), (2, 0, 0), (3, 0, 1)]
    assert (chart.up, chart.down) == (4, 3)
    [january, february, march] = chart.months
    assert january.up_height == 2 * january.down_height
    assert (february.up_height, february.down_height, march.up_height) == (0, 0, 0)
    assert 0 < march.down_height <= chart.height - chart.line


def test_a_drawing_has_twelve_months_at_most() -> None:
    chart = drawn({date(2026, 3, 1): {UP: 1}}, date(2020, 1, 1), date(2026, 3, 9))

    assert [chart.months[0].first, chart.months[-1].first] == [date(2025, 4, 1), date(2026, 3, 1)]
    assert chart.months[0].first == a_year_before(date(2026, 3, 9))
    assert a_year_before(date(2026, 12, 31)) == date(2026, 1, 1)


def test_without_a_move_there_is_no_drawing() -> None:
    assert month_chart({}, date(2026, 1, 1), date(2026, 3, 9)) is None
