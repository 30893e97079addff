"""One edition as one reader sees it: the day at a glance, then stories in full, then stories in a line.

A brief edition is the glance, with more in its rows, and the stories without a row in a line.

Everywhere the story that matters most to the reader comes first (`present.ranking`). A plan says how many
stories to tell in full. On a busy day a smaller plan is used, so that mail programs show the whole message.
Other stories are listed, and the message says how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from digest.edition import (
    ClosingLine,
    Edition,
    Proof,
    SectionKind,
    SourceNote,
    Story,
    StoryKey,
    TakenBack,
    UnopenedPage,
)
from digest.errors import ComposeError
from digest.present.glance import Glance, Row, both_ways, glance_of, row_of
from digest.present.ranking import Ranked, ranked
from digest.present.scoreboard import WeekView, week_view
from digest.present.story import StoryView, story_view
from digest.present.tidy import tidy, web_link
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.subscriptions import EVERYTHING, Wishes
from digest.wishes import Reason, Wish, reasons


class PartKind(StrEnum):
    """The groups of stories that a reader sees, in reading order."""

    WATCHED = "watched"  # of providers that the reader watches
    MOVED = "moved"  # whatever changed a standing
    STEADY = "steady"  # first ratings, unchanged and not comparable
    ELSEWHERE = "elsewhere"  # inspections that only a blog has reported so far
    REPORTS = "reports"
    COMMENTARY = "commentary"
    NEWS = "news"


ALWAYS_LISTED: Final = frozenset({PartKind.COMMENTARY, PartKind.NEWS})
"""Parts whose stories are always a title and a link only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many stories a view holds."""

    told: int  # stories in full
    listed: int  # stories in a line or two
    rows: int = 40  # of the glance; each of its stories is told or listed below
    ending: bool = True  # whether it has a closing line and a scoreboard


PLANS: Final = (
    Plan(told=20, listed=120),
    Plan(told=16, listed=110),
    Plan(told=12, listed=95),
    Plan(told=9, listed=80),
    Plan(told=7, listed=70, rows=35),
    Plan(told=5, listed=60, rows=30),
    Plan(told=4, listed=50, rows=25),
    Plan(told=3, listed=40, rows=20),
    Plan(told=3, listed=30, rows=20),
    Plan(told=3, listed=24, rows=18),
    Plan(told=3, listed=18, rows=16),
    Plan(told=3, listed=16, rows=14),
    Plan(told=2, listed=16, rows=14),
    Plan(told=1, listed=16, rows=12),
    Plan(told=0, listed=0, rows=0, ending=False),  # always fits: there is no text of a story in it
)
"""The fullest first: each has at most as much of everything as the one before."""


def plans_for(stories: int) -> tuple[Plan, ...]:
    """The plans without those that would show the same as the one before, as there are so few stories."""
    shown = {
        (min(plan.told, stories), min(plan.listed, stories), min(plan.rows, stories), plan.ending): plan
        for plan in reversed(PLANS)
    }
    return tuple(reversed(shown.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One group of stories, as one reader sees it."""

    kind: PartKind
    count: int  # of all stories of this kind, also of those that are left out
    told: tuple[StoryView, ...]
    listed: tuple[StoryView, ...]  # of a brief edition: those without a row in the glance


UNOPENED: Final = 5
"""The most pages of a source that are named though they could not be opened; the others are counted."""


NOT_READ: Final = 12
"""The most sources that are named of those that were not read, and of those with pages that could not be
opened: if our own line is down at the cut-off, all are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unopened:
    """The pages of a source that could not be opened."""

    name: str
    official: bool
    count: int
    pages: tuple[UnopenedPage, ...]  # at most `UNOPENED`; a link that is not fit for readers is None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionView:
    """One edition as one reader sees it."""

    day: date
    glance: Glance
    lead: Row  # of the first story: the subject names it
    others: int  # how many stories there are besides `lead`
    parts: tuple[Part, ...]  # none is empty
    brief: bool  # no story is told in full, as the reader chose
    shortened: int  # how many stories are listed because there is no room to tell them in full
    left_out: int  # how many stories are not even listed
    read: tuple[str, ...]  # names of the sources that were read within a day before the cut-off
    missed: tuple[SourceNote, ...]  # the other sources, at most `NOT_READ`; `checked_at` is local
    more_missed: int  # how many sources beside these were not read
    held: tuple[SourceNote, ...]  # sources with new items that wait for an operator
    unopened: tuple[Unopened, ...]  # of at most `NOT_READ` sources
    more_unopened: int  # how many pages of other sources could not be opened
    wishes: Wishes
    note: str | None  # the editors' note
    follows: tuple[Reason, ...]  # all wishes but the watched providers; empty if a name is not known
    watches: tuple[str, ...]  # names of the watched providers; empty if a name is not known
    closing: tuple[ClosingLine, ...]  # about stories that the reader gets
    taken_back: tuple[TakenBack, ...]  # closing lines of earlier editions
    week: WeekView | None  # what moved in the week


def edition_view(
    edition: Edition,
    wishes: Wishes,
    plan: Plan,
    *,
    known: Inspectorates,
    register: Register,
    zone: ZoneInfo,
    order: tuple[Ranked, ...] | None = None,
) -> EditionView:
    """The view of an edition whose text is tidy, with as many stories as the plan allows.

    `known` has the inspectorates with their scales; `zone` is the readers'; `order` is what `in_order` says,
    for several plans. `ComposeError` if the edition is empty.
    """
    if not edition.stories:
        raise ComposeError("an empty edition is not sent")
    order = order or in_order(edition, wishes, known=known, register=register)
    first = _first(order)
    kept = both_ways(first, plan.told + plan.listed)
    without = _keys(first) - _keys(kept)
    parts = tuple(_parts(order, plan, without))
    not_read = [note for note in edition.sources if not note.health(edition.cutoff).read]
    closed = [note for note in edition.sources if note.unopened]
    missed, unopened = _officials_first(not_read), _officials_first(closed)
    shown = sum(len(part.told) + len(part.listed) for part in parts)
    glance = glance_of(order, first, both_ways(kept, plan.rows))
    if wishes.brief:
        parts = _briefly(parts, glance)
    return EditionView(
        day=edition.day,
        glance=glance,
        lead=row_of(order[0]),
        others=len(edition.stories) - 1,
        parts=parts,
        brief=wishes.brief,
        shortened=0
        if wishes.brief
        else sum(len(part.listed) for part in parts if part.kind not in ALWAYS_LISTED),
        left_out=len(edition.stories) - shown,
        read=tuple(note.name for note in edition.sources if note.health(edition.cutoff).read),
        missed=tuple(_local(note, zone) for note in missed),
        more_missed=len(not_read) - len(missed),
        held=tuple(note for note in edition.sources if note.held),
        unopened=tuple(_unopened(note, plan) for note in unopened),
        more_unopened=sum(len(note.unopened) for note in closed if note not in unopened),
        wishes=wishes,
        note=edition.note,
        follows=_follows(wishes, known, register),
        watches=_watches(wishes, register),
        closing=_closing(edition) if plan.ending else (),
        taken_back=_taken_back(edition) if plan.ending else (),
        week=week_view(edition.scoreboard, wishes) if plan.ending else None,
    )


def in_order(
    edition: Edition, wishes: Wishes, *, known: Inspectorates, register: Register
) -> tuple[Ranked, ...]:
    """The stories of an edition whose text is tidy, as one reader sees them, what matters most first."""

    def view(story: Story) -> StoryView:
        return story_view(story, tidy(reasons(story, wishes, register)), known)

    return ranked(map(view, edition.stories), register, known)


def whole_view(
    edition: Edition,
    *,
    known: Inspectorates,
    register: Register,
    zone: ZoneInfo,
    wishes: Wishes = EVERYTHING,
) -> EditionView:
    """The view of an edition whose text is tidy, with all its stories, whatever is wished for.

    `wishes` say which stories come first, and why; it is never brief. `ComposeError` if the edition is empty.
    """
    plan = Plan(told=PLANS[0].told, listed=len(edition.stories))
    whole = replace(wishes, brief=False)
    return edition_view(edition, whole, plan, known=known, register=register, zone=zone)


QUIET: Final = 3
"""An edition with at most so many stories may have a second closing line, of another rarity."""


def _closing(edition: Edition) -> tuple[ClosingLine, ...]:
    """The closing lines for a reader: only about stories that they get."""
    keys = {story.key for story in edition.stories}
    fitting = [line for line in edition.closing if line.story in keys]
    other = [line for line in fitting if line.rarity is not fitting[0].rarity]
    shown = fitting[:1] + (other[:1] if len(edition.stories) <= QUIET else [])
    return tuple(replace(line, proof=tuple(map(_linked, line.proof))) for line in shown)


def _taken_back(edition: Edition) -> tuple[TakenBack, ...]:
    """The closing lines that are taken back for a reader: only by corrections that they get."""
    keys = {story.key for story in edition.stories}
    return tuple(one for one in edition.lines_taken_back if one.story in keys)


def _linked(proof: Proof) -> Proof:
    return replace(proof, link=web_link(proof.link) or "")


def _kind(one: Ranked) -> PartKind:
    if one.watched:
        return PartKind.WATCHED
    if one.move is not None:
        return PartKind.MOVED
    section = one.view.story.section
    return PartKind(section) if section in _UNMOVED else PartKind.STEADY


_UNMOVED: Final = frozenset(
    {SectionKind.ELSEWHERE, SectionKind.REPORTS, SectionKind.COMMENTARY, SectionKind.NEWS}
)


def _first(order: Sequence[Ranked]) -> list[Ranked]:
    """The stories that the glance is of: what moved or is watched; on a day without any, what was rated."""
    moved = [one for one in order if _kind(one) in {PartKind.WATCHED, PartKind.MOVED}]
    return moved or [one for one in order if _kind(one) is PartKind.STEADY]


def _keys(stories: Iterable[Ranked]) -> set[StoryKey]:
    return {one.view.story.key for one in stories}


def _parts(order: Sequence[Ranked], plan: Plan, without: Set[StoryKey]) -> Iterator[Part]:
    """The stories in their parts. The room in each of them goes to the stories that come first.

    Those `without` room are only counted.
    """
    groups: dict[PartKind, list[StoryView]] = {kind: [] for kind in PartKind}
    for one in order:
        groups[_kind(one)].append(one.view)
    to_tell, to_list = plan.told, plan.listed
    for kind, own in groups.items():
        shown = [one for one in own if one.story.key not in without]
        told = shown[: 0 if kind in ALWAYS_LISTED else to_tell]
        listed = shown[len(told) :][:to_list]
        to_tell, to_list = to_tell - len(told), to_list - len(listed)
        if told or listed:
            yield Part(kind=kind, count=len(own), told=tuple(told), listed=tuple(listed))


def _briefly(parts: Sequence[Part], glance: Glance) -> tuple[Part, ...]:
    """The same stories, those without a row in a line each."""
    with_row = {row.told.story.key for row in glance.rows}
    return tuple(
        replace(part, told=(), listed=tuple(one for one in named if one.story.key not in with_row))
        for part in parts
        for named in [(*part.told, *part.listed)]
    )


def _local(note: SourceNote, zone: ZoneInfo) -> SourceNote:
    return replace(note, checked_at=note.checked_at.astimezone(zone) if note.checked_at else None)


def _officials_first(notes: Sequence[SourceNote]) -> tuple[SourceNote, ...]:
    """The sources that are named, in their order; if they are too many, inspectorates rather than blogs."""
    named = sorted(range(len(notes)), key=lambda place: not notes[place].official)[:NOT_READ]
    return tuple(notes[place] for place in sorted(named))


def _unopened(note: SourceNote, plan: Plan) -> Unopened:
    shown = note.unopened[:UNOPENED] if plan.listed else ()
    return Unopened(
        name=note.name,
        official=note.official,
        count=len(note.unopened),
        pages=tuple(replace(page, link=web_link(page.link) if page.link else None) for page in shown),
    )


def _follows(wishes: Wishes, known: Inspectorates, register: Register) -> tuple[Reason, ...]:
    providers = _known(wishes.providers, register)
    followed = [named for key in wishes.inspectorates if (named := known.named(key)) is not None]
    if (wishes.providers and not providers) or len(followed) < len(wishes.inspectorates):
        return ()
    said = (
        *((Wish.INSPECTORATE, one.name) for one in followed),
        *((Wish.AREA, name) for name in wishes.areas),
        *((Wish.KIND, name) for name in wishes.kinds),
        *((Wish.PROVIDER, name) for name in providers),
    )
    return tidy(tuple(Reason(wish=wish, name=name) for wish, name in said))


def _watches(wishes: Wishes, register: Register) -> tuple[str, ...]:
    return tidy(_known(wishes.watched, register))


def _known(ids: tuple[str, ...], register: Register) -> tuple[str, ...]:
    """The names of the providers with these ids, each provider once; empty if one is not known."""
    found = [register.get(id) for id in register.each_once(ids)]
    return tuple(one.name for one in found if one is not None) if None not in found else ()
