"""The map of the house names every room that the import contracts know, and no other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def rooms() -> set[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    return {room.strip() for layer in contracts[0]["layers"] for room in layer.split("|")}


def test_every_room_is_told_of_and_no_room_that_is_gone() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    told = {room for row in rows for room in re.findall(r"`(\w+)/?`", row)}

    assert told == rooms()


def test_every_room_has_its_place_in_the_drawing() -> None:
    drawing = PAGE.partition("```mermaid")[2].partition("```")[0]

    assert [room for room in rooms() if not re.search(rf"\b{room}\b", drawing)] == []
