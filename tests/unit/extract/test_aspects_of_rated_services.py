"""Scales with an overall grade: the sentences by which inspectorates and papers grade the aspects of one service."""

# ruff: noqa: E501 -- sentences are read whole

from __future__ import annotations

import pytest

# Who a release is about, who inspects it, the year, and the inspectorate's own address.
RELEASES = {
    "practice": ("Millbank Surgery", "The Care Quality Commission", 2023, "https://www.cqc.org.uk/x"),
    "home": ("Fernbank Care Home", "The Care Quality Commission", 2024, "https://www.cqc.org.uk/x"),
    "school": ("Larkfield Primary School", "Ofsted", 2016, "https://www.gov.uk/government/news/x"),
    "academy": ("Larkfield Primary School", "Ofsted", 2023, "https://www.gov.uk/government/news/x"),
    "crc": (
        "Northshire Community Rehabilitation Company",
        "HM Inspectorate of Probation",
        2019,
        "https://www.justiceinspectorates.gov.uk/hmiprobation/x",
    ),
}


@pytest.fixture(scope="module")
def aspects_of(a_release):
    def of(whom, sentence):
        report = a_release(*RELEASES[whom], sentence)
        return {j.aspect: (j.grade, j.previous) if j.previous else j.grade for j in report.judgements}

    return of


ALL_FIVE = ("safe", "effective", "caring", "responsive", "well-led")


@pytest.mark.parametrize(
    ("whom", "sentence", "told"),
    [
        (
            "practice",
            "Inspectors rated the surgery Inadequate for being safe, Requires Improvement for being responsive to people’s needs and Good for being caring.",
            {"safe": "inadequate", "responsive": "requires improvement", "caring": "good"},
        ),
        (
            "practice",
            "Inspectors rated the surgery Outstanding for providing caring services, and Good for providing services that are safe and effective.",
            {"caring": "outstanding", "safe": "good", "effective": "good"},
        ),
        (
            "practice",
            "We found the surgery to be Good in the safe and caring domains and Outstanding in the effective domain.",
            {"safe": "good", "caring": "good", "effective": "outstanding"},
        ),
        (
            "practice",
            "We rated the practice as Outstanding for caring, and Good for well-led.",
            {"caring": "outstanding", "well-led": "good"},
        ),
        (
            "practice",
            "It was rated Good in four (safe, effective, responsive and well-led) of the five areas.",
            dict.fromkeys(("safe", "effective", "responsive", "well-led"), "good"),
        ),
        (
            "practice",
            "A specialist team of inspectors rated the surgery as Inadequate for being safe and well-led.",
            {"safe": "inadequate", "well-led": "inadequate"},
        ),
        (
            "home",
            "The home has been rated good for being safe, and caring was rated outstanding.",
            {"safe": "good", "caring": "outstanding"},
        ),
        (
            "home",
            "The overall rating for the home, and the ratings for how safe and well-led it is, have dropped from good to inadequate.",
            {"safe": ("inadequate", "good"), "well-led": ("inadequate", "good")},
        ),
        (
            "home",
            "The report said the home would remain 'requires improvement' overall as well as for being safe and well-led.",
            {
                "safe": ("requires improvement", "requires improvement"),
                "well-led": ("requires improvement", "requires improvement"),
            },
        ),
        ("home", "It was again rated good for being caring.", {"caring": ("good", "good")}),
        ("home", "Leadership was found to require improvement.", {"well-led": "requires improvement"}),
        (
            "school",
            "All four inspection criteria – achievement of pupils, quality of teaching, behaviour and safety of pupils, and leadership and management – were given a ‘requires improvement’.",
            dict.fromkeys(
                (
                    "achievement of pupils",
                    "quality of teaching",
                    "behaviour and safety of pupils",
                    "leadership and management",
                ),
                "requires improvement",
            ),
        ),
        (
            "academy",
            'The report declared that the school is "outstanding" in every category including Quality of Education and Personal Development.',
            {"quality of education": "outstanding", "personal development": "outstanding"},
        ),
        (
            "crc",
            "Inspectors have rated all four of our key standards – the assessment, planning, implementation and review of cases – as ‘Inadequate’.",
            dict.fromkeys(
                ("assessment", "planning", "implementation and delivery", "reviewing"), "inadequate"
            ),
        ),
        (
            "practice",
            "The report adds that safety and responsiveness all ‘require improvement’.",
            {"safe": "requires improvement", "responsive": "requires improvement"},
        ),
        (
            "academy",
            "The school was rated good with outstanding leadership and management.",
            {"leadership and management": "outstanding"},
        ),
        (
            "crc",
            "The quality of statutory victim work (see notes to editor) was found to be ‘Outstanding’.",
            {"statutory victim work": "outstanding"},
        ),
    ],
)
def test_sentences_grade_aspects(aspects_of, whom, sentence, told):
    assert aspects_of(whom, sentence) == told


@pytest.mark.parametrize(
    ("whom", "sentence"),
    [
        ("practice", "The manager said the surgery would remain 'good' for being caring."),
        ("home", "Staff morale dropped to good in its safety tests."),
        ("practice", "Services for people with complex needs and good access were described."),
        ("home", "Staff training was found to require improvement."),
        ("academy", "The school was rated good with outstanding features."),
        ("home", "The home needs to be 'good' for being safe."),
        ("home", "The report says that the food is 'good' in every category including caring."),
        (
            "school",
            "Inspectors looked at four areas – leadership and management among them – and the food is ‘good’.",
        ),
    ],
)
def test_sentences_that_grade_no_aspect(aspects_of, whom, sentence):
    assert aspects_of(whom, sentence) == {}


def test_a_pages_own_block_of_ratings_stands_against_its_backdrop(aspects_of):
    text = (
        "Overall, the practice is rated Good.\n\nSafe - Good\nEffective - Good\nCaring - Good\nResponsive - Good\nWell-led - Good\n\nWhy we carried out this inspection\n\n"
        "We inspected to follow up on the inadequate ratings for the key questions safe and well-led."
    )
    assert aspects_of("practice", text) == {
        **dict.fromkeys(ALL_FIVE, "good"),
        "safe": ("good", "inadequate"),
        "well-led": ("good", "inadequate"),
    }


def test_a_label_wrapped_on_to_a_second_line_is_one_label(aspects_of):
    text = (
        "The judgements are:\n1. Children who need help and protection\nRequires improvement\n"
        "2. Children looked after and achieving\npermanence\nGood\n2.1 Adoption performance\nGood\n"
    )
    assert aspects_of("school", text) == {
        "children who need help and protection": "requires improvement",
        "children looked after and achieving permanence": "good",
        "adoption performance": "good",
    }


def test_an_unknown_item_does_not_hand_its_list_to_the_next_grade(aspects_of):
    text = (
        "\n\nGood\n– Quality of education\nRequires improvement\n– Something else\n– Behaviour and attitudes\n"
        "Inadequate\n– Personal development\n"
    )
    assert aspects_of("academy", text) == {
        "quality of education": "good",
        "behaviour and attitudes": "requires improvement",
        "personal development": "inadequate",
    }


def test_patients_of_a_practice_are_not_the_practice(reading):
    text = (
        "Millbank Surgery\n\nThe Care Quality Commission (CQC) has published a report on Millbank Surgery. Inspectors rated all "
        "population groups as requires improvement."
    )
    (report,) = reading(text).reports

    assert report.overall is None
