"""What came back, what was counted, and what is let go of in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from digest.smtp_verdicts import Verdict


class Rule(StrEnum):
    """What is pruned; each by one setting of retention."""

    UNCONFIRMED = "unconfirmed subscriptions ended"
    REQUESTS = "requests deleted"
    ENDED = "addresses erased"
    LEFTOVERS = "erased again"  # what came in meanwhile
    LETTERS = "letters blanked"
    ANSWERS = "answers blanked"
    PARKED = "parked mail deleted"
    COUNTS = "counts deleted"
    EVIDENCE = "steps without evidence"
    DELIVERIES = "deliveries deleted"
    ITEMS = "old items blanked"


class PruneStore(Protocol):
    """Letting go of what is kept no longer."""

    async def done(self, chore: str) -> date | None:
        """The last day that a chore was done for."""
        ...

    async def mark(self, chore: str, day: date, now: datetime) -> None: ...

    async def count(self, rule: Rule, before: datetime) -> int:
        """How many a rule is for; nothing is written."""
        ...

    def prune(self, rule: Rule, before: datetime, now: datetime) -> AsyncIterator[int]:
        """How many were done, after each small transaction; it may be left at any time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What may be counted under a scope, and no more."""

    scope: str
    since: datetime  # the stretch of time in which one more would be counted
    most: tuple[tuple[datetime, int], ...]  # from an instant on, so many in all


class CountStore(Protocol):
    """How often something was asked for."""

    async def add(self, scope: str, since: datetime) -> int:
        """One more in the stretch of time that begins at `since`; how many that makes."""
        ...

    async def take(self, shares: Sequence[Share]) -> int | None:
        """One more of each share, or of none: the place of one that is used up; None where all were counted.

        However many ask at once.
        """
        ...

    async def give_back(self, shares: Sequence[Share]) -> None:
        """One less of each, after a `take` that came to nothing."""
        ...

    async def total(self, scope: str, since: datetime) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A report that a delivery or a letter came back, or that it was refused."""

    edition: date  # of a letter, the local day on which it was asked for
    subscriber: int
    verdict: Verdict
    at: datetime
    status: str
    code: int | None
    text: str  # one storable line, as the other server said it
    fingerprint: str  # of the report: the same one twice says nothing new
    letter: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """Received mail that could not be dealt with."""

    at: datetime
    sent_to: str
    why: str
    fingerprint: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A delivery that the relay did not take from us."""

    subscriber: int
    code: int | None
    text: str


class MailStore(Protocol):
    """What came back of deliveries, and received mail that an operator should look at."""

    async def returned(self, returned: Returned) -> bool:
        """Keep a report, and let an accepted delivery be bounced by it; False if it says nothing new."""
        ...

    async def verdicts(self, subscriber: int) -> list[tuple[date, Verdict]]:
        """What came back of one subscriber's editions, and of letters by their days."""
        ...

    async def editions_sent_to(self, subscriber: int) -> list[date]:
        """Days of the editions that were sent to one subscriber, whatever came of them."""
        ...

    async def sent(self, day: date) -> int:
        """How many of an edition the relay took."""
        ...

    async def came_back(self, days: Collection[date], verdicts: Collection[Verdict]) -> Mapping[date, int]:
        """Of each of these editions, to how many subscribers it came back with one of these verdicts."""
        ...

    async def refusals(self, day: date) -> list[Refusal]:
        """Deliveries of an edition that the relay refused, and of which no report is kept yet."""
        ...

    async def park(self, parked: Parked) -> bool:
        """Keep it for an operator; False if it is kept already."""
        ...

    async def parked(self) -> list[Parked]:
        """The oldest first."""
        ...

    async def parked_count(self) -> int: ...

    async def drop(self, fingerprint: str) -> bool:
        """Throw parked mail away; False if there is none."""
        ...
