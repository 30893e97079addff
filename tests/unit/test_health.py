"""How a source stands, and when operators hear that it turned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.health import QUIET_AT_LEAST, READ_WITHIN, Facts, Health, facts_of, health_of, turned
from digest.sources import Polled

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATELY = NOW - timedelta(minutes=20)
HEALTHS = st.sampled_from(Health)


def some(trouble: str | None = None, **facts: object) -> Facts:
    return Facts(**({"checked_at": LATELY, "trouble": trouble} | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "health"),
    [
        (some(), Health.HEALTHY),
        (some("503"), Health.FAILING),
        (some("503", checked_at=None), Health.FAILING),
        (some("403 Forbidden", blocked=True), Health.BLOCKED),
        (some(checked_at=None), Health.NEW),
        (some(checked_at=NOW - READ_WITHIN), Health.HEALTHY),
        (some(checked_at=NOW - READ_WITHIN - timedelta.resolution), Health.OVERDUE),
        (some(listed=0), Health.EMPTY),
        (some(listed=1), Health.HEALTHY),
        (some(last_new_at=NOW - timedelta(days=41), usual_gap=timedelta(days=10)), Health.QUIET),
        (some(last_new_at=NOW - timedelta(days=39), usual_gap=timedelta(days=10)), Health.HEALTHY),
        (some(last_new_at=NOW - QUIET_AT_LEAST, usual_gap=timedelta(hours=1)), Health.HEALTHY),
        (some(last_new_at=NOW - timedelta(days=400)), Health.HEALTHY),
    ],
)
def test_a_source_stands_as_its_last_looks_went(facts: Facts, health: Health) -> None:
    assert health_of(facts, NOW) is health


def test_a_source_has_failed_if_its_last_look_did_and_not_because_it_is_long_ago() -> None:
    assert {health for health in Health if health.failed} == {Health.FAILING, Health.BLOCKED}


def test_a_source_that_was_never_polled_is_new() -> None:
    assert health_of(facts_of(None), NOW) is Health.NEW


def test_the_memory_of_a_poll_says_how_a_source_stands() -> None:
    polled = Polled(source="hmip", next_poll_at=NOW, checked_at=LATELY, trouble="503")

    assert health_of(facts_of(polled), NOW) is Health.FAILING


@pytest.mark.parametrize("ill", [Health.FAILING, Health.BLOCKED, Health.OVERDUE, Health.EMPTY, Health.QUIET])
def test_operators_hear_once_that_a_source_turned_and_once_that_it_healed(ill: Health) -> None:
    course = [Health.NEW, Health.HEALTHY, ill, ill, ill, Health.HEALTHY, Health.HEALTHY]

    told = [turn for before, now in pairwise(course) if (turn := turned(before, now))]
    assert [(turn.now, turn.healed) for turn in told] == [(ill, False), (Health.HEALTHY, True)]


def test_a_source_that_alternates_between_refusing_and_failing_is_told_of_once() -> None:
    course = [Health.HEALTHY, Health.FAILING, Health.BLOCKED, Health.FAILING, Health.OVERDUE]

    assert sum(turned(before, now) is not None for before, now in pairwise(course)) == 1


@given(HEALTHS, HEALTHS)
def test_what_is_told_one_way_is_told_the_other_way(before: Health, now: Health) -> None:
    assert (turned(before, now) is None) == (turned(now, before) is None)
