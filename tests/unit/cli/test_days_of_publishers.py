"""A day that a publisher gives is shown as that day, also where the clock is ahead of UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.cli.common import day_or_instant


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 7, 27, 23, tzinfo=UTC), "Tue 28 Jul 2026"),  # midnight in London
        (datetime(2026, 11, 24, tzinfo=UTC), "Tue 24 Nov 2026"),
        (datetime(2026, 7, 28, 8, 1, tzinfo=UTC), "Tue 28 Jul 2026 08:01 UTC"),
    ],
)
def test_a_date_without_a_time_is_shown_as_its_day(at: datetime, shown: str) -> None:
    assert day_or_instant(at, ZoneInfo("Europe/London")) == shown
