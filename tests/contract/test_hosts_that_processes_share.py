"""Several processes that poll on one database ask each host as politely as one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from clocks import Clock
from feed_cases import BEGIN, ELSEWHERE, HERE, MINUTE, Stage, a_feed, stage
from servers.publisher import Publisher, say, when
from sqlalchemy import event

from digest.adapters.http.fetcher import HttpFetcher
from digest.adapters.http.politeness import Shut, Turns
from digest.jobs.poll import Poller
from digest.jobs.rooms import UnderWay
from digest.ports import Fetched, HostShut, Unreached
from digest.store.database import Database
from digest.store.sql import SqlStore

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def not_at_all(_: float) -> None:
    await asyncio.sleep(0)


def turns(store: SqlStore, clock: Clock, pause: timedelta = timedelta(0)) -> Turns:
    return Turns(pause=pause, sleep=not_at_all, clock=clock, hosts=store.hosts)


async def asks(turns: Turns, host: str = "example.org", limit: timedelta | None = None) -> Shut | None:
    async with turns.turn(host, limit=limit) as shut:
        return shut


@asynccontextmanager
async def fetcher(store: SqlStore, clock: Clock) -> AsyncIterator[HttpFetcher]:
    async with HttpFetcher(
        contact="https://digest.example.org/",
        clock=clock,
        pause=timedelta(0),
        allow_private=True,
        sleep=not_at_all,
        hosts=store.hosts,
    ) as it:
        yield it


async def test_one_process_at_a_time_asks_a_host(store: SqlStore) -> None:
    clock = Clock(NOW)
    one, other = turns(store, clock), turns(store, clock)

    assert await asks(one) is None
    assert await asks(one) is None
    shut = await asks(other)
    assert shut is not None
    assert "another process" in shut.reason
    assert await asks(other, "elsewhere.example.org") is None

    clock.at += shut.wait  # nobody asked meanwhile
    assert await asks(other) is None
    assert await asks(one) is not None


async def test_hosts_are_given_back_once_the_pause_is_over(store: SqlStore) -> None:
    clock = Clock(NOW)
    one, other = turns(store, clock, timedelta(seconds=20)), turns(store, clock, timedelta(seconds=20))
    await asks(one)
    await one.release()

    shut = await asks(other)
    assert shut is not None
    assert shut.wait == timedelta(seconds=20)
    clock.at += shut.wait
    assert await asks(other) is None


async def test_a_host_that_sends_a_large_file_is_left_to_the_process_that_reads_it(store: SqlStore) -> None:
    clock, long = Clock(NOW), timedelta(minutes=10)
    one = turns(store, clock)
    await asks(one)
    await asks(one, limit=long)

    clock.at += long
    assert await asks(turns(store, clock)) is not None
    clock.at += long
    assert await asks(turns(store, clock)) is None


async def test_a_process_that_dies_keeps_no_host_for_long(store: SqlStore) -> None:
    clock = Clock(NOW)
    await asks(turns(store, clock))

    clock.at += timedelta(minutes=2)
    assert await asks(turns(store, clock)) is None


async def test_a_lease_from_before_the_clock_was_set_back_holds_nothing(store: SqlStore) -> None:
    clock = Clock(NOW)
    one = turns(store, clock)
    await asks(one)

    clock.at = NOW - timedelta(days=1)
    assert await asks(turns(store, clock)) is None
    assert await asks(one) is not None


async def test_a_wait_that_a_host_asks_for_counts_for_all_and_after_a_restart(store: SqlStore) -> None:
    clock = Clock(NOW)
    async with Publisher(say(503, Retry_After="3600"), say(200, b"x")) as publisher:
        async with fetcher(store, clock) as one:
            assert isinstance(await one.fetch(publisher.url()), Unreached)
        async with fetcher(store, clock) as other:
            for minutes in (0, 30, 59):
                clock.at = NOW + timedelta(minutes=minutes)
                outcome = await other.fetch(publisher.url("/other"))
                assert isinstance(outcome, HostShut)
                assert "asked to be left alone" in outcome.reason
            assert publisher.connections == 1
            clock.at = NOW + timedelta(minutes=60)
            assert isinstance(await other.fetch(publisher.url()), Fetched)


async def test_asking_costs_a_write_a_minute_and_not_one_a_request(store: SqlStore) -> None:
    clock = Clock(NOW)
    one = turns(store, clock)
    await one.claim({f"{n}.example.org": None for n in range(50)})
    writes = _writes(store.database)
    for _ in range(20):
        for n in range(50):
            await asks(one, f"{n}.example.org")

    assert writes == []


async def test_two_processes_that_want_the_same_hosts_share_them_out(store: SqlStore) -> None:
    clock = Clock(NOW)
    names = [f"{n}.example.org" for n in range(30)]
    pollers = [turns(store, clock) for _ in range(3)]

    async def claims(one: Turns, wanted: list[str]) -> frozenset[str]:
        return await one.claim(dict.fromkeys(wanted))

    got = await asyncio.gather(
        *(claims(p, names[::step]) for p, step in zip(pollers, (1, -1, 1), strict=True))
    )

    assert sorted(name for one in got for name in one) == sorted(names)


# -- pollers ---------------------------------------------------------------------------------------------


async def test_a_slow_source_is_polled_once_while_the_others_go_on(store: SqlStore) -> None:
    """By the next looks of this process and of another; the first look still waits for it."""
    over = asyncio.Event()
    sources = {"slow": HERE, "quick": ELSEWHERE}
    async with AsyncExitStack() as stack:
        played = await stack.enter_async_context(stage("", store, sources=sources))
        answer = say(200, a_feed("a"))
        played.publisher.routes |= {"/slow": when(over, answer), "/quick": answer}
        other = await _beside(stack, played)
        first = asyncio.create_task(played.poller.poll())
        async with asyncio.timeout(20):
            while not await _was_polled(store, "quick"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

            for poller in (played.poller, other):
                assert await poller.poll() == ()
            played.clock.at += 31 * MINUTE  # the leases have run out; this process looks first
            assert [p.source.id for p in await played.poller.poll()] == ["quick"]
            assert await other.poll() == ()
            assert not first.done()

            over.set()
            assert sorted(p.source.id for p in await first) == ["quick", "slow"]

    assert sum(" /slow " in head for head in played.publisher.requests) == 1
    assert sum(" /quick " in head for head in played.publisher.requests) == 2


async def test_each_poll_is_heard_of_before_the_slowest_ends(store: SqlStore) -> None:
    over, heard = asyncio.Event(), asyncio.Event()

    async def hear(polling: Any) -> None:
        if polling.source.id == "quick":
            heard.set()

    async with stage("", store, sources={"slow": HERE, "quick": ELSEWHERE}) as played:
        answer = say(200, a_feed("a"))
        played.publisher.routes |= {"/slow": when(over, answer), "/quick": answer}
        polling = asyncio.create_task(played.poller.poll(hear))
        await asyncio.wait_for(heard.wait(), 20)
        assert not polling.done()
        over.set()
        await polling


async def test_a_poll_that_is_cancelled_can_be_begun_again(store: SqlStore) -> None:
    over = asyncio.Event()
    async with stage("", store) as played:
        played.publisher.routes["/feed"] = when(over, say(200, a_feed("a")))
        polling = asyncio.create_task(played.poller.poll())
        async with asyncio.timeout(20):
            while not played.publisher.requests:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        polling.cancel()
        await asyncio.wait([polling])
        over.set()

        assert [p.trouble for p in await played.poller.poll()] == [None]
        assert await played.items() == [("a", "baseline")]


async def test_a_source_may_have_a_pause_of_its_own(store: SqlStore) -> None:
    asked: list[dict[str, timedelta | None]] = []
    async with stage("", store, sources={"a": HERE, "b": HERE, "c": ELSEWHERE}) as played:
        claim = played.poller.hosts.claim

        async def claims(hosts: dict[str, timedelta | None]) -> frozenset[str]:
            asked.append(hosts)
            return await claim(hosts)

        hosts = type("Hosts", (), {"claim": staticmethod(claims)})()
        slow = tuple(_with_pause(s, {"a": 7, "b": 9}.get(s.id)) for s in played.poller.sources)
        await replace(played.poller, hosts=hosts, sources=slow).poll()

    assert asked == [{HERE: timedelta(seconds=9), ELSEWHERE: None}]


async def test_where_a_source_has_moved_for_good_is_kept_and_told_once(store: SqlStore, caplog: Any) -> None:
    async with stage("", store) as played:
        here = played.publisher.url("/new")
        played.publisher.routes |= {
            "/feed": say(301, Location="/new"),
            "/new": say(200, a_feed("a"), ETag='"1"'),
        }
        await played.poll(BEGIN)
        played.publisher.routes["/new"] = say(304)
        await played.poll(BEGIN + 31 * MINUTE)
        assert (await played.polled()).moved_to == here
        assert sum("moved permanently" in record.message for record in caplog.records) == 1
        assert played.asked_for("/feed") == [timedelta(0), 31 * MINUTE]  # the operator's address, each time

        played.publisher.routes["/feed"] = say(200, a_feed("a"))
        await played.poll(BEGIN + 62 * MINUTE)
        assert (await played.polled()).moved_to is None


def _with_pause(source: Any, seconds: int | None) -> Any:
    return source if seconds is None else replace(source, per_host=timedelta(seconds=seconds))


async def _beside(stack: AsyncExitStack, played: Stage) -> Poller:
    """A poller of another process, on the same database and clock."""
    hosts = await stack.enter_async_context(fetcher(played.store, played.clock))
    return replace(played.poller, hosts=hosts, under_way=UnderWay())


async def _was_polled(store: SqlStore, source: str) -> bool:
    return any(p.source == source and p.checked_at for p in await store.sources.polled())


def _writes(database: Database) -> list[str]:
    """The statements that change a row from now on."""
    found: list[str] = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def _note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            found.append(statement)

    return found


async def test_since_when_a_robots_txt_cannot_be_read_counts_for_all_and_after_a_restart(
    store: SqlStore,
) -> None:
    days = [NOW + timedelta(days=n) for n in (0, 1, 6, 12)]
    assert [await store.hosts.undefined_since("https://example.org", at) for at in days] == [NOW] * 4
    assert await store.hosts.undefined_since("https://other.example", days[1]) == days[1]

    await store.hosts.defined("https://example.org")
    assert await store.hosts.undefined_since("https://example.org", days[3]) == days[3]


async def test_a_robots_txt_that_nobody_asked_for_meanwhile_was_not_unreadable_meanwhile(
    store: SqlStore,
) -> None:
    later = NOW + timedelta(days=8)
    await store.hosts.undefined_since("https://example.org", NOW)
    assert await store.hosts.undefined_since("https://example.org", later) == later
