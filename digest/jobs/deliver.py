"""From noon: hand each subscriber's copy to the relay, recording every step before the next.

The order is the promise: the relay is asked first (MAIL, RCPT), `transmitting` is committed next, the
message is handed over after that, and its answer is recorded last. A crash between any two of these leaves
a row that says exactly what is known.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Protocol

from digest.deliveries import Answer, Delivery, Event, Message, State
from digest.edition import Edition, address
from digest.errors import LeaseLost
from digest.ports import Clock, Relay, Session, Store
from digest.schedule import Timetable
from digest.subscriptions import Standing, Subscription

log = logging.getLogger(__name__)

CLAIM: Final = 10
"""Deliveries claimed at a time by one connection: few, so that a lost worker holds few back."""

LEASE: Final = timedelta(minutes=5)
"""How long a claim is ours before the message is begun."""

TRANSMISSION: Final = timedelta(minutes=22)
"""The lease once begun: it outlives the longest settable wait for 354, and 10 minutes for the final reply."""


class Compose(Protocol):
    """One subscriber's edition as a message."""

    def __call__(self, edition: Edition, subscription: Subscription, names: Mapping[str, str]) -> Message:
        """`names` maps providers' ids to the names that readers know."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What every copy of one edition needs."""

    edition: Edition
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """The ports and settings that delivering needs, in one value."""

    timetable: Timetable
    store: Store
    relay: Relay
    compose: Compose
    clock: Clock
    owner: str  # who holds our leases, as operators will see it
    connections: int
    only_to: tuple[str, ...] = ()  # addresses, or domains with "@" before them; empty: everybody
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, day: date) -> None:
        """Submit what waits of the day's edition, as long as the day's sending window is open."""
        edition = await self.store.editions.sealed(day)
        if edition is None:
            return
        if pause := await self.store.pauses.current():
            log.warning("sending is paused", extra={"by": pause.by, "since": pause.since.isoformat()})
            return
        names = {provider.id: provider.name for provider in await self.store.providers.register()}
        run = _Run(edition=edition, names=names)
        async with asyncio.TaskGroup() as group:
            for number in range(self.connections):
                group.create_task(self._work(run, f"{self.owner}/{number}"))

    async def _work(self, run: _Run, owner: str) -> None:
        """One connection's share: claim a few, settle them, claim again."""
        edition = run.edition
        async with self.relay.session() as session:
            while self._open(edition.day):
                now = self.clock.now()
                claimed = await self.store.deliveries.claim(
                    edition.day, limit=CLAIM, owner=owner, now=now, lease=LEASE
                )
                if not claimed:
                    return
                if await self.store.pauses.current():  # a batch is the most that still goes out
                    for delivery in claimed:
                        await self.store.deliveries.release(delivery)
                    return
                for delivery in claimed:
                    await self._one(run, delivery, session)

    def _may_write_to(self, mailbox: str) -> bool:
        own = mailbox.strip().casefold()
        allowed = {one.strip().casefold() for one in self.only_to}
        return not allowed or own in allowed or f"@{own.rpartition('@')[2]}" in allowed

    def _open(self, day: date) -> bool:
        return self.clock.now() in self.timetable.sending_of(day) and not self.stopping.is_set()

    async def _one(self, run: _Run, delivery: Delivery, session: Session) -> None:
        if not self._open(run.edition.day):
            await self.store.deliveries.release(delivery)
            return
        try:
            await self._settle(run, delivery, session)
        except LeaseLost:
            log.warning("lease lost", extra=_fields(delivery))

    async def _settle(self, run: _Run, delivery: Delivery, session: Session) -> None:
        copy = await self._copy(run, delivery)
        if isinstance(copy, Answer):
            await self._record(delivery, copy)
            return
        answer = await session.offer(copy.envelope, len(copy.content))
        if answer.event is not Event.BEGUN:
            await self._record(delivery, answer)
            return
        try:
            begun = await self.store.deliveries.begin(
                delivery, copy.message_id, now=self.clock.now(), lease=TRANSMISSION
            )
        except BaseException:
            await session.withdraw()
            raise
        await self._record(begun, await session.hand_over(copy.content))

    async def _copy(self, run: _Run, delivery: Delivery) -> Message | Answer:
        """The subscriber's own message, or why there is none."""
        edition = run.edition
        subscription = await self.store.subscriptions.get(delivery.subscriber)
        if subscription is None or subscription.standing is not Standing.ACTIVE:
            return Answer(event=Event.LEFT_OUT, code=None, text="the subscription has ended")
        if not self._may_write_to(subscription.address):
            return Answer(event=Event.LEFT_OUT, code=None, text="not among those of relay.only_to")
        days = await self.store.deliveries.missed(edition.day, delivery.subscriber)
        missed = [await self.store.editions.sealed(day) for day in days]
        own = address(edition, [m for m in missed if m is not None], subscription.wishes)
        if own is None:
            return Answer(event=Event.LEFT_OUT, code=None, text="nothing in it was wished for")
        try:
            return self.compose(own, subscription, run.names)
        except Exception as error:
            log.exception("composing failed", extra=_fields(delivery))
            return Answer(event=Event.PUT_OFF, code=None, text=f"not composed: {error}")

    async def _record(self, delivery: Delivery, answer: Answer) -> State:
        state = await self.store.deliveries.settle(delivery, answer, now=self.clock.now())
        level = logging.INFO if state in {State.ACCEPTED, State.SKIPPED} else logging.WARNING
        log.log(level, "delivery %s", state, extra=_fields(delivery) | {"code": answer.code})
        return state


def _fields(delivery: Delivery) -> dict[str, object]:
    return {
        "edition": delivery.edition.isoformat(),
        "subscriber": delivery.subscriber,
        "attempt": delivery.attempts,
    }
