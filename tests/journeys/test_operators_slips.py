"""What operators mistype is answered in a sentence, and what they wrote names nobody."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import command
import pytest
from journey_place import Place
from sqlalchemy import text

HUGE = "9" * 20
BEYOND = str(2**31)


@pytest.mark.parametrize("number", [HUGE, BEYOND])
async def test_a_number_that_nothing_has_is_told_as_one(place: Place, number: str) -> None:
    assert "no such subscription" in place.digest("subscribers", "show", number, expect=2)
    assert "not subscribed" in place.digest("subscribers", "why", number)
    assert "there is no bulk" in place.digest("subscribers", "undo", number, expect=2)
    assert "bulk is a number" in place.digest("subscribers", "list", "--where", f"bulk={number}", expect=2)
    assert "is not the number of a report" in place.digest("review", "show", number, expect=2)
    assert "is not the number of a report" in place.digest("review", "show", f"1.{number}", expect=2)


async def test_a_digit_that_is_no_number_is_no_case(place: Place) -> None:
    assert "is not the number of a report" in place.digest("review", "show", "²", expect=2)
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


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_backup_takes_the_place_of_backups_alone(place: Place) -> None:
    own = [place.config / name for name in ("secrets.env", "digest.yaml", "var/digest.db")]
    before = [file.read_bytes() for file in own[:2]]

    for file in own:
        assert "nothing else is replaced" in place.digest("backup", file, "--overwrite", expect=2)
    for name in ("", ".", "/"):
        assert "Traceback" not in place.digest("backup", name, "--overwrite", expect=2)

    assert [file.read_bytes() for file in own[:2]] == before
    assert "subscriptions: 3 active" in place.digest("status")
    place.digest("backup", file := place.config / "b.gz")
    place.digest("backup", file, "--overwrite")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_limit_that_no_database_holds_is_told(place: Place) -> None:
    assert "less than or equal to 2147483647" in place.digest("limits", "set", "--per-minute", HUGE, expect=2)


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_database_in_trouble_is_told_in_sentences_when_pruning(place: Place) -> None:
    async with place.opened() as store, store.database.write() as connection:
        await connection.execute(text("ALTER TABLE arrivals RENAME TO lost"))

    said = place.digest("prune", expect=3)

    assert "no such table" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_terminal_of_few_characters_gets_the_rest_as_escapes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")

    ended = command.in_a_process("subscribers", "list", "--config", place.config)

    assert (ended.code, ended.err) == (0, "")
    assert "a\\u2026@example.org" in ended.out
