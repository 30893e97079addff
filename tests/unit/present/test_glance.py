"""The rows of the day at a glance."""

from __future__ import annotations

from dataclasses import replace

from builders import inspectorates
from hypothesis import given
from hypothesis import strategies as st
from sample_editions import (
    LONDON,
    a_change,
    a_downgrade,
    a_full_day,
    a_late_story,
    a_news_item,
    a_story,
    a_thematic,
    an_edition,
    an_opinion,
    an_unchanged,
    durham,
)

from digest.changes import Movement
from digest.edition import Edition, SectionKind
from digest.present.glance import STRIPS, Row
from digest.present.layout import PLANS, EditionView, Plan, edition_view
from digest.present.ranking import Move
from digest.providers import Register
from digest.reports import FindingKind
from digest.subscriptions import Wishes

KNOWN = inspectorates()


def laid_out(edition: Edition, plan: Plan = PLANS[0], wishes: Wishes | None = None) -> EditionView:
    return edition_view(edition, wishes or Wishes(), plan, known=KNOWN, register=Register(), zone=LONDON)


def named(rows: tuple[Row, ...]) -> list[str]:
    return [row.told.name for row in rows]


def test_there_is_a_row_for_each_move_and_the_others_are_counted():
    glance = laid_out(a_full_day()).glance

    assert named(glance.rows) == ["Kent West PDU", "HMP Eastmoor", "Durham Tees Valley CRC"]
    assert [row.move for row in glance.rows] == [Move.DOWN, Move.MIXED, Move.UP]
    assert {kind: n for kind, n in glance.others.items() if n} == {
        SectionKind.STEADY: 4,
        SectionKind.ELSEWHERE: 1,
        SectionKind.REPORTS: 1,
        SectionKind.COMMENTARY: 2,
        SectionKind.NEWS: 1,
    }


def test_a_scale_without_an_overall_grade_has_one_row_that_names_its_tests():
    (row,) = laid_out(an_edition(a_late_story())).glance.rows

    assert (row.move, row.down, row.up) == (Move.MIXED, 1, 1)
    assert [change.aspect for change in row.aspects] == ["purposeful activity", "safety"]


def test_a_row_says_why_in_a_weakness_if_it_fell_and_in_a_strength_if_it_rose():
    down, up = laid_out(an_edition(durham(), a_downgrade())).glance.rows

    assert down.why == "One post in three stands empty, and caseloads have doubled in a year."
    assert up.why == "Leaders set out a plan that staff know, believe in and can explain."


def test_the_first_ten_rows_are_drawn_and_the_last_ones_are_counted():
    edition = an_edition(*(a_story(n) for n in range(50)))

    glance = laid_out(edition).glance

    assert [row.drawn for row in glance.rows] == [True] * STRIPS + [False] * (PLANS[0].rows - STRIPS)
    assert glance.more == 50 - PLANS[0].rows
    assert glance.moves[Move.UP] == 50


def test_a_day_with_more_falls_than_there_is_room_for_still_shows_who_rose():
    """As many as a quarter of the rows, told below too; every row keeps its place in the ranking."""
    falls = [
        replace(a_downgrade(100 + n), provider=f"fall-{n}", provider_name=f"Fall {n}") for n in range(60)
    ]
    rises = [replace(a_story(200 + n), provider=f"rise-{n}", provider_name=f"Rise {n}") for n in range(9)]
    view = laid_out(an_edition(*falls, *rises), Plan(told=2, listed=18, rows=12))

    assert named(view.glance.rows) == [f"Fall {n}" for n in range(9)] + [f"Rise {n}" for n in range(3)]
    assert view.glance.more == 57
    below = {one.name for part in view.parts for one in (*part.told, *part.listed)}
    assert below >= set(named(view.glance.rows))
    assert view.left_out == 69 - len(below) == 49


def test_findings_explain_a_move_in_their_own_direction_alone():
    (row,) = laid_out(an_edition(a_downgrade())).glance.rows
    weakness, strength = row.told.groups

    assert row.told.explains(weakness)
    assert not row.told.explains(strength)
    (row,) = laid_out(an_edition(a_story(findings=a_downgrade().findings))).glance.rows
    assert [row.told.explains(group) for group in row.told.groups] == [True, False]
    assert row.told.groups[0].kind is FindingKind.STRENGTH


def test_a_day_without_a_move_shows_what_was_inspected():
    glance = laid_out(an_edition(an_unchanged(), a_thematic())).glance

    assert named(glance.rows) == ["Oldham YJS"]
    assert not any(glance.moves.values())
    assert glance.others[SectionKind.STEADY] == 0


def test_a_day_without_ratings_has_no_row():
    assert laid_out(an_edition(a_thematic(), an_opinion())).glance.rows == ()


def test_a_watched_provider_has_a_row_though_nothing_moved():
    wishes = Wishes(watched=("oldham-yjs",))

    layout = laid_out(an_edition(a_downgrade(), an_unchanged()), wishes=wishes)

    assert named(layout.glance.rows) == ["Oldham YJS", "Kent West PDU"]
    assert layout.lead.told.name == "Oldham YJS"


@given(st.lists(st.sampled_from([a_story, a_downgrade, an_unchanged, a_news_item]), min_size=1, max_size=60))
def test_every_story_is_a_row_or_counted_and_every_row_is_told_below(makers):
    edition = an_edition(*(make(n) for n, make in enumerate(makers)))
    for plan in PLANS:
        layout = laid_out(edition, plan)
        glance = layout.glance

        assert len(glance.rows) + glance.more + sum(glance.others.values()) == len(makers)
        below = {told.story.key for part in layout.parts for told in (*part.told, *part.listed)}
        assert {row.told.story.key for row in glance.rows} <= below


def test_a_move_without_the_sentence_that_states_it_is_no_move():
    story = a_story(change=a_change(Movement.DOWNGRADE), section=SectionKind.DOWNGRADES)

    assert not any(laid_out(an_edition(replace(story, evidence=None))).glance.moves.values())
