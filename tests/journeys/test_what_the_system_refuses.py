"""What the system refuses (a path, a right, space, a port) is one sentence, never a traceback."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import command
import pytest

COMMANDS = ["status", "run", "doctor", "pause --why x", "subscribers list", "backup {tmp}/a.gz"]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service that was just begun."""
    config = tmp_path_factory.mktemp("begun") / "config"
    command.digest("init", config)
    return config


@pytest.fixture
def config(begun: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(begun, tmp_path / "config"))


def refused(*words: str | Path) -> command.Ended:
    """A command that fails with one sentence."""
    ended = command.run(*words)
    assert "Traceback" not in ended.err + ended.out
    assert ended.code in {1, 2, 3}, ended.err
    assert ended.err.strip(), "it says why"
    return ended


@pytest.mark.parametrize("words", COMMANDS)
def test_a_file_that_is_a_directory_is_named_by_each_command(
    words: str, config: Path, tmp_path: Path
) -> None:
    (config / "digest.yaml").unlink()
    (config / "digest.yaml").mkdir()

    ended = refused(*words.format(tmp=tmp_path).split(), "--config", config)

    assert ended.code == 2
    assert "digest.yaml" in ended.err


@pytest.mark.parametrize("words", [one for one in COMMANDS if one not in {"run", "doctor"}])
def test_a_state_that_is_a_directory_is_named_by_each_command(
    words: str, config: Path, tmp_path: Path
) -> None:
    for file in (config / "var").glob("digest.db*"):
        file.unlink()
    (config / "var" / "digest.db").mkdir()

    ended = refused(*words.format(tmp=tmp_path).split(), "--config", config)

    assert ended.code == 3
    assert "digest.db" in ended.err


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("init {file}", "{file}"),
        ("init {file}/config", "{file}/config"),
        ("backup {file}/a.gz --config {config}", "{file}"),
        ("backup {directory} --config {config}", "{directory}"),
        ("restore {directory} --config {config}", "{directory}"),
        ("restore {file} --config {config}", "{file}"),
        ("subscribers import {directory} --basis x --config {config}", "{directory}"),
        ("subscribers import {file}/x.csv --basis x --config {config}", "{file}"),
        ("config schema --out {file}", "{file}"),
        ("read {directory}", "{directory}"),
        ("evaluate {file}", "{file}"),
        ("demo --out {file}/x", "{file}"),
    ],
)
def test_a_place_that_cannot_be_used_is_named(words: str, place: str, config: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no such thing\n")
    (tmp_path / "directory.gz").mkdir()
    places = {"file": tmp_path / "file", "directory": tmp_path / "directory.gz", "config": config}

    ended = refused(*words.format(**places).split())

    assert place.format(**places) in ended.err + ended.out


def test_a_journal_that_is_a_file_is_named(config: Path) -> None:
    journal = config / "var" / "journal"
    if journal.exists():
        journal.rmdir()
    journal.write_text("")

    ended = command.in_a_process("run", "--config", config)

    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert f"{journal}: the journal (store.journal) must be a directory" in ended.err


def test_a_port_that_is_taken_is_named_with_its_setting(config: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        text = (config / "digest.yaml").read_text()
        (config / "digest.yaml").write_text(re.sub(r"(?m)^  port: 8080", f"  port: {port}", text))

        ended = command.in_a_process("run", "--config", config)

    assert ended.code == 1
    last = ended.err.strip().splitlines()[-1]
    assert f"127.0.0.1:{port}" in last
    assert "web.port" in last


@pytest.mark.parametrize("words", ["config schema", "--help", "status"])
@pytest.mark.parametrize(("out", "code"), [("/dev/full", 1), ("-", 0)])
def test_a_full_disk_or_a_closed_output_is_no_traceback(
    words: str, out: str, code: int, config: Path
) -> None:
    where = f">{out}" if out != "-" else ">&-"
    more = "" if words == "--help" else f"--config {config}" if words == "status" else ""

    ended = subprocess.run(
        ["sh", "-c", f"{' '.join(command.PROGRAM)} {words} {more} {where}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=dict(os.environ),
    )

    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr
    assert (code == 0) == (ended.stderr == ""), ended.stderr
