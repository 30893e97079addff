"""A noon run while the disk, the database, the clock or one of its own connections gives out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from builders import a_story, an_edition
from store_values import DAY, MINUTE, NOON, an_assembly, plan

from digest.adapters.journal import FileJournal
from digest.assembly import Assembly
from digest.compose import Rendition, Tokens
from digest.deliveries import Answer, Envelope, Event, Limits, Message, Pause, Settled, State
from digest.jobs.deliver import Deliverer
from digest.jobs.outbox import LEASE
from digest.jobs.pace import Pace
from digest.jobs.publish import publish
from digest.jobs.relays import RelayNotes
from digest.jobs.takeover import GRACE, TakeOver
from digest.ports import Reach, Session
from digest.schedule import Timetable
from digest.store import planning
from digest.store.batches import CARRIED_FOR
from digest.store.sql import SqlStore
from digest.subscriptions import Subscription, Wishes

TOMORROW = DAY + timedelta(days=1)
ONE_DAY = timedelta(days=1)
TIMETABLE = Timetable(
    zone=ZoneInfo("Europe/London"),
    cutoff=clock_time(11, 45),
    noon=clock_time(12),
    lateness=timedelta(hours=6),
)
TAKEN = Answer(event=Event.TAKEN, code=250, text="ok")
BEGUN = Answer(event=Event.BEGUN, code=250, text="")
REFUSED = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")


@dataclass
class Still:
    """A clock that stands where the test puts it."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


async def nothing(_: str) -> None: ...


class PatientRelay:
    """The far side: takes everything, and lets things happen while a content flows."""

    per_connection: int | None = None
    away = False

    def __init__(self, during: Callable[[str], Awaitable[None]] = nothing) -> None:
        self.taken: list[str] = []
        self.cut: list[str] = []
        self.farewell = 0.0
        self.took_one = asyncio.Event()
        self.during = during

    def health(self) -> list[Reach]:
        return []

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        yield cast("Session", _Session(self))
        await asyncio.sleep(self.farewell)


class _Session:
    def __init__(self, relay: PatientRelay) -> None:
        self._relay = relay
        self._to = ""

    async def offer(self, envelope: Envelope, _: int) -> Answer:
        self._to = envelope.recipient
        await asyncio.sleep(0)
        return BEGUN

    async def withdraw(self) -> None: ...

    async def hand_over(self, _wire: bytes, _then: object = None) -> Answer:
        to = self._to
        try:
            await self._relay.during(to)
        except asyncio.CancelledError:
            self._relay.cut.append(to)
            raise
        self._relay.taken.append(to)
        self._relay.took_one.set()
        return TAKEN


class PlainRendition:
    def copy_for(self, subscriber: int, address: str, _: Tokens) -> Message:
        envelope = Envelope(bounce_to="b@digest.example", recipient=address)
        return Message(envelope=envelope, wire=b"x\r\n.\r\n")


def plainly(*_: object) -> Rendition:
    return cast("Rendition", PlainRendition())


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
def journal(tmp_path: Path) -> FileJournal:
    return FileJournal(tmp_path / "journal")


@pytest.fixture
async def sealed(noon: Noon, subscribers: list[Subscription]) -> list[int]:
    """The subscribers that an edition with a story is planned for."""
    await noon.planned()
    return [one.subscriber for one in subscribers]


def _with_a_story() -> Assembly:
    return Assembly(edition=an_edition(a_story(), day=DAY), settled=(), doubts=())


@dataclass
class Noon:
    """A noon run of one process, and the later looks of it."""

    store: SqlStore
    clock: Still
    journal: FileJournal
    relay: PatientRelay = field(default_factory=PatientRelay)

    def deliverer(self, *, connections: int = 1, **more: Any) -> Deliverer:
        pace = Pace(connections)
        pace.connections = connections
        values: dict[str, Any] = {
            "timetable": TIMETABLE,
            "store": self.store,
            "relay": self.relay,
            "relays": RelayNotes(self.store.relays, self.clock),
            "render": plainly,
            "tokens": lambda *_: Tokens(leave="l", one_click="o", manage="m"),
            "journal": self.journal,
            "clock": self.clock,
            "pace": pace,
            "connections": connections,
        }
        return Deliverer(**{**values, **more})

    async def looks(self, it: Deliverer, *, count: int = 2) -> None:
        takeover = TakeOver(deliveries=self.store.deliveries, journal=self.journal, clock=self.clock)
        for _ in range(count):
            self.clock.at += 5 * MINUTE
            await takeover.look()
            await it.deliver(DAY)

    async def subscribe(self, count: int) -> None:
        for n in range(count):
            await self.store.subscriptions.add(f"a{n}@example.org", Wishes(), NOON - MINUTE)

    async def planned(self) -> None:
        """An edition with a story is, for all who are subscribed."""
        await self.store.editions.seal(_with_a_story(), NOON)
        await plan(self.store, DAY)


@pytest.fixture
def noon(store: SqlStore, clock: Still, journal: FileJournal) -> Noon:
    return Noon(store, clock, journal)


async def test_an_edition_that_was_never_planned_comes_with_the_next(
    store: SqlStore, subscribers: list[Subscription]
) -> None:
    """F38: sealed, then the machine was down until its time was over."""
    await store.editions.seal(_with_a_story(), NOON)
    clock = Still(NOON + ONE_DAY)

    await publish(TOMORROW, timetable=TIMETABLE, sources=(), store=store, clock=clock)

    batch = await store.deliveries.claim(TOMORROW, owner="w", now=clock.now(), lease=LEASE)
    assert batch is not None
    assert [one.missed for one in await store.deliveries.in_hand(batch)] == [(DAY,)] * len(subscribers)


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

    def slowly(_: object, wishes: Wishes, __: object) -> Rendition:
        rendered.append(wishes)
        time.sleep(0.3)
        return plainly()

    async def pause(_: str) -> None:
        if len(noon.relay.taken) == 1:
            await noon.store.pauses.pause(Pause(since=NOON, by="ada", why="stop"))
        await asyncio.sleep(0.1)

    monkeypatch.setattr("digest.jobs.renditions.address", lambda edition, *_: edition)
    noon.relay.during = pause
    await noon.deliverer(render=slowly).deliver(DAY)

    assert len(rendered) < 20
    assert len(noon.relay.taken) < 40
    assert await noon.store.deliveries.held() == []


async def test_a_slow_domain_limit_is_used_to_its_full(noon: Noon, sealed: list[int]) -> None:
    """One a minute is slower than a copy's patience here, and no reason to put everybody off."""
    limits = Limits(per_minute_and_domain=1)
    run = asyncio.create_task(noon.deliverer(limits=limits).deliver(DAY))
    await noon.relay.took_one.wait()
    await asyncio.sleep(0.05)

    assert await noon.store.deliveries.tally(DAY) == {State.PLANNED: len(sealed)}
    noon.clock.at = NOON + 7 * timedelta(hours=1)  # the watch looks at it and ends the run
    await run
    assert (await noon.store.deliveries.tally(DAY))[State.PLANNED] == len(sealed) - 1


async def test_an_answer_that_comes_after_its_copy_was_carried_on_takes_that_back(
    store: SqlStore, sealed: list[int]
) -> None:
    batch = await store.deliveries.claim(DAY, owner="w", now=NOON, lease=LEASE)
    assert batch is not None
    due = await store.deliveries.in_hand(batch)
    await store.editions.seal(an_assembly(TOMORROW), NOON + ONE_DAY)
    await plan(store, TOMORROW)

    taken = [Settled(delivery=one.delivery, answer=TAKEN, at=NOON, begun=True) for one in due]
    await store.deliveries.record(batch, taken, now=NOON + ONE_DAY, lease=None)

    next_one = await store.deliveries.claim(TOMORROW, owner="w", now=NOON + ONE_DAY, lease=LEASE)
    assert next_one is not None
    assert [one.missed for one in await store.deliveries.in_hand(next_one)] == [()] * len(sealed)


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
        due = await store.deliveries.in_hand(batch)
        carried = due[0].missed
        said = [
            Settled(delivery=one.delivery, answer=REFUSED if one is due[0] else TAKEN, at=now, begun=True)
            for one in due
        ]
        await store.deliveries.record(batch, said, now=now, lease=None)

    assert len(carried) == CARRIED_FOR.days


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
