"""A noon run of one process against a relay that a test makes up, on a real ledger with a real journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from builders import a_story, a_timetable, an_edition
from clocks import Clock
from store_values import DAY, MINUTE, NOON, plan

from digest.adapters.journal import FileJournal
from digest.compose import Rendition, Tokens
from digest.deliveries import Answer, Envelope, Event, Message
from digest.edition_assembly import Assembly
from digest.ports import Session
from digest.relays import LastDial
from digest.sending.deliver import Deliverer
from digest.sending.pace import Pace
from digest.sending.recovery import Recovery
from digest.sending.relay_health import RelayReporter
from digest.store.sql import SqlStore
from digest.subscriptions import Wishes

TIMETABLE = a_timetable()
TAKEN = Answer(event=Event.TAKEN, code=250, text="ok")
BEGUN = Answer(event=Event.BEGUN, code=250, text="")
REFUSED = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")


async def nothing(_: str) -> None: ...


class PatientRelay:
    """The far side: takes what it does not refuse, and lets things happen while a content flows."""

    per_connection: int | None = None
    away = False

    def __init__(self, during: Callable[[str], Awaitable[None]] = nothing) -> None:
        self.taken: list[str] = []
        self.cut: list[str] = []
        self.refused: set[str] = set()  # addresses that it says it does not know
        self.farewell = 0.0
        self.took_one = asyncio.Event()
        self.during = during

    def health(self) -> list[LastDial]:
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
        return REFUSED if self._to in self._relay.refused else BEGUN

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


def with_a_story() -> Assembly:
    return Assembly(edition=an_edition(a_story(), day=DAY), settled=(), doubts=())


@dataclass
class Noon:
    """A noon run of one process, and the later looks of it."""

    store: SqlStore
    clock: Clock
    journal: FileJournal
    relay: PatientRelay = field(default_factory=PatientRelay)

    def deliverer(self, *, connections: int = 1, **more: Any) -> Deliverer:
        pace = Pace(connections)
        pace.connections = connections
        values: dict[str, Any] = {
            "timetable": TIMETABLE,
            "store": self.store,
            "relay": self.relay,
            "relays": RelayReporter(self.store.relays, self.clock),
            "render": plainly,
            "tokens": lambda *_: Tokens(leave="l", one_click="o", manage="m"),
            "journal": self.journal,
            "clock": self.clock,
            "pace": pace,
            "connections": connections,
        }
        return Deliverer(**{**values, **more})

    async def looks(self, it: Deliverer, *, count: int = 2) -> None:
        recovery = Recovery(deliveries=self.store.deliveries, journal=self.journal, clock=self.clock)
        for _ in range(count):
            self.clock.at += 5 * MINUTE
            await recovery.settle_lost_batches()
            await it.deliver(DAY)

    async def subscribe(self, count: int) -> None:
        for n in range(count):
            await self.store.subscriptions.add(f"a{n}@example.org", Wishes(), NOON - MINUTE)

    async def planned(self) -> None:
        """An edition with a story is, for all who are subscribed."""
        await self.store.editions.seal(with_a_story(), NOON)
        await plan(self.store, DAY)
