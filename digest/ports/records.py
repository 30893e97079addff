"""The store of records: what publishers' data stated when it was last seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digest.items import Item
from digest.listing import Data
from digest.records import Kept, Record, Snapshot


class RecordStore(Protocol):
    """What is remembered of the data of each source that publishes data."""

    async def snapshot(self, source: str) -> Snapshot | None:
        """What was remembered of the data as a whole; None: it is not known yet, and begins as a baseline."""
        ...

    async def kept(self, source: str) -> Mapping[str, Kept]:
        """What is remembered of each record, in short, by its key."""
        ...

    async def stated(self, source: str, keys: Collection[str]) -> Mapping[str, Record]:
        """The records that are remembered under these keys."""
        ...

    async def remember(
        self,
        source: str,
        data: Data,
        items: Sequence[Item] = (),
        *,
        now: datetime,
        shadow: bool = False,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Remember data, in parts of a transaction each, with its snapshot in the last.

        The providers of all records enter the register. The grades of those that are no news, because they
        are of a baseline, among `data.past`, or of an item of `items` that is stored as known, enter their
        history. In shadow neither does, until `enter`. `progress` is told after each part how many records
        it had.
        """
        ...

    async def enter(self, source: str, *, now: datetime) -> int:
        """Let all records that were seen in shadow enter the register and the history, as a baseline.

        Returns how many they were. A record enters once, whatever is stopped in between.
        """
        ...
