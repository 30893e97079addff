"""Notation: what operators may write, and what they are told when it is something else."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from digest import notation
from digest.notation import counted, duration_text, loopback


def read(type_: Any, given_: object) -> Any:
    return TypeAdapter(type_).validate_python(given_)


def refusal(type_: Any, given_: object) -> str:
    with pytest.raises(ValidationError) as caught:
        read(type_, given_)
    return str(caught.value.errors()[0]["msg"])


@pytest.mark.parametrize(
    ("type_", "written", "meant"),
    [
        (notation.Duration, "90s", timedelta(seconds=90)),
        (notation.Duration, "14d", timedelta(days=14)),
        (notation.ClockTime, "11:45", time(11, 45)),
        (notation.Zone, "Europe/London", ZoneInfo("Europe/London")),
        (notation.Size, "10MB", 10_000_000),
        (notation.Size, "2 KiB", 2048),
        (notation.Line, "  The digest ", "The digest"),
        (notation.Word, " Requires  Improvement ", "requires improvement"),
        (notation.Contact, "https://example.org/contact", "https://example.org/contact"),
        (notation.Key, "hmi-prisons", "hmi-prisons"),
        (notation.DatabaseUrl, "sqlite:///var/digest.db", "sqlite:///var/digest.db"),
        (notation.DatabaseUrl, "postgresql://db.example/digest", "postgresql://db.example/digest"),
    ],
)
def test_an_operators_words_are_read(type_: Any, written: str, meant: object) -> None:
    assert read(type_, written) == meant


@pytest.mark.parametrize(
    ("type_", "written", "says"),
    [
        (notation.Duration, "half an hour", "30m"),
        (notation.Duration, "-5m", "30m"),
        (notation.Duration, 30, "30m"),
        (notation.ClockTime, "24:00", "24-hour clock"),
        (notation.ClockTime, 1145, "24-hour clock"),
        (notation.Zone, "Europe/Londn", "time zone"),
        (notation.Zone, "Europe", "time zone"),
        (notation.Size, "big", "10MB"),
        (notation.Size, True, "10MB"),
        (notation.Line, "two\nlines", "one line"),
        (notation.Line, "  ", "one line"),
        (notation.Address, "digest", "mail address"),
        (notation.Address, "a@example.org\nBcc: b@example.org", "mail address"),
        (notation.WebAddress, "ftp://example.org/feed", "https://"),
        (notation.WebAddress, "https://me:secret@example.org/feed", "without a user or password"),
        (notation.WebAddress, "https://example.org:99999/", "https://"),
        (notation.Host, "mail server", "machine"),
        (notation.Key, "HMI Prisons", "hmi-prisons"),
        (notation.DatabaseUrl, "mysql://db/digest", "postgresql://"),
        (notation.DatabaseUrl, "sqlite:///:memory:", "file name"),
        (notation.DatabaseUrl, "postgresql://me:secret@db/digest", "DIGEST_DATABASE_URL"),
        (notation.DatabaseUrl, "postgresql://db/digest?password=secret", "DIGEST_DATABASE_URL"),
    ],
)
def test_anything_else_is_refused_with_an_example(type_: Any, written: object, says: str) -> None:
    assert says in refusal(type_, written)


@given(st.integers(0, 999_999), st.sampled_from("smhd"))
def test_a_duration_survives_being_written_and_read(count: int, unit: str) -> None:
    duration = read(notation.Duration, f"{count}{unit}")

    assert read(notation.Duration, duration_text(duration)) == duration


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "x.localhost"]
)
def test_this_machine_goes_by_several_names(host: str) -> None:
    assert loopback(host)


@pytest.mark.parametrize(
    "host", [None, "", "localhost.example.org", "10.0.0.1", "mail.example.org", "notlocalhost"]
)
def test_other_machines_do_not(host: str | None) -> None:
    assert not loopback(host)


def test_one_of_a_kind_is_not_told_in_the_plural() -> None:
    assert [counted(n, "source") for n in (0, 1, 2)] == ["0 sources", "1 source", "2 sources"]
    assert [counted(n, "story", "stories") for n in (1, 2)] == ["1 story", "2 stories"]
