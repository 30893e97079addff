"""What `digest status` looks up is as much for a hundred thousand subscribers as for one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from digest.cli.main import app
from digest.errors import ConfigError
from digest.store.members.browse import SqlPeople


def digest(*words: str) -> str:
    found = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_subscriptions_are_counted_and_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = ("--config", str(tmp_path))
    digest("init", str(tmp_path))
    for name in ("ada", "ben"):
        digest("subscribers", "add", f"{name}@example.org", "--basis", "by telephone", *config)

    async def fetched(*_: Any) -> None:
        raise AssertionError("every subscription was fetched")

    monkeypatch.setattr(SqlPeople, "page", fetched)

    assert json.loads(digest("status", "--json", *config))["active"] == 2


def test_a_section_that_is_wrong_hides_no_other_and_its_faults_are_named_beside_the_state(
    tmp_path: Path,
) -> None:
    digest("init", str(tmp_path))
    file = tmp_path / "digest.yaml"
    words = file.read_text().replace('noon: "12:00"', 'noon: "25:00"').replace("port: 25", "port: 2525")
    file.write_text(words)

    shown = CliRunner().invoke(app, ["status", "--config", str(tmp_path)])
    scripts = CliRunner().invoke(app, ["status", "--json", "--config", str(tmp_path)])

    assert (shown.exit_code, scripts.exit_code) == (2, 2)
    assert "edition.noon: found" in shown.output
    found = json.loads(scripts.stdout)
    assert (found["active"], found["relays"][0]["relay"]) == (0, "localhost:2525")
    assert len(found["files"]) == 1


@pytest.mark.parametrize("store", ["store:\n  url: [", "store:\n  url: mysql://x", "store: {}\nstore: {}"])
def test_files_that_do_not_say_where_the_state_is_show_nothing_but_their_faults(
    tmp_path: Path, store: str
) -> None:
    digest("init", str(tmp_path))
    file = tmp_path / "digest.yaml"
    file.write_text(file.read_text().replace("\nstore:", f"\n{store}\nother:"))

    ended = CliRunner().invoke(app, ["status", "--config", str(tmp_path)])

    assert isinstance(ended.exception, ConfigError)
    assert ended.stdout == ""


def test_status_names_the_inspectorates_that_readers_are_not_offered(tmp_path: Path) -> None:
    config = ("--config", str(tmp_path))
    digest("init", str(tmp_path))

    keys = json.loads(digest("status", "--json", *config))["not_covered"]
    assert "estyn" in keys
    assert "hmi-probation" not in keys
    assert f"no live source, so not offered to readers: {', '.join(keys)}" in digest("status", *config)


def test_status_shows_how_much_of_each_ways_letters_is_used(tmp_path: Path) -> None:
    config = ("--config", str(tmp_path))
    digest("init", str(tmp_path))
    people = tmp_path / "people.csv"
    people.write_text("ada@example.org\nben@example.org\n", encoding="utf-8")
    digest("subscribers", "import", str(people), "--basis", "they asked by telephone", "--yes", *config)

    shares = json.loads(digest("status", "--json", *config))["asked_today"]
    assert [(one["share"], one["used"], one["most"]) for one in shares] == [
        ("web", 0, 1000),
        ("mail", 0, 300),
        ("subscribers", 0, 300),
        ("invitations", 2, 400),
    ]
    assert "by mail 0 of 300, by subscribers 0 of 300, imports and reminders 2 of 400" in digest(
        "status", *config
    )
