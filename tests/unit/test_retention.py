"""How long things are kept, and when the day's pruning is due."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from builders import a_timetable

from digest.jobs.prune import kept_for
from digest.ports import Rule
from digest.retention import FOR_EVER, RULES, Retention, due, table
from digest.settings import RetentionSettings

DAY = date(2020, 7, 1)
TIMETABLE = a_timetable()
PAGE = Path(__file__).parents[2] / "docs" / "subscribers.md"


def test_every_setting_is_explained_followed_and_in_the_operators_manual() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert set(RULES) == {f.name for f in fields(Retention)} == set(RetentionSettings.model_fields)
    assert set(kept_for(Retention())) == set(Rule)
    assert table() in page
    assert all(f"- {kept}" in page for kept in FOR_EVER)


def test_what_is_not_set_is_kept_as_the_table_says() -> None:
    assert RetentionSettings().kept == Retention()


@pytest.mark.parametrize(
    ("last", "clock", "is_due"),
    [
        (None, "12:00", True),
        (DAY, "23:00", False),
        (DAY - timedelta(days=1), "03:00", True),
        (DAY - timedelta(days=1), "11:45", False),  # an edition is on its way
        (DAY - timedelta(days=1), "18:00", True),
        (DAY - timedelta(days=2), "12:30", True),  # it would never come to it otherwise
        (DAY - timedelta(days=1), "00:10", True),
    ],
)
def test_pruning_comes_once_a_local_day_and_keeps_out_of_noons_way(
    last: date | None, clock: str, is_due: bool
) -> None:
    now = datetime.combine(DAY, time.fromisoformat(clock), TIMETABLE.zone).astimezone(UTC)

    assert due(last, TIMETABLE, now) is is_due
