"""What goes wrong at one item, host or line stays there: the others are read, and all is asked again."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest
from feed_cases import BEGIN, ELSEWHERE, HERE, MINUTE, Inline, Stage, a_feed, a_report, stage
from servers.publisher import drop, say
from sqlalchemy import select, text

from digest.adapters.workers import ProcessWorkers
from digest.errors import StoreUnavailable
from digest.jobs.not_read import TRIES
from digest.jobs.publish import notes
from digest.sources import failed
from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.store.tables import items, pages

HALF_AN_HOUR: Final = 30 * MINUTE
HTML: Final = {"Content_Type": "text/html"}


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


@pytest.fixture(autouse=True)
async def _unrefused(database: Database) -> AsyncIterator[None]:
    """The same database is lent to other tests afterwards: rules do not stay."""
    yield
    if not database.file:
        for table in ("items", "pages"):
            await unrefused(database, table)


async def unrefused(database: Database, table: str) -> None:
    dropped = f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS refuse"
    async with database.write() as connection:
        await connection.execute(text("DROP TRIGGER refuse" if database.file else dropped))


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


@pytest.mark.parametrize("where", ["title", "opening", "end", "feed"])
async def test_a_nul_is_left_out_wherever_it_stands(store: SqlStore, where: str) -> None:
    async with baselined(store) as made:
        lists(made, "a")
        body = a_report("a")
        if where == "feed":
            feed = a_feed("a", "Known").replace(b"<title>a<", b"<title>\0a<")
            made.publisher.routes["/feed"] = say(200, feed)
        else:
            opening = {"title": b"<title>", "opening": b"<p>", "end": b"next visit"}[where]
            body = body.replace(opening, opening + b"\0")
        made.publisher.routes["/a"] = say(200, body, **HTML)
        await made.poll(BEGIN + HALF_AN_HOUR)

        assert await made.items() == [("Known", "baseline"), ("a", "read")]


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


# -- hosts that ask us to wait --------------------------------------------------------------------------


async def test_a_host_that_asks_us_to_wait_is_left_alone_and_no_try_is_counted(
    store: SqlStore,
) -> None:
    """A page asks; the host's other page and its other feed wait as well, and another host does not."""
    async with baselined(store, feed=HERE, second=HERE, other=ELSEWHERE) as made:
        lists(made, "a", "b")
        made.publisher.routes["/a"] = say(503, Retry_After="7200")
        everything = made.poller.sources
        made.poller = replace(made.poller, sources=everything[:1])
        [polling] = await made.poll(BEGIN + HALF_AN_HOUR)
        assert (polling.trouble, made.asked_for("/a"), made.asked_for("/b")) == (None, [HALF_AN_HOUR], [])

        made.poller = replace(made.poller, sources=everything)
        await made.poll(BEGIN + 2 * HALF_AN_HOUR)
        asked = [path for at, path in made.asked if at == BEGIN + 2 * HALF_AN_HOUR]
        assert asked == ["/other"]
        second = await made.polled("second")
        assert (second.failures, second.trouble) == (0, "127.0.0.1 asked to be left alone")
        assert second.next_poll_at == BEGIN + HALF_AN_HOUR + timedelta(hours=2)
        assert await tries(store, "a", "b") == [1, 0]

        made.publisher.routes["/a"] = say(200, a_report("a"), **HTML)
        await made.poll(BEGIN + 6 * HALF_AN_HOUR)
        assert {("a", "read"), ("b", "read")} <= set(await made.items())
        assert (await made.polled("second")).trouble is None


async def tries(store: SqlStore, *titles: str) -> list[int]:
    query = select(items.c.attempts).where(items.c.title.in_(titles)).order_by(items.c.title)
    async with store.database.read() as connection:
        return list((await connection.execute(query)).scalars())


async def test_the_wait_that_a_page_asks_for_is_stored_with_it(store: SqlStore) -> None:
    """So that it counts after a restart as well."""
    async with baselined(store) as made:
        lists(made, "a")
        made.publisher.routes["/a"] = say(429, Retry_After="86400")
        await made.poll(BEGIN + HALF_AN_HOUR)

        async with store.database.read() as connection:
            query = select(items.c.retry_at).where(items.c.title == "a")
            assert (await connection.execute(query)).scalar_one() == BEGIN + HALF_AN_HOUR + timedelta(days=1)


async def test_a_page_that_shuts_its_host_every_day_lets_the_others_go_first(store: SqlStore) -> None:
    async with baselined(store) as made:
        lists(made, "a", "b")
        made.publisher.routes["/a"] = say(503, Retry_After="864000")
        for day in range(3):
            await made.poll(BEGIN + HALF_AN_HOUR + timedelta(days=day))

        assert [path for _, path in made.asked if path in ("/a", "/b")] == ["/a", "/b", "/a", "/a"]
        assert await made.items() == [("Known", "baseline"), ("a", "listed"), ("b", "read")]


# -- our own line ---------------------------------------------------------------------------------------


async def test_when_our_line_is_back_all_sources_are_asked_and_no_page_has_paid_for_it(
    store: SqlStore,
) -> None:
    """It is down for three hours from 09:00: the backoff of both sources reaches far beyond that."""
    down, back = BEGIN + 2 * HALF_AN_HOUR, BEGIN + 8 * HALF_AN_HOUR
    async with baselined(store, here=HERE, there=ELSEWHERE) as made:
        lists(made, "a", source="here")
        made.publisher.routes["/a"] = say(503)
        await made.poll(BEGIN + HALF_AN_HOUR)
        routes = dict(made.publisher.routes)
        made.publisher.routes.update(dict.fromkeys(routes, drop()))
        for tick in range(36):
            await made.poll(down + tick * 5 * MINUTE)
        assert min([(await made.polled(name)).next_poll_at for name in ("here", "there")]) > back
        assert await tries(store, "a") <= [3]
        said = await notes(made.poller.sources, store, back)  # what the edition tells its readers
        assert [(note.name, note.health(back).read) for note in said] == [("Here", False), ("There", False)]

        made.publisher.routes |= routes | {"/a": say(200, a_report("a"), **HTML)}
        await made.poll(back)

        for name in ("here", "there"):
            memory = await made.polled(name)
            assert (memory.checked_at, memory.failures, memory.trouble) == (back, 0, None)
        assert ("a", "read") in await made.items()
