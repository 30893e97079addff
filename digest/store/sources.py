"""Sources' memory between polls, and the items a poll brought."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.admission import TITLES_REMEMBERED, Admission, Admitted, Fate, Memory
from digest.characters import storable
from digest.errors import StoreError, StoreUnavailable
from digest.identity import Fresh, Known, Seen, Stored
from digest.items import Item, fingerprint
from digest.ports import TakenIn
from digest.rhythm import REMEMBERED
from digest.sources import Polled, Validators
from digest.store.codec import RECORD
from digest.store.database import Database, insert_new, reason, wrote_new
from digest.store.members.rows import CHUNK
from digest.store.tables import ItemState, item_keys, items, sources
from digest.store.tables.columns import utc_day

_NEWS: Final = (ItemState.LISTED, ItemState.READ, ItemState.PARKED)
"""The states of items that were news when they were first listed."""


_MOST_NAMED: Final = 400
"""More keys than this are not named in a query; all keys of the source are read."""

_MOST_KEYS: Final = 24
"""An item learns no more keys than this: some sources write new ids with each build."""

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


AT_ONCE: Final = 250
"""So many items are stored in one transaction, in some hundredths of a second: no other writer waits long."""


class SqlSources:
    """`ports.SourceStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recording = asyncio.Lock()
        self._to_record: list[_ToRecord] = []

    async def polled(self) -> list[Polled]:
        async with self._database.read() as connection:
            return [_polled(row) for row in (await connection.execute(select(sources))).mappings()]

    async def record(self, source: str, after: Callable[[Polled | None], Polled]) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._to_record.append((source, after, done))
        async with self._recording:
            # The first that comes records for all that wait: one transaction costs as much as ten.
            if not done.done():
                batch, self._to_record = self._to_record, []
                try:
                    await self._record(batch)
                finally:
                    self._to_record += [one for one in batch if not one[2].done()]
        await done

    async def _record(self, batch: Sequence[_ToRecord]) -> None:
        try:
            async with self._database.write() as connection:
                failures = await _record_all(connection, batch)
        except (SQLAlchemyError, ValueError, OverflowError) as refusal:
            if len(batch) > 1:
                for one in batch:  # one that the database refuses keeps no other from being recorded
                    await self._record([one])
                return
            failures = [(batch[0][2], refusal)]
        except StoreError as outage:
            failures = [(done, outage) for _, _, done in batch]
        for done, why in failures:
            _tell(done, why)
        for _, _, done in batch:
            _tell(done, None)

    async def seen(self, source: str, keys: Collection[str] | None = None) -> Seen:
        query = select(item_keys.c.key, item_keys.c.item_id).where(item_keys.c.source_id == source)
        if keys is not None and len(keys) <= _MOST_NAMED:
            query = query.where(item_keys.c.key.in_(keys))
        async with self._database.read() as connection:
            found = {row.key: row.item_id for row in await connection.execute(query)}
            if keys is not None:
                found = {key: id for key, id in found.items() if key in keys}
            return Seen(keys=found, items=await _stored(connection, source, set(found.values())))

    async def learn(self, source: str, known: Sequence[Known], *, now: datetime) -> None:
        rows = [
            {"source_id": source, "key": key, "item_id": one.id, "since": now, "by": one.by}
            for one in known
            for key in one.keys
        ]
        if not rows:
            return
        async with self._database.write() as connection:
            ids = select(item_keys.c.item_id).where(item_keys.c.source_id == source)
            held = Counter((await connection.execute(ids)).scalars())
            for row in rows:
                held[row["item_id"]] += 1
                if held[row["item_id"]] <= _MOST_KEYS:
                    await connection.execute(insert_new(connection, item_keys).values(row))
            for one in known:  # an edit is noticed from now on: an earlier version's fingerprint shows none
                old = (items.c.id == one.id) & items.c.fingerprint.not_like("2:%")
                now_says = {"fingerprint": fingerprint(one.item)}
                await connection.execute(update(items).where(old).values(now_says))

    async def new_by_day(self, since: datetime, *, source: str | None = None) -> dict[str, dict[date, int]]:
        async with self._database.read() as connection:
            return await _new_by_day(connection, since, source)

    async def foresee(
        self,
        source: str,
        fresh: Sequence[Fresh],
        decide: Callable[[Memory], Admission],
        *,
        now: datetime,
    ) -> Admission:
        async with self._database.read() as connection:
            query = select(sources).where(sources.c.id == source)
            row = (await connection.execute(query)).mappings().first()
            before = None if row is None else _polled(row)
            return decide(await _memory(connection, source, before, fresh, now))

    async def take_in(
        self,
        source: str,
        fresh: Sequence[Fresh],
        decide: Callable[[Memory], Admission],
        *,
        now: datetime,
    ) -> TakenIn:
        async def begin(write: _Write) -> tuple[Admission, _Written]:
            async with self._database.write() as connection:
                admission = await _decided(connection, source, fresh, decide, now)
                if len(admission.items) <= AT_ONCE:
                    await remember(connection, admission.polled)
                first = replace(admission, items=admission.items[:AT_ONCE])
                return admission, await write(connection, source, first, now)

        async def go_on(chunk: Admission, write: _Write) -> _Written:
            async with self._database.write() as connection:
                return await write(connection, source, chunk, now)

        admission, (written, refused) = await _somehow(begin)
        for start in range(AT_ONCE, len(admission.items), AT_ONCE):
            chunk = replace(admission, items=admission.items[start : start + AT_ONCE])
            more = await _somehow(partial(go_on, chunk))
            written, refused = (*written, *more[0]), (*refused, *more[1])
        if len(admission.items) > AT_ONCE:
            # Only now: until all is stored, the next poll asks for the whole list again.
            await self.record(source, lambda before: decide(Memory(polled=before)).polled)
        return TakenIn(admission=replace(admission, items=written), refused=refused)


_Written: TypeAlias = tuple[tuple[Admitted, ...], tuple[tuple[Item, str], ...]]
"""The items that were stored, and those that the database refused, with its reasons."""

_Write: TypeAlias = Callable[[AsyncConnection, str, Admission, datetime], Awaitable[_Written]]

T = TypeVar("T")


async def _somehow(work: Callable[[_Write], Awaitable[T]]) -> T:
    """Do work that writes items together; if the database refuses that, again with one after the other."""
    try:
        return await work(_together)
    except (SQLAlchemyError, ValueError, OverflowError, StoreUnavailable):
        return await work(_one_by_one)


async def _decided(
    connection: AsyncConnection,
    source: str,
    fresh: Sequence[Fresh],
    decide: Callable[[Memory], Admission],
    now: datetime,
) -> Admission:
    """Decide on what is stored now, with the source's row locked."""
    before = await locked(connection, source)
    return decide(await _memory(connection, source, before, fresh, now))


async def _memory(
    connection: AsyncConnection, source: str, before: Polled | None, fresh: Sequence[Fresh], now: datetime
) -> Memory:
    if before is None or not fresh:
        return Memory(polled=before)
    days = await _new_by_day(connection, now - REMEMBERED, source)
    own = items.c.source_id == source
    lately = select(items.c.published_at).where(
        own, items.c.state.in_(_NEWS), items.c.first_seen_at > now - timedelta(days=1)
    )
    titles = [one.item.title for one in fresh]
    listed: set[str] = set()
    for start in range(0, len(titles), CHUNK):
        same = items.c.title.in_(titles[start : start + CHUNK])
        query = select(items.c.title).where(own, same, items.c.first_seen_at > now - TITLES_REMEMBERED)
        listed |= set((await connection.execute(query)).scalars())
    return Memory(
        polled=before,
        days=days.get(source, {}),
        titles=frozenset(listed),
        lately=tuple((await connection.execute(lately)).scalars()),
        unfinished=await _unfinished(connection, before),
    )


async def _unfinished(connection: AsyncConnection, before: Polled) -> int:
    """How many items were stored since the last list was recorded: a list in parts is recorded at its end."""
    if before.full_at is None:
        return 0
    own = (items.c.source_id == before.source) & (items.c.state != ItemState.BASELINE)
    query = select(func.count()).where(own, items.c.first_seen_at > before.full_at)
    return int((await connection.execute(query)).scalar_one())


async def _new_by_day(
    connection: AsyncConnection, since: datetime, source: str | None
) -> dict[str, dict[date, int]]:
    day = utc_day(items.c.first_seen_at).label("day")
    query = (
        select(items.c.source_id, day, func.count().label("count"))
        .where(items.c.first_seen_at >= since, items.c.state.in_(_NEWS))
        .group_by(items.c.source_id, day)
    )
    if source is not None:
        query = query.where(items.c.source_id == source)
    found: dict[str, dict[date, int]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["source_id"], {})[row["day"]] = row["count"]
    return found


async def _stored(connection: AsyncConnection, source: str, ids: Collection[int]) -> dict[int, Stored]:
    own = (items.c.guid, items.c.link, items.c.published_at, items.c.published_raw, items.c.fingerprint)
    query = select(items.c.id, items.c.title, items.c.last_dated, *own).where(items.c.source_id == source)
    if len(ids) <= _MOST_NAMED:
        query = query.where(items.c.id.in_(ids))
    rows = (await connection.execute(query)).mappings()
    return {row["id"]: Stored(**row) for row in rows if row["id"] in ids}


async def _one_by_one(
    connection: AsyncConnection, source: str, admission: Admission, now: datetime
) -> _Written:
    """Each item in a savepoint of its own: slower, but one that the database refuses loses no other."""
    written: list[Admitted] = []
    refused: list[tuple[Item, str]] = []
    for one in admission.items:
        try:
            async with connection.begin_nested():
                stored, _ = await _together(connection, source, replace(admission, items=(one,)), now)
                written += stored
        except (SQLAlchemyError, ValueError, OverflowError) as error:
            refused.append((one.fresh.item, reason(error)))
    return tuple(written), tuple(refused)


async def locked(connection: AsyncConnection, source: str) -> Polled | None:
    """What is remembered of a source, with its row locked; None if it was never polled.

    The row is made if there is none, so that of two that poll a source first, one waits for the other.
    """
    found = await _all_locked(connection, {source})
    return found[source]


async def _all_locked(connection: AsyncConnection, names: Collection[str]) -> dict[str, Polled | None]:
    """As `locked`, of several sources."""
    rows = (await connection.execute(_LOCK, {"names": sorted(names)})).mappings()
    found: dict[str, Polled | None] = {row["id"]: _polled(row) for row in rows}
    for source in sorted(set(names) - set(found)):
        never = Polled(source=source, next_poll_at=_NEVER)
        if await wrote_new(connection, sources, _row(never)):
            found[source] = None
        else:  # another process was quicker
            found |= await _all_locked(connection, {source})
    return found


async def remember(connection: AsyncConnection, polled: Polled) -> None:
    await connection.execute(_UPDATE, _bound(polled))


# Built once: to build a statement with all columns takes longer than to run it. In one order, so that two
# processes that want the same sources never wait for each other.
_LOCK: Final = (
    select(sources)
    .where(sources.c.id.in_(bindparam("names", expanding=True)))
    .order_by(sources.c.id)
    .with_for_update()
)
_UPDATE: Final = (
    update(sources)
    .where(sources.c.id == bindparam("of"))
    .values({column.name: bindparam(column.name) for column in sources.c if column.name != "id"})
)


def _bound(polled: Polled) -> dict[str, Any]:
    values = _row(polled)
    return values | {"of": values.pop("id")}


_ToRecord: TypeAlias = tuple[str, Callable[[Polled | None], Polled], "asyncio.Future[None]"]


async def _record_all(
    connection: AsyncConnection, batch: Sequence[_ToRecord]
) -> list[tuple[asyncio.Future[None], Exception]]:
    """Remember what each caller makes of its source; the callers whose function raised, with the errors."""
    failures: list[tuple[asyncio.Future[None], Exception]] = []
    found = await _all_locked(connection, {source for source, _, _ in batch})
    for source, after, done in batch:
        try:
            found[source] = after(found[source])
        except Exception as error:  # noqa: BLE001 - it is the caller's, who hears of it
            failures.append((done, error))
    if known := [_bound(one) for one in found.values() if one is not None]:
        await connection.execute(_UPDATE, known)
    if unknown := [source for source, one in found.items() if one is None]:
        await connection.execute(delete(sources).where(sources.c.id.in_(unknown)))
    return failures


def _tell(done: asyncio.Future[None], error: Exception | None) -> None:
    """Tell a caller that waits; one that was cancelled waits no more."""
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


_FIELDS: Final = tuple(one.name for one in fields(Polled) if one.name not in ("source", "validators"))
_VALIDATORS: Final = tuple(one.name for one in fields(Validators))


def _row(polled: Polled) -> dict[str, Any]:
    values = {name: getattr(polled, name) for name in _FIELDS}
    values["rests"] = [[first.isoformat(), last.isoformat()] for first, last in polled.rests]
    return values | {"id": polled.source} | {name: getattr(polled.validators, name) for name in _VALIDATORS}


_STATES: Final = {Fate.NEWS: ItemState.LISTED, Fate.KNOWN: ItemState.BASELINE, Fate.HELD: ItemState.HELD}


_INSERTION: Final = insert(items).returning(items.c.id, items.c.fingerprint, items.c.guid, items.c.link)


async def _together(
    connection: AsyncConnection, source: str, admission: Admission, now: datetime
) -> _Written:
    """Store items that are ours: none of their keys was written by another worker since we looked."""
    keys = [key for one in admission.items for key in one.fresh.keys]
    query = select(item_keys.c.key).where(item_keys.c.source_id == source, item_keys.c.key.in_(keys))
    taken = set((await connection.execute(query)).scalars()) if keys else set()
    free = tuple(one for one in admission.items if taken.isdisjoint(one.fresh.keys))
    if not free:
        return (), ()
    rows = [_item_row(source, one, now, shadow=admission.shadow) for one in free]
    # No database promises to return the rows in order, so what stands in a row tells which it is.
    found = await connection.execute(_INSERTION, rows)
    ids: defaultdict[tuple[str, str | None, str | None], list[int]] = defaultdict(list)
    for row in found:
        ids[row.fingerprint, row.guid, row.link].append(row.id)
    own = [
        {"source_id": source, "key": key, "item_id": id, "since": now}
        for row, one in zip(rows, free, strict=True)
        for id in (ids[row["fingerprint"], row["guid"], row["link"]].pop(0),)
        for key in one.fresh.keys
    ]
    await connection.execute(insert(item_keys), own)
    return free, ()


def _item_row(source: str, admitted: Admitted, now: datetime, *, shadow: bool) -> dict[str, Any]:
    row = item_row(source, admitted.fresh.item, now)
    return row | {"state": _STATES[admitted.fate], "trouble": admitted.why, "shadow": shadow}


def item_row(source: str, item: Item, now: datetime) -> dict[str, Any]:
    """A row of `items` for an item that is first listed now, without state, trouble and shadow."""
    return {
        "source_id": source,
        "title": item.title,
        "guid": item.guid and storable(item.guid),
        "link": item.link and storable(item.link),
        "published_at": item.published_at,
        "published_raw": item.published_raw,
        "summary": item.summary,
        "fingerprint": fingerprint(item),
        "first_seen_at": now,
        "attempts": 0,
        "record": item.record and RECORD.dump(item.record),
        "last_dated": item.last_dated,
    }


def _polled(row: Any) -> Polled:
    values = dict(row)
    validators = Validators(etag=values.pop("etag"), last_modified=values.pop("last_modified"))
    rests = tuple(
        (date.fromisoformat(first), date.fromisoformat(last)) for first, last in values.pop("rests") or ()
    )
    return Polled(source=values.pop("id"), validators=validators, rests=rests, **values)
