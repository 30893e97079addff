"""What is wrong now: operators are shown it for as long as it lasts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, select, update

from digest.ports import Trouble
from digest.store.database import Database, wrote_new
from digest.store.tables import troubles


class SqlTroubles:
    """`ports.TroubleStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, trouble: Trouble) -> bool:
        async with self._database.write() as connection:
            if await wrote_new(connection, troubles, asdict(trouble)):
                return True
            named = update(troubles).where(troubles.c.name == trouble.name)
            await connection.execute(named.values(until=trouble.until))
            return False

    async def end(self, name: str) -> bool:
        async with self._database.write() as connection:
            return bool((await connection.execute(delete(troubles).where(troubles.c.name == name))).rowcount)

    async def lapse(self, now: datetime) -> tuple[Trouble, ...]:
        lapsed = delete(troubles).where(troubles.c.until <= now).returning(*troubles.c)
        async with self._database.write() as connection:
            return tuple(Trouble(**row) for row in (await connection.execute(lapsed)).mappings())

    async def all(self) -> tuple[Trouble, ...]:
        query = select(troubles).order_by(troubles.c.since, troubles.c.name)
        async with self._database.read() as connection:
            return tuple(Trouble(**row) for row in (await connection.execute(query)).mappings())
