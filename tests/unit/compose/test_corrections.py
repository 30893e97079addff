"""A correction as readers get it: what was told, when, why it was wrong, and what is right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_editions import DAY, a_change, a_story, an_edition

from digest.changes import Movement
from digest.edition import Correction, SectionKind

WHY = "We took the rating of a <b>neighbour</b> for this one."


@pytest.fixture
def correction():
    told = a_change(Movement.DOWNGRADE, before="good", after="inadequate")
    return a_story(
        section=SectionKind.CORRECTIONS,
        correction=Correction(told_on=DAY.replace(day=2), told=told, why=WHY),
    )


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_correction_comes_first_and_says_what_was_told(parsed, correction):
    message = parsed(an_edition(a_story(2), correction))
    text = words(message.get_body(("plain",)).get_content())

    assert message["Subject"].startswith("Correction: Durham Tees...CRC: RI to Good")
    assert text.index("Our correction: Durham Tees Valley CRC") < text.index("Up: Durham Tees Valley CRC")
    assert "1 correction, 1 up" in text
    assert (
        f"Corrected: our edition of Monday 2 March wrongly said that it moved down to Inadequate. {WHY}"
        in text
    )


def test_the_row_of_a_correction_says_what_was_said(parsed, correction):
    message = parsed(an_edition(correction))

    for kind, card in (("plain", "WHAT MOVED"), ("html", "<h2")):
        part = words(message.get_body((kind,)).get_content())
        assert "We wrongly said that it moved down to Inadequate. We took" in part.partition(card)[0]


def test_an_operators_words_are_escaped_as_anybodys(parsed, correction):
    html = parsed(an_edition(correction)).get_body(("html",)).get_content()

    assert "&lt;b&gt;neighbour" in html
    assert "<b>neighbour" not in html


def test_what_is_taken_back_names_no_grade(parsed):
    gone = a_story(
        section=SectionKind.CORRECTIONS,
        change=None,
        evidence=None,
        correction=Correction(told_on=DAY.replace(day=2), told=None, why="It was another service."),
    )

    text = words(parsed(an_edition(gone)).get_body(("plain",)).get_content())
    assert "was wrong about this. It was another service." in text


def test_a_corrected_grade_without_a_sentence_has_the_reason_and_no_quote(parsed, correction):
    told = replace(correction, evidence=None, checked=WHY, lead=None)
    message = parsed(an_edition(told))
    text = words(message.get_body(("plain",)).get_content())
    html = words(message.get_body(("html",)).get_content())

    assert "Moved up from Requires improvement (November 2018) to Good." in text
    assert text.count(WHY) == html.count("We took the rating") == 2  # at a glance, and in full
    assert "“" not in text
    assert "blockquote" not in html.partition("<body")[2]


def test_a_grade_that_was_corrected_before_it_was_told_says_why_it_is_right(parsed):
    message = parsed(an_edition(a_story(evidence=None, checked=WHY)))
    text = words(message.get_body(("plain",)).get_content())
    html = words(message.get_body(("html",)).get_content())

    assert f"Checked by us: {WHY}" in text
    assert "Moved up from" in text
    assert ">Checked by us:</b> We took the rating" in html
