"""What `digest status` looks up is as much for a hundred thousand subscribers as for one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from digest.cli.main import app
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
