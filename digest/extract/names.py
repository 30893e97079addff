"""The providers that a text names, each under one name, however often and in whatever form.

Names are found by how English names are built, in the register, and by what the text says about them. A
provider gets its name from the register if it is there, else the longest form in the text, word for word.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from digest.extract.areas import area_of, is_county, is_part_of_country, is_town, opens, run_before
from digest.extract.blocks import Block, BlockKind, sentences
from digest.extract.bodies import words_of
from digest.extract.cast import Cast, Named
from digest.extract.name_finder import NameFinder, Scan, Scanner
from digest.extract.name_lines import name_line, name_lines, without_company
from digest.extract.named_bodies import Identities, NamedBodies, key_of, named_bodies_of
from digest.extract.named_bodies import spelt as spelt_out
from digest.extract.sightings import Sighting
from digest.extract.strangers import POSTCODE, Stranger, Strangers, is_placed, is_rated
from digest.providers import Finder, Register, Words, normal_name
from digest.ratings import Body, Inspectorate

_INITIALS: Final = re.compile(r" \(([A-Z]{2,6})\)")
_REACH: Final = 160  # characters; the longest names of merged areas have about 80
_ANY: Final = Body(kind="area", names=(), form="{area}")
_AND_ITS_TOWN: Final = re.compile(r"(?:, [A-Z][\w' -]{1,30})?")
_WHO_RUN_OTHERS: Final = frozenset({"council", "health board"})
_WHO_RUNS: Final = re.compile(
    r"(?:An? |The )(?:[\w-]+ ){0,3}(?P<kind>trust|council|company|charity|group)(?: \([A-Z]+\))?,? (?:which|that|who) (?:runs|manages|operates|oversees)\b",
    re.IGNORECASE,
)
_LEAD: Final = 3  # sentences
_MOST_WORDS: Final = 6  # in a heading above an address
_LONG: Final = 4  # letters from which on a word has a capital in a title-case headline
_PLACES: Final = re.compile(
    r"\b(?:in|near|from|across|around|outside|throughout) ((?:[A-Z][\w'’-]{1,30})(?: (?:[A-Z][\w'’-]{1,30}|upon|on|of)){0,3})"
)
_TITLED: Final = re.compile(
    r"(?:\b(?i:inspection|report|review)\b[^.]{0,60}? (?:of|for|at|on|into) )((?:The |Our )?[A-Z][\w'’&.-]*(?: (?:[A-Z][\w'’&.-]*|of|and|the)){0,6})$"
)


@dataclass(frozen=True, slots=True)
class _ScannedSentence:
    """One sentence with what was found in it."""

    text: str
    heading: bool
    scan: Scan
    opening: bool  # in the title, the lead or at a paragraph's start


def cast_of(
    blocks: Iterable[Block], register: Register, bodies: Iterable[Body], judge: Inspectorate | None = None
) -> Cast:
    """Who is named in these blocks: bodies of these kinds, in the register, or said to be rated.

    Headings are used only if the running text names nobody: their capitals do not mark names.
    """
    known = words_of(tuple(bodies))
    blocks = tuple(blocks)
    strangers = Strangers(
        judge, [f for body in known.bodies for f in (*body.names, *body.short) if f.count(" ") <= 1]
    )
    lines = [
        Words(text)
        for block in blocks
        if block.kind is not BlockKind.HEADING
        for text in sentences(block.text)
    ]
    for words in lines:
        strangers.learn(words)
    own = tuple(dict.fromkeys(name_lines(blocks, strangers, lines)))
    scanner = Scanner(known, register, own, lines)
    scanned = list(_scanned(blocks, scanner))
    running = [t for t in scanned if not t.heading]
    places = _places(running)
    spelt = _spelt_out(running)
    named = [
        _in_full(s, spelt) for t in running for s in t.scan.sightings if _names(s, places, heading=False)
    ]
    in_headings = [
        (_in_full(s, spelt), t)
        for t in scanned
        if t.heading
        for s in t.scan.sightings
        if _names(s, places, heading=True)
    ]
    described = {(normal_name(s.area), s.body.kind) for t in scanned for s in t.scan.sightings if s.describes}
    named = [s for s in named if not (s.lower and (normal_name(s.area), s.body.kind) in described)]
    named = _without_stutters(named)
    named += _of_the_place(running, [s for s, _ in in_headings], named, known.bodies)
    hits = {hit.name: _written(t.scan.words, hit.first, hit.last) for t in scanned for hit in t.scan.hits}
    bare = dict.fromkeys(_bare(blocks, scanned, strangers, others=bool(named or hits)))
    named = [*named, *_added(in_headings, named, running)] if named else [s for s, _ in in_headings]
    named = _without_parts(_without_small(_settled(named, scanned)), running)
    named, short = _in_short(named, [name for line in own if (name := normal_name(line)) in hits])
    bodies_named = named_bodies_of(
        named,
        hits,
        bare,
        spelt | short,
        Identities(register, known.bodies, judge, [t.text for t in scanned]),
    )
    owners = _owners(bodies_named, scanned)
    return Cast(
        bodies_named.all, NameFinder(bodies_named, scanner, strangers, owners).of, several=len(bare) > 1
    )


def _in_short(named: Sequence[Sighting], whole: Sequence[str]) -> tuple[list[Sighting], dict[str, str]]:
    """The names without short forms of a full name on its own line; and the full name of each short form."""
    short = {plain: name for name in whole if (plain := normal_name(without_company(name))) != name}
    left = []
    for s in named:
        plain = normal_name(spelt_out(s)).removeprefix("the ")
        longer = {
            name for name in whole if f" {plain} " in f" {name} " and name.removeprefix("the ") != plain
        }
        if len(longer) == 1:
            short[plain] = longer.pop()
        else:
            left.append(s)
    return left, short


_STUTTER: Final = re.compile(r"([a-z]{3,8})\1\b", re.IGNORECASE)


def _without_stutters(named: Sequence[Sighting]) -> list[Sighting]:
    """The names without those garbled by scanning, if the correct form is there: "Oakfieldfield School"."""
    areas = {s.area for s in named}
    return [s for s in named if (whole := _STUTTER.sub(r"\1", s.area)) == s.area or whole not in areas]


def _without_small(named: Sequence[Sighting]) -> list[Sighting]:
    """The names without those whose kind is in lower case ("the Cumbria GP surgery"), if others exist."""
    whole = [s for s in named if not s.lower and not s.describes]
    if not whole:
        return list(named)
    areas = {normal_name(s.area) for s in whole}
    return [
        s for s in named if not s.lower or s.known or s.body.form is not None or normal_name(s.area) in areas
    ]


def _without_parts(named: Sequence[Sighting], running: Sequence[_ScannedSentence]) -> list[Sighting]:
    """The names without the places of a body that runs them: "The trust which runs Leeds' hospitals was"."""
    runs = next((m for t in running[:_LEAD] if (m := _WHO_RUNS.match(t.text))), None)
    if runs is None:
        return list(named)
    kind = runs["kind"].casefold()
    owners = {normal_name(spelt_out(s)): s for s in named if kind in normal_name(spelt_out(s)).split()}
    return (
        [s for s in named if s in owners.values() or normal_name(spelt_out(s)) in owners]
        if len(owners) == 1
        else list(named)
    )


def _scanned(blocks: Sequence[Block], scanner: Scanner) -> Iterator[_ScannedSentence]:
    lead = 0
    for n, block in enumerate(blocks):
        heading = block.kind is BlockKind.HEADING
        for at, text in enumerate(sentences(block.text)):
            running = not heading and block.kind is not BlockKind.CAPTION
            opening = n == 0 or (running and (at == 0 or lead < _LEAD))
            lead += running
            yield _ScannedSentence(text, heading, scanner.scan(text, heading=heading), opening)


def _places(running: Iterable[_ScannedSentence]) -> frozenset[str]:
    """What the text names as a place: "in Exmouth"."""
    return frozenset(normal_name(m[1]) for t in running for m in _PLACES.finditer(t.text))


def _names(s: Sighting, places: frozenset[str], *, heading: bool) -> bool:
    """Whether a sighting is a name: with a common noun for its kind, a place only describes."""
    if s.describes or len(s.area) < 2:
        return False
    if s.lower and s.body.form is None and not s.area.endswith(("’s", "'s")):
        town = is_town(s.area) and not s.body.leads  # prisons are called by their town
        return not (
            (heading and " " not in s.area) or town or is_county(s.area) or normal_name(s.area) in places
        )
    return True


def _added(
    in_headings: Sequence[tuple[Sighting, _ScannedSentence]],
    named: Sequence[Sighting],
    running: Sequence[_ScannedSentence],
) -> Iterator[Sighting]:
    """The names in headings that the text below does not give in full.

    "Cambridgeshire unit" is the same body as the one with the longer name.
    """
    covered = {piece for s in named for piece in _stretches(normal_name(s.area))}
    left = [
        (s, t)
        for s, t in in_headings
        if not is_part_of_country(s.area) and normal_name(s.area) not in covered
    ]
    below = {piece for s, _ in left for piece in [normal_name(s.area)]}
    names = list(below)
    text = Words("\n".join(t.text for t in running)) if names else Words("")
    standing = {names[n] for n, _, _ in text.found_by(Finder(names))}
    cased = {t.text: _in_sentence_case(t.scan.words) for _, t in left}
    whole_names = list({normal_name(spelt_out(s)) for s, _ in left if is_town(s.area) or is_county(s.area)})
    told_whole = {whole_names[n] for n, _, _ in text.found_by(Finder(whole_names))} if whole_names else set()
    for s, t in left:
        trusted = not s.lower and not s.body.loose and s.body.form is None and cased[t.text]
        if is_town(s.area) or is_county(s.area):  # "Isle of Wight Care Home rated good" may describe
            if s.body.form is None and normal_name(spelt_out(s)) not in told_whole:
                continue
        whole = not t.text[: s.start].strip() and _AND_ITS_TOWN.fullmatch(t.text[s.end :].strip())
        proper = s.body.form is not None or not s.lower or " " in s.area
        if whole or trusted or (proper and normal_name(s.area) in standing):
            yield s


def _in_sentence_case(words: Words) -> bool:
    """Whether a heading is written like a sentence, so that its capitals tell names."""
    small = sum(word[0].islower() and len(word) >= _LONG for word in words.written)
    return small >= 2 and 2 * small >= sum(word[0].isupper() for word in words.written[1:])


def _of_the_place(
    running: Sequence[_ScannedSentence],
    in_headings: Sequence[Sighting],
    named: Sequence[Sighting],
    bodies: Sequence[Body],
) -> list[Sighting]:
    """In a text about one area, a national body without an area ("The NPS was") means its part there."""
    areas = list(dict.fromkeys(s.area for s in in_headings if not is_part_of_country(s.area)))
    if len(areas) != 1 or not named:
        return []
    return [
        Sighting(start=0, end=0, area=areas[0], body=body)
        for body in bodies
        if body.leads_to_parts
        and not any(s.body == body for s in named)
        and any(_opens_with(t.scan, body) for t in running)
    ]


def _opens_with(scan: Scan, body: Body) -> bool:
    words = scan.words
    return (
        bool(words.plain)
        and words.plain[0] == "the"
        and any(
            kind.body == body
            and kind.first in {1, 2}
            and words.plain[kind.last : kind.last + 1]
            and words.plain[kind.last] in {"was", "is", "has", "had", "there"}
            for kind in scan.kinds
        )
    )


def _spelt_out(running: Sequence[_ScannedSentence]) -> dict[str, str]:
    """The initials that the text has in brackets, with the area right before them."""
    full: dict[str, str] = {}
    for t in running:
        for found in _INITIALS.finditer(t.text):
            if found[1] in full:
                continue
            words = Words(t.text[max(0, found.start() - _REACH) : found.start()])
            first = run_before(words, len(words), 0, _ANY, plural=False, heading=False)
            area = area_of(words, first, len(words), _ANY)
            if area and len(area) > len(found[1]):
                full[found[1]] = area
    return full


def _in_full(s: Sighting, spelt: Mapping[str, str]) -> Sighting:
    """A sighting whose area is only initials, with the area in full."""
    if s.body.form is not None and s.area in spelt:
        return replace(s, area=spelt[s.area])
    return s


def _owners(bodies_named: NamedBodies, scanned: Sequence[_ScannedSentence]) -> frozenset[Named]:
    """Councils and the like, in a text about bodies that they run; except those that it says were rated."""
    levels = [n for n in bodies_named.all if n.loose and n.body and n.body.kind in _WHO_RUN_OTHERS]
    if not levels or len(levels) == len(bodies_named.all):
        return frozenset()
    inspected = {
        bodies_named.by_key[key]
        for t in scanned
        for s in t.scan.sightings
        if (key := key_of(s)) in bodies_named.by_key and is_rated(t.text, s.end)
    }
    return frozenset(levels) - inspected


def _settled(named: Sequence[Sighting], scanned: Sequence[_ScannedSentence]) -> list[Sighting]:
    """The names without vague ones that are part of a more certain name.

    If only vague names are left and the text has one proper kind of body ("the unit (PDU)"), they get it.
    """
    # "A large Midlands probation provider" is the same body as a West Midlands one with a proper name.
    proper = [s for s in named if not s.body.loose]
    covered = {piece for s in proper for piece in _stretches(normal_name(s.area))}
    loose = [s for s in named if s.body.loose and normal_name(s.area) not in covered]
    if proper or not loose:
        return [s for s in named if not s.body.loose or s in loose]
    bodies = {
        kind.body
        for t in scanned
        for kind in t.scan.kinds
        if not kind.body.loose and (kind.capital or not kind.body.capitals)
    }
    if len(bodies) == 1:
        (body,) = bodies
        return [s if s.body.kind in _WHO_RUN_OTHERS else replace(s, body=body) for s in loose]
    return loose


def _stretches(area: str) -> Iterator[str]:
    """Every run of words within an area's name, the whole name included."""
    words = area.split()[:12]
    for i in range(len(words)):
        for j in range(i + 1, len(words) + 1):
            yield " ".join(words[i:j])


def _bare(
    blocks: Sequence[Block], scanned: Sequence[_ScannedSentence], strangers: Strangers, *, others: bool
) -> Iterator[str]:
    """Names without a word for a kind of body, if said to be rated or inspected; as the text has them."""
    for t in scanned:
        if t.opening and not t.heading:
            for one in _found(t.scan, strangers):
                if strangers.inspected(t.scan.words, one, alone=not others):
                    yield _written(t.scan.words, one.first, one.last)
    if scanned and scanned[0].heading and not others and _in_sentence_case(scanned[0].scan.words):
        words = scanned[0].scan.words
        for one in _found(scanned[0].scan, strangers):
            rated = is_rated(words.text, words.ends[one.last - 1])
            placed = is_placed(words, one.first, one.last)
            if rated and not (one.person or one.place or placed or opens(words, one.first)):
                yield _written(words, one.first, one.last)
    if blocks and not others and (titled := _TITLED.search(blocks[0].text)):
        words = Words(titled[1])
        if strangers.could_be(words):
            yield titled[1]
    yield from _above_an_address(blocks, strangers)


def _found(scan: Scan, strangers: Strangers) -> Iterator[Stranger]:
    """The strangers in a sentence, without places: "two hospices in south west London were rated"."""
    for one in strangers.found(scan.words, _taken(scan)):
        if not _is_place(_written(scan.words, one.first, one.last)):
            yield one


def _is_place(name: str) -> bool:
    """Whether a name is a place's, or ends with one: "Exeter", "Wem and Oswestry"."""
    last = re.split(r",? and |, ", name)[-1]
    return is_town(last) or is_county(last)


def _taken(scan: Scan) -> set[int]:
    """The indexes of words that already belong to a name."""
    starts, taken = scan.words.starts, set[int]()
    for s in scan.sightings:
        taken.update(range(bisect_left(starts, s.start), bisect_left(starts, s.end)))
    for hit in scan.hits:
        taken.update(range(hit.first, hit.last))
    return taken


def _written(words: Words, first: int, last: int) -> str:
    name = words.text[words.starts[first] : words.ends[last - 1]]
    return name[:-2] if name[-2:] in {"'s", "’s"} else name


def _above_an_address(blocks: Sequence[Block], strangers: Strangers) -> Iterator[str]:
    """A heading that is nothing but a name, with a postcode right below."""
    for above, below in itertools.pairwise(blocks):
        if above.kind is BlockKind.HEADING and POSTCODE.search(below.text[:200]):
            name = name_line(above.text)
            if name and len(name.split()) <= _MOST_WORDS and strangers.could_be(Words(name)):
                yield name
