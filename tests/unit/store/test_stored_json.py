"""What stands in the JSON columns: older rows are read with it, so its fields and their form never change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from builders import DAY, a_candidate, a_change, a_notice, a_post, a_timetable, an_opinion
from sample_editions import a_full_day
from shelf import a_week, each_claim, with_closing_line

from digest.changes import Movement
from digest.edition import Candidate, Correction, Edition, SourceNote
from digest.edition_assembly import assemble
from digest.store.codec import CANDIDATE, EDITION

STORED: Final = Path(__file__).parents[2] / "fixtures" / "stored"

ASPECTS: Final = {
    "leadership": ("good", Movement.UPGRADE),
    "staff": ("requires improvement", Movement.UNCHANGED),
}
CORRECTED: Final = Correction(
    told_on=date(2026, 3, 9), told=a_change(Movement.DOWNGRADE, "inadequate"), why="A table was misread."
)


def candidates() -> tuple[Candidate, ...]:
    """One of each kind that waits for an edition, every field set in one of them."""
    full = replace(
        a_candidate(1, aspects=ASPECTS, predecessors=("Kent CRC",), links=("https://council.example/1",)),
        lead="Kent was inspected.",
        left_out=("good: it stands in a heading",),
        by_aspects=True,
        taken_back=True,
    )
    return (
        full,
        a_candidate(2, provider="durham", movement=Movement.FIRST_RATING, correction=CORRECTED),
        a_post(3, provider="essex"),
        a_post(4),
        an_opinion(5),
        a_notice(6),
    )


def assembled() -> Edition:
    noted = SourceNote(name="HM Inspectorate of Probation", checked_at=None, trouble="404 Not Found")
    return assemble(DAY, a_timetable(), waiting=candidates(), told=(), sources=(noted,)).edition


def ending() -> Edition:
    """An edition with all that may stand at its end."""
    return replace(with_closing_line(), closing=each_claim(), scoreboard=a_week())


def stored(name: str) -> Any:
    return json.loads((STORED / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "edition"),
    [("assembled", assembled()), ("full-day", a_full_day()), ("ending", ending())],
    ids=["assembled", "full", "ending"],
)
def test_an_edition_is_stored_and_read_back_as_ever(name: str, edition: Edition) -> None:
    assert EDITION.dump(edition) == stored(name)
    assert EDITION.load(stored(name)) == edition


def test_a_candidate_is_stored_and_read_back_as_ever() -> None:
    assert [CANDIDATE.dump(one) for one in candidates()] == stored("candidates")
    assert tuple(CANDIDATE.load(one) for one in stored("candidates")) == candidates()


NEWER: Final = {
    *("doubted", "adds", "before_precision", "checked", "from_feed", "number", "repeats"),
    *("official", "paused", "held", "unopened", "origin", "provider_id", "ungraded"),
    *("closing", "lines_taken_back", "scoreboard"),
}
"""Fields that rows of earlier versions lack; each has a default. So has the link of a claim or judgement."""


def older(value: Any) -> Any:
    """The value as a version before these fields wrote it."""
    if isinstance(value, dict):
        newer = NEWER | ({"link"} if "evidence" in value and "title" not in value else set())
        return {key: older(part) for key, part in value.items() if key not in newer}
    return [older(part) for part in value] if isinstance(value, list) else value


def test_what_an_earlier_version_stored_is_read() -> None:
    assert EDITION.load(older(stored("assembled"))) == assembled()
    assert tuple(CANDIDATE.load(one) for one in older(stored("candidates"))) == candidates()
