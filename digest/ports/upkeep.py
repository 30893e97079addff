"""Upkeep: reports on mail that came back, parked mail, counts against abuse, and pruning."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from digest.deliveries import reported_words
from digest.health import Watched
from digest.letters import Letter
from digest.smtp_verdicts import Verdict


class Rule(StrEnum):
    """What is pruned, with the words for how many. Each rule follows one setting in `retention`."""

    UNCONFIRMED = "unconfirmed subscriptions ended"
    REQUESTS = "requests deleted"
    ARRIVALS = "requests deleted that could not be done"
    ENDED = "addresses erased"
    LEFTOVERS = "erased again"  # what was written during the erasure
    LETTERS = "letters blanked"
    ANSWERS = "answers blanked"
    PARKED = "parked mail deleted"
    NEWSLETTERS = "newsletters deleted"
    COUNTS = "counts deleted"
    EVIDENCE = "steps without evidence"
    DELIVERIES = "deliveries deleted"
    ITEMS = "old items blanked"
    VERSIONS = "versions of edited pages deleted"
    PARTS = "parts of reports deleted"
    SHADOWS = "drafts of sources in shadow deleted"
    HOSTS = "hosts forgotten that are asked no more"  # 30 days after the last request, without a setting


class PruneStore(Protocol):
    """Deletes or erases what is past its retention, and notes which daily chores are done."""

    async def done(self, chore: str) -> date | None:
        """The last day for which a chore was done; None if it never was."""
        ...

    async def mark(self, chore: str, day: date, now: datetime) -> None:
        """Note that a chore is done for a day."""
        ...

    async def count(self, rule: Rule, before: datetime) -> int:
        """How many rows a rule applies to; nothing is changed."""
        ...

    def prune(self, rule: Rule, before: datetime, now: datetime) -> AsyncIterator[int]:
        """Apply a rule in small transactions; yields the number of rows after each.

        The caller may stop at any one.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What is counted, and the limits on its count."""

    scope: str  # what is counted, such as the letters to one mailbox
    since: datetime  # when the current period begins; the next one is counted in it
    most: tuple[tuple[datetime, int], ...]  # the limits: since this instant, at most so many


class CountStore(Protocol):
    """Counts how often something was asked for, by scope and period."""

    async def add(self, scope: str, since: datetime) -> int:
        """Count one in the period that begins at `since`; returns the period's count."""
        ...

    async def count_within(self, quotas: Sequence[Quota]) -> int | None:
        """Count one for every quota if that keeps all of them within their limits, else count nothing.

        Returns None if it counted, else the index of a quota that has reached its limit. Any number of
        callers may do this at the same time.
        """
        ...

    async def uncount(self, quotas: Sequence[Quota]) -> None:
        """Count one less for every quota: what was counted did not happen."""
        ...

    async def forget(self, scope: str) -> None:
        """Delete the counts of a scope."""
        ...

    async def total(self, scope: str, since: datetime, until: datetime | None = None) -> int:
        """The sum of a scope's counts in periods that begin at `since` or later, and not after `until`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A report that a delivery or a letter came back, or that the relay refused it."""

    edition: date  # for a letter, the local day on which it was written
    subscriber: int
    verdict: Verdict
    at: datetime
    status: str
    code: int | None
    text: str  # one line, in the other server's words
    fingerprint: str  # of the report, so that a second copy is known
    letter: int | None = None  # None: the report is about an edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """Received mail that waits for an operator."""

    at: datetime
    sent_to: str
    why: str
    fingerprint: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A delivery that the relay refused."""

    subscriber: int
    code: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is wrong now. Operators are shown it for as long as it lasts."""

    name: str
    since: datetime
    said: str  # as it was reported, without addresses
    until: datetime | None = None  # after this it is over, unless it is kept again; None: until it is ended

    def lasts(self, now: datetime) -> bool:
        return self.until is None or now < self.until


class TroubleStore(Protocol):
    """What is wrong now, for all processes."""

    async def begin(self, trouble: Trouble) -> bool:
        """Keep a trouble; False if there is one of this name already.

        That one stays as it is, but for `until`, which becomes that of the trouble given.
        """
        ...

    async def end(self, name: str) -> bool:
        """A trouble is over; False if there was none of this name."""
        ...

    async def lapse(self, now: datetime) -> tuple[Trouble, ...]:
        """End the troubles that were to last until now or earlier. Each is returned to one caller only."""
        ...

    async def all(self) -> tuple[Trouble, ...]:
        """Every trouble that is kept, the oldest first. Some may have lapsed (`Trouble.lasts`)."""
        ...


class KnownHealthStore(Protocol):
    """What operators know of the health of each source, for all processes."""

    async def change(
        self,
        sources: Collection[str],
        decide: Callable[[Mapping[str, Watched]], tuple[Collection[Watched], Sequence[Letter]]],
        now: datetime,
    ) -> tuple[Letter, ...]:
        """Store what `decide` makes of what is known of these sources, and write its letters.

        All happens in one transaction, with what is known locked, so that nobody is told of a turn twice. A
        source of which nothing is stored is given as `Watched` begins. What is known of others is deleted if
        their polls are not remembered either.
        Returns the letters.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedConfig:
    """What a process has taken over of its config files."""

    process: str  # its role and its machine
    place: str  # the directory of the files, and the machine
    applied_at: datetime
    record: Mapping[str, Any]  # see `settings/record.py`
    restart: tuple[str, ...]  # the keys whose values count after a restart
    until: datetime  # the process counts as gone after this, unless it says again that it runs

    def waits(self, now: datetime) -> bool:
        """Whether this process still runs and has to be started again for some keys."""
        return bool(self.restart) and now < self.until


class ConfigStore(Protocol):
    """Which config each process runs on."""

    async def note(self, applied: AppliedConfig) -> None:
        """Keep what a process has taken over, in place of what it had before."""
        ...

    async def runs(self, process: str, until: datetime) -> bool:
        """A process still runs, and counts as running until then; False if nothing of it is kept."""
        ...

    async def forget(self, before: datetime) -> int:
        """Delete what processes had taken over that are gone since `before`, except the latest of all."""
        ...

    async def all(self) -> tuple[AppliedConfig, ...]:
        """What every process has taken over, the latest first. Some of them may have ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What mail servers said of an edition's deliveries that came back, with how often they said it."""

    count: int  # of subscribers
    code: int | None
    status: str
    text: str  # one of the texts that came with the code and status

    def __str__(self) -> str:
        said = reported_words(self.code, self.status, self.text)
        return f"{self.count} × {said or 'no words'}"


class MailStore(Protocol):
    """Reports on mail that came back, and parked mail."""

    async def returned(self, returned: Returned) -> bool:
        """Keep a report; an accepted delivery becomes bounced by it. False if the report is known already."""
        ...

    async def verdicts(self, subscriber: int) -> list[tuple[date, Verdict]]:
        """The verdicts on one subscriber's mail: the day of the edition or letter, and the verdict."""
        ...

    async def editions_sent_to(self, subscriber: int) -> list[date]:
        """The days of all editions that were sent to one subscriber, also those that came back."""
        ...

    async def sent(self, day: date) -> int:
        """How many deliveries of an edition the relay accepted."""
        ...

    async def came_back(self, days: Collection[date], verdicts: Collection[Verdict]) -> Mapping[date, int]:
        """For each of these editions, from how many subscribers it came back with one of these verdicts."""
        ...

    async def words(self, day: date, verdicts: Collection[Verdict], most: int) -> tuple[Words, ...]:
        """What was said most often in an edition's reports with one of these verdicts, at most so many."""
        ...

    async def parked(self) -> list[Parked]:
        """All parked messages, the oldest first."""
        ...

    async def refusals(self, day: date) -> list[Refusal]:
        """Deliveries of an edition that the relay refused and that no stored report is about."""
        ...

    async def park(self, parked: Parked) -> bool:
        """Keep a message for an operator; False if it is kept already."""
        ...

    async def parked_count(self) -> int: ...
