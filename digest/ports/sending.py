"""What handing messages over needs: sessions with a relay, and a journal that outlives the process."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from digest.deliveries import Answer, Batch, Envelope


class Session(Protocol):
    """One connection to the relay, owned by one task; the two phases are told apart on purpose.

    A connection lost before `hand_over` surely left nothing behind; one lost during it may have.
    """

    async def offer(self, envelope: Envelope, size: int) -> Answer:
        """MAIL and RCPT. `Event.BEGUN`: the relay wants the message; else `PUT_OFF` or `REJECTED`."""
        ...

    async def withdraw(self) -> None:
        """The offer is off. Never raises."""
        ...

    async def hand_over(self, wire: bytes, then: tuple[Envelope, int] | None = None) -> Answer:
        """The content, ready for the wire, to the final reply: `TAKEN`, `PUT_OFF`, `REJECTED` or `LOST`.

        Never raises for the network. `then` is what will be offered next, if that is known: it may go out
        right behind the content, and its own `offer` must follow.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether a relay could be had when it was last dialled."""

    relay: str  # host:port
    ago: timedelta | None  # since it was dialled; None: not yet
    code: int | None  # of a relay that answered and would not have us
    trouble: str  # why it could not be had, without any address; empty: it could


class Relay(Protocol):
    """The servers that we submit messages to."""

    per_connection: int | None  # messages before a connection is closed; None: as the settings say

    @property
    def away(self) -> bool:
        """Whether no server can be had just now: none is dialled before it has had a rest."""
        ...

    def health(self) -> Sequence[Reach]:
        """Each server, in the order in which they are tried."""
        ...

    def session(self) -> AbstractAsyncContextManager[Session]:
        """A connection ready for mail; if none can be had, its `offer` answers `PUT_OFF`."""
        ...


class Leaf(Protocol):
    """What one worker notes of one batch, in a place that outlives its process."""

    def begin(self, subscriber: int) -> bool:
        """Note that the content is about to flow; False if this worker has been shut out and must stop."""
        ...

    def answer(self, subscriber: int, answer: Answer) -> None:
        """Note what came of it."""
        ...

    def close(self) -> None:
        """The ledger knows it all now."""
        ...


class Whereabouts(StrEnum):
    """What is known of a worker by its journal."""

    HERE = "here"  # it is this very process
    DEAD = "dead"  # it ran on this machine and is gone
    ALIVE = "alive"  # another process of this machine, which may be frozen
    ELSEWHERE = "elsewhere"  # nothing is known of it here
    RESTARTED = (
        "restarted"  # this machine was started anew since: what it noted may not have reached the disk
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One delivery in a worker's journal."""

    subscriber: int
    begun: bool  # the content was about to flow
    answer: Answer | None  # None: no answer came; then it was begun


class Journal(Protocol):
    """What workers of this machine noted of the batches they hold."""

    @property
    def owner(self) -> str:
        """The name under which this process claims; it stays the same until `settle_in` or `renounce`."""
        ...

    def settle_in(self) -> None:
        """At the start of a run: take another name if others have taken over what is held under this one."""
        ...

    def leaf(self, batch: Batch, subscribers: Sequence[int]) -> Leaf:
        """A fresh leaf with room for these. `OSError` if there is no room for it."""
        ...

    def whereabouts(self, owner: str) -> Whereabouts: ...

    def shut_out(self, owner: str) -> None:
        """From now on the worker hands nothing over, even if it lives. For an owner of this machine."""
        ...

    def read(self, owner: str, batch: Batch) -> list[Noted]:
        """What a worker of this machine noted of a batch; nothing noted means that nothing was begun."""
        ...

    def renounce(self) -> None:
        """Give this process another name; what is held under the old one is for anybody to take over."""
        ...

    def gone(self) -> set[str]:
        """The workers of this machine that left a journal and do not live."""
        ...

    def forget(self, owners: Collection[str]) -> None:
        """Throw away the journals of these, who hold no batches any more."""
        ...
