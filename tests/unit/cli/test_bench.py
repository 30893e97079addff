"""`digest bench read`: its figures, and the pages it makes for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.cli import bench
from digest.cli.bench import HOSTILE, MANY_NAMES, OVERGROWN, as_long_as_may_be, made_up
from digest.cli.main import app
from digest.providers import Register


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A bench that is over in a moment, and a folder of one page for it."""
    monkeypatch.setattr(bench, "SENTENCES", (5, 10))
    monkeypatch.setattr(bench, "HOSTILE", {"tags that never close": "<div><p>"})
    monkeypatch.setattr(bench, "OVERGROWN", {"a long page": lambda: "<p>Kent PDU was rated good."})
    monkeypatch.setattr(bench, "made_up", lambda: list(made_up())[:10])
    (tmp_path / "kent.html").write_text("<p>Kent PDU was rated ‘good’.</p>", encoding="utf-8")
    return tmp_path


def test_the_same_figures_are_told_with_our_names_and_with_many_more(small: Path) -> None:
    found = json.loads(
        CliRunner().invoke(app, ["bench", "read", str(small), "--rounds", "1", "--json"]).stdout
    )

    many = found.pop("many_names")
    figures = {"pages_a_second", "growth", "hostile", "overgrown", "peak_memory_mb"}
    assert found.keys() == {"pages", "mean_bytes"} | figures
    assert many.keys() == {"names", "ready_seconds", "times"} | figures
    assert many["hostile"].keys() == found["hostile"].keys()
    assert found["hostile"]["tags that never close"]["refused"] == "markup nested too deeply for a page"
    assert found["overgrown"]["a long page"]["refused"] is None


def test_a_person_sees_both_beside_each_other(small: Path) -> None:
    said = CliRunner().invoke(app, ["bench", "read", str(small), "--rounds", "1"]).stdout

    assert f"with {MANY_NAMES:,} more names known: " in said
    assert "  tags that never close" in said
    assert "  a long page" in said


def test_no_two_made_up_providers_are_alike() -> None:
    register = Register(made_up())

    assert len(register) == MANY_NAMES
    assert len({name for provider in register for name in provider.names}) == MANY_NAMES


def test_pages_made_to_hurt_are_as_long_as_they_say() -> None:
    assert all(len(as_long_as_may_be(text)) == 499_000 for text in HOSTILE.values())
    assert 400_000 < len(OVERGROWN["7,000 names and grades"]().encode()) < 500_000
    assert 90_000 < len(OVERGROWN["1,600 names"]().encode()) < 100_000
    assert OVERGROWN["a table of 10,000 rows"]().count("<tr>") == 10_001
    assert OVERGROWN["100,000 anchors"]().count("<a ") == 100_000
