"""Where a page says that feeds are, and what a feed calls itself."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from digest.characters import encoding

_FEEDS: Final = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/xml",
        "text/xml",
    }
)
_LIKE_A_FEED: Final = re.compile(r"(?:^|[/._?=&-])(?:feeds?|rss|atom)(?:$|[/._?=&-]|2\b)", re.IGNORECASE)
_LOC: Final = re.compile(r"<loc>\s*([^<\s]+)\s*</loc>", re.IGNORECASE)
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_JSON_TITLE: Final = re.compile(r'"title"\s*:\s*"([^"\\]{1,300})"')
_HEAD: Final = 20_000
"""Octets at the beginning of a feed in which its own title stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An address at which a page says that there is a feed, or seems to say so."""

    url: str
    title: str = ""  # as the page calls it
    declared: bool = False  # by <link rel="alternate">; else a link whose address looks like a feed's


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOffer:
    """What a page offers."""

    title: str
    feeds: tuple[Offered, ...]  # declared ones first, each address once


def page_offer(body: bytes, *, content_type: str | None, url: str) -> PageOffer:
    """The feeds that a page points to, with whole addresses."""
    tree = LexborHTMLParser(text_of(body, content_type))
    node = tree.css_first("base[href]")
    base = urljoin(url, node.attributes.get("href") or "") if node else url
    found: dict[str, Offered] = {}
    for link in tree.css("link[href]"):
        facts = link.attributes
        if (
            "alternate" in (facts.get("rel") or "").lower().split()
            and (facts.get("type") or "").lower() in _FEEDS
        ):
            _add(found, base, facts.get("href"), title=facts.get("title") or "", declared=True)
    for link in tree.css("a[href]"):
        address = link.attributes.get("href") or ""
        if _LIKE_A_FEED.search(_path_of(address)):
            _add(found, base, address, title=link.text(strip=True), declared=False)
    title = tree.css_first("title")
    return PageOffer(title=" ".join(title.text().split()) if title else "", feeds=tuple(found.values()))


def _path_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _add(found: dict[str, Offered], base: str, address: str | None, *, title: str, declared: bool) -> None:
    try:
        url = urljoin(base, (address or "").strip()).partition("#")[0]
        usable = urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).hostname)
    except ValueError:
        return
    if usable and url.isprintable() and " " not in url:
        found.setdefault(url, Offered(url=url, title=" ".join(title.split()), declared=declared))


def sitemap_offer(body: bytes) -> tuple[str, ...]:
    """The addresses in a sitemap that look like a feed's."""
    addresses = (html.unescape(found) for found in _LOC.findall(body.decode("utf-8", "replace")))
    return tuple(dict.fromkeys(one for one in addresses if _LIKE_A_FEED.search(_path_of(one))))


def feed_title(body: bytes, *, content_type: str | None) -> str:
    """What a feed calls itself; empty if it does not say."""
    head = re.split(r"<(?:item|entry)\b", text_of(body[:_HEAD], content_type), maxsplit=1)[0]
    match = _JSON_TITLE.search(head) if head.lstrip("\ufeff \t\r\n").startswith("{") else _TITLE.search(head)
    if match is None:
        return ""
    words = html.unescape(re.sub(r"<[^>]*>", "", _CDATA.sub(r"\1", match[1])))
    return " ".join(words.split())


def text_of(body: bytes, content_type: str | None) -> str:
    """A page's markup as text, in the encoding that its server names, or else UTF-8."""
    label = re.search(r"charset=[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    codec = encoding(label[1]) if label else None
    return body.decode(codec or "utf-8", "replace")
