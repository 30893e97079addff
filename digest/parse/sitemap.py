"""Sitemaps (sitemaps.org, version 0.9) to items. They say where pages are, and nothing else that is sure."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from digest.errors import ParseError
from digest.items import Item
from digest.parse.entries import absolute
from digest.source_specs import SitemapSpec

_LARGEST: Final = 52_428_800  # octets of a sitemap without compression, by the protocol
_MOST: Final = 50_000  # addresses, likewise
_EXTENSION: Final = re.compile(r"\.(?:html?|php|aspx?|pdf)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one file has: pages, or other sitemaps."""

    items: tuple[Item, ...] = ()
    maps: tuple[str, ...] = ()  # the other sitemaps that an index names


def parse_sitemap(body: bytes, *, url: str, spec: SitemapSpec) -> Sitemap:
    """The pages of a sitemap whose address has `spec.pages` in it, or the sitemaps of an index likewise.

    `lastmod` is no date of publication: many sites write today's date at all pages. So items have none.
    `ParseError` if it is no sitemap, or larger than the protocol allows.
    """
    root, places = _places(_unpacked(body))
    links = [link for place in places if (link := absolute(place, url)) is not None]
    if root == "sitemapindex":
        wanted = (one for one in links if not spec.maps or re.search(spec.maps, one))
        return Sitemap(maps=tuple(dict.fromkeys(wanted)))
    pages = dict.fromkeys(one for one in links if re.search(spec.pages, one))
    return Sitemap(items=tuple(Item(title=_title(link), link=link) for link in pages))


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            whole = packed.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ParseError(f"the sitemap is packed, and the package is broken: {error}") from error
    if len(whole) > _LARGEST:
        raise ParseError(f"the sitemap is larger than {_LARGEST} octets")
    return whole


def _places(body: bytes) -> tuple[str, list[str]]:
    """The name of the root element, and each `loc` right below an entry of it."""
    parser = expat.ParserCreate(namespace_separator=" ")
    path: list[str] = []
    places: list[str] = []
    roots: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        path.append(name.rpartition(" ")[2])
        roots[:] = roots or [path[0]]
        if path[-1] == "loc" and len(path) == 3:
            if len(places) == _MOST:
                raise ParseError(f"the sitemap has more than {_MOST} addresses")
            places.append("")

    def end(_: str) -> None:
        path.pop()

    def text(said: str) -> None:
        if len(path) == 3 and path[-1] == "loc":
            places[-1] += said

    def entity(*_: object) -> None:
        raise ParseError("the sitemap declares entities, which no sitemap needs")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = text, entity
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # also an encoding that it does not read
        raise ParseError(f"this is not a sitemap: {error}") from error
    if roots[:1] not in (["urlset"], ["sitemapindex"]):
        raise ParseError(f"this is not a sitemap: its root element is {roots[0]!r}")
    return roots[0], [place.strip() for place in places]


def _title(link: str) -> str:
    """What the last part of an address says: "Kent pdu 2026"."""
    name = next((part for part in reversed(urlsplit(link).path.split("/")) if part), "")
    words = " ".join(re.split(r"[-_\s]+", _EXTENSION.sub("", unquote(name)))).strip()
    return words[:1].upper() + words[1:] if words else link
