"""How many services had each grade on a day, counted while grades are written: to count them takes too long.

A grade counts one more from the day on which it began, and one less from the day on which it ended. These
changes are added up by year, by month and by day: what counted on a day is the sum of the years before its
own, of the months before it in that year, and of the days up to it in that month.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.grade_periods import Given
from digest.ports.public import AspectCount, GradeCount, ServiceFilter
from digest.ratings import OVERALL
from digest.store.public.counts import add
from digest.store.tables import past_counts, service_grades

_own: Final = past_counts.c
_UNKNOWN: Final = -1  # the rank of a grade of which none is known
_ANY: Final = ""  # of any kind; as an aspect: any of them, each service once
_OF_GRADE: Final = (
    *("service_id", "inspectorate", "scale", "kind", "aspect", "grade", "rank"),
    *("given", "since", "until", "by_grade"),
)

Stretch = tuple[date, date | None]
"""The first day, and the first one after it; None: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """What changes of a year, a month or a day are counted by."""

    inspectorate: str
    kind: str  # empty: all kinds together
    size: str  # "year", "month" or "day"
    day: date  # the first one of it
    scale: str
    aspect: str  # empty: any, where there is no overall grade
    grade: str
    rank: int


_NAMES: Final = tuple(one.name for one in fields(Dated))


def changes_of(grades: Iterable[Mapping[str, Any]]) -> Counter[Dated]:
    """What rows of grade periods change, by when."""
    found: Counter[Dated] = Counter()
    any_aspect: dict[tuple[str, str, str, str], list[Stretch]] = defaultdict(list)
    for row in grades:
        stretch = row["since"] or date.min, row["until"]
        overall = row["aspect"] == OVERALL
        if (row["by_grade"] is None if overall else row["given"] != Given.GRADE) or _is_empty(stretch):
            continue
        sort = (
            row["scale"],
            row["aspect"],
            row["grade"] or "",
            _UNKNOWN if row["rank"] is None else row["rank"],
        )
        _add(found, row["inspectorate"], row["kind"], sort, stretch)
        if not overall:
            any_aspect[row["service_id"], row["inspectorate"], row["kind"], row["scale"]].append(stretch)
    for (_, inspectorate, kind, scale), stretches in any_aspect.items():
        for stretch in joined(stretches):
            _add(found, inspectorate, kind, (scale, _ANY, "", _UNKNOWN), stretch)
    return found


def _is_empty(stretch: Stretch) -> bool:
    first, after = stretch
    return after is not None and after <= first


def joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """The stretches with those that touch made one."""
    first: date | None = None
    after: date | None = None
    for start, end in sorted(stretches, key=lambda one: one[0]):
        if first is not None and (after is None or start <= after):
            after = None if after is None or end is None else max(after, end)
        else:
            if first is not None:
                yield first, after
            first, after = start, end
    if first is not None:
        yield first, after


def _add(
    found: Counter[Dated], inspectorate: str, kind: str, sort: tuple[str, str, str, int], stretch: Stretch
) -> None:
    scale, aspect, grade, rank = sort
    for day, change in zip(stretch, (1, -1), strict=True):
        for size, first in _spans(day) if day else ():
            for one in dict.fromkeys((_ANY, kind)):
                key = Dated(
                    inspectorate=inspectorate,
                    kind=one,
                    size=size,
                    day=first,
                    scale=scale,
                    aspect=aspect,
                    grade=grade,
                    rank=rank,
                )
                found[key] += change


def _spans(day: date) -> tuple[tuple[str, date], ...]:
    return ("year", day.replace(month=1, day=1)), ("month", day.replace(day=1)), ("day", day)


async def counted_past(connection: AsyncConnection, ids: Collection[str]) -> Counter[Dated]:
    """What the grades of these services that stand now are counted for."""
    grade = service_grades.c
    query = select(*(grade[name] for name in _OF_GRADE)).where(grade.service_id.in_(ids))
    return changes_of(map(dict, (await connection.execute(query)).mappings()))


async def count_past(connection: AsyncConnection, changes: Mapping[Dated, int]) -> None:
    """Count so many more, or fewer."""
    await add(connection, past_counts, _NAMES, changes)


# -- what is asked -------------------------------------------------------------------------------------------


def can_say(which: ServiceFilter) -> bool:
    """Whether these counts answer a filter: areas are small, and counted on the spot."""
    return not which.area


async def how_many(connection: AsyncConnection, which: ServiceFilter, on: date, aspect: str = OVERALL) -> int:
    """How many services had an overall grade on a day; with an empty aspect, a grade of any aspect."""
    some = _until(on, which, _own.aspect == aspect)
    return int(await connection.scalar(select(func.sum(some.c.services))) or 0)


async def by_grade(connection: AsyncConnection, which: ServiceFilter, on: date) -> tuple[GradeCount, ...]:
    """How many services had each overall grade on a day."""
    some = _until(on, which, _own.aspect == OVERALL).c
    columns = (some.scale, some.grade, some.rank)
    query = select(*columns, func.sum(some.services).label("many")).group_by(*columns)
    query = query.having(func.sum(some.services) > 0)
    query = query.order_by(some.scale, some.rank == _UNKNOWN, some.rank, some.grade)
    return tuple(
        GradeCount(scale=scale, grade=grade, rank=_rank(rank), services=int(many))
        for scale, grade, rank, many in await connection.execute(query)
    )


async def by_aspect(connection: AsyncConnection, which: ServiceFilter, on: date) -> tuple[AspectCount, ...]:
    """How many services had each grade of each aspect on a day."""
    some = _until(on, which, _own.aspect.not_in([OVERALL, _ANY])).c
    columns = (some.scale, some.aspect, some.rank, some.grade)
    query = select(*columns, func.sum(some.services)).group_by(*columns)
    query = query.having(func.sum(some.services) > 0)
    query = query.order_by(some.scale, some.aspect, some.rank == _UNKNOWN, some.rank)
    return tuple(
        AspectCount(scale=scale, aspect=aspect, grade=grade, rank=_rank(rank), services=int(many))
        for scale, aspect, rank, grade, many in await connection.execute(query)
    )


def _until(on: date, which: ServiceFilter, aspect: ColumnElement[bool]) -> Any:
    """All changes up to a day: a hundred rows of each grade at most, over thirty years."""
    year, month = on.replace(month=1, day=1), on.replace(day=1)
    met = [_own.kind == which.kind, aspect]
    met += (_own[name] == value for name in ("inspectorate", "scale") if (value := getattr(which, name)))
    parts = (
        (_own.size == "year", _own.day < year),
        (_own.size == "month", _own.day >= year, _own.day < month),
        (_own.size == "day", _own.day >= month, _own.day <= on),
    )
    columns = (_own.scale, _own.aspect, _own.grade, _own.rank, _own.services)
    return union_all(*(select(*columns).where(*met, *part) for part in parts)).subquery()


def _rank(stored: int) -> int | None:
    return None if stored == _UNKNOWN else stored
