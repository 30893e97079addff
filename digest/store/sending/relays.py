"""What workers found of the relays, for the processes that do not dial them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, or_, select

from digest.relays import RelayWord
from digest.store.database import Database
from digest.store.tables import relay_health

KEPT: Final = timedelta(days=1)
"""How long the last word of a worker that is gone is kept."""


class SqlRelays:
    """`ports.RelayStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, words: Sequence[RelayWord], now: datetime) -> None:
        old = [
            (relay_health.c.worker == word.worker) & (relay_health.c.relay == word.relay) for word in words
        ]
        async with self._database.write() as connection:
            await connection.execute(delete(relay_health).where(or_(relay_health.c.at < now - KEPT, *old)))
            if words:
                await connection.execute(insert(relay_health), [asdict(word) for word in words])

    async def words(self) -> list[RelayWord]:
        query = select(relay_health).order_by(relay_health.c.relay, relay_health.c.worker)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [RelayWord(**row) for row in rows]
