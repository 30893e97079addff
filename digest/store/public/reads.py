"""`ports.PublicStore` on SQL: each read is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from digest.changes import Movement
from digest.ports.public import (
    ALL_SERVICES,
    AspectCount,
    AspectPage,
    Counted,
    Found,
    GradeCount,
    PastPage,
    Service,
    ServiceAddress,
    ServiceFilter,
    ServiceOrder,
    ServicePage,
    ServiceRecord,
    StoryPart,
    ToldDay,
    ToldStory,
    WishedStories,
)
from digest.store.database import Database
from digest.store.merging import leads_of
from digest.store.public import aspects as of_aspects
from digest.store.public import counts
from digest.store.public import services as of_services
from digest.store.public import stories as of_stories
from digest.store.public.search import find
from digest.store.public.wished import wished
from digest.store.tables import public_version, services, told_stories

_WRITES: Final = select(public_version.c.writes)


def _mark(connection: Connection) -> str:
    return str(connection.scalar(_WRITES) or 0)


_MOST: int = 10_000
"""More stories than an edition has."""


class SqlPublic:
    """`ports.PublicStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark(self) -> str:
        return await self._database.read_at_once(_mark)  # each kept page asks it

    async def stories_of(self, day: date, *, until: date) -> tuple[ToldStory, ...]:
        own = told_stories.c.day == day
        async with self._database.read() as connection:
            return await of_stories.stories_where(connection, own, until=until, limit=_MOST, newest=False)

    async def stories(
        self, *, until: date, service: str = "", before: int | None = None, limit: int = 50
    ) -> tuple[ToldStory, ...]:
        own = told_stories.c
        met = [] if before is None else [own.number < before]
        async with self._database.read() as connection:
            if service:
                leads = await leads_of(connection, [service])
                met.append(own.service_id == leads.get(service, service))
            return await of_stories.stories_where(connection, *met, until=until, limit=limit)

    async def wished(self, which: WishedStories, *, until: date, before: int, limit: int) -> StoryPart:
        async with self._database.read() as connection:
            return await wished(connection, which, until=until, before=before, limit=limit)

    async def stories_after(self, number: int, *, until: date, limit: int) -> tuple[ToldStory, ...]:
        later = told_stories.c.number > number
        async with self._database.read() as connection:
            return await of_stories.stories_where(connection, later, until=until, limit=limit, newest=False)

    async def kept_until(self) -> date | None:
        async with self._database.read() as connection:
            found: date | None = await connection.scalar(select(public_version.c.kept_until))
            return found

    async def days(self, first: date, last: date, *, until: date) -> tuple[ToldDay, ...]:
        async with self._database.read() as connection:
            return await of_stories.days_between(connection, first, min(last, until))

    async def span(self, *, until: date) -> tuple[date, date] | None:
        async with self._database.read() as connection:
            return await of_stories.span_until(connection, until)

    async def moves(
        self, since: date, *, until: date, inspectorate: str = "", kind: str = "", area: str = ""
    ) -> Mapping[date, Mapping[Movement, int]]:
        async with self._database.read() as connection:
            return await of_stories.moves_since(connection, since, until, inspectorate, kind, area)

    async def told_by_source(self, since: date, *, until: date) -> Mapping[str, int]:
        async with self._database.read() as connection:
            return await of_stories.told_by_source(connection, since, until)

    async def named(self, ids: Collection[str]) -> Mapping[str, Service]:
        async with self._database.read() as connection:
            leads = {id: id for id in ids} | await leads_of(connection, ids)
            found = await of_services.services_of(connection, set(leads.values()))
            return {id: found[lead] for id, lead in leads.items() if lead in found}

    async def record(self, id: str) -> ServiceRecord | None:
        async with self._database.read() as connection:
            return await of_services.record_of(connection, id)

    async def services(
        self,
        which: ServiceFilter = ALL_SERVICES,
        order: ServiceOrder = ServiceOrder.GRADE,
        *,
        offset: int = 0,
        limit: int = 50,
    ) -> ServicePage:
        async with self._database.read() as connection:
            return await of_services.page_of(connection, which, order, offset, limit)

    async def services_after(
        self, id: str = "", *, inspectorate: str = "", limit: int = 1000
    ) -> tuple[Service, ...]:
        async with self._database.read() as connection:
            return await of_services.after(connection, id, inspectorate, limit)

    async def addresses(self, first: str = "", *, limit: int = 1000) -> tuple[ServiceAddress, ...]:
        own = services.c
        query = select(own.id, own.slug, own.inspectorate).where(own.id >= first)
        query = query.order_by(own.id).limit(limit)
        async with self._database.read() as connection:
            return tuple(ServiceAddress(**row) for row in (await connection.execute(query)).mappings())

    async def every(self, step: int) -> tuple[str, ...]:
        placed = select(services.c.id, func.row_number().over(order_by=services.c.id).label("n")).subquery()
        query = select(placed.c.id).where((placed.c.n - 1) % step == 0).order_by(placed.c.n)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def graded_on(
        self,
        day: date,
        which: ServiceFilter,
        order: ServiceOrder = ServiceOrder.GRADE,
        *,
        offset: int = 0,
        limit: int = 50,
    ) -> PastPage:
        async with self._database.read() as connection:
            return await of_services.graded_on(connection, day, which, order, offset, limit)

    async def aspects_on(
        self, which: ServiceFilter, *, on: date | None = None, by: str = "", offset: int = 0, limit: int = 50
    ) -> AspectPage:
        async with self._database.read() as connection:
            if on is None:
                return await of_aspects.aspects_now(connection, which, by, offset, limit)
            return await of_aspects.aspects_on(connection, which, on, by, offset, limit)

    async def aspect_distribution(
        self, which: ServiceFilter, *, on: date | None = None
    ) -> tuple[AspectCount, ...]:
        async with self._database.read() as connection:
            if on is None:
                return await counts.by_aspect(connection, which)
            return await of_aspects.aspect_distribution_on(connection, which, on)

    async def inspectorates(self) -> tuple[Counted, ...]:
        return await self._counted("inspectorate", ALL_SERVICES)

    async def kinds(self, inspectorate: str) -> tuple[Counted, ...]:
        return await self._counted("kind", ServiceFilter(inspectorate=inspectorate))

    async def areas(self, inspectorate: str, kind: str = "") -> tuple[Counted, ...]:
        return await self._counted("area", ServiceFilter(inspectorate=inspectorate, kind=kind))

    async def _counted(self, column: str, which: ServiceFilter) -> tuple[Counted, ...]:
        async with self._database.read() as connection:
            return await counts.by_column(connection, column, which)

    async def distribution(self, which: ServiceFilter, *, on: date | None = None) -> tuple[GradeCount, ...]:
        async with self._database.read() as connection:
            if on is None:
                return await counts.by_grade(connection, which)
            return await of_services.distribution_on(connection, which, on)

    async def search(self, text: str, *, until: date, limit: int = 20) -> Found:
        async with self._database.read() as connection:
            return await find(connection, text, until=until, limit=limit)
