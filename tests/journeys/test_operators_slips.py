"""What operators mistype is answered in a sentence, and what they wrote names nobody."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from journey_place import Place

HUGE = "9" * 20
BEYOND = str(2**31)


@pytest.mark.parametrize("number", [HUGE, BEYOND])
async def test_a_number_that_nothing_has_is_told_as_one(place: Place, number: str) -> None:
    assert "no such subscription" in place.digest("subscribers", "show", number, expect=2)
    assert "not subscribed" in place.digest("subscribers", "why", number)
    assert "there is no bulk" in place.digest("subscribers", "undo", number, expect=2)
    assert "bulk is a number" in place.digest("subscribers", "list", "--where", f"bulk={number}", expect=2)
    assert "is not a case" in place.digest("review", "show", number, expect=2)
    assert "is not a case" in place.digest("review", "show", f"1.{number}", expect=2)


async def test_a_digit_that_is_no_number_is_no_case(place: Place) -> None:
    assert "is not a case" in place.digest("review", "show", "²", expect=2)
    assert "bulk is a number" in place.digest("subscribers", "list", "--where", "bulk=²", expect=2)


@pytest.mark.parametrize("file", ["/etc/passwd/x", "/", "/nowhere/at/all"])
async def test_a_file_that_cannot_be_written_is_named(place: Place, file: str) -> None:
    said = place.digest("subscribers", "export", "--csv", file, expect=2)

    assert file in said
    assert "Traceback" not in said


async def test_a_user_without_a_name_is_known_by_number(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container runs under a number that its system has no name for."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    place.digest("pause", "--why", "a move")

    assert f"by user {os.getuid()}: a move" in place.digest("status")


async def test_an_import_that_brings_nobody_is_nothing_to_take_back(place: Place) -> None:
    file = place.config / "people.csv"
    file.write_text("ada@example.org\nben@example.org\n")

    said = place.digest("subscribers", "import", str(file), "--basis", "the list again", "--yes")

    assert "nobody is new" in said
    assert "no actions on many subscriptions" in place.digest("subscribers", "bulks")


async def test_one_is_not_told_in_the_plural(place: Place) -> None:
    await place.file(1, datetime.now(UTC) - timedelta(minutes=5))
    for who in ("ben@example.org", "cleo@example.org"):
        place.digest("subscribers", "end", who, "--why", "left")
    file = place.config / "out.csv"

    assert "next one: 1 report\n" in place.digest("status")
    assert "1 subscription in" in place.digest("subscribers", "export", "--csv", str(file))


async def test_operators_words_are_masked_wherever_they_are_shown(place: Place) -> None:
    why = ("--why", "ada@example.org asked by letter")
    place.digest("subscribers", "end", "--where", "domain=example.org", *why, "--yes")
    place.digest("subscribers", "suppress", "ada@example.org", *why)
    place.digest("pause", *why)

    said = [
        place.digest("subscribers", "bulks"),
        place.digest("subscribers", "bulks", "--json"),
        place.digest("subscribers", "show", "ada@example.org"),
        place.digest("subscribers", "show", "1", "--json"),
        place.digest("subscribers", "why", "ada@example.org"),
        place.digest("subscribers", "add", "ada@example.org", "--basis", "x", "--again", expect=2),
        place.digest("subscribers", "add", "dan@example.org", "--basis", "x"),
        place.digest("subscribers", "end", "dan@example.org", *why),
        place.digest("subscribers", "end", "dan@example.org", *why, expect=1),
        place.digest("subscribers", "erase", "dan@example.org", *why),
        place.digest("subscribers", "show", "nobody@example.org", expect=2),
        place.digest("status"),
    ]

    assert [words for words in said if "ada@" in words or "dan@" in words or "nobody@" in words] == []
    assert all("a…@example.org asked by letter" in words for words in said[:6])
    in_clear = place.digest("subscribers", "show", "ada@example.org", "--in-clear")
    assert "must not be written to" in in_clear
    assert in_clear.count("ada@example.org asked by letter") > 1
