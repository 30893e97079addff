"""What is stored of a source's items that a poll compares its list with, within one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from typing import Final, TypeVar

from sqlalchemy import Connection, bindparam, func, select

from digest.admission import TITLES_REMEMBERED, Memory
from digest.identity import Fresh, Seen, Stored
from digest.rhythm import REMEMBERED
from digest.sources import Polled
from digest.store.members.rows import CHUNK
from digest.store.tables import ItemState, item_keys, items
from digest.store.tables.columns import utc_day

T = TypeVar("T")

_NEWS: Final = (ItemState.LISTED, ItemState.READ, ItemState.PARKED)
"""The states of items that were news when they were first listed."""

_MOST_NAMED: Final = 400
"""More keys than this are not named in a query; all keys of the source are read."""


def seen_of(connection: Connection, source: str, keys: Collection[str] | None) -> Seen:
    if keys is None or len(keys) > _MOST_NAMED:
        rows = connection.execute(_KEYS, {"source": source})
    else:
        rows = connection.execute(NAMED_KEYS, {"source": source, "keys": list(keys)})
    found = {key: id for key, id in rows if keys is None or key in keys}
    return Seen(keys=found, items=_stored(connection, source, set(found.values())))


def _stored(connection: Connection, source: str, ids: Collection[int]) -> dict[int, Stored]:
    if not ids:
        return {}
    if len(ids) > _MOST_NAMED:
        rows = connection.execute(_ITEMS, {"source": source})
    else:
        rows = connection.execute(_NAMED_ITEMS, {"source": source, "ids": list(ids)})
    return {row["id"]: Stored(**row) for row in rows.mappings() if row["id"] in ids}


def memory_of(
    connection: Connection, source: str, before: Polled | None, fresh: Sequence[Fresh], now: datetime
) -> Memory:
    if before is None or not fresh:
        return Memory(polled=before)
    return Memory(
        polled=before,
        days=new_by_day(connection, now - REMEMBERED, source).get(source, {}),
        titles=_Asked(partial(_titles, connection, source, fresh, now)),
        lately=_Asked(partial(_lately, connection, source, now)),
        unfinished=_unfinished(connection, before),
    )


class _Asked(Collection[T]):
    """Rows that are read when they are first needed, which is seldom: within the transaction only."""

    def __init__(self, read: Callable[[], Collection[T]]) -> None:
        self._read = read

    @cached_property
    def _rows(self) -> Collection[T]:
        return self._read()

    def __contains__(self, one: object) -> bool:
        return one in self._rows

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _titles(connection: Connection, source: str, fresh: Sequence[Fresh], now: datetime) -> frozenset[str]:
    titles, found = [one.item.title for one in fresh], set[str]()
    for start in range(0, len(titles), CHUNK):
        asked = {"source": source, "titles": titles[start : start + CHUNK], "since": now - TITLES_REMEMBERED}
        found |= set(connection.execute(_SAME_TITLES, asked).scalars())
    return frozenset(found)


def _lately(connection: Connection, source: str, now: datetime) -> list[datetime | None]:
    asked = {"source": source, "since": now - timedelta(days=1)}
    return list(connection.execute(_LATELY, asked).scalars())


def _unfinished(connection: Connection, before: Polled) -> int:
    """How many items were stored since the last list was recorded: a list in parts is recorded at its end."""
    if before.full_at is None:
        return 0
    asked = {"source": before.source, "since": before.full_at}
    return int(connection.execute(_UNFINISHED, asked).scalar_one())


def new_by_day(connection: Connection, since: datetime, source: str | None) -> dict[str, dict[date, int]]:
    asked = {"since": since} if source is None else {"since": since, "source": source}
    found: dict[str, dict[date, int]] = {}
    for of, day, count in connection.execute(_NEW_BY_DAY if source is None else _OWN_NEW_BY_DAY, asked):
        found.setdefault(of, {})[day] = count
    return found


# Built once: to build a statement takes longer than to run it.
_KEYS: Final = select(item_keys.c.key, item_keys.c.item_id).where(
    item_keys.c.source_id == bindparam("source")
)
NAMED_KEYS: Final = _KEYS.where(item_keys.c.key.in_(bindparam("keys", expanding=True)))
_OWN: Final = items.c.source_id == bindparam("source")
_ITEMS: Final = select(*(items.c[one.name] for one in fields(Stored))).where(_OWN)
_NAMED_ITEMS: Final = _ITEMS.where(items.c.id.in_(bindparam("ids", expanding=True)))
_SINCE: Final = items.c.first_seen_at > bindparam("since")
_SAME_TITLES: Final = select(items.c.title).where(
    _OWN, items.c.title.in_(bindparam("titles", expanding=True)), _SINCE
)
_LATELY: Final = select(items.c.published_at).where(_OWN, items.c.state.in_(_NEWS), _SINCE)
_UNFINISHED: Final = select(func.count()).where(_OWN, items.c.state != ItemState.BASELINE, _SINCE)
_DAY: Final = utc_day(items.c.first_seen_at).label("day")
_NEW_BY_DAY: Final = (
    select(items.c.source_id, _DAY, func.count())
    .where(items.c.first_seen_at >= bindparam("since"), items.c.state.in_(_NEWS))
    .group_by(items.c.source_id, _DAY)
)
_OWN_NEW_BY_DAY: Final = _NEW_BY_DAY.where(_OWN)
