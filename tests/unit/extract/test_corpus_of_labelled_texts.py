"""The labelled texts beside the repository: how often what we announce is right. Skips without them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from digest.extract import as_contract
from digest.providers import normal_name

CORPUS = Path(__file__).parents[3] / ".." / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the labelled texts are not at hand")

_KINDS = frozenset(
    [
        "the",
        "crc",
        "pdu",
        "youth",
        "justice",
        "offending",
        "service",
        "probation",
        "delivery",
        "unit",
        "community",
        "rehabilitation",
        "company",
        "division",
        "region",
        "nps",
        "national",
        "of",
        "in",
        "trust",
        "and",
    ]
)


def area(name: str | None) -> frozenset[str]:
    words = normal_name(re.sub(r"['’]s\b", "", name or "")).split()
    return frozenset(words) - _KINDS


@pytest.fixture(scope="module")
def read_texts(reading):
    labels = [json.loads(line) for line in (CORPUS / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    found = []
    for label in labels:
        title, url, *text = (CORPUS / label["file"]).read_text(encoding="utf-8").split("\n")
        found.append((label, as_contract(reading(title + "\n\n" + "\n".join(text), url=url))))
    return found


@pytest.fixture(scope="module")
def probation(read_texts):
    return [
        (label, told)
        for label, told in read_texts
        if label["inspectorate"] == "hmi-probation" and not label["ambiguous"]
    ]


def pairs(probation):
    """Every labelled report with what we read of it, and what we announced of nobody labelled."""
    for label, told in probation:
        left = list(told["reports"])
        for want in label["reports"]:
            same = [r for r in left if area(r["provider"]) == area(want["provider"])]
            one = same[0] if same else (left[0] if len(left) == len(label["reports"]) == 1 else None)
            if one is not None:
                left.remove(one)
            yield want, one
        for extra in left:
            yield None, extra


@pytest.mark.parametrize(
    ("field", "nothing", "precision", "recall"),
    [("overall", None, 0.97, 0.80), ("direction", "unknown", 0.97, 0.70)],
)
def test_what_is_announced_is_right_and_most_is_announced(probation, field, nothing, precision, recall):
    rows = [
        (want[field] if want else nothing, told[field] if told else nothing)
        for want, told in pairs(probation)
    ]
    announced = [(want, told) for want, told in rows if told != nothing]
    right = [want for want, told in announced if want == told]
    wanted = [want for want, _ in rows if want not in {nothing, "mixed"}]

    assert len(right) >= precision * len(announced)
    assert len(right) >= recall * len(wanted)


def test_nothing_is_announced_of_texts_that_are_no_inspection(probation):
    for label, told in probation:
        if label["kind"] in {"thematic", "other"}:
            for report in told["reports"]:
                assert (label["id"], report["overall"], report["direction"]) == (label["id"], None, "unknown")
                assert report["judgements"] == []


def test_other_inspectorates_ratings_are_not_read_on_the_wrong_scale(read_texts):
    for label, told in read_texts:
        if label["inspectorate"] != "hmi-probation":
            assert all(r["overall"] is None and not r["judgements"] for r in told["reports"]), label["id"]
