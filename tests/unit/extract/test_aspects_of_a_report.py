"""Judgements: which aspect a grade was given to, and silence where the aspect is not known."""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

ASPECTS = [
    ("Staffing at Ambledon PDU was rated ‘Requires improvement’.", {"staffing": "requires improvement"}),
    ("Leadership was rated ‘Good’; staffing and services require improvement.", {"leadership": "good", "staffing": "requires improvement", "services": "requires improvement"}),
    ("It was rated ‘Good’ in nearly every area, including leadership and unpaid work.", {"leadership": "good", "unpaid work": "good"}),
    ("It was rated ‘Good’ for everything except staffing.", {}),
    ("It was rated ‘Good’ for leadership, but not for staffing.", {"leadership": "good"}),
    ("It was rated ‘Good’ in all areas but staffing.", {}),
    ("The areas rated as ‘Good’ and ‘Outstanding’ deserve praise.", {}),
    ("The unit was rated ‘Outstanding’ for statutory victim work.", {"statutory victim work": "outstanding"}),
    ("Inspectors rated staffing as ‘Inadequate’.", {"staffing": "inadequate"}),
    ("Unpaid work and help for people leaving prison were effective and rated 'Good'.", {"unpaid work": "good", "through the gate": "good"}),
    ("Planning, implementation and review of cases were rated 'Inadequate', the bottom grade.", {"planning": "inadequate", "implementation and delivery": "inadequate", "reviewing": "inadequate"}),
    ("The rating for leadership is 'Good'.", {"leadership": "good"}),
    ("It was rated 'Good' for leadership and 'Inadequate' for planning.", {"leadership": "good", "planning": "inadequate"}),
    ("'Inadequate' ratings for assessment and planning in out-of-court work were a surprise.", {"out-of-court disposals: assessment": "inadequate", "out-of-court disposals: planning": "inadequate"}),
    ("Casework in all four delivery standards was found 'Inadequate'.", dict.fromkeys(["assessment", "planning", "implementation and delivery", "reviewing"], "inadequate")),
    ("Casework in all five delivery standards was found 'Inadequate'.", {}),
    ("Three aspects of work were rated 'Outstanding'.", {}),
    ("Leadership, said Mr Jones, is strong, and the unit was rated 'Good'.", {}),
    ("Leadership was rated 'Good'. Leadership was rated 'Inadequate'.", {}),
]  # fmt: skip


def judged(report):
    return {j.aspect: j.grade for j in report.judgements}


@pytest.mark.parametrize(("sentences", "expected"), ASPECTS, ids=[text for text, _ in ASPECTS])
def test_a_grade_goes_to_the_aspect_it_was_given_to(reading, sentences, expected):
    (report,) = reading(f"Ambledon PDU\n\nHMI Probation visited Ambledon PDU in May. {sentences}").reports

    assert judged(report) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "It maintained its ‘Outstanding’ rating for leadership.",
        "Leadership was rated ‘Outstanding’, as it had been before.",
        "Leadership was rated ‘Outstanding’ as before.",
        "Leadership is rated ‘Outstanding’, just as it was before, and rightly so.",
    ],
)
def test_an_aspect_that_kept_its_grade_has_it_as_the_former_one(reading, sentence):
    text = f"Ambledon PDU\n\nHMI Probation visited Ambledon PDU. {sentence}"
    (judgement,) = reading(text).reports[0].judgements

    assert (judgement.grade, judgement.previous) == ("outstanding", "outstanding")


@pytest.mark.parametrize(
    "sentence",
    [
        "Leadership was rated ‘Outstanding’, as it had been before the merger.",
        "Leadership was rated ‘Outstanding’, as it had not been before.",
        "Leadership was rated ‘Outstanding’, as was planned before.",
    ],
)
def test_words_that_only_sound_like_as_before_give_no_former_grade(reading, sentence):
    text = f"Ambledon PDU\n\nHMI Probation visited Ambledon PDU. {sentence}"

    assert [j.previous for j in reading(text).reports[0].judgements] in ([], [None])


def test_lines_of_label_and_grade_are_read(reading):
    text = "Ambledon PDU\n\nHMI Probation inspected Ambledon PDU.\n\nOverall rating: Good\nLeadership: Outstanding\nPlanning: Inadequate"
    (report,) = reading(text).reports

    assert report.overall is not None
    assert report.overall.value == "good"
    assert judged(report) == {"leadership": "outstanding", "planning": "inadequate"}


def test_a_grade_on_the_line_under_its_label_is_read(reading):
    text = "Ambledon PDU\n\nHMI Probation inspected Ambledon PDU in May.\n\nOverall rating\n\nGood\n\nStaff were happy."
    found = reading(text)

    assert found.reports[0].overall is not None
    assert found.reports[0].overall.value == "good"
    assert found.reports[0].overall.evidence in found.text


def test_of_two_grades_in_one_row_neither_is_taken_as_current(reading):
    html = "<h1>Ambledon PDU</h1><p>HMI Probation inspected Ambledon PDU.</p><table><tr><td>Leadership</td><td>Good</td><td>Inadequate</td></tr></table>"
    (report,) = reading(html, content_type="text/html").reports

    assert report.judgements == ()


def test_all_domains_under_a_heading_are_the_aspects_of_that_heading(reading):
    text = (
        "Ambledon CRC\n\nHMI Probation inspected Ambledon CRC.\n\nCase supervision\n\n"
        "The verdict was harsh, rating all four domains as “requiring improvement”."
    )

    assert judged(reading(text).reports[0]) == dict.fromkeys(
        ["assessment", "planning", "implementation and delivery", "reviewing"], "requires improvement"
    )
