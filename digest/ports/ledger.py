"""The store's ledger: which deliveries were planned, what became of them, and what holds sending back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    missed: tuple[date, ...]  # the days of earlier editions whose stories it carries too, oldest first
    kept: tuple[date, ...] = ()  # likewise, but they waited for this day as a weekly reader wants it


class Carried(NamedTuple):
    """The days of earlier editions whose stories a delivery carries too, oldest first."""

    missed: tuple[date, ...] = ()  # they were not surely given
    kept: tuple[date, ...] = ()  # they waited for this day as a weekly reader wants it


class DeliveryStore(Protocol):
    """The ledger: one row for each edition and subscriber."""

    async def plan(
        self, day: date, *, since: datetime, everybody: bool, now: datetime, noon: datetime
    ) -> int:
        """Plan the day's deliveries in batches, for subscribers who have been active since `since`.

        Each delivery carries the subscriber's earlier ones that were not surely given. Without `everybody`,
        only subscribers who are owed an earlier edition get one. A day that is not a weekly reader's own is
        noted, and their next delivery carries it. Other workers are woken at `noon`. Returns how many
        deliveries were planned: 0 at a second call for the day.
        """
        ...

    async def claim(self, day: date, *, owner: str, now: datetime, lease: timedelta) -> Batch | None:
        """Claim a batch of the day with something left to do, for the time of `lease`; None if there is none.

        No other worker gets it until then.
        """
        ...

    async def due_in(self, batch: Batch) -> list[Due]:
        """The deliveries of a claimed batch that are due and not recorded yet, ordered by subscriber."""
        ...

    async def record(
        self, batch: Batch, settled: Sequence[Settled], *, now: datetime, lease: timedelta | None
    ) -> None:
        """Write outcomes and renew the lease of the batch; with None as `lease`, release the batch.

        `LeaseLost` if another worker has claimed the batch since: then nothing is written.
        """
        ...

    async def try_again(self, day: date, now: datetime) -> Mapping[State, int]:
        """Let the day's failed deliveries be due now, unless a later edition carries them; workers are woken.

        Returns how many of each state there were.
        """
        ...

    async def held(self) -> list[Held]:
        """All batches that some worker has claimed."""
        ...

    async def tally(self, day: date) -> dict[State, int]:
        """How many of the day's deliveries are in each state."""
        ...

    async def done(self, day: date) -> tuple[int, int]:
        """How many deliveries are in batches with nothing left to do, and how many were planned.

        It counts whole batches, which is quick.
        """
        ...

    async def progress(self, day: date, now: datetime) -> Progress: ...

    async def receipts(self, subscriber: int, since: date) -> list[Receipt]:
        """One subscriber's deliveries from a day on, the oldest first."""
        ...

    async def state(self, day: date, subscriber: int) -> State | None:
        """The state of one delivery; None if none was planned."""
        ...

    async def carried(self, day: date, subscriber: int, wishes: Wishes) -> Carried:
        """What a subscriber's delivery of a day carries; what it would carry if none is planned."""
        ...


class PauseStore(Protocol):
    """Whether sending is paused, for all processes that share the database."""

    async def current(self) -> Pause | None: ...

    async def pause(self, pause: Pause) -> bool:
        """Pause sending. False if it is paused already: that pause stays, and gets the end of the new one."""
        ...

    async def lift(self, now: datetime) -> bool:
        """Remove the pause if its end is past; returns whether it did."""
        ...

    async def end_at(self, until: datetime) -> None:
        """Set when the pause ends by itself, if there is one."""
        ...

    async def know_endings(self) -> None:
        """Note that everybody who left since the restored backup is ended again."""
        ...

    async def resume(self) -> bool:
        """End the pause now; returns whether there was one."""
        ...


class LimitStore(Protocol):
    """The limits on sending that an operator has set while the service runs."""

    async def current(self) -> Limits: ...


class RelayStore(Protocol):
    """Workers' reports on the relays. A report counts for a day."""

    async def record(self, reports: Sequence[RelayReport], now: datetime) -> None:
        """Store reports; each replaces the same worker's last one about the same relay."""
        ...

    async def reports(self) -> list[RelayReport]: ...
