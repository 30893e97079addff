"""The subject says the lead with both grades, and what else moved."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from builders import a_provider, inspectorates
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_editions import (
    TEMPLATES,
    a_change,
    a_downgrade,
    a_first_rating,
    a_full_day,
    a_late_story,
    a_not_comparable,
    a_rating_alone,
    a_record_story,
    a_stand_in,
    a_story,
    a_subscription,
    a_thematic,
    an_edition,
    an_opinion,
    an_unchanged,
    durham,
)
from shelf import LONG_NAME

from digest.adapters.config.packaged_scales import packaged_scales
from digest.adapters.templates import TemplateRenderer, sentence
from digest.changes import Certainty, Movement
from digest.edition import Correction, SectionKind
from digest.providers import Register
from digest.records import Cause
from digest.reports import Judgement
from digest.schedule import Weekday
from digest.subscriptions import Wishes

WRONG = Correction(told_on=date(2026, 3, 2), told=None, why="A table was misread.")
LOWEST = a_change(
    Movement.FIRST_RATING, before=None, before_on=None, after="inadequate", certainty=Certainty.STATED
)
TWO_DOWN = tuple(
    a_change(Movement.DOWNGRADE, aspect=name, scale="hmip-hpt-4", before="good", after="poor")
    for name in ("safety", "respect")
)
JUDGED = tuple(replace(a_late_story().judgements[0], aspect=name) for name in ("safety", "respect"))


@pytest.fixture
def subject(parsed):
    def read(*stories, wishes=None):
        named = {"known": inspectorates(), "subscription": a_subscription(wishes=wishes or Wishes())}
        return str(parsed(an_edition(*stories), **named)["Subject"])

    return read


@pytest.fixture
def subject_alone(parsed):
    """The subject, of a message in which nothing else is rendered: for what is tried in hundreds of ways."""

    class Renderer:
        def render(self, template, values):
            return _RENDERER.render(template, values) if template.endswith("subject.txt") else "-"

    def read(story):
        return str(parsed(an_edition(story), known=packaged_scales(), renderer=Renderer())["Subject"])

    return read


_RENDERER = TemplateRenderer([TEMPLATES])


@pytest.mark.parametrize(
    ("stories", "said"),
    [
        ((a_downgrade(),), "Kent West PDU: Good to Inadequate"),
        ((durham(), a_downgrade(), an_opinion()), "Kent West PDU: Good to Inadequate; 1 up, 1 more"),
        ((durham(),), "Durham Tees Valley CRC: RI to Good"),
        ((durham(), an_unchanged()), "Durham Tees Valley CRC: RI to Good; 1 more"),
        (
            (replace(durham(), provider_name="Durham Tees Valley Community Rehabilitation Company"),),
            "Durham Tees Valley CRC: RI to Good",
        ),
        ((an_unchanged(),), "Oldham YJS: still Good"),
        ((a_downgrade(), a_downgrade(21), durham()), "Kent West PDU: Good to Inadequate; 1 more down, 1 up"),
        ((a_first_rating(),), "Gwent PDU: first rated Good"),
        ((a_rating_alone(),), "Swansea PDU: rated Good"),
        ((replace(a_first_rating(), change=LOWEST), durham()), "Gwent PDU: first rated Inadequate; 1 up"),
        ((a_not_comparable(),), "St Bride's Academy: rated Expected standard"),
        ((replace(a_stand_in(), section=SectionKind.ELSEWHERE),), "Surrey PDU: reported as Good"),
        ((an_opinion(),), "Why I stopped counting league tables"),
        ((an_opinion(), a_thematic()), "Resettlement across England and Wales: a joint inspection; 1 more"),
        ((a_late_story(),), "Late: HMP Eastmoor: mixed, 1 down, 1 up"),
        ((replace(a_late_story(), late_from=None), durham()), "HMP Eastmoor: mixed, 1 down, 1 up; 1 up"),
        (
            (replace(a_late_story(), late_from=None, aspects=TWO_DOWN, judgements=JUDGED),),
            "HMP Eastmoor: 2 areas down",
        ),
        (
            (replace(a_late_story(), late_from=None, aspects=TWO_DOWN[:1], judgements=JUDGED[:1]),),
            "HMP Eastmoor: Safety Good to Poor",
        ),
        (
            (a_story(section=SectionKind.WITHDRAWN, change=a_change(Movement.WITHDRAWN, after=None)),),
            "Durham Tees Valley CRC: RI rating withdrawn",
        ),
        (
            (a_story(section=SectionKind.CORRECTIONS, correction=WRONG),),
            "Correction: Durham Tees...CRC: RI to Good",
        ),
        (
            (a_record_story(cause=Cause.CORRECTION, section=SectionKind.CORRECTIONS),),
            "Correction: Low Meadow Primary: RI to Good",
        ),
        (
            (a_story(section=SectionKind.CORRECTIONS, correction=WRONG, change=None, evidence=None),),
            "Correction: Durham Tees Valley CRC",
        ),
    ],
)
def test_the_subject_says_what_happened(subject, stories, said):
    assert subject(*stories) == said


def test_who_watches_a_service_reads_its_name_first(subject):
    register = Register([a_provider("oldham-yjs", "Oldham YJS")])
    assert register.get("oldham-yjs")

    said = subject(a_downgrade(), durham(), an_unchanged(), wishes=Wishes(watched=("oldham-yjs",)))

    assert said == "Oldham YJS: still Good; 1 down, 1 up"


def test_a_weekly_message_says_that_it_is_the_weeks(parsed) -> None:
    def read(weekly: Weekday) -> tuple[str, str]:
        edition = an_edition(a_downgrade(), durham())
        reader = a_subscription(wishes=Wishes(weekly=weekly))
        message = parsed(edition, known=inspectorates(), subscription=reader)
        return str(message["Subject"]), message.get_body(("plain",)).get_content()

    own = Weekday.of(an_edition().day)
    said, text = read(own)

    assert said == "This week: Kent West PDU: Good to Inadequate; 1 up"
    assert f"the week to {own.capitalize()}" in text
    assert f"once a week on {own.capitalize()}" in " ".join(text.split())
    other = next(day for day in Weekday if day is not own)
    assert not read(other)[0].startswith("This week"), "a day's edition, chosen before the change"


def test_a_subject_is_not_encoded_unless_a_name_needs_it(composed):
    def raw(name: str) -> bytes:
        content = composed(an_edition(replace(durham(), provider_name=name))).content
        found = re.search(rb"\r\nSubject: ([^\r]*(?:\r\n [^\r]*)*)", content)
        assert found
        return found[1]

    assert b"=?" not in raw("St Bride’s – “North”")
    assert b"=?utf-8?" in raw("Ynys Môn YJS")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    name=st.from_regex(r"[A-Z][a-z]{0,20}( [A-Za-z]{1,14}){0,9}", fullmatch=True),
    pair=st.permutations(["outstanding", "good", "requires improvement", "inadequate"]).map(lambda p: p[:2]),
    others=st.integers(0, 3),
    corrects=st.booleans(),
)
def test_a_phone_shows_the_new_grade_and_a_desktop_the_whole(subject, name, pair, others, corrects):
    order = ["outstanding", "good", "requires improvement", "inadequate"]
    movement = Movement.UPGRADE if order.index(pair[1]) < order.index(pair[0]) else Movement.DOWNGRADE
    story = a_story(
        1,
        provider_name=name,
        change=a_change(movement, before=pair[0], after=pair[1]),
        section=SectionKind.CORRECTIONS if corrects else SectionKind.UPGRADES,
        correction=WRONG if corrects else None,
    )

    said = subject(story, *(an_opinion(n) for n in range(2, 2 + others)))

    after = {"requires improvement": "RI"}.get(pair[1], pair[1].capitalize())
    assert len(said) <= 70
    assert re.search(rf"(to|down to|up to) (?:{after}|{pair[1].capitalize()})", said[:45])
    assert said.isascii()


CASES = (("Oldham Court", True), ("St Mary’s Church Infant School", False), (LONG_NAME, True))
"""Names of 12, 30 and 120 characters, and whether we correct ourselves."""

SCALES = {scale.key: (one, scale) for one in packaged_scales() for scale in one.scales}


@pytest.mark.parametrize("key", SCALES)
def test_on_every_scale_a_phone_shows_the_new_grade_and_a_name_to_know_it_by(key, subject_alone):
    inspectorate, scale = SCALES[key]
    grades = [grade.name for grade in scale.grades]
    for after, (name, corrects) in product(grades, CASES):
        before = grades[0] if after != grades[0] else grades[-1]
        rose = grades.index(after) < grades.index(before)
        moved = a_change(
            Movement.UPGRADE if rose else Movement.DOWNGRADE, scale=key, before=before, after=after
        )
        story = a_story(provider_name=name, inspectorate=inspectorate.key, change=moved)
        if not scale.has_overall:
            aspect = scale.aspects[0].name if scale.aspects else "safety"
            judged = Judgement(aspect=aspect, grade=after, evidence=f"{aspect}: {after}")
            story = replace(
                story, change=None, aspects=(replace(moved, aspect=aspect),), judgements=(judged,)
            )
        if corrects:
            story = replace(story, section=SectionKind.CORRECTIONS, correction=WRONG)

        said = subject_alone(story)

        short = _RENDERER._environment.get_template("mail/edition/words.txt").module.short_grades
        told = {sentence(after), sentence(short.get(after, after))}
        assert len(said) <= 70
        assert any(grade in said[:45] for grade in told), said
        assert name.replace("’", "'")[:9] in said, said


def test_a_name_that_would_be_cut_to_nothing_comes_after_the_grades(subject):
    fall = a_change(Movement.DOWNGRADE, before="good", after="inadequate")
    school = a_story(
        provider_name="St Mary’s Church Infant School",
        change=fall,
        section=SectionKind.CORRECTIONS,
        correction=WRONG,
    )

    assert subject(school) == "Correction: Good to Inadequate: St Mary's Church Infant School"


def test_the_whole_day_has_its_subject(subject):
    assert subject(*a_full_day().stories) == "Kent West PDU: Good to Inadequate; 1 up, 1 mixed, 9 more"
