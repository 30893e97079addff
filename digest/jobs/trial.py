"""A trial of a source: what a poll would read of it and tell, item by item, without storing anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import Any, Protocol, cast

from digest.admission import Admission, Look, Memory, admit
from digest.edition import Candidate, Story
from digest.edition_assembly import assemble
from digest.identity import Fresh, Seen, news, sightings
from digest.items import Item, Page
from digest.jobs.read import Reader
from digest.listing import Data, NotAsked, NotListed, Unchanged, unpacked
from digest.ports import Lister, ProviderStore, Store, Unread
from digest.providers import Register
from digest.records import guid
from digest.reports import Reading
from digest.review import doubts_of
from digest.schedule import Timetable
from digest.sources import Source, Validators, succeeded

Filed = Callable[[str], Awaitable[Sequence[Candidate]]]
"""The reports on a provider that are filed already."""


class Foresee(Protocol):
    """What a poll of the source would make of new items: `SourceStore.foresee` of one source."""

    async def __call__(
        self, fresh: Sequence[Fresh], decide: Callable[[Memory], Admission], *, now: datetime
    ) -> Admission: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedItem:
    """One item of a list, and what would come of it."""

    item: Item
    known: bool  # the source has listed it before
    old: bool  # it is older than what counts as news
    trouble: str | None = None  # why its page was not read
    page: Page | None = None
    candidates: tuple[Candidate, ...] = ()
    stories: tuple[Story, ...] = ()  # as an edition would tell them; none if it tells nothing new
    doubts: tuple[str, ...] = ()  # what operators are asked first; until they decide, no movement is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a poll of a source would bring now."""

    trouble: str | None = None  # why the source could not be listed
    listed: int = 0  # items in the list
    new: int = 0  # how many of them the source has not listed before
    items: tuple[TriedItem, ...] = ()  # the first ones, as many as were asked for
    admission: Admission | None = None  # what a poll would make of the new ones; None: there is no state


async def tried(
    source: Source,
    *,
    lister: Lister,
    reader: Reader,
    providers: ProviderStore,
    filed: Filed,
    seen: Seen,
    foresee: Foresee | None = None,
    timetable: Timetable,
    most: int,
    progress: Callable[[str], None] = lambda _: None,
) -> Trial:
    """List a source and read its first items, at most `most`. `seen` is what it has listed before.
    `foresee` says what a poll would make of what is new; None: there is no state.

    Nothing is written: the reader is given a store that keeps what it files for us, and asks `providers` and
    `filed`.
    """
    progress(f"listing {source.url}")
    listing = await lister.list_items(source, Validators())
    match listing:
        case NotListed(reason=why) | NotAsked(reason=why):
            return Trial(trouble=why)
        case Unchanged():
            return Trial(trouble="the server says 'not modified' to a request without validators")
    items = listing.items or _of_a_baseline(listing.data, most)
    rows = None if listing.data is None else listing.data.snapshot.rows
    fresh, known = news(sightings(items), seen)
    ids = {one.item: one.id for one in known}
    found = []
    for number, item in enumerate(items[:most], start=1):
        progress(f"reading {number} of {min(most, len(items))}: {item.link or item.title}")
        now = reader.clock.now()
        unread = Unread(id=ids.get(item, -number), item=item, source=source.id, attempts=0, since=now)
        kept = _Kept(unread, providers, filed)
        await replace(reader, store=cast("Store", kept)).read_waiting(source)
        found.append(kept.tried(known=item in ids, old=_old(item, source, now)))
    now = reader.clock.now()
    look = Look(source=source, fresh=fresh, known=[one.item for one in known], at=now, rows=rows)
    decide = partial(admit, look, after=partial(succeeded, source, validators=Validators(), now=now))
    return Trial(
        listed=len(items) if rows is None else rows,
        new=len(fresh),
        items=_told(found, await providers.register(), timetable, now),
        admission=await foresee(fresh, decide, now=now) if foresee else None,
    )


def _of_a_baseline(data: Data | None, most: int) -> tuple[Item, ...]:
    """The first records of data that is seen for the first time, as items: a poll would list none."""
    records = chain.from_iterable(map(unpacked, data.records)) if data is not None and data.baseline else ()
    return tuple(
        Item(title=record.subject.name, guid=guid(record, version), link=record.link, record=record)
        for version, record, *_ in islice(records, most)
    )


def _old(item: Item, source: Source, now: datetime) -> bool:
    return item.published_at is not None and now - item.published_at > source.recent


def _told(
    found: Sequence[TriedItem], register: Register, timetable: Timetable, now: datetime
) -> tuple[TriedItem, ...]:
    """The items with the stories that an edition of all of them would have, and what is asked about them."""
    asked = {c.key: tuple(_doubts(c, register)) for one in found for c in one.candidates}
    candidates = [replace(c, doubted=bool(asked[c.key])) for one in found for c in one.candidates]
    assembly = assemble(timetable.edition_of(now), timetable, waiting=candidates, told=(), sources=())
    stories = {story.key: story for story in assembly.edition.stories}
    return tuple(
        replace(
            one,
            stories=tuple(stories[c.key] for c in one.candidates if c.key in stories),
            doubts=tuple(dict.fromkeys(chain.from_iterable(asked[c.key] for c in one.candidates))),
        )
        for one in found
    )


def _doubts(candidate: Candidate, register: Register) -> Iterator[str]:
    """What operators would be asked. What publishers' data names enters the register by itself."""
    known = candidate.origin is not None or register.get(candidate.provider or "") is not None
    return doubts_of(candidate, known=known)


class _Kept:
    """A store with one unread item. What is filed of it is kept here and nowhere else."""

    def __init__(self, unread: Unread, providers: ProviderStore, filed: Filed) -> None:
        self._unread = unread
        self._filed = filed
        self.providers = providers
        self.items = self
        self._trouble: str | None = None
        self._page: Page | None = None
        self._candidates: Sequence[Candidate] = ()

    def tried(self, *, known: bool, old: bool) -> TriedItem:
        return TriedItem(
            item=self._unread.item,
            known=known,
            old=old,
            trouble=self._trouble,
            page=self._page,
            candidates=tuple(self._candidates),
        )

    async def filed(self, provider: str) -> list[Candidate]:
        """The reports of other items; what an earlier reading of this one gave does not count."""
        return [one for one in await self._filed(provider) if one.key.item != self._unread.id]

    async def unread(self, *_: Any, **__: Any) -> list[Unread]:
        return [self._unread]

    async def file(
        self, _: int, page: Page, __: Reading, candidates: Sequence[Candidate], **___: Any
    ) -> bool:
        self._page, self._candidates = page, candidates
        return True

    async def park(self, _: int, trouble: str, **__: Any) -> None:
        self._trouble = trouble

    async def put_off(self, _: int, trouble: str, **__: Any) -> None:
        self._trouble = trouble
