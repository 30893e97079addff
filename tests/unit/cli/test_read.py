"""`digest read`: one page, or many of which some cannot be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from digest.cli import read as command
from digest.cli.main import app

RATED = "has been rated ‘Good’ overall by HM Inspectorate of Probation."


def pages(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        words = f"Kent PDU {RATED}"
        text = words if path.suffix == ".txt" else f"<h1>Kent</h1><p>{words}</p>"
        path.write_text(text, encoding="utf-8")
    return folder


def read(*words: object, code: int = 0) -> str:
    found = CliRunner().invoke(app, ["read", *map(str, words)])
    assert found.exit_code == code, (found.output, found.exception)
    return found.stdout


def lines(*words: object, code: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in read(*words, "--json", code=code).splitlines()]


def test_one_file_gives_one_object_without_a_file_name(tmp_path: Path) -> None:
    pages(tmp_path, "kent.html")

    found = json.loads(read(tmp_path / "kent.html", "--json"))
    assert list(found) == ["kind", "inspectorate", "published", "title", "reports"]
    assert found["reports"][0]["overall"] == "good"


def test_several_files_give_a_line_each_in_their_order(tmp_path: Path) -> None:
    pages(tmp_path, "b.html", "a.txt")

    found = lines(tmp_path / "b.html", tmp_path / "a.txt")
    assert [one["file"] for one in found] == [str(tmp_path / "b.html"), str(tmp_path / "a.txt")]
    assert [one["reports"][0]["overall"] for one in found] == ["good", "good"]


def test_of_a_folder_every_page_is_read_and_nothing_else(tmp_path: Path) -> None:
    pages(tmp_path, "a.HTML", "deep/er/b.htm", "deep/c.txt", "labels.jsonl", "picture.png")

    found = [Path(one["file"]).relative_to(tmp_path).as_posix() for one in lines(tmp_path)]
    assert found == ["a.HTML", "deep/c.txt", "deep/er/b.htm"]


def test_a_folder_of_one_page_still_gives_a_line_with_its_name(tmp_path: Path) -> None:
    pages(tmp_path, "kent.txt")

    assert [one["file"] for one in lines(tmp_path)] == [str(tmp_path / "kent.txt")]


def test_a_file_that_cannot_be_read_is_told_and_the_rest_go_on(tmp_path: Path) -> None:
    pages(tmp_path, "a.txt", "z.txt")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (tmp_path / "empty.html").write_bytes(b"")

    found = lines(tmp_path, tmp_path / "absent.html", code=1)
    told = {Path(one["file"]).name: one.get("error") for one in found}
    assert list(told) == ["a.txt", "broken.pdf", "empty.html", "z.txt", "absent.html"]
    assert (told["a.txt"], told["z.txt"]) == (None, None)
    assert told["broken.pdf"] == "a damaged PDF"
    assert told["empty.html"]
    assert told["absent.html"] == "cannot be read: No such file or directory"
    assert all(one.keys() == {"file", "error"} for one in found if one.get("error"))


def test_a_person_sees_which_file_is_told_of(tmp_path: Path) -> None:
    pages(tmp_path, "a.txt", "b.txt")

    said = read(tmp_path)
    assert [line for line in said.splitlines() if line.startswith("== ")] == [
        f"== {tmp_path / 'a.txt'}",
        f"== {tmp_path / 'b.txt'}",
    ]


def test_a_folder_without_pages_is_no_success(tmp_path: Path) -> None:
    assert lines(tmp_path, code=1) == [
        {"file": str(tmp_path), "error": "no page in it (.html, .htm, .txt, .pdf)"}
    ]


def test_a_name_that_is_no_text_stops_nobody(tmp_path: Path) -> None:
    pages(tmp_path, "a.txt")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_text(f"Kent PDU {RATED}", "utf-8")
    except OSError:
        pytest.skip("this file system takes only names that are text")

    assert [Path(one["file"]).name for one in lines(tmp_path)] == ["a.txt", "�.txt"]


def test_one_missing_file_is_a_wrong_command_line(tmp_path: Path) -> None:
    read(tmp_path / "absent.html", code=2)


def test_an_address_is_for_one_file(tmp_path: Path) -> None:
    pages(tmp_path, "a.txt", "b.txt")

    read(tmp_path, "--url", "https://example.org/", code=2)


# -- why --------------------------------------------------------------------------------------------------


@pytest.fixture
def dropping(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that says what it left out."""
    left_out = SimpleNamespace(
        reason="hoped for", evidence="It hopes to be rated good.", grade="good", provider="Kent PDU"
    )
    monkeypatch.setattr(command, "_dropped", lambda reading: (left_out,))


@pytest.mark.usefixtures("dropping")
def test_why_tells_what_was_left_out_and_for_which_reason(tmp_path: Path) -> None:
    pages(tmp_path, "kent.txt")

    assert "left out: hoped for: It hopes to be rated good." in read(tmp_path / "kent.txt", "--why")
    assert json.loads(read(tmp_path / "kent.txt", "--why", "--json"))["dropped"] == [
        {
            "reason": "hoped for",
            "provider": "Kent PDU",
            "grade": "good",
            "evidence": "It hopes to be rated good.",
        }
    ]


@pytest.mark.usefixtures("dropping")
def test_nobody_who_does_not_ask_is_told(tmp_path: Path) -> None:
    pages(tmp_path, "kent.txt")

    assert "left out" not in read(tmp_path / "kent.txt")
    assert "dropped" not in json.loads(read(tmp_path / "kent.txt", "--json"))


def test_where_nothing_was_left_out_why_says_so_in_json(tmp_path: Path) -> None:
    pages(tmp_path, "kent.txt")

    assert json.loads(read(tmp_path / "kent.txt", "--why", "--json"))["dropped"] == []


# What each text leaves out of its report, as a person reads it.
LEFT_OUT = [
    ("It hopes to be rated ‘Outstanding’.", "only possible, hoped for or still to come"),
    ("It was not rated ‘Inadequate’.", "denied"),
    ("Staff rated the unit ‘Outstanding’.", "given by somebody other than the inspectorate"),
    ("Neighbouring Cranmere PDU was rated ‘Inadequate’.", "said of another body, or of a part of one"),
]


@pytest.mark.parametrize(("sentence", "reason"), LEFT_OUT)
def test_why_prints_the_reason_beside_the_sentence(tmp_path: Path, sentence: str, reason: str) -> None:
    (tmp_path / "ambledon.txt").write_text(
        f"Ambledon PDU inspected\n\nAmbledon PDU {RATED} {sentence}", "utf-8"
    )

    said = read(tmp_path / "ambledon.txt", "--why").splitlines()
    assert said[-1] == f"left out: {reason}: {sentence}"
    assert "  overall        good" in said


def test_why_says_of_each_file_what_was_left_out_of_it(tmp_path: Path) -> None:
    pages(tmp_path, "b.txt")
    sentence, reason = LEFT_OUT[0]
    (tmp_path / "a.txt").write_text(f"Ambledon PDU inspected\n\nAmbledon PDU {RATED} {sentence}", "utf-8")

    told = {Path(one["file"]).name: one["dropped"] for one in lines(tmp_path, "--why")}
    assert told == {
        "a.txt": [
            {"reason": reason, "provider": "Ambledon PDU", "grade": "outstanding", "evidence": sentence}
        ],
        "b.txt": [],
    }
    assert f"left out: {reason}: {sentence}" in read(tmp_path, "--why")


def test_why_tells_what_two_grades_did_to_each_other(tmp_path: Path) -> None:
    text = "Ambledon PDU\n\nHMI Probation rated Ambledon PDU ‘Good’. It was rated ‘Inadequate’."
    (tmp_path / "two.txt").write_text(text, "utf-8")

    said = read(tmp_path / "two.txt", "--why")
    assert "  overall        none stated" in said
    assert said.count("left out: the text tells it two ways: ") == 2


# -- how soon ---------------------------------------------------------------------------------------------


def test_to_read_one_page_nothing_is_loaded_that_runs_the_service(tmp_path: Path) -> None:
    """Else the command takes a second before it begins."""
    pages(tmp_path, "kent.txt")
    program = (
        "import sys\n"
        f"sys.argv = ['digest', 'read', {str(tmp_path / 'kent.txt')!r}, '--json']\n"
        "from digest.cli.main import run_main\n"
        "try:\n    run_main()\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["kind"] == "inspection"
    heavy = {"asyncio", "dateparser", "digest.settings.scales", "digest.store", "feedparser", "pypdfium2"}
    assert heavy & {*done.stderr.split()} == set()
    assert not any(name.startswith("ruamel") for name in done.stderr.split())
