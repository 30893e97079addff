"""Files that hold addresses: for their owner alone, and whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digest.errors import StateUnreadable
from digest.store import endings_file
from digest.store.files import Lock, private, whole


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_what_a_killed_process_left_lends_a_file_neither_its_mode_nor_its_words(tmp_path: Path) -> None:
    (tmp_path / ".b.gz.part").write_bytes(b"half of another one")
    (tmp_path / ".b.gz.part").chmod(0o666)

    with whole(tmp_path / "b.gz") as out:
        out.write(b"new")

    assert (tmp_path / "b.gz").read_bytes() == b"new"
    assert mode(tmp_path / "b.gz") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["b.gz"]


def test_a_link_that_lies_in_wait_leads_nowhere(tmp_path: Path) -> None:
    (target := tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / ".b.gz.part").symlink_to(target)

    with whole(tmp_path / "b.gz") as out:
        out.write(b"new")

    assert target.read_bytes() == b"precious"
    assert not (tmp_path / "b.gz").is_symlink()


def test_a_file_stays_as_it_was_until_the_new_one_is_whole(tmp_path: Path) -> None:
    (tmp_path / "b.gz").write_bytes(b"old")

    with pytest.raises(ZeroDivisionError), whole(tmp_path / "b.gz") as out:
        out.write(b"half")
        raise ZeroDivisionError

    assert (tmp_path / "b.gz").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["b.gz"]


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    """Nor is a device: root who writes to /dev/stdout would take it from everybody."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(FileExistsError), whole(tmp_path / "pipe"):
        pass

    assert (tmp_path / "pipe").is_fifo()


def test_two_who_write_the_same_file_do_not_mix(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError), whole(tmp_path / "b.gz") as out:
        out.write(b"the first")
        with whole(tmp_path / "b.gz") as other:
            other.write(b"the second")
            (tmp_path / "b.gz.copy").hardlink_to(tmp_path / ".b.gz.part")
        (tmp_path / "b.gz.copy").rename(tmp_path / ".b.gz.part")

    assert (tmp_path / "b.gz").read_bytes() == b"the second"


def test_a_database_that_root_creates_belongs_to_the_owner_of_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    real = Path.stat

    def stat(path: Path, **how: bool) -> os.stat_result:
        found = real(path, **how)
        return os.stat_result((*found[:4], 4711, 4712, *found[6:])) if path == tmp_path else found

    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: given.append((user, group)))

    os.close(private(tmp_path / "digest.db", tmp_path / "digest.db", os.O_RDWR))

    assert given == [(4711, 4712)]


def test_a_pipe_beside_a_state_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    database = tmp_path / "digest.db"
    for end in ("endings", "lock"):
        os.mkfifo(tmp_path / f"digest.db.{end}")
    record = tmp_path / "digest.db.endings"

    for use in (
        lambda: endings_file.append(record, database, ""),
        lambda: endings_file.holds(record, endings_file.Place(octets=0, last="")),
        lambda: endings_file.octets(record),
        lambda: Lock(database),
    ):
        with pytest.raises(StateUnreadable, match="is no file but a pipe"):
            use()
