"""What publishers' data stated when it was last seen, and the register that grows with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.admission import Admission, Fate
from digest.listing import Data, batched, unpacked
from digest.records import Kept, Record, Snapshot, register_id
from digest.store.codec import RECORD
from digest.store.database import Database, insert_or
from digest.store.members.rows import CHUNK
from digest.store.providers import mark_register, rating_row
from digest.store.tables import providers, ratings, records, snapshots

_Numbered = Sequence[tuple[int, Record]]


class SqlRecords:
    """`ports.RecordStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def snapshot(self, source: str) -> Snapshot | None:
        query = select(snapshots).where(snapshots.c.source_id == source)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        return Snapshot(
            document=row["document"],
            fingerprint=row["fingerprint"],
            rows=row["rows"],
            asked=tuple(row["asked"] or ()),
        )

    async def kept(self, source: str) -> dict[str, Kept]:
        query = select(records.c.key, records.c.version, records.c.standing, records.c.gone_at)
        async with self._database.read() as connection:
            rows = await connection.execute(query.where(records.c.source_id == source))
            return {
                row.key: Kept(version=row.version, standing=row.standing, gone=row.gone_at is not None)
                for row in rows
            }

    async def stated(self, source: str, keys: Collection[str]) -> dict[str, Record]:
        found: dict[str, Record] = {}
        async with self._database.read() as connection:
            for some in batched(sorted(keys), CHUNK):
                query = select(records.c.key, records.c.content)
                query = query.where(records.c.source_id == source, records.c.key.in_(some))
                found |= {row.key: RECORD.load(row.content) for row in await connection.execute(query)}
        return found

    async def remember(self, source: str, data: Data, admission: Admission, *, now: datetime) -> None:
        known = {
            one.fresh.item.record.key for one in admission.of(Fate.KNOWN) if one.fresh.item.record is not None
        }
        for part in data.records:
            some = unpacked(part)
            async with self._database.write() as connection:
                await _write(connection, source, some, now)
                await _register(connection, [record for _, record in some])
                past = [record for _, record in some if data.baseline or record.key in known]
                await _replace_ratings(connection, source, past)
        async with self._database.write() as connection:
            await _note_gone(connection, source, data.gone, now)
            await _note_snapshot(connection, source, data.snapshot, now)
            if data.records:
                await mark_register(connection)


async def _write(connection: AsyncConnection, source: str, some: _Numbered, now: datetime) -> None:
    rows = [
        {
            "source_id": source,
            "key": record.key,
            "version": version,
            "standing": record.standing,
            "content": RECORD.dump(record),
            "seen_at": now,
            "gone_at": None,
        }
        for version, record in some
    ]
    if rows:
        await connection.execute(_upsert(connection, records, ("source_id", "key")), rows)


async def _register(connection: AsyncConnection, some: Iterable[Record]) -> None:
    rows = [_provider_row(record) for record in {one.provider: one for one in some}.values()]
    if rows:
        await connection.execute(_upsert(connection, providers, ("id",)), rows)


def _upsert(connection: AsyncConnection, table: Any, keys: tuple[str, ...]) -> Any:
    """An INSERT that takes the place of a row with the same key."""
    statement = insert_or(connection, table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=rest)


def _provider_row(record: Record) -> dict[str, Any]:
    subject = record.subject
    return {
        "id": record.provider,
        "name": subject.name,
        "kind": subject.kind,
        "inspectorate": record.inspectorate,
        "aliases": list(subject.former_names),
        "predecessors": [register_id(record.inspectorate, number) for number in subject.predecessors],
        "proposed": False,
    }


async def _replace_ratings(connection: AsyncConnection, source: str, some: Sequence[Record]) -> None:
    """The grades of records that are no news, in place of those that the same data stated before."""
    for part in batched(some, CHUNK):
        own = [record.provider for record in part]
        old = (ratings.c.source_id == source) & ratings.c.provider_id.in_(own)
        await connection.execute(delete(ratings).where(old))
        rows = [rating_row(rating) | {"source_id": source} for record in part for rating in record.ratings()]
        if rows:
            await connection.execute(insert(ratings), rows)


async def _note_gone(connection: AsyncConnection, source: str, keys: Collection[str], now: datetime) -> None:
    for some in batched(sorted(keys), CHUNK):
        gone = (records.c.source_id == source) & records.c.key.in_(some) & records.c.gone_at.is_(None)
        await connection.execute(update(records).where(gone).values(gone_at=now))


async def _note_snapshot(connection: AsyncConnection, source: str, snapshot: Snapshot, now: datetime) -> None:
    row: Mapping[str, Any] = {
        "source_id": source,
        "document": snapshot.document,
        "fingerprint": snapshot.fingerprint,
        "rows": snapshot.rows,
        "asked": list(snapshot.asked),
        "seen_at": now,
    }
    await connection.execute(_upsert(connection, snapshots, ("source_id",)), [row])
