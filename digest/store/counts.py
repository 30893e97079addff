"""Counts: how often something was asked for, by scope and period of time. All processes share them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.ports import Quota
from digest.store.database import Database, insert_or
from digest.store.tables import counts


class SqlCounts:
    """`ports.CountStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, scope: str, since: datetime) -> int:
        async with self._database.write() as connection:
            return await _one_more(connection, scope, since)

    async def count_within(self, quotas: Sequence[Quota]) -> int | None:
        async with self._database.read() as connection:
            if (place := await _used_up(connection, quotas, with_one_more=1)) is not None:
                return place  # usually the limit is reached already: a flood of requests writes nothing
        async with self._database.write() as connection:
            # Count first, then check: other transactions wait at these rows until this one ends.
            for quota in sorted(quotas, key=_by_scope):
                await _one_more(connection, quota.scope, quota.since)
            place = await _used_up(connection, quotas, with_one_more=0)
            if place is not None:
                await connection.rollback()
        return place

    async def uncount(self, quotas: Sequence[Quota]) -> None:
        async with self._database.write() as connection:
            for quota in sorted(quotas, key=_by_scope):
                own = (counts.c.scope == quota.scope) & (counts.c.since == quota.since) & (counts.c.count > 0)
                await connection.execute(update(counts).where(own).values(count=counts.c.count - 1))

    async def forget(self, scope: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(counts).where(counts.c.scope == scope))

    async def total(self, scope: str, since: datetime, until: datetime | None = None) -> int:
        async with self._database.read() as connection:
            return await _total(connection, scope, since, until)


def _by_scope(quota: Quota) -> str:
    """The order in which all transactions lock counts: in different orders two could deadlock."""
    return quota.scope


async def _one_more(connection: AsyncConnection, scope: str, since: datetime) -> int:
    one = insert_or(connection, counts).values(scope=scope, since=since, count=1)
    more = one.on_conflict_do_update(
        index_elements=[counts.c.scope, counts.c.since], set_={"count": counts.c.count + 1}
    )
    return int((await connection.execute(more.returning(counts.c.count))).scalar_one())


async def _total(connection: AsyncConnection, scope: str, since: datetime, until: datetime | None) -> int:
    query = select(func.coalesce(func.sum(counts.c.count), 0))
    query = query.where(counts.c.scope == scope, counts.c.since >= since)
    if until is not None:  # later periods were counted before the clock was set back
        query = query.where(counts.c.since <= until)
    return int((await connection.execute(query)).scalar_one())


async def _used_up(connection: AsyncConnection, quotas: Sequence[Quota], *, with_one_more: int) -> int | None:
    """The index of the first quota that is over one of its limits; None if none is."""
    for place, quota in enumerate(quotas):
        for since, most in quota.most:
            if await _total(connection, quota.scope, since, quota.since) + with_one_more > most:
                return place
    return None
