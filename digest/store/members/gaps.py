"""What was covered at the last look, and of which of their wishes subscribers know that nothing covers it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.letters import Letter
from digest.ports import CoverageLook, GapReader
from digest.store.codec import WISHES
from digest.store.database import Database, insert_new, insert_or
from digest.store.letters import insert_letter
from digest.store.tables import coverage_looks, gaps_told, subscribers, subscriptions
from digest.subscriptions import Standing


class SqlGaps:
    """`ports.GapStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, mark: str, now: datetime) -> CoverageLook:
        first = {"id": 1, "mark": mark, "since": now, "told_at": None}
        changed = update(coverage_looks).where(coverage_looks.c.mark != mark)
        query = select(coverage_looks.c.mark, coverage_looks.c.since, coverage_looks.c.told_at)
        async with self._database.write() as connection:
            await connection.execute(insert_new(connection, coverage_looks).values(first))
            await connection.execute(changed.values(mark=mark, since=now, told_at=None))
            row = (await connection.execute(query)).one()
        return CoverageLook(mark=row.mark, since=row.since, told_at=row.told_at)

    async def told(self, mark: str, now: datetime) -> None:
        own = update(coverage_looks).where(coverage_looks.c.mark == mark)
        async with self._database.write() as connection:
            await connection.execute(own.values(told_at=now))

    async def readers(self, *, after: int, limit: int) -> list[GapReader]:
        known = and_(
            gaps_told.c.subscriber_id == subscriptions.c.subscriber_id,
            gaps_told.c.generation == subscriptions.c.generation,
        )
        query = (
            select(
                subscribers.c.id,
                subscribers.c.address,
                subscriptions.c.generation,
                subscriptions.c.wishes,
                gaps_told.c["keys"],
            )
            .join_from(subscribers, subscriptions)
            .outerjoin(gaps_told, known)
            .where(subscriptions.c.standing == Standing.ACTIVE, subscribers.c.id > after)
            .order_by(subscribers.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [
                GapReader(
                    subscriber=id,
                    address=address,
                    generation=generation,
                    wishes=WISHES.load(wishes),
                    known=frozenset(keys or ()),
                )
                for id, address, generation, wishes, keys in await connection.execute(query)
            ]

    async def note(self, subscriber: int, generation: int, keys: Collection[str]) -> None:
        async with self._database.write() as connection:
            await _note(connection, subscriber, generation, keys)

    async def tell(self, letter: Letter, keys: Collection[str], now: datetime) -> bool:
        content = letter.content
        assert content.subscriber is not None
        assert content.generation is not None
        async with self._database.write() as connection:
            if not await insert_letter(connection, letter, now):
                return False
            await _note(connection, content.subscriber, content.generation, keys)
        return True


async def _note(connection: AsyncConnection, subscriber: int, generation: int, keys: Collection[str]) -> None:
    if not keys:
        await connection.execute(delete(gaps_told).where(gaps_told.c.subscriber_id == subscriber))
        return
    values = {"generation": generation, "keys": sorted(keys)}
    row = insert_or(connection, gaps_told).values(subscriber_id=subscriber, **values)
    await connection.execute(
        row.on_conflict_do_update(index_elements=[gaps_told.c.subscriber_id], set_=values)
    )
