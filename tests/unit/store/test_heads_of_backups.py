"""The head of a backup is checked like its rows: whatever it says, the answer is a sentence."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from digest.errors import StateUnreadable
from digest.store.backup import check_backup
from digest.store.database import newest_revision

HEAD = {"format": "noon digest backup, 1", "taken_at": "2026-03-03T03:30:00+00:00"}


def a_backup(file: Path, lines: str = "", **head: Any) -> Path:
    first = json.dumps(HEAD | {"revision": newest_revision()} | head)
    file.write_bytes(gzip.compress(f'{first}\n{lines}{{"rows":0}}\n'.encode()))
    return file


def test_a_head_of_ours_is_read(tmp_path: Path) -> None:
    assert check_backup(a_backup(tmp_path / "b.gz")).endings is None


@pytest.mark.parametrize(
    "head",
    [
        {"taken_at": "2026-03-03T03:30:00"},
        {"taken_at": "0001-01-01T00:00:00+00:00"},
        {"taken_at": "9999-12-31T23:59:59-23:00"},
        {"endings_noted": "many"},
        {"endings_place": [1]},
        {"endings_place": {"octets": -5, "last": "x"}},
        {"endings_place": {"octets": "5", "last": "x"}},
        {"endings_place": {"octets": 10**30, "last": "x"}},
        {"endings_place": {"octets": 5, "last": "x", "more": 1}},
    ],
    ids=str,
)
def test_a_head_that_makes_no_sense_is_told(tmp_path: Path, head: dict[str, Any]) -> None:
    with pytest.raises(StateUnreadable, match="cannot be read as a backup"):
        check_backup(a_backup(tmp_path / "b.gz", **head))


def test_a_line_of_brackets_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateUnreadable, match="what no backup does"):
        check_backup(a_backup(tmp_path / "b.gz", "[" * 100_000 + "\n"))
