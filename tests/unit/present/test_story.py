"""What of a story is told, and what is left to the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import inspectorates
from hypothesis import given
from hypothesis import strategies as st
from sample_editions import a_change, a_late_story, a_story, a_thematic, durham

from digest.changes import Movement
from digest.present.story import ASPECTS, FINDINGS_OF_A_KIND, LONGEST_QUOTE, story_view
from digest.reports import Finding, FindingKind, Judgement, Quote

FINDINGS = st.lists(
    st.builds(
        Finding,
        heading=st.sampled_from([None, "Leadership", "Staff", "Casework"]),
        kind=st.sampled_from(FindingKind),
        text=st.text("abc", min_size=1, max_size=8),
    ),
    max_size=30,
).map(tuple)


def test_three_strengths_and_three_areas_for_improvement_are_told_and_the_rest_counted():
    view = story_view(durham())

    told = [finding for group in view.groups for finding in group.findings]
    assert [f.kind for f in told].count(FindingKind.STRENGTH) == 3
    assert [f.kind for f in told].count(FindingKind.IMPROVEMENT) == 3
    assert view.more_findings == 17 + 8 - 6


def test_no_heading_crowds_out_the_others():
    view = story_view(durham())

    assert [finding.heading for finding in view.groups[0].findings] == [
        "Leading the organisation",
        "Supervising people",
        "Unpaid work",
    ]


@given(FINDINGS)
def test_every_finding_is_told_or_counted_and_none_is_told_twice(findings):
    view = story_view(a_story(findings=findings))

    told = [finding.text for group in view.groups for finding in group.findings]
    assert len(told) == len(set(told))
    assert len(told) + view.more_findings == len({f.text for f in findings})
    assert all(len(group.findings) <= FINDINGS_OF_A_KIND for group in view.groups)


@given(FINDINGS)
def test_findings_stand_with_those_of_their_kind(findings):
    groups = story_view(a_story(findings=findings)).groups

    assert len({group.kind for group in groups}) == len(groups)
    assert all(finding.kind is group.kind for group in groups for finding in group.findings)


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (a_change(Movement.DOWNGRADE, before="outstanding", after="good"), FindingKind.IMPROVEMENT),
        (a_change(before="inadequate", after="requires improvement"), FindingKind.STRENGTH),
        (a_change(Movement.UNCHANGED, after="good"), FindingKind.STRENGTH),
        (a_change(Movement.UNCHANGED, after="inadequate"), FindingKind.IMPROVEMENT),
        (a_change(Movement.FIRST_RATING, after="inadequate"), FindingKind.IMPROVEMENT),
    ],
)
def test_the_findings_that_carry_the_verdict_come_first(change, first):
    view = story_view(replace(durham(), change=change), known=inspectorates())

    assert view.groups[0].kind is first


def test_a_finding_that_repeats_the_sentence_of_a_grade_is_not_told_again():
    story = a_story(evidence="Kent is good.")
    again = Finding(heading=None, kind=FindingKind.STRENGTH, text="Kent is ‘Good’")

    assert story_view(replace(story, findings=(again,))).groups == ()


def test_a_quote_does_not_repeat_a_finding():
    finding = durham().findings[0]
    quotes = (Quote(speaker="The Chief Inspector", text=finding.text),)

    assert story_view(replace(durham(), quotes=quotes)).quote is None


def test_a_grade_without_its_sentence_is_not_told():
    assert story_view(a_story(evidence=None)).change is None


def test_an_aspect_without_its_sentence_is_not_told():
    story = replace(a_late_story(), judgements=a_late_story().judgements[:1])

    (judged,) = story_view(story).aspects

    assert [change.aspect for change in judged.changes] == ["safety"]


def test_a_rating_that_was_taken_back_is_told_with_the_sentence_that_says_so():
    gone = a_change(Movement.WITHDRAWN, after=None)
    aspects = tuple(a_change(Movement.WITHDRAWN, after=None, aspect=name) for name in ("staff", "planning"))
    story = a_story(change=gone, aspects=aspects, evidence="We have withdrawn the report.")

    view = story_view(story)
    assert view.change == gone
    assert [(judged.changes, judged.evidence) for judged in view.aspects] == [(aspects, story.evidence)]
    assert story_view(replace(story, evidence=None)).change is None


def test_one_sentence_that_grades_two_aspects_is_quoted_once():
    (judged,) = story_view(a_late_story()).aspects

    assert [change.aspect for change in judged.changes] == ["purposeful activity", "safety"]


def test_aspects_that_moved_come_first_and_the_rest_is_counted():
    names = [f"aspect {i}" for i in range(ASPECTS + 4)]
    steady = [a_change(Movement.UNCHANGED, aspect=name) for name in names[:-1]]
    moved = a_change(Movement.DOWNGRADE, aspect=names[-1])
    judgements = tuple(Judgement(aspect=n, grade="good", evidence=f"{n} is good") for n in names)

    view = story_view(a_story(aspects=(*steady, moved), judgements=judgements))

    assert view.aspects[0].changes == (moved,)
    assert view.more_aspects == 4


def test_the_chief_inspector_is_quoted_before_others():
    quote = story_view(durham()).quote

    assert quote is not None
    assert quote.speaker == "The Chief Inspector of Probation"


def test_a_long_quote_is_left_out_rather_than_cut():
    quotes = (Quote(speaker="The Chief Inspector", text="w" * (LONGEST_QUOTE + 1)),)

    assert story_view(a_story(quotes=quotes)).quote is None


def test_a_quote_does_not_repeat_the_evidence():
    story = durham()
    assert story.evidence is not None
    quotes = (Quote(speaker="The Chief Inspector", text=f"I am glad. {story.evidence}"),)

    assert story_view(replace(story, quotes=quotes)).quote is None


def test_a_story_without_a_provider_goes_by_its_title():
    story = a_thematic()

    assert story_view(story).name == story.title


def test_a_link_that_leads_nowhere_safe_is_dropped():
    assert story_view(a_story(link="javascript:alert(1)")).link is None


@pytest.mark.parametrize(
    ("words", "published", "told"),
    [
        ("November and December", date(2020, 3, 3), "November and December 2019"),
        ("late November", date(2019, 12, 20), "late November 2019"),
        ("March", date(2020, 3, 3), "March 2020"),
        ("November and December 2018", date(2020, 3, 3), "November and December 2018"),
        ("December and January", date(2020, 3, 3), "December and January"),  # of two years
        ("May", date(2020, 3, 3), "May"),  # ten months ago, or wrong: nobody knows
        ("the spring", date(2020, 3, 3), "the spring"),
        ("November", None, "November"),
    ],
)
def test_a_visit_has_its_year_where_the_reports_date_settles_it(words, published, told):
    assert story_view(a_story(inspected=words, published=published)).story.inspected == told


def test_a_blogs_date_settles_no_year():
    story = a_story(inspected="November", published=date(2020, 3, 3), reported_by="A Blog")

    assert story_view(story).story.inspected == "November"
