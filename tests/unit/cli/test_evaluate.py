"""`digest evaluate`: folders of labelled texts in, how right the reader is out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from typer.testing import CliRunner

from digest.cli.main import app
from digest.errors import Refused

RATED = "{name} has been rated ‘Good’ overall by HM Inspectorate of Probation."
ADDRESS = "https://hmiprobation.justiceinspectorates.gov.uk/news/kent"


def labelled(folder: Path, *labels: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    usual = {"kind": "single", "inspectorate": "hmi-probation", "genre": "release", "url": ADDRESS}
    usual |= {"reports": [{"provider": "Kent PDU", "overall": "good"}]}
    lines = [json.dumps(usual | label) for label in labels]
    (folder / "labels.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def text(folder: Path, name: str = "Kent PDU") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    words = f"Kent\n{ADDRESS}\n{RATED.format(name=name)}\n"
    (folder / "kent.txt").write_text(words, encoding="utf-8")
    return folder


def evaluated(*words: object, code: int = 0) -> dict[str, Any]:
    found = CliRunner().invoke(app, ["evaluate", *map(str, words), "--json"])
    assert found.exit_code == code, found.output
    return json.loads(found.stdout)


def test_texts_pages_and_pdfs_are_read_alike(tmp_path: Path) -> None:
    text(tmp_path)
    rated = RATED.format(name="Kent PDU")
    (tmp_path / "kent.html").write_text(f"<h1>Kent</h1><p>{rated}</p>", encoding="utf-8")
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.multi_cell(0, 8, rated.replace("‘", "'").replace("’", "'"))
    pdf.output(str(tmp_path / "kent.pdf"))
    labelled(tmp_path, *({"id": suffix, "file": f"kent.{suffix}"} for suffix in ("txt", "html", "pdf")))

    found = evaluated(tmp_path)
    assert (found["texts"], found["wrong_texts"]) == (3, 0)
    assert found["scores"]["overall"] == {
        "precision": 1.0, "recall": 1.0, "right": 3, "announced": 3, "wanted": 3,
    }  # fmt: skip


def test_folders_are_pooled_and_texts_of_one_name_told_apart(tmp_path: Path) -> None:
    wrong = {"id": "kent", "file": "kent.txt", "reports": [{"provider": "Kent PDU", "overall": "inadequate"}]}
    folders = [labelled(text(tmp_path / name), wrong) for name in ("first", "second")]

    found = evaluated(*folders)
    assert found["texts"] == 2
    assert found["wrong"] == [f"{folder.as_posix()}/kent" for folder in folders]


def test_scores_are_told_by_genre_by_inspectorate_and_by_who_speaks(tmp_path: Path) -> None:
    text(tmp_path)
    labelled(
        tmp_path,
        {"id": "own", "file": "kent.txt"},
        {"id": "paper", "file": "kent.txt", "genre": "news", "kind": "other", "reports": []},
    )

    found = evaluated(tmp_path)
    assert {name: group["wrong_texts"] for name, group in found["by_genre"].items()} == {
        "news": 1,
        "release": 0,
    }
    assert found["by_speaker"]["retelling"]["wrong_of"]["quiet"] | {"low": 0} == {
        "wrong": 1, "of": 1, "share": 1.0, "low": 0, "high": 1.0,
    }  # fmt: skip
    assert found["by_inspectorate"].keys() == {"hmi-probation"}


@pytest.mark.parametrize(("by", "shown"), [("genre", "release"), ("inspectorate", "hmi-probation")])
def test_a_person_sees_the_groups_and_the_interval(tmp_path: Path, by: str, shown: str) -> None:
    labelled(text(tmp_path), {"id": "kent", "file": "kent.txt"})

    said = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--by", by]).stdout
    assert any(line.startswith(shown) for line in said.splitlines())
    assert "0     1    0.0%  0.0% to 97.5%" in said


def test_more_wrong_texts_than_the_floor_allows_are_a_failure(tmp_path: Path) -> None:
    labelled(text(tmp_path), {"id": "kent", "file": "kent.txt", "kind": "other", "reports": []})
    floor = tmp_path / "floor.json"
    floor.write_text(json.dumps({"wrong_texts": 0, "false_alarms": 1, "scores": {}}), encoding="utf-8")

    assert evaluated(tmp_path, "--floor", floor, code=1)["fallen"] == ["wrong texts rose: 1 > 0"]


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (None, "No such file"),
        ("{", 'expected a JSON object with "scores"'),
        ("[]", 'expected a JSON object with "scores"'),
        ('{"scores": {"rathing": {}}}', "there is no score rathing"),
    ],
)
def test_a_floor_that_is_none_is_refused_before_anything_is_read(
    tmp_path: Path, content: str | None, trouble: str
) -> None:
    labelled(tmp_path, {"id": "kent", "file": "missing.txt"})
    floor = tmp_path / "floor.json"
    if content is not None:
        floor.write_text(content, encoding="utf-8")

    found = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--floor", str(floor)])
    assert isinstance(found.exception, Refused)
    assert trouble in str(found.exception)


@pytest.mark.parametrize("part", ["1", "0/2", "3/2", "1/0", "one/two"])
def test_a_part_that_there_cannot_be_is_refused(tmp_path: Path, part: str) -> None:
    labelled(text(tmp_path), {"id": "kent", "file": "kent.txt"})

    found = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--part", part])
    assert found.exit_code == 2
    assert "expected a part such as 1/2" in found.output


def test_a_page_that_cannot_be_read_is_missed_and_the_others_go_on(tmp_path: Path) -> None:
    text(tmp_path)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    labelled(tmp_path, {"id": "broken", "file": "broken.pdf"}, {"id": "kent", "file": "kent.txt"})

    found = evaluated(tmp_path)
    assert found["scores"]["overall"]["right"] == 1
    assert {miss["text"] for miss in found["misses"]} == {"broken"}


def test_a_label_that_is_not_one_is_named_with_its_line(tmp_path: Path) -> None:
    labelled(tmp_path, {"id": "kent", "file": "kent.txt", "genre": "gossip"})

    found = CliRunner().invoke(app, ["evaluate", str(tmp_path)])
    assert "labels.jsonl" in str(found.exception)
    assert "genre" in str(found.exception)
