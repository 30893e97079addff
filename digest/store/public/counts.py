"""How many services there are of each sort, counted while they are written: to count them takes too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.ports.public import AspectCount, Counted, GradeCount, ServiceFilter
from digest.ratings import OVERALL
from digest.store.database import insert_or
from digest.store.tables import service_counts, service_grades, services

_own: Final = service_counts.c
_UNKNOWN: Final = -1  # the rank of a grade of which none is known
_counted: Final = func.sum(_own.services)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sort:
    """What services are counted by. Each service counts once for `OVERALL`, and once for each aspect."""

    inspectorate: str
    aspect: str
    scale: str  # empty: it has no grade now, as is the next
    kind: str
    area: str
    rated: bool
    grade: str
    rank: int


_NAMES: Final = tuple(one.name for one in fields(_Sort))
_OF_SERVICE: Final = ("inspectorate", "scale", "kind", "area", "rated", "grade", "rank")
_OF_GRADE: Final = ("inspectorate", "scale", "kind", "area", "aspect", "grade", "rank", "by_aspect")


def _sort(row: Mapping[str, Any], aspect: str) -> _Sort:
    return _Sort(
        inspectorate=row["inspectorate"],
        aspect=aspect,
        scale=row["scale"] or "",
        kind=row["kind"],
        area=row["area"],
        rated=row.get("rated", True),
        grade=row["grade"] or "",
        rank=_UNKNOWN if row["rank"] is None else row["rank"],
    )


def sorts_of(own: Iterable[Mapping[str, Any]], grades: Iterable[Mapping[str, Any]]) -> Counter[_Sort]:
    """What rows of services and of their grade periods count for."""
    found = Counter(_sort(row, OVERALL) for row in own)
    found.update(_sort(row, row["aspect"]) for row in grades if row["by_aspect"] is not None)
    return found


async def counted_now(connection: AsyncConnection, ids: Collection[str]) -> Counter[_Sort]:
    """What the services that stand now, of these ids, are counted for."""
    own, grade = services.c, service_grades.c
    query = select(*(own[name] for name in _OF_SERVICE)).where(own.id.in_(ids))
    of_services = (await connection.execute(query)).mappings().all()
    query = select(*(grade[name] for name in _OF_GRADE))
    query = query.where(grade.service_id.in_(ids), grade.by_aspect.is_not(None))
    return sorts_of(map(dict, of_services), map(dict, (await connection.execute(query)).mappings()))


async def count(connection: AsyncConnection, changes: Mapping[_Sort, int]) -> None:
    """Count so many services of each sort more, or fewer."""
    await add(connection, service_counts, _NAMES, changes)


async def add(
    connection: AsyncConnection, table: Table, names: Sequence[str], changes: Mapping[Any, int]
) -> None:
    """Add to the `services` of a table of counts; `names` are the attributes of its keys, and their columns.

    Rows that come to nothing go.
    """
    rows = [
        {name: getattr(one, name) for name in names} | {"services": change}
        for one, change in changes.items()
        if change
    ]
    if not rows:
        return
    own = insert_or(connection, table)
    more = {"services": table.c.services + own.excluded.services}
    await connection.execute(own.on_conflict_do_update(index_elements=list(names), set_=more), rows)
    nothing = and_(*(table.c[name] == bindparam(f"b_{name}") for name in names), table.c.services == 0)
    named = [{f"b_{name}": row[name] for name in names} for row in rows]
    await connection.execute(delete(table).where(nothing), named)


# -- what is asked -------------------------------------------------------------------------------------------


def _met(which: ServiceFilter, aspect: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    wanted = {name: getattr(which, name) for name in ("inspectorate", "kind", "area", "scale")}
    met = [aspect, *(_own[name] == value for name, value in wanted.items() if value)]
    return met if which.rated is None else [*met, _own.rated.is_(which.rated)]


_OVERALL: Final = _own.aspect == OVERALL


async def how_many(connection: AsyncConnection, which: ServiceFilter) -> int:
    """The services that pass a filter."""
    return int(await connection.scalar(select(_counted).where(*_met(which, _OVERALL))) or 0)


async def by_column(connection: AsyncConnection, name: str, which: ServiceFilter) -> tuple[Counted, ...]:
    """How many services have each value of a column, without those that have none."""
    column = _own[name]
    rated = func.sum(case((_own.rated, _own.services), else_=0))
    query = select(column, _counted, rated).where(*_met(which, _OVERALL), column != "")
    rows = await connection.execute(query.group_by(column).order_by(column))
    return tuple(Counted(name=value, services=int(all_), rated=int(of)) for value, all_, of in rows)


async def by_grade(connection: AsyncConnection, which: ServiceFilter) -> tuple[GradeCount, ...]:
    """How many services have each overall grade now."""
    columns = (_own.scale, _own.grade, _own.rank)
    query = _ranked(select(*columns, _counted).where(*_met(which, _OVERALL), _own.grade != ""), columns)
    return tuple(
        GradeCount(scale=scale, grade=grade, rank=_rank(rank), services=int(many))
        for scale, grade, rank, many in await connection.execute(query)
    )


async def by_aspect(connection: AsyncConnection, which: ServiceFilter) -> tuple[AspectCount, ...]:
    """How many services have each grade of each aspect now."""
    columns = (_own.scale, _own.aspect, _own.grade, _own.rank)
    query = _ranked(select(*columns, _counted).where(*_met(which, _own.aspect != OVERALL)), columns)
    return tuple(
        AspectCount(scale=scale, aspect=aspect, grade=grade, rank=_rank(rank), services=int(many))
        for scale, aspect, grade, rank, many in await connection.execute(query)
    )


def _ranked(query: Select[Any], columns: tuple[Any, ...]) -> Select[Any]:
    """By these columns, but for the grade, the best first; the last two are grade and rank."""
    *first, grade, rank = columns
    return query.group_by(*columns).order_by(*first, rank == _UNKNOWN, rank, grade)


def _rank(stored: int) -> int | None:
    return None if stored == _UNKNOWN else stored
