"""Text as sources write it, made fit to keep: no markup, no control characters, white space folded."""

from __future__ import annotations

import html
import re
from typing import Final

_BLOCK: Final = re.compile(
    r"</?(?:address|article|blockquote|br|div|figure|h[1-6]|hr|li|ol|p|pre|section|table|td|th|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)
# Each match ends at the next bracket, so that no input takes quadratic time (`<!--` 80,000 times would).
_TAG: Final = re.compile(r"<(?:/?[a-z]|!)[^<>]*>", re.IGNORECASE)
# C0 without white space; soft hyphen; marks that turn or hide text (a title could print backwards); lone
# surrogates, which no encoding takes. PostgreSQL takes no NUL.
_UNFIT: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
# What is called ISO 8859-1 is windows-1252 on the Web: its quotation marks stand where C1 controls would.
_C1: Final = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}


def fit(text: str) -> str:
    """The text without what cannot be stored or should not be shown."""
    return _UNFIT.sub("", text).translate(_C1)


def fold(text: str) -> str:
    """On one line, every stretch of white space one space."""
    return " ".join(fit(text).split())


def text_of_html(markup: str) -> str:
    """What a reader would see of a piece of HTML, on one line; text that has no markup stays as it is.

    Feeds escape titles once, twice or not at all, so entities are resolved until none is left.
    """
    text = markup
    for _ in range(3):
        text = _TAG.sub("", _BLOCK.sub(" ", text))
        resolved = html.unescape(text)
        if resolved == text:
            break
        text = resolved
    return fold(text)


def shortened(text: str, length: int) -> str:
    """At most so many characters, cut between words where it can be, with an ellipsis where it was cut."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return (cut.rsplit(" ", 1)[0].rstrip(" ,;:.–-") or cut) + "…"
