"""The scales whose grades come from data: which way they run, and what they are compared with."""

from __future__ import annotations

from datetime import date

import pytest

from digest.adapters.config.packaged_scales import packaged_scales
from digest.ratings import Scale

HIGHEST = "High level of capacity for sustained improvement"
LOWEST = "Needs to address urgently the significant areas for improvement"


def scale(key: str) -> Scale:
    found = packaged_scales().scale(key)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("key", "best", "worst"),
    [
        ("nhs-segment-5", "1", "recovery support programme"),
        ("rsh-4", "C1", "V4"),
        ("fhrs-6", "5", "0"),
        ("fhis-2", "Pass and Eat Safe", "Improvement Required"),
        ("epa-5", "5", "failing"),
        ("epa-stars-4", "4 stars", "1"),
        ("isi-standards-2", "met", "not met"),
        ("ofsted-reportcard-5", "Exceptional", "Urgent improvement"),
        ("ofsted-safeguarding-2", "Met", "Not met"),
        ("ci-6", "6", "1"),
        ("eti-conclusion-4", HIGHEST, LOWEST),
    ],
)  # fmt: skip
def test_each_runs_from_its_best_word_to_its_worst(key: str, best: str, worst: str) -> None:
    first, last = scale(key).grade(best), scale(key).grade(worst)

    assert (first, last) == (scale(key).grades[0], scale(key).grades[-1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("epa-5", "epa-stars-4"),  # "4" is good on one and the best on the other
        ("fhrs-6", "fhis-2"),  # Scotland passes or does not
        ("ofsted-reportcard-5", "ofsted-4"),
        ("ofsted-reportcard-5", "ofsted-safeguarding-2"),
        ("eti-conclusion-4", "eti-performance-6"),
    ],
)
def test_scales_that_mean_other_things_are_never_compared(one: str, other: str) -> None:
    assert not scale(one).compares(scale(other))
    assert not scale(other).compares(scale(one))


def test_a_number_of_water_companies_means_by_its_year_what_it_meant_then() -> None:
    stars, numbers = scale("epa-stars-4"), scale("epa-5")

    assert stars.valid_until == numbers.valid_from == date(2027, 1, 1)
    assert [one.grade("4") for one in (stars, numbers)] == [stars.grades[0], numbers.grades[1]]


def test_a_council_has_a_consumer_grade_alone_and_a_landlord_up_to_three() -> None:
    landlords = scale("rsh-4")

    assert not landlords.has_overall
    for words, aspect in (
        ("C", "consumer standards"),
        ("G", "governance"),
        ("Viability", "financial viability"),
    ):
        found = landlords.aspect(words)
        assert found is not None
        assert found.name == aspect


def test_an_ombudsman_finds_and_does_not_grade() -> None:
    for key in ("housing-ombudsman", "lgsco"):
        found = packaged_scales().named(key)
        assert found is not None
        assert found.scales == ()
