"""After each poll of a source: fetch and read its unread items, one at a time, and store the results."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from digest.backoff import doubling
from digest.candidates import Reference, candidates_of, providers_of
from digest.edition import Candidate, Repeated
from digest.errors import OverrunError, ParseError, StoreError
from digest.extract import read
from digest.extract.report_parts import is_below_or_beside, joined, may_be_in_parts, parts_of, read_part
from digest.items import Item, Page
from digest.jobs.failures import in_a_line
from digest.listing import Record
from digest.matching import same_report
from digest.ports import (
    Blocked,
    Clock,
    Fetched,
    Fetcher,
    HostShut,
    NotModified,
    Store,
    Unreached,
    Unread,
    Workers,
)
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.reports import Reading
from digest.sources import LONGEST_WAIT, Authority, Source

log = logging.getLogger(__name__)

TRIES: Final = 8
"""An item is parked after so many failed tries: about half a day, or longer if its server asks us to wait.

A try is a request, or a refusal of our own to make it. While a host asks us to wait there is none.
"""

_FIRST_WAIT: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """The result of reading a source's items."""

    candidates: tuple[Candidate, ...] = ()
    parked: tuple[str, ...] = ()  # titles of items that are not tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class _NotRead:
    """Why an item was not read this time."""

    trouble: str
    wait: timedelta = timedelta(0)  # the server's Retry-After
    tried: bool = True  # False: no request was made


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads items, with the ports and settings that it needs."""

    inspectorates: Inspectorates
    store: Store
    fetcher: Fetcher
    workers: Workers
    clock: Clock

    async def read_waiting(self, source: Source, records: Mapping[Item, Record]) -> Filed:
        """Read the source's unread items, at most `source.pages` of them.

        An item with a record in `records` gets the record's reading; for any other, its page is read. An item
        that cannot be read is put off or parked and does not affect the others.
        """
        candidates: list[Candidate] = []
        parked: list[str] = []
        now = self.clock.now()
        for unread in await self.store.items.unread(source.id, limit=source.pages, now=now):
            outcome = await self._contained(source, unread, records.get(unread.item))
            if not isinstance(outcome, _NotRead):
                candidates += outcome
            elif await self._recorded(unread, outcome):
                parked.append(unread.item.title)
        return Filed(candidates=tuple(candidates), parked=tuple(parked))

    async def _contained(
        self, source: Source, unread: Unread, record: Record | None
    ) -> Sequence[Candidate] | _NotRead:
        """Read and store one item. Whatever that raises is the item's trouble."""
        try:
            return await self._read(source, unread, record)
        except (ParseError, OverrunError) as error:
            return _NotRead(trouble=str(error))
        except Exception as error:
            log.exception("item failed", extra={"source": source.id, "item": unread.id})
            return _NotRead(trouble=in_a_line(error))

    async def _read(
        self, source: Source, unread: Unread, record: Record | None
    ) -> Sequence[Candidate] | _NotRead:
        found = record or await self._page(source, unread.item)
        if isinstance(found, _NotRead):
            return found
        register = await self.store.providers.register()
        page, reading = await self._understood(found, source, register)
        whole = await self._with_its_parts(source, unread, page, reading, register)
        if isinstance(whole, _NotRead):
            return whole
        reading, parts = whole
        providers = providers_of(reading, register)
        reference = Reference(
            inspectorates=self.inspectorates,
            register=register,
            history={id: await self.store.providers.history(id) for id in sorted(providers)},
        )
        candidates = candidates_of(
            reading, item=unread.id, listed=unread.item, page=page, source=source, reference=reference
        )
        told = [await self._beside_what_is_filed(one, unread) for one in candidates]
        return told if await self.store.items.file(unread.id, page, reading, told, parts=parts) else ()

    async def _beside_what_is_filed(self, candidate: Candidate, unread: Unread) -> Candidate:
        """The candidate, or the repeat that it is of a report that was filed under another address."""
        if candidate.authority is not Authority.OFFICIAL or candidate.provider is None:
            return candidate
        for other in await self.store.items.filed(candidate.provider):
            if by := same_report(candidate, other):
                fields = {"source": unread.source, "item": unread.id, "before": other.key.item, "by": by}
                log.info("report was filed before", extra=fields)
                return replace(candidate, changes=(), repeats=Repeated(key=other.key, by=by))
        return candidate

    async def _with_its_parts(
        self, source: Source, unread: Unread, page: Page, reading: Reading, register: Register
    ) -> tuple[Reading, tuple[Page, ...]] | _NotRead:
        """The reading of an inspectorate's report, with its parts if the first page gives no rating.

        A part that a server refuses is left out. One that does not answer puts the item off, for all tries
        but the last.
        """
        if source.authority is not Authority.OFFICIAL or not may_be_in_parts(reading):
            return reading, ()
        pages: list[Page] = []
        read: list[tuple[str, Reading]] = []
        for part in await self.workers.run(parts_of, page):
            match await self.fetcher.fetch(part.url, heed_robots=True):
                case Fetched(url=url, body=body, content_type=kind) if is_below_or_beside(url, page.url):
                    own = Page(url=url, body=body, content_type=kind, fetched_at=self.clock.now())
                    with suppress(ParseError):
                        read.append((url, await self._read_part(own, reading, register)))
                        pages.append(own)
                case HostShut(reason=reason, wait=wait) | Unreached(reason=reason, wait=wait):
                    if unread.attempts + 1 < TRIES:
                        return _NotRead(trouble=f"{part.url}: {reason}", wait=wait or timedelta(0))
                case _:
                    pass
            if any(one.overall for _, said in read[-1:] for one in said.reports):
                break
        whole = joined(reading, read)
        if any(one.rated for one in whole.reports):
            log.info("rating read from a part", extra={"source": source.id, "item": unread.id})
        return whole, tuple(pages)

    async def _read_part(self, part: Page, first: Reading, register: Register) -> Reading:
        inspectorates = self.inspectorates
        return await self.workers.run(
            read_part, part, first, inspectorates=inspectorates, register=register, official=True
        )

    async def _page(self, source: Source, item: Item) -> Page | _NotRead:
        """The page of an item, or why there is none. For an item without a link, a page made of its text."""
        if item.link is None:
            body = f"<h1>{item.title}</h1>\n{item.summary}".encode()
            return Page(url=source.url, body=body, content_type="text/html", fetched_at=self.clock.now())
        match await self.fetcher.fetch(item.link, heed_robots=True):
            case Fetched(url=url, body=body, content_type=content_type):
                return Page(url=url, body=body, content_type=content_type, fetched_at=self.clock.now())
            case Blocked(reason=reason, wait=wait) | Unreached(reason=reason, wait=wait):
                return _NotRead(trouble=reason, wait=wait or timedelta(0))
            case HostShut(reason=reason, wait=left):
                return _NotRead(trouble=reason, wait=left, tried=False)
            case NotModified():
                return _NotRead(trouble="the server says 'not modified' to a request without validators")

    async def _understood(
        self, found: Page | Record, source: Source, register: Register
    ) -> tuple[Page, Reading]:
        """The page to store as evidence, and its reading. Pages are read in a worker: they may be hostile."""
        match found:
            case Record(page=page, reading=reading):
                return page, reading
            case Page() as page:
                reading = await self.workers.run(
                    read,
                    page,
                    inspectorates=self.inspectorates,
                    register=register,
                    official=source.authority is Authority.OFFICIAL or None,  # None: the page's URL decides
                )
                return page, reading

    async def _recorded(self, unread: Unread, outcome: _NotRead) -> bool:
        """Record why an item was not read; whether it is parked now.

        If the database takes nothing, the trouble is not the item's: `StoreError` ends the reading. Any other
        failure to record is logged, and the item is due again with the next poll.
        """
        try:
            return await self._park_or_put_off(unread, outcome)
        except StoreError:
            raise
        except Exception:
            log.exception("an item's trouble was not recorded", extra={"item": unread.id})
            return False

    async def _park_or_put_off(self, unread: Unread, outcome: _NotRead) -> bool:
        """Note why an item was not read; True if it is parked now, so that it is not tried again."""
        fields = {"source": unread.source, "item": unread.id, "trouble": outcome.trouble}
        tries = unread.attempts + int(outcome.tried)
        if tries >= TRIES:
            await self.store.items.park(unread.id, outcome.trouble)
            log.error("item parked", extra=fields)
            return True
        ours = doubling(_FIRST_WAIT, tries, _LONGEST_WAIT) if outcome.tried else timedelta(0)
        until = self.clock.now() + max(ours, min(outcome.wait, LONGEST_WAIT))
        await self.store.items.put_off(unread.id, outcome.trouble, until=until, tried=outcome.tried)
        log.warning("item put off", extra=fields)
        return False
