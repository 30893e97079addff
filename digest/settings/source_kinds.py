"""The sections of `sources.yaml` that say where the items of a source stand, one for each kind but feeds."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from selectolax.lexbor import LexborHTMLParser

from digest.settings.connection import Section
from digest.settings.types import Count, Line, expected
from digest.source_specs import ListingSpec, SitemapSpec, SourceKind


def _selector(given: str) -> str:
    try:
        LexborHTMLParser("<p></p>").css(given)
    except Exception:  # noqa: BLE001 - the parser has no error of its own
        raise expected('a CSS selector, such as ".list-item" or "li.result > h3 a"') from None
    return given


def _expression(given: str) -> str:
    try:
        re.compile(given)
    except re.error as error:
        raise expected(f"a regular expression ({error})") from None
    return given


Selector = Annotated[Line, AfterValidator(_selector)]
Expression = Annotated[Line, AfterValidator(_expression)]


class ListingSection(Section):
    """Where the items of a listing stand, as CSS selectors: `next` in the page, all others in an item."""

    item: Selector
    """Each of them is one item."""
    link: Selector = "a[href]"
    """The link to the report."""
    title: Selector | None = None
    """The title; left out, it is the words of the link."""
    date: Selector | None = None
    """The date of publication: its "datetime", or else its words."""
    summary: Selector | None = None
    """A summary, for the time in which the report itself cannot be read."""
    next: Selector | None = None
    """The link to the page after it."""
    pages: Annotated[Count, Field(ge=1, le=20)] = 1
    """How many pages to read at each look."""
    empty: Line | None = None
    """Words by which the page says that it lists nothing; without them, no item is an error."""

    def spec(self) -> ListingSpec:
        return ListingSpec(**self.model_dump())


class SitemapSection(Section):
    """Which pages of a sitemap are reports."""

    pages: Expression
    """A regular expression: addresses in which it is found are reports."""
    maps: Expression | None = None
    """Likewise, for the sitemaps that an index names; left out, all are read."""
    most_maps: Annotated[Count, Field(ge=1, le=100)] = 10
    """How many sitemaps of an index to read at each look, at the most."""

    def spec(self) -> SitemapSpec:
        return SitemapSpec(**self.model_dump())


SECTIONS: Final = frozenset({SourceKind.DATASET, SourceKind.LISTING, SourceKind.SITEMAP})
"""The kinds that need a section, which has the kind's name. Its `spec()` is the kind's value."""
