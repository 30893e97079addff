"""Text and links from feeds and pages, made safe to show: one visible line of a limited length.

Such text may be hostile. The templates escape it as well.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from operator import is_not
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from digest.present.visible import is_plain_line, visible

T = TypeVar("T")

LONGEST_TEXT: Final = 600
"""In characters: sentences fit, a whole page in a title does not."""

LONGEST_LINK: Final = 1000

_IN_LINKS: Final = str.maketrans({c: f"%{ord(c):02X}" for c in "\"<>\\^`{|}'"})


def tidy(value: T) -> T:
    """The same value, with `one_line` applied to every text in it, at any depth. Enums stay as they are.

    A value in which that changes nothing is returned itself: most texts are tidy, and copies take time.
    """
    tidied: Any = value
    if isinstance(value, str) and not isinstance(value, Enum):
        tidied = one_line(value)
    elif isinstance(value, tuple):
        parts = tuple(map(tidy, value))
        tidied = parts if any(map(is_not, parts, value)) else value
    elif names := _fields(type(value)):  # type: ignore[arg-type]
        old = [(name, getattr(value, name)) for name in names]
        changed = {name: new for name, part in old if (new := tidy(part)) is not part}
        tidied = replace(value, **changed) if changed else value  # type: ignore[type-var]
    return tidied  # type: ignore[no-any-return]


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """The names of a dataclass's fields; none if it is no dataclass."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()


def one_line(text: str) -> str:
    """One line of visible text with white space folded, cut between words at `LONGEST_TEXT`.

    Evidence is compared with the page before: what is shown here is the same sentence.
    """
    if len(text) <= LONGEST_TEXT and is_plain_line(text):
        return text
    line = " ".join(visible(text).split())
    return line if len(line) <= LONGEST_TEXT else visible(clip(line, LONGEST_TEXT))


def clip(text: str, longest: int) -> str:
    """The text, at most `longest` characters: if it is cut, whole words and an ellipsis."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    words, _, _ = cut.rpartition(" ")
    return (words if len(words) > longest // 2 else cut).rstrip(" ,;:–-") + "…"


def web_link(link: str) -> str | None:
    """The link, or None if it is not fit for readers: only http and https, with a host and no password."""
    link = link.strip()
    if len(link) > LONGEST_LINK or visible(link) != link or any(c.isspace() for c in link):
        return None
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return link.translate(_IN_LINKS)
