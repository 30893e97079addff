"""Receipts: whether a subscriber's editions of a month went out, as the ledger has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from digest.deliveries import State
from digest.ports import DeliveryStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """Whether a subscriber's editions of a month went out."""

    planned: int
    accepted: int
    last: datetime | None  # when the relay last took one, aware, UTC


async def receipts_of(subscriber: int, today: date, ledger: DeliveryStore) -> Receipts:
    """Those of the month of `today`; an edition that was skipped is not counted."""
    found = await ledger.receipts(subscriber, today.replace(day=1))
    wanted = [one for one in found if one.state is not State.SKIPPED]
    accepted = [one for one in wanted if one.state is State.ACCEPTED]
    last = max((one.at for one in accepted if one.at is not None), default=None)
    return Receipts(planned=len(wanted), accepted=len(accepted), last=last)
