"""Nothing poisons a source: what one item raises is its own trouble, and the others are read."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest
from feed_cases import BEGIN, MINUTE, Inline, Stage, a_report, stage
from servers.publisher import say
from sqlalchemy import select, text

from digest.adapters.workers import ProcessWorkers
from digest.errors import StoreUnavailable
from digest.jobs.read import TRIES
from digest.sources import failed
from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.store.tables import pages

HALF_AN_HOUR: Final = 30 * MINUTE
HTML: Final = {"Content_Type": "text/html"}


def a_feed(*names: str) -> bytes:
    entries = (f"<item><title>{n}</title><link>/{n}</link><guid>{n}</guid></item>" for n in names)
    return f"<rss version='2.0'><channel><title>Visits</title>{''.join(entries)}</channel></rss>".encode()


@asynccontextmanager
async def baselined(store: SqlStore, **sources: str) -> AsyncIterator[Stage]:
    """Sources that have listed one item, which is their baseline."""
    async with stage("baseline-lost", store, sources=sources or None) as made:
        for name in sources or ("feed",):
            made.publisher.routes[f"/{name}"] = say(200, a_feed("Known"))
        await made.poll(BEGIN)
        yield made


def lists(made: Stage, *names: str, source: str = "feed") -> None:
    """From now on the source lists these items, each with a page that can be read."""
    made.publisher.routes[f"/{source}"] = say(200, a_feed(*names, "Known"))
    for name in names:
        made.publisher.routes.setdefault(f"/{name}", say(200, a_report(name), **HTML))


async def refuse(database: Database, table: str, column: str, value: str) -> None:
    """From now on the database refuses rows of a table with this value."""
    if database.file:
        rule = (
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table} WHEN NEW.{column} = {value} "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    else:
        rule = f"ALTER TABLE {table} ADD CONSTRAINT refuse CHECK ({column} <> {value}) NOT VALID"
    async with database.write() as connection:
        await connection.execute(text(rule))


async def unrefused(database: Database, table: str) -> None:
    rule = "DROP TRIGGER refuse" if database.file else f"ALTER TABLE {table} DROP CONSTRAINT refuse"
    async with database.write() as connection:
        await connection.execute(text(rule))


async def test_an_item_that_the_database_refuses_loses_no_other_and_is_asked_for_again(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with baselined(store) as made:
        lists(made, "a", "b")
        await refuse(store.database, "items", "title", "'a'")
        [polling] = await made.poll(BEGIN + HALF_AN_HOUR)

        assert (polling.trouble, polling.listed) == (None, 1)
        assert await made.items() == [("Known", "baseline"), ("b", "read")]
        assert "item not stored" in caplog.messages

        await unrefused(store.database, "items")
        await made.poll(BEGIN + 2 * HALF_AN_HOUR)
        assert await made.items() == [("Known", "baseline"), ("a", "read"), ("b", "read")]


async def test_a_reading_that_the_database_refuses_is_counted_and_parked_and_the_next_is_stored(
    store: SqlStore,
) -> None:
    async with baselined(store) as made:
        lists(made, "a", "b")
        await refuse(store.database, "pages", "content_type", "'text/poison'")
        made.publisher.routes["/a"] = say(200, a_report("a"), Content_Type="text/poison")
        [polling] = await made.poll(BEGIN + HALF_AN_HOUR)
        assert polling.trouble is None
        assert await made.items() == [("Known", "baseline"), ("a", "listed"), ("b", "read")]

        for tries in range(2, TRIES + 1):
            await made.poll(BEGIN + tries * timedelta(hours=7))
        assert await made.items() == [("Known", "baseline"), ("a", "parked"), ("b", "read")]


class Killed(Inline):
    """Workers, of which one is killed whenever it reads a page with the word "poison" in it."""

    def __init__(self, workers: ProcessWorkers) -> None:
        self._workers = workers

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if args and b"poison" in getattr(args[0], "body", b""):
            return await self._workers.run(os.abort)
        return await super().run(function, *args, **kwargs)


async def test_a_page_that_kills_its_worker_is_put_off_and_the_next_is_read(store: SqlStore) -> None:
    async with baselined(store) as made, ProcessWorkers(processes=1) as workers:
        reader = replace(made.poller.reader, workers=Killed(workers))
        made.poller = replace(made.poller, reader=reader)
        lists(made, "a", "b")
        made.publisher.routes["/a"] = say(200, a_report("poison"), **HTML)

        [polling] = await made.poll(BEGIN + HALF_AN_HOUR)

        assert polling.trouble is None
        assert await made.items() == [("Known", "baseline"), ("a", "listed"), ("b", "read")]


async def test_a_content_type_of_octets_that_are_no_text_is_stored(store: SqlStore) -> None:
    async with baselined(store) as made:
        lists(made, "a")
        made.publisher.routes["/a"] = say(200, a_report("a"), Content_Type="text/html; x=\udcff")
        await made.poll(BEGIN + HALF_AN_HOUR)

        assert await made.items() == [("Known", "baseline"), ("a", "read")]
        async with store.database.read() as connection:
            assert "\ufffd" in (await connection.execute(select(pages.c.content_type))).scalar_one()


async def test_a_trouble_that_cannot_be_noted_keeps_no_other_item_from_being_read(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(*_: Any, **__: Any) -> None:
        raise RuntimeError("it cannot be written")

    async with baselined(store) as made:
        lists(made, "a", "b")
        made.publisher.routes["/a"] = say(410)
        monkeypatch.setattr(store.items, "put_off", refuses)
        [polling] = await made.poll(BEGIN + HALF_AN_HOUR)

        assert polling.trouble is None
        assert await made.items() == [("Known", "baseline"), ("a", "listed"), ("b", "read")]


async def test_a_database_that_takes_nothing_is_no_items_trouble(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No try is counted, and no more pages are asked for."""

    async def away(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("the database is locked")

    async with baselined(store) as made:
        lists(made, "a", "b")
        with monkeypatch.context() as patch:
            for name in ("file", "put_off"):
                patch.setattr(store.items, name, away)
            [polling] = await made.poll(BEGIN + HALF_AN_HOUR)
        assert polling.trouble is not None
        assert made.asked_for("/b") == []

        [polling] = await made.poll(BEGIN + 3 * HALF_AN_HOUR)
        assert await made.items() == [("Known", "baseline"), ("a", "read"), ("b", "read")]


async def test_a_poll_that_fails_overwrites_nothing_that_another_has_written(store: SqlStore) -> None:
    async with baselined(store) as made:
        good = await made.polled()
        after = partial(failed, made.poller.sources[0], trouble="no answer", now=BEGIN + MINUTE)

        await store.sources.record("feed", after)

        bad = await made.polled()
        assert (bad.failures, bad.trouble) == (1, "no answer")
        assert (bad.baselined_at, bad.full_at) == (good.baselined_at, good.full_at)
