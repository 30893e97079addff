"""What an operator says of a source of each kind: where its items stand in what it publishes.

Each kind has one value here, one section in `sources.yaml` (`settings/source_kinds.py`) and one lister
(`jobs/source_kinds.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final


class SourceKind(StrEnum):
    """How a source lists its items."""

    FEED = "feed"  # RSS, Atom or JSON Feed
    LISTING = "listing"  # pages that list reports
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """An RSS, Atom or JSON feed: it says by itself where everything stands."""

    kind: ClassVar[SourceKind] = SourceKind.FEED
    states: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSpec:
    """Pages that list reports. Where a field stands is said as a CSS selector, within the item."""

    kind: ClassVar[SourceKind] = SourceKind.LISTING
    states: ClassVar[bool] = False
    item: str  # each of them is one item
    link: str = "a[href]"
    title: str | None = None  # None: the words of the link
    date: str | None = None  # its `datetime`, or else its words
    summary: str | None = None
    next: str | None = None  # the link to the page after it, in the whole page
    pages: int = 1  # how many pages are read at each look
    empty: str | None = None  # the words by which the page says that there is nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapSpec:
    """A sitemap, or an index of sitemaps."""

    kind: ClassVar[SourceKind] = SourceKind.SITEMAP
    states: ClassVar[bool] = False
    pages: str  # a regular expression: addresses with it are reports
    maps: str | None = None  # likewise, of the sitemaps of an index; None: all
    most_maps: int = 10  # how many sitemaps of an index are read at each look


Spec = FeedSpec | ListingSpec | SitemapSpec
"""`kind` is the kind of source. `states`: its items are records, which need no page to be read."""

FEED: Final = FeedSpec()
