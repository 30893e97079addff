"""The closing line: what the ratings that we hold say about a story of the day, if it is rare enough to tell.

Each rule is a function of one story and of what we hold of the bodies that it is compared with. A rule that
does not know all that its claim needs says nothing. Decision 0057 says what "all" is for each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from digest.changes import Certainty, Movement
from digest.edition import ClosingLine, Edition, Rarity, Story, StoryKey
from digest.edition_history import HeldRating
from digest.present.circles import Circle, Graded, Group, Record, Records, bodies_of
from digest.providers import Provider, normal_name
from digest.ratings import Inspectorates, Precision, Scale

FEWEST_BODIES: Final = 4
"""Fewer are no company in which it means something to be the first or the only one."""

MOST_PROOF: Final = 40
"""Ratings that a line may need to be true: readers can look at them all."""

RARE: Final = timedelta(days=3 * 365)
"""A grade that nobody had for so long is worth a line."""

LONG: Final = timedelta(days=5 * 365)
"""For so long must a body have been rated, if it is told that it never had a grade before."""

OF_A_QUARTER: Final = frozenset(range(3, 11))
OF_A_YEAR: Final = frozenset({5, 10})
"""How many bodies with one grade are worth a line: each from the third on in a quarter would be a habit in
a year."""

FEWEST_OF_ITS_OWN: Final = 4
FEWEST_IN_A_ROW, MOST_IN_A_ROW = 3, 10

_DATED: Final = frozenset({Precision.DAY, Precision.MONTH, Precision.YEAR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a rule looks at."""

    day: date
    story: Story
    provider: Provider
    scale: Scale
    groups: tuple[Group, ...]
    records: Mapping[str, Record]  # by id, of everybody in the groups
    held: Mapping[str, Sequence[HeldRating]]  # likewise; `told_on` of what this edition settles is its day
    today: Mapping[str, Sequence[StoryKey]]  # the edition's stories of each provider, by id
    whole: Collection[date]  # the first days of those periods in which editions have told everything

    @property
    def own(self) -> Record:
        return self.records[self.provider.id]

    @property
    def now(self) -> Graded:
        return self.own.grades[-1]

    @property
    def moved(self) -> bool:
        return self.story.change is not None and self.story.change.movement is not Movement.UNCHANGED

    @property
    def ends(self) -> bool:
        """Whether what we hold of the story's provider ends with the grade that the story tells."""
        change = self.story.change
        told = bool(self.own.grades) and self.is_of_today(self.now)
        return told and change is not None and self.now.grade == change.after

    @property
    def fits(self) -> bool:
        """Whether all that we hold of the provider is sure, and has the grade before that the story tells."""
        change = self.story.change
        if change is None or not self.own.sure or not self.ends:
            return False
        if change.before is None:
            return change.movement is Movement.FIRST_RATING and len(self.own.grades) == 1
        return len(self.own.grades) > 1 and self.own.grades[-2].grade == change.before

    @property
    def extreme(self) -> bool:
        """Whether the grade is the best or the lowest of its scale."""
        return self.now.rank in {0, len(self.scale.grades) - 1}

    @property
    def low(self) -> bool:
        """Whether the grade is in the lower half of its scale."""
        return self.now.rank >= len(self.scale.grades) / 2

    def is_of_today(self, one: Graded) -> bool:
        return one.proof.told_on == self.day

    def line(
        self,
        rarity: Rarity,
        proof: Sequence[Graded],
        *,
        area: str = "",
        grade: str | None = None,
        number: int = 0,
        since: Graded | date | None = None,
    ) -> ClosingLine:
        """A line about the story; `since` is a rating, or the first day of a period."""
        today = {one.proof.provider for one in proof if self.is_of_today(one)}
        return ClosingLine(
            rarity=rarity,
            story=self.story.key,
            counts=tuple(sorted((key for id in today for key in self.today.get(id, ())), key=str)),
            name=self.story.provider_name or self.provider.name,
            kind=self.provider.kind,
            area=area,
            grade=grade or self.now.grade,
            number=number,
            since=since.proof.since if isinstance(since, Graded) else since,
            precision=since.proof.precision if isinstance(since, Graded) else Precision.DAY,
            proof=tuple(one.proof for one in proof),
        )


# -- the rules, the most interesting first ----------------------------------------------------------------


def first_since(case: Case) -> ClosingLine | None:
    """The first of its kind or area with the best or the lowest grade for three years or more.

    We hold a rating of each of them from before that time.
    """
    if not (case.moved and case.extreme):
        return None
    for group in reversed(case.groups):
        records = _sure(group, case)
        others = [
            one
            for record in records
            for one in record.grades
            if one.grade == case.now.grade and one is not case.now
        ]
        last = max(others, key=lambda one: (one.last, one.first, one.proof.provider), default=None)
        if last is None or last.proof.precision not in _DATED or case.now.first - last.last < RARE:
            continue
        if all(record.grades[0].last <= last.first for record in records):
            proof = [case.now, last]
            return case.line(Rarity.FIRST_SINCE, proof, area=group.area, number=len(records), since=last)
    return None


def only_one(case: Case) -> ClosingLine | None:
    """The only one of its kind or area that has the best or the lowest grade now."""
    return _of_present(case, Rarity.ONLY, case.now.grade) if case.moved and case.extreme else None


def none_left(case: Case) -> ClosingLine | None:
    """None of its kind or area has the best or the lowest grade any more: it was the last one, and alone."""
    before = case.own.grades[-2] if case.moved and len(case.own.grades) > 1 else None
    if before is None or before.rank not in {0, len(case.scale.grades) - 1}:
        return None
    return _of_present(case, Rarity.NONE_LEFT, before.grade)


def last_rated(case: Case) -> ClosingLine | None:
    """The last of its kind, or of its area, to be rated; the report says that it is the first time."""
    change = case.story.change
    if change is None or change.movement is not Movement.FIRST_RATING or change.certainty is Certainty.ALONE:
        return None  # we only know of no earlier one
    for group in case.groups:
        records = _sure(group, case) if group.lasting else ()
        if records and len(records) <= MOST_PROOF:
            earlier = [record.grades[0] for record in records if record is not case.own]
            if all(one.last < case.now.first for one in earlier):
                proof = [
                    case.now,
                    *sorted(earlier, key=lambda one: (one.last, one.proof.provider), reverse=True),
                ]
                return case.line(Rarity.LAST_RATED, proof, area=group.area, number=len(records))
    return None


def in_quarter(case: Case) -> ClosingLine | None:
    """One of several of its kind that editions have told with the lowest or the best grade this quarter."""
    start = date(case.day.year, case.day.month - (case.day.month - 1) % 3, 1)
    return _of_period(case, Rarity.IN_QUARTER, start, OF_A_QUARTER)


def in_year(case: Case) -> ClosingLine | None:
    """As `in_quarter`, of this year, if that makes five or ten."""
    return _of_period(case, Rarity.IN_YEAR, date(case.day.year, 1, 1), OF_A_YEAR)


def first_of_its_own(case: Case) -> ClosingLine | None:
    """The best or the lowest grade, for the first time in at least four ratings over five years."""
    grades = case.own.grades
    if not (case.moved and case.extreme) or not FEWEST_OF_ITS_OWN <= len(grades) <= MOST_PROOF:
        return None
    if any(one.grade == case.now.grade for one in grades[:-1]) or case.now.first - grades[0].last < LONG:
        return None
    return case.line(Rarity.FIRST_OF_ITS_OWN, grades[::-1], number=len(grades), since=grades[0])


def again(case: Case) -> ClosingLine | None:
    """A good grade regained, or a low one returned to, that it last had three years ago or earlier."""
    grades, change = case.own.grades, case.story.change
    turn = Movement.DOWNGRADE if case.low else Movement.UPGRADE
    if change is None or change.movement is not turn:
        return None
    before = [n for n, one in enumerate(grades[:-1]) if one.grade == case.now.grade]
    if not before or case.now.first - grades[before[-1]].last < RARE:
        return None
    proof = grades[before[-1] :][::-1]
    if proof[-1].proof.precision not in _DATED or len(proof) > MOST_PROOF:
        return None
    return case.line(Rarity.AGAIN, proof, since=proof[-1])


def in_a_row(case: Case) -> ClosingLine | None:
    """A low grade, or the best one, at three inspections or more in a row."""
    if case.moved or not (case.low or case.now.rank == 0):
        return None
    row: list[Graded] = []
    for one in reversed(case.own.grades):
        if one.grade != case.now.grade:
            break
        row.append(one)
    if not FEWEST_IN_A_ROW <= len(row) <= MOST_IN_A_ROW or row[-1].proof.precision not in _DATED:
        return None
    return case.line(Rarity.IN_A_ROW, row, number=len(row), since=row[-1])


RULES: Final[tuple[Callable[[Case], ClosingLine | None], ...]] = (
    first_since,
    only_one,
    none_left,
    last_rated,
    in_quarter,
    in_year,
    first_of_its_own,
    again,
    in_a_row,
)
"""In the order of `Rarity`."""

OF_EDITIONS: Final = frozenset({in_quarter, in_year})
"""Rules that count what editions have told, and need not know what was before."""


def _sure(group: Group, case: Case) -> tuple[Record, ...]:
    """The records of a group if we know all of them and who belongs to it; else none."""
    if any(case.held.get(one.id) for one in group.unplaced) or len(group.bodies) < FEWEST_BODIES:
        return ()
    records = tuple(case.records[one.id] for one in group.bodies)
    return records if all(record.sure and record.grades for record in records) else ()


def _of_present(case: Case, rarity: Rarity, grade: str) -> ClosingLine | None:
    """A line about who has a grade now: nobody, or the story's provider alone."""
    for group in case.groups:
        records = _sure(group, case) if group.lasting else ()
        if not records or len(records) > MOST_PROOF:
            continue
        rest = [record for record in records if record is not case.own]
        if rarity is Rarity.NONE_LEFT and not all(_lost_before(case.now.first, grade, one) for one in rest):
            continue
        others = [record.grades[-1] for record in rest]
        if all(one.grade != grade for one in others):
            proof = [
                case.now,
                *sorted(others, key=lambda one: (one.rank, one.proof.name, one.proof.provider)),
            ]
            return case.line(rarity, proof, area=group.area, grade=grade, number=len(records))
    return None


def _lost_before(day: date, grade: str, record: Record) -> bool:
    """Whether a body has surely lost a grade before a day, if it ever had it."""
    lost = (later for one, later in pairwise(record.grades) if one.grade == grade != later.grade)
    return all(one.last < day for one in lost)


def _of_period(case: Case, rarity: Rarity, start: date, telling: Collection[int]) -> ClosingLine | None:
    """A line about how many bodies editions have told with a grade since the first day of a period.

    None if anything that no edition told, or told otherwise, may be of this period and of this grade. Those
    of this edition alone are at a glance already.
    """
    if start not in case.whole or not case.extreme:
        return None
    for group in case.groups:
        found = _told_since(start, group, case)
        if found is None or len(found) not in telling or all(map(case.is_of_today, found)):
            continue
        proof = [case.now, *sorted(found, key=_told_last, reverse=True)]
        once = list({one.proof.provider: one for one in proof}.values())
        if len(once) == len(found):
            return case.line(rarity, once, area=group.area, number=len(found), since=start)
    return None


def _told_last(one: Graded) -> tuple[date, int, int]:
    key = one.proof.key or StoryKey(item=0, place=0)
    return one.proof.told_on or date.min, key.item, key.place


def _told_since(start: date, group: Group, case: Case) -> list[Graded] | None:
    """The bodies that were given the grade in a period, each with its rating; None if that is not sure."""
    found = []
    for body in (*group.bodies, *group.unplaced):
        told = [one for one in case.held.get(body.id, ()) if _may_be_since(one, start) and _may_be(one, case)]
        if not told:
            continue
        record = case.records[body.id]
        now = [one for one in record.grades if one.proof.told_on and one.proof.told_on >= start]
        graded = [one for one in now if one.grade == case.now.grade]
        plain = len(graded) == 1 and all(_is_told_since(one, start, case.day) for one in told)
        if not plain or body in group.unplaced:
            return None
        found.append(graded[0])
    ids = {one.proof.provider for one in found}
    followed = any(ids & set(body.predecessors) for body in group.bodies if body.id in ids)
    return None if followed or case.provider.id not in ids else found


def _may_be_since(one: HeldRating, start: date) -> bool:
    """Whether a rating may be of a period that began on this day. The register's undated ones are older."""
    rating = one.rating
    days = [
        rating.inspected_on,
        rating.published_on and rating.published_precision.last(rating.published_on),
    ]
    last = max((day for day in days if day is not None), default=None)
    if last is None:
        return one.key is not None
    if rating.published_precision is Precision.NOT_BEFORE:
        return one.key is not None
    return last >= start or (one.told_on is not None and one.told_on >= start)


def _may_be(one: HeldRating, case: Case) -> bool:
    """Whether a rating is of the grade, or in doubt."""
    grade = case.scale.grade(one.rating.grade)
    return one.rating.doubted or grade is None or grade.name == case.now.grade


def _is_told_since(one: HeldRating, start: date, day: date) -> bool:
    """Whether an edition of the period told a rating that was published in it, and it still stands."""
    rating = one.rating
    told = one.told_on is not None and start <= one.told_on <= day
    published = rating.published_on is not None and start <= rating.published_on
    return told and published and not rating.doubted and not rating.withdrawn


# -- the lines of an edition --------------------------------------------------------------------------------


def closing_lines(
    edition: Edition,
    found: Sequence[Circle],
    held: Mapping[str, Sequence[HeldRating]],
    inspectorates: Inspectorates,
    *,
    settled: Collection[StoryKey],
    whole: Collection[date],
) -> tuple[ClosingLine, ...]:
    """At most one line for each story, the most interesting first.

    `held` are the ratings of `bodies_of(found)`. `settled` are the reports that this edition settles, and
    `whole` the first days of those periods in which there were editions from the beginning.
    """
    mine = set(settled)
    told = {
        id: tuple(replace(one, told_on=edition.day) if one.key in mine else one for one in each)
        for id, each in held.items()
    }
    lines = []
    for case in _cases(edition, found, told, inspectorates, whole):
        rules = [rule for rule in RULES if case.fits or rule in OF_EDITIONS]
        if case.ends and (line := next(filter(None, (rule(case) for rule in rules)), None)):
            lines.append(line)
    return tuple(sorted(lines, key=_place))


def _cases(
    edition: Edition,
    found: Sequence[Circle],
    held: Mapping[str, Sequence[HeldRating]],
    inspectorates: Inspectorates,
    whole: Collection[date],
) -> Iterator[Case]:
    """What the rules look at, of each story on a scale that we know."""
    today: dict[str, list[StoryKey]] = defaultdict(list)
    for story in edition.stories:
        today[story.provider or ""].append(story.key)
    makers: dict[tuple[str, str], dict[str, Record]] = defaultdict(dict)
    for circle in found:
        change = circle.story.change
        scale = inspectorates.scale(change.scale) if change else None
        if scale is None or circle.story.inspectorate is None:
            continue
        records = makers[circle.story.inspectorate, scale.key]
        maker = Records(edition.day, circle.story.inspectorate, scale, inspectorates)
        for one in bodies_of([circle]):
            if one.id not in records:
                records[one.id] = maker.of(one, held.get(one.id, ()))
        yield Case(
            day=edition.day,
            story=circle.story,
            provider=circle.provider,
            scale=scale,
            groups=circle.groups,
            records=records,
            held=held,
            today=today,
            whole=whole,
        )


_ORDER: Final = {rarity: place for place, rarity in enumerate(Rarity)}


def _place(line: ClosingLine) -> tuple[int, date, int, int, int]:
    """By claim; then what reaches further back, and what speaks of more; then the order of the stories."""
    since = line.since or date.max
    return _ORDER[line.rarity], since, -line.number, line.story.item, line.story.place


def takes_back(correction: Story, provider: Provider | None, line: ClosingLine) -> bool:
    """Whether a correction shows that a line of an earlier edition is not true.

    It gives another grade to a report that the line counts, or says that the report is about another body;
    or it gives a body the grade that the line says was rare among bodies like it. `provider` is the
    correction's, as the register knows it.
    """
    grade = correction.change.after if correction.change else None
    told_on = correction.correction.told_on if correction.correction else None
    counted = [
        one
        for one in line.proof
        if one.key == correction.key or (one.provider == correction.provider and one.told_on == told_on)
    ]
    if counted:
        own = {provider.id, *provider.merged} if provider else {correction.provider}
        return any(one.grade != grade or one.provider not in own for one in counted)
    rare = line.rarity in {Rarity.FIRST_SINCE, Rarity.IN_QUARTER, Rarity.IN_YEAR} and grade == line.grade
    if not rare or provider is None or correction.inspectorate != line.proof[0].inspectorate:
        return False
    alike = normal_name(provider.kind) == normal_name(line.kind)
    return alike and (not line.area or normal_name(provider.area) in {"", normal_name(line.area)})


def period_starts(day: date) -> tuple[date, ...]:
    """The first days of the quarter and of the year that a day is in."""
    return tuple(dict.fromkeys((date(day.year, day.month - (day.month - 1) % 3, 1), date(day.year, 1, 1))))
