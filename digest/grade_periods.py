"""Grade periods: from when to when a provider has a grade, by what is known of its ratings.

A period begins with an inspection and ends with the next one of the same aspect, with a withdrawal, or with
the first inspection on a newer scale if its own is out of use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from digest.changes import Change, Movement, precedes, step
from digest.ratings import OVERALL, Grade, Inspectorates, Precision, Rating, Scale


class Given(StrEnum):
    """What is to be said of the grade of a period."""

    GRADE = "grade"
    WITHDRAWN = "withdrawn"  # the inspectorate has taken it back
    IN_DOUBT = "in doubt"  # it is not shown: operators are asked, or texts on the inspection differ


class DayOf(StrEnum):
    """What happened on the day that a grade is dated by."""

    INSPECTED = "inspected"
    PUBLISHED = "published"


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

    @property
    def day_of(self) -> DayOf | None:
        """What happened on the day it begins; None: we cannot tell."""
        if self.since is None or self.precision in {Precision.ROUND, Precision.NOT_BEFORE}:
            return None
        # The day of an inspection is known in full or not at all.
        inspected = self.precision is Precision.DAY and self.since != self.published_on
        return DayOf.INSPECTED if inspected else DayOf.PUBLISHED


class Periods:
    """Makes periods of ratings. What it looks up of the inspectorates it remembers, for many providers."""

    def __init__(self, inspectorates: Inspectorates) -> None:
        self._inspectorates = inspectorates
        self._scales: dict[str, Scale | None] = {}
        self._users: dict[str, tuple[str, ...]] = {}
        self._aspects: dict[tuple[str, str], str] = {}
        self._grades: dict[tuple[str, str], Grade | None] = {}

    def of(self, known: Iterable[KnownRating], inspectorate: str = "") -> tuple[GradePeriod, ...]:
        """The periods of one provider, by inspectorate and aspect, overall first; the earliest first.

        `inspectorate` is the provider's own: if several use a scale, that one gave the grades. Ratings
        without a date count as earlier than all others, in the order given.
        """
        own: dict[str, list[KnownRating]] = {}
        for one in known:
            own.setdefault(self._inspectorate(one.rating, inspectorate), []).append(one)
        return tuple(period for key in sorted(own) for period in self._of_inspectorate(key, own[key]))

    def scale(self, key: str) -> Scale | None:
        if key not in self._scales:
            self._scales[key] = self._inspectorates.scale(key)
        return self._scales[key]

    def _inspectorate(self, rating: Rating, own: str) -> str:
        """The inspectorate that gave a rating. If several use the scale, the provider or its id names it."""
        users = self._users.get(rating.scale)
        if users is None:
            users = self._users[rating.scale] = tuple(sorted(self._inspectorates.users(rating.scale)))
        if len(users) == 1:
            return users[0]
        named = [key for key in users if rating.provider.startswith(f"{key}:")] or [own] * (own in users)
        return next(iter(named or users), "")

    def _aspect(self, rating: Rating) -> str:
        key = rating.scale, rating.aspect
        if key not in self._aspects:
            scale = self.scale(rating.scale)
            aspect = scale.aspect(rating.aspect) if scale else None
            self._aspects[key] = aspect.name if aspect else rating.aspect
        return self._aspects[key]

    def _grade(self, rating: Rating) -> Grade | None:
        key = rating.scale, rating.grade
        if key not in self._grades:
            scale = self.scale(rating.scale)
            self._grades[key] = scale.grade(rating.grade) if scale else None
        return self._grades[key]

    def _of_inspectorate(self, key: str, known: Sequence[KnownRating]) -> Iterator[GradePeriod]:
        lines: dict[str, list[list[KnownRating]]] = {}
        for one in sorted(known, key=_place):
            _add(lines.setdefault(self._aspect(one.rating), []), one)
        newer = [
            group[0].rating
            for line in lines.values()
            for group in line
            if (scale := self.scale(group[0].rating.scale)) is not None and scale.valid_until is None
        ]
        for name in sorted(lines, key=lambda one: (one != OVERALL, one)):
            yield from self._line(key, name, lines[name], newer)

    def _line(
        self, key: str, aspect: str, line: Sequence[Sequence[KnownRating]], newer: Sequence[Rating]
    ) -> Iterator[GradePeriod]:
        before: GradePeriod | None = None
        for number, group in enumerate(line):
            one, given = _best(group)
            following = line[number + 1] if number + 1 < len(line) else None
            until = self._end(one, given, following, newer)
            movement, old = self._movement(one, given, before)
            yield (period := self._period(key, aspect, one, given, until, movement, old))
            before = period if given is not Given.WITHDRAWN else before

    def _end(
        self,
        one: KnownRating,
        given: Given,
        following: Sequence[KnownRating] | None,
        newer: Sequence[Rating],
    ) -> date | None:
        """The first day on which a rating does not count any more; None: it counts still."""
        rating, ends = one.rating, []
        if following is not None:
            # If nobody knows when the next one was, this one ended at once, as far as days are told.
            ends.append(_best(following)[0].rating.dated or rating.dated or date.min)
        scale = self.scale(rating.scale)
        if scale is not None and scale.valid_until is not None:
            ends += [
                later.dated
                for later in newer
                if later.dated is not None and (rating.dated is None or later.dated > rating.dated)
                if (other := self.scale(later.scale)) is not None and not other.compares(scale)
            ]
        if given is Given.WITHDRAWN and one.withdrawn_on is not None:
            ends.append(one.withdrawn_on)
        return min(ends, default=None)

    def _movement(
        self, one: KnownRating, given: Given, before: GradePeriod | None
    ) -> tuple[Movement | None, str | None]:
        """The movement and the grade before: as an edition told them, else by the period before."""
        if given is Given.IN_DOUBT:
            return None, None
        if one.change is not None:
            return one.change.movement, one.change.before
        if before is None:
            return None, None
        if before.grade is None:
            return Movement.NOT_COMPARABLE, None
        scale, old = self.scale(one.rating.scale), self.scale(before.scale)
        sure = before.since is None or before.since != one.rating.dated
        if scale is None or old is None or not scale.compares(old) or not sure:
            return Movement.NOT_COMPARABLE, before.grade
        return step(before.grade, one.rating.grade, scale), before.grade

    def _period(  # noqa: PLR0917 -- one call, above
        self,
        key: str,
        aspect: str,
        one: KnownRating,
        given: Given,
        until: date | None,
        movement: Movement | None,
        before: str | None,
    ) -> GradePeriod:
        rating, grade = one.rating, self._grade(one.rating)
        shown = given is not Given.IN_DOUBT
        return GradePeriod(
            inspectorate=key,
            aspect=aspect,
            scale=rating.scale,
            given=given,
            grade=(grade.name if grade else rating.grade) if shown else None,
            rank=grade.rank - 1 if grade and shown else None,
            since=rating.dated,
            precision=rating.precision if rating.dated else Precision.NOT_BEFORE,
            until=until,
            published_on=rating.published_on,
            movement=movement,
            before=before,
            evidence=rating.evidence if shown else "",
            link=rating.link,
            told_on=one.told_on,
            story=one.story,
        )


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
