"""Lists what pages name: listings, page by page until two looks agree, and sitemaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, cast
from zoneinfo import ZoneInfo

from digest.errors import OverrunError, ParseError
from digest.items import Item
from digest.jobs.listers.outcomes import in_its_place, not_fetched
from digest.listing import Listed, Listing, NotListed
from digest.parse.listing import ListedPage, parse_listing
from digest.parse.sitemap import Sitemap, parse_sitemap
from digest.ports import Fetched, Fetcher, Workers
from digest.source_specs import ListingSpec, SitemapSpec
from digest.sources import Source, Validators

MOST_LOOKS: Final = 3
"""A listing that is in another order each time is read so often at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at the pages of a listing."""

    pages: tuple[tuple[Item, ...], ...]
    whole: bool  # False: a page after the first could not be read
    validators: Validators

    @property
    def items(self) -> frozenset[Item]:
        return frozenset(item for page in self.pages for item in page)

    @property
    def sure(self) -> bool:
        """Whether no item can have slipped from one page to another: at each break the days differ.

        Items of one day may stand in any order, and in another one when the next page is asked for.
        """
        breaks = zip(self.pages, self.pages[1:], strict=False)
        return all(_day(one[-1]) and _day(one[-1]) != _day(other[0]) for one, other in breaks)


def _day(item: Item) -> object:
    return item.published_at and item.published_at.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingLister:
    """Lists the items of pages by their selectors. robots.txt is honoured, as for all pages."""

    fetcher: Fetcher
    workers: Workers
    zone: ZoneInfo

    async def list_items(self, source: Source, known: Validators) -> Listing:
        first = await self.fetcher.fetch(source.url, known, heed_robots=True)
        if not isinstance(first, Fetched):
            return not_fetched(first)
        spec = cast("ListingSpec", source.spec)
        look = await self._look(spec, first)
        if isinstance(look, NotListed):
            return look
        looks = [look]
        while not _settled(looks) and len(looks) < MOST_LOOKS:
            again = await self.fetcher.fetch(source.url, heed_robots=True)
            if not isinstance(again, Fetched) or isinstance(
                next_look := await self._look(spec, again), NotListed
            ):
                break
            looks.append(next_look)
        # Every item that any look found is on the site. If not all was read, the next poll asks for all.
        items = dict.fromkeys(item for one in looks for page in one.pages for item in page)
        whole = all(one.whole for one in looks) and _settled(looks)
        return Listed(
            items=tuple(items),
            validators=look.validators if whole else Validators(),
            took=first.took,
            moved_to=first.moved_to,
        )

    async def _look(self, spec: ListingSpec, first: Fetched) -> _Look | NotListed:
        page = await self._page(spec, first)
        if isinstance(page, NotListed):
            return page
        pages, seen = [page.items], {first.url}
        while page.next and page.next not in seen and len(pages) < spec.pages:
            seen.add(page.next)
            outcome = await self.fetcher.fetch(page.next, heed_robots=True)
            more = await self._page(spec, outcome) if isinstance(outcome, Fetched) else None
            if not isinstance(more, ListedPage):
                return _Look(pages=tuple(pages), whole=False, validators=first.validators)
            page = more
            pages.append(page.items)
        return _Look(pages=tuple(filter(None, pages)), whole=True, validators=first.validators)

    async def _page(self, spec: ListingSpec, fetched: Fetched) -> ListedPage | NotListed:
        try:
            return await self.workers.run(
                parse_listing,
                fetched.body,
                content_type=fetched.content_type,
                url=fetched.url,
                spec=spec,
                zone=self.zone,
            )
        except OverrunError as error:
            return NotListed(reason=str(error))
        except ParseError as error:
            return await in_its_place(self.workers, fetched, str(error))


def _settled(looks: Sequence[_Look]) -> bool:
    """Whether the last look is sure by itself, or found the same as the one before it."""
    last = looks[-1]
    return last.sure or any(last.items == one.items for one in looks[-2:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapLister:
    """Lists the pages of a sitemap. It is made for programs, so robots.txt is not asked."""

    fetcher: Fetcher
    workers: Workers

    async def list_items(self, source: Source, known: Validators) -> Listing:
        outcome = await self.fetcher.fetch(source.url, known)
        if not isinstance(outcome, Fetched):
            return not_fetched(outcome)
        spec = cast("SitemapSpec", source.spec)
        first = await self._parsed(spec, outcome)
        if isinstance(first, NotListed):
            return first
        listed = Listed(
            items=first.items,
            validators=outcome.validators,
            took=outcome.took,
            moved_to=outcome.moved_to,
        )
        return await self._with_its_maps(spec, first, listed) if first.maps else listed

    async def _with_its_maps(self, spec: SitemapSpec, index: Sitemap, listed: Listed) -> Listing:
        """All pages of the sitemaps of an index. An index says nothing of what changed in its sitemaps."""
        if len(index.maps) > spec.most_maps:
            return NotListed(reason=_too_many(index.maps, spec))
        items: dict[Item, None] = {}
        for place in index.maps:
            outcome = await self.fetcher.fetch(place)
            if not isinstance(outcome, Fetched):
                return not_fetched(outcome)
            found = await self._parsed(spec, outcome)
            if isinstance(found, NotListed):
                return replace(found, reason=f"{place}: {found.reason}")
            items |= dict.fromkeys(found.items)
        return replace(listed, items=tuple(items), validators=Validators())

    async def _parsed(self, spec: SitemapSpec, fetched: Fetched) -> Sitemap | NotListed:
        try:
            return await self.workers.run(parse_sitemap, fetched.body, url=fetched.url, spec=spec)
        except OverrunError as error:
            return NotListed(reason=str(error))
        except ParseError as error:
            return await in_its_place(self.workers, fetched, str(error))


def _too_many(maps: Sequence[str], spec: SitemapSpec) -> str:
    return (
        f"the index names {len(maps)} sitemaps, and most_maps is {spec.most_maps}:"
        ' say in "maps" which of them have reports'
    )
