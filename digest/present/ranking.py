"""Which stories of an edition come first, for one reader.

The order is decided by, one after the other:

1. whether the reader watches the provider;
2. what happened: we correct ourselves; a rating moved, was withdrawn, or began at the lowest grade; a rating
   that did not move; what only a blog reports; reports without ratings; opinions; other news;
3. how low the grade is, as a share of its scale;
4. how many steps it moved;
5. how large the body is: by the size of its kind (`config/scales`), then by the people in its care;
6. whether it went down;
7. when we found it, and its key, which no two stories share.

The reasons are in decision 0049.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from digest.changes import Change, Movement
from digest.edition import SectionKind
from digest.present.story import StoryView
from digest.providers import Register
from digest.ratings import Inspectorates, Size
from digest.wishes import Wish


class Move(StrEnum):
    """What happened to a provider's standing. A story without one tells of no move."""

    CORRECTED = "corrected"  # an earlier edition or the publisher's data was wrong
    DOWN = "down"
    UP = "up"
    MIXED = "mixed"  # some aspects went up, others down
    WITHDRAWN = "withdrawn"
    LOWEST = "lowest"  # rated for the first time, or on a new scale, with its lowest grade
    STATUS = "status"  # the title names a status such as special measures


def move_of(view: StoryView, status: bool) -> Move | None:
    """The move that a story tells; None if no standing changed, or only a blog says so.

    `status`: whether its title `names_a_status`.
    """
    story = view.story
    if story.correction is not None or story.section is SectionKind.CORRECTIONS:
        return Move.CORRECTED
    movements = {change.movement for change in view.told}
    if Movement.WITHDRAWN in movements:
        return Move.WITHDRAWN
    if story.section is SectionKind.ELSEWHERE:
        return None
    if {Movement.UPGRADE, Movement.DOWNGRADE} <= movements:
        return Move.MIXED
    if Movement.DOWNGRADE in movements:
        return Move.DOWN
    if Movement.UPGRADE in movements:
        return Move.UP
    if any(_began_lowest(change, view) for change in view.told):
        return Move.LOWEST
    return Move.STATUS if status else None


def _began_lowest(change: Change, view: StoryView) -> bool:
    began = change.movement in {Movement.FIRST_RATING, Movement.NOT_COMPARABLE}
    return began and view.scale[:1] == (change.after,)


def names_a_status(view: StoryView, known: Inspectorates) -> bool:
    """Whether an inspectorate's title names one of its statuses that are no grades."""
    story = view.story
    if story.reported_by or story.section in {SectionKind.COMMENTARY, SectionKind.NEWS}:
        return False
    own = known.named(story.inspectorate or "")
    title = story.title.casefold()
    return own is not None and any(status.casefold() in title for status in own.statuses)


def is_watched(view: StoryView) -> bool:
    """Whether the reader watches the provider. Opinions about it are no news of it."""
    told = view.story.section not in {SectionKind.COMMENTARY, SectionKind.NEWS}
    return told and any(reason.wish is Wish.WATCHED for reason in view.reasons)


class Weight(NamedTuple):
    """A story's place among others: the smallest comes first."""

    unwatched: bool
    tier: int
    height: float  # 0 is the lowest grade of the scale, 1 the best
    steps: int  # negative
    kind: int  # negative
    size: int  # negative
    rose: bool
    found: float
    item: int
    place: int


def weight(view: StoryView, move: Move | None, body: Size = Size.USUAL) -> Weight:
    """The weight of a story for one reader; `body` is how large the provider is by its kind."""
    story, changes = view.story, [one for one in view.told if one.moved] or view.told
    return Weight(
        unwatched=not is_watched(view),
        tier=_tier(view, move),
        height=min((_height(one, view.scale) for one in changes), default=_UNKNOWN)
        if move is not Move.STATUS
        else 0.0,
        steps=-max((_steps(one, view.scale) for one in changes), default=0),
        kind=-_SIZES.index(body),
        size=-_people(story.caseload),
        rose=move is Move.UP,
        found=story.found_at.timestamp(),
        item=story.key.item,
        place=story.key.place,
    )


_TIERS: Final = MappingProxyType(
    {
        SectionKind.ELSEWHERE: 3,
        SectionKind.REPORTS: 4,
        SectionKind.COMMENTARY: 5,
        SectionKind.NEWS: 6,
    }
)


def _tier(view: StoryView, move: Move | None) -> int:
    if view.story.correction is not None:
        return 0
    return 1 if move is not None else _TIERS.get(view.story.section, 2)


_UNKNOWN: Final = 0.5  # the height of a grade on a scale that we do not know


def _height(change: Change, scale: tuple[str, ...]) -> float:
    if change.movement is Movement.WITHDRAWN:
        return 0.0  # nobody knows how it does now: as grave as the lowest grade
    if change.after not in scale:
        return _UNKNOWN
    return scale.index(change.after or "") / max(len(scale) - 1, 1)


def _steps(change: Change, scale: tuple[str, ...]) -> int:
    if not change.moved:
        return 0
    if change.before not in scale or change.after not in scale:
        return 1
    return abs(scale.index(change.after or "") - scale.index(change.before or ""))


_SIZES: Final = (Size.SMALL, Size.USUAL, Size.MEDIUM, Size.LARGE)


def sizes(known: Inspectorates) -> dict[str, Size]:
    """How large bodies are by their kind in lower case; if inspectorates differ, the larger."""
    bodies = (body for one in known for body in one.bodies)
    return {
        body.kind.casefold(): body.size for body in sorted(bodies, key=lambda body: _SIZES.index(body.size))
    }


_NUMBER: Final = re.compile(r"\d[\d,]*")


def _people(caseload: str | None) -> int:
    """The first number in a caseload's words: "more than 3,600 people"."""
    found = _NUMBER.search(caseload or "")
    return int(found[0].replace(",", "")[:9]) if found else 0


class Ranked(NamedTuple):
    """A story, the move that it tells, and whether its title names a status."""

    view: StoryView
    move: Move | None
    status: bool = False  # whether the title names one, such as "special measures"

    @property
    def watched(self) -> bool:
        return is_watched(self.view)


def ranked(views: Iterable[StoryView], register: Register, known: Inspectorates) -> tuple[Ranked, ...]:
    """The stories, the one that matters most to the reader first. `register` has the kinds of providers."""
    statuses = ((view, names_a_status(view, known)) for view in views)
    found = [Ranked(view, move_of(view, status), status) for view, status in statuses]

    by_kind = sizes(known)

    def place(one: Ranked) -> Weight:
        provider = register.get(one.view.story.provider or "")
        kind = provider.kind.casefold() if provider else ""
        return weight(one.view, one.move, by_kind.get(kind, Size.USUAL))

    return tuple(sorted(found, key=place))
