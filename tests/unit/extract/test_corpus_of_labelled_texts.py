"""The labelled texts: how right the reader is on them must never fall."""

from __future__ import annotations

import json

import pytest
from laws.texts import LABELLED, evaluation

from digest.evaluation.marks import MEASURES
from digest.evaluation.scores import Evaluated, Scores, below

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def read() -> Evaluated:
    return evaluation()


@pytest.fixture(scope="module")
def scores(read: Evaluated) -> Scores:
    return read.scores


def test_no_score_falls(scores: Scores) -> None:
    """Raise the floor when the reader gets better, never lower it to make a change pass."""
    floor = json.loads((LABELLED / "floor.json").read_text(encoding="utf-8"))

    assert floor.keys() >= {"false_alarms", "wrong_texts"}
    assert floor["scores"].keys() == {"rating", *MEASURES}
    assert below(floor, scores) == [], scores.wrong


def test_every_text_says_what_sort_of_page_it_is(read: Evaluated) -> None:
    assert [label.id for label in read.labels if label.genre is None] == []


def test_every_text_is_labelled_once_and_every_label_has_its_text(read: Evaluated) -> None:
    files = [label.file for label in read.labels]

    assert sorted(files) == sorted(p.relative_to(LABELLED).as_posix() for p in LABELLED.glob("texts/*"))
    assert len({label.id for label in read.labels}) == len(read.labels)
