"""The headers by which mail programs offer the way out, the pages behind them, and the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.diagnose import Outcome
from digest.diagnose.one_click import (
    PageFound,
    judge_headers,
    judge_link,
    judge_service,
    one_click_address,
    value,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEB, MAIL = "<https://d.example/one-click/abc>", "<mailto:help@d.example?subject=unsubscribe>"


def message(*fields: str, end: str = "\r\n") -> bytes:
    return end.join([*fields, "", "text", ""]).encode()


@pytest.mark.parametrize(
    ("field", "outcome"),
    [
        (f"List-Unsubscribe: {WEB}, {MAIL}", Outcome.WELL),
        (f"list-unsubscribe: {WEB},\r\n {MAIL}", Outcome.WELL),
        (f"List-Unsubscribe: {WEB}", Outcome.WARNING),
        (f"List-Unsubscribe: {MAIL}", Outcome.WRONG),
        ("List-Unsubscribe: <http://d.example/one-click/abc>", Outcome.WRONG),
        ("List-Unsubscribe: https://d.example/one-click/abc", Outcome.WRONG),
        ("List-Unsubscribe: =?utf-8?q?=3Chttps=3A//d=2Eexample/=3E?=", Outcome.WRONG),
        (f"List-Unsubscribe: {WEB}, <https://d.example/{'x' * 1000}>", Outcome.WRONG),
        (f"List-Unsubscribe: {WEB}\r\nList-Unsubscribe: {MAIL}", Outcome.WRONG),
        ("Subject: none", Outcome.WRONG),
    ],
)
def test_both_ways_out_are_plain_to_read(field, outcome):
    assert judge_headers(message(field))[0].outcome is outcome


@pytest.mark.parametrize(
    ("field", "outcome"),
    [
        ("List-Unsubscribe-Post: List-Unsubscribe=One-Click", Outcome.WELL),
        ("List-Unsubscribe-Post: List-Unsubscribe=one-click", Outcome.WRONG),
        ("List-Unsubscribe-Post: One-Click", Outcome.WRONG),
        ("Subject: none", Outcome.WRONG),
    ],
)
def test_one_click_is_offered_in_the_exact_words(field, outcome):
    assert judge_headers(message(field))[1].outcome is outcome


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_headers_are_read_from_files_however_they_were_saved(end):
    content = message("Subject: a", f"List-Unsubscribe: {WEB},{end} {MAIL}", end=end)

    assert value(content, "list-unsubscribe") == f"{WEB}, {MAIL}"
    assert value(content, "text") is None
    assert one_click_address(content) == WEB.strip("<>")


def page(**changes) -> PageFound:
    return PageFound(**({"url": "https://d.example/one-click/abc", "status": 200, "date": NOW} | changes))


@pytest.mark.parametrize(
    ("found", "still_active", "outcome"),
    [
        (page(), True, Outcome.WELL),
        (page(), None, Outcome.WELL),
        (page(), False, Outcome.WRONG),
        (page(status=302, location="https://d.example/login"), None, Outcome.WRONG),
        (page(status=404), None, Outcome.WRONG),
        (page(status=502), True, Outcome.WRONG),
        (page(status=None, trouble="no answer"), True, Outcome.UNKNOWN),
    ],
)
def test_a_get_of_the_link_shows_a_page_and_changes_nothing(found, still_active, outcome):
    assert judge_link(found, whose="the canary", still_active=still_active).outcome is outcome


@pytest.mark.parametrize(
    ("found", "outcomes"),
    [
        (page(), (Outcome.WELL, Outcome.WELL)),
        (page(status=404), (Outcome.WELL, Outcome.WELL)),
        (page(status=503), (Outcome.WRONG, Outcome.WELL)),
        (page(url="http://localhost/"), (Outcome.WRONG, Outcome.WELL)),
        (page(date=NOW - timedelta(seconds=61)), (Outcome.WELL, Outcome.WARNING)),
        (page(date=NOW + timedelta(minutes=10)), (Outcome.WELL, Outcome.WRONG)),
        (page(date=None), (Outcome.WELL, Outcome.UNKNOWN)),
        (page(status=None, trouble="no answer"), (Outcome.UNKNOWN,)),
    ],
)
def test_the_service_answers_and_agrees_on_the_time(found, outcomes):
    assert tuple(check.outcome for check in judge_service(found, NOW)) == outcomes
