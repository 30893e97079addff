"""Ports for submitting messages: sessions with a relay, and a journal that outlives the process."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from digest.deliveries import Answer, Batch, Envelope, JournalEntry, WorkerState
from digest.relays import LastDial


class Session(Protocol):
    """A session with a relay, for one task: it submits messages one after another, each in two phases.

    If the connection is lost before `hand_over`, the relay surely has no message. If it is lost during
    `hand_over`, the relay may have it.
    """

    async def offer(self, envelope: Envelope, size: int) -> Answer:
        """Send MAIL and RCPT for a message of `size` octets.

        The answer's event is `BEGUN` if the relay wants the message, else `PUT_OFF` or `REJECTED`.
        """
        ...

    async def withdraw(self) -> None:
        """Take the offer back. Never raises."""
        ...

    async def hand_over(self, wire: bytes, then: tuple[Envelope, int] | None = None) -> Answer:
        """Send the content, in wire form, and read the reply: `TAKEN`, `PUT_OFF`, `REJECTED` or `LOST`.

        Errors of the network are not raised. `then` is the next message's offer, if it is known already: it
        may be sent right after the content, and then the next call must be that `offer`.
        """
        ...


class Relay(Protocol):
    """The servers that we submit messages to."""

    per_connection: int | None  # messages before a connection is closed; None: as the settings say

    @property
    def away(self) -> bool:
        """Whether every server failed lately and is not dialled again yet."""
        ...

    def health(self) -> Sequence[LastDial]:
        """How each server was when last dialled, in the order in which they are tried."""
        ...

    def session(self) -> AbstractAsyncContextManager[Session]:
        """A session; where no server can be reached, its `offer` answers `PUT_OFF`."""
        ...


class JournalPage(Protocol):
    """What one worker notes of one batch, in a place that outlives its process."""

    def begin(self, subscriber: int) -> bool:
        """Note that the content is about to be sent. False: this worker is shut out and must not send it."""
        ...

    def answer(self, subscriber: int, answer: Answer) -> None:
        """Note the outcome."""
        ...

    def close(self) -> None:
        """Remove the page: the ledger has everything that it says."""
        ...


class Journal(Protocol):
    """What the workers of this machine noted of the batches they hold."""

    @property
    def owner(self) -> str:
        """The name under which this process claims; only `start_run` and `change_owner` change it."""
        ...

    def start_run(self) -> None:
        """Change the name if another process has taken over the batches held under it."""
        ...

    def page(self, batch: Batch, subscribers: Sequence[int]) -> JournalPage:
        """An empty page with room for these subscribers. `OSError` if the disk has no room for it."""
        ...

    def state_of(self, owner: str) -> WorkerState: ...

    def shut_out(self, owner: str) -> None:
        """Make `begin` return False for a worker of this machine from now on, even if it is alive."""
        ...

    def read(self, owner: str, batch: Batch) -> list[JournalEntry]:
        """What a worker of this machine noted of a batch; a delivery without an entry was not begun."""
        ...

    def change_owner(self) -> None:
        """Give this process a new name; batches held under the old one are left for recovery."""
        ...

    def dead_workers(self) -> set[str]:
        """The workers of this machine whose process has ended and whose journal is still there."""
        ...

    def forget(self, owners: Collection[str]) -> None:
        """Remove the journals of workers that hold no batch."""
        ...
