"""The clock: aware, and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from digest.adapters.clock import SystemClock


def test_the_clock_tells_the_time_in_utc():
    before = datetime.now(UTC)

    now = SystemClock().now()

    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC
