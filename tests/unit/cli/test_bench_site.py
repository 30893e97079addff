"""`digest bench site` measures every kind of page of the real application, in worlds that are made for it."""

from __future__ import annotations

import json
import multiprocessing
from importlib import import_module
from multiprocessing import get_context

import pytest
from typer.testing import CliRunner

from digest.cli.bench_site import _table
from digest.cli.main import app
from digest.cli.site_measured import KINDS

SMALL = ["bench", "site", "--providers", "100,200", "--rounds", "1", "--seconds", "0.05"]


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of their own that need not import everything again, which is most of what this takes."""
    import_module("digest.serving")
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: get_context("fork"))


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_each_kind_of_page_is_measured_when_it_is_made_and_when_it_is_kept() -> None:
    result = CliRunner().invoke(app, [*SMALL, "--json"])

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [world["rows"]["providers"] for world in found["worlds"]] == [100, 200]
    for world in found["worlds"]:
        assert len(world["pages"]) == KINDS
        for page in world["pages"].values():
            assert page["first_ms"]["p99"] >= page["first_ms"]["p50"] > 0
            assert page["kept_a_second"] > 0
            assert page["bytes"] > 0
    table = "\n".join(_table(found))
    assert "first view, ratio to 100 providers" in table


@pytest.mark.parametrize("given", ["", "10", "1000,", "2000,1000", "many"])
def test_numbers_that_are_none_are_refused(given: str) -> None:
    result = CliRunner().invoke(app, ["bench", "site", "--providers", given])

    assert result.exit_code == 2
    assert "expected numbers from 100" in result.output
