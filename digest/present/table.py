"""Tables of services by grade, as pages show them: places, rows, and which scale a table is of.

A table is of one scale: grades of different scales are never put in one order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from digest.changes import Movement
from digest.ports.public import AspectCount, AspectRow, GradeCount, PastGrade, Service
from digest.present.tidy import one_line
from digest.ratings import Inspectorates, Precision, Scale

FEW: Final = 10
"""Below so many services with a grade, a table says that differences may mean little."""

FEWEST: Final = 5
"""Below so many services with a grade, a table gives no places, and no shares of them."""

OLD: Final = 4
"""Years after which a grade counts as old."""

ServicePage = Callable[[str, str, str], str]
"""Gives the page of a service by its id, slug and inspectorate."""


class Standing(StrEnum):
    """What a row shows in the place of a grade."""

    GRADED = "graded"
    BY_ASPECTS = "by aspects"  # it has grades of aspects alone
    WITHDRAWN = "withdrawn"
    NO_GRADE = "no grade"  # it was never graded, its grade is being checked, or its scale is out of use


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A service of a table."""

    name: str
    page: str
    area: str
    standing: Standing
    place: str = ""  # "1st" or "Joint 3rd"; empty without a grade
    grade: str = ""
    movement: str = ""  # to this grade; empty: none is known
    before: str = ""
    since: date | None = None
    precision: Precision = Precision.NOT_BEFORE
    cells: tuple[Cell | None, ...] = ()  # by aspect, in the order of the columns; None: it has no such grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The grade of an aspect."""

    grade: str
    movement: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleView:
    """A scale of which there is a table."""

    key: str
    grades: tuple[str, ...]  # the best first; empty: the scale is not known
    valid_from: date | None
    valid_until: date | None
    overall: bool  # whether its table is of overall grades, or of aspects
    services: int  # with an overall grade on it
    aspects: tuple[str, ...]  # the columns of a table of aspects

    @property
    def boxes(self) -> tuple[str, ...]:
        """Its grades, the lowest first."""
        return self.grades[::-1]


def scale_views(
    inspectorate: str, known: Inspectorates, graded: Sequence[GradeCount], aspects: Sequence[AspectCount]
) -> tuple[ScaleView, ...]:
    """The scales that tables are needed for, the newest first."""
    own = known.named(inspectorate)
    order = [scale.key for scale in own.scales] if own else []
    overall: dict[str, int] = {}
    for one in graded:
        overall[one.scale] = overall.get(one.scale, 0) + one.services
    found = dict.fromkeys((*overall, *(one.scale for one in aspects)))
    places = {key: order.index(key) if key in order else len(order) for key in found}
    views = []
    for key in sorted(found, key=lambda key: (places[key], key)):
        scale = known.scale(key)
        columns = () if key in overall else _columns(key, scale, aspects)
        views.append(
            ScaleView(
                key=key,
                grades=tuple(grade.name for grade in scale.grades) if scale else (),
                valid_from=scale.valid_from if scale else None,
                valid_until=scale.valid_until if scale else None,
                overall=key in overall,
                services=overall.get(key, 0),
                aspects=columns,
            )
        )
    return tuple(views)


def _columns(key: str, scale: Scale | None, aspects: Iterable[AspectCount]) -> tuple[str, ...]:
    """The aspects that have grades on a scale, in its order."""
    seen = dict.fromkeys(one.aspect for one in aspects if one.scale == key)
    named = [aspect.name for aspect in scale.aspects] if scale else []
    return tuple(sorted(seen, key=lambda one: (named.index(one) if one in named else len(named), one)))


def places(counts: Iterable[GradeCount]) -> Mapping[str, str]:
    """The place of each grade of one scale, the best first: those with the same grade share it."""
    found, ahead = {}, 0
    for one in counts:
        place = ordinal(ahead + 1)
        found[one.grade] = place if one.services == 1 else f"Joint {place}"
        ahead += one.services
    return found


def ordinal(number: int) -> str:
    """A place in words: "1st", "2nd", "3rd", "11th", "1,021st"."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in {11, 12, 13} else ending}"


def row_of(service: Service, place: Mapping[str, str], page: ServicePage) -> Row:
    """A service as it is now."""
    withdrawn = service.movement is Movement.WITHDRAWN
    standing = (
        Standing.GRADED
        if service.grade
        else Standing.WITHDRAWN
        if withdrawn
        else Standing.BY_ASPECTS
        if service.aspects
        else Standing.NO_GRADE
    )
    return Row(
        name=one_line(service.name),
        page=page(service.id, service.slug, service.inspectorate),
        area=one_line(service.area),
        standing=standing,
        place=place.get(service.grade or "", ""),
        grade=service.grade or "",
        movement=service.movement or "",
        before=service.before or "",
        since=service.since,
        precision=service.precision,
    )


def past_row(past: PastGrade, place: Mapping[str, str], page: ServicePage) -> Row:
    """A service as it was on a past day."""
    return Row(
        name=one_line(past.name),
        page=page(past.service, past.slug, past.inspectorate),
        area=one_line(past.area),
        standing=Standing.GRADED,
        place=place.get(past.grade, ""),
        grade=past.grade,
        movement=past.movement or "",
        before=past.before or "",
        since=past.since,
        precision=past.precision,
    )


def aspect_row(one: AspectRow, columns: Sequence[str], page: ServicePage) -> Row:
    """A service with its grades of aspects."""
    service, own = one.service, {each.aspect: each for each in one.aspects}
    latest = max(one.aspects, key=lambda each: each.since or date.min)
    cells = tuple(
        Cell(grade=each.grade, movement=each.movement or "", before=each.before or "")
        if (each := own.get(aspect))
        else None
        for aspect in columns
    )
    return Row(
        name=one_line(service.name),
        page=page(service.id, service.slug, service.inspectorate),
        area=one_line(service.area),
        standing=Standing.BY_ASPECTS,
        since=latest.since,
        precision=latest.precision,
        cells=cells,
    )


def oldest(rows: Iterable[Row], day: date) -> date | None:
    """The day of the oldest grade among these, if it was old on this day."""
    first = min(
        (row.since for row in rows if row.since and row.standing is not Standing.NO_GRADE), default=day
    )
    return first if (day - first).days > OLD * 365 else None
