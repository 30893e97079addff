"""The store from a source's item to the edition that tells of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from digest.assembly import Assembly
from digest.edition import Candidate, Edition, StoryKey
from digest.items import Fresh, Item, Page
from digest.providers import Register
from digest.ratings import Rating
from digest.reports import Reading
from digest.review import Case, Decided, Outcome
from digest.sources import Polled


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An item that was listed and is not read yet."""

    id: int
    item: Item
    source: str
    attempts: int


class SourceStore(Protocol):
    """What is remembered of sources between polls, and every key they ever showed."""

    async def polled(self) -> list[Polled]: ...

    async def record(self, polled: Polled) -> None: ...

    async def seen(self, source: str) -> dict[str, int]:
        """Every key that the source ever showed, and its item; those of deleted items included."""
        ...

    async def take_in(
        self, polled: Polled, fresh: Sequence[Fresh], *, baseline: Collection[Fresh], now: datetime
    ) -> int:
        """Write new items and the poll's memory in one transaction; how many of them wait to be read.

        Those also in `baseline` are known from now on and never read. An item whose keys another worker
        wrote first is left out.
        """
        ...


class ItemStore(Protocol):
    """Items from being listed to being read."""

    async def unread(self, source: str, *, limit: int, now: datetime) -> list[Unread]: ...

    async def put_off(self, item: int, trouble: str, *, until: datetime) -> None: ...

    async def park(self, item: int, trouble: str) -> None: ...

    async def file(self, item: int, page: Page, reading: Reading, candidates: Sequence[Candidate]) -> bool:
        """Page, reading, reports, judgements, changes and ratings at once; False if it was read before.

        A provider that the register lacks is added as proposed. Only official candidates enter the history.
        """
        ...


class ProviderStore(Protocol):
    """The register of providers, and the history of their ratings."""

    async def register(self) -> Register: ...

    async def history(self, provider: str, *, without: StoryKey | None = None) -> list[Rating]:
        """Every rating we hold of a provider; those that were withdrawn since are marked so.

        `without` names a report that counts as if it was never read.
        """
        ...


class EditionStore(Protocol):
    """Candidates that wait for an edition, and the editions that took them."""

    async def waiting(self, cutoff: datetime) -> list[Candidate]: ...

    async def told(self, since: date) -> list[Candidate]: ...

    async def sealed(self, day: date) -> Edition | None: ...

    async def decisions(self) -> int:
        """A number that grows with each decision of an operator's."""
        ...

    async def seal(self, assembly: Assembly, now: datetime, *, decisions: int | None = None) -> Edition:
        """Store the edition and settle its candidates at once; a day's first edition stands.

        `Overtaken` if `decisions`, as it was before the candidates were read, has grown since.
        """
        ...

    async def planned(self, day: date) -> bool: ...

    async def unplanned(self, before: date) -> list[Edition]:
        """Earlier editions that were sealed but not planned, oldest first: every subscriber is owed them."""
        ...


class ReviewStore(Protocol):
    """What operators were asked, and what they decided."""

    async def case(self, key: StoryKey) -> Case | None: ...

    async def decide(self, case: Case, decided: Decided, outcome: Outcome) -> bool:
        """Record a decision and what it makes of the candidate, in one transaction.

        The grades that stand enter the history. The provider of an accepted candidate belongs to the
        register from now on. False, and nothing is written, if the case was told or decided since it was
        read.
        """
        ...
