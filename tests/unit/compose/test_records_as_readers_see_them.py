"""Stories made of a record of a publisher's data: the field's words, where they stand, and the cause."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sample_editions import LEAVE, SENDER, a_change, a_record_story, an_edition
from test_mail_words import folded, reading

from digest.changes import Movement
from digest.compose import alerted
from digest.edition import SectionKind, StoryKey
from digest.letter_kinds import Alert
from digest.records import Cause
from digest.reports import Judgement

CALL = "https://api.inspectorate.example/public/v1/locations/1-1000000001"


@pytest.fixture
def both(text_of, html_of):
    def words(*stories, **named):
        edition = an_edition(*stories)
        html = "".join(reading(html_of(edition, **named)).words)
        return folded(text_of(edition, **named)), folded(html)

    return words


@pytest.fixture
def alert(renderer):
    def words(story):
        told = alerted(story, lambda _: False, edition=date(2026, 3, 4), successor=False)
        content = Alert(subscriber=7, generation=1, about=StoryKey(item=1, place=0), story=told).as_json()
        links = {
            "sender": SENDER,
            "leave_url": LEAVE,
            "manage_url": LEAVE,
            "coverage_url": LEAVE,
            "stop_url": LEAVE,
        }
        values = {**links, **json.loads(json.dumps(content))}
        html = renderer.render("mail/alert/body.html", values)
        return folded(renderer.render("mail/alert/body.txt", values)), folded("".join(reading(html).words))

    return words


def from_a_call(**fields):
    story = a_record_story(**fields)
    place = replace(story.origin.place, document=CALL, row="", dated=date(2026, 3, 2))
    return replace(story, origin=replace(story.origin, place=place, key="1-1000000001"))


def test_a_record_is_shown_with_its_field_and_where_it_stands_and_not_as_a_sentence(both, alert):
    story = a_record_story()
    for words in (*both(story), *alert(story)):
        assert "Overall effectiveness: Good" in words
        assert "“Overall effectiveness" not in words
        assert "From Ofsted, State-funded schools as at 28 February 2026, line 17, number 900017." in words
        assert "After a new inspection." in words


def test_a_call_is_shown_with_its_date_and_names_the_number_once(both):
    for words in both(from_a_call()):
        assert f"From Ofsted, {CALL}, 2 March 2026." in words


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (Cause.REGRADED, "Graded again, without a new inspection."),
        (Cause.INHERITED, "The grade now was given to High Meadow School."),
        (Cause.CORRECTION, "Corrected by Ofsted, without a new inspection."),
        (Cause.ASSESSMENT, "By a new assessment of figures, without an inspection."),
    ],
)
def test_the_cause_of_a_movement_is_told(both, alert, cause, said):
    named = ("High Meadow School",) if cause is Cause.INHERITED else ()
    story = a_record_story(cause=cause, predecessors=named)
    for words in (*both(story), *alert(story)):
        assert said in words
        assert "new inspection" not in words.replace("without a new inspection", "")


def test_an_inherited_grade_of_a_service_we_cannot_name_is_still_said_to_be_inherited(both):
    for words in both(a_record_story(cause=Cause.INHERITED)):
        assert "The grade now was given to the service before this one." in words


def test_a_correction_by_the_publisher_is_not_called_a_move(both):
    story = a_record_story(cause=Cause.CORRECTION, section=SectionKind.CORRECTIONS)
    text, html = both(story)

    assert "Corrected from Requires improvement to Good." in text
    assert "Corrected to" in html
    assert "Corrected by Ofsted: Requires improvement (2018) to Good" in html
    for words in (text, html):
        assert "oved up" not in words


def test_areas_graded_again_are_counted_and_a_field_in_other_words_is_shown_beside_its_grade(both, alert):
    inclusion = Judgement(aspect="inclusion", grade="strong standard", evidence="Inclusive: Strong standard")
    kept = Judgement(aspect="attendance", grade="expected standard", evidence="Attendance: Expected standard")
    story = a_record_story(
        cause=Cause.REGRADED,
        change=None,
        evidence=None,
        aspects=(
            a_change(aspect="inclusion", before="expected standard", after="strong standard"),
            a_change(
                Movement.UNCHANGED, aspect="attendance", before="expected standard", after="expected standard"
            ),
        ),
        judgements=(inclusion, kept),
    )

    for words in (*both(story), *alert(story)):
        assert "Graded again in one area, without a new inspection." in words
        assert words.count("Inclusive: Strong standard") == 1
        assert "Attendance: Expected standard" not in words
        assert "ttendance" in words
        assert "“" not in words.partition("bout this")[0].partition("Read")[0]
        assert words.count("From Ofsted, State-funded schools") == 1


def test_a_story_in_short_names_its_record_too(both):
    stories = [a_record_story(n, section=SectionKind.STEADY) for n in range(1, 40)]
    for words in both(*stories):
        assert words.count("Overall effectiveness: Good") == 39
        assert words.count("line 17") == 39


def test_html_and_text_tell_a_record_in_the_same_words():
    """They are two files, because each escapes in its own way."""
    mails = Path(__file__).parents[3] / "templates/mail"

    assert (mails / "record.html").read_text() == (mails / "record.txt").read_text()
