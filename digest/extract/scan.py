"""Scans: what stands in one sentence that may name a body, found once and kept."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from digest.extract.areas import is_common, opens, owns
from digest.extract.bodies import BodyWords, Kind
from digest.extract.sightings import Sighting, sightings
from digest.providers import Finder, Register, Words, is_capital, normal_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A name of the register that stands in a sentence."""

    first: int
    last: int  # the word behind it
    name: str  # its normal form


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    words: Words
    kinds: tuple[Kind, ...]
    sightings: tuple[Sighting, ...]
    hits: tuple[Hit, ...]


class Scanner:
    """Scans sentences for certain kinds of bodies and for the names of a register."""

    __slots__ = ("_known", "_own", "_own_finder", "_register", "_scans", "_words")

    def __init__(
        self, known: BodyWords, register: Register, own: Sequence[str] = (), lines: Iterable[Words] = ()
    ) -> None:
        """`own` are the names that the text itself has as lines of their own; `lines` what is parted already."""
        self._own = list(dict.fromkeys(filter(None, map(normal_name, own))))
        self._own_finder = Finder(self._own)
        self._known = known
        self._register = register
        self._scans: dict[tuple[str, bool], Scan] = {}
        self._words = {words.text: words for words in lines}

    def scan(self, text: str, *, heading: bool) -> Scan:
        key = (text, heading)
        if key not in self._scans:
            self._scans[key] = self._scan(text, heading=heading)
        return self._scans[key]

    def _scan(self, text: str, *, heading: bool) -> Scan:
        if text not in self._words:
            self._words[text] = Words(text)
        words = self._words[text]
        kinds = self._known.found(words)
        found = sightings(words, kinds, heading=heading)
        hits = [
            Hit(first=first, last=last, name=name)
            for first, last, name in self._register.standing_in(words)
            if stands_alone(words, first, last, heading=heading)
        ]
        standing = {(hit.first, hit.last) for hit in hits}
        hits += [
            Hit(first=first, last=last, name=self._own[n])
            for n, first, last in words.found_by(self._own_finder)
            if (first, last) not in standing and stands_alone(words, first, last, heading=heading)
        ]
        hits.sort(key=lambda hit: (hit.first, -hit.last))
        held = {i: s for s in found for i in _held(s, words)}
        kept = [
            hit
            for hit in hits
            if not any(_is_longer(held[i], words, hit) for i in range(hit.first, hit.last) if i in held)
        ]
        begun = {hit.first: hit for hit in kept}
        found = [_with_the_register(s, begun, words) for s in found]
        same = {s.known for s in found}
        kept = [hit for hit in kept if hit.name not in same]
        taken = {i for hit in kept for i in range(hit.first, hit.last)}
        left = [s for s in found if taken.isdisjoint(_held(s, words))]
        return Scan(words=words, kinds=tuple(kinds), sightings=tuple(left), hits=tuple(kept))


# What Scottish reports print right behind a name, with capitals: the sort of service.
_SORTS: Final = (
    ("day", "care", "of", "children"),
    ("care", "home", "service"),
    ("child", "minding"),
    ("school", "care", "accommodation"),
)


def _is_sort(words: Words, first: int) -> bool:
    return any(tuple(words.plain[first : first + len(sort)]) == sort for sort in _SORTS)


def _is_longer(sighting: Sighting, words: Words, hit: Hit) -> bool:
    """Whether English makes a longer name than the register's around the same words: "East Kent PDU"."""
    start, end = words.starts[hit.first], words.ends[hit.last - 1]
    return sighting.end - sighting.start > end - start


def _with_the_register(s: Sighting, hits: Mapping[int, Hit], words: Words) -> Sighting:
    """A sighting with the register's name where it stands for the same words."""
    held = _held(s, words)
    hit = hits.get(held.start)
    return replace(s, known=hit.name) if hit is not None and hit.last == held.stop and not s.describes else s


def _held(sighting: Sighting, words: Words) -> range:
    return range(bisect_left(words.starts, sighting.start), bisect_left(words.starts, sighting.end))


def stands_alone(words: Words, first: int, last: int, *, heading: bool) -> bool:
    """Whether words are a name of their own, with its capitals and not within a longer one: no "Royal Oak House"."""
    if not heading:
        if not (words.said[first][0].isupper() or words.said[first][0].isdigit()):
            return False
        if last - first > 1 and not any(words.said[i][0].isupper() for i in range(first + 1, last)):
            return False
    before = first - 1
    if before >= 0 and not words.gap(first).strip(" -") and is_capital(words.said[before]) and not heading:
        led = opens(words, before) or is_common(words.plain[before]) or owns(words.said[before])
        if not led:
            return False
    if (
        last < len(words)
        and not words.gap(last).strip(" -")
        and is_capital(words.said[last])
        and not owns(words.said[last - 1])
    ):
        return heading or is_common(words.plain[last]) or _is_sort(words, last)
    return not (last < len(words) and words.gap(last) == "-")
