"""Mending: a feed's bytes without the one character for which feedparser would garble or refuse them all."""

from __future__ import annotations

import codecs
import re
from email.message import Message
from typing import Final

_XML_ENCODING: Final = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<", b"\0\0")  # UTF-16 and UTF-32
_WINDOWS: Final = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_REFERENCE: Final = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def mended(body: bytes, content_type: str | None) -> bytes:
    """The same document, in UTF-8 where it is said to be, and without references to characters there are not.

    One byte that is not UTF-8, and feedparser reads all the others as windows-1252 too; one reference to half
    a surrogate pair, and it raises.
    """
    if body.startswith(_WIDE):
        return body
    body = _REFERENCE.sub(_existing, body)
    if _charset(body, content_type) not in ("utf-8", "ascii"):
        return body
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode("utf-8", "surrogateescape").translate(_WINDOWS).encode()
    return body


def _existing(reference: re.Match[bytes]) -> bytes:
    hexadecimal, decimal = reference.groups()
    digits = (hexadecimal or decimal).lstrip(b"0") or b"0"
    code = int(digits, 16 if hexadecimal else 10) if len(digits) < 9 else 0x110000
    return b"&#xFFFD;" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else reference[0]


def _charset(body: bytes, content_type: str | None) -> str:
    """The encoding declared, by its usual name: the header's word counts most (RFC 7303 section 3)."""
    header = Message()
    header["Content-Type"] = content_type or ""
    inner = _XML_ENCODING.match(body.lstrip())
    name = header.get_content_charset() or (inner[1].decode("ascii", "replace") if inner else "utf-8")
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return "utf-8"
