"""The world of `digest bench site`: services of all inspectorates, their grades over years, and editions.

Everything follows from the number of a service or a day, so each run measures the same world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Final

from digest.changes import Certainty, Change, Movement
from digest.cli.made_up import ENDS, STARTS
from digest.edition import Correction, Edition, SectionKind, Story, StoryKey, in_sections
from digest.providers import Provider
from digest.ratings import OVERALL, Inspectorate, Inspectorates, Rating, Scale
from digest.reports import Finding, FindingKind, Judgement

if TYPE_CHECKING:
    from digest.store.database import Database

_LARGE: Final = {"cqc": 30, "care-inspectorate": 30, "ofsted": 23}
"""Services of these in a hundred; each other inspectorate has one."""

_AREAS: Final = tuple(f"{start}{end}shire" for start, end in product(STARTS, ENDS[:8]))
_BEFORE: Final = ("", "Upper ", "Lower ", "Great ", "Little ", "East ", "West ")
_ASPECTS: Final = 8  # graded at a visit, at most, where there is no overall grade
_BESIDE: Final = 2  # and beside an overall grade
_BETWEEN_VISITS: Final = timedelta(days=500)
_TOLD: Final = 6  # one service in so many is told of
_FINDINGS: Final = 6
_AT_ONCE: Final = 10_000  # rows
_SENTENCE: Final = (
    "Inspectors rated this service {grade}, and they say in their report what they found there."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """So many services, and editions up to a day."""

    providers: int
    until: date
    inspectorates: Inspectorates
    stories: int = 40  # of each edition

    def each(self) -> Iterator[Provider]:
        """The services."""
        turns = _turns(self.inspectorates)
        for number in range(self.providers):
            yield _provider(number, turns[number % len(turns)])

    def ratings(self) -> Iterator[Rating]:
        turns = _turns(self.inspectorates)
        for number in range(self.providers):
            yield from _ratings(number, turns[number % len(turns)], self.until)

    def editions(self) -> Iterator[Edition]:
        """One each day, the last one on the last day."""
        known = list(islice(self.each(), 0, None, _TOLD))
        count = max(1, len(known) // self.stories)
        for place in range(count):
            first = place * self.stories
            day = self.until - timedelta(days=count - 1 - place)
            stories = [
                _story(day, first + n + 1, one, self.inspectorates)
                for n, one in enumerate(known[first : first + self.stories])
            ]
            if place:  # the last one corrects the first one of the day before
                stories[-1] = _correcting(stories[-1], first - self.stories + 1, day - timedelta(days=1))
            yield Edition(day=day, cutoff=_at(day), sections=in_sections(stories))


async def build(world: World, database: Database) -> Mapping[str, int]:
    """Write the register, the ratings and the editions; returns how many rows each has."""
    from digest.store.codec import EDITION
    from digest.store.providers import mark_register, provider_row, rating_row
    from digest.store.tables import editions, providers, ratings

    rows = {
        providers: (provider_row(one, proposed=False) for one in world.each()),
        ratings: map(rating_row, world.ratings()),
        editions: (
            {"day": one.day, "cutoff": one.cutoff, "sealed_at": one.cutoff, "content": EDITION.dump(one)}
            for one in world.editions()
        ),
    }
    written = {table.name: await _write(database, table, each) for table, each in rows.items()}
    async with database.write() as connection:
        await mark_register(connection)
    return written


async def _write(database: Database, table: Any, rows: Iterator[dict[str, Any]]) -> int:
    from sqlalchemy import insert

    written = 0
    while some := list(islice(rows, _AT_ONCE)):
        async with database.write() as connection:
            await connection.execute(insert(table), some)
        written += len(some)
    return written


def _turns(inspectorates: Inspectorates) -> list[Inspectorate]:
    """Whose services come after each other: of a hundred, each has its share, spread evenly."""
    shares = [(one, _LARGE.get(one.key, 1)) for one in inspectorates if one.scales]
    placed = [((n + 0.5) / share, one.key, one) for one, share in shares for n in range(share)]
    return [one for *_, one in sorted(placed, key=lambda each: each[:2])]


def _provider(number: int, inspectorate: Inspectorate) -> Provider:
    start, end = STARTS[number % len(STARTS)], ENDS[number // len(STARTS) % len(ENDS)]
    round_ = number // (len(STARTS) * len(ENDS))
    before = _BEFORE[round_ % len(_BEFORE)]
    beside = f" {STARTS[round_ // len(_BEFORE) % len(STARTS)]}{ENDS[number % len(ENDS)]}" if round_ else ""
    bodies = [body for body in inspectorate.bodies if body.names][:4]
    body = bodies[number // 7 % len(bodies)] if bodies else None
    name = f"{before}{start}{end}{beside} {body.names[0] if body else 'Service'}"
    former = (f"Old {start}{end} {body.names[-1] if body else 'Service'}",) if number % 10 == 0 else ()
    return Provider(
        id=f"{inspectorate.key}:{100_000 + number}",
        name=name,
        kind=body.kind if body else "",
        inspectorate=inspectorate.key,
        aliases=former,
        area=_AREAS[number * 7 % len(_AREAS)],
    )


def _ratings(number: int, inspectorate: Inspectorate, until: date) -> Iterator[Rating]:
    last = until - timedelta(days=number * 37 % 700)
    visits = 1 + number % 3
    for visit in reversed(range(visits)):
        day = last - visit * _BETWEEN_VISITS
        scale = next((one for one in inspectorate.scales if _is_in_use(one, day)), None)
        if scale is not None:
            for place, aspect in enumerate(_graded(scale, visit)):
                yield _rating(
                    f"{inspectorate.key}:{100_000 + number}", scale, aspect, day, number + place - visit
                )


def _is_in_use(scale: Scale, day: date) -> bool:
    began = scale.valid_from is None or scale.valid_from <= day
    return began and (scale.valid_until is None or day < scale.valid_until)


def _graded(scale: Scale, visit: int) -> Sequence[str]:
    """What is graded at a visit; 0 is the last one."""
    names = [aspect.name for aspect in scale.aspects if aspect.instead_of is None]
    if scale.has_overall:
        return [OVERALL, *(names[:_BESIDE] if visit == 0 else ())]
    return names[:_ASPECTS] if visit < 2 else names[:1]


def _rating(provider: str, scale: Scale, aspect: str, day: date, place: int) -> Rating:
    grade = scale.grades[place % len(scale.grades)].name
    return Rating(
        provider=provider,
        aspect=aspect,
        scale=scale.key,
        grade=grade,
        inspected_on=day,
        published_on=day + timedelta(days=30),
        evidence=_SENTENCE.format(grade=grade),
        link=f"https://reports.example.org/{provider}/{day}",
    )


def _correcting(story: Story, item: int, told_on: date) -> Story:
    return replace(
        story,
        key=StoryKey(item=item, place=0),
        section=SectionKind.CORRECTIONS,
        correction=Correction(told_on=told_on, told=None, why="The page was read wrongly."),
    )


def _at(day: date) -> datetime:
    return datetime.combine(day, time(11, 45), UTC)


_SECTIONS: Final = (
    (Movement.UPGRADE, SectionKind.UPGRADES),
    (Movement.DOWNGRADE, SectionKind.DOWNGRADES),
    (Movement.UPGRADE, SectionKind.UPGRADES),
    (Movement.UNCHANGED, SectionKind.STEADY),
)


def _story(day: date, item: int, about: Provider, inspectorates: Inspectorates) -> Story:
    own = inspectorates.named(about.inspectorate)
    scale = next(iter(own.scales), None) if own else None
    movement, section = _SECTIONS[item % len(_SECTIONS)]
    change = _change(about.id, scale, movement, item) if scale else None
    return Story(
        key=StoryKey(item=item, place=0),
        section=section,
        title=f"{about.name} was inspected, and its rating is told here",
        link=f"https://reports.example.org/{about.id}/{day}",
        source_name=own.name if own else "An inspectorate",
        inspectorate=about.inspectorate,
        inspectorate_name=own.name if own else None,
        provider=about.id,
        provider_name=about.name,
        published=day,
        found_at=_at(day) - timedelta(hours=2),
        change=change if scale and scale.has_overall else None,
        aspects=() if scale and scale.has_overall else tuple(filter(None, [change])),
        judgements=() if scale and scale.has_overall else tuple(_judgements(change)),
        evidence=_SENTENCE.format(grade=change.after if change else "good"),
        findings=tuple(_findings(item)),
    )


def _change(provider: str, scale: Scale, movement: Movement, item: int) -> Change:
    low, high = scale.grades[1 + item % (len(scale.grades) - 1)].name, scale.grades[0].name
    before, after = {
        Movement.UPGRADE: (low, high),
        Movement.DOWNGRADE: (high, low),
    }.get(movement, (low, low))
    return Change(
        provider=provider,
        aspect=OVERALL if scale.has_overall else scale.aspects[0].name,
        scale=scale.key,
        movement=movement,
        before=before,
        before_on=date(2022, 3, 1),
        after=after,
        certainty=Certainty.AGREED,
    )


def _judgements(change: Change | None) -> Iterable[Judgement]:
    """The sentence that states the grade of an aspect: without one, none is told."""
    if change is not None and change.after:
        said = _SENTENCE.format(grade=change.after)
        yield Judgement(aspect=change.aspect, grade=change.after, evidence=said)


def _findings(item: int) -> Iterable[Finding]:
    for n in range(_FINDINGS):
        yield Finding(
            heading=("Leadership", "Care", "Safety")[n // 2],
            kind=FindingKind.STRENGTH if n % 2 else FindingKind.IMPROVEMENT,
            text=f"Staff know people well and plan their days with them: finding {n + 1} of visit {item}.",
        )
