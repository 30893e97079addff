"""Notation: what operators may write, and what they are told when it is something else."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from digest.settings import types
from digest.settings.types import duration_text, loopback
from digest.wording import counted


def read(type_: Any, given_: object) -> Any:
    return TypeAdapter(type_).validate_python(given_)


def refusal(type_: Any, given_: object) -> str:
    with pytest.raises(ValidationError) as caught:
        read(type_, given_)
    return str(caught.value.errors()[0]["msg"])


@pytest.mark.parametrize(
    ("type_", "written", "meant"),
    [
        (types.Duration, "90s", timedelta(seconds=90)),
        (types.Duration, "14d", timedelta(days=14)),
        (types.ClockTime, "11:45", time(11, 45)),
        (types.Zone, "Europe/London", ZoneInfo("Europe/London")),
        (types.Size, "10MB", 10_000_000),
        (types.Size, "2 KiB", 2048),
        (types.Line, "  The digest ", "The digest"),
        (types.Word, " Requires  Improvement ", "requires improvement"),
        (types.Contact, "https://example.org/contact", "https://example.org/contact"),
        (types.Key, "hmi-prisons", "hmi-prisons"),
        (types.DatabaseUrl, "sqlite:///var/digest.db", "sqlite:///var/digest.db"),
        (types.DatabaseUrl, "postgresql://db.example/digest", "postgresql://db.example/digest"),
    ],
)
def test_an_operators_words_are_read(type_: Any, written: str, meant: object) -> None:
    assert read(type_, written) == meant


@pytest.mark.parametrize(
    ("type_", "written", "says"),
    [
        (types.Duration, "half an hour", "30m"),
        (types.Duration, "-5m", "30m"),
        (types.Duration, 30, "30m"),
        (types.ClockTime, "24:00", "24-hour clock"),
        (types.ClockTime, 1145, "24-hour clock"),
        (types.Zone, "Europe/Londn", "time zone"),
        (types.Zone, "Europe", "time zone"),
        (types.Size, "big", "10MB"),
        (types.Size, True, "10MB"),
        (types.Line, "two\nlines", "one line"),
        (types.Line, "  ", "one line"),
        (types.Address, "digest", "mail address"),
        (types.Address, "a@example.org\nBcc: b@example.org", "mail address"),
        (types.WebAddress, "ftp://example.org/feed", "https://"),
        (types.WebAddress, "https://me:secret@example.org/feed", "without a user or password"),
        (types.WebAddress, "https://example.org:99999/", "https://"),
        (types.Host, "mail server", "machine"),
        (types.Key, "HMI Prisons", "hmi-prisons"),
        (types.DatabaseUrl, "mysql://db/digest", "postgresql://"),
        (types.DatabaseUrl, "sqlite:///:memory:", "file name"),
        (types.DatabaseUrl, "postgresql://me:secret@db/digest", "DIGEST_DATABASE_URL"),
        (types.DatabaseUrl, "postgresql://db/digest?password=secret", "DIGEST_DATABASE_URL"),
    ],
)
def test_anything_else_is_refused_with_an_example(type_: Any, written: object, says: str) -> None:
    assert says in refusal(type_, written)


@given(st.integers(0, 999_999), st.sampled_from("smhd"))
def test_a_duration_survives_being_written_and_read(count: int, unit: str) -> None:
    duration = read(types.Duration, f"{count}{unit}")

    assert read(types.Duration, duration_text(duration)) == duration


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
