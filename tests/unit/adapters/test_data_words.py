"""What the sources file says of tables and APIs fits the scales, or is told with its key."""

from __future__ import annotations

from typing import Any

import pytest

from digest.adapters.config.data_words import unknown_words
from digest.adapters.config.packaged_scales import packaged_scales
from digest.adapters.config.plain_yaml import YamlFile
from digest.settings import SourcesFile

ENTRY = {
    "id": "x",
    "name": "X",
    "url": "https://x.example/",
    "authority": "official",
    "inspectorate": "cqc",
}
API = {"list": "things", "key": "id", "name": "name"}
TABLE = {"key": "Number", "name": "Name"}


def told(kind: str, rating: dict[str, Any]) -> list[str]:
    """The problems of a rating, as key, value and what is expected."""
    section = (API if kind == "json" else TABLE) | {"ratings": [rating]}
    said = {"sources": [ENTRY | {"kind": kind, kind: section}]}
    found = unknown_words(YamlFile(name="sources.yaml", value=said), SourcesFile(**said), packaged_scales())
    return [f"{one.key.partition('ratings.')[2]}: {one.found}; {one.expected}" for one in found]


@pytest.mark.parametrize(
    ("kind", "rating", "problem"),
    [
        ("json", {"scale": "cqc-5", "grades": "mark"}, '1.scale: "cqc-5"; "cqc-4" (did you mean that?)'),
        (
            "json",
            {"scale": "cqc-4", "grades": "mark", "words": {"A": "goood"}},
            '1.words.A: "goood"; "good" (did you mean that?)',
        ),
        (
            "dataset",
            {"scale": "cqc-4", "grade": "Mark", "grades": {"1": "goood"}},
            '1.grades.1: "goood"; "good" (did you mean that?)',
        ),
        (
            "dataset",
            {"scale": "cqc-4", "aspects": {"soundness": "Safe"}},
            '1.aspects.soundness: "soundness"; ',
        ),
        (
            "dataset",
            {"scale": "ci-6", "aspects": {"overall": "Mark"}},
            '1.aspects.overall: "overall"; one of ',
        ),
        (
            "dataset",
            {"scale": "ci-6", "grade": "Mark"},
            '1.grade: "Mark"; the columns of its aspects: ci-6 has no overall grade, but wellbeing, ',
        ),
    ],
)
def test_what_no_scale_has_is_told_with_its_key(kind: str, rating: dict[str, Any], problem: str) -> None:
    [found] = told(kind, rating)

    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("kind", "rating"),
    [
        ("json", {"scale": "cqc-4", "grades": "mark", "words": {"A": "good"}}),
        ("dataset", {"scale": "cqc-4", "grade": "Mark"}),
        ("dataset", {"scale": "ci-6", "aspect": "Theme", "grade": "Mark"}),
    ],
)
def test_what_the_scale_has_is_taken(kind: str, rating: dict[str, Any]) -> None:
    assert told(kind, rating) == []
