"""Items on their way to being read, and what reading them brought."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Candidate
from digest.items import Item, Page
from digest.ports import ItemKey, ParkedItem, SetAside, Unopened, Unread
from digest.reports import Reading
from digest.sources import LONGEST_WAIT
from digest.store.candidates import write_candidate
from digest.store.codec import CANDIDATE, READING, RECORD
from digest.store.database import Database, wrote_new
from digest.store.merging import of_provider, same_as
from digest.store.providers import mark_register
from digest.store.rereading import reread_candidates
from digest.store.tables import (
    ItemState,
    decisions,
    item_keys,
    items,
    page_parts,
    pages,
    readings,
    reports,
)
from digest.store.tables.columns import outside


class SqlItems:
    """`ports.ItemStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, sources: Collection[str]) -> frozenset[str]:
        return await self._database.read_at_once(partial(_waiting, sources=sources))

    async def unread(self, source: str, *, limit: int, now: datetime) -> list[Unread]:
        return await self._database.read_at_once(partial(_unread_of, source=source, limit=limit, now=now))

    async def put_off(self, item: int, trouble: str, *, until: datetime, tried: bool = True) -> None:
        await self._change(item, trouble=trouble, retry_at=until, attempts=items.c.attempts + int(tried))

    async def park(self, item: int, trouble: str, *, until: datetime | None = None) -> None:
        await self._change(item, **_as_parked(trouble, until))

    async def parked(self) -> list[ParkedItem]:
        read = readings.c.item_id.is_not(None).label("stands_in")
        query = select(items, read).outerjoin(readings).where(_PARKED).order_by(items.c.id.desc())
        async with self._database.read() as connection:
            return [_parked(row) for row in (await connection.execute(query)).mappings()]

    async def parked_count(self) -> int:
        query = select(func.count()).select_from(items).where(_PARKED)
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def set_aside(self) -> dict[str, SetAside]:
        query = (
            select(items.c.source_id, items.c.state, func.count())
            .where(items.c.state.in_((ItemState.PARKED, ItemState.HELD)))
            .group_by(items.c.source_id, items.c.state)
        )
        counts: dict[str, dict[ItemState, int]] = {}
        async with self._database.read() as connection:
            for source, state, count in await connection.execute(query):
                counts.setdefault(source, {})[state] = count
        return {
            source: SetAside(parked=found.get(ItemState.PARKED, 0), held=found.get(ItemState.HELD, 0))
            for source, found in counts.items()
        }

    async def unopened(self, since: datetime) -> list[Unopened]:
        tried = and_(items.c.state == ItemState.LISTED, items.c.attempts > 0)
        filed = select(reports.c.item_id).where(reports.c.item_id == items.c.id)  # the feed's words stand in
        query = (
            select(items.c.id, items.c.source_id, items.c.title, items.c.link)
            .where(
                func.coalesce(items.c.released_at, items.c.first_seen_at) >= since,
                or_(tried, items.c.state == ItemState.PARKED),
            )
            .where(items.c.title.is_not(None), ~items.c.shadow, ~filed.exists())
            .order_by(items.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [Unopened(id=row.id, source=row.source_id, title=row.title, link=row.link) for row in rows]

    async def keys(self, item: int) -> list[ItemKey]:
        columns = (item_keys.c.key, item_keys.c.since, item_keys.c.by)
        query = select(*columns).where(item_keys.c.item_id == item)
        async with self._database.read() as connection:
            found = [ItemKey(**row) for row in (await connection.execute(query)).mappings()]
        return sorted(found, key=lambda one: (one.by is not None, str(one.since or ""), one.key))

    async def retry(self, ids: Collection[int]) -> int:
        again = {"state": ItemState.LISTED, "attempts": 0, "retry_at": None, "trouble": None}
        async with self._database.write() as connection:
            change = update(items).where(_PARKED, items.c.id.in_(ids)).values(again)
            return (await connection.execute(change)).rowcount

    async def filed(self, provider: str) -> list[Candidate]:
        async with self._database.read() as connection:
            own = reports.c.provider_id.in_(await same_as(connection, provider))
            query = select(reports.c.content).where(own).order_by(reports.c.item_id, reports.c.place)
            found = (await connection.execute(query)).scalars()
            candidates = [of_provider(CANDIDATE.load(content), provider) for content in found]
        return [one for one in candidates if one.repeats is None]

    async def file(
        self,
        item: int,
        page: Page,
        reading: Reading,
        candidates: Sequence[Candidate],
        *,
        parts: Sequence[Page] = (),
        look_at: datetime | None = None,
        waits: bool = False,
    ) -> bool:
        async with self._database.write() as connection:
            stored = await _stored(connection, item, (page, *parts), reading, candidates)
            if not waits and (stored or reading.origin is not None):
                read = {"state": ItemState.READ, "trouble": None, "retry_at": None}
                await connection.execute(update(items).where(items.c.id == item).values(read))
            if stored:
                await connection.execute(update(pages).where(pages.c.item_id == item).values(look_at=look_at))
        return stored

    async def stand_in(
        self,
        item: int,
        page: Page,
        reading: Reading,
        candidates: Sequence[Candidate],
        *,
        trouble: str,
        until: datetime,
    ) -> bool:
        async with self._database.write() as connection:
            filed = await _stored(connection, item, (page,), reading, candidates)
            parked = update(items).where(items.c.id == item, _WAITS).values(_as_parked(trouble, until))
            await connection.execute(parked)
        return filed

    async def _change(self, item: int, **values: Any) -> None:
        # Only while it waits: another worker may have read it meanwhile.
        async with self._database.write() as connection:
            await connection.execute(update(items).where(items.c.id == item, _WAITS).values(values))


async def _stored(
    connection: AsyncConnection,
    item: int,
    read: Sequence[Page],
    reading: Reading,
    candidates: Sequence[Candidate],
) -> bool:
    """Store the reading of a page and its parts; False if there is one already that it cannot replace."""
    page, *parts = read
    row = {
        "item_id": item,
        "kind": reading.kind,
        "content": READING.dump(reading),
        "read_at": page.fetched_at,
    }
    if await wrote_new(connection, readings, row):
        await connection.execute(insert(pages).values(page_row(item, page)))
        proposed = [await write_candidate(connection, candidate) for candidate in candidates]
    else:
        stands = select(readings.c.content).where(readings.c.item_id == item).with_for_update()
        before = READING.load((await connection.execute(stands)).scalar_one())
        if not await _gives_way(connection, item, before, reading, parts):
            return False
        proposed = [await reread_candidates(connection, item, candidates)]
        await connection.execute(update(readings).where(readings.c.item_id == item).values(row))
        await connection.execute(update(pages).where(pages.c.item_id == item).values(page_row(item, page)))
    if parts:
        rows = [part_row(item, number, part) for number, part in enumerate(parts, 1)]
        await connection.execute(insert(page_parts), rows)
    if any(proposed):
        await mark_register(connection)
    return True


async def _gives_way(
    connection: AsyncConnection, item: int, before: Reading, now: Reading, parts: Sequence[Page]
) -> bool:
    """Whether a reading takes the place of the one before it.

    A page does of the feed's own words; a record with its report's text of the record alone, while it waits
    for an edition.
    """
    if before.origin is None:
        return before.from_feed and not now.from_feed
    own = select(reports.c.told_on).where(reports.c.item_id == item).with_for_update()
    told = any((await connection.execute(own)).scalars())
    decided = select(decisions.c.id).where(decisions.c.item_id == item)
    has_text = select(page_parts.c.number).where(page_parts.c.item_id == item)
    settled = told or await connection.scalar(decided.limit(1)) or await connection.scalar(has_text.limit(1))
    return bool(parts) and not settled


def page_row(item: int, page: Page) -> dict[str, Any]:
    """A row of `pages`."""
    return {
        "item_id": item,
        "url": page.url,
        "content_type": page.content_type,
        "body": zlib.compress(page.body),
        "fetched_at": page.fetched_at,
        "etag": page.etag,
        "last_modified": page.last_modified,
    }


def part_row(item: int, number: int, page: Page) -> dict[str, Any]:
    """A row of `page_parts`."""
    row = page_row(item, page)
    del row["etag"], row["last_modified"]
    return row | {"number": number}


_PARKED: Final = (items.c.state == ItemState.PARKED) & items.c.pruned_at.is_(None)
# A parked item waits as well while its page is asked for now and then.
_WAITS: Final = (items.c.state == ItemState.LISTED) | (_PARKED & items.c.retry_at.is_not(None))


_FILED: Final = select(readings.c.item_id).where(readings.c.item_id == items.c.id).exists()
_TOLD: Final = (
    select(reports.c.item_id).where(reports.c.item_id == items.c.id, reports.c.told_on.is_not(None)).exists()
)
_UNREAD: Final = (
    select(items, _FILED.label("filed"), _TOLD.label("told"))
    .where(items.c.source_id == bindparam("source"), _WAITS)
    .where(or_(items.c.retry_at.is_(None), outside(items.c.retry_at, bindparam("now"), bindparam("far"))))
    .order_by(items.c.attempts, items.c.id)  # one that fails keeps no other waiting
    .limit(bindparam("most"))
)


def _waiting(connection: Connection, sources: Collection[str]) -> frozenset[str]:
    query = select(items.c.source_id).distinct().where(items.c.source_id.in_(sources), _WAITS)
    return frozenset(connection.execute(query).scalars())


def _unread_of(connection: Connection, source: str, limit: int, now: datetime) -> list[Unread]:
    asked = {"source": source, "now": now, "far": now + LONGEST_WAIT, "most": limit}
    return [_unread(row) for row in connection.execute(_UNREAD, asked).mappings()]


def _as_parked(trouble: str, until: datetime | None) -> dict[str, Any]:
    return {
        "state": ItemState.PARKED,
        "trouble": trouble,
        "attempts": items.c.attempts + 1,
        "retry_at": until,
    }


def _parked(row: Any) -> ParkedItem:
    names = ("id", "title", "link", "first_seen_at", "attempts", "retry_at", "stands_in")
    shared = {name: row[name] for name in names}
    return ParkedItem(source=row["source_id"], trouble=row["trouble"] or "", **shared)


def _unread(row: Any) -> Unread:
    item = Item(
        title=row["title"],
        guid=row["guid"],
        link=row["link"],
        published_at=row["published_at"],
        published_raw=row["published_raw"],
        summary=row["summary"] or "",
        record=row["record"] and RECORD.load(row["record"]),
    )
    return Unread(
        id=row["id"],
        item=item,
        source=row["source_id"],
        attempts=row["attempts"],
        since=row["released_at"] or row["first_seen_at"],
        known_since=row["known_since"],
        parked=row["state"] is ItemState.PARKED,
        filed=bool(row["filed"]),
        told=bool(row["told"]),
    )
