"""`digest bench poll` measures, with or without the package that it compares with."""

from __future__ import annotations

import json
import multiprocessing
from importlib import import_module
from multiprocessing import get_context

import pytest
from typer.testing import CliRunner

from digest.cli.bench_poll import _table
from digest.cli.main import app

SMALL = ["bench", "poll", "--feeds", "2", "--entries", "3", "--long", "10", "--turn", "3", "--rounds", "1"]


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of their own that need not import everything again, which is most of what this takes."""
    import_module("digest.app.service")
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: get_context("fork"))


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
@pytest.mark.filterwarnings("ignore")  # of the other package
def test_both_are_measured_in_one_run() -> None:
    result = CliRunner().invoke(app, [*SMALL, "--json"])

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    for name in ("ours", "reader"):
        assert all(found["milliseconds"][name][phase] > 0 for phase in ("first", "unchanged", "changed"))
    assert found["long_list"]["entries"] == 10
    assert found["turn"]["sources"] == 3


def test_without_the_other_package_it_says_how_to_get_it() -> None:
    times = {"first": 1.0, "unchanged": 1.0, "changed": 1.0}
    found = {
        "feeds": 2,
        "entries": 3,
        "milliseconds": {"ours": times},
        "peak_memory_mb": {"ours": 100},
        "long_list": {"entries": 10, "parse_seconds": 1.0, "seconds": 1.0, "longest_wait_ms": 1.0},
        "turn": {"sources": 3, "seconds": 1.0, "again_seconds": 1.0, "grown_mb": 0.0},
    }
    table = "\n".join(_table(found))

    assert "pip install reader" in table
    assert "ratio" not in table
