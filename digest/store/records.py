"""What publishers' data stated when it was last seen, and the register that grows with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from sys import intern
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.characters import storable
from digest.items import Item
from digest.listing import AT_ONCE, Data, Numbered, batched, unpacked
from digest.records import Kept, Record, Snapshot
from digest.store.codec import RECORD
from digest.store.database import Database, insert_or
from digest.store.members.rows import CHUNK
from digest.store.namesakes import join_by_name
from digest.store.providers import link_row, mark_register, rating_row, write_links
from digest.store.tables import ItemState, provider_links, providers, ratings, records, snapshots
from digest.store.tables import items as stored_items
from digest.store.tables.columns import Encoded

MOST_NAMES: Final = 20
"""So many former names of a provider are kept, the latest first."""


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
        names = ("key", "version", "standing", "gone_at", "binding")
        query = select(*(records.c[name] for name in names))
        async with self._database.read() as connection:
            rows = await connection.execute(query.where(records.c.source_id == source))
            return {
                row.key: Kept(
                    version=row.version,
                    standing=row.standing,
                    gone=row.gone_at is not None,
                    binding=intern(row.binding or ""),
                )
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

    async def remember(
        self,
        source: str,
        data: Data,
        items: Sequence[Item] = (),
        *,
        now: datetime,
        shadow: bool = False,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        known = frozenset() if shadow else await self._known(source, items) | set(data.past)
        inspectorates: set[str] = set()
        for number, part in enumerate(data.records or (b"",), 1):
            some = unpacked(part) if part else ()
            async with self._database.write() as connection:
                await _write(connection, source, some, now, shadow=shadow, binding=data.binding)
                if not shadow:
                    own = [one.record for one in some]
                    past = [record for record in own if data.baseline or record.key in known]
                    inspectorates |= await write_providers(connection, source, own)
                    await replace_ratings(connection, source, past)
                if number >= len(data.records):  # in the last part's transaction: both are lost, or none
                    await _note_gone(connection, source, data.gone, now)
                    await _note_binding(connection, source, data)
                    await _note_snapshot(connection, source, data.snapshot, now)
                    await _tell_the_register(connection, inspectorates, now)
            if some:
                progress(len(some))

    async def enter(self, source: str, *, now: datetime) -> int:
        own = (records.c.source_id == source) & records.c.shadow
        query = select(records.c.key, records.c.content).where(own).order_by(records.c.key)
        async with self._database.read() as connection:
            if (await connection.execute(query.limit(1))).first() is None:
                return 0
        entered, more = 0, True
        while more:
            async with self._database.write() as connection:
                rows = (await connection.execute(query.limit(AT_ONCE + 1))).all()
                more, rows = len(rows) > AT_ONCE, rows[:AT_ONCE]
                some = [RECORD.load(row.content) for row in rows]
                inspectorates = await write_providers(connection, source, some)
                await replace_ratings(connection, source, some)
                for keys in batched((row.key for row in rows), CHUNK):
                    now_known = update(records).where(own, records.c.key.in_(keys)).values(shadow=False)
                    await connection.execute(now_known)
                if not more:
                    await _tell_the_register(connection, inspectorates, now)
            entered += len(rows)
        return entered

    async def _known(self, source: str, items: Sequence[Item]) -> frozenset[str]:
        """The keys of the records whose items are stored as known: they are no news."""
        keys = {storable(one.guid): one.record.key for one in items if one.guid and one.record is not None}
        own = (stored_items.c.source_id == source) & (stored_items.c.state == ItemState.BASELINE)
        found: set[str] = set()
        async with self._database.read() as connection:
            for some in batched(sorted(keys), CHUNK):
                query = select(stored_items.c.guid).where(own, stored_items.c.guid.in_(some))
                found |= {keys[guid] for guid in (await connection.execute(query)).scalars() if guid}
        return frozenset(found)


async def _tell_the_register(
    connection: AsyncConnection, inspectorates: Collection[str], now: datetime
) -> None:
    """Join entries of one name, and make every process read the register again, if there is anything new."""
    for inspectorate in sorted(inspectorates):
        await join_by_name(connection, inspectorate, now)
    if inspectorates:
        await mark_register(connection)


async def _write(
    connection: AsyncConnection,
    source: str,
    some: Iterable[Numbered],
    now: datetime,
    *,
    shadow: bool,
    binding: str,
) -> None:
    rows = [
        {
            "source_id": source,
            "key": one.record.key,
            "version": one.version,
            "standing": one.standing,
            "content": Encoded(one.json),
            "seen_at": now,
            "gone_at": None,
            "shadow": shadow,
            "binding": binding or None,
        }
        for one in some
    ]
    if rows:
        await connection.execute(_upsert(connection, records, ("source_id", "key")), rows)


async def write_providers(connection: AsyncConnection, source: str, some: Iterable[Record]) -> set[str]:
    """Write the providers of records; returns their inspectorates."""
    by_id = {record.provider: record for record in some}
    for ids in batched(sorted(by_id), CHUNK):
        query = select(providers.c.id, providers.c.name, providers.c.aliases)
        known = {row.id: row for row in await connection.execute(query.where(providers.c.id.in_(ids)))}
        rows = [_provider_row(by_id[id], known.get(id)) for id in ids]
        await connection.execute(_upsert(connection, providers, ("id",)), rows)
        keys = [by_id[id].key for id in ids]
        own = (provider_links.c.stated_by == source) & provider_links.c.record.in_(keys)
        await connection.execute(delete(provider_links).where(own))
    links = [link_row(one, source, record.key) for record in by_id.values() for one in record.links()]
    await write_links(connection, links)
    return {record.inspectorate for record in by_id.values()}


def _upsert(connection: AsyncConnection, table: Any, keys: tuple[str, ...]) -> Any:
    """An INSERT that takes the place of a row with the same key."""
    statement = insert_or(connection, table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=rest)


def _provider_row(record: Record, known: Any) -> dict[str, Any]:
    """The row of a record's provider. The names that are known of it stay, as former ones."""
    subject = record.subject
    names = dict.fromkeys(subject.former_names)
    if known is not None:
        names |= dict.fromkeys((known.name, *known.aliases))
    names.pop(subject.name, None)
    return {
        "id": record.provider,
        "name": subject.name,
        "kind": subject.kind,
        "inspectorate": record.inspectorate,
        "aliases": list(names)[:MOST_NAMES],
        "proposed": False,
        "number": subject.id,
        "area": subject.area,
    }


async def forget_data(connection: AsyncConnection, source: str) -> None:
    """Delete what a source's data states. The providers stay, and so do the ratings of reports."""
    for table in (records, snapshots, ratings):
        await connection.execute(delete(table).where(table.c.source_id == source))
    await connection.execute(delete(provider_links).where(provider_links.c.stated_by == source))
    await mark_register(connection)


async def move_data(connection: AsyncConnection, old: str, new: str) -> None:
    """Give what a source's data states to another id, in the place of what is remembered under that."""
    known = select(snapshots.c.source_id).where(snapshots.c.source_id == old)
    if await connection.scalar(known) is None:
        return
    await forget_data(connection, new)
    for table in (records, snapshots, ratings):
        await connection.execute(update(table).where(table.c.source_id == old).values(source_id=new))
    own = provider_links.c.stated_by == old
    await connection.execute(update(provider_links).where(own).values(stated_by=new))


async def replace_ratings(connection: AsyncConnection, source: str, some: Sequence[Record]) -> None:
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


async def _note_binding(connection: AsyncConnection, source: str, data: Data) -> None:
    """Note by which binding the records were read that state what they stated before."""
    if not data.binding:
        return
    old = (records.c.source_id == source) & records.c.gone_at.is_(None)
    change = update(records).where(old, records.c.binding.is_distinct_from(data.binding))
    change = change.values(binding=data.binding)
    if data.read is None:
        await connection.execute(change)
        return
    for some in batched(data.read, CHUNK):
        await connection.execute(change.where(records.c.key.in_(some)))


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
