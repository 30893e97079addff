"""Items on their way to being read, and what reading them brought."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.changes import SAME_INSPECTION_WITHIN
from digest.edition import Candidate, StoryKey
from digest.items import Item, Page
from digest.ports import ItemKey, ParkedItem, Unread
from digest.providers import Provider
from digest.reports import Reading
from digest.review import NO_RATING, doubts_of, enters_history
from digest.sources import LONGEST_WAIT, Authority
from digest.store.codec import CANDIDATE, READING
from digest.store.database import Database, insert_new, wrote_new
from digest.store.providers import mark_register, provider_row
from digest.store.tables import (
    ItemState,
    changes,
    come,
    doubts,
    item_keys,
    items,
    judgements,
    page_parts,
    pages,
    providers,
    ratings,
    readings,
    reports,
)


class SqlItems:
    """`ports.ItemStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unread(self, source: str, *, limit: int, now: datetime) -> list[Unread]:
        query = (
            select(items)
            .where(items.c.source_id == source, items.c.state == ItemState.LISTED)
            .where(or_(items.c.retry_at.is_(None), come(items.c.retry_at, now, LONGEST_WAIT)))
            .order_by(items.c.attempts, items.c.id)  # one that fails keeps no other waiting
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [_unread(row) for row in (await connection.execute(query)).mappings()]

    async def put_off(self, item: int, trouble: str, *, until: datetime, tried: bool = True) -> None:
        await self._change(item, trouble=trouble, retry_at=until, attempts=items.c.attempts + int(tried))

    async def park(self, item: int, trouble: str) -> None:
        await self._change(item, trouble=trouble, state=ItemState.PARKED, attempts=items.c.attempts + 1)

    async def parked(self) -> list[ParkedItem]:
        query = select(items).where(_PARKED).order_by(items.c.id.desc())
        async with self._database.read() as connection:
            return [_parked(row) for row in (await connection.execute(query)).mappings()]

    async def parked_count(self) -> int:
        query = select(func.count()).select_from(items).where(_PARKED)
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

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
        query = select(reports.c.content).where(reports.c.provider_id == provider)
        async with self._database.read() as connection:
            found = await connection.execute(query.order_by(reports.c.item_id, reports.c.place))
            candidates = [CANDIDATE.load(content) for content in found.scalars()]
        return [one for one in candidates if one.repeats is None]

    async def file(
        self,
        item: int,
        page: Page,
        reading: Reading,
        candidates: Sequence[Candidate],
        *,
        parts: Sequence[Page] = (),
    ) -> bool:
        async with self._database.write() as connection:
            row = {
                "item_id": item,
                "kind": reading.kind,
                "content": READING.dump(reading),
                "read_at": page.fetched_at,
            }
            if not await wrote_new(connection, readings, row):
                return False
            await connection.execute(insert(pages).values(_page_row(item, page)))
            if parts:
                rows = [{"number": number} | _page_row(item, part) for number, part in enumerate(parts, 1)]
                await connection.execute(insert(page_parts), rows)
            proposed = [await _write(connection, candidate) for candidate in candidates]
            await connection.execute(
                update(items).where(items.c.id == item).values(state=ItemState.READ, trouble=None)
            )
            if any(proposed):
                await mark_register(connection)
        return True

    async def _change(self, item: int, **values: Any) -> None:
        # Only while it waits: another worker may have read it meanwhile.
        waits = (items.c.id == item) & (items.c.state == ItemState.LISTED)
        async with self._database.write() as connection:
            await connection.execute(update(items).where(waits).values(values))


async def _write(connection: AsyncConnection, candidate: Candidate) -> bool:
    """Write a candidate; whether it proposes a provider that nobody knew."""
    known = True
    if candidate.provider is not None:
        proposed = Provider(
            id=candidate.provider,
            name=candidate.provider_name or candidate.provider,
            kind="",
            inspectorate=candidate.inspectorate or "",
        )
        known = not await wrote_new(connection, providers, provider_row(proposed, proposed=True))
    row = {
        "item_id": candidate.key.item,
        "place": candidate.key.place,
        "provider_id": candidate.provider,
        "dated": candidate.dated,
        "found_at": candidate.found_at,
        "content": CANDIDATE.dump(candidate),
    }
    await connection.execute(insert(reports).values(row))
    await write_findings(connection, candidate)
    asked = list(doubts_of(candidate, known=known))
    if NO_RATING in asked and await _is_rated_elsewhere(connection, candidate):
        asked.remove(NO_RATING)
    await raise_doubts(connection, candidate.key, asked, candidate.found_at)
    if candidate.report is not None and candidate.report.rated and enters_history(candidate):
        await _answer_for_others(connection, candidate)
    return not known


async def _is_rated_elsewhere(connection: AsyncConnection, candidate: Candidate) -> bool:
    """Whether an official text on the same inspection, as far as days tell, gave the rating."""
    query = select(ratings.c.id).where(
        ratings.c.provider_id == candidate.provider,
        ratings.c.published_on.between(*_around(candidate)),
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def _answer_for_others(connection: AsyncConnection, candidate: Candidate) -> None:
    """Ask no more for the rating of other texts on an inspection once one text has given it."""
    same = select(reports.c.item_id).where(
        reports.c.provider_id == candidate.provider, reports.c.dated.between(*_around(candidate))
    )
    asked = (doubts.c.reason == NO_RATING) & doubts.c.item_id.in_(same)
    await connection.execute(delete(doubts).where(asked))


def _around(candidate: Candidate) -> tuple[date, date]:
    return candidate.dated - SAME_INSPECTION_WITHIN, candidate.dated + SAME_INSPECTION_WITHIN


async def write_findings(connection: AsyncConnection, candidate: Candidate) -> None:
    """Judgements, changes and ratings of a candidate whose report is written."""
    key = {"item_id": candidate.key.item, "place": candidate.key.place}
    for table, rows in (
        (judgements, list(_judgements(candidate))),
        (changes, list(_changes(candidate))),
        (ratings, list(_ratings(candidate))),
    ):
        if rows:
            await connection.execute(insert(table), [key | row for row in rows])


def _judgements(candidate: Candidate) -> Iterator[dict[str, Any]]:
    for judgement in candidate.report.graded() if candidate.report else ():
        yield {
            "aspect": judgement.aspect,
            "scale": candidate.report.scale if candidate.report else "",
            "grade": judgement.grade,
            "previous": judgement.previous,
            "evidence": judgement.evidence,
        }


def _changes(candidate: Candidate) -> Iterator[dict[str, Any]]:
    """The changes of an official candidate; a blog's text never makes a movement, even where it stands in."""
    if candidate.authority is not Authority.OFFICIAL:
        return
    for change in candidate.changes:
        yield {
            "aspect": change.aspect,
            "provider_id": change.provider,
            "scale": change.scale,
            "movement": change.movement,
            "before": change.before,
            "before_on": change.before_on,
            "before_precision": change.before_precision,
            "after": change.after,
            "certainty": change.certainty,
            "review": change.review,
        }


def _ratings(candidate: Candidate) -> Iterator[dict[str, Any]]:
    """The ratings that enter the history: only an inspectorate's own grades of a provider."""
    if not enters_history(candidate) or candidate.report is None:
        return
    for judgement in candidate.report.graded():
        yield {
            "provider_id": candidate.provider,
            "aspect": judgement.aspect,
            "scale": candidate.report.scale,
            "grade": judgement.grade,
            "inspected_on": candidate.report.inspected_on,
            "published_on": candidate.dated,
            "evidence": judgement.evidence or candidate.checked or "",
            "link": judgement.link or candidate.link,
        }


def _page_row(item: int, page: Page) -> dict[str, Any]:
    return {
        "item_id": item,
        "url": page.url,
        "content_type": page.content_type,
        "body": zlib.compress(page.body),
        "fetched_at": page.fetched_at,
    }


_PARKED: Final = (items.c.state == ItemState.PARKED) & items.c.pruned_at.is_(None)


def _parked(row: Any) -> ParkedItem:
    shared = {name: row[name] for name in ("id", "title", "link", "first_seen_at", "attempts")}
    return ParkedItem(source=row["source_id"], trouble=row["trouble"] or "", **shared)


def _unread(row: Any) -> Unread:
    item = Item(
        title=row["title"],
        guid=row["guid"],
        link=row["link"],
        published_at=row["published_at"],
        published_raw=row["published_raw"],
        summary=row["summary"] or "",
    )
    return Unread(id=row["id"], item=item, source=row["source_id"], attempts=row["attempts"])


async def raise_doubts(
    connection: AsyncConnection, key: StoryKey, reasons: Iterable[str], at: datetime
) -> None:
    """Ask operators about a candidate; the same question is not asked twice."""
    rows = [{"item_id": key.item, "place": key.place, "reason": why, "raised_at": at} for why in reasons]
    if rows:
        await connection.execute(insert_new(connection, doubts), rows)
