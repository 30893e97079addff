"""All day: ask each source whose turn it is, keep what is new, and read the pages behind it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from digest.candidates import Reference, candidates_of, providers_of
from digest.edition import Candidate
from digest.errors import OverrunError, ParseError
from digest.extract import read
from digest.items import Fresh, Item, Page, news
from digest.parse import parse_feed
from digest.ports import (
    Blocked,
    Clock,
    Fetched,
    Fetcher,
    NotModified,
    Store,
    Unreached,
    Unread,
    Workers,
)
from digest.ratings import Inspectorates
from digest.sources import Authority, Polled, Source, Validators, due, failed, succeeded, validators_for

log = logging.getLogger(__name__)

TRIES: Final = 8
"""How often a page is asked for before its item is parked: the last try is about a day after the first."""

_FIRST_WAIT: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """What one poll of one source brought."""

    source: Source
    trouble: str | None = None
    baseline: int = 0  # items known from now on and never read
    listed: int = 0  # items that are news
    candidates: tuple[Candidate, ...] = ()
    parked: tuple[str, ...] = ()  # titles of items given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """The ports and settings that polling needs, in one value."""

    sources: tuple[Source, ...]
    inspectorates: Inspectorates
    zone: ZoneInfo  # what a feed's time without zone means
    store: Store
    fetcher: Fetcher
    workers: Workers
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
        polling = await self._take_in(source, before)
        candidates, parked = await self._read_unread(source)
        return replace(polling, candidates=candidates, parked=parked)

    async def _take_in(self, source: Source, before: Polled | None) -> Polling:
        now = self.clock.now()
        match await self.fetcher.fetch(source.url, validators_for(before, now)):
            case NotModified():
                await self.store.sources.record(succeeded(source, before, None, now))
                return Polling(source=source)
            case Fetched() as fetched:
                try:
                    listed = await self.workers.run(
                        parse_feed,
                        fetched.body,
                        content_type=fetched.content_type,
                        url=fetched.url,
                        zone=self.zone,
                    )
                except (ParseError, OverrunError) as error:
                    return await self._fail(source, before, str(error), None)
                return await self._keep(source, before, listed, fetched.validators)
            case Blocked(reason=reason, wait=wait) | Unreached(reason=reason, wait=wait):
                return await self._fail(source, before, reason, wait)

    async def _fail(
        self, source: Source, before: Polled | None, trouble: str, wait: timedelta | None
    ) -> Polling:
        await self.store.sources.record(failed(source, before, trouble, self.clock.now(), wait))
        return Polling(source=source, trouble=trouble)

    async def _keep(
        self, source: Source, before: Polled | None, listed: Iterable[Item], validators: Validators
    ) -> Polling:
        now = self.clock.now()
        fresh, _ = news(listed, await self.store.sources.seen(source.id))
        first = before is None or before.baselined_at is None
        baseline = frozenset(f for f in fresh if first or _old(f, source, now))
        polled = succeeded(source, before, validators, now)
        count = await self.store.sources.take_in(polled, fresh, baseline=baseline, now=now)
        return Polling(source=source, baseline=len(baseline), listed=count)

    async def _read_unread(self, source: Source) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
        candidates: list[Candidate] = []
        parked: list[str] = []
        now = self.clock.now()
        for unread in await self.store.items.unread(source.id, limit=source.pages, now=now):
            trouble, filed = await self._read(source, unread)
            candidates += filed
            if trouble and await self._give_up_or_wait(unread, trouble):
                parked.append(unread.item.title)
        return tuple(candidates), tuple(parked)

    async def _read(self, source: Source, unread: Unread) -> tuple[str | None, Sequence[Candidate]]:
        """The trouble, if there was any, else what was filed."""
        page = await self._page(source, unread.item)
        if isinstance(page, str):
            return page, ()
        register = await self.store.providers.register()
        try:
            reading = await self.workers.run(
                read,
                page,
                inspectorates=self.inspectorates,
                register=register,
                official=source.authority is Authority.OFFICIAL or None,  # else the page's address tells
            )
        except (ParseError, OverrunError) as error:
            return str(error), ()
        providers = providers_of(reading, register)
        reference = Reference(
            inspectorates=self.inspectorates,
            register=register,
            history={id: await self.store.providers.history(id) for id in sorted(providers)},
        )
        candidates = candidates_of(
            reading, item=unread.id, listed=unread.item, page=page, source=source, reference=reference
        )
        return None, candidates if await self.store.items.file(unread.id, page, reading, candidates) else ()

    async def _page(self, source: Source, item: Item) -> Page | str:
        """The page behind an item, or why there is none; an item without a link is its own page."""
        if item.link is None:
            body = f"<h1>{item.title}</h1>\n{item.summary}".encode()
            return Page(url=source.url, body=body, content_type="text/html", fetched_at=self.clock.now())
        match await self.fetcher.fetch(item.link):
            case Fetched(url=url, body=body, content_type=content_type):
                return Page(url=url, body=body, content_type=content_type, fetched_at=self.clock.now())
            case Blocked(reason=reason) | Unreached(reason=reason):
                return reason
            case NotModified():
                return "the server says 'not modified' to a request without validators"

    async def _give_up_or_wait(self, unread: Unread, trouble: str) -> bool:
        """Whether the item was parked: named to operators, and no longer in anybody's way."""
        fields = {"source": unread.source, "item": unread.id, "trouble": trouble}
        if unread.attempts + 1 >= TRIES:
            await self.store.items.park(unread.id, trouble)
            log.error("item parked", extra=fields)
            return True
        factor: int = 2**unread.attempts
        wait = min(_FIRST_WAIT * factor, _LONGEST_WAIT)
        await self.store.items.put_off(unread.id, trouble, until=self.clock.now() + wait)
        log.warning("item put off", extra=fields)
        return False


def _old(fresh: Fresh, source: Source, now: datetime) -> bool:
    """Dated further back than this source's news ever is: an archive that moved, not news."""
    return fresh.item.published_at is not None and now - fresh.item.published_at > source.recent
