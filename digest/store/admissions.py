"""Items that are held or were set aside, and what sources in shadow would have told."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, RowMapping, func, select, update

from digest.edition import Candidate
from digest.ports import HeldBatch, ListedItem
from digest.store.codec import CANDIDATE, RECORD
from digest.store.database import Database
from digest.store.providers import mark_register
from digest.store.records import replace_ratings, write_providers
from digest.store.tables import ItemState, items, shadows

SAMPLE: Final = 5
"""So many items of a batch are shown."""


class SqlAdmissions:
    """`ports.AdmissionStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self) -> dict[str, HeldBatch]:
        numbered = select(
            items,
            func.count().over(partition_by=items.c.source_id).label("count"),
            func.min(items.c.first_seen_at).over(partition_by=items.c.source_id).label("since"),
            func.row_number().over(partition_by=items.c.source_id, order_by=items.c.id).label("number"),
        ).where(items.c.state == ItemState.HELD)
        sample = numbered.subquery()
        query = select(sample).where(sample.c.number <= SAMPLE).order_by(sample.c.source_id, sample.c.number)
        found: dict[str, list[RowMapping]] = {}
        async with self._database.read() as connection:
            for row in (await connection.execute(query)).mappings():
                found.setdefault(row["source_id"], []).append(row)
        return {
            source: HeldBatch(
                source=source,
                count=rows[0]["count"],
                since=rows[0]["since"],
                why=rows[0]["trouble"] or "",
                sample=tuple(_listed(row) for row in rows),
            )
            for source, rows in found.items()
        }

    async def release(self, source: str, *, now: datetime) -> int:
        released = {"state": ItemState.LISTED, "trouble": None, "released_at": now}
        held = (items.c.source_id == source) & (items.c.state == ItemState.HELD)
        async with self._database.write() as connection:
            return (await connection.execute(update(items).where(held).values(released))).rowcount

    async def baseline(self, source: str, *, why: str) -> int:
        held = (items.c.source_id == source) & (items.c.state == ItemState.HELD)
        stated = items.c.record.is_not(None) & ~items.c.shadow  # what shadow has, enters when it ends
        query = select(items.c.record).where(held, stated).order_by(items.c.id)
        async with self._database.write() as connection:
            stored = (await connection.execute(query)).scalars()
            past = [RECORD.load(record) for record in stored if record is not None]
            if past:
                await write_providers(connection, source, past)
                await replace_ratings(connection, source, past)
                await mark_register(connection)
            known = {"state": ItemState.BASELINE, "trouble": why}
            return (await connection.execute(update(items).where(held).values(known))).rowcount

    async def newest(self, source: str, *, limit: int) -> list[ListedItem]:
        return await self._items((items.c.source_id == source) & items.c.pruned_at.is_(None), limit=limit)

    async def set_aside(self, source: str, *, since: datetime, limit: int) -> list[ListedItem]:
        aside = (items.c.state == ItemState.BASELINE) & items.c.trouble.is_not(None)
        own = (items.c.source_id == source) & (items.c.first_seen_at >= since)
        return await self._items(own & aside & items.c.pruned_at.is_(None), limit=limit)

    async def in_shadow(self, source: str) -> list[Candidate]:
        query = (
            select(shadows.c.content)
            .join(items, items.c.id == shadows.c.item_id)
            .where(items.c.source_id == source)
            .order_by(shadows.c.found_at, shadows.c.item_id, shadows.c.place)
        )
        async with self._database.read() as connection:
            return [CANDIDATE.load(content) for content in (await connection.execute(query)).scalars()]

    async def _items(self, which: ColumnElement[bool], *, limit: int) -> list[ListedItem]:
        query = select(items).where(which).order_by(items.c.id.desc()).limit(limit)
        async with self._database.read() as connection:
            return [_listed(row) for row in (await connection.execute(query)).mappings()]


def _listed(row: RowMapping) -> ListedItem:
    return ListedItem(
        id=row["id"],
        title=row["title"] or "",
        link=row["link"],
        published_at=row["published_at"],
        first_seen_at=row["first_seen_at"],
        state=str(row["state"]),
        why=row["trouble"],
    )
