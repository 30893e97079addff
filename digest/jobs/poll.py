"""All day: list the items of each source that is due, store the new ones, and have them read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.edition import Candidate
from digest.items import Fresh, Item, news
from digest.jobs.read import Reader
from digest.listing import Listed, NotListed, Record, Unchanged
from digest.ports import Clock, Lister, Store
from digest.sources import Polled, Source, SourceKind, due, failed, succeeded, validators_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """The result of one poll of one source."""

    source: Source
    trouble: str | None = None  # why it failed; None: it did not
    baseline: int = 0  # how many items are known from now on and never read
    listed: int = 0  # how many new items are to be read
    candidates: tuple[Candidate, ...] = ()
    parked: tuple[str, ...] = ()  # titles of items that are not tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewItems:
    """The result of listing a source's items."""

    trouble: str | None = None
    baseline: int = 0
    listed: int = 0
    records: Mapping[Item, Record] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Polls sources, with the ports and settings that it needs."""

    sources: tuple[Source, ...]
    listers: Mapping[SourceKind, Lister]
    reader: Reader
    store: Store
    clock: Clock
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(8))

    async def poll(self) -> tuple[Polling, ...]:
        """Poll every source that is due. One that fails does not affect the others."""
        memory = await self.store.sources.polled()
        known = {polled.source: polled for polled in memory}
        turn = list(due(self.sources, memory, self.clock.now()))
        return tuple(await asyncio.gather(*(self._contained(s, known.get(s.id)) for s in turn)))

    async def _contained(self, source: Source, before: Polled | None) -> Polling:
        async with self.at_once:
            try:
                polling = await self._one(source, before)
            except Exception as error:
                log.exception("source failed", extra={"source": source.id})
                trouble = f"{type(error).__name__}: {error}"
                await self.store.sources.record(failed(source, before, trouble, self.clock.now()))
                return Polling(source=source, trouble=trouble)
        fields = {"source": source.id, "listed": polling.listed, "trouble": polling.trouble}
        log.info("source polled", extra=fields)
        return polling

    async def _one(self, source: Source, before: Polled | None) -> Polling:
        listing = await self._list(source, before)
        filed = await self.reader.read_waiting(source, listing.records)
        return Polling(
            source=source,
            trouble=listing.trouble,
            baseline=listing.baseline,
            listed=listing.listed,
            candidates=filed.candidates,
            parked=filed.parked,
        )

    async def _list(self, source: Source, before: Polled | None) -> _NewItems:
        now = self.clock.now()
        lister = self.listers[source.kind]
        match await lister.list_items(source, validators_for(before, now)):
            case Unchanged():
                await self.store.sources.record(succeeded(source, before, None, now))
                return _NewItems()
            case NotListed(reason=trouble, wait=wait):
                await self.store.sources.record(failed(source, before, trouble, self.clock.now(), wait))
                return _NewItems(trouble=trouble)
            case Listed() as listed:
                return await self._keep(source, before, listed)

    async def _keep(self, source: Source, before: Polled | None, listed: Listed) -> _NewItems:
        """Store the new items. At the first poll of a source, all of them are only known and never read."""
        now = self.clock.now()
        records = {record.item: record for record in listed.records}
        fresh, _ = news((*listed.items, *records), await self.store.sources.seen(source.id))
        first = before is None or before.baselined_at is None
        baseline = frozenset(f for f in fresh if first or _old(f, source, now))
        polled = succeeded(source, before, listed.validators, now)
        count = await self.store.sources.take_in(polled, fresh, baseline=baseline, now=now)
        return _NewItems(baseline=len(baseline), listed=count, records=records)


def _old(fresh: Fresh, source: Source, now: datetime) -> bool:
    """Whether an item is too old to be news of this source, for example because an archive has moved."""
    return fresh.item.published_at is not None and now - fresh.item.published_at > source.recent
