"""Dates: what sources write, read surely or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.parse import dates, parse_date

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def read(raw: str) -> str | None:
    """In UTC, to the second, as short as can be."""
    moment = parse_date(raw, LONDON)
    return moment and f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        # ISO 8601
        ("2026-11-23T12:00:00Z", "2026-11-23 12:00"),
        ("2026-11-23T12:00:00+00:00", "2026-11-23 12:00"),
        ("2026-11-23T12:00:00.123456789+05:30", "2026-11-23 06:30"),
        ("2026-11-23T12:00:00.000+0100", "2026-11-23 11:00"),
        ("2026-11-23 12:00:00 +0000", "2026-11-23 12:00"),
        ("20261123T120000Z", "2026-11-23 12:00"),
        ("2026-11-03", "2026-11-03 00:00"),
        # RFC 822 and its successors
        ("Mon, 23 Nov 2026 12:00:00 +0000", "2026-11-23 12:00"),
        ("Mon, 23 Nov 2026 12:00:00 GMT", "2026-11-23 12:00"),
        ("Mon, 23 Nov 2026 12:00:00 -0000", "2026-11-23 12:00"),
        ("Mon, 23 Nov 2026 12:00 GMT", "2026-11-23 12:00"),
        ("23 Nov 26 12:00 UT", "2026-11-23 12:00"),
        ("Mon, 23 Nov 2026 12:00:00 -0800", "2026-11-23 20:00"),
        ("Mon, 23 Nov 2026 07:00:00 EST", "2026-11-23 12:00"),
        ("Sunday, 23 Nov 2026 12:00:00 GMT", "2026-11-23 12:00"),
        ("Tue Nov  3 12:00:00 2026", "2026-11-03 12:00"),
        # as British pages print it
        ("23 November 2026", "2026-11-23 00:00"),
        ("23/11/2026", "2026-11-23 00:00"),
        ("03/11/2026", "2026-11-03 00:00"),
        ("3.11.26", "2026-11-03 00:00"),
        ("23 November 2026 - 12:01pm", "2026-11-23 12:01"),
        ("10:30am, 3 November 2026", "2026-11-03 10:30"),
        ("Monday 23rd November 2026 at 12 noon", "2026-11-23 12:00"),
        ("3 Sept 2026 14:00", "2026-09-03 13:00"),
        ("November 3, 2026", "2026-11-03 00:00"),
        ("\n 23  November\t2026 ", "2026-11-23 00:00"),
    ],
)
def test_the_forms_that_sources_write(raw, moment):
    assert read(raw) == moment


@pytest.mark.parametrize(
    "raw",
    [
        "Fri, 12 Jun 2026 12:00:00 BST",
        "12 June 2026 12:00 BST",
        "2026-06-12T12:00:00 BST",
        "2026-06-12T12:00:00",
        "12 June 2026, 12:00",
    ],
)
def test_british_summer_time_is_an_hour_ahead(raw):
    """Feed libraries are known to read "BST" as UTC."""
    assert read(raw) == "2026-06-12 11:00"


def test_a_time_without_a_zone_is_the_sources_own():
    assert parse_date("2026-06-12 12:00", LONDON) == datetime(2026, 6, 12, 11, tzinfo=UTC)
    assert parse_date("2026-06-12 12:00", ZoneInfo("Asia/Tokyo")) == datetime(2026, 6, 12, 3, tzinfo=UTC)


def test_a_time_that_the_autumn_clock_shows_twice_is_the_first():
    assert read("25 October 2026 01:30") == "2026-10-25 00:30"


def test_a_time_that_the_spring_clock_skips_is_still_read():
    assert read("29 March 2026 01:30") == "2026-03-29 01:30"


def test_a_date_in_the_future_is_kept():
    """It is clamped where it is shown, not here."""
    assert read("1 January 2041") == "2041-01-01 00:00"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "yesterday",
        "2 hours ago",
        "Monday",
        "12:30",
        "may",
        "2",
        "2026",
        "November 2026",
        "23 November",
        "1795000000",
        "31 June 2026",
        "99 November 2026",
        "11/23/2026",
        "2026-23-11",
        "Mon, 23 Nov 2026 12:00:00 IST",
        "Mon, 23 Nov 2026 12:00:00 XYZ",
        "Mon, 23 Nov 2026 24:30:00 GMT",
        "Mon, 23 Nov 2026 12:00:00 +9999",
        "Published on 23 November 2026",
        "23 November 2026 " * 20,
        "\x00",
        "9" * 5000,
    ],
)
def test_what_cannot_be_read_surely_is_not_read(raw):
    assert parse_date(raw, LONDON) is None


@pytest.mark.parametrize(
    "raw",
    ["0001-01-01T00:00:00Z", "1970-01-01", "Thu, 01 Jan 1970 00:00:00 GMT", "9999-12-31T23:59:59-12:00"],
)
def test_a_programs_zero_is_no_date(raw):
    """Taken for a date it would make an item look like part of an archive, and nobody would hear of it."""
    assert parse_date(raw, LONDON) is None


@given(st.text())
def test_no_text_makes_it_fail(raw):
    """One date never loses a feed."""
    moment = parse_date(raw, LONDON)

    assert moment is None or moment.tzinfo is UTC


@given(
    st.timedeltas(timedelta(days=-36 * 365), timedelta(days=70 * 365)),
    st.timedeltas(timedelta(hours=-14), timedelta(hours=14)),
)
def test_an_instant_survives_being_written(since, offset):
    place = timezone(timedelta(minutes=offset // timedelta(minutes=1)))
    moment = (NOON + since).astimezone(place).replace(microsecond=0)

    assert parse_date(moment.isoformat(), LONDON) == moment
    assert parse_date(f"{moment:%a, %d %b %Y %H:%M:%S %z}", LONDON) == moment


@given(st.dates(date(1991, 1, 1), date(2100, 1, 1)))
def test_a_day_alone_begins_at_midnight_where_the_source_is(day):
    for raw in (f"{day.day} {day:%B %Y}", f"{day:%d/%m/%Y}", day.isoformat()):
        moment = parse_date(raw, LONDON)

        assert moment is not None
        assert moment.astimezone(LONDON).date() == day
        assert moment.astimezone(LONDON).time().hour == 0


@pytest.mark.parametrize(
    "raw",
    [
        "Monday 23 November 2026 - 06:00",
        "Monday, 23 November 2026 6:00pm",
        "Tue 3 Feb 2026",
        "3 March 2026 at 12:01pm",
        "3 March 2026, 12:30am",
        "31 dec 2025 23:59",
        "Wed, 4 June 2026 - 1:05 pm",
        "thursday 5 august 2027",
        "31 February 2026",
        "3 March 2026 25:00",
        "0 March 2026",
    ],
)
def test_the_quick_way_reads_what_the_slow_one_reads(raw, monkeypatch):
    quick = parse_date(raw, LONDON)
    monkeypatch.setattr(dates, "_in_words", lambda _: None)

    assert parse_date(raw, LONDON) == quick


def test_thousands_of_printed_dates_are_read_without_the_slow_way(monkeypatch):
    """A list of 5,000 entries took it longer than a worker has."""
    monkeypatch.setattr(dates, "_as_printed", lambda _: pytest.fail("slow"))

    for day in range(1, 29):
        assert parse_date(f"Monday {day} November 2026 - 06:00", LONDON) is not None
