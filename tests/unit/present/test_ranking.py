"""Which story comes first for a reader: the laws of the order, and what they mean for a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from builders import a_provider, inspectorates
from hypothesis import given
from hypothesis import strategies as st
from sample_editions import (
    a_change,
    a_first_rating,
    a_late_story,
    a_news_item,
    a_retelling,
    a_stand_in,
    a_story,
    a_thematic,
    an_opinion,
    an_unchanged,
)

from digest.changes import Certainty, Movement
from digest.edition import Correction, SectionKind, Story, StoryKey
from digest.present.ranking import Move, ranked, sizes
from digest.present.story import story_view
from digest.providers import Register
from digest.ratings import Body, Inspectorates, Size
from digest.wishes import Reason, Wish

KNOWN = inspectorates()
GRADES = ("outstanding", "good", "requires improvement", "inadequate")
WATCHED = (Reason(wish=Wish.WATCHED, name="Kent PDU"),)


def moved(number: int, before: int, after: int, **fields: object) -> Story:
    """A story of a move from one place on the scale to another, 0 the best."""
    movement = Movement.DOWNGRADE if after > before else Movement.UPGRADE
    section = SectionKind.DOWNGRADES if after > before else SectionKind.UPGRADES
    change = a_change(movement, before=GRADES[before], after=GRADES[after])
    return a_story(number, section=section, change=change, **fields)


MOVES = st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda pair: pair[0] != pair[1])
STORIES = st.lists(
    st.one_of(
        MOVES.map(lambda pair: moved(0, *pair)),
        st.sampled_from([an_unchanged(), a_first_rating(), a_late_story(), a_thematic(), an_opinion()]),
    ),
    max_size=12,
).map(lambda stories: [replace(s, key=StoryKey(item=n, place=0)) for n, s in enumerate(stories)])


def order(
    *stories: Story,
    watched: tuple[int, ...] = (),
    register: Register | None = None,
    known: Inspectorates = KNOWN,
) -> list[int]:
    """The numbers of the stories, the first one first."""
    views = [story_view(s, WATCHED if s.key.item in watched else (), known) for s in stories]
    return [one.view.story.key.item for one in ranked(views, register or Register(), known)]


def move_told(story: Story, known: Inspectorates = KNOWN) -> Move | None:
    (one,) = ranked([story_view(story, (), known)], Register(), known)
    return one.move


# -- the laws -----------------------------------------------------------------------------------------------


@given(STORIES, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_given(stories, random):
    mixed = list(stories)
    random.shuffle(mixed)

    assert order(*mixed) == order(*stories)


@given(STORIES, st.integers(0, 11))
def test_a_story_more_or_less_does_not_turn_the_others_round(stories, gone):
    without = [s for s in stories if s.key.item != gone]

    assert order(*without) == [n for n in order(*stories) if n != gone]


@given(STORIES, st.sets(st.integers(0, 11)))
def test_what_the_reader_watches_comes_first(stories, watched):
    told = {s.key.item for s in stories if s.section is not SectionKind.COMMENTARY}
    first = watched & told

    found = order(*stories, watched=tuple(watched))

    assert set(found[: len(first)]) == first


@given(MOVES, MOVES)
def test_the_lower_the_grade_the_earlier_then_the_longer_the_way(one, other):
    def place(pair: tuple[int, int]) -> tuple[int, int, bool]:
        before, after = pair
        return -after, -abs(after - before), after < before

    found = order(moved(1, *one), moved(2, *other))

    assert found == ([2, 1] if place(other) < place(one) else [1, 2])


@given(STORIES)
def test_whatever_moved_comes_before_whatever_did_not(stories):
    views = [story_view(s, (), KNOWN) for s in stories]

    flags = [one.move is not None for one in ranked(views, Register(), KNOWN)]

    assert flags == sorted(flags, reverse=True)


# -- what they mean for a day -------------------------------------------------------------------------------


def test_a_fall_comes_before_a_rise_of_equal_weight():
    down, up = moved(2, 1, 2), moved(1, 3, 2)

    assert order(up, down) == [2, 1]


def test_a_large_body_comes_before_a_small_one_and_people_decide_among_equals():
    register = Register([a_provider("region", kind="Region"), a_provider("minder", kind="childminder")])
    bodies = (
        Body(kind="region", names=("Probation Region",), size=Size.LARGE),
        Body(kind="childminder", names=("Childminding",), size=Size.SMALL),
    )
    known = replace(KNOWN, all=(replace(KNOWN.all[0], bodies=bodies), *KNOWN.all[1:]))
    small = moved(1, 1, 2, provider="minder")
    large = moved(2, 1, 2, provider="region", found_at=datetime(2026, 3, 3, 11, tzinfo=UTC))
    many = moved(4, 1, 2, provider="region", caseload="more than 3,600 people")

    assert order(small, large, many, register=register, known=known) == [4, 2, 1]


def test_of_two_sizes_that_inspectorates_give_a_kind_the_larger_counts():
    large, usual = (
        replace(KNOWN.all[0], bodies=(Body(kind="Trust", names=("Trust",), size=size),))
        for size in (Size.LARGE, Size.USUAL)
    )

    assert sizes(Inspectorates(all=(large, usual))) == sizes(Inspectorates(all=(usual, large)))
    assert sizes(Inspectorates(all=(large, usual))) == {"trust": Size.LARGE}


def test_a_first_rating_with_the_lowest_grade_leads_before_a_fall_to_a_better_one():
    first = a_first_rating(1)
    lowest = replace(
        first, change=a_change(Movement.FIRST_RATING, before=None, before_on=None, after="inadequate")
    )

    assert order(moved(2, 0, 2), lowest) == [1, 2]
    assert move_told(lowest) is Move.LOWEST
    assert move_told(first) is None


def test_a_withdrawn_rating_is_as_grave_as_the_lowest_grade():
    gone = a_story(
        1, section=SectionKind.WITHDRAWN, change=a_change(Movement.WITHDRAWN, before="good", after=None)
    )

    assert order(moved(2, 0, 2), gone) == [1, 2]


def test_a_status_in_an_inspectorates_title_leads_though_nothing_is_graded():
    body = replace(KNOWN.all[0], statuses=("special measures",))
    known = replace(KNOWN, all=(body, *KNOWN.all[1:]))
    placed = a_thematic(1)
    named = replace(placed, title="Kent West is in special measures")

    assert move_told(named, known) is Move.STATUS
    assert move_told(placed, known) is None
    assert move_told(replace(a_retelling(1), title=named.title), known) is None


def test_we_correct_ourselves_before_anything_else():
    wrong = Correction(told_on=date(2026, 3, 2), told=None, why="A table was misread.")
    correction = a_story(1, section=SectionKind.CORRECTIONS, correction=wrong)

    assert order(moved(2, 0, 3), correction) == [1, 2]
    assert order(moved(2, 0, 3), correction, watched=(2,)) == [2, 1]


@pytest.mark.parametrize(
    ("falls", "rises", "move"), [(1, 1, Move.MIXED), (2, 0, Move.DOWN), (0, 1, Move.UP), (0, 0, None)]
)
def test_aspects_are_one_move(falls, rises, move):
    names = [f"aspect {n}" for n in range(falls + rises + 1)]
    kinds = [Movement.DOWNGRADE] * falls + [Movement.UPGRADE] * rises + [Movement.UNCHANGED]
    aspects = tuple(a_change(kind, aspect=name) for kind, name in zip(kinds, names, strict=True))
    judged = tuple(replace(a_late_story().judgements[0], aspect=name) for name in names)
    story = replace(a_late_story(), aspects=aspects, judgements=judged)

    assert move_told(story) is move


def test_a_blog_moves_nothing():
    story = replace(a_stand_in(1), section=SectionKind.ELSEWHERE)

    assert move_told(story) is None


def test_a_move_on_an_unknown_scale_is_a_move_all_the_same():
    change = a_change(certainty=Certainty.STATED, scale="nobody-knows")
    unknown = a_story(1, change=change, found_at=datetime(2026, 3, 3, tzinfo=UTC) + timedelta(hours=9))

    assert order(unknown, an_unchanged(2), a_news_item(3)) == [1, 2, 3]
