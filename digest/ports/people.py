"""Subscribers: how they join and leave, and what they agreed to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from digest.arrivals import Arrival, ClaimedArrival
from digest.letters import Telling
from digest.subscriptions import Evidence, Step, Subscription, Suppression, Taken, Wishes
from digest.wishes import Gap


class Joined(StrEnum):
    """The result of a request to join, or of a request for a letter.

    Pages show the same words for all of them except `UNFIT`, so that nobody learns who is subscribed.
    """

    ASKED = "asked"  # a confirmation is on its way
    KNOWN = "known"  # already subscribed: a letter with new links is sent instead
    LIMITED = "limited"  # too many requests; nothing is sent
    UNFIT = "unfit"  # no mail can be sent to such an address
    SUPPRESSED = "suppressed"  # we must not write to the address; nothing is sent


class Enrolling(Protocol):
    """Joining and leaving, by web and by mail alike."""

    async def join(self, address: str, wishes: Wishes, evidence: Evidence) -> Joined: ...

    async def confirm(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Confirm a subscription. True if it is confirmed now, also if it was before."""
        ...

    async def leave(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """End a subscription; True if this call ended it.

        If a later generation has begun, that one stays, and its owner is sent a link to leave.
        """
        ...

    async def leave_by_address(self, address: str, evidence: Evidence) -> None:
        """Send a link to leave to the address, if it is subscribed. Ends nothing: anybody can forge From."""
        ...

    async def help(
        self, address: str, evidence: Evidence, *, unknown: bool = False, gap: Gap | None = None
    ) -> None:
        """Send the letter that explains how to join, change and leave, within limits.

        `unknown`: it also says that we do not know what they asked to hear of, without their words. `gap`:
        it says that no source covers it, and what they can ask for.
        """
        ...


class SubscriptionStore(Protocol):
    """Subscriptions, their history, and suppressed addresses.

    A method that would make a suppressed address get editions raises `Refused`.
    """

    async def get(self, subscriber: int) -> Subscription | None: ...

    async def find(self, address: str) -> Subscription | None: ...

    async def history(self, subscriber: int) -> list[Taken]:
        """Every step of one subscriber's subscriptions, the oldest first."""
        ...

    async def ask(self, address: str, wishes: Wishes, evidence: Evidence, now: datetime) -> Subscription:
        """Make a pending subscription for an address.

        One that ended, or that is pending with other wishes, begins again as a new generation.

        One that is active or paused stays as it is. Returns the subscription as it is now.
        """
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
        telling: Telling | None = None,
    ) -> bool:
        """Take a step; False if it is not possible now, changes nothing, or the generation is another.

        `Step.MOVED` needs the new `address`, and is False if another active or paused subscription has it; a
        pending one there lapses. A step that ends the subscription skips its planned deliveries. `telling`
        makes a letter of the subscription as it was before the step; it is written in the same transaction,
        for afterwards something else may have happened.
        """
        ...

    async def resume_due(self, today: date, now: datetime) -> int:
        """Resume every subscription whose pause ends today or ended earlier; returns how many."""
        ...

    async def suppressed(self, address: str) -> Suppression | None: ...

    async def suppress_mailbox(self, seal: str, suppression: Suppression, evidence: Evidence) -> bool:
        """Suppress the mailbox with this seal (`tokens.mailbox_seal`); False if it was suppressed before.

        The first time, its subscriptions end and its requests are deleted, in the same transaction.
        """
        ...


class ArrivalStore(Protocol):
    """What was asked for on pages and is not done yet."""

    async def add(self, arrival: Arrival, most: int) -> bool:
        """Keep an arrival; False if `most` wait already. One statement, the same for every address."""
        ...

    async def claim(self, now: datetime, lease: timedelta) -> ClaimedArrival | None:
        """Claim the next arrival that nobody holds; those that failed come last."""
        ...

    async def done(self, claimed: ClaimedArrival) -> None:
        """Delete an arrival, unless another worker has claimed it."""
        ...

    async def put_off(self, claimed: ClaimedArrival, until: datetime) -> None:
        """Let an arrival be claimed again from an instant on, unless another worker has claimed it."""
        ...

    async def waiting(self) -> int: ...

    async def of(self, subscriber: int, address: str) -> list[Arrival]:
        """What a subscriber asked for, and what was asked for with nothing but their address."""
        ...
