"""Stores from a source's items to editions: sources, items, providers, editions and review."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from digest.admission import Admission, Fate, Memory
from digest.edition import Candidate, ClosingLine, Edition, StoryKey
from digest.edition_assembly import Assembly
from digest.edition_history import HeldRating
from digest.identity import Fresh, Known, Seen
from digest.interventions import InHand, Intervention
from digest.items import Item, Page
from digest.providers import Provider, Register
from digest.ratings import Rating
from digest.reports import Reading
from digest.review import Case, Decided, Outcome
from digest.sources import Polled


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A stored item whose page is not read yet."""

    id: int
    item: Item
    source: str
    attempts: int  # tries that failed so far
    since: datetime  # when it was first listed or, if it was held, released
    known_since: datetime | None = None  # it was no news then: only a report that is later is one
    parked: bool = False  # it is parked, and its page is still asked for now and then
    filed: bool = False  # what its record states is filed, and the report's text is still asked for
    told: bool = False  # an edition has it already


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """The result of storing new items."""

    admission: Admission  # as decided, with the items that were stored
    refused: tuple[tuple[Item, str], ...] = ()  # those that the database refused, and why

    @property
    def listed(self) -> int:
        """How many of them wait to be read."""
        return len(self.admission.of(Fate.NEWS))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedItem:
    """An item that could not be read, several times."""

    id: int
    source: str
    title: str
    link: str | None
    first_seen_at: datetime
    attempts: int
    trouble: str  # why the last try failed
    stands_in: bool  # the feed's own words were read in place of the page
    retry_at: datetime | None  # when its page is asked for again; None: never


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKey:
    """A key of a stored item."""

    key: str
    since: datetime | None  # None: from before this was noted
    by: str | None  # the key that showed that this one is the item's; None: of its first listing


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """How many items of a source are not read."""

    parked: int = 0  # given up after several tries
    held: int = 0  # until an operator has decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Unopened:
    """An item that was listed and whose page could not be read so far."""

    id: int
    source: str
    title: str
    link: str | None


class SourceStore(Protocol):
    """What is remembered of sources between polls, and the keys of every item they ever listed."""

    async def polled(self) -> list[Polled]: ...

    async def mark(self) -> str:
        """A text that changes with what `polled` says of the health of sources."""
        ...

    async def record(self, source: str, after: Callable[[Polled | None], Polled]) -> None:
        """Remember of a source what `after` makes of what is remembered now; None: it was never polled.

        Both happen in one transaction, so that nothing is lost that was written since somebody read it.
        """
        ...

    async def seen(self, source: str, keys: Collection[str] | None = None) -> Seen:
        """The items that the source ever listed under these keys, or all, with what is kept of them."""
        ...

    async def learn(self, source: str, known: Sequence[Known], *, now: datetime) -> None:
        """Store the new keys of known items, each with the key that showed whose it is.

        A key that leads to an item already stays as it is. An item has 24 keys at most.
        """
        ...

    async def new_by_day(self, since: datetime, *, source: str | None = None) -> dict[str, dict[date, int]]:
        """How many items were new on each day (UTC), by source; of one source if it is named.

        Items that were never news, because a baseline brought them or they were too old, are not counted.
        """
        ...

    async def take_in(
        self,
        source: str,
        fresh: Sequence[Fresh],
        decide: Callable[[Memory], Admission],
        *,
        now: datetime,
    ) -> TakenIn:
        """Store new items and what is remembered of the poll, in one transaction.

        `decide` is given what is stored at that moment, with the source's row locked; it may be called twice.
        An item whose keys another worker has stored meanwhile is left out, and so is one that the database
        refuses: it does not affect the others.
        """
        ...

    async def foresee(
        self,
        source: str,
        fresh: Sequence[Fresh],
        decide: Callable[[Memory], Admission],
        *,
        now: datetime,
    ) -> Admission:
        """What `take_in` would decide now. Nothing is written."""
        ...


class ItemStore(Protocol):
    """Items that are listed, and what reading them gave."""

    async def waiting(self, sources: Collection[str]) -> frozenset[str]:
        """Those of the sources of which items wait to be read, due or not."""
        ...

    async def unread(self, source: str, *, limit: int, now: datetime) -> list[Unread]:
        """At most `limit` items of a source that are due to be read, those with the fewest tries first."""
        ...

    async def put_off(self, item: int, trouble: str, *, until: datetime, tried: bool = True) -> None:
        """Note why an item was not read and when to try again, aware, UTC; `tried` counts a failed try."""
        ...

    async def park(self, item: int, trouble: str, *, until: datetime | None = None) -> None:
        """Note why an item is given up; it is asked for again at `until`, or never.

        It counts a failed try.
        """
        ...

    async def stand_in(
        self,
        item: int,
        page: Page,
        reading: Reading,
        candidates: Sequence[Candidate],
        *,
        trouble: str,
        until: datetime,
    ) -> bool:
        """Park an item and store what the feed's own words gave, in one transaction (see `file`)."""
        ...

    async def parked(self) -> list[ParkedItem]:
        """All parked items whose text is not pruned, the newest first."""
        ...

    async def parked_count(self) -> int: ...

    async def set_aside(self) -> dict[str, SetAside]:
        """How many items are parked and held, by source; sources without any are left out."""
        ...

    async def unopened(self, since: datetime) -> list[Unopened]:
        """Items first listed, or released, since an instant whose page could not be read when tried.

        The oldest come first.
        """
        ...

    async def keys(self, item: int) -> list[ItemKey]:
        """The keys of an item, those of its first listing first."""
        ...

    async def retry(self, items: Collection[int]) -> int:
        """Let parked items wait to be read again, with no try counted; returns how many were parked."""
        ...

    async def filed(self, provider: str) -> list[Candidate]:
        """The candidates on a provider that are no repeats themselves, the oldest first."""
        ...

    async def file(
        self,
        item: int,
        page: Page,
        reading: Reading,
        candidates: Sequence[Candidate],
        *,
        parts: Sequence[Page] = (),
        look_at: datetime | None = None,
        waits: bool = False,
    ) -> bool:
        """Store what reading an item gave, in one transaction; False if the item was read before.

        `parts` are the other pages of its report that were read. At `look_at` the page is looked at again.
        `waits`: the item is to be read again, for the text behind its record. With that text, its reading
        takes the place of the earlier one, unless an edition has told it or an operator has decided on it.

        A reading of the feed's own words is replaced by that of the page. What an edition told of them stays
        told, unless the page says more or something else: then it waits as a correction.

        A provider that is not in the register is added as proposed. The grades of official candidates enter
        the history of ratings; those of others do not.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """An item as operators are shown it."""

    id: int
    title: str
    link: str | None
    published_at: datetime | None
    first_seen_at: datetime
    state: str
    why: str | None  # why it was not read, or is no news


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBatch:
    """The items of a source that are held until an operator decides."""

    source: str
    count: int
    since: datetime
    why: str
    sample: tuple[ListedItem, ...]  # the first of them


class AdmissionStore(Protocol):
    """Items that are held or were set aside, and what sources in shadow would have told."""

    async def held(self) -> dict[str, HeldBatch]:
        """What is held, by source; sources of which nothing is held are left out."""
        ...

    async def release(self, source: str, *, now: datetime) -> int:
        """Let a source's held items be read from now on, and be news; returns how many."""
        ...

    async def baseline(self, source: str, *, why: str) -> int:
        """Let a source's held items be known from now on and never read; returns how many."""
        ...

    async def newest(self, source: str, *, limit: int) -> list[ListedItem]:
        """The items that a source listed last, the newest first."""
        ...

    async def set_aside(self, source: str, *, since: datetime, limit: int) -> list[ListedItem]:
        """New items that were no news since an instant, the newest first; not those of the first list."""
        ...

    async def in_shadow(self, source: str) -> list[Candidate]:
        """What was read of a source in shadow, the oldest first. No reader is told of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What became of the items of a source that is forgotten."""

    items: int  # that are deleted
    kept: int  # because editions tell of them, or ratings come from them


class HistoryStore(Protocol):
    """Sources that get another id, or are forgotten."""

    async def move(self, old: str, new: str, now: datetime) -> int | None:
        """Give what is remembered of a source to another id; returns of how many items.

        If the new id was polled already, what both have listed stays as the old one knew it. None: the old id
        is not remembered.
        """
        ...

    async def forget(self, source: str, now: datetime) -> Forgotten | None:
        """Delete what is remembered of a source, except items with reports. None: it is not remembered."""


class ProviderStore(Protocol):
    """The register of providers, and the history of their ratings."""

    async def register(self) -> Register: ...

    async def history(
        self, provider: str, *, without: StoryKey | None = None, without_item: int | None = None
    ) -> list[Rating]:
        """Every stored rating of a provider; ratings that were withdrawn since are marked as withdrawn.

        The ratings of the report `without` are left out, and so are those of all reports of `without_item`.
        """
        ...

    async def held(self, known: Iterable[Provider]) -> Mapping[str, tuple[HeldRating, ...]]:
        """The overall ratings of providers, by id, with their reports; marked as in `history`."""
        ...


class EditionStore(Protocol):
    """Candidates that wait for an edition, and sealed editions."""

    async def waiting(self, cutoff: datetime) -> list[Candidate]:
        """The candidates found before `cutoff` that no edition has settled.

        Those whose case is open are marked as doubted.
        """
        ...

    async def told(self, since: date) -> list[Candidate]:
        """The candidates that editions of this day and later ones carried."""
        ...

    async def sealed(self, day: date) -> Edition | None:
        """The day's edition as readers get it, without dropped stories; None while it is not sealed."""
        ...

    async def closing_lines(self, since: date, until: date) -> list[tuple[date, tuple[ClosingLine, ...]]]:
        """The closing lines of the editions of these days, also those about dropped stories."""
        ...

    async def in_hand(self, day: date) -> InHand:
        """The day's edition as it was assembled, and what operators did with it."""
        ...

    async def hold(self, day: date, now: datetime) -> Intervention | None:
        """The hold in force on the day's edition; None if there is none."""
        ...

    async def acts(self, day: date) -> tuple[Intervention, ...]:
        """All that operators did with the day's edition, the oldest first."""
        ...

    async def intervene(
        self, wanted: Intervention, refusal: Callable[[InHand, Intervention], str | None]
    ) -> str | None:
        """Store an intervention unless `refusal` names a reason against it; returns that reason.

        It is asked in one transaction with the write: no edition is closed meanwhile.
        """
        ...

    async def close(self, until: date, now: datetime) -> tuple[date, ...]:
        """Close the sealed editions up to a day to interventions, but for those that are held.

        Returns the days of those that are held. The stories dropped from an edition count as not told from
        then on, and operators are asked about each.
        """
        ...

    async def decisions(self) -> int:
        """A number that grows with each decision of an operator."""
        ...

    async def seal(self, assembly: Assembly, now: datetime, *, decisions: int | None = None) -> Edition:
        """Store the edition and settle its candidates, in one transaction.

        Returns the day's edition: the stored one, if the day has one already. Give as `decisions` the number
        from before the candidates were read: `Overtaken` if it has grown since.
        """
        ...

    async def planned(self, day: date) -> bool:
        """Whether the deliveries of the day's edition are planned."""
        ...

    async def unplanned(self, before: date) -> list[Edition]:
        """Earlier editions that were sealed but not planned, the oldest first. Nobody got them yet."""
        ...


class ReviewStore(Protocol):
    """Cases for operators, and what they decided."""

    async def count(self) -> int:
        """How many cases are open."""
        ...

    async def open(self) -> list[Case]:
        """Every case with an open doubt, the oldest item first."""
        ...

    async def case(self, key: StoryKey) -> Case | None: ...

    async def decide(self, case: Case, decided: Decided, outcome: Outcome) -> bool:
        """Store a decision and the changed candidate, in one transaction.

        The grades that remain valid enter the history. The provider of an accepted candidate joins the
        register. False, and nothing is written, if the case was told or decided since it was read.
        """
        ...
