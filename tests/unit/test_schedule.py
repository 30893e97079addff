"""Days, cut-offs and noons, through every clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from digest.schedule import Timetable

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "UTC")
DAYS = st.dates(date(1997, 1, 2), date(2100, 1, 1))


def a_timetable(zone: str = "Europe/London", lateness: timedelta = timedelta(hours=6)) -> Timetable:
    return Timetable(zone=ZoneInfo(zone), cutoff=time(11, 45), noon=time(12), lateness=lateness)


@given(DAYS, st.sampled_from(ZONES))
def test_editions_leave_no_gap_and_no_overlap(day: date, zone: str) -> None:
    timetable = a_timetable(zone)
    today, tomorrow = timetable.window_of(day), timetable.window_of(day + timedelta(days=1))

    assert today.end == tomorrow.start
    assert timedelta(hours=23) <= today.end - today.start <= timedelta(hours=25)


@given(DAYS, st.sampled_from(ZONES))
def test_noon_is_local_noon_of_that_day(day: date, zone: str) -> None:
    local = a_timetable(zone).noon_of(day).astimezone(ZoneInfo(zone))

    assert (local.date(), local.time()) == (day, time(12))


@given(DAYS, st.timedeltas(timedelta(minutes=1), timedelta(hours=23)), st.sampled_from(ZONES))
def test_no_edition_leaves_on_another_local_day(day: date, lateness: timedelta, zone: str) -> None:
    timetable = a_timetable(zone, lateness)
    last = timetable.sending_of(day).end - timedelta(microseconds=1)

    assert timetable.day_of(last) == day


@given(st.datetimes(datetime(1998, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- bounds are naive by contract
def test_an_edition_is_open_from_its_cut_off_to_its_deadline(now: datetime) -> None:
    timetable = a_timetable()
    day = timetable.day_of(now)
    due = timetable.cutoff_of(day) <= now < timetable.deadline_of(day)

    assert list(timetable.open_days(now)) == ([day] if due else [])
