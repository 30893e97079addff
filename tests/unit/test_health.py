"""The health of a source: what its polls, its history and its operators make it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from digest.health import READ_WITHIN, Facts, Health, facts_of, health_of
from digest.rhythm import rhythm_of
from digest.sources import SLOW_AFTER, Polled

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday
LATELY = NOW - timedelta(minutes=20)
DAY = timedelta(days=1)


def some(trouble: str | None = None, **facts: object) -> Facts:
    return Facts(**({"checked_at": LATELY, "trouble": trouble} | facts))  # type: ignore[arg-type]


def weekly(last: date) -> dict[str, object]:
    """A source that has listed something new every week, the last time on a day."""
    return {"rhythm": rhythm_of({last - n * 7 * DAY: 2 for n in range(8)})}


@pytest.mark.parametrize(
    ("facts", "health"),
    [
        (some(), Health.OK),
        (some(unchanged=True), Health.UNCHANGED),
        (some(shadow=True), Health.SHADOW),
        (some(shadow=True, unchanged=True), Health.SHADOW),
        (some("503", shadow=True), Health.FAILING),
        (some("503", paused=True), Health.PAUSED),
        (some("503"), Health.FAILING),
        (some("503", checked_at=None), Health.FAILING),
        (some("503", held=3), Health.FAILING),
        (some("403 Forbidden", blocked=True), Health.BLOCKED),
        (some(checked_at=None), Health.NEW),
        (some(checked_at=NOW - READ_WITHIN), Health.OK),
        (some(checked_at=NOW - READ_WITHIN - timedelta.resolution), Health.OVERDUE),
        (some(listed=0), Health.EMPTY),
        (some(listed=1), Health.OK),
        (some(held=1), Health.HELD),
        (some(slow=SLOW_AFTER), Health.SLOW),
        (some(slow=SLOW_AFTER - 1), Health.OK),
        (some(**weekly(date(2026, 2, 9))), Health.QUIET),
        (some(**weekly(date(2026, 2, 10))), Health.OK),
    ],
)
def test_a_source_is_what_its_facts_make_it(facts: Facts, health: Health) -> None:
    assert health_of(facts, NOW) is health


def test_a_silence_over_days_on_which_nobody_publishes_is_lawful() -> None:
    facts, election = some(**weekly(date(2026, 2, 9))), {NOW.date() - n * DAY for n in range(5)}

    assert health_of(facts, NOW, election) is Health.OK
    assert health_of(facts, NOW + 10 * DAY, election) is Health.OVERDUE
    assert health_of(some(checked_at=NOW + 5 * DAY, **weekly(date(2026, 2, 9))), NOW + 5 * DAY, election) is (
        Health.QUIET
    )


def test_a_source_has_failed_if_its_last_poll_did_and_not_because_it_is_long_ago() -> None:
    assert {health for health in Health if health.failed} == {Health.FAILING, Health.BLOCKED}


def test_no_source_is_both_well_and_unread_except_one_that_is_new_or_paused() -> None:
    assert {health for health in Health if health.well and not health.read} == {Health.NEW, Health.PAUSED}


def test_a_source_that_was_never_polled_is_new() -> None:
    assert health_of(facts_of(None), NOW) is Health.NEW


@pytest.mark.parametrize(
    ("polled", "health"),
    [
        ({"trouble": "503"}, Health.FAILING),
        ({"trouble": "403 Forbidden", "refused": True}, Health.BLOCKED),
        ({"full_at": LATELY, "listed": 3}, Health.OK),
        ({"full_at": LATELY - DAY, "listed": 3}, Health.UNCHANGED),
        ({"full_at": LATELY, "listed": 0}, Health.EMPTY),
        ({"full_at": LATELY - DAY, "listed": 0}, Health.EMPTY),
        ({"slow": SLOW_AFTER}, Health.SLOW),
    ],
)
def test_the_memory_of_polls_says_how_a_source_is(polled: dict[str, object], health: Health) -> None:
    memory = Polled(source="hmip", next_poll_at=NOW, checked_at=LATELY, **polled)  # type: ignore[arg-type]

    assert health_of(facts_of(memory), NOW) is health
