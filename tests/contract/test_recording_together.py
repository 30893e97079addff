"""What many polls want to record at once is written together, and each has its own success or failure."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from digest.errors import StoreUnavailable
from digest.sources import Polled
from digest.store.sql import SqlStore

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def fails_once_more(source: str, polled: Polled | None) -> Polled:
    return Polled(source=source, next_poll_at=NOW, failures=polled.failures + 1 if polled else 1)


def goes_wrong(_: Polled | None) -> Polled:
    raise KeyError("a fault of ours")


def cannot_be_stored(polled: Polled | None) -> Polled:
    return Polled(source="refused", next_poll_at=NOW.replace(tzinfo=None))  # naive


async def test_nothing_is_lost_of_what_is_recorded_at_once(store: SqlStore) -> None:
    commits = 0

    @event.listens_for(store.database.engine.sync_engine, "commit")
    def _count(_: Any) -> None:
        nonlocal commits
        commits += 1

    names = [f"s{n % 5}" for n in range(50)]
    await asyncio.gather(*(store.sources.record(name, partial(fails_once_more, name)) for name in names))

    assert {p.source: p.failures for p in await store.sources.polled()} == {f"s{n}": 10 for n in range(5)}
    assert commits < 10


async def test_a_failure_is_its_own(store: SqlStore) -> None:
    results = await asyncio.gather(
        store.sources.record("a", partial(fails_once_more, "a")),
        store.sources.record("wrong", goes_wrong),
        store.sources.record("refused", cannot_be_stored),
        store.sources.record("b", partial(fails_once_more, "b")),
        return_exceptions=True,
    )

    assert [type(result) for result in results[:2]] == [type(None), KeyError]
    assert isinstance(results[2], Exception)
    assert results[3] is None
    assert {p.source for p in await store.sources.polled()} == {"a", "b"}


async def test_one_who_stops_waiting_stops_no_other(store: SqlStore) -> None:
    names = [f"s{n}" for n in range(9)]
    waiting = [asyncio.create_task(store.sources.record(n, partial(fails_once_more, n))) for n in names]
    await asyncio.sleep(0)
    waiting[0].cancel()  # it records for all
    waiting[4].cancel()
    async with asyncio.timeout(30):
        results = await asyncio.gather(*waiting, return_exceptions=True)

    told = {name for name, result in zip(names, results, strict=True) if result is None}
    assert told >= set(names) - {"s0", "s4"}
    assert told <= {p.source for p in await store.sources.polled()}


async def test_an_outage_is_told_to_all_who_wait(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_: Any) -> Any:
        raise StoreUnavailable("the database is away")

    monkeypatch.setattr(store.sources._database, "write_at_once", away)
    results = await asyncio.gather(
        *(store.sources.record(n, partial(fails_once_more, n)) for n in ("a", "b", "c")),
        return_exceptions=True,
    )

    assert [type(result) for result in results] == [StoreUnavailable] * 3
