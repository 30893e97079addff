"""Where a sentence names a body of its text, describes a body without a name, or names somebody unknown."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from digest.extract.areas import is_common, opens, owns
from digest.extract.bodies import SORTS_OF_SERVICE, BodyWords, KindMention
from digest.extract.cast import Form, Named, NameMention, Role, role_of
from digest.extract.named_bodies import NamedBodies, key_of, spelt
from digest.extract.sightings import Sighting, sightings
from digest.extract.strangers import Strangers
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
    kinds: tuple[KindMention, ...]
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


_SORTS: Final = tuple(tuple(sort.lower().split()) for sort in SORTS_OF_SERVICE)


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
        if not (words.written[first][0].isupper() or words.written[first][0].isdigit()):
            return False
        if last - first > 1 and not any(words.written[i][0].isupper() for i in range(first + 1, last)):
            return False
    before = first - 1
    if before >= 0 and not words.gap(first).strip(" -") and is_capital(words.written[before]) and not heading:
        led = opens(words, before) or is_common(words.plain[before]) or owns(words.written[before])
        if not led:
            return False
    if (
        last < len(words)
        and not words.gap(last).strip(" -")
        and is_capital(words.written[last])
        and not owns(words.written[last - 1])
    ):
        return heading or is_common(words.plain[last]) or _is_sort(words, last)
    return not (last < len(words) and words.gap(last) == "-")


# "Norfolk was rated", "Norfolk's children's services": the council, and not its place as in "Norfolk care home".
_AS_A_BODY: Final = re.compile(
    r"(?:['’]s?\b|,? (?:was|were|is|are|has|had|have|remains?|improv\w+|council|county|borough|city|receiv\w+|gets?|got|rated|judged|branded|told)\b|\W*$)",
    re.IGNORECASE,
)


class NameFinder:
    """Finds the mentions in a sentence of one text."""

    __slots__ = ("_bodies_named", "_finder", "_forms", "_owners", "_scanner", "_sought", "_strangers")

    def __init__(
        self, bodies_named: NamedBodies, scanner: Scanner, strangers: Strangers, owners: frozenset[Named]
    ) -> None:
        self._bodies_named = bodies_named
        self._scanner = scanner
        self._strangers = strangers
        self._owners = owners
        self._forms: list[tuple[Named, Form]] = []
        sought: dict[str, None] = {}
        for words, named in bodies_named.by_words.items():
            if words not in sought:
                sought[words] = None
                self._forms.append((named, Form.NAME))
        for area, all in bodies_named.by_area.items():
            if area not in sought:
                sought[area] = None
                self._forms.append((all[0], Form.AREA))
        self._sought = list(sought)
        self._finder = Finder(sought)

    def of(self, text: str, heading: bool) -> tuple[NameMention, ...]:
        """Everybody that a sentence speaks of, from left to right, without overlaps."""
        scan = self._scanner.scan(text, heading=heading)
        words = scan.words
        taken: set[int] = set()
        found = []
        for mention in (
            *self._of_kinds(scan),
            *self._of_the_register(scan),
            *self._of_forms(words, heading=heading),
        ):
            held = range(bisect_left(words.starts, mention.start), bisect_left(words.starts, mention.end))
            if taken.isdisjoint(held):
                taken.update(held)
                found.append(mention)
        if not heading:
            found += self._of_strangers(words, taken)
        found.sort(key=lambda m: (m.start, m.end))
        return tuple(self._placed(text, mention) for mention in found)

    def _of_kinds(self, scan: Scan) -> Iterator[NameMention]:
        for s in scan.sightings:
            named, form = self._who(s)
            yield NameMention(
                start=s.start, end=s.end, named=named, whole=form in {Form.NAME, Form.ALIAS}, form=form
            )

    def _who(self, s: Sighting) -> tuple[Named, Form]:
        nobody = Named(name="", area=s.area, body=s.body)
        if s.describes or not s.area:
            return nobody, Form.DESCRIPTOR
        named = self._bodies_named.by_key.get(key_of(s))
        if named is not None:
            whole = s.body.form is not None or normal_name(spelt(s)) == normal_name(
                named.words.format(area=named.area)
            )
            return named, Form.NAME if whole else Form.ALIAS
        whole_line = self._bodies_named.by_words.get(normal_name(spelt(s)).removeprefix("the "))
        if whole_line is not None:
            return whole_line, Form.ALIAS
        of_area = self._bodies_named.by_area.get(normal_name(s.area), ())
        alike = [
            n
            for n in of_area
            if n.body
            and (
                n.body.kind == s.body.kind or ((n.body.loose or s.body.loose) and not _is_councils(n))
            )  # "a Norfolk care home" is not Norfolk's council
        ]
        if len(alike) == 1:
            return alike[0], Form.ALIAS
        if s.lower:
            return nobody, Form.DESCRIPTOR
        return Named(name=s.written.format(area=s.area) or s.area, area=s.area, body=s.body), Form.OTHER

    def _of_the_register(self, scan: Scan) -> Iterator[NameMention]:
        words = scan.words
        for hit in scan.hits:
            named = self._bodies_named.by_words.get(hit.name)
            start, end = words.starts[hit.first], _end(words, hit.last, hit.name)
            known = named is not None
            who = named or Named(name=words.text[start:end], area=words.text[start:end], body=None)
            yield NameMention(
                start=start, end=end, named=who, whole=True, form=Form.NAME if known else Form.OTHER
            )

    def _of_forms(self, words: Words, *, heading: bool) -> Iterator[NameMention]:
        for n, first, last in words.found_by(self._finder):
            named, form = self._forms[n]
            if not stands_alone(words, first, last, heading=heading):
                continue
            yield NameMention(
                start=words.starts[first],
                end=_end(words, last, self._sought[n]),
                named=named,
                whole=form is Form.NAME,
                form=form,
            )

    def _of_strangers(self, words: Words, taken: set[int]) -> Iterator[NameMention]:
        for one in self._strangers.found(words, taken):
            start, end = words.starts[one.first], _end(words, one.last)
            role, _ = role_of(words.text, start, end)
            if role is Role.PART:
                continue  # "the Rowan ward at ..." is within somebody else's name
            if one.person or (one.place and role is Role.PLAIN):
                role = Role.SPEAKER if one.person else Role.PLACE
            name = words.text[start:end]
            yield NameMention(
                start=start,
                end=end,
                named=Named(name=name, area=name, body=None),
                whole=True,
                form=Form.OTHER,
                role=role,
            )

    def _placed(self, text: str, mention: NameMention) -> NameMention:
        if mention.role is not Role.PLAIN:
            return mention
        role, part = role_of(text, mention.start, mention.end, area_alone=mention.form is Form.AREA)
        if role is Role.PLAIN and mention.named in self._owners:
            role = Role.OWNER
        if role is Role.PLAIN and mention.form is Form.AREA and _is_councils(mention.named):
            role = role if _AS_A_BODY.match(text[mention.end :]) else Role.PLACE
        return replace(mention, role=role, part=part) if role is not Role.PLAIN else mention


def _is_councils(named: Named) -> bool:
    return named.body is not None and named.body.kind == "council"


def _end(words: Words, last: int, name: str = "") -> int:
    """The end of a name, without the s of an owner unless it is the name's own: "St Mary's"."""
    end = words.ends[last - 1]
    own = name.rpartition(" ")[2] == words.plain[last - 1]
    return end - 2 if words.text[end - 2 : end] in {"'s", "’s"} and not own else end
