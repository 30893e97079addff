"""Taking over what a lost worker held: exact by its journal, in doubt where the journal is lost too."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from digest.deliveries import Answer, Event, Settled
from digest.errors import LeaseLost
from digest.ports import Clock, DeliveryStore, Held, Journal, Noted, Whereabouts

log = logging.getLogger(__name__)

GRACE: Final = timedelta(minutes=10)
"""After its lease, before a batch held on another machine is given up: that machine knows better."""

_NO_ANSWER: Final = Answer(event=Event.LOST, code=None, text="the worker was lost")


async def take_over(deliveries: DeliveryStore, journal: Journal, clock: Clock) -> None:
    """Settle what dead and frozen workers held, and give the rest of it back."""
    for held in await deliveries.held():
        if _is_lost(held, journal, clock.now()):
            with suppress(LeaseLost):  # somebody else was quicker
                await _settle(held, deliveries, journal, clock)
    journal.forget({held.owner for held in await deliveries.held()})


def _is_lost(held: Held, journal: Journal, now: datetime) -> bool:
    match journal.whereabouts(held.owner):
        case Whereabouts.HERE:
            return False
        case Whereabouts.DEAD:
            return True
        case Whereabouts.ALIVE:
            return held.until <= now
        case Whereabouts.ELSEWHERE:
            return held.until + GRACE <= now


async def _settle(held: Held, deliveries: DeliveryStore, journal: Journal, clock: Clock) -> None:
    batch, now = held.batch, clock.now()
    known = journal.whereabouts(held.owner) is not Whereabouts.ELSEWHERE
    if known:
        await asyncio.to_thread(journal.shut_out, held.owner)
    due = {one.delivery.subscriber: one.delivery for one in await deliveries.in_hand(batch)}
    if known:
        noted = await asyncio.to_thread(journal.read, held.owner, batch)
    else:
        noted = [Noted(subscriber=subscriber, begun=True, answer=None) for subscriber in due]
    settled = [
        Settled(delivery=due[one.subscriber], answer=one.answer or _NO_ANSWER, at=now, begun=one.begun)
        for one in noted
        if one.subscriber in due
    ]
    await deliveries.record(batch, settled, now=now, lease=None)
    unknown = sum(outcome.answer.event is Event.LOST for outcome in settled)
    extra = {
        "edition": batch.edition.isoformat(),
        "batch": batch.number,
        "known": len(settled) - unknown,
        "unknown": unknown,
    }
    log.warning("took over from a lost worker", extra=extra)
