"""Which story stands where, and what is told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from digest.changes import Certainty, Change, Movement
from digest.edition import Candidate, SectionKind, StoryKey
from digest.edition_assembly import Assembly, assemble
from digest.ratings import OVERALL
from digest.reports import Claim, Direction, Kind, Report
from digest.schedule import Timetable
from digest.sources import Authority

DAY = date(2020, 3, 3)
TIMETABLE = Timetable(zone=ZoneInfo("UTC"), cutoff=time(11, 45), noon=time(12), lateness=timedelta(hours=6))
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


def test_the_official_report_is_told_after_its_stand_in_and_says_so() -> None:
    official = a_candidate(1)
    earlier = replace(a_retelling(2, official), told_on=DAY - timedelta(days=1))
    (story,) = assembled(official, told=[earlier]).edition.stories

    assert story.reported_by is None
    assert story.first_told == DAY - timedelta(days=1)


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
