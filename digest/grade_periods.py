"""Grade periods: from when to when a provider has a grade, by what is known of its ratings.

A period begins with an inspection and ends with the next one of the same aspect, with a withdrawal, or with
the first inspection on a newer scale if its own is out of use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from digest.changes import Change, Movement, precedes, step
from digest.ratings import OVERALL, Inspectorates, Precision, Rating, Scale


class Given(StrEnum):
    """What is to be said of the grade of a period."""

    GRADE = "grade"
    WITHDRAWN = "withdrawn"  # the inspectorate has taken it back
    IN_DOUBT = "in doubt"  # it is not shown: operators are asked, or texts on the inspection differ


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRating:
    """A rating that is public, and how the public learnt of it."""

    rating: Rating
    withdrawn_on: date | None = None
    told_on: date | None = None  # the day of the edition that told it; None: it is of the register or of data
    story: int | None = None  # the number of the story that tells it
    change: Change | None = None  # as that story tells it


@dataclass(frozen=True, slots=True, kw_only=True)
class GradePeriod:
    """The grade of one aspect of one provider from one inspection on."""

    inspectorate: str  # a key; empty: the scale is not known
    aspect: str
    scale: str
    given: Given
    grade: str | None  # None while it is in doubt
    rank: int | None  # 0 is the best grade of the scale; None: not known, or in doubt
    since: date | None  # the earliest day that it can be; None: not known
    precision: Precision  # of `since`
    until: date | None  # the first day on which it does not count any more; None: it is the present grade
    published_on: date | None
    movement: Movement | None  # from the period before; None: there is none that we know
    before: str | None  # the grade of that period
    evidence: str
    link: str
    told_on: date | None
    story: int | None

    @property
    def present(self) -> bool:
        """Whether it is a grade that the provider has now."""
        return self.until is None and self.given is Given.GRADE


def periods_of(known: Iterable[KnownRating], inspectorates: Inspectorates) -> tuple[GradePeriod, ...]:
    """The periods of one provider's ratings, by inspectorate and aspect, overall first; the earliest first.

    Ratings without a date count as earlier than all others, in the order given.
    """
    own: dict[str, list[KnownRating]] = {}
    for one in known:
        own.setdefault(_inspectorate(one.rating, inspectorates), []).append(one)
    return tuple(period for key in sorted(own) for period in _of_inspectorate(key, own[key], inspectorates))


def _inspectorate(rating: Rating, inspectorates: Inspectorates) -> str:
    """The inspectorate that gave a rating. Of several that use the scale, the provider's id may name it."""
    users = sorted(inspectorates.users(rating.scale))
    named = [key for key in users if rating.provider.startswith(f"{key}:")]
    return next(iter(named or users), "")


def _of_inspectorate(
    key: str, known: Sequence[KnownRating], inspectorates: Inspectorates
) -> Iterator[GradePeriod]:
    lines: dict[str, list[list[KnownRating]]] = {}
    for one in sorted(known, key=_place):
        scale = inspectorates.scale(one.rating.scale)
        aspect = scale.aspect(one.rating.aspect) if scale else None
        name = aspect.name if aspect else one.rating.aspect
        _add(lines.setdefault(name, []), replace(one, rating=replace(one.rating, aspect=name)))
    inspections = [group for line in lines.values() for group in line]
    for name in sorted(lines, key=lambda one: (one != OVERALL, one)):
        yield from _line(key, lines[name], inspections, inspectorates)


def _place(one: KnownRating) -> tuple[date, date, date]:
    rating = one.rating
    first = rating.dated if rating.dated and rating.precision is not Precision.NOT_BEFORE else date.min
    last = rating.precision.last(first) if first != date.min else date.min
    return first, last, one.told_on or date.min


def _add(line: list[list[KnownRating]], one: KnownRating) -> None:
    """Add a rating to those of its inspection, which is the last one of the line or a new one."""
    if line and _same_inspection(line[-1][0].rating, one.rating):
        line[-1].append(one)
    else:
        line.append([one])


def _same_inspection(before: Rating, rating: Rating) -> bool:
    if before.scale != rating.scale or rating.dated is None or before.dated is None:
        return False
    sure = precedes(before, rating)
    return sure is False or (sure is None and before.grade == rating.grade)


def _line(
    key: str,
    line: Sequence[Sequence[KnownRating]],
    inspections: Iterable[Sequence[KnownRating]],
    inspectorates: Inspectorates,
) -> Iterator[GradePeriod]:
    before: GradePeriod | None = None
    for number, group in enumerate(line):
        one, given = _best(group)
        scale = inspectorates.scale(one.rating.scale)
        ends = [_since(line[number + 1])] if number + 1 < len(line) else []
        ends += _out_of_use(one.rating, scale, inspections, inspectorates)
        until = min((end for end in ends if end is not None), default=None)
        if until is None and ends:
            until = _since(group) or date.min  # the next one came later, though nobody knows when
        if given is Given.WITHDRAWN and one.withdrawn_on is not None:
            until = min(until or date.max, one.withdrawn_on)
        period = _period(key, one, given, scale, until)
        yield (period := _moved(period, one.change, before, inspectorates))
        before = period if given is not Given.WITHDRAWN else before


def _since(group: Sequence[KnownRating]) -> date | None:
    return _best(group)[0].rating.dated


def _best(group: Sequence[KnownRating]) -> tuple[KnownRating, Given]:
    """The rating that counts of those of one inspection, and what is to be said of it.

    What the latest edition told counts. If several differ and none of them was told last, it is in doubt.
    """
    last = max(one.told_on or date.min for one in group)
    latest = [one for one in group if (one.told_on or date.min) == last]
    best = max(latest, key=lambda one: (one.rating.inspected_on is not None, one.story is not None))
    if best.rating.withdrawn:
        return best, Given.WITHDRAWN
    doubted = any(one.rating.doubted for one in latest)
    differ = len({one.rating.grade.casefold() for one in latest}) > 1
    return best, Given.IN_DOUBT if doubted or differ else Given.GRADE


def _out_of_use(
    rating: Rating,
    scale: Scale | None,
    inspections: Iterable[Sequence[KnownRating]],
    inspectorates: Inspectorates,
) -> list[date | None]:
    """When the first inspection on another scale was, if the rating's own scale is out of use."""
    if scale is None or scale.valid_until is None:
        return []
    later = [
        day
        for group in inspections
        if (other := inspectorates.scale(group[0].rating.scale)) is not None
        if not other.compares(scale) and other.valid_until is None
        if (day := _since(group)) is not None and (rating.dated is None or day > rating.dated)
    ]
    return [min(later)] if later else []


def _period(key: str, one: KnownRating, given: Given, scale: Scale | None, until: date | None) -> GradePeriod:
    rating = one.rating
    grade = scale.grade(rating.grade) if scale else None
    shown = given is not Given.IN_DOUBT
    return GradePeriod(
        inspectorate=key,
        aspect=rating.aspect,
        scale=rating.scale,
        given=given,
        grade=(grade.name if grade else rating.grade) if shown else None,
        rank=grade.rank - 1 if grade and shown else None,
        since=rating.dated,
        precision=rating.precision if rating.dated else Precision.NOT_BEFORE,
        until=until,
        published_on=rating.published_on,
        movement=None,
        before=None,
        evidence=rating.evidence if shown else "",
        link=rating.link,
        told_on=one.told_on,
        story=one.story,
    )


_UNSURE: Final = frozenset({Precision.YEAR, Precision.ROUND, Precision.NOT_BEFORE})


def _moved(
    period: GradePeriod, told: Change | None, before: GradePeriod | None, inspectorates: Inspectorates
) -> GradePeriod:
    """The period with its movement: as an edition told it, else by the period before."""
    if period.given is Given.IN_DOUBT:
        return period
    if told is not None:
        return replace(period, movement=told.movement, before=told.before)
    if before is None:
        return period
    if before.grade is None or period.grade is None:
        return replace(period, movement=Movement.NOT_COMPARABLE)
    scale, old = inspectorates.scale(period.scale), inspectorates.scale(before.scale)
    alike = scale is not None and old is not None and scale.compares(old)
    if scale is None or not alike or (before.since == period.since and before.since is not None):
        return replace(period, movement=Movement.NOT_COMPARABLE, before=before.grade)
    return replace(period, movement=step(before.grade, period.grade, scale), before=before.grade)
