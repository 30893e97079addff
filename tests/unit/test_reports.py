"""Reports: what a text claims, and that it claims no more."""

from __future__ import annotations

import pytest
from builders import a_judgement, a_report
from hypothesis import given
from hypothesis import strategies as st

from digest.ratings import OVERALL
from digest.reports import Direction


def test_the_overall_grade_comes_first_and_with_its_own_sentence():
    report = a_report("good", previous="requires improvement", aspects={"staff": "outstanding"})

    overall, staff = report.graded()
    assert (overall.aspect, overall.grade, overall.previous) == (OVERALL, "good", "requires improvement")
    assert overall.evidence == "Kent was rated good."
    assert staff == a_judgement("staff", "outstanding")


def test_a_former_grade_without_a_present_one_is_no_grade():
    """The only rating in a text may be the one of the inspection before."""
    report = a_report(None, previous="good")

    assert list(report.graded()) == []
    assert not report.rated


def test_a_report_with_grades_for_aspects_alone_is_rated():
    report = a_report(None, aspects={"safety": "poor"})

    assert report.rated
    assert [j.aspect for j in report.graded()] == ["safety"]


def test_a_text_that_claims_no_movement_claims_nothing():
    assert a_report().claims is Direction.UNKNOWN


@pytest.mark.parametrize("direction", Direction)
def test_a_claim_of_movement_is_one_of_those_we_know(direction):
    assert a_report(direction=direction).claims is direction


@given(
    st.none() | st.sampled_from(("good", "poor")),
    st.none() | st.sampled_from(("good", "poor")),
    st.dictionaries(st.sampled_from(("staff", "leadership")), st.sampled_from(("good", "poor"))),
)
def test_a_report_is_rated_when_and_only_when_it_gives_a_grade(grade, previous, aspects):
    report = a_report(grade, previous=previous, aspects=aspects)
    graded = list(report.graded())

    assert report.rated == bool(graded)
    assert len(graded) == (grade is not None) + len(aspects)
    assert all(judgement.evidence for judgement in graded)
