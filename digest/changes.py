"""Changes: a grade compared with the one before it.

There are two witnesses: the text ("raised from A to B") and the ratings that we hold. If they agree, the
change is certain. If they differ, the text's own words are kept and the case goes to review. If a text
contradicts itself, or the history does not show which rating came last, the change is "not comparable".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from digest.items import canonical_link
from digest.ratings import OVERALL, Grade, Inspectorates, Precision, Rating, Scale
from digest.reports import Direction


class Movement(StrEnum):
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    UNCHANGED = "unchanged"
    FIRST_RATING = "first rating"
    NOT_COMPARABLE = "not comparable"
    WITHDRAWN = "withdrawn"


class Certainty(StrEnum):
    """Which witnesses support a change."""

    AGREED = "agreed"  # the text and our history say the same
    STATED = "stated"  # the text says it; we hold nothing earlier
    HELD = "held"  # we hold an earlier inspection; the text says nothing of it
    DISPUTED = "disputed"  # they differ: printed in the text's words if official, and reviewed
    ALONE = "alone"  # a first rating only because we know of no inspection before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What the text itself says about the change."""

    previous: str | None = None  # the name of the earlier grade, on the scale of the new one
    direction: Direction = Direction.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the grade of one aspect of one provider changed."""

    provider: str
    aspect: str
    scale: str
    movement: Movement
    before: str | None  # None: there was no earlier grade, or it is not known
    before_on: date | None  # the earliest day that it can be
    before_precision: Precision = Precision.DAY
    after: str | None  # None only when the rating was withdrawn
    certainty: Certainty
    review: str | None = None  # why an operator should look at it

    @property
    def moved(self) -> bool:
        """Whether the grade went up or down."""
        return self.movement in {Movement.UPGRADE, Movement.DOWNGRADE}


def not_comparable(change: Change) -> Change:
    """The change while it is in doubt: the new grade alone, compared with nothing."""
    return replace(
        change,
        movement=Movement.NOT_COMPARABLE,
        before=None,
        before_on=None,
        before_precision=Precision.DAY,
    )


SAME_INSPECTION_WITHIN: Final = timedelta(days=45)
"""Texts on one inspection come within days; the provider's next inspection comes months later."""

REPORTED_WITHIN: Final = timedelta(days=183)
"""The longest time from a visit to its report: dates closer than this can be of one inspection."""


_IN_REVIEW: Final = "the rating before is in doubt itself"


def _day(rating: Rating) -> date:
    return rating.dated or date.min


def _last_day(rating: Rating) -> date:
    """The last day of a rating of which a month, a year or a round is known; otherwise its only day."""
    if rating.dated is None or rating.precision is Precision.NOT_BEFORE:
        return _day(rating)
    return rating.precision.last(rating.dated)


def _place(rating: Rating) -> tuple[date, date, str, str, str]:
    """A sort key for ratings: by day, then by their text, so that the order of storing does not matter."""
    return (_day(rating), _last_day(rating), rating.aspect, rating.scale, rating.grade)


def precedes(r: Rating, after: Rating) -> bool | None:
    """Whether `r` is from an earlier inspection than `after`.

    False if it is from the same or a later one, None if that is not sure.
    """
    if r.inspected_on and after.inspected_on:
        return after.inspected_on - r.inspected_on > SAME_INSPECTION_WITHIN
    old, new = _published(r), _published(after)
    sure: bool | None = None
    if old and new:
        # A rating whose day is not known may be anywhere within its month, year or round.
        sure = _surely(new[0] - old[1] > SAME_INSPECTION_WITHIN, new[1] - old[0] <= SAME_INSPECTION_WITHIN)
    elif old and after.inspected_on:
        sure = _surely(old[1] < after.inspected_on, old[0] >= after.inspected_on)
    elif r.inspected_on and new:
        sure = _surely(new[0] - r.inspected_on > REPORTED_WITHIN, new[1] < r.inspected_on)
    if sure is None and _is_undated(r):
        # A rating without a date came with the register. It is older than any report we read.
        return canonical_link(r.link) != canonical_link(after.link) or None
    return sure


def _surely(yes: bool, no: bool) -> bool | None:
    return True if yes else False if no else None


def _published(rating: Rating) -> tuple[date, date] | None:
    """The first and the last day on which a rating can have been published."""
    if rating.published_on is None:
        return None
    return rating.published_on, rating.published_precision.last(rating.published_on)


def _is_undated(rating: Rating) -> bool:
    return rating.dated is None or rating.precision is Precision.NOT_BEFORE


def step(before: str, after: str, scale: Scale) -> Movement:
    """The movement between two grades of one scale; "not comparable" if the scale has no grade of a name."""
    old, new = scale.grade(before), scale.grade(after)
    if old is None or new is None:
        return Movement.NOT_COMPARABLE
    if old.rank == new.rank:
        return Movement.UNCHANGED
    return Movement.UPGRADE if new.rank < old.rank else Movement.DOWNGRADE


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A change by which a rating was withdrawn, and the day of the text that said so."""

    change: Change
    dated: date


def withdrawals(
    history: Iterable[Rating],
    *,
    provider: str,
    scale: str,
    said: str | None,
    dated: date,
    inspectorates: Inspectorates,
) -> tuple[Change, ...]:
    """The changes when a text of this day withdraws a provider's rating on a scale.

    The withdrawn rating is the latest one from before the text that the scale's inspectorate gave: the
    overall grade or, without one, the grades of the aspects. Empty if in doubt:

    - we hold no rating, or different ones for one aspect;
    - the rating can be of the text's own day, or is of another grade or year than the sentence names.
      This is no doubt if there is no sentence, `said`, because an operator has decided.

    A second text about the withdrawal withdraws the same rating again, not the one before it.
    """
    bodies = inspectorates.users(scale)
    own = [
        r
        for r in history
        if r.provider == provider and bodies & inspectorates.users(r.scale) and _is_known_by(r, dated)
    ]
    # Of two ratings of one year without a month, either may be the later one.
    latest = sorted((r for r in own if _last_day(r) >= max(map(_day, own))), key=_place)
    by_aspect = {r.aspect: r for r in latest}
    if any((r.scale, r.grade) != (by_aspect[r.aspect].scale, by_aspect[r.aspect].grade) for r in latest):
        return ()
    taken_back = [by_aspect[OVERALL]] if OVERALL in by_aspect else list(by_aspect.values())
    if said is not None and any(
        _day(r) <= dated <= _last_day(r) or not _can_be_meant(r, said, inspectorates) for r in taken_back
    ):
        return ()
    return tuple(_withdrawn(rating) for rating in taken_back)


_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")


def _can_be_meant(rating: Rating, said: str, inspectorates: Inspectorates) -> bool:
    """Whether the sentence that withdraws a rating names no other year and no other grade than this one's."""
    years = {int(year) for year in _YEAR.findall(said)}
    own = {rating.inspected_on.year} if rating.inspected_on else set()
    if rating.published_on and rating.published_precision is not Precision.NOT_BEFORE:
        last = rating.published_precision.last(rating.published_on)
        own |= {rating.published_on.year, last.year}
    if years and own and not years & own:
        return False
    scale = inspectorates.scale(rating.scale)
    if scale is None:
        return True
    pattern = r"\brating of {}\b"
    named = [g for g in scale.grades if re.search(pattern.format(re.escape(g.name)), said, re.IGNORECASE)]
    return not named or scale.grade(rating.grade) in named


def _withdrawn(before: Rating) -> Change:
    return Change(
        provider=before.provider,
        aspect=before.aspect,
        scale=before.scale,
        movement=Movement.WITHDRAWN,
        before=before.grade,
        before_on=before.dated,
        before_precision=before.precision,
        after=None,
        certainty=Certainty.HELD,
    )


def with_withdrawn_marked(history: Iterable[Rating], said: Iterable[Withdrawal]) -> list[Rating]:
    """The history, with every rating of a withdrawn inspection marked as withdrawn.

    Ratings published after the withdrawal remain valid, even if they are from the same inspection.
    """
    held = list(history)
    gone: set[Rating] = set()
    for one in said:
        for rating in filter(lambda r: _is_before(one.change, r), held):
            gone.update(r for r in held if _is_withdrawn_with(r, rating, one.dated))
    return [replace(r, withdrawn=True) if r in gone else r for r in held]


def _is_before(change: Change, rating: Rating) -> bool:
    """Whether a rating is the one that a change leads away from."""
    stated = (change.provider, change.aspect, change.scale, change.before, change.before_on)
    return stated == (rating.provider, rating.aspect, rating.scale, rating.grade, rating.dated)


def _is_withdrawn_with(r: Rating, withdrawn: Rating, dated: date) -> bool:
    """Whether `r` is from the withdrawn inspection, and its text is older than the withdrawal.

    A rating on another scale may be another inspectorate's, of the same weeks.
    """
    same = (r.provider, r.scale) == (withdrawn.provider, withdrawn.scale)
    return same and _is_known_by(r, dated) and not precedes(r, withdrawn)


def _is_known_by(rating: Rating, day: date) -> bool:
    return max(rating.inspected_on or date.min, rating.published_on or date.min) <= day


def compare(
    history: Iterable[Rating], after: Rating, claimed: Claimed, inspectorates: Inspectorates
) -> Change:
    """The change from a provider's earlier rating of an aspect to the new one, `after`.

    `history` may hold any ratings, also those of this inspection. The new rating is compared with the latest
    earlier inspection of the same provider and aspect by the same inspectorate. Withdrawn ratings do not
    count. A scale or grade that the operator's files do not know is "not comparable".
    """
    scale = inspectorates.scale(after.scale)
    if scale is None:
        return _change(after, _Step(Movement.NOT_COMPARABLE, doubt=f"unknown scale {after.scale}"))
    grade = scale.grade(after.grade)
    if grade is None:
        doubt = f"{scale.key} has no grade {after.grade}"
        return _change(after, _Step(Movement.NOT_COMPARABLE, doubt=doubt))
    after = replace(after, grade=grade.name)
    past = _past(history, after, scale, inspectorates)
    change = _weighed(after, _by_text(claimed, grade, scale), _by_history(past, after, scale, inspectorates))
    return _checked_for_later(change, past, after)


@dataclass(frozen=True, slots=True)
class _Step:
    """The change according to one witness, the text or the history."""

    movement: Movement
    before: str | None = None
    before_on: date | None = None
    before_precision: Precision = Precision.DAY
    doubt: str | None = None  # why this witness may be wrong

    def __str__(self) -> str:
        return f"{self.movement} from {self.before}" if self.before else self.movement


_BY_CLAIM: Final = {
    Direction.UPGRADE: Movement.UPGRADE,
    Direction.DOWNGRADE: Movement.DOWNGRADE,
    Direction.UNCHANGED: Movement.UNCHANGED,
    Direction.FIRST: Movement.FIRST_RATING,
    Direction.NOT_COMPARABLE: Movement.NOT_COMPARABLE,
}


def _by_text(claimed: Claimed, grade: Grade, scale: Scale) -> _Step | None:
    """The change according to the text; None if the text says nothing about it."""
    movement = _BY_CLAIM.get(claimed.direction)
    if claimed.previous is None:
        return _by_claim(movement, grade, scale) if movement else None
    before = _grade_name(claimed.previous, scale)
    moved = step(before, grade.name, scale)
    if movement is Movement.NOT_COMPARABLE:
        return _Step(movement, before)
    if movement in (None, moved):
        return _Step(moved, before)
    doubt = f"the text says {claimed.direction} but gives {before} before and {grade.name} now"
    return _Step(moved, before, doubt=doubt)


def _by_claim(claimed: Movement, grade: Grade, scale: Scale) -> _Step:
    """The change according to a text that does not name the earlier grade."""
    ranks = [g.rank for g in scale.grades]
    impossible = {Movement.UPGRADE: max(ranks), Movement.DOWNGRADE: min(ranks)}
    if impossible.get(claimed) == grade.rank:
        return _Step(claimed, doubt=f"the text says {claimed}, and {grade.name} leaves no room for it")
    # "Remains good" states the earlier grade as well.
    return _Step(claimed, grade.name if claimed is Movement.UNCHANGED else None)


def _by_history(
    past: Sequence[Rating], after: Rating, scale: Scale, inspectorates: Inspectorates
) -> _Step | None:
    """The change according to the ratings we hold; None if we know of no earlier inspection of the provider.

    It has an earlier grade only if that is certain. Without one it neither confirms nor contradicts the text.
    """
    own = [r for r in past if r.aspect == _aspect_name(after.aspect, scale)]
    sure = [r for r in own if precedes(r, after)]
    held = max(sure, key=_place, default=None)
    last = {(r.scale, r.grade) for r in sure if held and _may_be_as_late(r, held)}
    if len(last) > 1:
        grades = " and ".join(sorted(grade for _, grade in last))
        return _Step(Movement.NOT_COMPARABLE, doubt=f"we hold {grades} for the inspection before")
    if any(precedes(r, after) is None and (r.scale, r.grade) not in last for r in own):
        doubt = "we hold a rating that may be of this inspection or of one before it"
        return _Step(Movement.NOT_COMPARABLE, doubt=doubt)
    if held is None:
        # The provider was inspected before, but the aspect is new or its earlier grade is not known.
        return _Step(Movement.NOT_COMPARABLE) if any(precedes(r, after) for r in past) else None
    dated = (None, Precision.DAY) if _is_undated(held) else (held.dated, held.precision)
    old = inspectorates.scale(held.scale)
    if old is None or not scale.compares(old):
        return _Step(Movement.NOT_COMPARABLE, held.grade, *dated)
    before = _grade_name(held.grade, old)
    if scale.grade(before) is None:
        return _Step(Movement.NOT_COMPARABLE, doubt=f"we hold {before}, which {scale.key} lacks")
    vouched = any(_is_last(r, held) and not r.doubted for r in sure)
    moved = step(before, after.grade, scale)
    return _Step(moved, before, *dated, doubt=None if vouched else _IN_REVIEW)


def _is_last(r: Rating, held: Rating) -> bool:
    """Whether `r` gives the grade of the inspection before as well."""
    return (r.scale, r.grade) == (held.scale, held.grade) and _may_be_as_late(r, held)


def _may_be_as_late(r: Rating, held: Rating) -> bool:
    """Whether `r` can be from the same inspection as `held`, the latest by its day, or from a later one."""
    if _day(r) == _day(held):
        return True
    if _is_undated(r) or _is_undated(held):
        return False  # the register has its rows in order of time
    return not precedes(r, held)


def _weighed(after: Rating, text: _Step | None, history: _Step | None) -> Change:
    """The change that follows from both witnesses."""
    if text is None:
        if history is None:
            return _change(after, _Step(Movement.FIRST_RATING), Certainty.ALONE)
        return _change(after, history)
    if history is not None and text.movement is history.movement and text.before in (None, history.before):
        in_doubt = None if text.before and history.doubt == _IN_REVIEW else history.doubt
        return _change(after, replace(history, doubt=text.doubt or in_doubt), Certainty.AGREED)
    if text.doubt:
        return _change(after, replace(text, movement=Movement.NOT_COMPARABLE), Certainty.DISPUTED)
    if history is None or history.before is None:
        return _change(after, replace(text, doubt=history.doubt if history else None), Certainty.STATED)
    doubt = f"the text says {text}; we hold {history.before}"
    if history.movement is Movement.NOT_COMPARABLE:
        # Grades of two frameworks are not comparable, even if the text compares them.
        return _change(after, replace(history, doubt=doubt))
    return _change(after, replace(text, doubt=doubt), Certainty.DISPUTED)


def _checked_for_later(change: Change, past: Iterable[Rating], after: Rating) -> Change:
    """The change, marked for review if we hold a rating of a later inspection: then this is old news."""
    later = max((r for r in past if precedes(after, r)), key=_place, default=None)
    if later is None or change.review:
        return change
    dated = later.precision.written(later.dated) if later.dated else "without a date"
    return replace(change, review=f"we hold a later rating: {later.aspect} {later.grade}, {dated}")


def _past(
    history: Iterable[Rating], after: Rating, scale: Scale, inspectorates: Inspectorates
) -> list[Rating]:
    """The provider's ratings by the same inspectorate, each aspect under its current name.

    A rating on a scale that no known inspectorate uses is included: it may be by the same one.
    """
    bodies = inspectorates.users(scale.key)
    return [
        replace(r, aspect=_aspect_name(r.aspect, scale))
        for r in history
        if r.provider == after.provider and not r.withdrawn
        if bodies & (inspectorates.users(r.scale) or bodies)
    ]


def _aspect_name(words: str, scale: Scale) -> str:
    aspect = scale.aspect(words)
    return aspect.name if aspect else words


def _grade_name(words: str, scale: Scale) -> str:
    grade = scale.grade(words)
    return grade.name if grade else words


def _change(after: Rating, seen: _Step, certainty: Certainty = Certainty.HELD) -> Change:
    return Change(
        provider=after.provider,
        aspect=after.aspect,
        scale=after.scale,
        movement=seen.movement,
        before=seen.before,
        before_on=seen.before_on,
        before_precision=seen.before_precision,
        after=after.grade,
        certainty=certainty,
        review=seen.doubt,
    )
