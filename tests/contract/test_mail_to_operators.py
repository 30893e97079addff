"""Operators are told once that sources turned, by every way they have, also if some of these fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from clocks import Clock
from sqlalchemy import select
from store_values import NOON

from digest.deliveries import Answer, Envelope, Event, Message, Pause, State
from digest.jobs.channels import PING, Channels
from digest.jobs.source_watch import SourceWatch
from digest.letters import Letter
from digest.ports import Session, Trouble
from digest.relays import LastDial
from digest.sending.letters import LetterSender
from digest.sending.operator_mail import UNHEARD_AFTER, WAITS_FOR, OperatorMail
from digest.sources import Authority, Source, Validators, due, failed, succeeded
from digest.store.sql import SqlStore
from digest.store.tables import letters

OPS = "ops@example.org"
HOUR = timedelta(hours=1)
TAKEN = Answer(event=Event.TAKEN, code=250, text="ok")
PUT_OFF = Answer(event=Event.PUT_OFF, code=451, text="4.3.0 try later")


def a_source(id: str, host: str = "hmip.example") -> Source:
    return Source(
        id=id,
        name=f"The {id}",
        url=f"https://{host}/{id}",
        authority=Authority.OFFICIAL,
        inspectorate=None,
        every=timedelta(minutes=30),
        recent=timedelta(days=14),
        pages=20,
    )


@dataclass
class Relay:
    """Takes what it is offered, or says why not."""

    answer: Answer = TAKEN
    got: list[str] = field(default_factory=list)

    def health(self) -> list[LastDial]:
        return []

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        yield cast("Session", self)

    async def offer(self, envelope: Envelope, _: int) -> Answer:
        return Answer(event=Event.BEGUN, code=250, text="") if self.answer is TAKEN else self.answer

    async def hand_over(self, wire: bytes) -> Answer:
        self.got.append(wire.decode())
        return self.answer

    async def withdraw(self) -> None: ...


@dataclass
class Phone:
    """The far end of the ping."""

    heard: list[str] = field(default_factory=list)
    deaf: bool = False
    hangs: bool = False

    async def well(self, what: str) -> bool:
        return await self.call(what)

    async def call(self, what: str) -> bool:
        if self.hangs:
            await asyncio.sleep(3600)
        if not self.deaf:
            self.heard.append(what)
        return not self.deaf


@dataclass
class Desk:
    """What a process needs to tell operators, and publishers that go down and heal."""

    store: SqlStore
    sources: tuple[Source, ...] = (a_source("prisons"), a_source("probation"), a_source("other", "o.example"))
    clock: Clock = field(default_factory=lambda: Clock(NOON))
    relay: Relay = field(default_factory=Relay)
    phone: Phone = field(default_factory=Phone)
    addresses: tuple[str, ...] = (OPS,)
    down: Callable[[Source, datetime], bool] = lambda _source, _now: False

    @property
    def sender(self) -> LetterSender:
        return LetterSender(
            store=self.store,
            relay=cast("Any", self.relay),
            compose=a_message,
            clock=self.clock,
            only_to=("@trial.example",),
        )

    @property
    def operators(self) -> Channels:
        return Channels(
            ping=self.phone,
            mail=OperatorMail(
                addresses=self.addresses,
                store=self.store.letters,
                clock=self.clock,
                reference=lambda address: address.partition("@")[0],
                submit=self.sender.submit,
            ),
            store=self.store,
            clock=self.clock,
        )

    @property
    def watch(self) -> SourceWatch:
        return SourceWatch(
            sources=self.sources,
            silences=frozenset(),
            zone=ZoneInfo("Europe/London"),
            store=self.store,
            clock=self.clock,
            operators=self.operators,
        )

    async def live(self, time: timedelta, *, processes: int = 1) -> None:
        """Poll what is due and look, every 20 minutes; each look is by a process that was just started."""
        until = self.clock.now() + time
        while self.clock.now() < until:
            now = self.clock.now()
            for source in due(self.sources, await self.store.sources.polled(), now):
                await self.store.sources.record(source.id, self._after(source, now))
            await asyncio.gather(*(self.watch.look() for _ in range(processes)))
            await self.sender.send()
            self.clock.on(minutes=20)

    def _after(self, source: Source, now: datetime) -> Any:
        if self.down(source, now):
            return lambda before: failed(source, before, "503", now)
        return lambda before: succeeded(source, before, Validators(), now, listed=3)

    async def written(self) -> list[Any]:
        async with self.store.database.read() as connection:
            return list((await connection.execute(select(letters).order_by(letters.c.id))).all())


def a_message(letter: Letter, _now: datetime, _number: int) -> Message:
    content = f"{letter.kind} {letter.content.as_json()}".encode()
    return Message(envelope=Envelope(bounce_to="", recipient=letter.address), wire=content)  # type: ignore[arg-type]


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    return Desk(store)


def prisons_down(since: datetime, until: datetime) -> Callable[[Source, datetime], bool]:
    return lambda source, now: source.id != "other" and since <= now < until


async def test_a_host_that_goes_down_and_heals_is_one_mail_each_however_many_look(desk: Desk) -> None:
    desk.down = prisons_down(NOON + HOUR, NOON + 9 * HOUR)

    await desk.live(30 * HOUR, processes=3)

    fell, healed = await desk.written()
    assert {one["source"]: one["now"] for one in fell.content["turned"]} == {
        "prisons": "failing",
        "probation": "failing",
    }
    assert {one["source"]: one["before"] for one in healed.content["turned"]} == {
        "prisons": "failing",
        "probation": "failing",
    }
    assert len(desk.relay.got) == 2
    (call,) = desk.phone.heard
    assert "The prisons is failing since Tue 03 Mar" in call
    assert "(503)" in call


async def test_our_own_line_is_one_mail_about_itself_and_none_about_sources(desk: Desk) -> None:
    desk.down = lambda _, now: NOON + HOUR <= now < NOON + 6 * HOUR
    silent = Desk(desk.store, sources=desk.sources, clock=desk.clock, relay=desk.relay, phone=desk.phone)

    def unanswered(source: Source, now: datetime) -> Any:
        if desk.down(source, now):
            return lambda before: failed(source, before, "no connection", now, answered=False)
        return lambda before: succeeded(source, before, Validators(), now, listed=3)

    silent._after = unanswered  # type: ignore[method-assign]
    await silent.live(12 * HOUR)

    turned = [[one["source"] for one in letter.content["turned"]] for letter in await desk.written()]
    assert turned == [["*"], ["*"]]
    assert desk.phone.heard == ["no source answers: our own line seems to be down"]


async def test_a_relay_in_trouble_loses_no_mail_and_the_ping_names_it_once(desk: Desk) -> None:
    desk.relay.answer = PUT_OFF
    await desk.operators.call("sending is paused")
    for _ in range(12):
        await desk.sender.send()
        await desk.operators.look()
        desk.clock.on(minutes=5)

    named = [what for what in desk.phone.heard if "mail to operators fails since" in what]
    assert len(named) == 1
    assert named[0].endswith("451 4.3.0 try later")

    desk.relay.answer = TAKEN
    desk.clock.on(hours=5)
    await desk.sender.send()
    await desk.operators.look()
    assert len(desk.relay.got) == 1
    assert (await desk.written())[0].state is State.ACCEPTED


async def test_mail_waits_for_a_relay_over_a_weekend_and_no_longer(desk: Desk) -> None:
    desk.relay.answer = PUT_OFF
    await desk.operators.call("sending is paused")
    for _ in range(30):
        await desk.sender.send()
        desk.clock.on(hours=3)

    assert (await desk.written())[0].state is State.SKIPPED
    assert desk.clock.now() > NOON + WAITS_FOR
    assert any("mail to operators fails" in what for what in desk.phone.heard) is False
    await desk.operators.look()
    assert "mail to operators fails" in desk.phone.heard[-1]


async def test_mail_that_nobody_sends_is_named(desk: Desk) -> None:
    await desk.operators.call("sending is paused")
    desk.clock.on(minutes=UNHEARD_AFTER / timedelta(minutes=1) + 1)

    await desk.operators.look()

    assert desk.phone.heard[-1].endswith("nobody sends it")


async def test_a_ping_that_nobody_hears_is_named_by_mail_once(desk: Desk) -> None:
    desk.phone.deaf = True
    await desk.store.troubles.begin(Trouble(name=PING, since=NOON, said="HTTP 404"))
    for _ in range(6):
        desk.clock.on(minutes=10)
        await desk.operators.look()

    (letter,) = await desk.written()
    assert letter.content["what"] == "the ping is not heard since Tue 03 Mar 12:00 UTC: HTTP 404"


async def test_every_call_names_a_way_that_does_not_work(desk: Desk) -> None:
    desk.relay.answer = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")
    await desk.operators.call("one")
    await desk.sender.send()

    await desk.operators.call("two")

    assert desk.phone.heard[0] == "one"
    assert desk.phone.heard[1].startswith("two; mail to operators fails since Tue 03 Mar 12:00 UTC: 550")


async def test_the_same_words_are_mailed_once_a_day_and_to_each_operator(desk: Desk) -> None:
    desk.addresses = (OPS, "deputy@example.org")
    for _ in range(3):
        assert await desk.operators.call("sending is paused")
    desk.clock.on(days=1)
    await desk.operators.call("sending is paused")

    assert [letter.address for letter in await desk.written()] == [OPS, "deputy@example.org"] * 2


async def test_a_pause_and_a_trial_hold_back_no_mail_to_operators(desk: Desk) -> None:
    await desk.store.pauses.pause(Pause(since=NOON, by="ada", why="a trial"))
    await desk.operators.call("sending is paused")

    await desk.sender.send()

    assert len(desk.relay.got) == 1


async def test_a_ping_that_hangs_holds_nothing_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.jobs.channels.PATIENCE", 0.05)
    desk.phone.hangs = True

    async with asyncio.timeout(10):
        assert await desk.operators.call("the edition stands still")

    assert len(await desk.written()) == 1


async def test_a_call_about_a_database_that_is_away_is_handed_over_at_once_and_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(desk.store.letters, "write_all", away)
    operators = desk.operators

    assert await operators.call("the database takes no writes")
    assert await operators.call("the database takes no writes")

    assert len(desk.relay.got) == 1


@pytest.mark.parametrize("forgotten", [False, True])
async def test_the_trouble_of_a_source_that_comes_back_is_told_again_only_if_it_was_forgotten(
    desk: Desk, *, forgotten: bool
) -> None:
    desk.down = prisons_down(NOON, NOON + 40 * HOUR)
    prisons, *others = desk.sources
    await desk.live(6 * HOUR)
    desk.sources = tuple(others)
    await desk.live(HOUR)
    if forgotten:
        assert await desk.store.histories.forget(prisons.id, desk.clock.now())
    desk.sources = (prisons, *others)
    await desk.live(25 * HOUR)

    turned = [[one["source"] for one in letter.content["turned"]] for letter in await desk.written()]
    assert turned == [["prisons", "probation"], *([["prisons"]] if forgotten else [])]


async def test_a_call_that_nobody_received_is_made_again_after_a_restart(desk: Desk) -> None:
    desk.addresses, desk.phone.deaf = (), True
    assert not await desk.operators.call("the database of ada@example.org is an old copy")
    desk.clock.on(minutes=20)
    await desk.operators.look()
    assert not desk.phone.heard

    desk.phone.deaf = False
    for _ in range(2):  # each is a new process
        await desk.operators.look()

    [heard] = desk.phone.heard
    assert heard == "the database of …@… is an old copy (first called on Tue 03 Mar 12:00 UTC)"
    assert not await desk.store.troubles.all()


async def test_a_call_that_was_received_at_the_second_try_is_made_no_third_time(desk: Desk) -> None:
    desk.addresses, desk.phone.deaf = (), True
    await desk.operators.call("sending is paused")
    await desk.operators.look()
    desk.phone.deaf = False
    assert await desk.operators.call("sending is paused")
    desk.clock.on(hours=1)
    await desk.operators.look()

    assert desk.phone.heard == ["sending is paused"]


async def test_a_call_of_last_month_is_not_made_any_more(desk: Desk) -> None:
    desk.addresses, desk.phone.deaf = (), True
    await desk.operators.call("sending is paused")
    desk.phone.deaf = False
    desk.clock.on(days=30)

    await desk.operators.look()

    assert not desk.phone.heard
