"""The labelled texts: what is announced is right, and nothing is announced where no service was inspected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from digest.cli.evaluate import evaluate_folder
from digest.extract.yardstick import FALSE_ALARM, MOVEMENT, OVERALL, PROVIDER, Scores

LABELLED = Path(__file__).parents[2] / "labelled"


@pytest.fixture(scope="module")
def scores() -> Scores:
    return evaluate_folder(LABELLED)


def test_a_rating_that_is_announced_is_right(scores: Scores) -> None:
    assert scores.rating.precision >= 0.99, scores.misses
    assert scores.rating.recall >= 0.95
    assert scores.measures[OVERALL].precision >= 0.99
    assert scores.measures[OVERALL].recall >= 0.95


def test_a_movement_that_is_announced_is_right(scores: Scores) -> None:
    assert scores.measures[MOVEMENT].precision >= 0.99
    assert scores.measures[MOVEMENT].recall >= 0.90


def test_nearly_every_provider_that_is_named_is_the_right_one(scores: Scores) -> None:
    assert scores.measures[PROVIDER].precision >= 0.95


def test_nothing_is_announced_of_texts_that_report_no_inspection(scores: Scores) -> None:
    assert scores.quiet > 30
    assert [mark for mark in scores.misses if mark.measure == FALSE_ALARM] == []


def test_no_score_falls(scores: Scores) -> None:
    """Raise the floor when the reader gets better, never lower it to make a change pass."""
    floor = json.loads((LABELLED / "floor.json").read_text(encoding="utf-8"))

    for name, least in floor["scores"].items():
        score = scores.rating if name == "rating" else scores.measures[name]
        assert round(score.precision, 4) >= least["precision"], name
        assert round(score.recall, 4) >= least["recall"], name
    assert scores.false_alarms <= floor["false_alarms"]
