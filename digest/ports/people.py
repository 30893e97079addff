"""Subscribers: how they join and leave, and what they agreed to."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from digest.letters import Letter
from digest.subscriptions import Evidence, Step, Subscription, Suppression, Taken, Wishes


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

    async def suppressed(self, address: str) -> Suppression | None: ...
