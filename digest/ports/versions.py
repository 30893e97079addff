"""Edits: how entries and pages were edited, and when pages are looked at again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.edition import Candidate, StoryKey
from digest.identity import Known
from digest.items import Item, Page
from digest.reports import Reading
from digest.review import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """An item whose entry was edited after its page was read."""

    item: int
    before: str  # its title as it was first listed, and now
    now: str
    says: str = ""  # the beginning of its own text now


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """An item whose page is looked at again, to see whether it was edited."""

    id: int
    item: Item  # as it is listed now
    dated: datetime | None  # the date of its entry when its page was read
    read_at: datetime  # when it was first read
    since: datetime  # when its entry last changed or, if it has not, when it was first read
    reading: Reading  # of the page as it was last
    page: Page  # as it was last, without its body
    asked: Reading | None = None  # of the page about which operators are asked
    by_words: bool = False  # the feed's own words were read, and no page


@dataclass(frozen=True, slots=True, kw_only=True)
class InQuestion:
    """A page about which operators are asked: it says something else than the report that was read of it."""

    candidate: Candidate  # the report as the page gives it now
    page: Page
    reading: Reading
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An edit of an item."""

    noticed_at: datetime
    what: str  # "entry" or "page"
    title: str  # of the entry since the edit
    note: str  # what the edit changed, for operators; of an entry, the beginning of what it says now


class VersionStore(Protocol):
    """How entries and pages were edited, and when pages are looked at again.

    At most 20 versions of an item are kept.
    """

    async def entries_edited(
        self, known: Sequence[Known], *, now: datetime, look: Collection[int], shadow: bool
    ) -> list[Edited]:
        """Store what the entries of known items say now: as a version, for those that were read.

        The pages of the items in `look` are due to be looked at: a page that was read more than 30 days ago
        once a week at most, and one whose entry has only another date once a day. An item that was no news is
        read if its entry is dated after it was first listed; `shadow`: for operators alone. Returns the items
        with a new version.
        """
        ...

    async def to_look_at(self, source: str, *, limit: int, now: datetime) -> list[Reread]:
        """At most `limit` read items of a source whose pages are due to be looked at again."""
        ...

    async def looked(self, item: int, *, next_look: datetime | None) -> None:
        """Note when an item's page is looked at again; None: not any more."""
        ...

    async def page_edited(
        self,
        item: int,
        page: Page,
        reading: Reading,
        *,
        parts: Sequence[Page],
        note: str,
        next_look: datetime | None,
    ) -> None:
        """Store a page and reading in the place of the earlier ones, and the page before as a version."""
        ...

    async def succeeded(self, item: int, *, now: datetime, shadow: bool) -> int | None:
        """Store a new item in the place of one whose page tells of another inspection, to be read as news.

        It has the old one's keys, so the source's entry is the new one from now on. The old one keeps its
        page and its reports. Returns the new item; None if the old one has a successor already.
        """
        ...

    async def question(self, item: int, asked: InQuestion) -> None:
        """Ask operators what a page is, and keep it until they decide."""
        ...

    async def in_question(self, key: StoryKey) -> InQuestion | None:
        """The page about which operators are asked, if they are asked about this report's."""
        ...

    async def no_question(self, item: int, place: int | None = None) -> bool:
        """Forget the page about which operators were asked, and the question; of one report, or of all.

        Returns whether they are still asked about another report of the page.
        """
        ...

    async def amend(self, case: Case, candidate: Candidate) -> bool:
        """Store the candidate of an edited page in the place of the earlier one, and ask about it again.

        False, and nothing is written, if the case was told or decided since it was read.
        """
        ...

    async def shadowed(self, candidates: Sequence[Candidate]) -> None:
        """Store what was read of an item in shadow in the place of what was read before."""
        ...

    async def candidates(self, item: int) -> list[Candidate]:
        """The candidates of an item, as they are now."""
        ...

    async def of(self, item: int) -> list[Version]:
        """The versions of an item, the oldest first."""
        ...

    async def count(self, since: datetime) -> int:
        """How many items were edited since then."""
        ...
