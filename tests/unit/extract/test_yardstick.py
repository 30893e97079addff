"""The yardstick: how claims are counted, so that a score means what it says."""

from __future__ import annotations

from typing import Any

import pytest

from digest.extract.yardstick import (
    FALSE_ALARM,
    JUDGEMENT,
    KIND,
    MOVEMENT,
    OVERALL,
    PROVIDER,
    Label,
    Verdict,
    marks,
    scored,
)

KENT = {"provider": "Kent PDU", "overall": "good", "direction": "upgrade"}


def label(*reports: dict[str, Any], kind: str = "single", **facts: Any) -> Label:
    usual = {"id": "t1", "file": "texts/t1.txt", "scale": "hmi-probation-4", "inspectorate": "hmi-probation"}
    return Label.model_validate(usual | {"kind": kind, "reports": reports} | facts)


def told(*reports: dict[str, Any], kind: str = "inspection") -> dict[str, Any]:
    empty = {"provider": None, "scale": "hmi-probation-4", "overall": None, "previous": None}
    empty |= {"direction": "unknown", "judgements": [], "evidence": {}}
    return {"kind": kind, "reports": [empty | report for report in reports]}


def judged(**grades: str) -> list[dict[str, Any]]:
    return [{"aspect": aspect, "grade": grade, "evidence": "So it was."} for aspect, grade in grades.items()]


@pytest.fixture
def verdicts(inspectorates):
    def of(label: Label, read: dict[str, Any]) -> dict[str, list[Verdict]]:
        found: dict[str, list[Verdict]] = {}
        for mark in marks(label, read, inspectorates):
            found.setdefault(mark.measure, []).append(mark.verdict)
        return found

    return of


def test_what_is_right_is_counted_claim_by_claim(verdicts):
    found = verdicts(label(KENT), told(KENT))

    assert found == {m: [Verdict.RIGHT] for m in (KIND, PROVIDER, OVERALL, MOVEMENT)}


def test_what_is_not_announced_is_missed_and_what_is_not_so_is_wrong(verdicts):
    found = verdicts(label(KENT), told({"provider": "Kent PDU", "overall": "inadequate"}))

    assert (found[OVERALL], found[MOVEMENT]) == ([Verdict.WRONG], [Verdict.MISSED])


def test_a_guess_where_the_text_says_nothing_is_wrong(verdicts):
    found = verdicts(label({"provider": "Kent PDU"}), told(KENT))

    assert (found[OVERALL], found[MOVEMENT]) == ([Verdict.WRONG], [Verdict.WRONG])


def test_an_alias_is_the_same_grade(verdicts):
    found = verdicts(label({"provider": None, "overall": "Excellent"}), told({"overall": "outstanding"}))

    assert found[OVERALL] == [Verdict.RIGHT]


def test_another_services_rating_is_wrong_unless_the_label_says_it_is_not_scored(verdicts):
    essex = {"provider": "Essex PDU", "overall": "good"}

    assert verdicts(label(KENT), told(KENT, essex))[OVERALL] == [Verdict.RIGHT, Verdict.WRONG]
    unscored = label(KENT, others_rated=[{"provider": "Essex PDU"}])
    assert verdicts(unscored, told(KENT, essex))[OVERALL] == [Verdict.RIGHT]


def test_anything_announced_of_a_text_without_an_inspection_is_a_false_alarm(verdicts):
    assert verdicts(label(kind="other"), told(KENT, kind="other"))[FALSE_ALARM] == [Verdict.WRONG] * 2


def test_a_label_may_name_several_aspects_in_the_texts_words(verdicts):
    want = label({"provider": "Kent PDU", "judgements": {"Case supervision (all four aspects)": "good"}})
    read = {"provider": "Kent PDU", "judgements": judged(assessment="good", planning="good")}

    assert verdicts(want, told(read))[JUDGEMENT] == [Verdict.RIGHT]
    read["judgements"] = judged(assessment="good", planning="inadequate")
    assert verdicts(want, told(read))[JUDGEMENT] == [Verdict.WRONG]


def test_ambiguous_texts_do_not_count(inspectorates):
    one = label(KENT, ambiguous=True)

    scores = scored([one], marks(one, told(), inspectorates))
    assert (scores.texts, scores.misses) == (0, ())


def test_silence_is_precise_and_recalls_nothing(inspectorates):
    one = label(KENT)

    scores = scored([one], marks(one, told({"provider": "Kent PDU"}), inspectorates))
    assert (scores.rating.precision, scores.rating.recall) == (1.0, 0.0)
