"""People: how they join and leave, what they agreed to, and actions on many of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from digest.deliveries import State
from digest.letters import Letter
from digest.subscriptions import (
    Bulk,
    Entry,
    Evidence,
    Newcomer,
    Selection,
    Standing,
    Step,
    Subscription,
    Suppression,
    Taken,
    Wishes,
)


class Joined(StrEnum):
    """What came of wanting to join, or of asking for a letter.

    In public the same words are shown for all but `UNFIT`: they must not tell who is subscribed.
    """

    ASKED = "asked"  # a confirmation is on its way
    KNOWN = "known"  # already subscribed: a letter with a fresh link goes out instead
    LIMITED = "limited"  # too many requests; nothing is sent
    UNFIT = "unfit"  # the address cannot be written to
    SUPPRESSED = "suppressed"  # it must not be written to; nothing is sent


class Enrolling(Protocol):
    """The one place for joining and leaving, whichever way people come."""

    async def join(self, address: str, wishes: Wishes, evidence: Evidence, *, network: str) -> Joined: ...

    async def confirm(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Whether the subscription is confirmed now; true as well where it was before."""
        ...

    async def leave(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Whether this ended it; if another began since, its owner is sent the way out instead."""
        ...

    async def leave_by_address(self, address: str, evidence: Evidence) -> None:
        """Send the way out to the address if it is subscribed; changes nothing: From is no proof."""
        ...

    async def help(self, address: str, evidence: Evidence, *, unknown: bool = False) -> None:
        """Send the letter that says how things are done, within limits.

        `unknown`: and that what they want to hear of is nothing we know, without repeating it.
        """
        ...


class SubscriptionStore(Protocol):
    """Standing agreements, what happened to them, and whom we must not write to.

    What would make a suppressed address one that we write to raises `Refused`.
    """

    async def get(self, subscriber: int) -> Subscription | None: ...

    async def find(self, address: str) -> Subscription | None: ...

    async def history(self, subscriber: int) -> list[Taken]:
        """What happened, in order."""
        ...

    async def ask(self, address: str, wishes: Wishes, evidence: Evidence, now: datetime) -> Subscription:
        """A pending subscription; of one that ended, a new generation. One that stands is left as it is."""
        ...

    async def add(
        self, address: str, wishes: Wishes, now: datetime, evidence: Evidence = ...
    ) -> Subscription:
        """An active subscription, on an operator's word; of one that stands, new wishes."""
        ...

    async def take(
        self,
        subscriber: int,
        generation: int,
        step: Step,
        evidence: Evidence,
        now: datetime,
        *,
        wishes: Wishes | None = None,
        address: str | None = None,
        until: date | None = None,
        bulk: int | None = None,
        telling: Letter | None = None,
    ) -> bool:
        """Take a step; False if the table has none from here, or the subscription is of another generation.

        With `Step.MOVED` comes the new address, and it is False where somebody else who agreed has that; what
        merely waits there to be confirmed lapses. Whoever ends has nothing planned any more. `telling` is
        asked for with the step or not at all: for a letter that nobody could write again afterwards.
        """
        ...

    async def wake(self, today: date, now: datetime) -> int:
        """Let pauses that are over end; how many."""
        ...

    async def suppress(self, address: str, suppression: Suppression) -> bool:
        """Never write to it again, and end what there is; False if it was suppressed before."""
        ...

    async def unsuppress(self, address: str) -> bool: ...

    async def suppressed(self, address: str) -> Suppression | None: ...

    async def departed(self, address: str) -> datetime | None:
        """Since when an address is gone, by its owner's will: also once it was erased. None if it is not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger says of one edition for one subscriber."""

    edition: date
    state: State
    attempts: int
    code: int | None
    text: str | None  # as the relay said it: it may quote the address
    retry_at: datetime | None
    carried_to: date | None
    settled_at: datetime | None


class PeopleStore(Protocol):
    """Subscribers as operators look at them."""

    async def page(self, selection: Selection, *, after: int, limit: int) -> list[Subscription]:
        """The next of those meant, in the order of their numbers."""
        ...

    async def count(self, selection: Selection) -> Mapping[Standing, int]: ...

    async def deliveries(self, subscriber: int, *, limit: int) -> Sequence[Known]:
        """The latest first."""
        ...


class BulkStore(Protocol):
    """Actions on many subscriptions at once; each of its steps is kept under the action's number."""

    async def open(self, *, what: str, by: str, why: str, now: datetime) -> int: ...

    async def get(self, bulk: int) -> Bulk | None: ...

    async def all(self) -> list[Bulk]: ...

    async def end(
        self, bulk: int, selection: Selection, step: Step, evidence: Evidence, *, now: datetime, after: int
    ) -> tuple[int, int] | None:
        """End the next chunk of those meant, behind a subscriber: the last of them, and how many ended.

        None when nobody is left.
        """
        ...

    async def foresee(self, newcomers: Sequence[Newcomer]) -> Mapping[Entry, int]:
        """What taking them in would make of each; nothing is written."""
        ...

    async def take_in(
        self, bulk: int, newcomers: Sequence[Newcomer], step: Step, evidence: Evidence, *, now: datetime
    ) -> tuple[Mapping[Entry, int], list[int]]:
        """Let those whom we have never known begin, by `Step.ASKED` or `Step.CONFIRMED`; who they are.

        Whoever is known, in whatever standing, or suppressed, is left as is. One chunk, at once.
        """
        ...

    async def undo(
        self, bulk: int, evidence: Evidence, *, now: datetime, after: int
    ) -> tuple[int, Mapping[str, int]] | None:
        """Take back the next chunk of steps, behind a step: the last of them, and what was made of each.

        Only of those that are as the action left them. None when nothing is left: then it is undone.
        """
        ...
