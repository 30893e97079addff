"""Grades of aspects as tables show them: services with their grades on one scale, and how many have each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.changes import Movement
from digest.ports.public import AspectCount, AspectGrade, AspectPage, AspectRow, ServiceFilter
from digest.ratings import Precision
from digest.store.public import past_counts
from digest.store.public.services import counting_on, passing, services_of
from digest.store.tables import service_grades

_own = service_grades.c


async def aspects_now(
    connection: AsyncConnection, which: ServiceFilter, by: str, offset: int, limit: int
) -> AspectPage:
    """Each part of the list is read in the order of an index: those with a grade of `by`, and the others."""
    named = [_own.by_grade.is_(None), _own.by_name.is_not(None), *passing(_own, which)]
    count = await _how_many(connection, named)
    ids: list[str] = []
    graded = [_own.by_aspect.is_not(None), _own.aspect == by, *passing(_own, which)]
    best = await _how_many(connection, graded) if by else 0
    if offset < best:
        query = select(_own.service_id).where(*graded).order_by(_own.by_aspect)
        ids = list((await connection.execute(query.offset(offset).limit(limit))).scalars())
    if len(ids) < limit and best < count:
        query = select(_own.service_id).where(*named).order_by(_own.by_name)
        if best:
            query = query.where(~_has_grade_of(by))
        rest = query.offset(max(0, offset - best)).limit(limit - len(ids))
        ids += (await connection.execute(rest)).scalars()
    return await _page(connection, which, None, ids, count)


def _has_grade_of(aspect: str) -> ColumnElement[bool]:
    other = service_grades.alias()
    same = (other.c.service_id == _own.service_id) & (other.c.inspectorate == _own.inspectorate)
    graded = (other.c.aspect == aspect) & other.c.by_aspect.is_not(None) & (other.c.scale == _own.scale)
    return select(other.c.number).where(same, graded).exists()


async def _how_many(connection: AsyncConnection, met: Sequence[ColumnElement[bool]]) -> int:
    return int(await connection.scalar(select(func.count()).select_from(service_grades).where(*met)) or 0)


async def _page(
    connection: AsyncConnection, which: ServiceFilter, on: date | None, ids: Sequence[str], count: int
) -> AspectPage:
    known = await services_of(connection, ids)
    grades = await _grades(connection, which, on, ids)
    rows = (AspectRow(service=known[id], aspects=tuple(grades[id])) for id in ids)
    return AspectPage(rows=tuple(rows), count=count)


async def aspects_on(  # noqa: PLR0917 -- one call, in `reads`
    connection: AsyncConnection, which: ServiceFilter, on: date, by: str, offset: int, limit: int
) -> AspectPage:
    """As `aspects_now`, of those whose grades counted on a day."""
    count = await _had(connection, which, on)
    ids: list[str] = []
    graded = [_own.by_rank.is_not(None), _own.aspect == by, *counting_on(on), *passing(_own, which)]
    best = await _had(connection, which, on, by) if by and count else 0
    if offset < best:
        query = select(_own.service_id).where(*graded).order_by(_own.by_rank)
        ids = list((await connection.execute(query.offset(offset).limit(limit))).scalars())
    if len(ids) < limit and best < count:
        had = [_counted_on(on)] + ([~_counted_on(on, by)] if best else [])
        query = select(_own.service_id).where(_own.by_first.is_not(None), *passing(_own, which), *had)
        query = query.order_by(_own.by_first).offset(max(0, offset - best)).limit(limit - len(ids))
        ids += (await connection.execute(query)).scalars()
    return await _page(connection, which, on, ids, count)


async def _had(connection: AsyncConnection, which: ServiceFilter, on: date, aspect: str = "") -> int:
    """How many services had a grade of an aspect on a day, or of any."""
    if past_counts.can_say(which):
        return await past_counts.how_many(connection, which, on, aspect)
    met = [_own.by_rank.is_not(None), *counting_on(on), *passing(_own, which)]
    met += [_own.aspect == aspect] if aspect else []
    query = select(func.count(_own.service_id.distinct())).where(*met)
    return int(await connection.scalar(query) or 0)


def _counted_on(on: date, aspect: str = "") -> ColumnElement[bool]:
    """Whether a service had a grade of an aspect on a day, or of any, on the scale of the same row."""
    other = service_grades.alias()
    own = other.c
    # Not the plain columns, or SQLite would take an index by them in the place of that of the service's rows.
    same = (own.inspectorate + "" == _own.inspectorate) & (own.scale + "" == _own.scale)
    met = [own.service_id == _own.service_id, same, own.by_rank.is_not(None), *counting_on(on, own)]
    had = select(own.number).where(*met, *([own.aspect + "" == aspect] if aspect else []))
    return had.offset(0).exists()  # without it PostgreSQL would join all grades with all others


async def _grades(
    connection: AsyncConnection, which: ServiceFilter, on: date | None, ids: Collection[str]
) -> dict[str, list[AspectGrade]]:
    columns = [_own[name] for name in AspectGrade.__dataclass_fields__]
    # Not the plain columns: the rows of these services are few, and those of an inspectorate are not.
    met = [_own[name] + "" == value for name in ("inspectorate", "scale") if (value := getattr(which, name))]
    met += [_own.until.is_(None)] if on is None else counting_on(on)
    query = select(_own.service_id, *columns).where(
        _own.service_id.in_(list(ids)), _own.by_rank.is_not(None), *met
    )
    found: dict[str, list[AspectGrade]] = {id: [] for id in ids}
    for row in (await connection.execute(query.order_by(_own.service_id, _own.number))).mappings():
        values = {name: row[name] for name in AspectGrade.__dataclass_fields__}
        values |= {
            "precision": Precision(row["precision"]),
            "movement": Movement(row["movement"]) if row["movement"] else None,
        }
        found[row["service_id"]].append(AspectGrade(**values))
    return found


async def aspect_distribution_on(
    connection: AsyncConnection, which: ServiceFilter, on: date
) -> tuple[AspectCount, ...]:
    if past_counts.can_say(which):
        return await past_counts.by_aspect(connection, which, on)
    columns = (_own.scale, _own.aspect, _own.rank, _own.grade)
    had = [_own.by_rank.is_not(None), *counting_on(on), *passing(_own, which)]
    query = select(*columns, func.count()).where(*had)
    query = query.group_by(*columns).order_by(_own.scale, _own.aspect, _own.rank.is_(None), _own.rank)
    return tuple(
        AspectCount(scale=scale, aspect=aspect, grade=grade, rank=rank, services=count)
        for scale, aspect, rank, grade, count in await connection.execute(query)
    )
