"""Key findings under their headings, quotations with their speakers, and the plain facts of a report."""

from __future__ import annotations

from datetime import date

import pytest

from digest.extract.blocks import plain_blocks
from digest.extract.dates import inspected, published_on
from digest.extract.facts import caseload
from digest.extract.findings import findings
from digest.extract.quotes import quotes
from digest.extract.sentences import sentences

COMPOUND = """Court work and victim contact

Key strengths of court work are:

• Reports are prompt.

Areas for improvement for court work include:

• Checks are late.

What inspectors liked about victim contact, its main strengths:

• Letters are kind.

The opening hours are:

• Monday to Friday.
"""


def test_findings_stand_under_the_part_of_a_heading_that_is_meant():
    assert [(f.heading, f.kind.value, f.text) for f in findings(plain_blocks(COMPOUND))] == [
        ("Court work", "strength", "Reports are prompt."),
        ("Court work", "improvement", "Checks are late."),
        ("Victim contact", "strength", "Letters are kind."),
    ]


def test_a_heading_of_one_thing_with_and_in_it_stays_whole():
    text = (
        "Information and facilities\n\nStrengths of information and facilities are:\n\n• Offices are light."
    )

    assert [f.heading for f in findings(plain_blocks(text))] == ["Information and facilities"]


def test_a_list_that_could_be_either_is_no_finding():
    text = "Leadership\n\nStrengths and areas for improvement:\n\n• Vision."

    assert findings(plain_blocks(text)) == ()


def test_a_surname_is_given_the_name_that_came_before():
    text = (
        "Chief Inspector of Probation Martin Jones said:\n\n“One thing is clear.\n\nAnother is not.”\n\n"
        "A volunteer spoke up:\n\n“I like it here.”\n\nMr Jones added:\n\n“We shall return.”"
    )

    assert [(q.speaker, q.text) for q in quotes(plain_blocks(text))] == [
        ("Martin Jones", "One thing is clear.\n\nAnother is not."),
        ("Martin Jones", "We shall return."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'Martin Jones: "There is a long way to go."',
        "Martin Jones, the chief inspector, said: “There is a long way to go.”",
        "“There is a long way to go,” said Martin Jones.",
    ],
)
def test_a_quotation_within_a_paragraph_is_found(text):
    (quote,) = quotes(plain_blocks(text + " Then it rained."))

    assert quote.speaker == "Martin Jones"
    assert quote.text.startswith("There is a long way to go")


def test_a_quotation_that_is_never_closed_is_none():
    assert (
        quotes(plain_blocks("Martin Jones said:\n\n“There is a long way to go.\n\nHeading without end")) == ()
    )


@pytest.mark.parametrize(
    ("sentence", "words", "day"),
    [
        ("The unit was inspected in November and December.", "November and December", None),
        ("The inspection took place in January 2020.", "January 2020", date(2020, 1, 31)),
        ("Inspectors visited between May and June 2023.", "May and June 2023", date(2023, 6, 30)),
        ("Inspectors visited in late February 2024.", "late February 2024", date(2024, 2, 29)),
    ],
)
def test_the_visit_is_dated_only_where_its_year_is_certain(sentence, words, day):
    claim, last_day = inspected([sentence])

    assert claim is not None
    assert (claim.value, last_day) == (words, day)


@pytest.mark.parametrize(
    "sentence",
    [
        "It was last inspected in May 2019.",
        "Staff may leave in spring.",
        "They may inspect it.",
        "In May it rained.",
    ],
)
def test_other_dates_are_no_visit(sentence):
    assert inspected([sentence]) == (None, None)


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("The CRC supervises more than 3,600 low-risk offenders.", "more than 3,600"),
        ("A company with about 8,600 people on its books.", "about 8,600"),
        ("It has a caseload of 1,250.", "1,250"),
        ("Inspectors manage to see 20 per cent of cases.", None),
        ("More than 40 people found work.", None),
    ],
)
def test_the_caseload_is_what_the_provider_supervises(sentence, value):
    claim = caseload([sentence])

    assert (claim.value if claim else None) == value


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Title\n\nPublished: 3 May 2023\n\nWords.", date(2023, 5, 3)),
        ("Title\n\n23/11/2022. News. Words.", date(2022, 11, 23)),
        ("Title\n\nTuesday, January 26, 2021\n\nWords.", date(2021, 1, 26)),
        ("Title\n\nA report out today (19 June 2019) says so.", date(2019, 6, 19)),
        ("Title\n\nAuthor: A Bee. Published 15th Nov 2024. Words.", date(2024, 11, 15)),
        ("Title\n\ndate 2022-08-18. Words.", date(2022, 8, 18)),
        ("3 May 2023 – a bulletin\n\nWords.", date(2023, 5, 3)),
        ("Title\n\nA report published today (24 November) says so.", None),
        ("Title\n\nThe unit was visited on 3 May 2023 and again later.", None),
        ("Title\n\nApplications close on 20 June 2023.", None),
        ("Title\n\nPublished: 31/02/2022\n\nWords.", None),
    ],
)
def test_the_day_of_publication_must_stand_in_full(text, day):
    found = plain_blocks(text)

    assert published_on((), found[0].text, found) == day


def test_sentences_end_at_full_stops_within_quotations_too():
    text = "“We came in 2018. We gave ‘Good’.” See Para. 5 and No. 4 of it. ‘Good’ it was."

    assert sentences(text) == (
        "“We came in 2018.",
        "We gave ‘Good’.”",
        "See Para. 5 and No. 4 of it.",
        "‘Good’ it was.",
    )


HEAD = "Ambledon PDU\n\nHMI Probation inspected Ambledon PDU in May.\n\n"


def told(reading, text):
    return [(f.kind.value, f.text) for f in reading(HEAD + text).reports[0].findings]


def test_recommendations_are_told_apart(reading):
    text = (
        "Areas for improvement:\n\n• Victims wait too long.\n\n"
        "Recommendations\n\n• Train every new officer.\n\n"
        "Ambledon PDU should:\n\n• Fill its vacant posts."
    )

    assert told(reading, text) == [
        ("improvement", "Victims wait too long."),
        ("recommendation", "Train every new officer."),
        ("recommendation", "Fill its vacant posts."),
    ]


def test_findings_may_stand_in_running_text_under_their_heading(reading):
    text = (
        "Strengths\n\nLeaders know their people well. Nobody waits for a first meeting.\n\n"
        "Areas for improvement\n\nRisk is often underestimated in busy weeks.\n\n"
        "What happens next\n\nThe unit will write a plan."
    )

    assert told(reading, text) == [
        ("strength", "Leaders know their people well."),
        ("strength", "Nobody waits for a first meeting."),
        ("improvement", "Risk is often underestimated in busy weeks."),
    ]


def test_a_finding_said_twice_counts_once(reading):
    text = "Strengths:\n\n• Leaders know their people.\n• Leaders know their people."

    assert told(reading, text) == [("strength", "Leaders know their people.")]


def test_what_was_cut_off_loses_its_broken_sentence(reading):
    text = "Strengths:\n\n• Leaders know their people. They also see to…\n• Nobody waits for…"

    assert told(reading, text) == [("strength", "Leaders know their people.")]
