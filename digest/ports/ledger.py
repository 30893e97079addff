"""The store's ledger: what was to be given to whom, what is surely known of it, and what holds it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from digest.deliveries import WAITING, Batch, Delivery, Limits, Pause, Settled, State
from digest.relays import RelayWord
from digest.subscriptions import (
    Standing,
    Wishes,
)


class Due(NamedTuple):
    """A delivery to be made, and to whom."""

    delivery: Delivery
    address: str
    standing: Standing
    generation: int
    wishes: Wishes
    missed: tuple[date, ...]  # the days whose stories it carries, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A batch that some worker has claimed."""

    batch: Batch
    owner: str
    until: datetime  # when the lease runs out, aware, UTC


class DeliveryStore(Protocol):
    """The ledger: what was to be given to whom, and what is surely known of it."""

    async def plan(
        self, day: date, *, since: datetime, everybody: bool, now: datetime, noon: datetime
    ) -> int:
        """Plan the day's deliveries once, in batches, and let each carry what was not surely given before.

        For everybody active now that was so at `since`; or only for those of them who are owed an earlier
        edition. Workers elsewhere are woken at `noon`. How many were planned; a second call plans nothing.
        """
        ...

    async def claim(self, day: date, *, owner: str, now: datetime, lease: timedelta) -> Batch | None:
        """A batch with something to do in it, ours until the lease runs out; no other claim gets it."""
        ...

    async def in_hand(self, batch: Batch) -> list[Due]:
        """What is to be done of a claimed batch and is not recorded yet, in subscribers' order."""
        ...

    async def record(
        self, batch: Batch, settled: Sequence[Settled], *, now: datetime, lease: timedelta | None
    ) -> None:
        """Write what came of deliveries, and keep the batch for another lease or, without one, give it back.

        `LeaseLost` if the batch is no longer ours: then nothing was written.
        """
        ...

    async def held(self) -> list[Held]: ...

    async def tally(self, day: date) -> dict[State, int]: ...

    async def done(self, day: date) -> tuple[int, int]:
        """Deliveries in batches with nothing left to do, of how many; quick, and right to a batch."""
        ...

    async def progress(self, day: date, now: datetime) -> Progress: ...

    async def receipts(self, subscriber: int, since: date) -> list[Receipt]:
        """How one subscriber's deliveries stand, the oldest first."""
        ...

    async def state(self, day: date, subscriber: int) -> State | None:
        """How one subscriber's delivery stands; None if none was planned."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the ledger says of one edition to one subscriber."""

    edition: date
    state: State
    at: datetime | None  # when it was settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How an edition's deliveries stand."""

    states: Mapping[State, int]
    batches: int
    open: int  # batches with something left to do
    holding: Mapping[str, int]  # batches by the worker that holds them
    untried_since: datetime | None  # when the first of those not put off was planned
    oldest_retry: datetime | None  # when the first of those put off is asked again
    settled_lately: int  # deliveries settled in the last minute
    trouble: tuple[datetime, int | None] | None  # the last try that failed, and what the relay said

    @property
    def left(self) -> int:
        return sum(count for state, count in self.states.items() if state in WAITING)

    def waited(self, noon: datetime, now: datetime) -> timedelta:
        """How long the delivery that waits longest has been due; zero where none is.

        One that was put off is due when it is to be asked again, the others from noon on.
        """
        untried = max(self.untried_since, noon) if self.untried_since else None
        due = min((at for at in (untried, self.oldest_retry) if at is not None), default=now)
        return max(now - due, timedelta())

    @property
    def seconds_left(self) -> float | None:
        """Of those that were not tried, at the pace of the last minute; None where nothing went out in it.

        Those put off go when they are asked again, however fast the others do.
        """
        untried = self.states.get(State.PLANNED, 0)
        return untried * 60.0 / self.settled_lately if untried and self.settled_lately else None


class PauseStore(Protocol):
    """Whether sending is paused: for every process that shares the state."""

    async def current(self) -> Pause | None: ...

    async def pause(self, pause: Pause) -> bool:
        """Whether sending was on; else the first pause stands, and is not over by itself any more."""
        ...

    async def end_at(self, until: datetime) -> None:
        """Let the pause be over by itself, if there is one."""
        ...

    async def lift(self, now: datetime) -> bool:
        """Whether the pause is over by itself, and was lifted."""
        ...

    async def resume(self) -> bool:
        """Whether sending was paused."""
        ...


class LimitStore(Protocol):
    """Limits on sending that an operator set while the service runs."""

    async def current(self) -> Limits: ...

    async def set(self, limits: Limits) -> None: ...


class RelayStore(Protocol):
    """How workers found the relays; what is a day old is forgotten."""

    async def note(self, words: Sequence[RelayWord], now: datetime) -> None:
        """Each in the place of the same worker's last about the same relay."""
        ...

    async def words(self) -> list[RelayWord]: ...
