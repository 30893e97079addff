"""The outbox: the batches a worker holds, from the claim to the ledger.

Connections take copies from it and bring back answers. Each copy is noted in the journal before its content
is sent and again when it is answered; answers go into the ledger a batch at a time.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from digest.deliveries import Answer, Batch, Event, Settled, State
from digest.errors import LeaseLost
from digest.ports import Clock, DeliveryStore
from digest.sending.copies import Claimed, OpenBatch, Rendered

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""How long a claimed batch stays ours without a commit; each commit renews the lease."""

LOOK_EVERY: Final = 1.0
"""Seconds between looks at the pause, the limits and the clock, whatever else takes its time."""

COMMIT_EVERY: Final = 1.0
"""Seconds between commits of batches that are not complete yet."""

READY_COPIES: Final = 600
"""Copies kept ready, so that connections never wait for the database."""

MOST_BATCHES: Final = 8
"""Batches held at once: complete but for their last answers, or being sent."""


class Outbox:
    """What the connections of one worker share during a run."""

    def __init__(self, deliveries: DeliveryStore, clock: Clock, deadline: datetime) -> None:
        """No message is begun from the `deadline` on."""
        self._deliveries = deliveries
        self._clock = clock
        self._deadline = deadline
        self.shut_out = False
        """Whether another process has taken over the batches of this worker."""
        self._loop = asyncio.get_running_loop()
        self._ready: deque[Rendered] = deque()
        self._later: list[tuple[float, int, Rendered]] = []  # a heap, by the time from which a copy may go
        self._order = itertools.count()  # of copies that may go from the same time on
        self._batches: list[OpenBatch] = []
        self._waiting: list[asyncio.Future[None]] = []  # connections that wait for a copy
        self._closed = self._ended = False
        self._commit_now = asyncio.Event()  # a batch is complete, or the run has ended
        self.wants_batch = asyncio.Event()
        """Set while another batch should be claimed."""
        self.wants_batch.set()

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Hand out no more copies; connections that wait for one get None."""
        self._closed = True
        self.wants_batch.set()
        self._wake_waiting()

    # -- batches in ----------------------------------------------------------------------------------

    def add(self, batch: OpenBatch, copies: Sequence[Rendered]) -> None:
        self._batches.append(batch)
        self._ready.extend(copies)
        if batch.left == 0:
            self._commit_now.set()
        self._update_wants_batch()
        self._wake_waiting()

    @property
    def empty(self) -> bool:
        """Whether no copy waits for an outcome; a batch that the ledger did not take does not count."""
        return all(batch.lost or (batch.left == 0 and batch.unwritten) for batch in self._batches)

    # -- copies out ----------------------------------------------------------------------------------

    def take(self) -> Rendered | None:
        """The next copy that may go now, if there is one."""
        if self._closed:
            return None
        while self._later and self._later[0][0] <= self._loop.time():
            self._ready.appendleft(heapq.heappop(self._later)[-1])
        while self._ready:
            copy = self._ready.popleft()
            if len(self._ready) < READY_COPIES and len(self._batches) < MOST_BATCHES:
                self.wants_batch.set()
            if not copy.claimed.batch.lost:
                return copy
        return None

    async def next(self) -> Rendered | None:
        """The next copy, or None once the outbox is closed."""
        while not self._closed:
            copy = self.take()
            if copy is not None:
                return copy
            await self._until_woken()
        return None

    def put_back(self, copy: Rendered, after: float = 0.0) -> None:
        """Take back a copy that does not go now; it is handed out again after so many seconds."""
        if after > 0:
            heapq.heappush(self._later, (self._loop.time() + after, next(self._order), copy))
        else:
            self._ready.appendleft(copy)
        self._wake_waiting()

    def begin(self, copy: Claimed) -> bool:
        """Note in the journal that the content is about to be sent; False: it must not be sent."""
        batch = copy.batch
        if self._closed or batch.lost:
            return False
        # Checked for each message: the machine may have slept since the last one, or the database hangs and
        # no commit renews the lease.
        if self._clock.now() >= min(batch.until, self._deadline):
            log.warning("too late to begin another message", extra=_fields(batch.batch))
            self.close()
            return False
        subscriber = copy.due.delivery.subscriber
        if batch.page.begin(subscriber):
            batch.begun[subscriber] = copy.due
            return True
        log.warning("shut out: others have taken over what this worker held")
        self.shut_out = True
        for held in self._batches:
            held.lost = True
        self.close()
        return False

    def settle(self, copy: Claimed, answer: Answer, wait: float | None = None) -> None:
        """Note the outcome of a copy; `wait` in seconds if it is put off without a try."""
        batch, delivery = copy.batch, copy.due.delivery
        begun = batch.begun.pop(delivery.subscriber, None) is not None
        if begun or answer.event is not Event.LEFT_OUT:
            batch.page.answer(delivery.subscriber, answer)
        now = self._clock.now()
        until = now + timedelta(seconds=wait) if wait is not None else None
        batch.settled.append(Settled(delivery, answer, now, begun, until))
        batch.left -= 1
        if batch.left == 0:
            self._commit_now.set()

    # -- answers to the ledger -----------------------------------------------------------------------

    async def commit_regularly(self) -> None:
        """Write answers to the ledger until `stop_committing`: complete batches at once, all each second."""
        while not self._ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(COMMIT_EVERY):
                    await self._commit_now.wait()
            everything = not self._commit_now.is_set()
            self._commit_now.clear()
            for batch in list(self._batches):
                if batch.left == 0 or everything:
                    await self._commit(batch)

    def stop_committing(self) -> None:
        self._ended = True
        self._commit_now.set()

    async def give_back(self) -> bool:
        """Give every batch back at the end of the run; a copy begun and not answered is recorded as lost.

        False if the ledger could not be written: then it is written later from the journal.
        """
        self._closed = True
        for batch in list(self._batches):
            for due in batch.begun.values():
                lost = Answer(event=Event.LOST, code=None, text="stopped while waiting for the answer")
                batch.settled.append(
                    Settled(delivery=due.delivery, answer=lost, at=self._clock.now(), begun=True)
                )
            batch.begun.clear()
            batch.left = 0
            await self._commit(batch)
        return not self._batches

    async def _commit(self, batch: OpenBatch) -> None:
        done = batch.left == 0
        settled, batch.settled = batch.settled, []
        lease, now = None if done else LEASE, self._clock.now()
        try:
            if not batch.lost:
                await self._deliveries.record(batch.batch, settled, now=now, lease=lease)
                batch.until = now + LEASE
        except LeaseLost:
            log.warning("lease lost", extra=_fields(batch.batch))
            batch.lost = True
        except Exception:
            batch.settled, batch.unwritten = settled + batch.settled, True
            log.exception("the ledger cannot be written; the journal has it", extra=_fields(batch.batch))
            return
        for outcome in settled:
            # A run may have a million messages taken: they are logged only where somebody looks closely.
            if outcome.answer.event is not _TAKEN or log.isEnabledFor(logging.DEBUG):
                _log_outcome(outcome)
        if done or batch.lost:
            self._batches.remove(batch)
            if not batch.lost:
                batch.page.close()
            self._update_wants_batch()

    # -- within --------------------------------------------------------------------------------------

    def _update_wants_batch(self) -> None:
        if len(self._ready) < READY_COPIES and len(self._batches) < MOST_BATCHES:
            self.wants_batch.set()
        else:
            self.wants_batch.clear()

    def _wake_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def _until_woken(self) -> None:
        """Wait until there may be a copy to take."""
        waiter = self._loop.create_future()
        self._waiting.append(waiter)
        timer = None
        if self._later:
            left = max(self._later[0][0] - self._loop.time(), 0.01)
            timer = self._loop.call_later(left, self._wake_waiting)
        try:
            await waiter
        finally:
            if timer is not None:
                timer.cancel()


_TAKEN: Final = Event.TAKEN
_FINE: Final = frozenset({State.ACCEPTED, State.SKIPPED})


def _log_outcome(outcome: Settled) -> None:
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
