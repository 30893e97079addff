"""A feed as Atom (RFC 4287, with pages by RFC 5005) and as JSON Feed 1.1: pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from digest.ratings import Licence
from digest.site.entries import FeedEntry

ATOM: Final = "application/atom+xml; charset=utf-8"
JSON_FEED: Final = "application/feed+json; charset=utf-8"

_SPACE: Final = "http://www.w3.org/2005/Atom"
_LANGUAGE: Final = "en-GB"
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow (section 2.2)."""

ElementTree.register_namespace("", _SPACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One page of a feed."""

    title: str
    author: str
    home: str  # the page that shows the same to people
    first: str  # the address of its first page in this format, which is the feed's id as well
    own: str  # the address of this page
    about: str  # the page that explains our own fields
    next: str | None  # the page with earlier entries
    updated: datetime
    entries: tuple[FeedEntry, ...]  # the newest first


def atom(feed: Feed) -> bytes:
    """The page of a feed as Atom."""
    root = Element(f"{{{_SPACE}}}feed", {"xml:lang": _LANGUAGE})
    _text(root, "id", feed.first)
    _text(root, "title", feed.title)
    _text(root, "updated", _instant(feed.updated))
    _text(_part(root, "author"), "name", feed.author)
    _links(root, [("self", feed.own), ("first", feed.first), ("next", feed.next)], "application/atom+xml")
    _links(root, [("alternate", feed.home)], "text/html")
    for licence in _licences(feed.entries):
        _links(root, [("license", licence.link)], "text/html")
    for entry in feed.entries:
        _entry(root, entry)
    ElementTree.indent(root, space="")
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _entry(root: Element, entry: FeedEntry) -> None:
    own = _part(root, "entry")
    _text(own, "id", entry.id)
    _text(own, "title", entry.title)
    _text(own, "published", _instant(entry.published))
    _text(own, "updated", _instant(entry.updated))
    _text(_part(own, "author"), "name", entry.author)
    _links(own, [("alternate", entry.page)], "text/html")
    _links(own, [("via", entry.report)])
    for category in entry.categories:
        _part(own, "category", term=category)
    if entry.licence is not None:
        _links(own, [("license", entry.licence.link)], "text/html")
        _text(own, "rights", entry.licence.attribution)
    _text(own, "content", entry.html, type="html")


def _part(parent: Element, name: str, **attributes: str) -> Element:
    legal = {key: _NO_XML.sub("", value) for key, value in attributes.items()}
    return SubElement(parent, f"{{{_SPACE}}}{name}", legal)


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    _part(parent, name, **attributes).text = _NO_XML.sub("", text)


def _links(parent: Element, links: Iterable[tuple[str, str | None]], type: str = "") -> None:
    for rel, href in links:
        if href is not None:
            _part(parent, "link", rel=rel, href=href, **({"type": type} if type else {}))


def _licences(entries: Iterable[FeedEntry]) -> list[Licence]:
    once = {one.licence.link: one.licence for one in entries if one.licence is not None}
    return list(once.values())


def json_feed(feed: Feed) -> bytes:
    """The page of a feed as JSON Feed. `_licence` is an extension of ours: Atom has a field for it.

    All pages have the `feed_url` of the first: it identifies the feed, and no `next_url` may be the same.
    """
    said = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.first,
        "next_url": feed.next,
        "authors": [{"name": feed.author}],
        "language": _LANGUAGE,
        "items": [_item(entry, feed.about) for entry in feed.entries],
    }
    text = json.dumps(_without_nothing(said), ensure_ascii=False)
    return text.encode("utf-8", "replace")


def _item(entry: FeedEntry, about: str) -> dict[str, Any]:
    said = {
        "id": entry.id,
        "url": entry.page,
        "external_url": entry.report,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": _instant(entry.published),
        "date_modified": _instant(entry.updated),
        "authors": [{"name": entry.author}],
        "tags": list(entry.categories),
        "_licence": _stated(entry.licence, about) if entry.licence else None,
    }
    return _without_nothing(said)


def _stated(licence: Licence, about: str) -> dict[str, str]:
    """An extension says where it is explained."""
    return {
        "about": about,
        "name": licence.name,
        "link": licence.link,
        "attribution": licence.attribution,
    }


def _without_nothing(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}


def _instant(moment: datetime) -> str:
    """RFC 3339: the local time with its offset."""
    return moment.isoformat(timespec="seconds")
