"""What is remembered of a source goes to another id, or is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.ports import Forgotten
from digest.sources import Polled
from digest.store.database import Database
from digest.store.newsletters import forget_newsletters, move_newsletters
from digest.store.records import forget_data, move_data
from digest.store.sources import locked, remember
from digest.store.tables import (
    item_keys,
    items,
    known_health,
    page_parts,
    pages,
    readings,
    reports,
    shadows,
    sources,
    versions,
)


class SqlHistories:
    """`ports.HistoryStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def move(self, old: str, new: str, now: datetime) -> int | None:
        async with self._database.write() as connection:
            if not await _is_remembered(connection, old):
                return None
            before = await connection.run_sync(locked, old)
            meanwhile = await connection.run_sync(locked, new)
            assert before is not None
            await _give_way(connection, old, new)
            own = update(items).where(items.c.source_id == old).values(source_id=new)
            count = (await connection.execute(own)).rowcount
            await connection.execute(
                update(item_keys).where(item_keys.c.source_id == old).values(source_id=new)
            )
            await connection.run_sync(remember, _joined(before, meanwhile, new, now))
            await move_data(connection, old, new)
            await move_newsletters(connection, old, new)
            await connection.execute(delete(sources).where(sources.c.id == old))
            await _move_known_health(connection, old, new)
        return count

    async def forget(self, source: str, now: datetime) -> Forgotten | None:
        async with self._database.write() as connection:
            if not await _is_remembered(connection, source):
                return None
            await connection.run_sync(locked, source)
            await connection.execute(delete(known_health).where(known_health.c.source == source))
            await forget_data(connection, source)
            await forget_newsletters(connection, source)
            own = items.c.source_id == source
            gone = await _delete_items(connection, own & ~_has_reports())
            kept = len((await connection.execute(select(items.c.id).where(own))).all())
            if kept:  # their reports need them, and their keys keep them from being told again
                await connection.run_sync(remember, Polled(source=source, next_poll_at=now))
            else:
                await connection.execute(delete(sources).where(sources.c.id == source))
        return Forgotten(items=gone, kept=kept)


async def _is_remembered(connection: AsyncConnection, source: str) -> bool:
    return await connection.scalar(select(sources.c.id).where(sources.c.id == source)) is not None


def _joined(before: Polled, meanwhile: Polled | None, new: str, now: datetime) -> Polled:
    """The memory under the new id: the old one's, with what operators have said of either."""
    other = meanwhile or before
    return replace(
        before,
        source=new,
        next_poll_at=now,
        held_at=before.held_at or other.held_at,
        paused_at=before.paused_at or other.paused_at,
        paused_until=before.paused_until if before.paused_at else other.paused_until,
    )


async def _move_known_health(connection: AsyncConnection, old: str, new: str) -> None:
    """What operators know of its health goes along, so that they are told of no turn again."""
    told = select(known_health.c.source).where(known_health.c.source == old)
    if await connection.scalar(told) is None:
        return
    await connection.execute(delete(known_health).where(known_health.c.source == new))
    await connection.execute(update(known_health).where(known_health.c.source == old).values(source=new))


async def _give_way(connection: AsyncConnection, old: str, new: str) -> None:
    """Make room under the new id, which may have been polled already: what both know is the old one's."""
    both = item_keys.alias()
    known = select(both.c.key).where(both.c.source_id == old)
    theirs = item_keys.c.source_id == new
    shared = (
        (await connection.execute(select(item_keys.c.item_id).where(theirs, item_keys.c.key.in_(known))))
        .scalars()
        .all()
    )
    await connection.execute(delete(item_keys).where(theirs, item_keys.c.key.in_(known)))
    for id in set(shared):
        await _delete_items(connection, (items.c.id == id) & ~_has_reports())


async def _delete_items(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    """Delete items with all that was read of them; returns how many."""
    ids = select(items.c.id).where(which)
    for table in (item_keys, shadows, versions, page_parts, pages, readings):
        await connection.execute(delete(table).where(table.c.item_id.in_(ids)))
    return (await connection.execute(delete(items).where(which))).rowcount


def _has_reports() -> ColumnElement[bool]:
    return exists().where(reports.c.item_id == items.c.id).correlate(items)
