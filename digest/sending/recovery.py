"""Recovery of batches that a lost worker held.

What its journal says is recorded exactly; where the journal is lost too, the deliveries are in doubt.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from digest.deliveries import Answer, Event, Held, JournalEntry, Settled, WorkerState
from digest.errors import LeaseLost
from digest.ports import Clock, DeliveryStore, Journal
from digest.sending.outbox import LEASE

log = logging.getLogger(__name__)

GRACE: Final = timedelta(minutes=10)
"""How long an overdue batch of another machine is left to that machine, which can read its own journal."""

_NO_ANSWER: Final = Answer(event=Event.LOST, code=None, text="the worker was lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Settles the batches of dead and frozen workers, and gives back what they had not begun."""

    deliveries: DeliveryStore
    journal: Journal
    clock: Clock
    _overdue_since: dict[_Claim, datetime] = field(default_factory=dict)
    """When this process first saw a claim of another machine overdue; a renewed claim is another key."""

    async def settle_lost_batches(self) -> None:
        """Settle every batch whose worker is lost; an error with one batch does not stop the others."""
        # Before the ledger is read: a worker that claims and dies in between keeps its journal.
        dead = self.journal.dead_workers()
        held = await self.deliveries.held()
        for one in held:
            try:
                if self._is_lost(one):
                    await self._settle(one)
            except LeaseLost:
                continue  # another process was faster
            except Exception:
                log.exception("a lost batch cannot be taken over", extra=_fields(one))
        claims = {_claim(one) for one in held}
        for claim in self._overdue_since.keys() - claims:
            del self._overdue_since[claim]
        self.journal.forget(dead - {one.owner for one in await self.deliveries.held()})

    def _is_lost(self, held: Held) -> bool:
        now = self.clock.now()
        match self.journal.state_of(held.owner):
            case WorkerState.HERE:
                return False
            case WorkerState.DEAD | WorkerState.RESTARTED:
                return True
            case WorkerState.ALIVE:
                return held.until <= now or (held.until > now + LEASE and self._seen_for_long(held, now))
            case WorkerState.ELSEWHERE:
                # The two machines' clocks may differ: it counts for how long we have seen it not renewed.
                return not now < held.until <= now + LEASE and self._seen_for_long(held, now)

    def _seen_for_long(self, held: Held, now: datetime) -> bool:
        """Whether a claim that should have ended has been seen as it is for `GRACE`.

        A lease too far ahead was noted before the clock was set back; its worker may be alive and renew it.
        """
        since = min(self._overdue_since.get(_claim(held), now), now)
        self._overdue_since[_claim(held)] = since
        return since + GRACE <= now

    async def _settle(self, held: Held) -> None:
        batch, now = held.batch, self.clock.now()
        readable = self.journal.state_of(held.owner) in {WorkerState.DEAD, WorkerState.ALIVE}
        if readable:
            await asyncio.to_thread(self.journal.shut_out, held.owner)
        due = {one.delivery.subscriber: one.delivery for one in await self.deliveries.due_in(batch)}
        if readable:
            noted = await asyncio.to_thread(self.journal.read, held.owner, batch)
        else:
            noted = [JournalEntry(subscriber=subscriber, begun=True, answer=None) for subscriber in due]
        settled = [
            Settled(delivery=due[one.subscriber], answer=one.answer or _NO_ANSWER, at=now, begun=one.begun)
            for one in noted
            if one.subscriber in due
        ]
        await self.deliveries.record(batch, settled, now=now, lease=None)
        unknown = sum(outcome.answer.event is Event.LOST for outcome in settled)
        counts = {"known": len(settled) - unknown, "unknown": unknown}
        log.warning("took over from a lost worker", extra=_fields(held) | counts)


_Claim = tuple[str, date, int, int, datetime]


def _claim(held: Held) -> _Claim:
    return (held.owner, held.batch.edition, held.batch.number, held.batch.fence, held.until)


def _fields(held: Held) -> dict[str, object]:
    return {"edition": held.batch.edition.isoformat(), "batch": held.batch.number}
