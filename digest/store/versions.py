"""Versions: how entries and pages were edited, and when pages are looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Candidate, StoryKey
from digest.identity import Known
from digest.items import Item, Page, fingerprint
from digest.ports import Edited, Reread, Version
from digest.reports import Reading
from digest.review import Case
from digest.store.candidates import ask_about, raise_doubts
from digest.store.codec import CANDIDATE, READING
from digest.store.database import Database
from digest.store.items import page_row, part_row
from digest.store.rereading import rewrite
from digest.store.review import case_of, is_of, unchanged
from digest.store.tables import ItemState, items, page_parts, pages, readings, reports, versions

_MOST_VERSIONS: Final = 20
"""No more versions of an item are kept: some pages change with each look."""


_TO_BE_READ: Final = frozenset({ItemState.LISTED, ItemState.HELD, ItemState.PARKED})


class SqlVersions:
    """`ports.VersionStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries_edited(
        self, known: Sequence[Known], *, now: datetime, look_since: datetime
    ) -> list[Edited]:
        edited: list[Edited] = []
        async with self._database.write() as connection:
            for one in known:
                query = select(items.c.title, items.c.state, items.c.fingerprint)
                row = (await connection.execute(query.where(items.c.id == one.id))).mappings().one()
                said = {"title": one.item.title, "summary": one.item.summary}
                now_says = {"fingerprint": fingerprint(one.item)}
                if row["fingerprint"] == now_says["fingerprint"]:
                    continue
                if row["state"] in _TO_BE_READ:  # it is read as it is listed now
                    now_says |= said
                await connection.execute(update(items).where(items.c.id == one.id).values(now_says))
                if row["state"] is not ItemState.READ:
                    continue
                version = {"what": "entry", "title": one.item.title, "said": one.item.summary}
                await _keep(connection, one.id, version | {"noticed_at": now, "note": ""})
                recent = (
                    select(readings.c.item_id)
                    .where(readings.c.item_id == one.id, readings.c.read_at >= look_since)
                    .scalar_subquery()
                )
                soon = update(pages).where(pages.c.item_id == recent).values(look_at=now)
                await connection.execute(soon)
                edited.append(Edited(item=one.id, before=row["title"] or "", now=one.item.title))
        return edited

    async def to_look_at(self, source: str, *, limit: int, now: datetime) -> list[Reread]:
        parts = select(page_parts.c.item_id).where(page_parts.c.item_id == items.c.id).exists()
        query = (
            select(items, readings.c.content, readings.c.read_at, pages.c.etag)
            .add_columns(pages.c.last_modified, parts.label("in_parts"))
            .join_from(items, pages, pages.c.item_id == items.c.id)
            .join(readings, readings.c.item_id == items.c.id)
            .where(items.c.source_id == source, items.c.link.is_not(None), pages.c.look_at <= now)
            .order_by(pages.c.look_at, items.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [_reread(row) for row in (await connection.execute(query)).mappings()]

    async def looked(self, item: int, *, next_look: datetime | None) -> None:
        async with self._database.write() as connection:
            change = update(pages).where(pages.c.item_id == item).values(look_at=next_look)
            await connection.execute(change)

    async def page_edited(
        self,
        item: int,
        page: Page,
        reading: Reading,
        *,
        parts: Sequence[Page],
        note: str,
        next_look: datetime | None,
    ) -> None:
        async with self._database.write() as connection:
            query = select(items.c.title, pages.c.url, pages.c.body).join_from(
                items, pages, pages.c.item_id == items.c.id
            )
            before = (await connection.execute(query.where(items.c.id == item))).mappings().one()
            noticed = {"what": "page", "noticed_at": page.fetched_at, "note": note}
            await _keep(connection, item, {"title": before["title"] or ""} | noticed | _page_before(before))
            row = page_row(item, page) | {"look_at": next_look}
            await connection.execute(update(pages).where(pages.c.item_id == item).values(row))
            await connection.execute(delete(page_parts).where(page_parts.c.item_id == item))
            if parts:
                rows = [part_row(item, number, part) for number, part in enumerate(parts, 1)]
                await connection.execute(insert(page_parts), rows)
            said = {"kind": reading.kind, "content": READING.dump(reading)}
            await connection.execute(update(readings).where(readings.c.item_id == item).values(said))

    async def amend(self, case: Case, candidate: Candidate) -> bool:
        async with self._database.write() as connection:
            query = select(reports.c.item_id).where(is_of(reports, case.key)).with_for_update()
            await connection.execute(query)
            if not unchanged(case, await case_of(connection, case.key)):
                return False
            await rewrite(connection, case, candidate)
            await ask_about(connection, candidate, known=True)
        return True

    async def ask(self, key: StoryKey, reason: str, *, at: datetime) -> None:
        async with self._database.write() as connection:
            await raise_doubts(connection, key, [reason], at)

    async def candidates(self, item: int) -> list[Candidate]:
        query = select(reports.c.content).where(reports.c.item_id == item).order_by(reports.c.place)
        async with self._database.read() as connection:
            return [CANDIDATE.load(content) for content in (await connection.execute(query)).scalars()]

    async def of(self, item: int) -> list[Version]:
        columns = (versions.c.noticed_at, versions.c.what, versions.c.title, versions.c.note)
        query = select(*columns).where(versions.c.item_id == item).order_by(versions.c.number)
        async with self._database.read() as connection:
            return [Version(**row) for row in (await connection.execute(query)).mappings()]

    async def count(self, since: datetime) -> int:
        query = select(func.count(versions.c.item_id.distinct())).where(versions.c.noticed_at >= since)
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())


async def _keep(connection: AsyncConnection, item: int, version: dict[str, Any]) -> None:
    """Add a version to those of an item, unless it has many."""
    query = select(func.count()).select_from(versions).where(versions.c.item_id == item)
    number = int((await connection.execute(query)).scalar_one()) + 1
    if number <= _MOST_VERSIONS:
        row = {"said": "", "url": None, "body": None} | version
        await connection.execute(insert(versions).values(row | {"item_id": item, "number": number}))


def _page_before(row: Any) -> dict[str, Any]:
    return {"url": row["url"], "body": row["body"]}  # compressed already


def _reread(row: Any) -> Reread:
    item = Item(
        title=row["title"] or "",
        guid=row["guid"],
        link=row["link"],
        published_at=row["published_at"],
        published_raw=row["published_raw"],
        summary=row["summary"] or "",
    )
    return Reread(
        id=row["id"],
        item=item,
        read_at=row["read_at"],
        reading=READING.load(row["content"]),
        # A first page that has not changed says nothing of the others.
        etag=None if row["in_parts"] else row["etag"],
        last_modified=None if row["in_parts"] else row["last_modified"],
    )
