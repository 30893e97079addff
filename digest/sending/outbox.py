"""The outbox: the batches a worker holds, from being claimed to being recorded.

Connections take copies from it and bring back answers. Each copy is noted in the journal before its content
flows and when it is answered; answers go to the ledger a batch at a time.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digest.compose import Rendition
from digest.deliveries import Answer, Batch, Event, Message, Settled, State
from digest.errors import LeaseLost
from digest.ports import Clock, DeliveryStore, Due, Leaf

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""How long a batch is ours without a sign of life; every commit is one."""

LOOK_EVERY: Final = 1.0
"""Seconds between looks at the pause, the limits and the clock, whatever else is waited for."""

COMMIT_EVERY: Final = 1.0
"""Seconds between commits of batches that are not done yet."""

STORED: Final = 600
"""Copies kept ahead, so that connections never wait for the database."""

HANDS: Final = 8
"""Batches held at once, at the most: those not done wait for their last answers."""


@dataclass(slots=True)
class Hand:
    """One batch in hand."""

    batch: Batch
    leaf: Leaf
    left: int  # copies without an outcome
    until: datetime  # when the lease runs out, if nobody renews it; aware, UTC
    settled: list[Settled] = field(default_factory=list)  # not in the ledger yet
    begun: dict[int, Due] = field(default_factory=dict)  # without an answer yet
    lost: bool = False  # the lease is: nothing more of it may go out
    unwritten: bool = False  # the ledger did not take its outcomes when it was last asked to


@dataclass(slots=True, order=True)
class Copy:
    """One delivery ready to be made."""

    ready_at: float
    place: int
    due: Due = field(compare=False)
    hand: Hand = field(compare=False)
    domain: str = field(compare=False)
    rendition: Rendition | None = field(compare=False, default=None)
    message: Message | None = field(compare=False, default=None)  # composed when first wanted
    has_turn: bool = field(compare=False, default=False)  # its place in its domain's line is taken


class Outbox:
    """What the connections of one worker share during a run."""

    def __init__(self, deliveries: DeliveryStore, clock: Clock, deadline: datetime) -> None:
        """Nothing is begun once the `deadline` is there, whatever else stands still."""
        self._deliveries = deliveries
        self._clock = clock
        self._deadline = deadline
        self.shut_out = False
        """Whether others have taken over what this worker held."""
        self._loop = asyncio.get_running_loop()
        self._ready: deque[Copy] = deque()
        self._aside: list[Copy] = []  # a heap
        self._hands: list[Hand] = []
        self._waiting: list[asyncio.Future[None]] = []  # who waits for a copy
        self._closed = self._over = False
        self._stir = asyncio.Event()  # some batch is done, or the run is over
        self.wanting = asyncio.Event()
        """Set while another batch should be claimed."""
        self.wanting.set()

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Nothing more goes out: who waits for a copy gets none."""
        self._closed = True
        self.wanting.set()
        self._announce()

    # -- batches in ----------------------------------------------------------------------------------

    def add(self, hand: Hand, copies: list[Copy]) -> None:
        self._hands.append(hand)
        self._ready.extend(copies)
        if hand.left == 0:
            self._stir.set()
        self._consider()
        self._announce()

    @property
    def empty(self) -> bool:
        """Whether every copy that was added has an outcome, and the ledger has it as far as it takes it."""
        return all(hand.lost or (hand.left == 0 and hand.unwritten) for hand in self._hands)

    # -- copies out ----------------------------------------------------------------------------------

    def take(self) -> Copy | None:
        """The next copy that may go now, if there is one."""
        if self._closed:
            return None
        while self._aside and self._aside[0].ready_at <= self._loop.time():
            self._ready.appendleft(heapq.heappop(self._aside))
        while self._ready:
            copy = self._ready.popleft()
            if len(self._ready) < STORED and len(self._hands) < HANDS:
                self.wanting.set()
            if not copy.hand.lost:
                return copy
        return None

    async def next(self) -> Copy | None:
        """The next copy, or None once the outbox is closed."""
        while not self._closed:
            copy = self.take()
            if copy is not None:
                return copy
            await self._arrival()
        return None

    def put_back(self, copy: Copy, after: float = 0.0) -> None:
        """Not now: the copy is to be had again `after` so many seconds."""
        if after > 0:
            copy.ready_at = self._loop.time() + after
            heapq.heappush(self._aside, copy)
        else:
            self._ready.appendleft(copy)
        self._announce()

    def begin(self, copy: Copy) -> bool:
        """Note that the content is about to flow; False: it must not."""
        if self._closed or copy.hand.lost:
            return False
        # Asked each time: a machine may have slept since the last one, or the database hangs and with it
        # every commit that would have renewed the lease.
        if self._clock.now() >= min(copy.hand.until, self._deadline):
            log.warning("too late to begin another message", extra=_fields(copy.hand.batch))
            self.close()
            return False
        if copy.hand.leaf.begin(copy.due.delivery.subscriber):
            copy.hand.begun[copy.due.delivery.subscriber] = copy.due
            return True
        log.warning("shut out: others have taken over what this worker held")
        self.shut_out = True
        for hand in self._hands:
            hand.lost = True
        self.close()
        return False

    def settle(self, copy: Copy, answer: Answer, wait: float | None = None) -> None:
        """Note what came of a copy; `wait` seconds if it is put off without having been tried."""
        hand, delivery = copy.hand, copy.due.delivery
        begun = hand.begun.pop(delivery.subscriber, None) is not None
        if begun or answer.event is not Event.LEFT_OUT:
            hand.leaf.answer(delivery.subscriber, answer)
        now = self._clock.now()
        until = now + timedelta(seconds=wait) if wait is not None else None
        hand.settled.append(Settled(delivery, answer, now, begun, until))
        hand.left -= 1
        if hand.left == 0:
            self._stir.set()

    # -- answers to the ledger -----------------------------------------------------------------------

    async def keep_books(self) -> None:
        """Commit what was answered: each batch when it is done, and all of them every second."""
        while not self._over:
            with suppress(TimeoutError):
                async with asyncio.timeout(COMMIT_EVERY):
                    await self._stir.wait()
            everything = not self._stir.is_set()
            self._stir.clear()
            for hand in list(self._hands):
                if hand.left == 0 or everything:
                    await self._commit(hand)

    def end_books(self) -> None:
        self._over = True
        self._stir.set()

    async def settle_up(self) -> bool:
        """At the end, however it came: give every batch back; whoever has no answer is in doubt.

        False if the ledger could not be written: then the journal has to tell it later.
        """
        self._closed = True
        for hand in list(self._hands):
            for due in hand.begun.values():
                lost = Answer(event=Event.LOST, code=None, text="stopped while waiting for the answer")
                hand.settled.append(
                    Settled(delivery=due.delivery, answer=lost, at=self._clock.now(), begun=True)
                )
            hand.begun.clear()
            hand.left = 0
            await self._commit(hand)
        return not self._hands

    async def _commit(self, hand: Hand) -> None:
        done = hand.left == 0
        settled, hand.settled = hand.settled, []
        lease, now = None if done else LEASE, self._clock.now()
        try:
            if not hand.lost:
                await self._deliveries.record(hand.batch, settled, now=now, lease=lease)
                hand.until = now + LEASE
        except LeaseLost:
            log.warning("lease lost", extra=_fields(hand.batch))
            hand.lost = True
        except Exception:
            hand.settled, hand.unwritten = settled + hand.settled, True
            log.exception("the ledger cannot be written; the journal has it", extra=_fields(hand.batch))
            return
        for outcome in settled:
            if outcome.answer.event is not _TAKEN or log.isEnabledFor(logging.DEBUG):  # they may be a million
                _tell(outcome)
        if done or hand.lost:
            self._hands.remove(hand)
            if not hand.lost:
                hand.leaf.close()
            self._consider()

    # -- within --------------------------------------------------------------------------------------

    def _consider(self) -> None:
        """Whether to claim ahead."""
        if len(self._ready) < STORED and len(self._hands) < HANDS:
            self.wanting.set()
        else:
            self.wanting.clear()

    def _announce(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def _arrival(self) -> None:
        """Until there may be something to take."""
        waiter = self._loop.create_future()
        self._waiting.append(waiter)
        timer = None
        if self._aside:
            left = max(self._aside[0].ready_at - self._loop.time(), 0.01)
            timer = self._loop.call_later(left, self._announce)
        try:
            await waiter
        finally:
            if timer is not None:
                timer.cancel()


_TAKEN: Final = Event.TAKEN
_FINE: Final = frozenset({State.ACCEPTED, State.SKIPPED})


def _tell(outcome: Settled) -> None:
    delivery, state = outcome.delivery, outcome.state
    extra = {
        "edition": delivery.edition.isoformat(),
        "subscriber": delivery.subscriber,
        "attempt": outcome.attempts,
        "code": outcome.answer.code,
    }
    log.log(logging.DEBUG if state in _FINE else logging.WARNING, "delivery %s", state, extra=extra)


def _fields(batch: Batch) -> dict[str, object]:
    return {"edition": batch.edition.isoformat(), "batch": batch.number}
