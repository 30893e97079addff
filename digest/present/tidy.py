"""Foreign text made fit to print: one line, no control characters, a bounded length; and links fit to follow.

Feeds and pages are hostile until proven otherwise. Escaping is the templates' part and comes on top.
"""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

LONGEST_TEXT: Final = 600
"""Characters of one piece of text: sentences fit, a page in a title does not."""

LONGEST_LINK: Final = 1000

# Format characters are dropped, as the bidirectional ones can show a name backwards; joiners and the tags
# in the flags of England, Scotland and Wales are part of what is read.
_KEPT_FORMATS: Final = frozenset("\u200c\u200d") | frozenset(map(chr, range(0xE0020, 0xE0080)))
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Cn"})
_IN_LINKS: Final = str.maketrans({c: f"%{ord(c):02X}" for c in "\"<>\\^`{|}'"})


def tidy(value: T) -> T:
    """The same value with every text in it made plain, however deep it stands; enums are left alone."""
    tidied: Any = value
    if isinstance(value, str) and not isinstance(value, Enum):
        tidied = one_line(value)
    elif isinstance(value, tuple):
        tidied = tuple(tidy(part) for part in value)
    elif is_dataclass(value) and not isinstance(value, type):
        tidied = replace(value, **{f.name: tidy(getattr(value, f.name)) for f in fields(value)})
    return tidied  # type: ignore[no-any-return]


def one_line(text: str) -> str:
    """One line of printable text, white space folded, cut at a word if it is far too long."""
    if not text.isprintable():  # nearly every text is: this spares a look at each character
        text = "".join(c for c in text if c.isspace() or _printable(c))
    return clip(" ".join(text.split()), LONGEST_TEXT)


def _printable(c: str) -> bool:
    return c in _KEPT_FORMATS or unicodedata.category(c) not in _DROPPED


def clip(text: str, longest: int) -> str:
    """The text, or as many whole words of it as fit, with an ellipsis that says so."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    words, _, _ = cut.rpartition(" ")
    return (words if len(words) > longest // 2 else cut).rstrip(" ,;:–-") + "…"


def web_link(link: str) -> str | None:
    """The link if a reader may be led there, else None: http and https only, with a host and no password."""
    link = link.strip()
    if len(link) > LONGEST_LINK or not all(_printable(c) and not c.isspace() for c in link):
        return None
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return link.translate(_IN_LINKS)
