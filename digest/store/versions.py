"""Versions: how entries and pages were edited, and when pages are looked at again."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Candidate, StoryKey
from digest.edits import RECENT
from digest.identity import Known
from digest.items import Item, Page, fingerprint
from digest.parse.text import shortened, text_of_html
from digest.ports import Edited, InQuestion, Reread, Version
from digest.reports import Reading
from digest.review import Case
from digest.store.candidates import ask_about, raise_doubts, write_in_shadow
from digest.store.codec import CANDIDATE, ITEM, READING
from digest.store.database import Database
from digest.store.items import page_row, part_row
from digest.store.merging import led
from digest.store.rereading import rewrite
from digest.store.review import case_of, is_of, unchanged
from digest.store.sources import item_row
from digest.store.tables import (
    ItemState,
    doubts,
    edits,
    item_keys,
    items,
    page_parts,
    pages,
    readings,
    reports,
    versions,
)

_MOST_VERSIONS: Final = 20
"""No more versions of an item are kept: some pages change with each look."""

_SAYS: Final = 300
"""So many characters of what an entry says are noted with its version."""

_NOTICED_OLD: Final = timedelta(days=7)
"""A page that was read long ago is looked at once in this time because of its entry..."""

_NOTICED_MOVED: Final = timedelta(days=1)
"""...and one that was read lately, because of its entry's date alone, once in this."""

_TO_BE_READ: Final = frozenset({ItemState.LISTED, ItemState.HELD, ItemState.PARKED})


class SqlVersions:
    """`ports.VersionStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries_edited(
        self, known: Sequence[Known], *, now: datetime, look: Collection[int], shadow: bool
    ) -> list[Edited]:
        edited: list[Edited] = []
        async with self._database.write() as connection:
            for one in known:
                row = (await connection.execute(select(items).where(items.c.id == one.id))).mappings().one()
                says_more = one.edited and row["fingerprint"] != fingerprint(one.item)
                change = _as_listed(row, one.item)
                if row["state"] is ItemState.BASELINE and one.id in look and _is_dated_later(row, one):
                    change |= _to_be_read(row, one.item, now, shadow=shadow)
                await connection.execute(update(items).where(items.c.id == one.id).values(change))
                if one.id in look:
                    await _look_soon(connection, one, now, says_more=says_more)
                if says_more and row["state"] is ItemState.READ:
                    version = {"what": "entry", "title": one.item.title, "said": one.item.summary}
                    says = shortened(text_of_html(one.item.summary), _SAYS)
                    await _keep(connection, one.id, version | {"noticed_at": now, "note": says})
                    before = row["title"] or ""
                    edited.append(Edited(item=one.id, before=before, now=one.item.title, says=says))
        return edited

    async def to_look_at(self, source: str, *, limit: int, now: datetime) -> list[Reread]:
        asked = {"source": source, "now": now, "most": limit}
        return await self._database.read_at_once(partial(_to_look_at, asked=asked))

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
            await _no_question(connection, item)
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

    async def succeeded(self, item: int, *, now: datetime, shadow: bool) -> int | None:
        own = items.c.id == item
        async with self._database.write() as connection:
            row = (await connection.execute(select(items).where(own).with_for_update())).mappings().one()
            held = select(item_keys.c.key).where(item_keys.c.item_id == item)
            if not (await connection.execute(held.limit(1))).first():
                return None
            state = {"state": ItemState.LISTED, "trouble": None, "shadow": shadow}
            values = item_row(row["source_id"], _successor(row), now) | state
            values |= {"last_dated": row["last_dated"], "fingerprint": row["fingerprint"]}
            new = (await connection.execute(insert(items).values(values).returning(items.c.id))).scalar_one()
            await connection.execute(update(item_keys).where(item_keys.c.item_id == item).values(item_id=new))
            await connection.execute(update(items).where(own).values(retry_at=None))
            await connection.execute(update(pages).where(pages.c.item_id == item).values(look_at=None))
            await _no_question(connection, item)
            version = {"what": "page", "title": row["title"] or "", "noticed_at": now}
            await _keep(connection, item, version | {"note": f"another inspection: item {new}"})
        return int(new)

    async def question(self, item: int, asked: InQuestion) -> None:
        page, key = asked.page, asked.candidate.key
        async with self._database.write() as connection:
            query = select(edits.c.place).where(is_of(edits, key), edits.c.reason == asked.reason)
            again = (await connection.execute(query)).first() is not None
            row = page_row(item, page) | {"item_id": key.item, "place": key.place, "reason": asked.reason}
            row |= {"content": CANDIDATE.dump(asked.candidate), "reading": READING.dump(asked.reading)}
            await connection.execute(delete(edits).where(is_of(edits, key)))
            await connection.execute(insert(edits).values(row))
            await raise_doubts(connection, key, [asked.reason], page.fetched_at)
            if not again:
                note = {"what": "page", "noticed_at": page.fetched_at, "note": asked.reason}
                await _keep(connection, item, {"title": asked.candidate.title} | note)

    async def in_question(self, key: StoryKey) -> InQuestion | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(edits).where(is_of(edits, key)))).mappings().first()
        return None if row is None else _in_question(row)

    async def no_question(self, item: int, place: int | None = None) -> bool:
        async with self._database.write() as connection:
            await _no_question(connection, item, place)
            left = select(edits.c.place).where(edits.c.item_id == item).limit(1)
            return (await connection.execute(left)).first() is not None

    async def shadowed(self, candidates: Sequence[Candidate]) -> None:
        async with self._database.write() as connection:
            for candidate in candidates:
                await write_in_shadow(connection, candidate)

    async def candidates(self, item: int) -> list[Candidate]:
        query = select(reports.c.content).where(reports.c.item_id == item).order_by(reports.c.place)
        async with self._database.read() as connection:
            stored = (await connection.execute(query)).scalars()
            return await led(connection, [CANDIDATE.load(content) for content in stored])

    async def of(self, item: int) -> list[Version]:
        columns = (versions.c.noticed_at, versions.c.what, versions.c.title, versions.c.note)
        query = select(*columns).where(versions.c.item_id == item).order_by(versions.c.number)
        async with self._database.read() as connection:
            return [Version(**row) for row in (await connection.execute(query)).mappings()]

    async def count(self, since: datetime) -> int:
        query = select(func.count(versions.c.item_id.distinct())).where(versions.c.noticed_at >= since)
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())


_IN_PARTS: Final = select(page_parts.c.item_id).where(page_parts.c.item_id == items.c.id).exists()
_ASKED: Final = select(edits.c.reading).where(edits.c.item_id == items.c.id).limit(1).scalar_subquery()
_TO_LOOK_AT: Final = (  # built once: each poll asks it
    select(items, readings.c.content, readings.c.read_at, pages.c.etag, pages.c.url)
    .add_columns(pages.c.last_modified, pages.c.content_type, pages.c.fetched_at, pages.c.noticed_at)
    .add_columns(_IN_PARTS.label("in_parts"), _ASKED.label("asked"))
    .join_from(items, pages, pages.c.item_id == items.c.id)
    .join(readings, readings.c.item_id == items.c.id)
    .where(items.c.source_id == bindparam("source"), pages.c.look_at <= bindparam("now"))
    .order_by(pages.c.look_at, items.c.id)
    .limit(bindparam("most"))
)


def _to_look_at(connection: Connection, asked: dict[str, Any]) -> list[Reread]:
    return [_reread(row) for row in connection.execute(_TO_LOOK_AT, asked).mappings()]


async def _keep(connection: AsyncConnection, item: int, version: dict[str, Any]) -> None:
    """Add a version to those of an item, unless it has many."""
    kept, last = func.count(), func.max(versions.c.number)  # they differ once the first are pruned
    found = (await connection.execute(select(kept, last).where(versions.c.item_id == item))).one()
    if found[0] < _MOST_VERSIONS:
        row = {"said": "", "url": None, "body": None} | version
        row |= {"item_id": item, "number": (found[1] or 0) + 1}
        await connection.execute(insert(versions).values(row))


def _page_before(row: Any) -> dict[str, Any]:
    return {"url": row["url"], "body": row["body"]}  # compressed already


def _as_listed(row: Any, item: Item) -> dict[str, Any]:
    """What changes in an item's row because its entry says something else."""
    dates = [at for at in (row["last_dated"], item.last_dated) if at is not None]
    change: dict[str, Any] = {"fingerprint": fingerprint(item), "last_dated": max(dates, default=None)}
    if row["state"] in _TO_BE_READ:  # it is read as it is listed now
        change |= {"title": item.title, "summary": item.summary}
    if row["state"] is not ItemState.BASELINE:
        change["listed"] = ITEM.dump(item)
    return change


def _is_dated_later(row: Any, one: Known) -> bool:
    return one.moved and one.item.last_dated is not None and one.item.last_dated > row["first_seen_at"]


def _to_be_read(row: Any, item: Item, now: datetime, *, shadow: bool) -> dict[str, Any]:
    """An item that was no news, whose entry has a later date now: only what is later than its listing is."""
    said = {
        name: getattr(item, name) for name in ("title", "link", "published_at", "published_raw", "summary")
    }
    waits = {"state": ItemState.LISTED, "trouble": None, "attempts": 0, "retry_at": None, "pruned_at": None}
    since = {"known_since": row["first_seen_at"], "released_at": now, "shadow": shadow}
    return said | waits | since


async def _look_soon(connection: AsyncConnection, one: Known, now: datetime, *, says_more: bool) -> None:
    """Let the page of an entry that has changed be looked at, unless such a look was a short time ago."""
    read = select(readings.c.item_id).where(readings.c.item_id == one.id)
    recent = read.where(readings.c.read_at >= now - RECENT)
    long_ago = or_(pages.c.noticed_at.is_(None), pages.c.noticed_at <= now - _NOTICED_OLD)
    lately = or_(pages.c.noticed_at.is_(None), pages.c.noticed_at <= now - _NOTICED_MOVED)
    allowed = recent.exists() & (true() if says_more else lately)
    own = (pages.c.item_id == one.id) & read.exists() & or_(allowed, long_ago)
    await connection.execute(update(pages).where(own).values(look_at=now, noticed_at=now))


async def _no_question(connection: AsyncConnection, item: int, place: int | None = None) -> None:
    which = (edits.c.item_id == item) & (true() if place is None else edits.c.place == place)
    for row in (await connection.execute(select(edits.c.place, edits.c.reason).where(which))).all():
        own = is_of(doubts, StoryKey(item=item, place=row.place)) & (doubts.c.reason == row.reason)
        await connection.execute(delete(doubts).where(own))
    await connection.execute(delete(edits).where(which))


def _successor(row: Any) -> Item:
    """The item that takes another's place: as it is listed now, without a date that was the old report's."""
    now, old = _item(row), row["published_at"]
    if now.published_at is not None and (old is None or now.published_at > old):
        return now
    later = row["last_dated"] if row["last_dated"] and (old is None or row["last_dated"] > old) else None
    return replace(now, published_at=later, published_raw=None)


def _item(row: Any) -> Item:
    """An item as it is listed now, as far as that is known."""
    if row["listed"]:
        return ITEM.load(row["listed"])
    return Item(
        title=row["title"] or "",
        guid=row["guid"],
        link=row["link"],
        published_at=row["published_at"],
        published_raw=row["published_raw"],
        summary=row["summary"] or "",
    )


def _reread(row: Any) -> Reread:
    item, reading = _item(row), READING.load(row["content"])
    # A first page that has not changed says nothing of the others, and one at another address nothing at all.
    asks_whole = row["in_parts"] or item.link != row["link"]
    return Reread(
        id=row["id"],
        item=item,
        dated=row["published_at"],
        read_at=row["read_at"],
        since=max(row["read_at"], row["noticed_at"] or row["read_at"]),
        reading=reading,
        page=Page(
            url=row["url"],
            body=b"",
            content_type=row["content_type"],
            fetched_at=row["fetched_at"],
            etag=None if asks_whole else row["etag"],
            last_modified=None if asks_whole else row["last_modified"],
        ),
        asked=READING.load(row["asked"]) if row["asked"] else None,
        by_words=item.link is None or reading.from_feed,
    )


def _in_question(row: Any) -> InQuestion:
    shared = {name: row[name] for name in ("url", "content_type", "fetched_at", "etag", "last_modified")}
    return InQuestion(
        candidate=CANDIDATE.load(row["content"]),
        page=Page(body=zlib.decompress(row["body"]), **shared),
        reading=READING.load(row["reading"]),
        reason=row["reason"],
    )
