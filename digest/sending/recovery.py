"""Taking over what a lost worker held: exact by its journal, in doubt where the journal is lost too."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from digest.deliveries import Answer, Event, Settled
from digest.errors import LeaseLost
from digest.ports import Clock, DeliveryStore, Held, Journal, Noted, Whereabouts

log = logging.getLogger(__name__)

GRACE: Final = timedelta(minutes=10)
"""Before an overdue batch of another machine is given up: that machine knows better."""

_NO_ANSWER: Final = Answer(event=Event.LOST, code=None, text="the worker was lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """Settles what dead and frozen workers held, and gives the rest of it back."""

    deliveries: DeliveryStore
    journal: Journal
    clock: Clock
    _overdue: dict[_Claim, datetime] = field(default_factory=dict)
    """When we first saw a claim of another machine overdue as it stands; each renewal is a new beginning."""

    async def look(self) -> None:
        """One batch that cannot be taken over is named, and does not keep anybody from the others."""
        gone = self.journal.gone()  # before the ledger is asked: who claims and dies meanwhile is not of them
        held = await self.deliveries.held()
        for one in held:
            try:
                if self._is_lost(one):
                    await self._settle(one)
            except LeaseLost:
                continue  # somebody else was quicker
            except Exception:
                log.exception("a lost batch cannot be taken over", extra=_fields(one))
        claims = {_claim(one) for one in held}
        for claim in self._overdue.keys() - claims:
            del self._overdue[claim]
        self.journal.forget(gone - {one.owner for one in await self.deliveries.held()})

    def _is_lost(self, held: Held) -> bool:
        now = self.clock.now()
        match self.journal.whereabouts(held.owner):
            case Whereabouts.HERE:
                return False
            case Whereabouts.DEAD | Whereabouts.RESTARTED:
                return True
            case Whereabouts.ALIVE:
                return held.until <= now
            case Whereabouts.ELSEWHERE:
                # Overdue by our clock; what counts is that it has not been renewed all the while.
                return held.until <= now and self._overdue.setdefault(_claim(held), now) + GRACE <= now

    async def _settle(self, held: Held) -> None:
        batch, now = held.batch, self.clock.now()
        known = self.journal.whereabouts(held.owner) in {Whereabouts.DEAD, Whereabouts.ALIVE}
        if known:
            await asyncio.to_thread(self.journal.shut_out, held.owner)
        due = {one.delivery.subscriber: one.delivery for one in await self.deliveries.in_hand(batch)}
        if known:
            noted = await asyncio.to_thread(self.journal.read, held.owner, batch)
        else:
            noted = [Noted(subscriber=subscriber, begun=True, answer=None) for subscriber in due]
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
