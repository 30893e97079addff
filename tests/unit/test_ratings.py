"""Scales and the words for their grades."""

from __future__ import annotations

from datetime import date

import pytest
from builders import (
    PRISONS,
    PROBATION,
    a_rating,
    a_scale,
    care_inspectorate,
    hmi_prisons,
    hmi_probation,
    inspectorates,
    ofsted,
)
from hypothesis import given
from hypothesis import strategies as st

from digest.ratings import Body, Inspectorate, Inspectorates, initials

FOUR_POINTS = hmi_probation().scales[0]


@pytest.mark.parametrize(
    ("words", "grade"),
    [
        ("good", "good"),
        ("Good", "good"),
        ("  Requires \n improvement ", "requires improvement"),
        ("Requires\u00a0improvement", "requires improvement"),
        ("excellent", "outstanding"),
        ("Poor", "inadequate"),
    ],
)
def test_a_grade_is_known_by_its_name_and_by_the_words_of_blogs(words, grade):
    found = FOUR_POINTS.grade(words)

    assert found is not None
    assert found.name == grade


@pytest.mark.parametrize("words", ["", "improvement", "goodish", "not good", "satisfactory"])
def test_a_word_that_is_not_on_the_scale_is_no_grade(words):
    assert FOUR_POINTS.grade(words) is None


def test_aliases_match_in_whatever_case_the_operator_wrote_them():
    scale = a_scale("x", ("good", "Grade Two"), "poor")

    assert scale.grade("grade two") == scale.grade("GOOD") == scale.grades[0]


def test_a_name_goes_before_another_grades_alias():
    scale = a_scale("x", ("very good", "good"), "good")

    found = scale.grade("good")
    assert found is not None
    assert found.rank == 2


def test_an_alias_that_two_grades_share_names_neither():
    scale = a_scale("x", ("very good", "fine"), ("good", "fine"))

    assert scale.grade("fine") is None


@given(st.sampled_from([s for body in inspectorates() for s in body.scales]), st.data())
def test_every_name_and_alias_finds_its_own_grade(scale, data):
    grade = data.draw(st.sampled_from(scale.grades))
    word = data.draw(st.sampled_from((grade.name, *grade.aliases)))
    spaced = data.draw(st.sampled_from(("", " "))) + word.replace(" ", "  ").upper()

    assert scale.grade(spaced) is grade


def test_the_best_grade_has_rank_one_though_the_numbers_run_both_ways():
    """The Care Inspectorate's 6 is its best, Ofsted's 1 is."""
    scottish = care_inspectorate().scales[0]

    six, three = scottish.grade("6"), scottish.grade("3")
    assert six is not None
    assert three is not None
    assert (six.rank, six.name) == (1, "excellent")
    assert (three.rank, three.name) == (4, "adequate")


def test_a_test_that_was_renamed_is_still_the_same_test():
    scale = hmi_prisons().scales[0]

    old, new = scale.aspect("Resettlement"), scale.aspect("preparation for release")
    assert old is not None
    assert old is new
    assert scale.aspect("overall") is None


def test_a_scale_compares_with_itself_and_with_those_it_inherits_from():
    reportcard, heir, four_points = ofsted().scales

    assert four_points.compares(four_points)
    assert heir.compares(four_points)
    assert not four_points.compares(heir), "an old scale knows nothing of what came after it"
    assert not reportcard.compares(four_points)


def test_inspectorates_and_scales_are_found_by_their_keys():
    known = inspectorates()

    assert [body.key for body in known] == ["hmi-probation", "hmi-prisons", "ofsted", "care"]
    assert known.named("ofsted") == ofsted()
    assert known.named("hmic") is None
    assert known.scale(PROBATION) == FOUR_POINTS
    assert known.scale("hmicfrs-4") is None


def test_two_bodies_may_grade_by_one_scale():
    prisons = hmi_prisons()
    northern = Inspectorate(key="cjini", name="Criminal Justice Inspection NI", scales=prisons.scales)
    known = Inspectorates(all=(prisons, northern, hmi_probation()))

    assert known.users(PRISONS) == {"hmi-prisons", "cjini"}
    assert known.users(PROBATION) == {"hmi-probation"}
    assert known.users("estyn-4") == set()


def test_a_rating_is_dated_by_its_visit_or_else_by_its_report():
    visited, published = date(2024, 1, 19), date(2024, 4, 2)

    assert a_rating(inspected_on=visited, published_on=published).dated == visited
    assert a_rating(published_on=published).dated == published
    assert a_rating(published_on=None).dated is None


def test_initials_of_kinds_stand_for_their_names() -> None:
    bodies = (
        Body(kind="PDU", names=("Probation Delivery Unit", "Probation Unit"), short=("PDU",)),
        Body(kind="prison", names=("Prison",), short=("HMP",)),
        Body(kind="YJP", names=("Youth Justice Partnership",)),
        Body(kind="led", names=(), leads=("HM",), short=("HM",)),
    )

    assert initials([Inspectorate(key="a", name="A", bodies=bodies)]) == {
        "pdu": "Probation Delivery Unit",
        "hmp": "Prison",
        "yjp": "Youth Justice Partnership",
    }
