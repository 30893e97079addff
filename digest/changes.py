"""Changes: one grade set beside the one before it, and what may be said of the step.

Two witnesses speak: the text ("raised from A to B") and the ratings we already hold. What they agree on is
certain; where they differ the official text's own words are printed and the case goes to review.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from digest.ratings import Inspectorates, Rating, Scale
from digest.reports import Direction


class Movement(StrEnum):
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    UNCHANGED = "unchanged"
    FIRST_RATING = "first rating"
    NOT_COMPARABLE = "not comparable"
    WITHDRAWN = "withdrawn"


class Certainty(StrEnum):
    """Who vouches for a change."""

    AGREED = "agreed"  # the text and our history say the same
    STATED = "stated"  # the text says it; we hold nothing earlier
    HELD = "held"  # we hold the earlier rating; the text says nothing of it
    DISPUTED = "disputed"  # they differ: printed in the text's words if official, and reviewed
    ALONE = "alone"  # a first rating only because we know of none before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the text itself says of the step."""

    previous: str | None = None  # a grade's name on the scale of the rating it speaks of
    direction: Direction = Direction.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One aspect of one provider, before and after."""

    provider: str
    aspect: str
    scale: str
    movement: Movement
    before: str | None  # None: there was none, or nobody says which
    before_on: date | None
    after: str | None  # None only when the rating was withdrawn
    certainty: Certainty
    review: str | None = None  # why an operator should look at it


def earlier(history: Iterable[Rating], after: Rating) -> Rating | None:
    """The latest rating of the same provider and aspect from an earlier inspection than `after`'s."""
    own = [
        r
        for r in history
        if r.provider == after.provider and r.aspect == after.aspect and _precedes(r, after)
    ]
    return max(own, key=lambda r: r.dated or date.min, default=None)


def _precedes(r: Rating, after: Rating) -> bool:
    if r.inspected_on and after.inspected_on:
        return r.inspected_on < after.inspected_on
    # Undated history is older than any report we read: it came with the register.
    return r.dated is None or after.dated is None or r.dated < after.dated


_BY_STEP = {1: Movement.UPGRADE, -1: Movement.DOWNGRADE, 0: Movement.UNCHANGED}
_BY_CLAIM = {
    Direction.UPGRADE: Movement.UPGRADE,
    Direction.DOWNGRADE: Movement.DOWNGRADE,
    Direction.UNCHANGED: Movement.UNCHANGED,
}


def step(before: str, after: str, scale: Scale) -> Movement:
    """The movement between two grades of one scale; a name the scale lacks is not comparable."""
    old, new = scale.grade(before), scale.grade(after)
    if old is None or new is None:
        return Movement.NOT_COMPARABLE
    return _BY_STEP[(old.rank > new.rank) - (old.rank < new.rank)]


def withdrawn(before: Rating) -> Change:
    """The change when an inspectorate takes a rating back."""
    return Change(
        provider=before.provider,
        aspect=before.aspect,
        scale=before.scale,
        movement=Movement.WITHDRAWN,
        before=before.grade,
        before_on=before.dated,
        after=None,
        certainty=Certainty.HELD,
    )


def compare(history: Iterable[Rating], after: Rating, told: Told, inspectorates: Inspectorates) -> Change:
    """What became of one aspect of one provider at this inspection.

    `history` may hold any ratings; only the latest earlier inspection of the same provider and aspect counts
    (promise 5). A scale the operator's files do not know compares with nothing.
    """
    held = earlier(history, after)
    scale = inspectorates.scale(after.scale)
    if scale is None:
        return _change(
            after, held, Movement.NOT_COMPARABLE, Certainty.HELD, review=f"unknown scale {after.scale}"
        )
    by_text = _by_text(after, told, scale)
    by_history = _by_history(held, after, scale, inspectorates)
    if by_history is None or held is None:
        if by_text is None:
            return _change(after, None, Movement.FIRST_RATING, Certainty.ALONE)
        return _stated(after, told, by_text, scale)
    if by_text is None or by_history is Movement.NOT_COMPARABLE:
        return _change(after, held, by_history, Certainty.HELD)
    if by_text is by_history and told.previous in (None, held.grade):
        return _change(after, held, by_text, Certainty.AGREED)
    review = (
        f"the text says {by_text} from {told.previous or 'a grade it does not name'}; we hold {held.grade}"
    )
    return _stated(after, told, by_text, scale, certainty=Certainty.DISPUTED, review=review)


def _by_text(after: Rating, told: Told, scale: Scale) -> Movement | None:
    if told.direction is Direction.NOT_COMPARABLE:
        return Movement.NOT_COMPARABLE
    if told.direction is Direction.FIRST:
        return Movement.FIRST_RATING
    if told.previous is not None:
        return step(told.previous, after.grade, scale)
    return _BY_CLAIM.get(told.direction)


def _by_history(
    held: Rating | None, after: Rating, scale: Scale, inspectorates: Inspectorates
) -> Movement | None:
    if held is None:
        return None
    old = inspectorates.scale(held.scale)
    if old is None or not scale.compares(old):
        return Movement.NOT_COMPARABLE
    return step(held.grade, after.grade, scale)


def _stated(
    after: Rating,
    told: Told,
    movement: Movement,
    scale: Scale,
    *,
    certainty: Certainty = Certainty.STATED,
    review: str | None = None,
) -> Change:
    """The change in the text's own words, unless its own words contradict one another."""
    claimed = _BY_CLAIM.get(told.direction)
    if (
        told.previous is not None
        and claimed is not None
        and claimed is not step(told.previous, after.grade, scale)
    ):
        movement = Movement.NOT_COMPARABLE
        review = f"the text says {told.direction} but gives {told.previous} before and {after.grade} now"
    return Change(
        provider=after.provider,
        aspect=after.aspect,
        scale=after.scale,
        movement=movement,
        before=None if movement is Movement.FIRST_RATING else told.previous,
        before_on=None,
        after=after.grade,
        certainty=Certainty.DISPUTED if review else certainty,
        review=review,
    )


def _change(
    after: Rating, held: Rating | None, movement: Movement, certainty: Certainty, *, review: str | None = None
) -> Change:
    return Change(
        provider=after.provider,
        aspect=after.aspect,
        scale=after.scale,
        movement=movement,
        before=held.grade if held else None,
        before_on=held.dated if held else None,
        after=after.grade,
        certainty=certainty,
        review=review,
    )
