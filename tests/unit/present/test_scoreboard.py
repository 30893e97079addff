"""The scoreboard: each move of a week once, as the editions told it, for the readers who want it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import KENT, a_change, a_provider, a_story, an_edition, inspectorates
from hypothesis import given
from hypothesis import strategies as st

from digest.changes import Movement
from digest.edition import Correction, Edition, Scoreboard, SectionKind, Story, StoryKey
from digest.interventions import Alteration, altered
from digest.present.scoreboard import MOST_NAMED, scoreboard_of, week_ending, week_view
from digest.providers import Register
from digest.schedule import Weekday
from digest.subscriptions import EVERYTHING, Wishes

FRIDAY = date(2026, 3, 13)
SATURDAY = FRIDAY - timedelta(days=6)
KNOWN = inspectorates()
REGISTER = Register([a_provider()])


def up(item: int, **facts: object) -> Story:
    return a_story(item, **facts)


def down(item: int, **facts: object) -> Story:
    change = a_change(Movement.DOWNGRADE, "inadequate", before="good")
    return a_story(item, **{"section": SectionKind.DOWNGRADES, "change": change, **facts})


def prison(item: int) -> Story:
    """Its tests went up and down."""
    aspects = tuple(
        a_change(movement, after, aspect=name, scale="hmip-hpt-4", before=before)
        for name, movement, before, after in (
            ("safety", Movement.UPGRADE, "poor", "good"),
            ("respect", Movement.DOWNGRADE, "good", "poor"),
        )
    )
    named = {"inspectorate": "hmi-prisons", "inspectorate_name": "HM Inspectorate of Prisons"}
    return a_story(
        item, SectionKind.STEADY, change=None, aspects=aspects, checked="Counted by hand.", **named
    )


def withdrawn(item: int) -> Story:
    change = a_change(Movement.WITHDRAWN, None, before="good")
    return a_story(item, SectionKind.WITHDRAWN, change=change, evidence="We withdraw it.")


def board(edition: Edition, *others: Edition, until: date = FRIDAY) -> Scoreboard | None:
    since = until - timedelta(days=6)
    return scoreboard_of(edition, others, since, until, register=REGISTER, known=KNOWN)


def before_friday(*stories: Story, days: int = 2) -> Edition:
    return an_edition(*stories, day=FRIDAY - timedelta(days=days))


def counts(week: Scoreboard | None, wishes: Wishes = EVERYTHING) -> dict[str, tuple[int, int, int, int]]:
    view = week_view(week, wishes)
    return (
        {one.inspectorate: (one.up, one.down, one.mixed, one.withdrawn) for one in view.rows} if view else {}
    )


def test_a_week_runs_from_saturday_to_friday() -> None:
    assert week_ending(FRIDAY) == (SATURDAY, FRIDAY)
    assert week_ending(FRIDAY + timedelta(days=3)) == (SATURDAY, FRIDAY)
    assert week_ending(FRIDAY - timedelta(days=1)) == (
        SATURDAY - timedelta(days=7),
        FRIDAY - timedelta(days=7),
    )


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_day_has_one_week_that_has_ended_by_then(day: date) -> None:
    since, until = week_ending(day)

    assert since + timedelta(days=6) == until <= day < until + timedelta(days=7)
    assert Weekday.of(until) is Weekday.FRIDAY


def test_all_moves_of_the_week_are_counted_by_inspectorate() -> None:
    week = board(
        an_edition(up(1), day=FRIDAY),
        before_friday(down(2), prison(3)),
        before_friday(up(4), withdrawn(5), days=6),
        before_friday(up(6), days=7),  # of the week before
    )

    assert counts(week) == {"hmi-probation": (2, 1, 0, 1), "hmi-prisons": (0, 0, 1, 0)}
    view = week_view(week, EVERYTHING)
    assert view is not None
    assert (view.total.up, view.total.moves) == (2, 5)
    assert {one.key.item for one in view.moves} == {1, 2, 3, 4, 5}


def test_a_week_of_one_day_is_at_a_glance_already() -> None:
    assert board(an_edition(up(1), down(2), day=FRIDAY)) is None
    assert board(an_edition(up(1), day=FRIDAY), before_friday(a_story(2, SectionKind.STEADY))) is None


def test_what_a_correction_of_the_week_takes_back_is_not_counted() -> None:
    wrong = Correction(told_on=FRIDAY - timedelta(days=2), told=a_change(), why="A table.")
    corrected = up(2, section=SectionKind.CORRECTIONS, correction=wrong)

    week = board(an_edition(corrected, up(1), day=FRIDAY), before_friday(up(2), up(3)))

    assert counts(week) == {"hmi-probation": (2, 0, 0, 0)}
    assert week is not None
    assert StoryKey(item=2, place=0) not in {one.key for one in week.moves}


def test_an_inspection_that_two_stories_of_the_week_tell_is_counted_once() -> None:
    """The later one has grades that the first one lacked: of a scale without an overall grade, say."""
    monday = FRIDAY - timedelta(days=4)
    more = replace(prison(4), provider="ash", first_told=monday)
    first, other = replace(prison(2), provider="ash"), replace(prison(3), provider="oak")

    for week in (
        board(an_edition(up(1), day=FRIDAY), before_friday(first, other, days=4), before_friday(more)),
        board(an_edition(up(1), more, day=FRIDAY), before_friday(first, other, days=4)),
    ):
        assert counts(week) == {"hmi-probation": (1, 0, 0, 0), "hmi-prisons": (0, 0, 2, 0)}
        assert week is not None
        assert {one.key.item for one in week.moves} == {1, 3, 4}


def test_what_comes_later_without_a_move_takes_no_move_away() -> None:
    monday = FRIDAY - timedelta(days=4)
    opinion = a_story(8, SectionKind.COMMENTARY, change=None, first_told=monday)
    steady = a_story(9, SectionKind.STEADY, change=a_change(Movement.UNCHANGED), first_told=monday)

    week = board(an_edition(opinion, day=FRIDAY), before_friday(up(2), days=4), before_friday(steady))

    assert counts(week) == {"hmi-probation": (1, 0, 0, 0)}


def test_what_only_a_blog_says_is_not_counted() -> None:
    blog = down(2, section=SectionKind.ELSEWHERE, reported_by="A blog")

    assert counts(board(an_edition(up(1), day=FRIDAY), before_friday(blog, up(3)))) == {
        "hmi-probation": (2, 0, 0, 0)
    }


def test_a_week_told_after_its_friday_has_no_move_of_the_later_day() -> None:
    week = board(an_edition(up(1), day=FRIDAY + timedelta(days=3)), before_friday(down(2)))

    assert counts(week) == {"hmi-probation": (0, 1, 0, 0)}


def test_a_story_that_is_dropped_is_not_counted() -> None:
    edition = an_edition(up(1), down(2), day=FRIDAY)
    edition = replace(edition, scoreboard=board(edition, before_friday(up(3))))

    left = altered(edition, Alteration(dropped=(StoryKey(item=2, place=0),)))

    assert counts(edition.scoreboard) == {"hmi-probation": (2, 1, 0, 0)}
    assert counts(left.scoreboard) == {"hmi-probation": (2, 0, 0, 0)}


def test_who_follows_inspectorates_gets_their_rows_and_no_others() -> None:
    week = board(an_edition(up(1), day=FRIDAY), before_friday(down(2), prison(3)))
    view = week_view(week, Wishes(inspectorates=("hmi-prisons",)))

    assert view is not None
    assert view.followed
    assert [one.inspectorate for one in (*view.rows, *view.moves)] == ["hmi-prisons"] * 2
    assert week_view(week, Wishes(inspectorates=("ofsted",))) is None


@pytest.mark.parametrize("weekly", list(Weekday))
def test_weekly_readers_have_their_week_already(weekly: Weekday) -> None:
    week = board(an_edition(up(1), day=FRIDAY), before_friday(down(2)))

    assert week_view(week, Wishes(weekly=weekly)) is None


@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40),
)
def test_each_move_is_counted_once_and_the_biggest_are_named(moves: list[tuple[int, bool]]) -> None:
    days: dict[int, list[Story]] = {}
    for item, (ago, rose) in enumerate(moves, 1):
        days.setdefault(ago, []).append(up(item) if rose else down(item))
    own = an_edition(*days.pop(0, []), day=FRIDAY)
    week = board(own, *(before_friday(*each, days=ago) for ago, each in days.items()))

    if not days:
        assert week is None
        return
    rise = sum(rose for _, rose in moves)
    assert counts(week) == {"hmi-probation": (rise, len(moves) - rise, 0, 0)}
    view = week_view(week, EVERYTHING)
    assert view is not None
    assert len(view.moves) == min(MOST_NAMED, len(moves))
    falls = len(moves) - rise
    assert [one.move for one in view.moves] == (["down"] * falls + ["up"] * rise)[:MOST_NAMED]
    assert all(one.provider == KENT for one in view.moves)
