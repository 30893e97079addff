"""One noon run: what it shares, how much it holds at a time, and how it heeds limits and tired domains."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from builders import a_story, an_edition
from clocks import Clock
from noon_run import Noon, PatientRelay, plainly
from sqlalchemy import select
from store_values import DAY, MINUTE, NOON, plan

from digest.adapters.journal import FileJournal
from digest.deliveries import Answer, Envelope, Event, Limits, State
from digest.edition_assembly import Assembly
from digest.ports import Session
from digest.sending.outbox import MOST_BATCHES
from digest.sending.pace import DEFERRALS_BEFORE_REST
from digest.store.sending import planning
from digest.store.sql import SqlStore
from digest.store.tables import deliveries
from digest.subscriptions import Wishes

BEGUN = Answer(event=Event.BEGUN, code=250, text="")
TAKEN = Answer(event=Event.TAKEN, code=250, text="ok")
BUSY = Answer(event=Event.PUT_OFF, code=451, text="4.7.1 try later")


@pytest.fixture
def still() -> Clock:
    return Clock(NOON)


@pytest.fixture
def notes(tmp_path: Path) -> FileJournal:
    return FileJournal(tmp_path / "journal")


async def planned_for(store: SqlStore, *people: tuple[str, Wishes]) -> None:
    for address, wishes in people:
        await store.subscriptions.add(address, wishes, NOON - MINUTE)
    await store.editions.seal(Assembly(edition=an_edition(a_story(), day=DAY), settled=(), doubts=()), NOON)
    await plan(store, DAY)


def crowd(count: int, domain: str = "example.org", **wishes: Any) -> list[tuple[str, Wishes]]:
    return [(f"{'-'.join(map(str, wishes))}{n}@{domain}", Wishes(**wishes)) for n in range(count)]


class OfferRelay(PatientRelay):
    """Answers offers as told by address."""

    def __init__(self, says: Callable[[str], Answer]) -> None:
        super().__init__()
        self.says = says
        self.offered: list[str] = []

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        yield cast("Session", _Offers(self))


class _Offers:
    def __init__(self, relay: OfferRelay) -> None:
        self._relay = relay

    async def offer(self, envelope: Envelope, _: int) -> Answer:
        self._relay.offered.append(envelope.recipient)
        await asyncio.sleep(0)
        return self._relay.says(envelope.recipient)

    async def withdraw(self) -> None: ...

    async def hand_over(self, _wire: bytes, _then: object = None) -> Answer:
        self._relay.taken.append(self._relay.offered[-1])
        return TAKEN


async def test_those_who_wish_for_the_same_share_one_text(
    store: SqlStore, still: Clock, notes: FileJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.sending.copies.personal_edition", lambda edition, *_: edition)
    await planned_for(store, *crowd(8, providers=("a",)), *crowd(8, areas=("b",)))
    laid_out: list[Wishes] = []

    def render(_: object, wishes: Wishes, *__: object) -> Any:
        laid_out.append(wishes)
        return plainly()

    relay = PatientRelay()
    await Noon(store, still, notes, relay).deliverer(render=render).deliver(DAY)

    assert len(relay.taken) == 16
    assert len(laid_out) == 2


async def test_however_many_there_are_a_worker_holds_a_few_batches_at_a_time(
    store: SqlStore, still: Clock, notes: FileJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its memory does not grow with the list."""
    monkeypatch.setattr(planning, "BATCH", 2)
    await planned_for(store, *crowd(60))
    held, looked = [0], asyncio.Event()

    async def look(_: str) -> None:
        """The first message waits for the most batches allowed, then looks for more; the others wait."""
        if len(held) > 1:
            await looked.wait()
            return
        try:
            async with asyncio.timeout(60):
                while max(held) < MOST_BATCHES:
                    held.append(len(await store.deliveries.held()))
            held.extend([len(await store.deliveries.held()) for _ in range(100)])
        finally:
            looked.set()

    relay = PatientRelay(look)
    await Noon(store, still, notes, relay).deliverer().deliver(DAY)

    assert len(relay.taken) == 60
    assert max(held) == MOST_BATCHES < 30


async def test_limits_take_hold_of_a_run_that_is_under_way(
    store: SqlStore, still: Clock, notes: FileJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No deploy, no new start."""
    monkeypatch.setattr("digest.sending.deliver.LOOK_EVERY", 0.01)
    await planned_for(store, *crowd(30))
    all_four, changed = asyncio.Barrier(4), asyncio.Event()
    working: list[int] = []

    async def during(_: str) -> None:
        if changed.is_set():
            working.append(working_now() + 1)
            inside.append(1)
            await asyncio.sleep(0)
            inside.pop()
            return
        if await all_four.wait() == 0:
            try:
                await store.limits.set(Limits(connections=1, per_connection=7))
                await heeded(lambda: relay.per_connection == 7)
            finally:
                changed.set()
        await changed.wait()

    def working_now() -> int:
        return len(inside)

    inside: list[int] = []
    relay = PatientRelay(during)
    await Noon(store, still, notes, relay).deliverer(connections=4).deliver(DAY)

    assert len(relay.taken) == 30
    assert len(working) == 26
    assert set(working) == {1}


async def test_a_rate_that_is_lowered_and_lifted_in_mid_run_is_kept_to_and_let_go(
    store: SqlStore, still: Clock, notes: FileJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.sending.deliver.LOOK_EVERY", 0.01)
    await planned_for(store, *crowd(30))
    lowered = asyncio.Event()

    async def during(_: str) -> None:
        if len(relay.taken) == 3 and not lowered.is_set():
            await store.limits.set(Limits(per_minute=1, per_connection=9))
            await heeded(lambda: relay.per_connection == 9)
            lowered.set()

    relay = PatientRelay(during)
    run = asyncio.create_task(Noon(store, still, notes, relay).deliverer().deliver(DAY))
    await lowered.wait()
    for number in (10, 11, 12):  # three more looks at the limits
        await store.limits.set(Limits(per_minute=1, per_connection=number))
        await heeded(lambda number=number: relay.per_connection == number)  # type: ignore[misc]
    assert 4 <= len(relay.taken) <= 6, "one under way, one right behind it, and the first of the minute"
    await store.limits.set(Limits())
    await run

    assert len(relay.taken) == 30


async def heeded(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - the run tells nobody
            await asyncio.sleep(0.005)


async def test_a_domain_that_puts_off_one_after_another_is_left_alone_and_nobody_else_waits(
    store: SqlStore, still: Clock, notes: FileJournal
) -> None:
    await planned_for(store, *crowd(10, "busy.example"), *crowd(5, "sound.example"))
    relay = OfferRelay(lambda to: BUSY if to.endswith("@busy.example") else BEGUN)

    await Noon(store, still, notes, relay).deliverer().deliver(DAY)

    assert Counter(to.partition("@")[2] for to in relay.offered) == {
        "busy.example": DEFERRALS_BEFORE_REST,
        "sound.example": 5,
    }
    assert await store.deliveries.tally(DAY) == {State.DEFERRED: 10, State.ACCEPTED: 5}
    assert await attempts_of(store, State.DEFERRED) == {
        1: DEFERRALS_BEFORE_REST,
        0: 10 - DEFERRALS_BEFORE_REST,
    }


async def test_a_second_try_that_fails_is_followed_by_a_third(
    store: SqlStore, still: Clock, notes: FileJournal
) -> None:
    """What comes of a later try is heeded as that of the first."""
    await planned_for(store, *crowd(2))
    relay = OfferRelay(lambda to: BUSY if relay.offered.count(to) < 3 else BEGUN)
    noon = Noon(store, still, notes, relay)
    it = noon.deliverer()

    await it.deliver(DAY)
    await noon.looks(it)

    assert Counter(relay.taken) == dict.fromkeys((address for address, _ in crowd(2)), 1)
    assert await attempts_of(store, State.ACCEPTED) == {3: 2}


async def attempts_of(store: SqlStore, state: State) -> Counter[int]:
    query = select(deliveries.c.attempts).where(deliveries.c.state == state)
    async with store.database.read() as connection:
        return Counter((await connection.execute(query)).scalars())


def mixed(limited: int, others: int) -> list[tuple[str, Wishes]]:
    """Readers at one large domain, and among them others who have each a domain of their own."""
    people = [(f"a{n}@large.example", Wishes()) for n in range(limited)]
    for n in range(others):
        people.insert(n * (limited + others) // others, (f"b{n}@own{n}.example", Wishes()))
    return people


async def test_nobody_waits_for_the_limit_of_another_domain(
    store: SqlStore, still: Clock, notes: FileJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than half of the list is at a domain that takes two a second."""
    monkeypatch.setattr(planning, "BATCH", 10)
    await planned_for(store, *mixed(120, 80))
    await store.limits.set(Limits(per_minute_and_domain=120))

    async def during(_: str) -> None:
        served = Counter(to.endswith("@large.example") for to in relay.taken)
        if served[True] == 30 or served[False] == 79:
            it.stopping.set()

    relay = PatientRelay(during)
    it = Noon(store, still, notes, relay).deliverer(connections=3)
    await it.deliver(DAY)

    assert sum(not to.endswith("@large.example") for to in relay.taken) >= 80


@dataclass
class Running:
    """A clock that starts at noon and goes as it should."""

    began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=time.monotonic() - self.began)


async def test_what_a_limit_sends_away_comes_back_in_the_same_run_and_in_its_turn(
    store: SqlStore, notes: FileJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look comes every five minutes alone: a limit would not be used to its full."""
    monkeypatch.setattr("digest.sending.queue.LONGEST_HOLD_SECONDS", 0.2)
    monkeypatch.setattr(planning, "BATCH", 10)
    await planned_for(store, *crowd(40, "large.example"))
    await store.limits.set(Limits(per_minute_and_domain=1200))
    noon = Noon(store, cast("Clock", Running()), notes)

    await noon.deliverer(connections=3).deliver(DAY)

    assert await store.deliveries.tally(DAY) == {State.ACCEPTED: 40}
    assert await attempts_of(store, State.ACCEPTED) == {1: 40}, "being sent away is no attempt"
