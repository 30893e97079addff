"""Finds the feed behind an address: the page itself, what it points to, where such sites have one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from digest.errors import OverrunError, ParseError
from digest.items import Item
from digest.parse import parse_feed
from digest.parse.offered import PageOffer, feed_title, page_offer, sitemap_offer
from digest.ports import Blocked, Fetched, Fetcher, HostShut, NotModified, Unreached, Workers

MOST: Final = 20
"""Requests at most for one address."""

_USUAL: Final = ("feed/", "/feed/", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/feed.json")
"""Where sites of the usual kinds have their feed, counted from the page."""

_GOV_UK: Final = "www.gov.uk"
"""Its pages of organisations, topics and searches have a feed at their own address with ".atom"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that was found."""

    url: str  # after redirects
    title: str  # as it calls itself, or as the page calls it
    how: str  # how it was found, in words
    items: tuple[Item, ...]

    @property
    def newest(self) -> datetime | None:
        return max((item.published_at for item in self.items if item.published_at), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found behind an address."""

    feeds: tuple[FoundFeed, ...]  # the most likely one first
    tried: tuple[tuple[str, str], ...]  # addresses without a feed, each with what there is


@dataclass(slots=True, kw_only=True)
class Finder:
    """Finds feeds; one for each address."""

    fetcher: Fetcher
    workers: Workers
    zone: ZoneInfo
    progress: Callable[[str], None] = lambda _: None
    _page: PageOffer | None = field(default=None, init=False)  # of the address itself, if it is a page
    _landed: str | None = field(default=None, init=False)  # where the address led to

    async def find(self, address: str) -> Discovery:
        """The feeds behind an address. It looks in one place after the other, until there is one."""
        found: dict[str, FoundFeed] = {}
        tried: dict[str, str] = {}
        async for how, place in self._places(address, tried):
            for url, title in place:
                if url in tried or len(tried) >= MOST:
                    continue
                tried[url] = "nothing"
                feed = await self._feed(url, title, how, tried)
                if feed is not None:
                    found.setdefault(feed.url, feed)
            if any(feed.items for feed in found.values()):
                break
        feeds = sorted(found.values(), key=_likely)
        empty = ((url, why) for url, why in tried.items() if why)
        return Discovery(feeds=tuple(feeds), tried=tuple(empty))

    async def _places(
        self, address: str, tried: dict[str, str]
    ) -> AsyncIterator[tuple[str, Iterable[tuple[str, str]]]]:
        yield "the address itself", [(address, "")]
        offer, landed = self._page, self._landed
        if offer is not None:
            declared = [(one.url, one.title or offer.title) for one in offer.feeds if one.declared]
            yield "the page names it as its feed", declared
        if urlsplit(landed or address).hostname == _GOV_UK:
            yield "GOV.UK has a feed for such a page", [(_with_atom(landed or address), "")]
        if offer is not None:
            yield (
                "the page has a link to it",
                [(one.url, offer.title) for one in offer.feeds if not one.declared],
            )
        title = offer.title if offer else ""
        root = landed or address
        yield (
            "many sites have their feed there",
            [(url, title) for url in dict.fromkeys(urljoin(_folder(root), path) for path in _USUAL)],
        )
        yield "the sitemap lists it", [(url, title) for url in await self._of_sitemaps(root)]

    async def _feed(self, url: str, title: str, how: str, tried: dict[str, str]) -> FoundFeed | None:
        self.progress(f"looking at {url}")
        outcome = await self.fetcher.fetch(url, heed_robots=True)
        if not isinstance(outcome, Fetched):
            tried[url] = _why(outcome)
            return None
        first = self._landed is None
        self._landed = self._landed or outcome.url
        try:
            items = await self.workers.run(
                parse_feed, outcome.body, content_type=outcome.content_type, url=outcome.url, zone=self.zone
            )
        except (ParseError, OverrunError) as error:
            tried[url] = str(error)
            if first:
                self._page = await self._offer(outcome)
            return None
        tried[url] = ""
        own = feed_title(outcome.body, content_type=outcome.content_type)
        return FoundFeed(url=outcome.url, title=own or title, how=how, items=tuple(items))

    async def _offer(self, page: Fetched) -> PageOffer | None:
        try:
            return await self.workers.run(page_offer, page.body, content_type=page.content_type, url=page.url)
        except (ParseError, OverrunError):
            return None

    async def _of_sitemaps(self, address: str) -> list[str]:
        """Addresses in the site's sitemaps that look like a feed's."""
        found: list[str] = []
        robots = await self.fetcher.fetch(urljoin(address, "/robots.txt"))
        named = _sitemaps(robots.body) if isinstance(robots, Fetched) else []
        for sitemap in (named or [urljoin(address, "/sitemap.xml")])[:2]:
            self.progress(f"looking at {sitemap}")
            outcome = await self.fetcher.fetch(sitemap, heed_robots=True)
            if isinstance(outcome, Fetched):
                found += await self.workers.run(sitemap_offer, outcome.body)
        return found[:5]


def _likely(feed: FoundFeed) -> tuple[bool, bool, int]:
    """A sort key: feeds of comments and empty ones come last, longer ones first."""
    return "comment" in f"{feed.url} {feed.title}".casefold(), not feed.items, -len(feed.items)


def _why(outcome: NotModified | Blocked | Unreached | HostShut) -> str:
    return "not modified" if isinstance(outcome, NotModified) else outcome.reason


def _folder(address: str) -> str:
    """The address as the folder that its page stands for."""
    parts = urlsplit(address)
    return parts._replace(path=f"{parts.path.rstrip('/')}/", query="", fragment="").geturl()


def _with_atom(address: str) -> str:
    parts = urlsplit(address)
    path = parts.path.rstrip("/")
    return parts._replace(path=path if path.endswith(".atom") else f"{path}.atom", fragment="").geturl()


def _sitemaps(robots: bytes) -> list[str]:
    lines = (line.partition(":") for line in robots.decode("utf-8", "replace").splitlines())
    found = (value.strip() for name, _, value in lines if name.strip().lower() == "sitemap")
    return [one for one in found if one.lower().startswith(("http://", "https://"))]
