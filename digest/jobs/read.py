"""After each poll of a source: fetch and read its unread items, one at a time of a host; store the results.

A page that is no report is put off and never filed. What becomes of an item that is not read says
`jobs/not_read.py`.
"""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from digest.candidates import Reference, candidates_of, providers_of
from digest.edition import Candidate, Repeated
from digest.edits import is_later
from digest.errors import OverrunError, ParseError, StoreError
from digest.extract import NoReport, looked_at, read
from digest.extract.report_parts import (
    gathered,
    is_below_or_beside,
    joined,
    may_be_in_parts,
    parts_of,
    read_part,
)
from digest.items import Item, Page
from digest.jobs.failures import in_a_line
from digest.jobs.not_read import TRIES, NotRead, Parked, PutOff, StoodIn, fate, not_read
from digest.jobs.pages import FoundPage, Pages
from digest.matching import same_report
from digest.parse.govuk import Content, Gone
from digest.parse.record_reading import has_text, record_page, record_reading, with_text
from digest.parse.text import shortened
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
from digest.records import Record
from digest.reports import Reading
from digest.sources import Authority, Source

log = logging.getLogger(__name__)

LOOKS: Final = (timedelta(days=1), timedelta(days=7))
"""How long after it was read a page is looked at again (`jobs/look_again.py`)."""

MOST_RECORDS: Final = 1_000
"""So many records are read after one poll at most: nothing is fetched for them."""

MOST_DOCUMENTS: Final = 20
"""So many documents of one publication are read at most."""

MOST_TEXTS: Final = 100
"""So many texts behind records are fetched after one poll at most; the other records wait for the next."""

TEXT_TRIES: Final = 2
TEXT_WAIT: Final = timedelta(hours=3)
"""After so many tries, or if the next one would come later, a record is filed without its report's text. The
text has all the tries of a page, and is added until an edition has told the record."""

HANGS: Final = 60.0
"""A host that has left us without an answer for so many seconds is asked for no further page in this poll."""

_LONGEST_NOTE: Final = 300  # characters

_LEFT_FOR: Final = timedelta(minutes=10)
"""How long the pages of such a host are left then."""

_HOSTS_AT_ONCE: Final = 4
"""So many hosts of one source's pages are asked at once."""


_ANY: Final = Item(title="Part of a report")
"""What a part must be the report of: its own heading need not name the provider."""


def next_look(read_at: datetime, now: datetime) -> datetime | None:
    """When to look again at a page that was first read at `read_at`; None: not any more."""
    return next((read_at + after for after in LOOKS if read_at + after > now), None)


def page_host(item: Item) -> str:
    """The host of an item's page or, behind a record, its text; "" if it has none that can be asked."""
    link = item.link if item.record is None else item.record.text_link
    try:
        return urlsplit(link or "").hostname or ""
    except ValueError:
        return ""


Room = Callable[[str], AbstractAsyncContextManager[None]]
"""Waits until a host may be asked, and holds a place for that."""


def anywhere(_: str) -> AbstractAsyncContextManager[None]:
    """Leave at once, whichever host it is."""
    return nullcontext()


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
    first_published: datetime | None = None  # if its publisher says so apart
    publishers_note: str = ""  # what it says was changed last


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
    hangs: float = HANGS

    async def read_waiting(self, source: Source, room: Room = anywhere) -> Filed:
        """Read the source's unread items, at most `source.pages` of them; of records, `MOST_RECORDS`.

        An item with a record is what the record states; of any other, its page is read. An item that cannot
        be read is put off or parked and does not affect the others, nor does a host that hangs those with
        pages elsewhere. `room` gives leave to ask a host.
        """
        limit = MOST_RECORDS if source.spec.states else source.pages
        unread = await self.store.items.unread(source.id, limit=limit, now=self.clock.now())
        hosts: dict[str, list[Unread]] = {}
        for one in _with_few_texts(unread):
            record = one.item.record
            page = record is None or has_text(record)
            hosts.setdefault((page and page_host(one.item)) or source.host, []).append(one)
        free = asyncio.Semaphore(_HOSTS_AT_ONCE)

        async def read_of(host: str, items: Sequence[Unread]) -> Filed:
            async with free, room(host):
                return await self._read_in_turn(source, items)

        work = [read_of(host, items) for host, items in hosts.items()]
        filed = await asyncio.gather(*work, return_exceptions=True)
        return _together(filed)

    async def _read_in_turn(self, source: Source, items: Sequence[Unread]) -> Filed:
        """Read items whose pages are on one host, one after the other."""
        candidates: list[Candidate] = []
        parked: list[str] = []
        loop, silent = asyncio.get_running_loop(), 0.0
        for number, unread in enumerate(items):
            began = loop.time()
            outcome = await self._contained(source, unread)
            if not isinstance(outcome, NotRead):
                candidates += outcome
                continue
            recorded = await self._recorded(source, unread, outcome)
            candidates += recorded.candidates
            if recorded.parked:
                parked.append(unread.item.title)
            silent += loop.time() - began if outcome.silent else 0.0
            if outcome.silent and silent >= self.hangs:
                await self._leave(source, items[number + 1 :], outcome.trouble)
                break
        return Filed(candidates=tuple(candidates), parked=tuple(parked))

    async def _leave(self, source: Source, items: Sequence[Unread], trouble: str) -> None:
        """Put off items that are not tried because their host hangs, so that others come first meanwhile."""
        left = NotRead(trouble=f"not asked: its host hangs: {trouble}", wait=_LEFT_FOR, tried=False)
        for unread in items:
            await self._recorded(source, unread, left)

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
            return await self._read_record(source, unread, record)
        found = await self._page(source, unread.item)
        if isinstance(found, NotRead):
            return found
        read = await self.whole_of(source, unread.item, found, last=unread.attempts + 1 >= TRIES)
        if isinstance(read, NotRead):
            return read
        look_at = next_look(found.page.fetched_at, found.page.fetched_at)
        return await self._file(source, unread, read, look_at=look_at)

    async def _file(
        self,
        source: Source,
        unread: Unread,
        whole: Whole,
        *,
        look_at: datetime | None = None,
        waits: bool = False,
    ) -> Sequence[Candidate]:
        """File what was read of an item; its candidates, if they were not filed before."""
        candidates = await self._compared(source, unread, whole.page, whole.reading)
        candidates = self._news(source, unread, whole, candidates)
        filed = await self.store.items.file(
            unread.id, whole.page, whole.reading, candidates, parts=whole.parts, look_at=look_at, waits=waits
        )
        return candidates if filed else ()

    async def _read_record(
        self, source: Source, unread: Unread, record: Record
    ) -> Sequence[Candidate] | NotRead:
        """File what a record states, with the text behind it or, if that cannot be read soon, without."""
        now = self.clock.now()
        judge = self.inspectorates.named(record.inspectorate)
        reading = record_reading(record, visited=judge is None or judge.visits)
        stated = Whole(page=record_page(record, source.url, now), reading=reading)
        if not has_text(record) or unread.told:
            return await self._file(source, unread, stated)
        text = await self._text(source, replace(unread.item, link=record.text_link))
        if not isinstance(text, NotRead):
            page, said = text
            with_it = replace(stated, reading=with_text(stated.reading, said), parts=(page,))
            return await self._file(source, unread, with_it)
        soon = now - unread.since + source.every <= TEXT_WAIT
        few = unread.attempts + int(text.tried) < TEXT_TRIES
        if few and soon and not text.final and not unread.filed:
            return text
        return await self._without_text(source, unread, stated, text)

    async def _without_text(
        self, source: Source, unread: Unread, stated: Whole, why: NotRead
    ) -> Sequence[Candidate]:
        """File what a record states without its report's text, which is asked for again as a page is."""
        later, filed = fate(unread, why, self.clock.now()), unread.filed
        candidates: Sequence[Candidate] = ()
        if not filed:
            fields = {"source": unread.source, "item": unread.id, "trouble": why.trouble}
            log.warning("a record is told without its report's text", extra=fields)
        if not filed or not isinstance(later, PutOff):
            candidates = await self._file(source, unread, stated, waits=isinstance(later, PutOff))
        if isinstance(later, PutOff):
            await self.store.items.put_off(unread.id, why.trouble, until=later.until, tried=why.tried)
        return candidates

    async def _text(self, source: Source, item: Item) -> tuple[Page, Reading] | NotRead:
        """The text behind a record, and what it says."""
        found = await self._page(source, item)
        if isinstance(found, NotRead):
            return found
        register = await self.store.providers.register()
        try:
            said = await self._understood(found.page, item, source, register)
        except (ParseError, OverrunError) as error:
            return NotRead(trouble=str(error))
        if isinstance(said, NoReport):
            return NotRead(trouble=f"no report: {said.why}", wall=True)
        return found.page, said

    async def whole_of(
        self, source: Source, item: Item, found: FoundPage, *, last: bool = True, words: bool = False
    ) -> Whole | NotRead:
        """What a page says, with its parts if it is an inspectorate's report in parts.

        `last`: it is read without the parts that do not answer. `words`: it is made of the feed's own words.
        """
        register = await self.store.providers.register()
        page, words = found.page, words or item.link is None
        understood = await self._understood(page, None if words else item, source, register)
        if isinstance(understood, NoReport):
            return NotRead(trouble=f"no report: {understood.why}", wall=True)
        if found.content is not None:
            return await self._with_its_documents(source, found, found.content, understood, last=last)
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

    def words(self, item: Item, url: str) -> FoundPage:
        """The feed's own words of an item, as a page."""
        return FoundPage(page=_feed_words(item, url, self.clock.now()))

    def _news(
        self, source: Source, unread: Unread, whole: Whole, found: tuple[Candidate, ...]
    ) -> tuple[Candidate, ...]:
        """The candidates; of an item that was no news when it was first listed, only those that are later.

        Nor is one news that was published before the source's window, and is listed because it was changed.
        """
        since, first = unread.known_since, whole.first_published
        if since is None and first is not None and unread.since - first > source.recent:
            since = first
        if since is None:
            return found
        dated = unread.item.last_dated, whole.reading.published
        later = all(is_later(one, since, *dated) for one in found)
        if not later:
            fields = {"source": unread.source, "item": unread.id, "title": unread.item.title}
            log.info("an old entry was dated again, and its page tells of nothing later", extra=fields)
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

    async def _with_its_documents(
        self, source: Source, found: FoundPage, content: Content, reading: Reading, *, last: bool
    ) -> Whole | NotRead:
        """A page of GOV.UK, with the documents that belong to it if it gives no rating itself."""
        whole = Whole(
            page=found.page,
            reading=reading,
            first_published=content.first_published,
            publishers_note=shortened(content.note, _LONGEST_NOTE),
        )
        rates = any(one.rated or one.withdraws for one in reading.reports)
        if rates or source.authority is not Authority.OFFICIAL:
            return whole
        register = await self.store.providers.register()
        pages: list[Page] = []
        read: list[tuple[str, Reading]] = []
        for one in content.attachments[:MOST_DOCUMENTS]:
            match await self.pages.attached(source, one):
                case FoundPage(content=Content(withdrawn=str())):
                    pass
                case FoundPage(page=own):
                    with suppress(ParseError):
                        read.append((own.url, await self._read_part(own, reading, register)))
                        pages.append(own)
                case HostShut(reason=reason, wait=wait) | Unreached(reason=reason, wait=wait) if not last:
                    return NotRead(trouble=f"{one.url}: {reason}", wait=wait or timedelta(0))
                case _:
                    pass
        return replace(whole, reading=gathered(reading, read), parts=tuple(pages))

    @property
    def pages(self) -> Pages:
        return Pages(fetcher=self.fetcher, workers=self.workers, clock=self.clock)

    async def _page(self, source: Source, item: Item) -> FoundPage | NotRead:
        """The page of an item, or why there is none. For an item without a link, a page made of its text."""
        if item.link is None:
            return self.words(item, source.url)
        match await self.pages.page_of(source, item.link):
            case FoundPage(content=Content(withdrawn=str(why))):
                return NotRead(trouble=f"its publisher has withdrawn it {why}", final=True)
            case FoundPage() as found:
                return found
            case Gone(why=why):
                return NotRead(trouble=f"its publisher has taken it away: {why}", final=True)
            case Blocked() | Unreached() | HostShut() as outcome:
                return not_read(outcome)
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
            inspectorates=self.inspectorates.read_at(source.inspectorate),
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
        fields = {"source": unread.source, "item": unread.id, "trouble": outcome.trouble}
        match fate(unread, outcome, self.clock.now()):
            case PutOff(until=until):
                await self.store.items.put_off(unread.id, outcome.trouble, until=until, tried=outcome.tried)
                log.warning("item put off", extra=fields)
                return _Recorded()
            case Parked(until=until, before=True):
                await self.store.items.park(unread.id, outcome.trouble, until=until)
                log.warning("item still parked", extra=fields | {"until": until})
                return _Recorded()
            case Parked(until=until):
                await self.store.items.park(unread.id, outcome.trouble, until=until)
                log.error("item parked", extra=fields)
                return _Recorded(parked=True)
            case StoodIn(until=until):
                candidates = await self._stand_in(source, unread, outcome.trouble, until=until)
                log.error("item parked", extra=fields | {"stands_in": candidates is not None})
                return _Recorded(parked=True, candidates=candidates or ())

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


def _with_few_texts(unread: Sequence[Unread]) -> list[Unread]:
    """The items without those that would be more than `MOST_TEXTS` with a text behind their record."""
    texts = [one for one in unread if one.item.record is not None and has_text(one.item.record)]
    left = {one.id for one in texts[MOST_TEXTS:]}
    return [one for one in unread if one.id not in left]


def _together(filed: Sequence[Filed | BaseException]) -> Filed:
    """All that was filed; raises the first error if there is one."""
    for one in filed:
        if isinstance(one, BaseException):
            raise one
    done = [one for one in filed if isinstance(one, Filed)]
    return Filed(
        candidates=tuple(candidate for one in done for candidate in one.candidates),
        parked=tuple(title for one in done for title in one.parked),
    )


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
