"""Whether sending is paused, and by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update

from digest.deliveries import Pause
from digest.store.database import Database, wrote_new
from digest.store.tables import pauses

_ONE: Final = 1


def row_of(pause: Pause) -> dict[str, Any]:
    return {
        "id": _ONE,
        "since": pause.since,
        "by": pause.by,
        "why": pause.why,
        "in_doubt": pause.in_doubt,
        "until": pause.until,
    }


class SqlPauses:
    """`ports.PauseStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def current(self) -> Pause | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(pauses))).mappings().first()
        if row is None:
            return None
        return Pause(**{name: row[name] for name in Pause.__slots__})

    async def pause(self, pause: Pause) -> bool:
        async with self._database.write() as connection:
            new = await wrote_new(connection, pauses, row_of(pause))
            if not new:
                await connection.execute(update(pauses).values(until=pause.until))
            return new

    async def end_at(self, until: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(pauses).values(until=until))

    async def lift(self, now: datetime) -> bool:
        over = delete(pauses).where(pauses.c.until <= now)
        async with self._database.write() as connection:
            return bool((await connection.execute(over)).rowcount)

    async def resume(self) -> bool:
        async with self._database.write() as connection:
            return bool((await connection.execute(delete(pauses))).rowcount)
