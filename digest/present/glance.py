"""The day at a glance: a row for each standing that changed, what matters most to the reader first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from digest.changes import Change, Movement
from digest.edition import SectionKind
from digest.present.ranking import Move, Ranked
from digest.present.shortening import cut
from digest.present.story import StoryView
from digest.present.tidy import clip

STRIPS: Final = 10
"""Rows with the strip of their scale; later rows are a line or two of words."""

LONGEST_NAME: Final = 130
"""Characters of a name: of two services with long names, a cut one could be either."""

LONGEST_WHY: Final = 110
"""Characters of the line that says why: two lines of a phone."""

ASPECTS_OF_A_ROW: Final = 4
"""Aspects that a row names, those that went down first; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One story of the glance."""

    told: StoryView
    name: str  # cut if it is very long; the story below has all of it
    move: Move | None
    drawn: bool  # with the strip of its scale
    why: str  # one line; empty if nothing that it says is not in the row already
    quoted: bool  # whether that line is a sentence of the inspectorate about itself
    aspects: tuple[Change, ...]  # that moved, if the story tells no overall grade; those that fell first
    more_aspects: int
    lowest: tuple[str, ...]  # the aspects that begin at the lowest grade, if the story tells no overall grade
    up: int  # aspects that rose, of all
    down: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The day in rows and counts."""

    rows: tuple[Row, ...]
    more: int  # stories that would have a row, if there were room
    more_moves: Mapping[Move, int]  # how many of these moved in which way; every move is present
    inspected: int  # how many of these, and of those in `rows`, are inspectorates' ratings that did not move
    moves: Mapping[Move, int]  # of all stories; every move is present
    others: Mapping[SectionKind, int]  # stories without a row, by their section: unmoved ratings are "steady"


def glance_of(ranked: Sequence[Ranked], first: Sequence[Ranked], chosen: Sequence[Ranked]) -> Glance:
    """The glance of an edition: it is about the stories in `first`, and those `chosen` of them have a row."""
    with_row = {one.view.story.key for one in first}
    others = Counter(_section(one) for one in ranked if one.view.story.key not in with_row)
    moves = Counter(one.move for one in ranked)
    without = Counter(one.move for one in first) - Counter(one.move for one in chosen)
    rows = tuple(row_of(one, drawn=number < STRIPS) for number, one in enumerate(chosen))
    return Glance(
        rows=rows,
        more=len(first) - len(rows),
        more_moves={move: without[move] for move in Move},
        inspected=sum(one.move is None and _section(one) is SectionKind.STEADY for one in first),
        moves={move: moves[move] for move in Move},
        others={kind: others[kind] for kind in SectionKind},
    )


def both_ways(first: Sequence[Ranked], most: int) -> Sequence[Ranked]:
    """The first stories, so many at most. If none of them moved up, a quarter of the room is for such."""
    chosen, rest = first[:most], first[most:]
    up = [one for one in rest if one.move is Move.UP][: most // 4]
    if not up or any(one.move is Move.UP for one in chosen):
        return chosen
    return [*chosen[: most - len(up)], *up]


def _section(one: Ranked) -> SectionKind:
    section = one.view.story.section
    unrated = {SectionKind.REPORTS, SectionKind.COMMENTARY, SectionKind.NEWS, SectionKind.ELSEWHERE}
    return section if section in unrated else SectionKind.STEADY


def row_of(one: Ranked, *, drawn: bool = False) -> Row:
    """The row of a story."""
    view = one.view
    moved = [] if view.change else [change for change in view.changes if change.moved]
    moved.sort(key=lambda change: change.movement is not Movement.DOWNGRADE)
    falls = sum(change.movement is Movement.DOWNGRADE for change in moved)
    return Row(
        told=view,
        name=cut(view.name, LONGEST_NAME),
        move=one.move,
        drawn=drawn,
        why=clip(_why(one), LONGEST_WHY),
        quoted=one.move is Move.WITHDRAWN and bool(view.story.evidence) and view.record is None,
        aspects=tuple(moved[:ASPECTS_OF_A_ROW]),
        lowest=_lowest(view) if one.move is Move.LOWEST and not view.change else (),
        more_aspects=max(len(moved) - ASPECTS_OF_A_ROW, 0),
        up=len(moved) - falls,
        down=falls,
    )


def _lowest(view: StoryView) -> tuple[str, ...]:
    return tuple(change.aspect for change in view.changes if change.after == view.scale[0])


def _why(one: Ranked) -> str:
    """What explains the verdict, in the words of the report, or else the title, or of who corrects it."""
    view, story = one.view, one.view.story
    if story.correction is not None:
        return story.correction.why
    if one.move is Move.WITHDRAWN and story.evidence:
        return story.evidence
    if one.status and view.headline:
        return view.headline
    if view.groups:
        return view.groups[0].findings[0].text
    return view.headline or story.lead or ""
