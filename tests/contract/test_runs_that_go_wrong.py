"""A noon run while the disk, the database, the clock or one of its own connections gives out."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from clocks import Clock
from noon_run import (
    REFUSED,
    TAKEN,
    TIMETABLE,
    Noon,
    PlainRendition,
    nothing,
    plainly,
    with_a_story,
)
from sqlalchemy import select
from store_values import DAY, MINUTE, NOON, an_assembly, plan

from digest.adapters.journal import FileJournal
from digest.compose import Rendition, Tokens
from digest.deliveries import LATE_STORIES_MAX_AGE, Limits, Message, Pause, Settled, State
from digest.errors import ComposeError
from digest.jobs.publish import publish
from digest.sending.outbox import LEASE
from digest.sending.pace import SHORT_INTERVAL_SECONDS
from digest.sending.recovery import GRACE
from digest.store.sending import planning
from digest.store.sql import SqlStore
from digest.store.tables import deliveries
from digest.subscriptions import Subscription, Wishes

TOMORROW = DAY + timedelta(days=1)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def journal(tmp_path: Path) -> FileJournal:
    return FileJournal(tmp_path / "journal")


@pytest.fixture
def noon(store: SqlStore, clock: Clock, journal: FileJournal) -> Noon:
    return Noon(store, clock, journal)


@pytest.fixture
async def sealed(noon: Noon, subscribers: list[Subscription]) -> list[int]:
    """The subscribers that an edition with a story is planned for."""
    await noon.planned()
    return [one.subscriber for one in subscribers]


async def test_an_edition_that_was_never_planned_comes_with_the_next(
    store: SqlStore, subscribers: list[Subscription]
) -> None:
    """Sealed, then the machine was down until its time was over."""
    await store.editions.seal(with_a_story(), NOON)
    clock = Clock(NOON + ONE_DAY)

    await publish(TOMORROW, timetable=TIMETABLE, sources=(), store=store, clock=clock)

    batch = await store.deliveries.claim(TOMORROW, owner="w", now=clock.now(), lease=LEASE)
    assert batch is not None
    assert [one.missed for one in await store.deliveries.due_in(batch)] == [(DAY,)] * len(subscribers)


async def test_a_full_disk_keeps_nobody_waiting_longer_than_it_lasts(
    noon: Noon, sealed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    it = noon.deliverer()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.posix_fallocate", full)
        with pytest.raises(OSError, match="No space"):
            await it.deliver(DAY)
    await noon.looks(it)

    assert len(noon.relay.taken) == len(sealed)
    assert await noon.store.deliveries.held() == []


async def test_a_claim_whose_answer_was_lost_is_found_again(
    noon: Noon, sealed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    it = noon.deliverer()
    claim = noon.store.deliveries.claim

    async def lossy(*arguments: Any, **more: Any) -> None:
        await claim(*arguments, **more)
        raise ConnectionError("server closed the connection unexpectedly")

    with monkeypatch.context() as broken:
        broken.setattr(noon.store.deliveries, "claim", lossy)
        with pytest.raises(ConnectionError):
            await it.deliver(DAY)
    await noon.looks(it)

    assert len(noon.relay.taken) == len(sealed)


async def test_a_run_that_is_cut_off_while_it_lays_out_a_batch_strands_nobody(
    noon: Noon, sealed: list[int]
) -> None:
    laying_out = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(*_: object) -> Rendition:
        loop.call_soon_threadsafe(laying_out.set)
        time.sleep(0.2)
        return plainly()

    it = noon.deliverer(render=slowly)
    run = asyncio.create_task(it.deliver(DAY))
    await laying_out.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await noon.looks(replace(it, render=plainly))

    assert len(noon.relay.taken) == len(sealed)


async def test_nothing_begins_once_the_time_is_over_even_if_the_machine_slept(
    noon: Noon, sealed: list[int]
) -> None:
    """It wakes at tomorrow's noon, in mid-run: a copy begun now would be the second edition of that day."""

    async def sleep_until_tomorrow(_: str) -> None:
        noon.clock.at = NOON + ONE_DAY

    noon.relay.during = sleep_until_tomorrow
    await noon.deliverer().deliver(DAY)

    assert len(noon.relay.taken) == 1


async def test_nothing_begins_once_the_lease_is_over_even_if_the_database_hangs(
    noon: Noon, sealed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others have taken over by then; the word that shuts a worker out reaches no other machine."""
    hangs = asyncio.Event()
    record = noon.store.deliveries.record

    async def hanging(*arguments: Any, **more: Any) -> None:
        await hangs.wait()
        await record(*arguments, **more)

    async def outlast_the_lease(_: str) -> None:
        noon.clock.at = NOON + LEASE + GRACE

    noon.relay.during = outlast_the_lease
    monkeypatch.setattr(noon.store.deliveries, "record", hanging)
    run = asyncio.create_task(noon.deliverer().deliver(DAY))
    await noon.relay.took_one.wait()
    hangs.set()
    await run

    assert len(noon.relay.taken) == 1


async def test_a_surprise_on_one_connection_cuts_no_other_off(noon: Noon, sealed: list[int]) -> None:
    all_three = asyncio.Barrier(3)

    async def surprise(_: str) -> None:
        if await all_three.wait() == 0:
            raise RuntimeError("a surprise")
        await asyncio.sleep(0.05)

    noon.relay.during = surprise
    with pytest.raises(RuntimeError, match="a surprise"):
        await noon.deliverer(connections=3).deliver(DAY)

    assert noon.relay.cut == []
    assert (await noon.store.deliveries.tally(DAY))[State.UNKNOWN] == 1


async def test_a_worker_that_is_shut_out_finishes_what_is_under_way_and_begins_nothing(
    noon: Noon, sealed: list[int], tmp_path: Path
) -> None:
    others = FileJournal(tmp_path / "journal")
    both = asyncio.Barrier(2)

    async def shut_out(_: str) -> None:
        await both.wait()
        others.shut_out(noon.journal.owner)
        await asyncio.sleep(0.05)

    noon.relay.during = shut_out
    it = noon.deliverer(connections=2)
    await it.deliver(DAY)

    assert noon.relay.cut == []
    assert len(noon.relay.taken) == 2
    noon.relay.during = nothing
    await noon.looks(it)
    assert sorted(set(noon.relay.taken)) == sorted(noon.relay.taken)
    assert len(noon.relay.taken) == len(sealed)


async def test_a_pause_is_heeded_while_a_batch_is_laid_out(
    noon: Noon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second batch takes its time: everybody in it wishes for something else."""
    monkeypatch.setattr(planning, "BATCH", 20)
    for n in range(20):
        await noon.store.subscriptions.add(f"a{n}@example.org", Wishes(providers=("a",)), NOON - MINUTE)
    for n in range(20):
        await noon.store.subscriptions.add(f"b{n}@example.org", Wishes(providers=(f"b{n}",)), NOON - MINUTE)
    await noon.planned()
    rendered: list[Wishes] = []

    def slowly(_: object, wishes: Wishes, *__: object) -> Rendition:
        rendered.append(wishes)
        time.sleep(0.3)
        return plainly()

    async def pause(_: str) -> None:
        if len(noon.relay.taken) == 1:
            await noon.store.pauses.pause(Pause(since=NOON, by="ada", why="stop"))
        await asyncio.sleep(0.1)

    monkeypatch.setattr("digest.sending.copies.personal_edition", lambda edition, *_: edition)
    noon.relay.during = pause
    await noon.deliverer(render=slowly).deliver(DAY)

    assert len(rendered) < 20
    assert len(noon.relay.taken) < 40
    assert await noon.store.deliveries.held() == []


async def test_a_slow_domain_limit_is_used_to_its_full(noon: Noon, sealed: list[int]) -> None:
    """One a minute: some wait in hand, and the others come back one a minute behind them, all in one run."""
    limits = Limits(per_minute_and_domain=1)
    run = asyncio.create_task(noon.deliverer(limits=limits).deliver(DAY))
    await noon.relay.took_one.wait()
    await asyncio.sleep(0.05)

    noon.clock.at = NOON + 7 * timedelta(hours=1)  # the watch looks at it and ends the run
    await run
    in_hand, sent_away = 2, len(sealed) - 3
    tally = await noon.store.deliveries.tally(DAY)
    assert tally == {State.ACCEPTED: 1, State.PLANNED: in_hand, State.DEFERRED: sent_away}
    query = select(deliveries.c.retry_at).where(deliveries.c.state == State.DEFERRED)
    async with noon.store.database.read() as connection:
        back = sorted((await connection.execute(query)).scalars())
    turns = [NOON + (1 + in_hand + n) * MINUTE for n in range(sent_away)]
    assert all(abs(at - turn) < timedelta(seconds=10) for at, turn in zip(back, turns, strict=True))
    steps = [(later - earlier).total_seconds() for earlier, later in pairwise(back)]
    assert all(step < SHORT_INTERVAL_SECONDS for step in steps), "the run waits for each"


async def test_an_answer_that_comes_after_its_copy_was_carried_on_takes_that_back(
    store: SqlStore, sealed: list[int]
) -> None:
    batch = await store.deliveries.claim(DAY, owner="w", now=NOON, lease=LEASE)
    assert batch is not None
    due = await store.deliveries.due_in(batch)
    await store.editions.seal(an_assembly(TOMORROW), NOON + ONE_DAY)
    await plan(store, TOMORROW)

    taken = [Settled(delivery=one.delivery, answer=TAKEN, at=NOON, begun=True) for one in due]
    await store.deliveries.record(batch, taken, now=NOON + ONE_DAY, lease=None)

    next_one = await store.deliveries.claim(TOMORROW, owner="w", now=NOON + ONE_DAY, lease=LEASE)
    assert next_one is not None
    assert [one.missed for one in await store.deliveries.due_in(next_one)] == [()] * len(sealed)


async def test_who_refuses_for_ever_is_not_asked_to_take_ever_more(
    store: SqlStore, subscribers: list[Subscription]
) -> None:
    carried: tuple[Any, ...] = ()
    for n in range(20):
        day, now = DAY + n * ONE_DAY, NOON + n * ONE_DAY
        await store.editions.seal(an_assembly(day), now)
        await plan(store, day)
        batch = await store.deliveries.claim(day, owner="w", now=now, lease=LEASE)
        assert batch is not None
        due = await store.deliveries.due_in(batch)
        carried = due[0].missed
        said = [
            Settled(delivery=one.delivery, answer=REFUSED if one is due[0] else TAKEN, at=now, begun=True)
            for one in due
        ]
        await store.deliveries.record(batch, said, now=now, lease=None)

    assert len(carried) == LATE_STORIES_MAX_AGE.days


async def test_connections_that_are_too_many_do_not_all_leave(noon: Noon) -> None:
    await noon.subscribe(30)
    await noon.planned()
    working: list[int] = []

    async def halve(_: str) -> None:
        if len(noon.relay.taken) == 8:
            it.pace.connections = it.pace.most = 3
        working.append(len(open_now))
        open_now.append(1)
        await asyncio.sleep(0.01)
        open_now.pop()

    open_now: list[int] = []
    noon.relay.during = halve
    noon.relay.farewell = 0.3
    it = noon.deliverer(connections=4)
    await it.deliver(DAY)

    assert len(noon.relay.taken) == 30
    assert max(working[15:25]) >= 2, "some went on while one said goodbye"


async def test_a_template_that_fails_is_told_an_operator_and_tried_once_for_all_who_read_the_same(
    noon: Noon,
) -> None:
    """With a million readers it would be a million attempts, and nobody would hear of it before evening."""
    tried, heard = [], []

    def broken(*_: object) -> Rendition:
        tried.append(1)
        raise ValueError("no such filter")

    async def call(what: str) -> bool:
        heard.append(what)
        return True

    await noon.subscribe(20)
    await noon.planned()
    it = noon.deliverer(render=broken, call=call)
    await it.deliver(DAY)
    await noon.looks(it)

    assert await noon.store.deliveries.tally(DAY) == {State.DEFERRED: 20}
    assert len(tried) == 3, "once each time it is asked"
    assert heard == [f"the edition of {DAY} cannot be composed: ValueError: no such filter"]


async def test_a_copy_that_no_header_can_carry_is_settled_and_keeps_nobody_waiting(noon: Noon) -> None:
    class Particular(PlainRendition):
        def copy_for(self, subscriber: int, address: str, tokens: Tokens) -> Message:
            if address.startswith("a1@"):
                raise ComposeError("not an address")
            return super().copy_for(subscriber, address, tokens)

    await noon.subscribe(3)
    await noon.planned()
    await noon.deliverer(render=lambda *_: Particular()).deliver(DAY)

    assert await noon.store.deliveries.tally(DAY) == {State.ACCEPTED: 2, State.REFUSED: 1}
