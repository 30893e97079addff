"""Answers: what a status and its headers mean for a poll."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.adapters.http.status import phrase, retry_after, settled, validators
from digest.ports import Blocked, NotModified, Unreached
from digest.sources import Validators

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 410, 429, 451, 499])
def test_a_refusal_is_blocked(status):
    """A bot wall is its own state, not an outage."""
    assert isinstance(settled(status, {}, NOW, conditional=False), Blocked)


@pytest.mark.parametrize(
    "status", [100, 201, 204, 206, 300, 305, 399, 408, 425, 500, 502, 503, 504, 520, 999]
)
def test_trouble_is_unreached(status):
    """A status that promises no whole body brings none."""
    assert isinstance(settled(status, {}, NOW, conditional=True), Unreached)


def test_gone_says_so():
    assert settled(410, {}, NOW, conditional=False) == Blocked(reason="410 Gone")
    assert phrase(799) == "799"


def test_not_modified_counts_only_where_it_was_asked_for():
    """Else a broken cache would look like a quiet source for ever."""
    assert settled(304, {}, NOW, conditional=True) == NotModified()
    assert isinstance(settled(304, {}, NOW, conditional=False), Unreached)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta(0)),
        ("Mon, 23 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 23 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Monday, 23-Nov-26 12:10:00 GMT", timedelta(minutes=10)),
        ("999999999", timedelta(days=1)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", timedelta(days=1)),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 5000, None),
        ("soon", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, wait):
    assert retry_after(value, NOW) == wait


@given(st.text())
def test_no_header_makes_it_fail(value):
    assert (retry_after(value, NOW) or timedelta(0)) <= timedelta(days=1)
    validators({"ETag": value, "Last-Modified": value}, NOW)


def test_a_wait_is_told_whether_blocked_or_unreached():
    headers = {"Retry-After": "60"}

    for status in (429, 503):
        answer = settled(status, headers, NOW, conditional=False)
        assert isinstance(answer, (Blocked, Unreached))
        assert answer.wait == timedelta(minutes=1)


def test_validators_are_kept_as_given():
    given_by_server = {"ETag": 'W/"odd, but \\"theirs\\""', "Last-Modified": "Mon, 23 Nov 2026 11:59:59 GMT"}

    assert validators(given_by_server, NOW) == Validators(
        etag='W/"odd, but \\"theirs\\""', last_modified="Mon, 23 Nov 2026 11:59:59 GMT"
    )


def test_a_last_modified_from_the_future_is_ignored():
    """Modified in 2041, and so never again."""
    headers = {"ETag": '"1"', "Last-Modified": "Fri, 01 Mar 2041 00:00:00 GMT"}

    assert validators(headers, NOW) == Validators(etag='"1"')


def test_a_server_whose_clock_is_a_minute_ahead_is_believed():
    headers = {"Last-Modified": "Mon, 23 Nov 2026 12:01:00 GMT"}

    assert validators(headers, NOW).last_modified == "Mon, 23 Nov 2026 12:01:00 GMT"


@pytest.mark.parametrize("value", ["", "x" * 5000, "caf\xe9", "a\r\nCookie: b", "\udce9"])
def test_what_could_not_be_sent_back_is_not_kept(value):
    assert validators({"ETag": value, "Last-Modified": value}, NOW) == Validators()


@pytest.mark.parametrize("status", [401, 403, 429, 451])
def test_a_server_that_will_not_serve_us_blocks_us(status: int) -> None:
    outcome = settled(status, {}, NOW, conditional=False)

    assert isinstance(outcome, Blocked)
    assert outcome.by_server


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (503, {"cf-mitigated": "challenge"}),
        (202, {"x-amzn-waf-action": "challenge"}),
        (405, {"x-amzn-waf-action": "captcha"}),
        (200, {"cf-mitigated": "challenge"}),
    ],
)
def test_a_check_for_bots_that_names_itself_blocks_us(status: int, headers: dict[str, str]) -> None:
    outcome = settled(status, headers, NOW, conditional=False)

    assert isinstance(outcome, Blocked)
    assert outcome.by_server


def test_a_page_that_is_gone_blocks_nobody_and_one_that_is_not_found_may_be_there_for_others() -> None:
    assert settled(410, {}, NOW, conditional=False) == Blocked(reason="410 Gone")
    assert settled(404, {}, NOW, conditional=False) == Blocked(reason="404 Not Found", withheld=True)
