"""A page that lists reports, to items: where each field stands is said in CSS selectors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.errors import ParseError
from digest.items import Item
from digest.parse.entries import Entry, absolute, to_item
from digest.parse.offered import text_of
from digest.parse.text import fold
from digest.source_specs import ListingSpec

_MOST: Final = 5_000
"""A page that has more items than this is read so far and no further."""

_LABEL: Final = re.compile(
    r"^(?:date |first )?(?:published|released|date|updated)(?: on| date)?\s*:?\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPage:
    """What one page of a listing has."""

    items: tuple[Item, ...]
    next: str | None = None  # the page after it
    empty: bool = False  # it says itself that there is nothing


def parse_listing(
    body: bytes, *, content_type: str | None, url: str, spec: ListingSpec, zone: ZoneInfo
) -> ListedPage:
    """The items of a page. A date without a zone is `zone`'s.

    `ParseError` if no item stands where the selectors say, and the page does not say that there is none: it
    is an error page, or the site has another make-up now.
    """
    tree = LexborHTMLParser(text_of(body, content_type))
    items = tuple(_items(tree, url, spec, zone))
    if not items:
        words = fold(tree.body.text(separator=" ")).casefold() if tree.body else ""
        if spec.empty and fold(spec.empty).casefold() in words:
            return ListedPage(items=(), empty=True)
        raise ParseError(_nothing(tree, spec))
    return ListedPage(items=items, next=_next(tree, url, spec))


def _items(tree: LexborHTMLParser, url: str, spec: ListingSpec, zone: ZoneInfo) -> Iterator[Item]:
    base = _base(tree, url)
    for node in tree.css(spec.item)[:_MOST]:
        link = _first(node, spec.link)
        href = (link.attributes.get("href") or "") if link is not None else ""
        title = _first(node, spec.title) if spec.title else link
        entry = Entry(
            title=_text(title),
            links=(href,) if href else (),
            dates=_dates(node, spec),
            texts=(_text(_first(node, spec.summary)),) if spec.summary else (),
        )
        if (item := to_item(entry, base=base, zone=zone)) is not None:
            yield item


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return (absolute(node.attributes.get("href") or "", url) or url) if node is not None else url


def _first(node: LexborNode, selector: str) -> LexborNode | None:
    """The first node that a selector finds in an item, or the item itself if that is what it names."""
    found = node.css_first(selector)
    return node if found is None and node.css_matches(selector) else found


def _text(node: LexborNode | None) -> str:
    return fold(node.text(separator=" ")) if node is not None else ""


def _dates(node: LexborNode, spec: ListingSpec) -> tuple[str, ...]:
    """The item's date, as its `datetime` says it, or else its words without a label such as "Published:"."""
    if not spec.date or (found := _first(node, spec.date)) is None:
        return ()
    said = (found.attributes.get("datetime") or "", _LABEL.sub("", _text(found)))
    return tuple(one for one in said if one)


def _next(tree: LexborHTMLParser, url: str, spec: ListingSpec) -> str | None:
    """The page after this one, if it is on the same host."""
    node = tree.css_first(spec.next) if spec.next else None
    link = absolute(node.attributes.get("href") or "", _base(tree, url)) if node is not None else None
    return link if link and urlsplit(link).hostname == urlsplit(url).hostname else None


def _not_shown(nodes: Sequence[LexborNode], spec: ListingSpec) -> str:
    """Why nothing of an item can be shown to a reader, though it is there."""
    if all(_first(node, spec.link) is None for node in nodes):
        return f"nothing stands at link: {spec.link!r} within"
    return f"what stands at link: {spec.link!r} within has no words and no address that can be used"


def _nothing(tree: LexborHTMLParser, spec: ListingSpec) -> str:
    """What no item comes of, for who wrote the selectors."""
    if nodes := tree.css(spec.item):
        count = f"{len(nodes)} stand" if len(nodes) > 1 else "one stands"
        return f"{count} at item: {spec.item!r}, but {_not_shown(nodes, spec)}"
    node = tree.css_first("title") or tree.css_first("h1")
    called = f", which calls itself “{_text(node)[:80]}”," if node is not None else ""
    return f"nothing stands at item: {spec.item!r} in the page{called} and it does not say that it is empty"
