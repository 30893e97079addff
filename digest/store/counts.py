"""Counts of what was asked for, by hashed scope and stretch of time: shared by every process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from digest.store.database import Database
from digest.store.tables import counts


class SqlCounts:
    """`ports.CountStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, scope: str, since: datetime) -> int:
        async with self._database.write() as connection:
            kind = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            one = kind(counts).values(scope=scope, since=since, count=1)
            more = one.on_conflict_do_update(
                index_elements=[counts.c.scope, counts.c.since], set_={"count": counts.c.count + 1}
            )
            return int((await connection.execute(more.returning(counts.c.count))).scalar_one())

    async def total(self, scope: str, since: datetime) -> int:
        query = select(func.coalesce(func.sum(counts.c.count), 0))
        async with self._database.read() as connection:
            found = await connection.execute(query.where(counts.c.scope == scope, counts.c.since >= since))
            return int(found.scalar_one())

    async def prune(self, before: datetime) -> int:
        async with self._database.write() as connection:
            return (await connection.execute(delete(counts).where(counts.c.since < before))).rowcount
