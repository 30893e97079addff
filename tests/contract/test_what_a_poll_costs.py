"""How often a poll of a feed with one new entry asks the database: numbers, which no busy machine changes."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import aiosqlite
import pytest
from feed_cases import BEGIN, MINUTE, a_feed, stage
from servers.publisher import say
from sqlalchemy import Connection, event, select

from digest.sources import Polled
from digest.store.sql import SqlStore
from digest.store.tables import heartbeats

POLLS = 20
STATEMENTS_OF_A_POLL = 11
STATEMENTS_OF_A_TURN = 4
TRIPS_OF_A_POLL = 4  # what is known of its entries, what is new, what waits to be read, what is read again
TRIPS_OF_A_TURN = 6
TRIPS_OF_A_CONNECTION = 8  # when it is opened


def held(polled: Polled | None) -> Polled:
    assert polled is not None
    return replace(polled, held_at=BEGIN)  # what is new is stored, and no page is read


@contextmanager
def counted(store: SqlStore) -> Iterator[Counter[str]]:
    """Statements (BEGIN and COMMIT are none), and trips to the threads of connections to SQLite."""
    counts: Counter[str] = Counter()
    engine, execute = store.database.engine.sync_engine, aiosqlite.Connection._execute

    def statement(_c: Any, _k: Any, words: str, *_: Any) -> None:
        counts["statements"] += not words.startswith("BEGIN")

    async def trip(connection: Any, *given: Any, **named: Any) -> Any:
        counts["trips"] += 1
        return await execute(connection, *given, **named)

    event.listen(engine, "before_cursor_execute", statement)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.Connection, "_execute", trip)
        yield counts
    event.remove(engine, "before_cursor_execute", statement)


async def test_a_changed_feed_costs_few_statements_and_on_sqlite_four_trips(store: SqlStore) -> None:
    names = {f"feed{n}": "localhost" for n in range(POLLS)}
    async with stage("", store, sources=names) as played:
        for name in names:
            played.publisher.routes[f"/{name}"] = say(200, a_feed("a", "b"))
        await played.poll(BEGIN)
        for name in names:
            await store.sources.record(name, held)
            played.publisher.routes[f"/{name}"] = say(200, a_feed("new", "a", "b"))
        with counted(store) as counts:
            polled = await played.poll(BEGIN + 31 * MINUTE)

        assert [polling.held for polling in polled] == [1] * POLLS
        assert counts["statements"] <= STATEMENTS_OF_A_TURN + POLLS * STATEMENTS_OF_A_POLL
        most = TRIPS_OF_A_TURN + TRIPS_OF_A_CONNECTION + POLLS * TRIPS_OF_A_POLL
        assert counts["trips"] <= (most if store.database.file else 0)


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_who_is_cancelled_in_a_trip_waits_until_it_has_ended(store: SqlStore) -> None:
    begun, may_end, done = threading.Event(), threading.Event(), []

    def work(connection: Connection) -> None:
        begun.set()
        may_end.wait(30)
        connection.execute(heartbeats.insert().values(id=7, beats=1))
        done.append("written")

    event.listen(store.database.engine.sync_engine, "rollback", lambda _: done.append("rolled back"))
    writing = asyncio.create_task(store.database.write_at_once(work))
    await asyncio.to_thread(begun.wait, 30)
    for _ in range(3):
        writing.cancel()
        await asyncio.sleep(0)
    assert not writing.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await writing

    assert done == ["written"]
    async with store.database.read() as connection:  # the connection is free, and in no transaction
        assert (await connection.execute(select(heartbeats.c.beats).filter_by(id=7))).scalars().all() == [1]


async def test_work_that_raises_leaves_nothing_behind(store: SqlStore) -> None:
    def work(connection: Connection) -> None:
        connection.execute(heartbeats.insert().values(id=7, beats=1))
        raise KeyError("ours")

    with pytest.raises(KeyError):
        await store.database.write_at_once(work)

    def count(connection: Connection) -> int:
        return len(connection.execute(select(heartbeats).filter_by(id=7)).all())

    assert await store.database.read_at_once(count) == 0


async def test_work_that_raises_what_no_future_takes_is_an_error_and_no_endless_wait(store: SqlStore) -> None:
    def work(_: Connection) -> None:
        next(iter(()))

    async with asyncio.timeout(30):
        with pytest.raises((RuntimeError, StopIteration)):
            await store.database.read_at_once(work)
