"""The store's ledger: which deliveries were planned, what became of them, and what holds sending back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from digest.deliveries import Batch, Delivery, Held, Limits, Pause, Progress, Receipt, Settled, State
from digest.relays import RelayReport
from digest.subscriptions import Standing, Wishes


class Due(NamedTuple):
    """A delivery to be made, with what the store knows of its subscriber."""

    delivery: Delivery
    address: str
    standing: Standing
    generation: int
    wishes: Wishes
    missed: tuple[date, ...]  # the days whose stories it carries as well, oldest first


class DeliveryStore(Protocol):
    """The ledger: one row for each edition and subscriber."""

    async def plan(
        self, day: date, *, since: datetime, everybody: bool, now: datetime, noon: datetime
    ) -> int:
        """Plan the day's deliveries in batches, each with the earlier ones that were not surely given.

        Planned for every subscriber who has been active since `since`; without `everybody`, only for those of
        them who are owed an earlier edition. Workers elsewhere are woken at `noon`. Returns how many were
        planned; a second call for the day plans nothing.
        """
        ...

    async def claim(self, day: date, *, owner: str, now: datetime, lease: timedelta) -> Batch | None:
        """Claim a batch with something left to do, until the lease ends; no other claim gets it meanwhile."""
        ...

    async def in_hand(self, batch: Batch) -> list[Due]:
        """The deliveries of a claimed batch that are due and not recorded yet, ordered by subscriber."""
        ...

    async def record(
        self, batch: Batch, settled: Sequence[Settled], *, now: datetime, lease: timedelta | None
    ) -> None:
        """Write outcomes, and renew the lease of the batch or, without `lease`, give the batch back.

        `LeaseLost` if the batch is no longer ours: then nothing was written.
        """
        ...

    async def held(self) -> list[Held]:
        """All batches that some worker has claimed."""
        ...

    async def tally(self, day: date) -> dict[State, int]:
        """How many of the day's deliveries are in each state."""
        ...

    async def done(self, day: date) -> tuple[int, int]:
        """Deliveries in batches with nothing left to do, and all that were planned.

        Quick, as it counts whole batches.
        """
        ...

    async def progress(self, day: date, now: datetime) -> Progress: ...

    async def receipts(self, subscriber: int, since: date) -> list[Receipt]:
        """One subscriber's deliveries from a day on, the oldest first."""
        ...

    async def state(self, day: date, subscriber: int) -> State | None:
        """The state of one delivery; None if none was planned."""
        ...


class PauseStore(Protocol):
    """Whether sending is paused, for every process that shares the state."""

    async def current(self) -> Pause | None: ...

    async def pause(self, pause: Pause) -> bool:
        """Pause sending. False if it was paused already: that pause stays, with the new one's end."""
        ...

    async def lift(self, now: datetime) -> bool:
        """Remove a pause whose end is past; whether there was one."""
        ...


class LimitStore(Protocol):
    """Limits on sending that an operator set while the service runs."""

    async def current(self) -> Limits: ...


class RelayStore(Protocol):
    """How workers found the relays; a report is forgotten after a day."""

    async def record(self, reports: Sequence[RelayReport], now: datetime) -> None:
        """Store reports; each replaces the same worker's last one about the same relay."""
        ...

    async def reports(self) -> list[RelayReport]: ...
