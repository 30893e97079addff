"""What a source's own history makes likely."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.rhythm import BATCH_FLOOR, BATCH_TIMES, Rhythm, rhythm_of

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)

histories = st.dictionaries(st.dates(date(2025, 1, 1), date(2026, 2, 28)), st.integers(0, 200), max_size=60)


def every(days: int, *, times: int, count: int = 1) -> Rhythm:
    return rhythm_of({MONDAY + n * days * DAY: count for n in range(times)})


def test_nothing_is_expected_of_a_source_that_listed_nothing_new_yet() -> None:
    assert rhythm_of({}).quiet_from() is None
    assert rhythm_of({}).largest_batch() == BATCH_FLOOR


def test_a_source_is_not_quiet_before_enough_is_known_of_it() -> None:
    assert not every(1, times=4).quiet(date(2030, 1, 1))
    assert every(1, times=5).quiet(date(2030, 1, 1))


def test_a_daily_source_may_pause_for_a_week() -> None:
    daily = every(1, times=30)
    last = MONDAY + 29 * DAY

    assert not daily.quiet(last + 7 * DAY)
    assert daily.quiet(last + 8 * DAY)


def test_a_monthly_source_may_pause_for_four_months() -> None:
    monthly = every(30, times=6)

    assert monthly.quiet_from() == MONDAY + (5 * 30 + 4 * 30 + 1) * DAY


def test_weekends_are_no_silence_of_a_source_that_never_writes_on_them() -> None:
    working = rhythm_of({d: 3 for d in (MONDAY + n * DAY for n in range(26)) if d.weekday() < 5})
    friday = MONDAY + 25 * DAY

    assert (working.gap, working.longest_gap) == (1, 1)
    assert friday.weekday() == 4
    assert working.quiet_from() == friday + 10 * DAY  # a Monday, after five days of work


def test_days_on_which_nobody_publishes_do_not_count() -> None:
    weekly = every(7, times=8)
    last = MONDAY + 49 * DAY
    silences = [last + n * DAY for n in (-3, 0, 1, 2, 29, 40)]  # three of them between the last and the 31st

    assert weekly.quiet(last + 29 * DAY)
    assert not weekly.quiet(last + 31 * DAY, silences)
    assert weekly.quiet(last + 32 * DAY, silences)


def test_a_bank_holiday_on_a_weekend_is_no_second_silence() -> None:
    working = rhythm_of({d: 3 for d in (MONDAY + n * DAY for n in range(26)) if d.weekday() < 5})
    friday = MONDAY + 25 * DAY

    assert working.quiet(friday + 10 * DAY, [friday + DAY])
    assert not working.quiet(friday + 10 * DAY, [friday + 3 * DAY])


def test_one_item_on_a_weekend_makes_weekends_count() -> None:
    days = {d: 1 for d in (MONDAY + n * DAY for n in range(26)) if d.weekday() < 5}

    assert rhythm_of(days).weekdays
    assert not rhythm_of({**days, MONDAY + 5 * DAY: 1}).weekdays


@given(histories, st.integers(0, 60))
def test_what_a_history_holds_is_likely(days: dict[date, int], absent: int) -> None:
    assert rhythm_of(days).largest_batch(absent * DAY) >= max([BATCH_FLOOR, *days.values()])


@given(histories, st.integers(0, 60), st.integers(0, 60))
def test_a_longer_absence_makes_no_batch_less_likely(days: dict[date, int], one: int, other: int) -> None:
    shorter, longer = sorted((one, other))

    assert rhythm_of(days).largest_batch(shorter * DAY) <= rhythm_of(days).largest_batch(longer * DAY)


@given(histories.filter(lambda days: any(days.values())))
def test_no_batch_is_likely_that_is_far_above_the_busiest_day(days: dict[date, int]) -> None:
    assert rhythm_of(days).largest_batch() <= max(BATCH_FLOOR, BATCH_TIMES * max(days.values()))


@given(histories, st.integers(0, 3000))
def test_a_source_that_is_quiet_stays_quiet_until_something_is_new(days: dict[date, int], ahead: int) -> None:
    rhythm = rhythm_of(days)
    today = date(2026, 3, 1) + ahead * DAY

    assert not rhythm.quiet(today) or rhythm.quiet(today + DAY)
    assert not rhythm_of({**days, today: 1}).quiet(today + DAY)


@given(histories)
def test_no_gap_that_there_was_would_have_been_told_as_quiet(days: dict[date, int]) -> None:
    rhythm = rhythm_of(days)
    if rhythm.last is None or (begins := rhythm.quiet_from()) is None:
        return
    had = sorted(day for day, count in days.items() if count)

    assert begins - rhythm.last > max(b - a for a, b in pairwise(had)) - 2 * DAY


@given(histories, st.integers(1, 4000))
def test_a_history_moved_by_weeks_has_the_same_rhythm(days: dict[date, int], weeks: int) -> None:
    moved = rhythm_of({day + 7 * weeks * DAY: count for day, count in days.items()})
    here = rhythm_of(days)

    assert (moved.gap, moved.longest_gap, moved.weekdays) == (here.gap, here.longest_gap, here.weekdays)
    assert moved.largest_batch() == here.largest_batch()


@pytest.mark.parametrize("count", range(1, 23))
def test_days_of_work_are_counted_alike_forwards_and_backwards(count: int) -> None:
    weekdays = [day for day in (MONDAY + n * DAY for n in range(60)) if day.weekday() < 5]
    for start in range(5):
        some = dict.fromkeys([weekdays[start], *weekdays[start + count : start + count + 5]], 1)

        assert rhythm_of(some).longest_gap == count


def test_days_on_which_we_did_not_look_are_no_silence_and_no_gap() -> None:
    """A weekly source that was paused for three weeks in between, and then again."""
    begin = MONDAY + 5 * DAY  # a Saturday: weekends count
    days = {begin + n * 7 * DAY: 1 for n in (0, 1, 2, 6, 7, 8)}
    between = {begin + n * DAY for n in range(15, 42)}
    whole = rhythm_of({begin + n * 7 * DAY: 1 for n in range(6)})

    known, unknown = rhythm_of(days, between), rhythm_of(days)
    assert (known.gap, known.longest_gap) == (7, 7)
    assert unknown.longest_gap == 28
    assert known.quiet_from() == begin + (8 * 7 + 4 * 7 + 1) * DAY
    assert known.largest_batch() >= whole.largest_batch()

    last = begin + 8 * 7 * DAY
    paused = frozenset(last + n * DAY for n in range(1, 91))
    resting = rhythm_of(days, between | paused)
    assert known.quiet(last + 95 * DAY)
    assert not resting.quiet(last + 95 * DAY, silences=[last + 3 * DAY])
    assert resting.quiet(last + (90 + 29) * DAY)


def test_the_rate_of_a_source_leaves_out_the_days_on_which_we_did_not_look() -> None:
    days = {MONDAY + n * DAY: 4 for n in (*range(10), *range(110, 120))}
    paused = {MONDAY + n * DAY for n in range(10, 110)}
    month = timedelta(days=30)

    assert rhythm_of(days, paused).largest_batch(month) == 3 * 30 * 4
    assert rhythm_of(days).largest_batch(month) < 3 * 30 * 4
