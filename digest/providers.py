"""Providers: the bodies that are inspected, their names, and what became of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

_APOSTROPHES = str.maketrans("", "", "'’‘ʼ")
_LONGEST_NAME = 200  # characters; whole texts are not worth remembering
_MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One inspected body."""

    id: str
    name: str
    kind: str  # such as "CRC", "PDU", "YJS"; empty where it is not known
    inspectorate: str
    aliases: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()  # ids; their grades are not this provider's own

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


def normal_name(name: str) -> str:
    """The form in which two spellings of one name are equal: case, accents, spacing, marks and "&" aside.

    Empty for a text without a letter or digit: that is no name.
    """
    return _normal_name(name) if len(name) <= _LONGEST_NAME else _normal_name.__wrapped__(name)


@lru_cache(maxsize=20_000)
def _normal_name(name: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    plain = _MARKS.sub("", plain).translate(_APOSTROPHES)
    return " ".join(_WORDS.findall(plain.replace("&", " and ")))


def provider_id(name: str) -> str:
    """A stable id made from a name, for a provider that the register does not know yet."""
    return normal_name(name).replace(" ", "-")


class Register:
    """The providers we know, found by any of their names; of two with one id, the later stands."""

    __slots__ = ("_by_first_word", "_by_id", "_by_name", "_by_word", "_kinds")

    def __init__(self, providers: Iterable[Provider] = ()) -> None:
        self._by_id = {provider.id: provider for provider in providers}
        self._by_name: dict[str, list[Provider]] = {}
        for provider in self._by_id.values():
            for name in dict.fromkeys(map(normal_name, provider.names)):
                self._by_name.setdefault(name, []).append(provider)
        self._by_first_word: dict[str, list[str]] = {}
        for name in self._by_name:
            self._by_first_word.setdefault(name.partition(" ")[0], []).append(name)
        self._by_word: dict[str, list[str]] | None = None  # made when somebody asks: most never do
        self._kinds: dict[str, str] | None = None

    @property
    def kinds(self) -> Mapping[str, str]:
        """The kinds of provider by their normal names, each as it is spelled last; the empty one left out."""
        if self._kinds is None:
            self._kinds = {normal_name(p.kind): p.kind for p in self if normal_name(p.kind)}
        return self._kinds

    def __iter__(self) -> Iterator[Provider]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, id: str) -> Provider | None:
        return self._by_id.get(id)

    def line_of(self, id: str) -> frozenset[str]:
        """A provider and every body it followed, directly or by way of others: their ids."""
        line: set[str] = set()
        ahead = [id]
        while ahead:
            one = ahead.pop()
            if one not in line:
                line.add(one)
                known = self.get(one)
                ahead.extend(known.predecessors if known else ())
        return frozenset(line)

    def names_hold(self, words: str) -> bool:
        """Whether these words stand in any provider's name, word for word; never for no words at all.

        Strangers ask this a hundred times in one form: only names with the rarest of the words are looked at.
        """
        if self._by_word is None:
            self._by_word = {}
            for name in self._by_name:
                for word in dict.fromkeys(name.split()):
                    self._by_word.setdefault(word, []).append(name)
        wanted = normal_name(words)
        bearers = [self._by_word.get(word, []) for word in wanted.split()]
        return bool(bearers) and any(f" {wanted} " in f" {name} " for name in min(bearers, key=len))

    def standing_in(self, text: str) -> Iterator[tuple[str, Provider]]:
        """Every name of several words that stands in a text as it is, and its first bearer."""
        plain = f" {normal_name(text)} "
        for word in dict.fromkeys(plain.split()):
            for name in self._by_first_word.get(word, ()):
                if " " in name and f" {name} " in plain:
                    yield name, self._by_name[name][0]

    def named(self, name: str, inspectorate: str | None = None) -> Provider | None:
        """The provider known by exactly this name; likeness is never enough.

        A name goes before an alias, and a successor before the body it followed. None where bodies of
        different inspectorates or kinds share the name: a guess would give one the other's rating.
        """
        wanted = normal_name(name)
        bearers = self._by_name.get(wanted, []) if wanted else []
        if inspectorate is not None:
            bearers = [p for p in bearers if p.inspectorate in ("", inspectorate)]
        bearers = [p for p in bearers if normal_name(p.name) == wanted] or bearers
        gone = {id for p in bearers for id in p.predecessors}
        bearers = [p for p in bearers if p.id not in gone]
        # A provider that only a text has named yet has no kind: it does not contest a name.
        sorts = ({p.inspectorate for p in bearers} - {""}, {p.kind for p in bearers} - {""})
        return bearers[0] if bearers and all(len(sort) < 2 for sort in sorts) else None
