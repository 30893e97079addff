"""Entities: a received message parsed as MIME (RFC 2045, RFC 2046), within limits and without errors.

The standard library's parser recurses once for each level and tests every line at every level: half a megabyte
of nesting stops it, and a thousand levels of short lines take it minutes. Here every limit is a number.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from itertools import islice
from typing import Final

LOOKED_AT: Final = 512 * 1024
"""Octets of a message that are read: reports and commands stand at the beginning."""
DEPTH: Final = 6
PARTS: Final = 100
FIELDS: Final = 500
VALUE: Final = 4_000  # characters of one field
TEXT: Final = 64 * 1024  # octets of one text

_EOL: Final = rb"(?:\r\n|\n|\r(?!\n))"
_BLANK_LINE: Final = re.compile(_EOL + rb"[ \t]*" + _EOL)
_LIKELY_BOUNDARY: Final = re.compile(rb"(?:\A|(?<=[\r\n]))--([!-~]{1,70})[ \t]*[\r\n]")
_LINES: Final = re.compile(r"\r\n|\n|\r")
_FIELD: Final = re.compile(r"([!-9;-~]{1,80})[ \t]*:[ \t]*(.*)")
_CHARSETS: Final = re.compile(
    r"ascii|utf-?(?:8|16)(?:-[bl]e)?|iso8859-\d+|cp\d{3,4}|koi8-[rtu]|gb2312|gbk|gb18030|big5|shift_jis|euc_\w+"
    r"|iso2022_\w+|mac-roman"
)
_MESSAGES: Final = frozenset({"message/rfc822", "message/global"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One level of a message."""

    fields: tuple[tuple[str, str], ...]  # unfolded, in order, as written
    kind: str  # the media type, in lower case: "text/plain"
    body: bytes
    parts: tuple[Entity, ...] = ()
    cut: bool = False  # more header fields follow, which were not read

    def all(self, name: str) -> list[str]:
        """Every field of a name, as written."""
        return [value for found, value in self.fields if found.lower() == name.lower()]

    def raw(self, name: str) -> str:
        """The first field of a name, as written; empty if there is none."""
        return next(iter(self.all(name)), "")

    def get(self, name: str) -> str:
        """The first field of a name as a person reads it: encoded words decoded (RFC 2047), on one line."""
        return line(_decoded(self.raw(name)))

    @property
    def is_message(self) -> bool:
        return self.kind in _MESSAGES

    def leaves(self) -> Iterator[Entity]:
        """The parts that are not multipart, in order; an attached message is one part."""
        if self.parts and not self.is_message:
            for part in self.parts:
                yield from part.leaves()
        else:
            yield self

    def content(self, most: int = TEXT) -> bytes:
        """The body without its transfer encoding; unchanged if the encoding is unknown or broken."""
        body = self.body[: 2 * most]
        match self.raw("Content-Transfer-Encoding").strip().lower():
            case "base64":
                try:
                    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
                    return base64.b64decode(letters[: len(letters) // 4 * 4 + 4] + b"==")[:most]
                except binascii.Error:
                    return body[:most]
            case "quoted-printable":
                return quopri.decodestring(body)[:most]
            case _:
                return body[:most]

    def characters(self, most: int = TEXT) -> str:
        """The text in its charset, HTML with its markup; of at most so many octets."""
        charset = _content_type(self.raw("Content-Type")).get_content_charset() or "utf-8"
        return decoded(self.content(most), charset).replace("\0", "")

    def text(self) -> str:
        """The text as a person would read it, HTML without its markup."""
        words = self.characters()
        return without_markup(words) if self.kind == "text/html" else words


def parse_message(raw: bytes) -> Entity:
    """The message, within the limits above. Takes any octets; never raises."""
    return _opened(raw[:LOOKED_AT].lstrip(b"\r\n"), DEPTH, [PARTS])


def _opened(octets: bytes, depth: int, left: list[int]) -> Entity:
    left[0] -= 1
    if octets[:1] in (b"\r", b"\n"):
        head, body = b"", octets
    else:
        end = _BLANK_LINE.search(octets)
        head, body = (octets[: end.start()], octets[end.end() :]) if end else (octets, b"")
    fields = fields_of(head)
    declared = next((value for name, value in fields if name.lower() == "content-type"), "")
    kind_of = _content_type(declared)
    kind = kind_of.get_content_type()
    pieces: list[bytes] = []
    if depth > 0 and kind.startswith("multipart/"):
        pieces = _split(body, str(kind_of.get_boundary() or "")) or _split(body, _guessed(body))
    elif depth > 0 and kind in _MESSAGES:
        pieces = [body]
    parts = []
    for piece in pieces:
        if left[0] <= 0:
            break
        parts.append(_opened(piece, depth - 1, left))
    cut = len(head) > TEXT or len(fields) >= FIELDS
    return Entity(fields=fields, kind=kind, body=body, parts=tuple(parts), cut=cut)


def _split(body: bytes, boundary: str) -> list[bytes]:
    """The parts between the lines of a boundary (RFC 2046 section 5.1.1); a missing last line is forgiven."""
    if not boundary.strip():
        return []
    mark = re.escape(boundary.encode("utf-8", "replace"))
    lines = re.compile(rb"(?:\A|(?<=[\r\n]))--" + mark + rb"(--)?[ \t]*(?:\r\n|\n|\r|\Z)")
    parts: list[bytes] = []
    start = None
    for found in lines.finditer(body):
        if start is not None:
            parts.append(body[start : found.start()])
        start = found.end()
        if found[1] or len(parts) >= PARTS:
            return parts
    return parts if start is None else [*parts, body[start:]]


def _guessed(body: bytes) -> str:
    """The first line that looks like a boundary, for a message whose declared boundary is missing or wrong."""
    found = _LIKELY_BOUNDARY.search(body)
    return found[1].decode("latin-1") if found else ""


def fields_of(head: bytes) -> tuple[tuple[str, str], ...]:
    """Header fields, unfolded. A line that is no field is skipped."""
    found: list[list[str]] = []
    for text in _LINES.split(decoded(head[:TEXT], "utf-8")):
        if text[:1] in (" ", "\t") and found:
            if len(found[-1][1]) < VALUE:
                found[-1][1] += " " + text.strip()
        elif field := _FIELD.match(text):
            if len(found) >= FIELDS:
                break
            found.append([field[1], field[2].strip()])
    return tuple((name, value[:VALUE]) for name, value in found)


def _content_type(value: str) -> Message:
    """The field, parsed by the standard library. The length is limited because that parser is quadratic."""
    message = Message()
    message["Content-Type"] = value[:1000]
    return message


def decoded(octets: bytes, charset: str) -> str:
    """Text in the declared charset, else in UTF-8, else in windows-1252. Never raises."""
    for name in (charset, "utf-8"):
        try:
            known = codecs.lookup(name).name
            if _CHARSETS.fullmatch(known):
                return octets.decode("utf-8" if known == "ascii" else known)
        except (LookupError, ValueError):  # UnicodeError is a ValueError
            continue
    return octets.decode("cp1252", "replace")


def _decoded(value: str) -> str:
    if "=?" not in value:
        return value
    try:
        chunks = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(
        chunk if isinstance(chunk, str) else decoded(chunk, charset or "utf-8") for chunk, charset in chunks
    )


_ORIGINAL: Final = re.compile(
    r"^[ \t]*(?:-{2,}.{0,60}(?:copy|original|returned|header|message follows)|(?:the )?(?:original )?message headers? follow"
    r"|original message headers|Return-Path:|Received: from|-{3,} ?Forwarded|>{1,2} ?(?:From|Received|Subject):)",
    re.IGNORECASE | re.MULTILINE,
)
SHOWN: Final = 2_000
"""Characters of a text that are kept for operators to read."""


def unquoted_text(mail: Entity) -> str:
    """The words of a message before the message that it quotes; from its plain text if it has one, else its HTML."""
    leaves = list(mail.leaves())
    for kind in ("text/plain", "text/html"):
        text = "\n".join(leaf.text() for leaf in islice((e for e in leaves if e.kind == kind), 2))
        if text.strip():
            quoted = _ORIGINAL.search(text)
            before = text[: quoted.start()] if quoted else text
            return before if before.strip() else text[:SHOWN]
    return ""


_BREAK: Final = re.compile(r"</?(?:br|div|p|tr|li|h[1-6]|table|pre|blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<(?:/?[a-z]|!)[^<>]*>", re.IGNORECASE)


def without_markup(markup: str) -> str:
    """The text that a reader sees of HTML, line by line."""
    # Linear time: the search for each kind of element ends at the first one that is not closed.
    text = markup
    for name in ("head", "style", "script"):
        text = _without(text, name)
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))


def _without(text: str, name: str) -> str:
    kept: list[str] = []
    at = 0
    low = text.lower() if len(text.lower()) == len(text) else text
    begins, ends = re.compile(rf"<{name}(?=[\s/>])"), re.compile(rf"</{name}(?=[\s/>])")
    while (start := begins.search(low, at)) and (end := ends.search(low, start.end())):
        kept.append(text[at : start.start()])
        at = end.start()
    return "".join(kept) + text[at:]


def line(text: str, length: int = 500) -> str:
    """Text that can be stored: one line of at most `length` characters, no control character, no lone surrogate."""
    cut = text[: 4 * length].encode("utf-8", "replace").decode("utf-8")
    one = " ".join("".join(c if c.isprintable() else " " for c in cut).split())
    return one if len(one) <= length else one[: length - 1] + "…"
