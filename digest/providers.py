"""Providers: the bodies that are inspected, their names, and their predecessors."""

from __future__ import annotations

import pickle
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final

_APOSTROPHES = str.maketrans("", "", "'’‘ʼ")
_LONGEST_NAME = 200  # characters; longer texts are not cached
_MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_WORDS = re.compile(r"[^\W_]+")
_PARTING = {c: None if chr(c) == "'" else " " for c in range(128) if not chr(c).isalnum()}
_SAID = re.compile(r"&|[^\W_](?:[^\W_]|[\u0300-\u036f]|['’‘ʼ](?=[^\W_]))*")
_SAINT = re.compile(r"\bsaint\b")
_LETTERS = re.compile(r"[^\W\d_]{3}")  # a name has a word like this; a postcode or number has none
OWN = frozenset("'’")  # before a possessive s
# Spellings of "Church of England" in the names of schools.
_CHURCH = (("church", "of", "england"), ("c", "of", "e"), ("c", "e"), ("ce",))
_CHURCH_BEGINS = frozenset({"church", "c", "ce"})


class Link(StrEnum):
    """How a provider came after another. The grades of the earlier one are never the later one's own."""

    SUCCESSOR = "successor"  # it took over from one body
    MERGED = "merged"  # it was made of several, and inherits nothing


class StatedBy(StrEnum):
    """Who states a link, beside the sources that publish data; no id of a source can be equal."""

    REGISTER = "the register"  # the operator's files
    LINKS = "a file of links"
    OPERATOR = "an operator"  # whose word goes before all others


class Ruling(StrEnum):
    """What is decided about the register."""

    MERGED = "merged"
    JOINED = "joined"  # merged without an operator: a publisher's entry has exactly the name of another
    SPLIT = "split"
    LINKED = "linked"
    UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A decision about two entries of the register."""

    ruling: Ruling
    provider: str  # the id that counts, or that of the later provider
    other: str
    by: str
    at: datetime
    why: str
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """One provider that came after another, by their ids."""

    provider: str
    predecessor: str
    link: Link = Link.SUCCESSOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One inspected body."""

    id: str
    name: str
    kind: str  # such as "CRC", "PDU", "YJS"; empty if not known
    inspectorate: str
    aliases: tuple[str, ...] = ()  # other names, former ones too
    predecessors: tuple[str, ...] = ()  # ids; their grades are not this provider's own
    area: str = ""  # such as a council, as its publisher's data states it
    merged: tuple[str, ...] = ()  # ids of entries that are this same provider

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


def normal_name(name: str) -> str:
    """A name in a form for comparing: without case, accents, spacing and punctuation, and with "and" for "&".

    Empty for a text without a letter or digit.
    """
    return _normal_name(name) if len(name) <= _LONGEST_NAME else _normal_name.__wrapped__(name)


@lru_cache(maxsize=50_000)
def _normal_name(name: str) -> str:
    if name.isascii():  # a short cut for nearly every name: it takes a quarter of the time
        return " ".join(name.lower().replace("&", " and ").translate(_PARTING).split())
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    plain = _MARKS.sub("", plain).translate(_APOSTROPHES)
    return " ".join(_WORDS.findall(plain.replace("&", " and ")))


def provider_id(name: str) -> str:
    """The id, made from its name, of a provider that is not in the register yet."""
    return normal_name(name).replace(" ", "-")


def is_capital(word: str) -> bool:
    """Whether a word begins with a capital, or with a digit before letters: "4Children"."""
    first = word[0]
    return first.isupper() or (first.isdigit() and not word.isdigit())


class Words:
    """The words of a text, as written and in the form in which names are compared, with their positions.

    An apostrophe belongs to its word, and a hyphen separates two words. "&" is a word. "Saint" becomes "St".
    """

    __slots__ = ("_capitals", "_parted", "_places", "ends", "owners", "plain", "starts", "text", "written")

    def __init__(self, text: str) -> None:
        self.text = text
        found = list(_SAID.finditer(text))
        self.written = [one[0] for one in found]
        self.starts = [one.start() for one in found]
        self.ends = [one.end() for one in found]
        self.plain = list(map(sought, self.written))
        own = "'" in text or "’" in text
        self.owners = [i for i, word in enumerate(self.written) if word[-2:-1] in OWN] if own else []
        self._parted: tuple[tuple[Sequence[str], Sequence[int]], ...] = ()
        self._capitals: list[int] | None = None
        self._places: dict[str, list[int]] | None = None

    def __len__(self) -> int:
        return len(self.written)

    @property
    def places(self) -> Mapping[str, Sequence[int]]:
        """The positions of each word, by its plain form."""
        if self._places is None:
            self._places = {}
            for i, word in enumerate(self.plain):
                self._places.setdefault(word, []).append(i)
        return self._places

    @property
    def capitals(self) -> Sequence[int]:
        """The positions of the words that begin with a capital."""
        if self._capitals is None:
            self._capitals = [i for i, word in enumerate(self.written) if is_capital(word)]
        return self._capitals

    def gap(self, i: int) -> str:
        """The text between a word and the one before it."""
        return self.text[self.ends[i - 1] if i else 0 : self.starts[i] if i < len(self.written) else None]

    def found_by(self, finder: Finder) -> list[tuple[int, int, int]]:
        """Every place where a name of the finder occurs, as (name's number, first word, word after the last).

        If several names begin at the same word, the longest is found. "Kent PDU's rating" contains "Kent
        PDU".
        """
        if not self._parted:
            owners = self._without_owners_s()
            self._parted = tuple(map(_parted, (self.plain,) if owners is None else (self.plain, owners)))
        found: dict[tuple[int, int], int] = {}
        for words, at in self._parted:
            for n, first, last in finder.find(words):
                found.setdefault((at[first], at[last]), n)
        return sorted(((n, *place) for place, n in found.items()), key=lambda f: (f[1], -f[2]))

    def _without_owners_s(self) -> list[str] | None:
        """The words without the possessive s at the end of a name: of "Kent PDU's", but not "King's Lynn"."""
        cut = [i for i in self.owners if i + 1 == len(self.written) or self.written[i + 1][0].islower()]
        if not cut:
            return None
        words = list(self.plain)
        for i in cut:
            words[i] = sought(self.written[i][:-2])
        return words


def _parted(words: Sequence[str]) -> tuple[Sequence[str], Sequence[int]]:
    """The words in the form for finding, and the position of each, with one more position for the end."""
    if not _CHURCH_BEGINS.isdisjoint(words):
        words = _church_in_short(words)
    elif " " not in "".join(words):
        return words, range(len(words) + 1)
    parts = [(part, i) for i, word in enumerate(words) for part in word.split()]
    return [part for part, _ in parts], [*(i for _, i in parts), len(words)]


def _church_in_short(words: Sequence[str]) -> Sequence[str]:
    """The words with "cofe" in place of every spelling of "Church of England"."""
    short = list(words)
    for i, word in enumerate(words):
        for way in _CHURCH:
            if word == way[0] and tuple(words[i : i + len(way)]) == way:
                short[i : i + len(way)] = ["cofe", *[""] * (len(way) - 1)]
                break
    return short


def _in_short(name: str) -> str:
    """A normal name in the form for finding."""
    if "saint" in name:
        name = _SAINT.sub("st", name)
    if " c" in name and not _CHURCH_BEGINS.isdisjoint(words := name.split()):
        name = " ".join(filter(None, _church_in_short(words)))
    return name


@lru_cache(maxsize=50_000)
def sought(word: str) -> str:
    """One word in the form for finding: as in a normal name, and "Saint" as "St"."""
    plain = _normal_name.__wrapped__(word)
    return "st" if plain == "saint" else plain


class Finder:
    """Finds any of many names in a text, word for word. The time does not grow with the number of names."""

    __slots__ = ("_lengths", "_numbers")

    def __init__(self, names: Iterable[str]) -> None:
        """`names` are normal names. A name's number is its position among them."""
        self._numbers: dict[str, int] = {}
        lengths: dict[str, set[int]] = {}
        for n, name in enumerate(names):
            short = _in_short(name)
            if short:
                self._numbers.setdefault(short, n)
                lengths.setdefault(short.partition(" ")[0], set()).add(short.count(" ") + 1)
        # By first word: the numbers of words that names have, the largest first.
        self._lengths = {word: sorted(each, reverse=True) for word, each in lengths.items()}

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """The names from left to right, without overlaps, as (number, first word, word after the last)."""
        if self._lengths.keys().isdisjoint(words):
            return
        free = 0
        for first, word in enumerate(words):
            if first < free or word not in self._lengths:
                continue
            for length in self._lengths[word]:
                last = first + length
                n = self._numbers.get(" ".join(words[first:last])) if last <= len(words) else None
                if n is not None:
                    free = last
                    yield n, first, last
                    break


NO_MERGES: Final[Mapping[str, str]] = {}


def last_of(id: str, merges: Mapping[str, str]) -> str:
    """The id that counts: where merges lead from this one, one after the other."""
    seen = {id}
    while (into := merges.get(id)) is not None and into not in seen:
        seen.add(into)
        id = into
    return id


class Register:
    """All known providers, which can be found by any of their names.

    If two have the same id, the later one counts. The indexes are made when they are first needed.
    """

    def __init__(self, providers: Iterable[Provider] = (), merges: Mapping[str, str] = NO_MERGES) -> None:
        """`merges` are ids that lead to another: what is known of both entries is one provider."""
        self._by_id = {provider.id: provider for provider in providers}
        self._leads: dict[str, str] = {}
        self._inspectorates: dict[str, set[str]] = {}  # of the merged ones, by the id that counts
        for id in merges:
            self._merge(id, last_of(id, merges))

    def _merge(self, id: str, into: str) -> None:
        one, other = self._by_id.get(into), self._by_id.get(id)
        if one is None or other is None or id == into:
            return
        del self._by_id[id]
        self._leads[id] = into
        self._inspectorates.setdefault(into, set()).add(other.inspectorate)
        names = dict.fromkeys((*one.aliases, *other.names))
        names.pop(one.name, None)
        self._by_id[into] = replace(
            one,
            kind=one.kind or other.kind,
            area=one.area or other.area,
            aliases=tuple(names),
            predecessors=tuple(dict.fromkeys((*one.predecessors, *other.predecessors))),
            merged=(*one.merged, id),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpacked, (self._packed,)

    @cached_property
    def _packed(self) -> bytes:
        """The providers as plain tuples: pickling objects takes five times as long."""
        return pickle.dumps((list(map(_values, self)), self._leads, self._inspectorates))

    @cached_property
    def _by_name(self) -> Mapping[str, list[Provider]]:
        by_name: dict[str, list[Provider]] = {}
        for provider in self:
            names = [_normal_name.__wrapped__(name) for name in provider.names]  # each is asked once
            for name in dict.fromkeys(names) if provider.aliases else names:
                by_name.setdefault(name, []).append(provider)
        return by_name

    @cached_property
    def _by_word(self) -> Mapping[str, list[str]]:
        by_word: dict[str, list[str]] = {}
        for name in self._by_name:
            for word in dict.fromkeys(name.split()):
                by_word.setdefault(word, []).append(name)
        return by_word

    @cached_property
    def _areas(self) -> frozenset[str]:
        return frozenset(map(normal_name, {p.area for p in self}))

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """All kinds of providers, by normal name, in the spelling of the last provider of the kind."""
        return {normal_name(p.kind): p.kind for p in self if normal_name(p.kind)}

    @cached_property
    def inspectors(self) -> Mapping[str, frozenset[str]]:
        """The keys of the inspectorates of each kind of provider, by normal name; "" for one not known."""
        pairs = {(p.kind, p.inspectorate) for p in self if p.kind}
        found: dict[str, frozenset[str]] = {}
        for kind, inspectorate in pairs:
            named = normal_name(kind)
            found[named] = found.get(named, frozenset()) | {inspectorate}
        return found

    def __iter__(self) -> Iterator[Provider]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, id: str) -> Provider | None:
        """The provider with this id, or the one that an entry with this id was merged into."""
        return self._by_id.get(self._leads.get(id, id))

    def each_once(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The ids, with one for each provider: merged entries count as the one that they lead to."""
        return tuple(dict.fromkeys(self._leads.get(id, id) for id in ids))

    def line_of(self, id: str) -> frozenset[str]:
        """All ids of a provider and of all its predecessors, direct and indirect."""
        line: set[str] = set()
        ahead = [id]
        while ahead:
            one = ahead.pop()
            if one not in line:
                line.add(one)
                known = self.get(one)
                ahead.extend((known.id, *known.merged, *known.predecessors) if known else ())
        return frozenset(line)

    @cached_property
    def _followers(self) -> Mapping[str, list[str]]:
        """The ids of the providers that came right after each provider."""
        found: dict[str, list[str]] = {}
        for provider in self:
            for id in provider.predecessors:
                found.setdefault(self._leads.get(id, id), []).append(provider.id)
        return found

    def whose_line_holds(self, ids: Iterable[str]) -> frozenset[str]:
        """The ids that count of all providers that `line_of` traces to one of these ids."""
        found: set[str] = set()
        ahead = list(self.each_once(ids))
        while ahead:
            one = ahead.pop()
            if one not in found:
                found.add(one)
                ahead.extend(self._followers.get(one, ()))
        return frozenset(found)

    def names_hold(self, words: str) -> bool:
        """Whether a provider's name or area contains these words, as whole words; False for an empty text.

        It must be quick, as a stranger can ask it a hundred times with one form: only the names with the
        rarest of the words are compared.
        """
        wanted = normal_name(words)
        bearers = [self._by_word.get(word, []) for word in wanted.split()]
        if not bearers:
            return False
        return any(f" {wanted} " in f" {name} " for name in (*self._areas, *min(bearers, key=len)))

    def standing_in(self, words: Words) -> Iterator[tuple[int, int, str]]:
        """Every name of two or more words in a text, as (first word, word after the last, normal name)."""
        names, finder = self._sought
        for n, first, last in words.found_by(finder):
            yield first, last, names[n]

    @cached_property
    def _sought(self) -> tuple[list[str], Finder]:
        """The names of two or more words with a longer word among them, and a finder of them."""
        names = [name for name in self._by_name if " " in name and _LETTERS.search(name)]
        return names, Finder(names)

    def find(self, words: str, *, most: int = 20) -> list[Provider]:
        """The providers that words are likely to mean, the likeliest first.

        They are an id, a publisher's number, or words that names begin with, spelled nearly so.
        """
        exact = [p for p in self if {p.id, *p.merged} & {words.strip()} or _has_number(p, words.strip())]
        names = self._names_like(normal_name(words).split())
        found = {p.id: p for p in exact}
        for name in sorted(names, key=lambda one: (one != normal_name(words), len(one), one)):
            found |= {p.id: p for p in self._by_name[name]}
            if len(found) >= most:
                break
        return list(found.values())[:most]

    def _names_like(self, wanted: Sequence[str]) -> set[str]:
        """The normal names that have each of these words, or its beginning, or one spelled nearly so."""
        names: set[str] | None = None
        for word in wanted:
            like = [one for one in self._by_word if one.startswith(word)]
            like = like or get_close_matches(word, self._by_word, n=5, cutoff=0.75)
            bearing = {name for one in like for name in self._by_word[one]}
            names = bearing if names is None else names & bearing
        return names or set()

    def bearers(self, name: str, inspectorate: str | None = None) -> tuple[Provider, ...]:
        """The providers with exactly this name; similar names do not count.

        Providers with this alias count only if none has this name. Predecessors of a found one are left out.
        """
        wanted = normal_name(name)
        bearers = self._by_name.get(wanted, []) if wanted else []
        if inspectorate is not None:
            bearers = [
                p
                for p in bearers
                if p.inspectorate in ("", inspectorate) or inspectorate in self._inspectorates.get(p.id, ())
            ]
        bearers = [p for p in bearers if normal_name(p.name) == wanted] or bearers
        gone = {id for p in bearers for id in p.predecessors}
        return tuple(p for p in bearers if p.id not in gone)

    def named(self, name: str, inspectorate: str | None = None) -> Provider | None:
        """The one provider with exactly this name; None if there is none or several share it.

        A guess would give one provider the other's rating. Proposed providers, which have no kind, do not
        count if a registered one has the name.
        """
        bearers = self.bearers(name, inspectorate)
        known = [p for p in bearers if p.kind] or bearers
        contested = len(known) > 1 or len({p.inspectorate for p in bearers} - {""}) > 1
        return known[0] if known and not contested else None


def _has_number(provider: Provider, number: str) -> bool:
    ids = (provider.id, *provider.merged)
    return any(id.endswith(number) and id.partition(":")[2] == number for id in ids) and number != ""


_FIELDS = tuple(Provider.__dataclass_fields__)
_values = attrgetter(*_FIELDS)


def _unpacked(packed: bytes) -> Register:
    values, leads, inspectorates = pickle.loads(packed)  # noqa: S301 -- our own process packed it
    register = Register(Provider(**dict(zip(_FIELDS, each, strict=True))) for each in values)
    register._leads, register._inspectorates = leads, inspectorates  # noqa: SLF001 -- of its own class
    return register
