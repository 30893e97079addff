"""Bytes to text: which characters a page means, and whether it is HTML or plain text."""

from __future__ import annotations

import codecs
import re
from typing import Final

from digest.errors import ParseError

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_WITHIN: Final = 1024  # where the HTML standard looks for it (section 13.2.3.2)
_MARKUP: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|main|article|div|p|h[1-6]|ul|ol|table)\b", re.IGNORECASE
)
_SNIFFED: Final = 2048


def decode(body: bytes, content_type: str | None) -> str:
    """The page's text; a byte that fits no declared charset is never a reason to give up.

    A byte order mark wins over the header, the header over the page's own `meta`. What is then not
    valid is read as UTF-8 and at last as Windows-1252, which old sites send under any name.
    """
    if b"\0" in body[:_SNIFFED] and not body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ParseError("binary content where a page was expected")
    for charset in _candidates(body, content_type):
        try:
            return body.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("cp1252", errors="replace")


def _candidates(body: bytes, content_type: str | None) -> list[str]:
    found = [name for mark, name in _BOMS if body.startswith(mark)]
    header = _CHARSET.search(content_type or "")
    if header:
        found.append(_as_browsers_read(header[1]))
    meta = _META.search(body[:_META_WITHIN])
    if meta:
        found.append(_as_browsers_read(meta[1].decode("ascii", errors="replace")))
    return [*found, "utf-8"]


def _as_browsers_read(charset: str) -> str:
    # The Encoding standard reads the Latin-1 labels as Windows-1252: quotes live in the bytes between.
    return (
        "cp1252" if charset.lower() in {"iso-8859-1", "latin1", "latin-1", "ascii", "us-ascii"} else charset
    )


def is_html(text: str, content_type: str | None) -> bool:
    """Whether a page is HTML, by its header and else by its first tags.

    Plain text is believed only without tags: servers send HTML under `text/plain` too.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind in {"text/html", "application/xhtml+xml"}:
        return bool(_MARKUP.search(text)) or "<" in text[:_SNIFFED]
    if kind in {"application/pdf", "application/zip"} or kind.startswith(("image/", "audio/", "video/")):
        raise ParseError(f"no page to read: {kind}")
    return bool(_MARKUP.search(text[:_SNIFFED]))
