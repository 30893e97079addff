"""Which story stands where, and what is told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from builders import a_timetable
from hypothesis import given
from hypothesis import strategies as st

from digest.changes import Certainty, Change, Movement
from digest.edition import Candidate, Correction, SectionKind, Story, StoryKey
from digest.edition_assembly import Assembly, assemble
from digest.ratings import OVERALL
from digest.reports import Claim, Direction, Finding, FindingKind, Judgement, Kind, Quote, Report
from digest.sources import Authority

DAY = date(2020, 3, 3)
TIMETABLE = a_timetable("UTC")
FOUND = datetime(2020, 3, 3, 9, tzinfo=UTC)


def a_candidate(
    item: int, movement: Movement | None = Movement.UPGRADE, *, provider: str | None = None
) -> Candidate:
    """An official report on a provider of its own, unless it is named."""
    provider = provider or f"provider-{item}"
    change = movement and Change(
        provider=provider,
        aspect=OVERALL,
        scale="hmi-probation-4",
        movement=movement,
        before=None,
        before_on=None,
        after="good",
        certainty=Certainty.STATED,
    )
    overall = Claim(value="good", evidence="It was rated good.") if movement else None
    return Candidate(
        key=StoryKey(item=item, place=0),
        source="official",
        source_name="Inspectorate",
        authority=Authority.OFFICIAL,
        kind=Kind.INSPECTION,
        inspectorate="hmi-probation",
        inspectorate_name="Inspectorate",
        provider=provider,
        provider_name=provider,
        title=f"Report {item}",
        link=f"https://inspectorate.example.org/{item}/",
        published=FOUND.date(),
        found_at=FOUND,
        report=Report(provider=provider, scale="hmi-probation-4", overall=overall),
        changes=(change,) if change else (),
    )


def a_retelling(item: int, of: Candidate) -> Candidate:
    return replace(
        of,
        key=StoryKey(item=item, place=0),
        source="blog",
        source_name="Blog",
        authority=Authority.BLOG,
        link=f"https://blog.example.org/{item}/",
    )


def a_withdrawal(item: int, *, of: Candidate) -> Candidate:
    """The page of a report, now with a text that withdraws its rating."""
    assert of.report is not None
    said = Claim(value=Direction.WITHDRAWN, evidence="We have withdrawn the report.")
    [change] = of.changes
    gone = replace(change, movement=Movement.WITHDRAWN, before=change.after, after=None)
    return replace(
        of,
        key=StoryKey(item=item, place=0),
        report=replace(of.report, overall=None, direction=said),
        changes=(gone,),
        told_on=None,
    )


def rated(movement: Movement) -> Candidate:
    """A report whose text names the grade before."""
    one = a_candidate(1, movement)
    return replace(one, changes=tuple(replace(change, before="outstanding") for change in one.changes))


def graded(candidate: Candidate, grade: str) -> Candidate:
    """The same report with another overall grade."""
    assert candidate.report is not None
    claim = Claim(value=grade, evidence=f"It was rated {grade}.")
    changes = tuple(replace(change, after=grade) for change in candidate.changes)
    return replace(candidate, report=replace(candidate.report, overall=claim), changes=changes)


def with_aspect(candidate: Candidate) -> Candidate:
    """The same report with the grade of an aspect."""
    assert candidate.report is not None
    staff = Judgement(aspect="staff", grade="good", evidence="Staff were good.")
    change = replace(candidate.changes[0], aspect="staff")
    report = replace(candidate.report, judgements=(staff,))
    return replace(candidate, report=report, changes=(*candidate.changes, change))


def a_notice(item: int) -> Candidate:
    """A text of the inspectorate that is no report."""
    return replace(a_candidate(item, None), kind=Kind.OTHER, report=None, provider=None)


def told_of(story: Story) -> tuple[Movement, str | None, str | None]:
    assert story.change is not None
    return story.change.movement, story.change.before, story.change.after


def assembled(*waiting: Candidate, told: Sequence[Candidate] = ()) -> Assembly:
    return assemble(DAY, TIMETABLE, waiting=waiting, told=told, sources=())


def test_stories_stand_in_the_section_of_their_movement() -> None:
    sections = {
        Movement.UPGRADE: SectionKind.UPGRADES,
        Movement.DOWNGRADE: SectionKind.DOWNGRADES,
        Movement.UNCHANGED: SectionKind.STEADY,
        Movement.FIRST_RATING: SectionKind.STEADY,
        Movement.NOT_COMPARABLE: SectionKind.STEADY,
        None: SectionKind.REPORTS,
    }
    for movement, section in sections.items():
        (story,) = assembled(a_candidate(1, movement)).edition.stories
        assert story.section is section


def test_a_retelling_joins_the_official_story() -> None:
    official = a_candidate(1)
    (story,) = assembled(a_retelling(2, official), official).edition.stories

    assert story.key == official.key
    assert [comment.key.item for comment in story.commentary] == [2]


def test_a_retelling_stands_in_where_no_official_report_was_seen() -> None:
    (story,) = assembled(a_retelling(2, a_candidate(1))).edition.stories

    assert story.reported_by == "Blog"
    assert story.section is SectionKind.ELSEWHERE


@pytest.mark.parametrize("movement", [m for m in Movement if m is not Movement.WITHDRAWN])
def test_a_blogs_word_moves_nothing(movement: Movement) -> None:
    (story,) = assembled(a_retelling(2, rated(movement))).edition.stories

    assert story.section is SectionKind.ELSEWHERE
    assert told_of(story) == (Movement.NOT_COMPARABLE, None, "good")


def test_what_a_blog_alone_reports_stands_after_everything_official() -> None:
    told = assembled(a_retelling(2, a_candidate(1)), a_candidate(3), a_notice(4)).edition

    assert [section.kind for section in told.sections][-1] is SectionKind.ELSEWHERE
    assert [story.key.item for story in told.stories][-1] == 2


def test_the_official_report_is_told_after_its_stand_in_and_says_so() -> None:
    official = a_candidate(1)
    earlier = replace(a_retelling(2, official), told_on=DAY - timedelta(days=1))
    (story,) = assembled(official, told=[earlier]).edition.stories

    assert story.reported_by is None
    assert story.first_told == DAY - timedelta(days=1)
    assert story.section is SectionKind.UPGRADES
    assert [comment.key.item for comment in story.commentary] == [2]


def test_a_post_is_commentary_on_the_first_official_text_only() -> None:
    official = a_candidate(1, provider="kent-pdu")
    post = replace(a_retelling(2, official), told_on=DAY - timedelta(days=2))
    yesterday = replace(a_candidate(3, None, provider="kent-pdu"), told_on=DAY - timedelta(days=1))
    fuller = replace(official, key=StoryKey(item=4, place=0))
    (story,) = assembled(fuller, told=[post, yesterday]).edition.stories

    assert story.commentary == ()


# -- what is in doubt -----------------------------------------------------------------------------------


@pytest.mark.parametrize("movement", [m for m in Movement if m is not Movement.WITHDRAWN])
def test_a_report_with_an_open_case_is_not_comparable(movement: Movement) -> None:
    doubted = replace(rated(movement), doubted=True)
    assembly = assembled(doubted)
    (story,) = assembly.edition.stories

    assert story.section is SectionKind.STEADY
    assert told_of(story) == (Movement.NOT_COMPARABLE, None, "good")
    assert [part.changes for part in assembly.in_part] == [(story.change,)]


def test_the_aspects_of_a_report_with_an_open_case_have_not_moved_either() -> None:
    (story,) = assembled(replace(with_aspect(a_candidate(1)), doubted=True)).edition.stories

    assert {change.movement for change in (story.change, *story.aspects)} == {Movement.NOT_COMPARABLE}


def test_a_withdrawal_with_an_open_case_withdraws_nothing() -> None:
    withdrawal = replace(a_withdrawal(2, of=a_candidate(1)), doubted=True)
    (story,) = assembled(withdrawal).edition.stories

    assert (story.section, story.change) == (SectionKind.REPORTS, None)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_grades_on_which_two_official_texts_differ_are_not_told(order: tuple[int, int]) -> None:
    one = a_candidate(1, provider="kent-pdu")
    other = graded(replace(one, key=StoryKey(item=2, place=0)), "inadequate")
    both = (one, other)
    assembly = assembled(*(both[n] for n in order))

    assert {(s.section, s.change, s.evidence) for s in assembly.edition.stories} == {
        (SectionKind.REPORTS, None, None)
    }
    assert {doubt.key for doubt in assembly.doubts} == {one.key, other.key}
    assert {part.key for part in assembly.in_part} == {one.key, other.key}


def test_a_grade_that_differs_from_what_an_official_text_told_before_is_not_told() -> None:
    yesterday = replace(a_candidate(1, provider="kent-pdu"), told_on=DAY - timedelta(days=1))
    today = graded(replace(yesterday, key=StoryKey(item=2, place=0), told_on=None), "inadequate")
    assembly = assembled(today, told=[yesterday])
    (story,) = assembly.edition.stories

    assert (story.change, story.first_told) == (None, DAY - timedelta(days=1))
    assert [doubt.key for doubt in assembly.doubts] == [today.key]


def test_what_a_blog_says_otherwise_leaves_the_official_grade() -> None:
    official = a_candidate(1)
    assembly = assembled(official, graded(a_retelling(2, official), "inadequate"))
    (story,) = assembly.edition.stories

    assert told_of(story) == (Movement.UPGRADE, None, "good")
    assert [doubt.key.item for doubt in assembly.doubts] == [2]


def test_what_an_operator_corrected_stands_though_another_text_differs() -> None:
    correction = Correction(told_on=DAY - timedelta(days=1), told=None, why="misread")
    corrected = replace(a_candidate(1, provider="kent-pdu"), correction=correction)
    other = graded(replace(corrected, key=StoryKey(item=2, place=0), correction=None), "inadequate")
    stories = {s.key.item: s for s in assembled(corrected, other).edition.stories}

    assert told_of(stories[1]) == (Movement.UPGRADE, None, "good")
    assert stories[2].change is None


def test_what_is_sure_now_is_told_where_it_belongs_and_says_when_it_was_told_first() -> None:
    correction = Correction(told_on=DAY - timedelta(days=1), told=None, why="checked", adds=True)
    (story,) = assembled(replace(a_candidate(1), correction=correction)).edition.stories

    assert story.section is SectionKind.UPGRADES
    assert (story.first_told, story.correction) == (DAY - timedelta(days=1), None)


def test_one_release_listed_by_two_sources_is_told_once() -> None:
    official = a_candidate(1)
    twin = replace(official, key=StoryKey(item=2, place=0), link="https://mirror.example.org/1/")
    assembly = assembled(official, twin)

    assert len(assembly.edition.stories) == 1
    assert set(assembly.settled) == {official.key, twin.key}


def test_a_report_that_is_withdrawn_on_its_own_page_is_told_again_as_withdrawn() -> None:
    """The link and the title often stay; only the text is another."""
    report = replace(a_candidate(1, provider="kent-pdu"), told_on=DAY - timedelta(days=1))
    withdrawal = a_withdrawal(2, of=report)
    (story,) = assembled(withdrawal, told=[report]).edition.stories

    assert story.section is SectionKind.WITHDRAWN


def test_a_withdrawal_that_comes_again_is_told_once() -> None:
    report = a_candidate(1, provider="kent-pdu")
    first = replace(a_withdrawal(2, of=report), told_on=DAY - timedelta(days=1))
    twin = replace(first, key=StoryKey(item=3, place=0), told_on=None)
    later = replace(twin, link="https://inspectorate.example.org/statement/", title="Statement")

    assert assembled(twin, later, told=[first]).edition.stories == ()


def test_a_comment_on_yesterdays_story_stands_under_commentary() -> None:
    yesterday = replace(a_candidate(1), told_on=DAY - timedelta(days=1))
    (story,) = assembled(a_retelling(2, yesterday), told=[yesterday]).edition.stories

    assert story.section is SectionKind.COMMENTARY


def test_a_report_that_missed_its_edition_is_marked_late() -> None:
    found = replace(a_candidate(1), found_at=FOUND - timedelta(days=1))
    (story,) = assembled(found).edition.stories

    assert story.late_from == DAY - timedelta(days=1)


@given(st.permutations(range(1, 7)))
def test_the_order_in_which_candidates_come_changes_nothing(order: list[int]) -> None:
    officials = [a_candidate(n, Movement.DOWNGRADE if n % 2 else Movement.UPGRADE) for n in (1, 2, 3)]
    candidates = dict(enumerate([*officials, *(a_retelling(10 + f.key.item, f) for f in officials)], start=1))

    assert assembled(*(candidates[n] for n in order)).edition == assembled(*candidates.values()).edition


def test_a_second_official_text_on_an_inspection_in_doubt_moves_nothing_either() -> None:
    doubted = replace(rated(Movement.UPGRADE), doubted=True)
    fuller = with_aspect(replace(rated(Movement.UPGRADE), key=StoryKey(item=2, place=0)))
    (story,) = assembled(doubted, fuller).edition.stories

    assert told_of(story) == (Movement.NOT_COMPARABLE, None, "good")


def test_another_providers_report_is_not_in_doubt() -> None:
    stories = assembled(replace(a_candidate(1), doubted=True), a_candidate(2)).edition.stories

    assert {told_of(story)[0] for story in stories} == {Movement.UPGRADE, Movement.NOT_COMPARABLE}


def telling(candidate: Candidate, said: str) -> Candidate:
    """The same report, whose lead, a finding and a quote say this; another quote says nothing of grades."""
    assert candidate.report is not None
    report = replace(
        candidate.report,
        findings=(Finding(heading=None, kind=FindingKind.STRENGTH, text=said),),
        quotes=(Quote(speaker="A", text=said), Quote(speaker="B", text="Staff listen.")),
    )
    return replace(candidate, report=report, lead=said)


def test_a_grade_that_another_official_text_contradicts_is_named_nowhere() -> None:
    one = a_candidate(1, provider="kent-pdu")
    other = graded(replace(one, key=StoryKey(item=2, place=0)), "inadequate")
    stories = assembled(
        telling(one, "It was rated Good."), telling(other, "It was inadequate.")
    ).edition.stories

    assert [(s.lead, s.findings, len(s.quotes)) for s in stories] == [(None, (), 1)] * 2


def test_the_grade_of_a_provider_that_the_text_does_not_name_is_named_nowhere() -> None:
    nobodys = replace(a_candidate(1), provider=None, provider_name=None, changes=(), doubted=True)
    (story,) = assembled(telling(nobodys, "The home was rated good.")).edition.stories

    assert (story.change, story.lead, story.findings, len(story.quotes)) == (None, None, (), 1)


@pytest.mark.parametrize("doubted", [True, False])
def test_a_report_whose_grades_were_not_taken_names_none_of_them(doubted: bool) -> None:
    said = "We rated it ‘Good’."
    unrated = replace(telling(a_candidate(1, None), said), left_out=("good: denied",))
    (story,) = assembled(replace(unrated, doubted=doubted)).edition.stories

    assert (story.lead, len(story.findings), len(story.quotes)) == ((None, 0, 1) if doubted else (said, 1, 2))


@pytest.mark.parametrize(
    "said",
    [
        "Kent PDU has been upgraded.",
        "It is up from its last inspection.",
        "The service has gone down.",
        "Its overall rating has improved.",
        "The service improved its rating.",
        "Before, it was rated outstanding.",
    ],
)
def test_a_movement_in_doubt_is_not_told_in_the_reports_words_either(said: str) -> None:
    sure = telling(rated(Movement.UPGRADE), said)
    (told,), (doubted,) = (assembled(c).edition.stories for c in (sure, replace(sure, doubted=True)))

    assert (told.lead, len(told.findings), len(told.quotes)) == (said, 1, 2)
    assert (doubted.lead, doubted.findings, len(doubted.quotes)) == (None, (), 1)


def test_words_of_a_report_in_doubt_that_name_no_movement_are_told() -> None:
    said = "Staff raised standards, moved to a new office and are good at listening."
    (story,) = assembled(replace(telling(a_candidate(1), said), doubted=True)).edition.stories

    assert (story.lead, len(story.findings), len(story.quotes)) == (said, 1, 2)
