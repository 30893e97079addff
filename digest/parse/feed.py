"""Feeds to items: RSS in all its versions and Atom by feedparser, JSON Feed beside it.

A feed is judged by its entries. feedparser's `bozo` flag is a hint: sound feeds carry it, and most that are
not sound can still be read.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import feedparser
import feedparser.api

from digest.characters import encoding
from digest.errors import ParseError
from digest.items import Item
from digest.parse.entries import LONGEST, Entry, to_item
from digest.parse.json_feed import parse_json_feed
from digest.parse.text import shortened, text_of_html

_Raw: TypeAlias = Mapping[str, Any]  # feedparser's own dict

_ENTRY: Final = re.compile(rb"(?=<(?:\w+:)?(?:item|entry)[\s>])", re.IGNORECASE)
_LAST_TAG: Final = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)


_MOST_TAGS: Final = 100
_LONGEST_HEAD: Final = 100_000  # octets before the first entry, where entries are read one by one
_OF_TEXT: Final = frozenset({"content", "description", "summary", "subtitle", "tagline", "info"})
"""feedparser's names of the elements that hold a text to read. Only the size of the feed bounds them."""


class _Bounded:
    """Lets feedparser spend only linear time on an element, and leaves out what nobody reads."""

    elementstack: list[tuple[str, bool, list[str | bytes]]]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.contentparams: dict[str, Any] = {}

    def push_content(self, *given: Any) -> None:
        """As feedparser. At each tag it asks what is said of a text, and its own kind of dict is slow."""
        super().push_content(*given)  # type: ignore[misc]
        self.contentparams = dict(self.contentparams)

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        """What feedparser makes of an element that ends; it is cut before anything is made of it."""
        if self.elementstack and element not in _OF_TEXT:
            _cut(self.elementstack[-1][2])
        return super().pop(element, strip_whitespace)  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        """Authors are not read. feedparser's search for their addresses takes quadratic time."""

    def _add_tag(self, term: object, scheme: object, label: object) -> None:
        """Categories are not read. feedparser compares each with all others of its entry."""
        if len(self._get_context().get("tags", ())) < _MOST_TAGS:  # type: ignore[attr-defined]
            super()._add_tag(term, scheme, label)  # type: ignore[misc]


def _cut(pieces: list[str | bytes]) -> None:
    """Cut the text that these pieces make up to `LONGEST`."""
    room = LONGEST
    for n, piece in enumerate(pieces):
        if len(piece) > room:
            pieces[n:] = [piece[:room]]
            return
        room -= len(piece)


for _kind in ("StrictFeedParser", "LooseFeedParser"):
    # feedparser has no setting for its parsers, and looks them up by these names (decision 0027).
    setattr(feedparser.api, _kind, type(_kind, (_Bounded, getattr(feedparser.api, _kind)), {}))


def parse_feed(body: bytes, *, content_type: str | None, url: str, zone: ZoneInfo) -> tuple[Item, ...]:
    """The items that a feed lists, in its order; () for a sound feed without any.

    `url` is where the body came from: relative links start there. A date without a zone is `zone`'s. One
    entry that cannot be read does not lose the others; `ParseError` says what the body looks like if it is
    no feed.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return parse_json_feed(body, url=url, zone=zone)
    entries = _entries(*mended(body, content_type))
    if entries is None:
        raise ParseError(f"this is not a feed: {_look(body)}")
    items = tuple(_items(entries, url, zone))
    if entries and not items:
        raise ParseError(f"none of the feed's {len(entries)} entries can be read")
    return items


def _entries(body: bytes, content_type: str | None) -> list[_Raw] | None:
    """What feedparser reads; None where it sees no feed."""
    try:
        feed = _read(body, content_type)
    except MemoryError:
        raise
    except Exception as error:
        # One entry can make it raise, in ways that no list names.
        rescued = list(_one_by_one(body, content_type))
        if not rescued:
            raise ParseError(f"feedparser failed on it: {type(error).__name__}: {error}") from error
        return rescued
    entries: list[_Raw] = feed["entries"]
    if not entries and not feed.get("version"):  # for an empty body it gives none
        return None
    cut_off = feed["bozo"] and not _LAST_TAG.search(body.replace(b"\0", b"")[-2000:])
    # Of the last entry we may hold half a title then.
    return entries[:-1] if cut_off and len(entries) > 1 else entries


def _one_by_one(body: bytes, content_type: str | None) -> Iterator[_Raw]:
    head, *pieces = _ENTRY.split(body)
    head = head[:_LONGEST_HEAD]
    for piece in pieces:
        try:
            yield from _read(head + piece, content_type)["entries"]
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112  # this entry is the one, and the others do not pay for it
            continue


def _read(body: bytes, content_type: str | None) -> _Raw:
    # It is not told where the body came from: it would make ids absolute as well, and a feed that moves would
    # then have nothing but new ones. A stream, because bytes would be taken for a file's name.
    headers = {"content-type": content_type} if content_type else {}
    # Links within texts are not followed, and to rewrite each text for them takes a fifth of the time.
    read: _Raw = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    return read


def _items(entries: list[_Raw], url: str, zone: ZoneInfo) -> Iterator[Item]:
    for raw in entries:
        try:
            item = to_item(_entry(raw), base=url, zone=zone)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112  # whatever it is, the other entries do not pay for it
            continue
        if item:
            yield item


def _entry(raw: _Raw) -> Entry:
    # `in` first: asked for an absent "updated", feedparser warns and gives "published".
    def value_of(name: str) -> str:
        return str(raw[name] or "") if name in raw else ""

    guid, link = value_of("id"), value_of("link")
    web = guid if guid.startswith(("http://", "https://")) else ""
    contents = raw.get("content", ())
    return Entry(
        title=value_of("title"),
        guid=guid,
        # feedparser takes any id for a link where there is none; one that is an address does lead there.
        links=(value_of("feedburner_origlink"), link if link != guid else web, web),
        dates=(value_of("published"), value_of("updated"), value_of("created")),
        texts=(value_of("summary"), *(str(content.get("value") or "") for content in contents)),
    )


def _look(body: bytes) -> str:
    """What the body seems to be, in an operator's words."""
    text = body[:4000].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not text:
        return "nothing at all"
    if "\0" in text or text.startswith(("%PDF", "\ufffdPNG", "GIF8")):
        return "a file of another kind"
    if re.search(r"<!doctype html|<html\b", text, re.IGNORECASE):
        title = re.search(r"<title[^<>]*>([^<]*)", text, re.IGNORECASE)
        named = shortened(text_of_html(title[1]), 80) if title else ""
        page = f"an HTML page titled “{named}”" if named else "an HTML page"
        return f"{page} (if it lists reports, the source needs kind: listing)"
    root = re.search(r"<([A-Za-z][\w:.-]*)", text)
    if text.startswith("<") and root:
        return f"XML that begins with <{root[1]}>"
    return f"text that begins “{shortened(text_of_html(text), 40)}”"


_CHARSET: Final = re.compile(r""";\s*charset\s*=\s*["']?([^;"']*)["']?""", re.IGNORECASE)
_XML_ENCODING: Final = re.compile(rb"""\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([^"'>]{0,200})["']""")
_WIDE: Final = (  # how a document in UTF-16 or UTF-32 begins (XML 1.0 appendix F), the longest first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_WINDOWS: Final = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_REFERENCE: Final = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def mended(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    """The same document and its type, in UTF-8 where it is said to be, without what feedparser stumbles over.

    That is: a label that names no encoding, UTF-16 said of octets without NULs, UTF-16 and UTF-32 that no
    declaration names, references to characters that do not exist. One byte that is not UTF-8, and feedparser
    reads all the others as windows-1252 too.
    """
    declared = _CHARSET.search(content_type or "")
    wide = next((name for mark, name in _WIDE if body.startswith(mark)), None)
    if wide is not None:
        body = body.decode(wide, "replace").encode(errors="replace")
    if declared and (wide is not None or _meant(declared[1], body) is None):
        declared = None
    if content_type:
        kind = content_type.partition(";")[0].strip()
        content_type = f"{kind}; charset={declared[1].strip()}" if declared else kind
    body = _REFERENCE.sub(_existing, body)
    inner = _XML_ENCODING.match(body)
    label = declared[1] if declared else inner[1].decode("latin-1") if inner else "utf-8"
    if inner and _meant(inner[1].decode("latin-1"), body) is None:
        body = body[: inner.start(1)] + b"utf-8" + body[inner.end(1) :]
        label = declared[1] if declared else "utf-8"
    # The header's label counts most (RFC 7303 section 3).
    if _meant(label, body) != "utf-8" and label.lower() not in ("ascii", "us-ascii"):
        return body, content_type
    try:
        body.decode()
    except UnicodeDecodeError:
        body = body.decode("utf-8", "surrogateescape").translate(_WINDOWS).encode()
    return body, content_type


def _meant(label: str, body: bytes) -> str | None:
    """The encoding that a label means for these octets; None if it means none."""
    name = encoding(label)
    # Without a NUL among them, the octets are no UTF-16, whatever the label says.
    return name if b"\0" in body or not (name or "").startswith("utf-16") else None


def _existing(reference: re.Match[bytes]) -> bytes:
    hexadecimal, decimal = reference.groups()
    digits = (hexadecimal or decimal).lstrip(b"0") or b"0"
    code = int(digits, 16 if hexadecimal else 10) if len(digits) < 9 else 0x110000
    return b"&#xFFFD;" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else reference[0]
