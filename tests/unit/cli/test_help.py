"""What `--help` says, as somebody new to it reads it in a terminal of eighty columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from digest.cli.main import app

LONGEST_SUMMARY = 55
"""Characters of a first sentence, so that no list of commands cuts it."""


def commands(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, *path, name)


COMMANDS = list(commands(typer.main.get_command(app)))
LEAVES = [path for path in COMMANDS if not any(path == other[:-1] for other in COMMANDS if other)]


def help_of(path: tuple[str, ...]) -> str:
    found = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80"})
    assert found.exit_code == 0
    return found.output


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_list_of_commands_cuts_no_summary(path: tuple[str, ...]) -> None:
    _, _, listed = help_of(path).partition("\nCommands:\n")

    assert "..." not in listed
    for line in listed.splitlines():
        summary = re.fullmatch(r"  [a-z]+ +(.+)", line)
        assert summary is None or len(summary[1]) <= LONGEST_SUMMARY


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_what_is_to_be_given_is_named_in_capitals(path: tuple[str, ...]) -> None:
    said = help_of(path)
    usage, _, options = said.partition("\nOptions:\n")

    assert not re.search(r"\{[a-z_]+\}|\[\[", usage)
    assert not re.search(r"<[a-z ]+>|<[a-z]+\[", options)  # <one|of|these> may be chosen
    assert "--no-in-clear" not in said
    assert "default: (" not in said


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_does(path: tuple[str, ...]) -> None:
    _, _, said = help_of(path).partition("\nOptions:\n")
    entries = re.split(r"\n  (?=--)", "\n" + said.partition("\n\n")[0].rstrip())

    for entry in entries[1:]:
        words = re.sub(r"\[[^\]]*\]|--\S+|[A-Z][A-Z_:|=\[\]-]+\b", "", entry)
        assert len(words.split()) > 1, entry


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_shows_an_example_of_itself(path: tuple[str, ...]) -> None:
    said = " ".join(help_of(path).split())

    assert re.search(rf"Examples?: digest {' '.join(path)}\b", said)
