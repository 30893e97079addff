"""Edits: how entries and pages were edited, and when pages are looked at again."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """An item whose page is looked at again, to see whether it was edited."""

    id: int
    item: Item
    read_at: datetime  # when it was first read
    reading: Reading  # of the page as it was last
    etag: str | None  # None as well for a report in parts: all of them are asked for
    last_modified: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An edit of an item."""

    noticed_at: datetime
    what: str  # "entry" or "page"
    title: str  # of the entry since the edit
    note: str  # what the edit changed, for operators


class VersionStore(Protocol):
    """How entries and pages were edited, and when pages are looked at again.

    At most 20 versions of an item are kept.
    """

    async def entries_edited(
        self, known: Sequence[Known], *, now: datetime, look_since: datetime
    ) -> list[Edited]:
        """Store what the entries of known items say now: as a version, for those that were read.

        The pages of those that were read after `look_since` are due to be looked at. Returns those with a new
        version.
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

    async def amend(self, case: Case, candidate: Candidate) -> bool:
        """Store the candidate of an edited page in the place of the earlier one, and ask about it again.

        False, and nothing is written, if the case was told or decided since it was read.
        """
        ...

    async def ask(self, key: StoryKey, reason: str, *, at: datetime) -> None:
        """Ask operators about a report."""
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
