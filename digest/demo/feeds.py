"""The feeds of the demo's publishers: RSS 2.0 as WordPress writes it, and Atom (RFC 4287).

The same publications give the same bytes, whenever they are asked for, so that a feed's ETag is honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from digest.demo.world import Publication, Publisher

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
ET.register_namespace("atom", _ATOM)
ET.register_namespace("dc", _DC)


def feed(publisher: Publisher, out: Sequence[Publication], base: str) -> tuple[bytes, str]:
    """The feed's bytes and media type; `out` is what the publisher has published, oldest first.

    `base` is the site's address without a trailing slash.
    """
    newest = out[: -publisher.holds - 1 : -1]
    if publisher.format == "rss":
        return _rss(publisher, newest, base), "application/rss+xml"
    return _atom(publisher, newest, base), "application/atom+xml"


def _rss(publisher: Publisher, newest: Sequence[Publication], base: str) -> bytes:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _text(channel, "title", publisher.name)
    own = {"href": base + publisher.feed_path, "rel": "self", "type": "application/rss+xml"}
    ET.SubElement(channel, f"{{{_ATOM}}}link", own)
    _text(channel, "link", f"{base}/{publisher.key}/")
    _text(channel, "description", publisher.about)
    if newest:
        # Not the time of asking: that would make every answer a new one.
        _text(channel, "lastBuildDate", format_datetime(newest[0].published_at))
    _text(channel, "language", "en-GB")
    _text(channel, "generator", "https://wordpress.org/?v=5.3.2")
    for publication in newest:
        _rss_item(channel, publisher, publication, base)
    return _bytes(root)


def _rss_item(channel: ET.Element, publisher: Publisher, publication: Publication, base: str) -> None:
    link = base + publication.path
    item = ET.SubElement(channel, "item")
    _text(item, "title", publication.title)
    _text(item, "link", link)
    _text(item, f"{{{_DC}}}creator", publisher.author or publisher.name)
    _text(item, "pubDate", format_datetime(publication.published_at))
    _text(item, "guid", f"{base}/{publisher.key}/?p={publication.id}", isPermaLink="false")
    teaser = f'<p>{_escaped(publication.summary)} [&#8230;]</p>\n<p>The post <a href="{link}">'
    teaser += f"{_escaped(publication.title)}</a> appeared first on {_escaped(publisher.name)}.</p>"
    _text(item, "description", teaser)


def _atom(publisher: Publisher, newest: Sequence[Publication], base: str) -> bytes:
    root = ET.Element(f"{{{_ATOM}}}feed")
    _text(root, f"{{{_ATOM}}}id", f"{base}/{publisher.key}/")
    _text(root, f"{{{_ATOM}}}title", publisher.name)
    _text(root, f"{{{_ATOM}}}subtitle", publisher.about)
    ET.SubElement(root, f"{{{_ATOM}}}link", href=base + publisher.feed_path, rel="self")
    ET.SubElement(root, f"{{{_ATOM}}}link", href=f"{base}/{publisher.key}/", rel="alternate")
    author = ET.SubElement(root, f"{{{_ATOM}}}author")
    _text(author, f"{{{_ATOM}}}name", publisher.author or publisher.name)
    if newest:
        _text(root, f"{{{_ATOM}}}updated", newest[0].published_at.isoformat())
    for publication in newest:
        _atom_entry(root, publication, base)
    return _bytes(root)


def _atom_entry(root: ET.Element, publication: Publication, base: str) -> None:
    entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
    # A tag URI (RFC 4151): it names the text, wherever the site may stand.
    name = f"tag:{publication.publisher}.example.org,{publication.day.year}:{publication.id}"
    _text(entry, f"{{{_ATOM}}}id", name)
    _text(entry, f"{{{_ATOM}}}title", publication.title)
    ET.SubElement(entry, f"{{{_ATOM}}}link", href=base + publication.path, rel="alternate", type="text/html")
    _text(entry, f"{{{_ATOM}}}published", publication.published_at.isoformat())
    _text(entry, f"{{{_ATOM}}}updated", publication.published_at.isoformat())
    _text(entry, f"{{{_ATOM}}}summary", publication.summary)


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _bytes(root: ET.Element) -> bytes:
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
