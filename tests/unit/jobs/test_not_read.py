"""What becomes of an item whose page was not read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from digest.items import Item
from digest.jobs.not_read import (
    ASKED_EVERY,
    ASKED_FOR,
    LEAST_AGE,
    TRIES,
    NotRead,
    Parked,
    PutOff,
    StoodIn,
    fate,
    not_read,
)
from digest.ports import Blocked, HostShut, Unreached, Unread

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FORBIDDEN = not_read(Blocked(reason="403 Forbidden", by_server=True, withheld=True))
GONE = not_read(Blocked(reason="410 Gone"))
AWAY = not_read(Unreached(reason="no connection"))
NO_RULES = not_read(HostShut(reason="robots.txt: 503", wait=HOUR, withheld=True))
BUSY = not_read(HostShut(reason="asked to be left alone", wait=HOUR))


def unread(attempts: int, age: timedelta, *, parked: bool = False) -> Unread:
    return Unread(
        id=1,
        item=Item(title="Kent", link="https://example.org/kent"),
        source="feed",
        attempts=attempts,
        since=NOW - age,
        parked=parked,
    )


def after(
    attempts: int, age: timedelta, outcome: NotRead, *, parked: bool = False
) -> PutOff | Parked | StoodIn:
    return fate(unread(attempts, age, parked=parked), outcome, NOW)


def test_a_page_that_does_not_come_is_parked_after_its_tries() -> None:
    for outcome in (GONE, AWAY):
        assert isinstance(after(TRIES - 2, 9 * HOUR, outcome), PutOff)
        assert after(TRIES - 1, 9 * HOUR, outcome) == Parked(until=None, before=False)


def test_a_page_that_is_kept_from_us_is_asked_for_until_the_feed_may_speak_for_it() -> None:
    assert isinstance(after(TRIES, LEAST_AGE - HOUR, FORBIDDEN), PutOff)
    assert isinstance(after(TRIES - 2, LEAST_AGE, FORBIDDEN), PutOff)
    assert after(TRIES - 1, LEAST_AGE, FORBIDDEN) == StoodIn(until=NOW + ASKED_EVERY)


def test_without_a_request_no_try_is_counted_and_nothing_is_parked_however_long_a_host_asks_us_to_wait() -> (
    None
):
    assert not BUSY.tried
    assert after(TRIES, 40 * LEAST_AGE, BUSY) == PutOff(until=NOW + HOUR)


def test_rules_that_cannot_be_read_count_no_try_and_let_the_feed_speak_after_the_same_wait() -> None:
    assert not NO_RULES.tried
    assert after(0, LEAST_AGE - HOUR, NO_RULES) == PutOff(until=NOW + HOUR)
    assert after(0, LEAST_AGE, NO_RULES) == StoodIn(until=NOW + ASKED_EVERY)
    assert after(0, 20 * LEAST_AGE, NO_RULES, parked=True) == PutOff(until=NOW + HOUR)


def test_a_page_that_the_feed_speaks_for_is_asked_for_daily_until_its_item_is_old() -> None:
    young, old = (after(TRIES, age, FORBIDDEN, parked=True) for age in (ASKED_FOR - HOUR, ASKED_FOR))
    assert young == Parked(until=NOW + ASKED_EVERY, before=True)
    assert old == Parked(until=None, before=True)
