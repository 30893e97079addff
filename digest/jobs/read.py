"""After each poll of a source: fetch and read its unread items, one at a time, and store the results."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from digest.backoff import doubling
from digest.candidates import Reference, candidates_of, providers_of
from digest.edition import Candidate
from digest.errors import OverrunError, ParseError
from digest.extract import read
from digest.items import Item, Page
from digest.listing import Record
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
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.reports import Reading
from digest.sources import Authority, Source

log = logging.getLogger(__name__)

TRIES: Final = 8
"""An item is parked after so many failed tries, the last about a day after the first."""

_FIRST_WAIT: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """The result of reading a source's items."""

    candidates: tuple[Candidate, ...] = ()
    parked: tuple[str, ...] = ()  # titles of items that are not tried again


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
            filed = await self._read(source, unread, records.get(unread.item))
            if not isinstance(filed, str):
                candidates += filed
            elif await self._park_or_put_off(unread, filed):
                parked.append(unread.item.title)
        return Filed(candidates=tuple(candidates), parked=tuple(parked))

    async def _read(self, source: Source, unread: Unread, record: Record | None) -> Sequence[Candidate] | str:
        """Read and store one item. Returns its candidates, or why it could not be read."""
        found = record or await self._page(source, unread.item)
        if isinstance(found, str):
            return found
        register = await self.store.providers.register()
        try:
            page, reading = await self._understood(found, source, register)
        except (ParseError, OverrunError) as error:
            return str(error)
        except Exception as error:  # a fault in our code that only this text may cause
            log.exception("item failed", extra={"source": source.id, "item": unread.id})
            return f"{type(error).__name__}: {error}"
        providers = providers_of(reading, register)
        reference = Reference(
            inspectorates=self.inspectorates,
            register=register,
            history={id: await self.store.providers.history(id) for id in sorted(providers)},
        )
        candidates = candidates_of(
            reading, item=unread.id, listed=unread.item, page=page, source=source, reference=reference
        )
        return candidates if await self.store.items.file(unread.id, page, reading, candidates) else ()

    async def _page(self, source: Source, item: Item) -> Page | str:
        """The page of an item, or why there is none. For an item without a link, a page made of its text."""
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

    async def _park_or_put_off(self, unread: Unread, trouble: str) -> bool:
        """Note a failed try; True if the item is parked now, so that it is not tried again."""
        fields = {"source": unread.source, "item": unread.id, "trouble": trouble}
        if unread.attempts + 1 >= TRIES:
            await self.store.items.park(unread.id, trouble)
            log.error("item parked", extra=fields)
            return True
        wait = doubling(_FIRST_WAIT, unread.attempts + 1, _LONGEST_WAIT)
        await self.store.items.put_off(unread.id, trouble, until=self.clock.now() + wait)
        log.warning("item put off", extra=fields)
        return False
