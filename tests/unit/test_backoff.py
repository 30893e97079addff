"""The wait before the next try."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.backoff import doubling

MINUTE = timedelta(minutes=1)


def test_the_wait_doubles_with_each_failure_up_to_the_longest():
    waits = [doubling(2 * MINUTE, failures, 30 * MINUTE) for failures in range(1, 8)]

    assert waits == [2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 16 * MINUTE, 30 * MINUTE, 30 * MINUTE, 30 * MINUTE]


def test_seconds_are_doubled_like_durations():
    assert [doubling(0.05, failures, 1.0) for failures in (1, 2, 3, 6)] == [0.05, 0.1, 0.2, 1.0]


@given(st.integers(-1, 10**9))
def test_no_number_of_failures_is_too_large_for_a_wait(failures):
    assert MINUTE <= doubling(MINUTE, failures, 60 * MINUTE) <= 60 * MINUTE
