"""Sources' memory between polls, and the items a poll brought."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from digest.admission import Admission, Admitted, Fate, Memory
from digest.characters import storable
from digest.errors import StoreError, StoreUnavailable
from digest.identity import Fresh, Known, Seen
from digest.items import Item, fingerprint
from digest.ports import TakenIn
from digest.sources import Polled, Validators
from digest.store.codec import RECORD
from digest.store.database import Database, insert_new, reason, wrote_new_at_once
from digest.store.known_items import NAMED_KEYS, memory_of, new_by_day, seen_of
from digest.store.tables import ItemState, item_keys, items, sources

_MOST_KEYS: Final = 24
"""An item learns no more keys than this: some sources write new ids with each build."""

T = TypeVar("T")

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
        return await self._database.read_at_once(_all)

    async def mark(self) -> str:
        return await self._database.read_at_once(_mark)

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
            failures = await self._database.write_at_once(partial(_record_all, batch=batch))
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
        return await self._database.read_at_once(partial(seen_of, source=source, keys=keys))

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
        return await self._database.read_at_once(partial(new_by_day, since=since, source=source))

    async def foresee(
        self,
        source: str,
        fresh: Sequence[Fresh],
        decide: Callable[[Memory], Admission],
        *,
        now: datetime,
    ) -> Admission:
        def decided(connection: Connection) -> Admission:
            row = connection.execute(select(sources).where(sources.c.id == source)).mappings().first()
            before = None if row is None else _polled(row)
            return decide(memory_of(connection, source, before, fresh, now))

        return await self._database.read_at_once(decided)

    async def take_in(
        self,
        source: str,
        fresh: Sequence[Fresh],
        decide: Callable[[Memory], Admission],
        *,
        now: datetime,
    ) -> TakenIn:
        def begin(write: _Write, connection: Connection) -> tuple[Admission, _Written]:
            before = locked(connection, source)
            admission = decide(memory_of(connection, source, before, fresh, now))
            if len(admission.items) <= AT_ONCE:
                remember(connection, admission.polled)
            first = replace(admission, items=admission.items[:AT_ONCE])
            return admission, write(connection, source, first, now)

        def go_on(chunk: Admission, write: _Write, connection: Connection) -> _Written:
            return write(connection, source, chunk, now)

        admission, (written, refused) = await self._somehow(begin)
        for start in range(AT_ONCE, len(admission.items), AT_ONCE):
            chunk = replace(admission, items=admission.items[start : start + AT_ONCE])
            more = await self._somehow(partial(go_on, chunk))
            written, refused = (*written, *more[0]), (*refused, *more[1])
        if len(admission.items) > AT_ONCE:
            # Only now: until all is stored, the next poll asks for the whole list again.
            await self.record(source, lambda before: decide(Memory(polled=before)).polled)
        return TakenIn(admission=replace(admission, items=written), refused=refused)

    async def _somehow(self, work: Callable[[_Write, Connection], T]) -> T:
        """Do work that writes items together; if the database refuses that, with one after the other."""
        try:
            return await self._database.write_at_once(partial(work, _together))
        except (SQLAlchemyError, ValueError, OverflowError, StoreUnavailable):
            return await self._database.write_at_once(partial(work, _one_by_one))


_Written: TypeAlias = tuple[tuple[Admitted, ...], tuple[tuple[Item, str], ...]]
"""The items that were stored, and those that the database refused, with its reasons."""

_Write: TypeAlias = Callable[[Connection, str, Admission, datetime], _Written]


def _all(connection: Connection) -> list[Polled]:
    return [_polled(row) for row in connection.execute(_SOURCES).mappings()]


_SOURCES: Final = select(sources)


def _mark(connection: Connection) -> str:
    return str(connection.scalar(_MARK) or "")


def _marking() -> Select[Any]:
    """One text of all that is told of the health of sources: the database makes it ten times as fast."""
    own = sources.c
    told = (own.began_at, own.baselined_at, own.checked_at, own.full_at, own.trouble, own.refused)
    said: ColumnElement[str] = own.id
    for column in (*told, own.listed, own.slow, own.held_at, own.paused_at, own.paused_until):
        said = said.concat("|").concat(func.coalesce(cast(column, Text), ""))
    each = select(said.label("said")).order_by(own.id).subquery()
    return select(func.aggregate_strings(each.c.said, "\n"))


_MARK: Final = _marking()


def _one_by_one(connection: Connection, source: str, admission: Admission, now: datetime) -> _Written:
    """Each item in a savepoint of its own: slower, but one that the database refuses loses no other."""
    written: list[Admitted] = []
    refused: list[tuple[Item, str]] = []
    for one in admission.items:
        try:
            with connection.begin_nested():
                stored, _ = _together(connection, source, replace(admission, items=(one,)), now)
                written += stored
        except (SQLAlchemyError, ValueError, OverflowError) as error:
            refused.append((one.fresh.item, reason(error)))
    return tuple(written), tuple(refused)


def locked(connection: Connection, source: str) -> Polled | None:
    """What is remembered of a source, with its row locked; None if it was never polled.

    The row is made if there is none, so that of two that poll a source first, one waits for the other.
    """
    found = _all_locked(connection, {source})
    return found[source]


def _all_locked(connection: Connection, names: Collection[str]) -> dict[str, Polled | None]:
    """As `locked`, of several sources."""
    rows = connection.execute(_LOCK, {"names": sorted(names)}).mappings()
    found: dict[str, Polled | None] = {row["id"]: _polled(row) for row in rows}
    for source in sorted(set(names) - set(found)):
        never = Polled(source=source, next_poll_at=_NEVER)
        if wrote_new_at_once(connection, sources, _row(never)):
            found[source] = None
        else:  # another process was quicker
            found |= _all_locked(connection, {source})
    return found


def remember(connection: Connection, polled: Polled) -> None:
    connection.execute(_UPDATE, _bound(polled))


# In one order, so that two processes that want the same sources never wait for each other.
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


def _record_all(
    connection: Connection, batch: Sequence[_ToRecord]
) -> list[tuple[asyncio.Future[None], Exception]]:
    """Remember what each caller makes of its source; the callers whose function raised, with the errors."""
    failures: list[tuple[asyncio.Future[None], Exception]] = []
    found = _all_locked(connection, {source for source, _, _ in batch})
    for source, after, done in batch:
        try:
            found[source] = after(found[source])
        except Exception as error:  # noqa: BLE001 - it is the caller's, who hears of it
            failures.append((done, error))
    if known := [_bound(one) for one in found.values() if one is not None]:
        connection.execute(_UPDATE, known)
    if unknown := [source for source, one in found.items() if one is None]:
        connection.execute(delete(sources).where(sources.c.id.in_(unknown)))
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
_INSERTION_OF_KEYS: Final = insert(item_keys)


def _together(connection: Connection, source: str, admission: Admission, now: datetime) -> _Written:
    """Store items that are ours: none of their keys was written by another worker since we looked."""
    keys = [key for one in admission.items for key in one.fresh.keys]
    asked = {"source": source, "keys": keys}
    taken = {row.key for row in connection.execute(NAMED_KEYS, asked)} if keys else set()
    free = tuple(one for one in admission.items if taken.isdisjoint(one.fresh.keys))
    if not free:
        return (), ()
    rows = [_item_row(source, one, now, shadow=admission.shadow) for one in free]
    # No database promises to return the rows in order, so what stands in a row tells which it is.
    found = connection.execute(_INSERTION, rows)
    ids: defaultdict[tuple[str, str | None, str | None], list[int]] = defaultdict(list)
    for row in found:
        ids[row.fingerprint, row.guid, row.link].append(row.id)
    own = [
        {"source_id": source, "key": key, "item_id": id, "since": now}
        for row, one in zip(rows, free, strict=True)
        for id in (ids[row["fingerprint"], row["guid"], row["link"]].pop(0),)
        for key in one.fresh.keys
    ]
    connection.execute(_INSERTION_OF_KEYS, own)
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
