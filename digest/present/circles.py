"""The bodies that the stories of an edition are compared with, and what we hold of their overall grades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from digest.changes import Certainty, Movement
from digest.edition import Edition, Proof, SectionKind, Story
from digest.edition_history import HeldRating
from digest.grade_periods import Given, GradePeriod, KnownRating, Periods
from digest.providers import Provider, Register, normal_name
from digest.ratings import OVERALL, Inspectorates, Precision, Rating, Scale

MOST_STORIES: Final = 40
"""Stories of an edition that lines are looked for, the first ones; a line is a rare thing anyway."""

MOST_BODIES: Final = 500
"""Bodies of a kind, or of a kind and area; larger ones are compared with nobody."""

MOST_ASKED: Final = 4_000
"""Bodies whose ratings are read for one edition."""

_MOVEMENTS: Final = frozenset(
    {Movement.UPGRADE, Movement.DOWNGRADE, Movement.UNCHANGED, Movement.FIRST_RATING}
)
_SECTIONS: Final = frozenset({SectionKind.UPGRADES, SectionKind.DOWNGRADES, SectionKind.STEADY})


def may_be_spoken_of(story: Story) -> bool:
    """Whether a line may be about a story: the inspectorate's own words give a sure overall grade."""
    change = story.change
    if change is None or change.movement not in _MOVEMENTS or change.review or change.after is None:
        return False
    sure = change.certainty is not Certainty.DISPUTED and story.section in _SECTIONS
    told_before = story.correction or story.first_told or story.late_from or story.checked
    official = not (story.reported_by or story.from_feed)
    return bool(sure and official and not told_before and story.evidence and story.inspectorate)


# -- whose ratings are needed -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The bodies of a kind, or of a kind and an area, that an inspectorate rates."""

    area: str  # empty: of all areas
    bodies: tuple[Provider, ...]
    unplaced: tuple[Provider, ...]  # it is not known whether they belong to it
    lasting: bool  # none of them was followed by another body


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A story, its provider, and the groups in which it stands: the larger first."""

    story: Story
    provider: Provider
    groups: tuple[Group, ...]


def circles(edition: Edition, register: Register) -> tuple[Circle, ...]:
    """The stories that lines may be about, with the bodies whose ratings they are compared with."""
    found: list[tuple[Story, Provider]] = []
    for story in edition.stories:
        provider = register.get(story.provider or "")
        if provider is not None and len(found) < MOST_STORIES and may_be_spoken_of(story):
            found.append((story, provider))
    if not found:
        return ()
    peers = _Peers(register, {story.inspectorate or "" for story, _ in found})
    asked: set[str] = set()
    made = []
    for story, provider in found:
        fitting = []
        for group in peers.groups(provider, story.inspectorate or ""):
            ids = {one.id for one in (*group.bodies, *group.unplaced)}
            if len(asked | ids) <= MOST_ASKED:
                asked |= ids
                fitting.append(group)
        made.append(Circle(story=story, provider=provider, groups=tuple(fitting)))
    return tuple(made)


class _Peers:
    """The bodies of some inspectorates, by kind and by area."""

    def __init__(self, register: Register, inspectorates: Collection[str]) -> None:
        self._found: dict[tuple[str, ...], list[Provider]] = defaultdict(list)
        self._gone = {id for p in register if p.predecessors for id in register.each_once(p.predecessors)}
        for one in register:
            keys = inspectorates if not one.inspectorate else {one.inspectorate}.intersection(inspectorates)
            kind, area = normal_name(one.kind), normal_name(one.area)
            for key in keys:
                self._found[key, kind].append(one)
                self._found[key, kind, area].append(one)

    def groups(self, own: Provider, inspectorate: str) -> Iterator[Group]:
        """The groups of a provider that are not too large: of its kind, and of its kind and area."""
        kind, area = normal_name(own.kind), normal_name(own.area)
        if not kind or own.inspectorate not in {"", inspectorate}:
            return
        yield from self._group("", [(kind,)], [("",)], inspectorate)
        if area:
            perhaps = [(kind, ""), ("", ""), ("", area)]
            yield from self._group(own.area, [(kind, area)], perhaps, inspectorate)

    def _group(
        self, area: str, sure: Sequence[tuple[str, ...]], perhaps: Sequence[tuple[str, ...]], key: str
    ) -> Iterator[Group]:
        bodies, unplaced = (
            [one for names in each for one in self._found.get((key, *names), ())] for each in (sure, perhaps)
        )
        if len(bodies) + len(unplaced) <= MOST_BODIES:
            lasting = not any(one.id in self._gone for one in bodies)
            yield Group(area=area, bodies=tuple(bodies), unplaced=tuple(unplaced), lasting=lasting)


def bodies_of(found: Iterable[Circle]) -> tuple[Provider, ...]:
    """Everybody whose ratings are needed, each once."""
    once: dict[str, Provider] = {}
    for circle in found:
        for one in (
            circle.provider,
            *(body for g in circle.groups for body in (*g.bodies, *g.unplaced)),
        ):
            once.setdefault(one.id, one)
    return tuple(once.values())


# -- what is known of them --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A grade that a body was given."""

    grade: str
    rank: int  # 0 is the best of the scale
    first: date  # the earliest and the latest day that it can be
    last: date
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The overall grades of a body, the earliest first."""

    grades: tuple[Graded, ...] = ()
    sure: bool = True  # nothing that we hold of it is in doubt, withdrawn, waiting, or without its year


class Records:
    """Makes records of ratings of one inspectorate, on scales that compare with one."""

    def __init__(self, day: date, inspectorate: str, scale: Scale, inspectorates: Inspectorates) -> None:
        self._day = day
        self._inspectorate = inspectorate
        self._scale = scale
        self._inspectorates = inspectorates
        self._periods = Periods(inspectorates)

    def of(self, provider: Provider, held: Sequence[HeldRating]) -> Record:
        own = [one for one in held if self._is_ours(one.rating)]
        known = [KnownRating(rating=one.rating, told_on=one.told_on) for one in own]
        periods = [one for one in self._periods.of(known, self._inspectorate) if one.aspect == OVERALL]
        grades = [self._graded(provider, period, own) for period in periods]
        sure = all(map(self._is_sure, own)) and None not in grades
        found = [one for one in grades if one is not None]
        sure = sure and all(one.last < later.first for one, later in pairwise(found))
        return Record(grades=tuple(found), sure=sure)

    def _is_ours(self, rating: Rating) -> bool:
        users = self._inspectorates.users(rating.scale)
        return rating.aspect == OVERALL and (self._inspectorate in users or not users)

    def _is_sure(self, one: HeldRating) -> bool:
        rating = one.rating
        waits = one.key is not None and (one.told_on is None or one.told_on > self._day)
        dated = rating.dated is not None and rating.precision is not Precision.NOT_BEFORE
        scale = self._inspectorates.scale(rating.scale)
        compares = scale is not None and self._scale.compares(scale)
        return dated and compares and not (rating.doubted or rating.withdrawn or waits)

    def _graded(self, provider: Provider, period: GradePeriod, held: Sequence[HeldRating]) -> Graded | None:
        grade = self._scale.grade(period.grade or "")
        if grade is None or period.given is not Given.GRADE or period.since is None:
            return None
        given = (one for one in held if one.told_on == period.told_on and one.rating.link == period.link)
        source = next(given, None)
        return Graded(
            grade=grade.name,
            rank=grade.rank - 1,
            first=period.since,
            last=period.precision.last(period.since),
            proof=Proof(
                provider=provider.id,
                name=provider.name,
                inspectorate=provider.inspectorate or self._inspectorate,
                grade=grade.name,
                since=period.since,
                precision=period.precision,
                link=period.link,
                key=source.key if source else None,
                told_on=period.told_on,
            ),
        )
