"""The edition day: one cut-off and one noon on every local day, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from builders import a_timetable
from hypothesis import example, given
from hypothesis import strategies as st

from digest.schedule import Window

LONDON = a_timetable()

# Clocks that change at midnight, by half an hour, not at all, and on both sides of the date line.
ZONES = (
    "Europe/London",
    "America/Sao_Paulo",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Antarctica/Troll",
)
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))
DAYS = st.dates(date(1997, 1, 1), date(2100, 1, 1))
LATENESS = st.timedeltas(timedelta(minutes=1), timedelta(hours=24))
TIMETABLES = st.builds(
    lambda zone, first, second, lateness: a_timetable(
        zone, cutoff=min(first, second), noon=max(first, second), lateness=lateness
    ),
    st.sampled_from(ZONES),
    MINUTES,
    MINUTES,
    LATENESS,
)

SPRING = date(2018, 3, 25)
AUTUMN = date(2018, 10, 28)
LEAP_DAY = date(2028, 2, 29)


def window_of(timetable, day):
    """What enters a day's edition: from the day before's cut-off to its own."""
    return Window(start=timetable.cutoff_of(day - timedelta(days=1)), end=timetable.cutoff_of(day))


def exists(timetable, day):
    """Samoa had no 30 December 2011: its clocks went from the 29th to the 31st."""
    return timetable.day_of(timetable.noon_of(day)) == day


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [
        (SPRING - timedelta(days=1), 12),
        (SPRING, 11),
        (SPRING + timedelta(days=1), 11),
        (AUTUMN - timedelta(days=1), 11),
        (AUTUMN, 12),
        (AUTUMN + timedelta(days=1), 12),
        (LEAP_DAY, 12),
        (date(2026, 12, 31), 12),
        (date(2027, 1, 1), 12),
    ],
)
def test_noon_is_noon_on_the_wall_whatever_utc_says(day, utc_hour):
    """The first weekend of summer time is where such services failed."""
    assert LONDON.noon_of(day) == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (LEAP_DAY, 24), (date(2027, 1, 1), 24)]
)
def test_a_window_has_as_many_hours_as_the_clocks_gave_it(day, hours):
    window = window_of(LONDON, day)

    assert window.end - window.start == timedelta(hours=hours)


def test_noon_of_each_day_exists_exactly_once_for_a_century():
    days = [date(1997, 1, 1) + timedelta(days=n) for n in range((date(2101, 1, 1) - date(1997, 1, 1)).days)]
    noons = [LONDON.noon_of(day) for day in days]

    assert [LONDON.day_of(noon) for noon in noons] == days
    assert all(noon.astimezone(LONDON.zone).time() == time(12) for noon in noons)
    steps = {later - sooner for sooner, later in pairwise(noons)}
    assert steps == {timedelta(hours=23), timedelta(hours=24), timedelta(hours=25)}


@given(TIMETABLES, DAYS)
@example(a_timetable("America/Sao_Paulo", cutoff=time(0), noon=time(0, 30)), date(2018, 11, 4))
@example(a_timetable("Pacific/Apia"), date(2011, 12, 30))
def test_windows_leave_no_gap_and_no_overlap(timetable, day):
    today = window_of(timetable, day)
    tomorrow = window_of(timetable, day + timedelta(days=1))

    assert today.end == tomorrow.start
    assert today.start <= today.end
    assert today.start not in tomorrow
    assert today.end not in today


@given(TIMETABLES, st.datetimes(datetime(1997, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
@example(LONDON, LONDON.cutoff_of(SPRING))
@example(LONDON, LONDON.cutoff_of(AUTUMN) - timedelta(microseconds=1))
def test_a_discovery_enters_the_edition_in_whose_window_it_lies(timetable, instant):
    day = timetable.edition_of(instant)

    assert not exists(timetable, day) or instant in window_of(timetable, day)


def test_what_is_found_at_the_cut_off_itself_enters_the_next_edition():
    cutoff = LONDON.cutoff_of(SPRING)

    assert LONDON.edition_of(cutoff) == SPRING + timedelta(days=1)
    assert LONDON.edition_of(cutoff - timedelta(microseconds=1)) == SPRING


@given(TIMETABLES, DAYS)
@example(a_timetable("America/Sao_Paulo", cutoff=time(0), noon=time(0)), date(2018, 11, 4))
def test_every_day_is_open_from_its_cut_off_to_its_deadline_and_no_longer(timetable, day):
    if not exists(timetable, day):
        return
    closes, over = timetable.cutoff_of(day), timetable.deadline_of(day)

    assert list(timetable.open_days(closes)) == [day]
    assert list(timetable.open_days(over - timedelta(microseconds=1))) == [day]
    assert day not in timetable.open_days(closes - timedelta(microseconds=1))
    assert day not in timetable.open_days(over)


@given(TIMETABLES, st.datetimes(datetime(1997, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_no_two_editions_can_leave_on_one_local_day(timetable, now):
    """Promise 1 holds for the slowest relay too: a deadline is never past its day's midnight."""
    assert all(day == timetable.day_of(now) for day in timetable.open_days(now))


@given(TIMETABLES, DAYS)
def test_the_last_moment_to_send_lies_on_the_edition_day(timetable, day):
    sending = timetable.sending_of(day)

    if exists(timetable, day):
        assert sending.start == timetable.noon_of(day)
        assert sending.start in sending
        assert timetable.day_of(sending.end - timedelta(microseconds=1)) == day


def test_a_deadline_is_lateness_after_noon_and_no_more_than_midnight():
    """What is too late is held, not sent."""
    assert LONDON.deadline_of(SPRING) == datetime(2018, 3, 25, 17, tzinfo=UTC)
    patient = a_timetable(lateness=timedelta(hours=23))
    assert patient.deadline_of(SPRING) == datetime(2018, 3, 25, 23, tzinfo=UTC)


def test_midnight_that_the_clocks_skip_begins_the_day_an_hour_on():
    """In São Paulo 4 November 2018 began at one o'clock."""
    sao_paulo = a_timetable("America/Sao_Paulo", cutoff=time(0), noon=time(0, 30))
    began = datetime(2018, 11, 4, 3, tzinfo=UTC)

    assert sao_paulo.cutoff_of(date(2018, 11, 4)) == began
    assert (
        a_timetable("America/Sao_Paulo", lateness=timedelta(days=1)).deadline_of(date(2018, 11, 3)) == began
    )


def test_a_time_that_comes_twice_is_meant_the_first_time():
    early = a_timetable(cutoff=time(1, 30), noon=time(1, 30))

    assert early.noon_of(AUTUMN) == datetime(2018, 10, 28, 0, 30, tzinfo=UTC)


def test_a_day_that_the_calendar_left_out_has_no_edition():
    apia = a_timetable("Pacific/Apia")
    hours = (datetime(2011, 12, 29, tzinfo=UTC) + timedelta(hours=n) for n in range(96))

    opened = {day for hour in hours for day in apia.open_days(hour)}

    assert date(2011, 12, 29) in opened
    assert date(2011, 12, 30) not in opened
    assert date(2011, 12, 31) in opened


def test_the_key_of_an_edition_is_a_calendar_day():
    """A date and a midnight with a zone compare as neither earlier nor equal."""
    assert type(LONDON.day_of(LONDON.noon_of(LEAP_DAY))) is date


@pytest.mark.parametrize(
    ("since", "until", "sent"),
    [
        ("2026-01-05 11:00", "2026-01-05 11:59", 0),
        ("2026-01-05 11:00", "2026-01-05 12:00", 1),
        ("2026-01-05 12:30", "2026-01-06 11:00", 1),  # the rest of an edition that was being sent
        ("2026-01-05 23:59", "2026-01-06 11:00", 0),
        ("2026-01-05 11:00", "2026-01-08 13:00", 4),
        ("2026-01-08 11:00", "2026-01-05 13:00", 0),
    ],
)
def test_the_editions_of_a_stretch_are_those_that_may_have_been_sent_in_it(since, until, sent):
    stretch = (datetime.fromisoformat(f"{instant}+00:00") for instant in (since, until))

    assert len(LONDON.days_sent(*stretch)) == sent
