"""Prisons, police forces and fire services: how their inspectorates grade aspects, and how aspects move."""

# ruff: noqa: E501 -- sentences are read whole

from __future__ import annotations

import pytest

ALL_FOUR = "was found to be insufficiently good in all four of our healthy prison tests."


@pytest.fixture(scope="module")
def prison(reading):
    def of(sentences, name="HMP Ashford"):
        return _report(
            reading, name, "HM Inspectorate of Prisons", "hmiprisons.justiceinspectorates.gov.uk", sentences
        )

    return of


def _report(reading, name, judge, site, sentences):
    text = f"{name}\n\nPublished: 3 May 2020\n\n{judge} has published a report on {name}. {sentences}\n"
    (report,) = reading(text, url=f"https://{site}/x").reports
    return report


def now(report):
    return {j.aspect: j.grade for j in report.judgements}


def before(report):
    return {j.aspect: j.previous for j in report.judgements if j.previous}


@pytest.mark.parametrize(
    ("sentence", "graded"),
    [
        ("Purposeful activity remained the same and respect was now reasonably good.", ["respect"]),
        (
            "Safety had improved and respect and preparation for release were reasonably good.",
            ["respect", "preparation for release"],
        ),
        ("Work on release had declined, and safety was not sufficiently good.", ["safety"]),
        ("Safety and respect were reasonably good.", ["safety", "respect"]),
    ],
)
def test_an_aspect_with_a_verb_of_its_own_has_not_the_grade_of_the_next(prison, sentence, graded):
    assert list(now(prison(sentence))) == graded


def test_all_four_tests_of_a_prison_for_children_have_care_where_others_have_respect(prison):
    held = prison(f"It holds boys aged between 15 and 18 and {ALL_FOUR} The ‘care’ test had got worse.")
    unnamed = prison(f"It holds boys aged between 15 and 18 and {ALL_FOUR}")
    adults = prison(f"It {ALL_FOUR}")

    assert "care" in now(held)
    assert "respect" not in now(held)
    assert set(now(unnamed)) == {"safety", "purposeful activity", "preparation for release"}
    assert "respect" in now(adults)


def test_aspects_that_stayed_say_nothing_of_one_without_a_former_grade(prison):
    report = prison(
        "Outcomes for safety and respect remained reasonably good. Purposeful activity was not sufficiently good."
    )

    assert report.claims == "unknown"
    assert before(report) == {"safety": "reasonably good", "respect": "reasonably good"}


MOVED = [
    (
        "At our last inspection in 2017, safety was assessed as poor and respect as not sufficiently good. Safety had now improved one grade to not sufficiently good and respect remained the same.",
        {"safety": "not sufficiently good", "respect": "not sufficiently good"},
        {"safety": "poor", "respect": "not sufficiently good"},
    ),
    (
        "Outcomes remained ‘good’ in safety and ‘reasonably good’ in respect. Only in purposeful activity did we find a decline. In this test, our assessment had fallen from ‘good’ to ‘poor’.",
        {"safety": "good", "respect": "reasonably good", "purposeful activity": "poor"},
        {"safety": "good", "respect": "reasonably good", "purposeful activity": "good"},
    ),
    (
        "Outcomes were poor for safety. At the last inspection in 2017 we found a prison in crisis, with poor outcomes in safety and respect.",
        {"safety": "poor"},
        {"safety": "poor"},
    ),
    (
        "The prison was rated not sufficiently good for respect. There had been a deterioration in the test of respect, from reasonably good in 2018.",
        {"respect": "not sufficiently good"},
        {"respect": "reasonably good"},
    ),
    (
        "It was not sufficiently good in safety and reasonably good in respect. The assessments for safety and respect were unchanged.",
        {"safety": "not sufficiently good", "respect": "reasonably good"},
        {"safety": "not sufficiently good", "respect": "reasonably good"},
    ),
]


@pytest.mark.parametrize(("sentences", "graded", "former"), MOVED, ids=[s for s, *_ in MOVED])
def test_a_test_has_the_grade_that_it_moved_from_or_kept(prison, sentences, graded, former):
    report = prison(sentences)

    assert now(report) == graded
    assert before(report) == former


@pytest.mark.parametrize(
    "sentence",
    [
        "There were good outcomes in safety training.",
        "Attendance at activities had improved to good.",
        "Staff said that respect remained the same as in other prisons.",
        "Outcomes for safety work remained much the same.",
        "Relations had been poor in this test of everyone’s patience.",
    ],
)
def test_plain_words_about_the_tests_are_no_grades(prison, sentence):
    report = prison(sentence)

    assert now(report) == {}
    assert report.claims == "unknown"


def test_initials_in_brackets_part_no_list_of_aspects(prison):
    report = prison(
        "Outcomes for prisoners in our tests of safety, purposeful activity and rehabilitation and release planning (RRP) were not sufficiently good, but were reasonably good in respect."
    )

    assert now(report) == {
        "safety": "not sufficiently good",
        "purposeful activity": "not sufficiently good",
        "preparation for release": "not sufficiently good",
        "respect": "reasonably good",
    }


@pytest.fixture(scope="module")
def service(reading):
    def of(sentences, name="Northshire Fire and Rescue Service"):
        return _report(reading, name, "HMICFRS", "hmicfrs.justiceinspectorates.gov.uk", sentences)

    return of


SERVICES = [
    (
        "The service requires improvement in its effectiveness. It requires improvement to how it:\n\n- understands the risk of fire and other emergencies; and\n- gets the right people with the right skills.",
        {
            "effectiveness": "requires improvement",
            "understanding fire and risk": "requires improvement",
            "right people and skills": "requires improvement",
        },
    ),
    (
        "We judged the way it promotes the right values and culture to be inadequate.",
        {"promoting values and culture": "inadequate"},
    ),
    ("The service’s efficiency requires improvement.", {"efficiency": "requires improvement"}),
    (
        "The inadequate areas included preventing fires and responding to major incidents.",
        {"preventing fire and risk": "inadequate", "responding to major incidents": "inadequate"},
    ),
    (
        "Several areas of the service were rated as good, including understanding fire and risk and future affordability.",
        {"understanding fire and risk": "good", "future affordability": "good"},
    ),
    (
        "It was given these grades.\n\nGood\n\n- Understanding the fires and other risks\n\nRequires improvement\n\n- Keeping its engines clean\n- Promoting the right values and culture\n\nInadequate\n\n- Making best use of resources\n",
        {
            "understanding fire and risk": "good",
            "promoting values and culture": "requires improvement",
            "best use of resources": "inadequate",
        },
    ),
    (
        "In terms of effectiveness, the service is good at tackling the causes of arson.",
        {},
    ),
    ("The inadequate areas were the yard and the canteen.", {}),
    ("The way it treats visitors is good.", {}),
    (
        "It was rated ‘outstanding’ overall for efficiency and ‘good’ overall for effectiveness.",
        {"efficiency": "outstanding", "effectiveness": "good"},
    ),
    (
        "The areas requiring improvement are preventing fires; responding to emergencies, which was slow.",
        {
            "preventing fire and risk": "requires improvement",
            "responding to fires and emergencies": "requires improvement",
        },
    ),
    ("The areas requiring improvement were told to work harder.", {}),
    ("It was assessed as good in the way it keeps people safe.", {}),
    ("It is outstanding at treating the people it serves with fairness.", {}),
    ("The service’s prevention staff require improvement to their vans.", {}),
]


@pytest.mark.parametrize(("sentences", "graded"), SERVICES, ids=[s for s, _ in SERVICES])
def test_a_service_is_graded_in_lists_and_by_what_it_does(service, sentences, graded):
    assert now(service(sentences)) == graded


def test_a_force_that_retained_its_grade_in_the_areas_inspected_had_it_before(service):
    report = service(
        "The service has retained its ‘good’ grading in the three main areas inspected for effectiveness, efficiency and people."
    )

    assert now(report) == before(report) == dict.fromkeys(("effectiveness", "efficiency", "people"), "good")
    assert report.claims == "unchanged"


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ("It gave an overall rating of ‘Requires improvement’ – the same mark as last year.", "unchanged"),
        (
            "It was rated ‘Requires improvement’ overall, the same as at its previous inspection.",
            "unchanged",
        ),
    ],
)
def test_the_same_mark_as_last_year_is_of_now_too(reading, sentence, claims):
    report = _report(
        reading, "Kent PDU", "HMI Probation", "hmiprobation.justiceinspectorates.gov.uk", sentence
    )

    assert report.overall.value == report.previous.value == "requires improvement"
    assert report.claims == claims
