"""Finds many phrases in long texts, and caches tables that are slow to build.

A pattern with hundreds of alternatives tries them all at every position of a text. Searching for each phrase
as a plain string first leaves only the few that occur.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache, wraps
from typing import Final, TypeVar


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of these phrases as whole words, longest first; case and spacing do not matter."""
    return _pattern(frozenset(phrases))


def options(phrases: Iterable[str], *, between: str = r"\ ") -> str:
    """The phrases as the alternatives of a pattern, the longest first; `between` stands for each space in them.

    Without any phrase it never matches.
    """
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(between.join(map(re.escape, phrase.split())) for phrase in longest_first) or "(?!)"


@lru_cache(maxsize=512)
def _pattern(phrases: frozenset[str]) -> re.Pattern[str]:
    alternatives = options(phrases, between=r"\s+")
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w])", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _folded(phrase: str) -> str:
    return phrase.casefold()


class Text:
    """A text that many phrases are looked for in."""

    __slots__ = ("_folded", "text")

    def __init__(self, text: str) -> None:
        self.text = text.replace("’", "'")
        self._folded = " ".join(self.text.casefold().split())

    def holds(self, phrase: str) -> bool:
        """Whether the text contains the phrase as a string, even in the middle of a word."""
        return _folded(phrase) in self._folded

    def those_of(self, phrases: Iterable[str]) -> frozenset[str]:
        """The phrases that may occur in the text; a pattern needs no others."""
        return frozenset(phrase for phrase in phrases if self.holds(phrase))

    def count(self, phrases: Iterable[str]) -> int:
        """How many times any of the phrases stands in the text as whole words."""
        there = self.those_of(phrases)
        return len(any_of(there).findall(self.text)) if there else 0


def last_end(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match of a pattern ends; -1 where there is none."""
    return max((m.end() for m in pattern.finditer(text)), default=-1)


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_MOST: Final = 64


def made_once(make: Callable[[K], V]) -> Callable[[K], V]:
    """`make` with a cache: looked up by the object's identity first, then by its value."""
    by_value = lru_cache(maxsize=_MOST)(make)
    by_object: dict[int, tuple[K, V]] = {}  # keeping the object keeps its id() unique

    @wraps(make)
    def of(key: K) -> V:
        found = by_object.get(id(key))
        if found is not None:
            return found[1]
        if len(by_object) >= _MOST:
            by_object.clear()
        result = by_value(key)
        by_object[id(key)] = key, result
        return result

    return of
