"""`digest bench site` measures every kind of page of the real application, in worlds that are made for it."""

from __future__ import annotations

import json
import multiprocessing
from importlib import import_module
from multiprocessing import get_context
from typing import Any

import pytest
from typer.testing import CliRunner

from digest.cli.bench_site import _table, found_in
from digest.cli.main import app
from digest.cli.site_measured import KINDS

SMALL = ["bench", "site", "--providers", "100,200", "--rounds", "1", "--seconds", "0.05"]


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of their own that need not import everything again, which is most of what this takes."""
    import_module("digest.serving")
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: get_context("fork"))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few addresses of each kind of page."""
    monkeypatch.setattr("digest.cli.site_measured._ADDRESSES", 4)


@pytest.mark.slow
@pytest.mark.usefixtures("forked", "few")
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
    assert set(found["breaks"]) == set(found["growth"]) == set(found["worlds"][0]["pages"])
    assert table.endswith(found["verdict"])


def a_world(providers: int, **pages: tuple[int, float, float]) -> dict[str, Any]:
    """Figures as they are measured: of each page its bytes, and milliseconds and processor time at first."""
    found = {
        name.replace("_", " "): {
            "bytes": size,
            "first_ms": {"p50": ms, "p99": ms},
            "first_processor_ms": processor,
        }
        for name, (size, ms, processor) in pages.items()
    }
    return {"providers": providers, "pages": found}


@pytest.mark.parametrize(
    ("database", "before", "after", "breaks"),
    [
        ("sqlite", (1, 10, 10), (60_000, 100, 16), ()),
        ("sqlite", (1, 10, 10), (60_001, 101, 16), ("60,001 bytes", "101 ms, 16 of them ours")),
        ("sqlite", (1, 10, 10), (1, 90, 30), ("3.0 times as much",)),
        ("sqlite", (1, 10, 10), (1, 90, 20), ()),
        ("postgresql", (1, 10, 10), (1, 15, 90), ()),
        ("postgresql", (1, 10, 10), (1, 30, 10), ("3.0 times as much",)),
    ],
)
def test_a_page_breaks_the_promise_by_its_size_its_time_or_its_growth(
    database: str, before: tuple[int, float, float], after: tuple[int, float, float], breaks: tuple[str, ...]
) -> None:
    worlds = [a_world(1000, home=before, table=(1, 5, 5)), a_world(100_000, home=after, table=(1, 5, 5))]

    found = found_in(worlds, database)

    assert found["breaks"] == {"home": breaks, "table": ()}
    told = f"; not: home ({', '.join(breaks)})" if breaks else ""
    kept = 1 if breaks else 2
    assert found["verdict"] == f"{kept} of 2 pages keep the promise with 100,000 providers{told}"


def test_a_search_has_less_time_and_feeds_may_be_larger() -> None:
    world = a_world(1000, search=(1, 51, 9), feed=(90_000, 60, 9), API=(90_000, 60, 9))

    assert found_in([world], "sqlite")["breaks"] == {
        "search": ("51 ms, 9 of them ours",),
        "feed": (),
        "API": (),
    }


@pytest.mark.parametrize("given", ["", "10", "1000,", "2000,1000", "many"])
def test_numbers_that_are_none_are_refused(given: str) -> None:
    result = CliRunner().invoke(app, ["bench", "site", "--providers", given])

    assert result.exit_code == 2
    assert "expected numbers from 100" in result.output
