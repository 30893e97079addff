"""Services, their grades, and how many there are of each sort, as the public site reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.changes import Movement
from digest.grade_periods import Given, GradePeriod
from digest.ports.public import (
    AspectGrade,
    GradeCount,
    PastGrade,
    PastPage,
    RelatedService,
    Service,
    ServiceFilter,
    ServiceOrder,
    ServicePage,
    ServiceRecord,
)
from digest.providers import Link
from digest.ratings import Precision
from digest.store.merging import leads_of
from digest.store.public import counts, past_counts
from digest.store.public.made import latest_first
from digest.store.tables import service_grades, services

_own: Final = services.c
_grade: Final = service_grades.c


async def services_of(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Service]:
    """The services with these ids; merged ids lead to none."""
    rows = (await connection.execute(select(services).where(_own.id.in_(list(ids))))).mappings()
    return {row["id"]: service_of(row) for row in rows}


async def record_of(connection: AsyncConnection, id: str) -> ServiceRecord | None:
    lead = (await leads_of(connection, [id])).get(id, id)
    query = select(services).where(_own.id == lead)
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return None
    known = await services_of(connection, [id for id, _ in (*row["predecessors"], *row["successors"])])
    earlier = [id for id, _ in row["predecessors"]]
    periods = await _periods(connection, [row["id"], *earlier])

    def others(pairs: list[list[str]], *, graded: bool) -> tuple[RelatedService, ...]:
        found = ((known[id], Link(link)) for id, link in pairs if id in known)
        return tuple(
            RelatedService(
                id=one.id,
                name=one.name,
                slug=one.slug,
                inspectorate=one.inspectorate,
                link=link,
                periods=periods.get(one.id, ()) if graded else (),
            )
            for one, link in found
        )

    return ServiceRecord(
        service=service_of(row),
        merged=tuple(row["merged"]),
        periods=periods.get(row["id"], ()),
        predecessors=others(row["predecessors"], graded=True),
        successors=others(row["successors"], graded=False),
    )


async def _periods(
    connection: AsyncConnection, ids: Collection[str]
) -> Mapping[str, tuple[GradePeriod, ...]]:
    query = select(service_grades).where(_grade.service_id.in_(list(ids)))
    found: dict[str, list[GradePeriod]] = {}
    rows = await connection.execute(query.order_by(_grade.service_id, _grade.number))
    for row in rows.mappings():
        found.setdefault(row["service_id"], []).append(_period(row))
    return {id: tuple(each) for id, each in found.items()}


def _period(row: Any) -> GradePeriod:
    values = {name: row[name] for name in GradePeriod.__dataclass_fields__}
    values |= {"given": Given(row["given"]), "precision": Precision(row["precision"])}
    return GradePeriod(**values | {"movement": _movement(row["movement"])})


def _movement(value: str | None) -> Movement | None:
    return Movement(value) if value else None


def service_of(row: Any) -> Service:
    values = {name: row[name] for name in Service.__dataclass_fields__}
    values |= {
        "former_names": tuple(row["former_names"]),
        "precision": Precision(row["precision"]),
        "movement": _movement(row["movement"]),
        "aspects": tuple(map(_aspect, row["aspects"])),
    }
    return Service(**values)


def _aspect(stored: Mapping[str, Any]) -> AspectGrade:
    since = stored["since"]
    values = {**stored, "since": date.fromisoformat(since) if since else None}
    values |= {"precision": Precision(stored["precision"]), "movement": _movement(stored["movement"])}
    return AspectGrade(**values)


_ORDERS: Final[Mapping[ServiceOrder, Any]] = {
    ServiceOrder.GRADE: _own.by_grade,
    ServiceOrder.NAME: _own.by_name,
    ServiceOrder.DATE: _own.by_date,
    ServiceOrder.MOVED: _own.by_move,
}


async def page_of(
    connection: AsyncConnection, which: ServiceFilter, order: ServiceOrder, offset: int, limit: int
) -> ServicePage:
    met = _met(which)
    count = await counts.how_many(connection, which)
    if offset >= count or not limit:  # else all names are looked through for nothing
        return ServicePage(services=(), count=count)
    # The ids first: only rows that are shown are read whole.
    ids = select(_own.id).where(*met).order_by(_ORDERS[order]).offset(offset).limit(limit)
    wanted = list((await connection.execute(ids)).scalars())
    found = await services_of(connection, wanted)
    return ServicePage(services=tuple(found[id] for id in wanted), count=count)


def passing(columns: Any, which: ServiceFilter) -> list[ColumnElement[bool]]:
    """What rows of services or of grade periods meet that pass a filter; `rated` does not count."""
    wanted = {name: getattr(which, name) for name in ("inspectorate", "kind", "area", "scale")}
    return [columns[name] == value for name, value in wanted.items() if value]


def counting_on(day: date, own: Any = _grade) -> list[ColumnElement[bool]]:
    """What grade periods meet that count on a day."""
    return [or_(own.since.is_(None), own.since <= day), or_(own.until.is_(None), own.until > day)]


def _met(which: ServiceFilter) -> list[ColumnElement[bool]]:
    met = passing(_own, which)
    return met if which.rated is None else [*met, _own.rated.is_(which.rated)]


async def after(connection: AsyncConnection, id: str, inspectorate: str, limit: int) -> tuple[Service, ...]:
    query = select(services).where(_own.id > id).order_by(_own.id).limit(limit)
    if inspectorate:
        query = query.where(_own.inspectorate == inspectorate)
    return tuple(map(service_of, (await connection.execute(query)).mappings()))


def _on(day: date, which: ServiceFilter) -> list[ColumnElement[bool]]:
    """What the grade periods meet that tables of a past day have."""
    return [_grade.by_grade.is_not(None), *counting_on(day), *passing(_grade, which)]


_PAST_ORDERS: Final[Mapping[ServiceOrder, Any]] = {
    ServiceOrder.GRADE: _grade.by_grade,
    ServiceOrder.NAME: _grade.by_name,
    ServiceOrder.DATE: _grade.by_date,
    ServiceOrder.MOVED: _grade.by_move,
}


async def graded_on(  # noqa: PLR0917 -- one call, in `reads`
    connection: AsyncConnection,
    day: date,
    which: ServiceFilter,
    order: ServiceOrder,
    offset: int,
    limit: int,
) -> PastPage:
    count = await _graded(connection, day, which)
    if offset >= count or not limit:
        return PastPage(grades=(), count=count)
    met, key = _on(day, which), _PAST_ORDERS[order]
    if which.area and order is not ServiceOrder.GRADE:
        key = key + ""  # not the plain column: an area is small, and read whole by its own index
    elif order is ServiceOrder.DATE:  # those that began later come first: they are passed over at once
        met.append(_grade.by_date >= latest_first(day))
    some = select(_grade.service_id, _grade.number).where(*met)
    part = some.order_by(key).offset(offset).limit(limit).subquery()
    columns = (
        _own.id.label("service"),
        *(_own.slug, _own.name, _own.inspectorate, _own.kind, _own.area),
        *(_grade.scale, _grade.grade, _grade.rank, _grade.since, _grade.precision),
        *(_grade.movement, _grade.before),
    )
    same = (_grade.service_id == part.c.service_id) & (_grade.number == part.c.number)
    query = (
        select(*columns).join_from(part, service_grades, same).join(services, _own.id == part.c.service_id)
    )
    rows = (await connection.execute(query.order_by(_PAST_ORDERS[order]))).mappings()
    grades = tuple(
        PastGrade(**{**row, "precision": Precision(row["precision"]), "movement": _movement(row["movement"])})
        for row in rows
    )
    return PastPage(grades=grades, count=count)


async def _graded(connection: AsyncConnection, day: date, which: ServiceFilter) -> int:
    if past_counts.can_say(which):
        return await past_counts.how_many(connection, which, day)
    query = select(func.count()).select_from(service_grades).where(*_on(day, which))
    return int(await connection.scalar(query) or 0)


async def distribution_on(
    connection: AsyncConnection, which: ServiceFilter, on: date
) -> tuple[GradeCount, ...]:
    """How many services had each overall grade on a day."""
    if past_counts.can_say(which):
        return await past_counts.by_grade(connection, which, on)
    columns = (_grade.scale, _grade.grade, _grade.rank)
    query = select(*columns, func.count()).where(*_on(on, which)).group_by(*columns)
    query = query.order_by(_grade.scale, _grade.rank.is_(None), _grade.rank, _grade.grade)
    return tuple(
        GradeCount(scale=scale, grade=grade, rank=rank, services=many)
        for scale, grade, rank, many in await connection.execute(query)
    )
