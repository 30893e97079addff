"""After each poll of a source: fetch and read its unread items, one at a time, and store the results.

A page that is no report is put off and never filed. After some tries the feed's own words stand in, and the
page is asked for now and then until it comes.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from digest.backoff import doubling
from digest.candidates import Reference, candidates_of, providers_of
from digest.edition import Candidate, Repeated
from digest.edits import is_later
from digest.errors import OverrunError, ParseError, StoreError
from digest.extract import NoReport, looked_at, read
from digest.extract.report_parts import is_below_or_beside, joined, may_be_in_parts, parts_of, read_part
from digest.items import Item, Page
from digest.jobs.failures import in_a_line
from digest.matching import same_report
from digest.parse.record_reading import record_page, record_reading
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

WALL_TRIES: Final = 4
"""The feed's own words stand in after so many tries that brought a page that is no report, about a day."""

LOOKS: Final = (timedelta(days=1), timedelta(days=7))
"""How long after it was read a page is looked at again (`jobs/look_again.py`)."""

MOST_RECORDS: Final = 1_000
"""So many records are read after one poll at most: nothing is fetched for them."""

_FIRST_WAIT: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(hours=6)
_WALL_WAITS: Final = (timedelta(hours=1), timedelta(hours=5), timedelta(hours=18))
"""After each try that brought a page that is no report. A bot check may last for hours."""

_LEAST_AGE: Final = timedelta(hours=20)
"""No feed's words stand in before the item was known for so long: other tries may have failed as well."""

ASKED_EVERY: Final = timedelta(days=1)
ASKED_FOR: Final = timedelta(days=8)
"""How often, and until which age of its item, a page is asked for in whose place the feed's words stand."""


_ANY: Final = Item(title="Part of a report")
"""What a part must be the report of: its own heading need not name the provider."""


def next_look(read_at: datetime, now: datetime) -> datetime | None:
    """When to look again at a page that was first read at `read_at`; None: not any more."""
    return next((read_at + after for after in LOOKS if read_at + after > now), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """The result of reading a source's items."""

    candidates: tuple[Candidate, ...] = ()
    parked: tuple[str, ...] = ()  # titles of items that are not tried again

    def with_more(self, more: Filed) -> Filed:
        return Filed(candidates=self.candidates + more.candidates, parked=self.parked + more.parked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """All that was read of an item: its page, and the other pages of its report."""

    page: Page
    reading: Reading
    parts: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """Why an item was not read this time."""

    trouble: str
    wait: timedelta = timedelta(0)  # the server's Retry-After
    tried: bool = True  # False: no request was made
    wall: bool = False  # a page came that is no report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recorded:
    """What became of an item that was not read."""

    parked: bool = False  # since now
    candidates: Sequence[Candidate] = ()  # of the feed's own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads items, with the ports and settings that it needs."""

    inspectorates: Inspectorates
    store: Store
    fetcher: Fetcher
    workers: Workers
    clock: Clock

    async def read_waiting(self, source: Source) -> Filed:
        """Read the source's unread items, at most `source.pages` of them; of records, `MOST_RECORDS`.

        An item with a record is what the record states; of any other, its page is read. An item that cannot
        be read is put off or parked and does not affect the others.
        """
        candidates: list[Candidate] = []
        parked: list[str] = []
        now = self.clock.now()
        limit = MOST_RECORDS if source.spec.states else source.pages
        for unread in await self.store.items.unread(source.id, limit=limit, now=now):
            outcome = await self._contained(source, unread)
            if not isinstance(outcome, NotRead):
                candidates += outcome
                continue
            recorded = await self._recorded(source, unread, outcome)
            candidates += recorded.candidates
            if recorded.parked:
                parked.append(unread.item.title)
        return Filed(candidates=tuple(candidates), parked=tuple(parked))

    async def _contained(self, source: Source, unread: Unread) -> Sequence[Candidate] | NotRead:
        """Read and store one item. Whatever that raises is the item's trouble."""
        try:
            return await self._read(source, unread)
        except (ParseError, OverrunError) as error:
            return NotRead(trouble=str(error))
        except Exception as error:
            log.exception("item failed", extra={"source": source.id, "item": unread.id})
            return NotRead(trouble=in_a_line(error))

    async def _read(self, source: Source, unread: Unread) -> Sequence[Candidate] | NotRead:
        if (record := unread.item.record) is not None:
            page = record_page(record, source.url, self.clock.now())
            whole = Whole(page=page, reading=record_reading(record))
            look_at = None  # its source states it again, and no page is fetched
        else:
            found = await self._page(source, unread.item)
            if isinstance(found, NotRead):
                return found
            read = await self.whole_of(source, unread.item, found, last=unread.attempts + 1 >= TRIES)
            if isinstance(read, NotRead):
                return read
            whole, look_at = read, next_look(found.fetched_at, found.fetched_at)
        candidates = self._news(
            unread, whole, await self._compared(source, unread, whole.page, whole.reading)
        )
        filed = await self.store.items.file(
            unread.id, whole.page, whole.reading, candidates, parts=whole.parts, look_at=look_at
        )
        return candidates if filed else ()

    async def whole_of(
        self, source: Source, item: Item, page: Page, *, last: bool = True, words: bool = False
    ) -> Whole | NotRead:
        """What a page says, with its parts if it is an inspectorate's report in parts.

        `last`: it is read without the parts that do not answer. `words`: it is made of the feed's own words.
        """
        register = await self.store.providers.register()
        words = words or item.link is None
        understood = await self._understood(page, None if words else item, source, register)
        if isinstance(understood, NoReport):
            return NotRead(trouble=f"no report: {understood.why}", wall=True)
        if words or source.authority is not Authority.OFFICIAL or not may_be_in_parts(understood):
            return Whole(page=page, reading=understood)
        return await self._with_its_parts(page, understood, register, last=last)

    async def candidates(self, source: Source, id: int, item: Item, whole: Whole) -> tuple[Candidate, ...]:
        """The candidates of what was read of an item, compared with the ratings held before this item."""
        register = await self.store.providers.register()
        # What the feed's own words or an earlier form of the page said is no earlier rating.
        history = {
            provider: await self.store.providers.history(provider, without_item=id)
            for provider in sorted(providers_of(whole.reading, register))
        }
        reference = Reference(inspectorates=self.inspectorates, register=register, history=history)
        return candidates_of(
            whole.reading, item=id, listed=item, page=whole.page, source=source, reference=reference
        )

    async def _compared(
        self, source: Source, unread: Unread, page: Page, reading: Reading
    ) -> tuple[Candidate, ...]:
        """The candidates of a reading, beside the reports that are filed already."""
        whole = Whole(page=page, reading=reading)
        found = await self.candidates(source, unread.id, unread.item, whole)
        return tuple([await self._beside_what_is_filed(one, unread) for one in found])

    async def is_filed(self, candidate: Candidate) -> bool:
        """Whether an official report was filed before, under another address."""
        return await self._filed_before(candidate) is not None

    def words(self, item: Item, url: str) -> Page:
        """The feed's own words of an item, as a page."""
        return _feed_words(item, url, self.clock.now())

    def _news(self, unread: Unread, whole: Whole, found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """The candidates; of an item that was no news when it was first listed, only those that are later."""
        if unread.known_since is None:
            return found
        dated = unread.item.last_dated, whole.reading.published
        later = all(is_later(one, unread.known_since, *dated) for one in found)
        if not later:
            fields = {"source": unread.source, "item": unread.id, "title": unread.item.title}
            log.info("an old entry was dated anew, and its page tells of nothing later", extra=fields)
        return found if later else ()

    async def _beside_what_is_filed(self, candidate: Candidate, unread: Unread) -> Candidate:
        """The candidate, or the repeat that it is of a report that was filed under another address."""
        before = await self._filed_before(candidate)
        if before is None:
            return candidate
        fields = {"source": unread.source, "item": unread.id, "before": before.key.item, "by": before.by}
        log.info("report was filed before", extra=fields)
        return replace(candidate, changes=(), repeats=before)

    async def _filed_before(self, candidate: Candidate) -> Repeated | None:
        if candidate.authority is not Authority.OFFICIAL or candidate.provider is None:
            return None
        for other in await self.store.items.filed(candidate.provider):
            if other.from_feed or other.key.item == candidate.key.item:
                continue  # a feed's words are no report: a page that comes later is told
            if by := same_report(candidate, other):
                return Repeated(key=other.key, by=by)
        return None

    async def _with_its_parts(
        self, page: Page, reading: Reading, register: Register, *, last: bool
    ) -> Whole | NotRead:
        """An inspectorate's report with its parts, because its first page gives no rating.

        A part that a server refuses is left out. One that does not answer, or with a wall, puts the report
        off, unless this is the last try.
        """
        pages: list[Page] = []
        read: list[tuple[str, Reading]] = []
        for part in await self.workers.run(parts_of, page):
            match await self.fetcher.fetch(part.url, heed_robots=True):
                case Fetched(url=url, body=body, content_type=kind) if is_below_or_beside(url, page.url):
                    own = Page(url=url, body=body, content_type=kind, fetched_at=self.clock.now())
                    wall = await self.workers.run(looked_at, own, _ANY)
                    if isinstance(wall, NoReport) and not last:
                        return NotRead(trouble=f"{url}: no report: {wall.why}")
                    with suppress(ParseError):
                        read.append((url, await self._read_part(own, reading, register)))
                        pages.append(own)
                case HostShut(reason=reason, wait=wait) | Unreached(reason=reason, wait=wait):
                    if not last:
                        return NotRead(trouble=f"{part.url}: {reason}", wait=wait or timedelta(0))
                case _:
                    pass
            if any(one.overall for _, said in read[-1:] for one in said.reports):
                break
        return Whole(page=page, reading=joined(reading, read), parts=tuple(pages))

    async def _read_part(self, part: Page, first: Reading, register: Register) -> Reading:
        inspectorates = self.inspectorates
        return await self.workers.run(
            read_part, part, first, inspectorates=inspectorates, register=register, official=True
        )

    async def _page(self, source: Source, item: Item) -> Page | NotRead:
        """The page of an item, or why there is none. For an item without a link, a page made of its text."""
        if item.link is None:
            return _feed_words(item, source.url, self.clock.now())
        match await self.fetcher.fetch(item.link, heed_robots=True):
            case Fetched(url=url, body=body, content_type=content_type, validators=given):
                return Page(
                    url=url,
                    body=body,
                    content_type=content_type,
                    fetched_at=self.clock.now(),
                    etag=given.etag,
                    last_modified=given.last_modified,
                )
            case Blocked(reason=reason, wait=wait) | Unreached(reason=reason, wait=wait):
                return NotRead(trouble=reason, wait=wait or timedelta(0))
            case HostShut(reason=reason, wait=left):
                return NotRead(trouble=reason, wait=left, tried=False)
            case NotModified():
                return NotRead(trouble="the server says 'not modified' to a request without validators")

    async def _understood(
        self, page: Page, item: Item | None, source: Source, register: Register
    ) -> Reading | NoReport:
        """What a page says, read in a worker: pages may be hostile.

        `item` is what the page must be the report of; None if the text is the feed's own.
        """
        return await self.workers.run(
            _report_of,
            page,
            item,
            inspectorates=self.inspectorates,
            register=register,
            official=source.authority is Authority.OFFICIAL or None,  # None: the page's URL decides
        )

    async def _recorded(self, source: Source, unread: Unread, outcome: NotRead) -> _Recorded:
        """Record why an item was not read.

        If the database takes nothing, the trouble is not the item's: `StoreError` ends the reading. Any other
        failure to record is logged, and the item is due again with the next poll.
        """
        try:
            return await self._park_or_put_off(source, unread, outcome)
        except StoreError:
            raise
        except Exception:
            log.exception("an item's trouble was not recorded", extra={"item": unread.id})
            return _Recorded()

    async def _park_or_put_off(self, source: Source, unread: Unread, outcome: NotRead) -> _Recorded:
        now = self.clock.now()
        fields = {"source": unread.source, "item": unread.id, "trouble": outcome.trouble}
        tries = unread.attempts + int(outcome.tried)
        age = now - unread.since
        if unread.parked and outcome.tried:
            until = now + max(ASKED_EVERY, min(outcome.wait, LONGEST_WAIT)) if age < ASKED_FOR else None
            await self.store.items.park(unread.id, outcome.trouble, until=until)
            log.warning("item still parked", extra=fields | {"until": until})
            return _Recorded()
        if outcome.wall and tries >= WALL_TRIES and age >= _LEAST_AGE:
            candidates = await self._stand_in(source, unread, outcome.trouble, until=now + ASKED_EVERY)
            log.error("item parked", extra=fields | {"stands_in": candidates is not None})
            return _Recorded(parked=True, candidates=candidates or ())
        if tries >= TRIES and not outcome.wall:
            await self.store.items.park(unread.id, outcome.trouble)
            log.error("item parked", extra=fields)
            return _Recorded(parked=True)
        until = now + max(_wait(outcome, tries), min(outcome.wait, LONGEST_WAIT))
        await self.store.items.put_off(unread.id, outcome.trouble, until=until, tried=outcome.tried)
        log.warning("item put off", extra=fields)
        return _Recorded()

    async def _stand_in(
        self, source: Source, unread: Unread, trouble: str, *, until: datetime
    ) -> Sequence[Candidate] | None:
        """Park an item and let the feed's own words stand in for its page; None if they cannot be read."""
        assert unread.item.link is not None
        page = _feed_words(unread.item, unread.item.link, self.clock.now())
        register = await self.store.providers.register()
        try:
            understood = await self._understood(page, None, source, register)
        except (ParseError, OverrunError):
            await self.store.items.park(unread.id, trouble, until=until)
            return None
        assert isinstance(understood, Reading)
        reading = replace(understood, from_feed=True)
        candidates = await self._compared(source, unread, page, reading)
        store = self.store.items
        filed = await store.stand_in(unread.id, page, reading, candidates, trouble=trouble, until=until)
        return candidates if filed else ()


def _report_of(
    page: Page,
    item: Item | None,
    *,
    inspectorates: Inspectorates,
    register: Register,
    official: bool | None,
) -> Reading | NoReport:
    """The reading of a page, if it looks like the item's report. Without an item, it is read as it is."""
    main = looked_at(page, item) if item else None
    if isinstance(main, NoReport):
        return main
    return read(page, inspectorates=inspectorates, register=register, official=official, main=main)


def _feed_words(item: Item, url: str, now: datetime) -> Page:
    """The feed's own words of an item, as a page."""
    body = f"<h1>{html.escape(item.title)}</h1>\n{item.summary}".encode()
    return Page(url=url, body=body, content_type="text/html", fetched_at=now)


def _wait(outcome: NotRead, tries: int) -> timedelta:
    """How long we wait by ourselves after so many failed tries."""
    if not outcome.tried:
        return timedelta(0)
    if outcome.wall:
        return _WALL_WAITS[min(tries, len(_WALL_WAITS)) - 1]
    return doubling(_FIRST_WAIT, tries, _LONGEST_WAIT)
