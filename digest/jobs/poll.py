"""All day: ask each source whose turn it is what it lists, write down what is new, and have it read."""

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
    """What one poll of one source brought."""

    source: Source
    trouble: str | None = None
    baseline: int = 0  # items known from now on and never read
    listed: int = 0  # items that are news
    candidates: tuple[Candidate, ...] = ()
    parked: tuple[str, ...] = ()  # titles of items that are tried no more


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one look at a source listed."""

    trouble: str | None = None
    baseline: int = 0
    listed: int = 0
    records: Mapping[Item, Record] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """The ports and settings that polling needs, in one value."""

    sources: tuple[Source, ...]
    listers: Mapping[SourceKind, Lister]
    reader: Reader
    store: Store
    clock: Clock
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(8))

    async def poll(self) -> tuple[Polling, ...]:
        """Poll every source whose turn it is. One that fails in any way does not touch the others."""
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
        look = await self._look(source, before)
        filed = await self.reader.read_waiting(source, look.records)
        return Polling(
            source=source,
            trouble=look.trouble,
            baseline=look.baseline,
            listed=look.listed,
            candidates=filed.candidates,
            parked=filed.parked,
        )

    async def _look(self, source: Source, before: Polled | None) -> _Look:
        now = self.clock.now()
        lister = self.listers[source.kind]
        match await lister.list_items(source, validators_for(before, now)):
            case Unchanged():
                await self.store.sources.record(succeeded(source, before, None, now))
                return _Look()
            case NotListed(reason=trouble, wait=wait):
                await self.store.sources.record(failed(source, before, trouble, self.clock.now(), wait))
                return _Look(trouble=trouble)
            case Listed() as listed:
                return await self._keep(source, before, listed)

    async def _keep(self, source: Source, before: Polled | None, listed: Listed) -> _Look:
        """Write down what the source lists for the first time; at the very first look all of it is known."""
        now = self.clock.now()
        records = {record.item: record for record in listed.records}
        fresh, _ = news((*listed.items, *records), await self.store.sources.seen(source.id))
        first = before is None or before.baselined_at is None
        baseline = frozenset(f for f in fresh if first or _old(f, source, now))
        polled = succeeded(source, before, listed.validators, now)
        count = await self.store.sources.take_in(polled, fresh, baseline=baseline, now=now)
        return _Look(baseline=len(baseline), listed=count, records=records)


def _old(fresh: Fresh, source: Source, now: datetime) -> bool:
    """Dated further back than this source's news ever is: an archive that moved, not news."""
    return fresh.item.published_at is not None and now - fresh.item.published_at > source.recent
