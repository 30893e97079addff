"""Provider names in a text: who is spoken of, and where.

Names are found by how English builds them ("Kent, Surrey and Sussex CRC", "youth justice service for South
Tees") and in the register. What the register knows carries the register's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Final

from digest.extract.blocks import Block, BlockKind
from digest.extract.sentences import sentences
from digest.providers import Provider, Register, normal_name
from digest.ratings import Body

_NOT_A_NAME: Final = frozenset(
    "a an the this that these those our its their his her in at on of for to from by with and but or while when "
    "where after before since although though yet as if it is was were has have had inspectors inspector "
    "inspection inspections inspectorate hm hmi hmip chief report reports published foreword overall today "
    "yesterday both each every all no not only another new latest local national hmpps mr mrs ms dr "
    "one two three four five six seven eight nine ten first second third probation youth justice service services "
    "nps pdu crc yjs yos yot former whether how why what who private public government council watchdog regulator "
    "announcement news press release media statement call praise update summary background "
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday "
    # words of headlines that are printed with capitals throughout
    "rated rates rate rating upgraded downgraded finds find found improves improve improved improvement requires "
    "require requiring inadequate good outstanding excellent poor failing fails says said must needs more still "
    "better worse better-performing praised slammed criticised urgent action performance raised raises ‘inadequate’ "
    "inspecting regulating improving rating running protecting supporting changing making keeping raising "
    "makes make progress change remains failed struggling".split()
)
_JOINING: Final = frozenset({"and", "&", "upon", "under", "y", "a'r"})
# "of" joins only after such words: "East of England", but not "Head of Leeds".
_BEFORE_OF: Final = frozenset("isle isles city vale east west north south borough county forest bank".split())
_TOKEN: Final = re.compile(r"[^\W\d_][\w’'./-]*|&|,|[^\s\w]|\d\S*")
_PLACING: Final = (["at"], ["in"], ["near"], ["from"])
_GRADE_NAMES: Final = frozenset({"good", "outstanding", "excellent", "poor", "weak"})
_MOST_INITIALS: Final = 6
# Counties as headlines shorten them.
_SHORTENED: Final = {
    "beds": "bedfordshire", "berks": "berkshire", "bucks": "buckinghamshire", "cambs": "cambridgeshire",
    "derbys": "derbyshire", "glos": "gloucestershire", "hants": "hampshire", "herts": "hertfordshire",
    "lancs": "lancashire", "leics": "leicestershire", "lincs": "lincolnshire", "mids": "midlands",
    "northants": "northamptonshire", "notts": "nottinghamshire", "oxon": "oxfordshire", "salop": "shropshire",
    "staffs": "staffordshire", "warks": "warwickshire", "wilts": "wiltshire", "worcs": "worcestershire",
    "yorks": "yorkshire",
}  # fmt: skip
_REACH: Final = 160  # characters; the longest names of merged areas have about 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One provider as this text names it."""

    name: str  # the register's where it knows it, else a tidy form of the text's
    area: str  # the name without the kind of body; the whole name where the register's is known by itself
    body: Body | None  # None for a name taken from the register as it stands
    words: str = ""  # the form of its name as the text has it

    @property
    def loose(self) -> bool:
        return self.body is not None and self.body.loose


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMention:
    start: int
    end: int
    named: Named
    whole: bool  # with its kind of body, not the area alone


def _words(phrase: str) -> str:
    return r"\s+".join(map(re.escape, phrase.split()))


@lru_cache(maxsize=512)
def _body_forms(body: Body) -> str:
    case = "" if body.capitals else "i"
    longest_first = sorted(body.names, key=len, reverse=True)
    written = [rf"(?{case}:{_words(name)})" for name in longest_first]
    return f"(?:{'|'.join([*written, *map(re.escape, body.short)]) or '(?!)'})"


# A division is also called by its part of the country alone: "NPS Wales".
_PART: Final = r"(?:North|South|East|West|Eastern|Midlands|Central|London|Wales)"


class BodyWords:
    """The words by which texts name certain kinds of bodies, as patterns."""

    __slots__ = ("bodies", "bracketed", "hints", "leads", "prefix", "suffix")

    def __init__(self, bodies: tuple[Body, ...]) -> None:
        self.bodies = bodies
        # The last word of each form is enough to ask for, and few are different.
        self.hints = {
            b: tuple(dict.fromkeys(form.casefold().split()[-1] for form in (*b.names, *b.short, *b.leads)))
            for b in bodies
        }
        short = "|".join(map(re.escape, (initials for body in bodies for initials in body.short)))
        self.bracketed = rf"(?:\s*\((?:{short})s?\))?" if short else ""
        any_body = "|".join(_body_forms(body) for body in bodies if not body.loose) or "(?!)"
        self.suffix = {b: re.compile(rf"(?<![\w-]){_body_forms(b)}(s?)\b{self.bracketed}") for b in bodies}
        self.prefix = {
            b: re.compile(
                # "youth justice services in Reading": the plural is the report series' own title for one service.
                rf"(?<![\w-]){_body_forms(b)}(?:s(?=\s+(?:in|for)\b))?{self.bracketed}"
                rf"(?:\s+and\s+(?:the\s+)?(?:{any_body})s?{self.bracketed})?"
                r"\s+(?:for|in|of|at|across|covering|serving)\s+(?:the\s+)?(?=[^\W\d_a-z])"
            )
            for b in bodies
            if b.of_area
        }
        self.leads = {
            b: re.compile(
                rf"(?<![\w-])(?:{'|'.join(map(_words, b.leads))})\s+"
                + (rf"(?={_PART}\b)" if b.leads_to_parts else r"(?=[^\W\d_a-z])")
            )
            for b in bodies
            if b.leads
        }

    def found(self, text: str) -> list[tuple[int, int, Body, re.Match[str]]]:
        """Every kind of body spoken of, from left to right; of two at one place the longer."""
        folded = text.casefold()
        found = [
            (m.start(), m.end(), body, m)
            for body, hints in self.hints.items()
            if any(hint in folded for hint in hints)  # the quick question first
            for patterns in (self.suffix, self.prefix, self.leads)
            if body in patterns
            for m in patterns[body].finditer(text)
        ]
        return sorted(found, key=lambda f: (f[0], -f[1]))

    def stands_first(self, body: Body, match: re.Match[str]) -> bool:
        """Whether the match is of words that the name follows."""
        return match.re in (self.prefix.get(body), self.leads.get(body))


@lru_cache(maxsize=32)
def words_of(bodies: tuple[Body, ...]) -> BodyWords:
    """The patterns for these kinds of bodies, made once."""
    return BodyWords(bodies)


class Cast:
    """The providers that a text names, and how to find them again in any part of it."""

    __slots__ = ("_in_heading", "_in_text", "all")

    def __init__(self, all: Iterable[Named], bracketed: str = "") -> None:
        self.all = tuple(all)
        self._in_text = [(named, *_patterns(named, 0, bracketed)) for named in self.all]
        self._in_heading = [(named, *_patterns(named, re.IGNORECASE, bracketed)) for named in self.all]

    def mentions(self, text: str, *, heading: bool = False) -> tuple[NameMention, ...]:
        """Where `text` names a provider, from left to right, without overlaps.

        An area alone counts too ("Bridgend itself"); a heading's capitals are not relied on.
        """
        folded = text.casefold()
        found = [
            NameMention(start=m.start(), end=m.end(), named=named, whole=is_whole)
            for named, whole, area in (self._in_heading if heading else self._in_text)
            if _first_word(named.area) in folded  # the quick question first
            for pattern, is_whole in ((whole, True), (area, False))
            if pattern is not None
            for m in pattern.finditer(text)
        ]
        found.sort(key=lambda m: (m.start, m.start - m.end, not m.whole))
        kept: list[NameMention] = []
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        return tuple(kept)


def _first_word(area: str) -> str:
    return area.split(None, 1)[0].casefold().rstrip(",") if area else ""


def _patterns(
    named: Named, flags: int, bracketed: str
) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """Patterns for the whole name and for its area alone."""
    area = r"\W+".join(
        r"(?:and|&)" if token in {"and", "&"} else re.escape(token)
        for token in re.findall(r"[\w’'./-]+|&", named.area)
    )
    if named.body is None:
        return re.compile(rf"(?<![\w-]){area}(?![\w])", flags), None
    forms, own = _body_forms(named.body), r"(?:['’]s?)?"
    leads = "|".join(map(_words, named.body.leads)) or "(?!)"
    whole = (
        rf"(?<![\w-]){area}{own}\s+{forms}\b{bracketed}"
        rf"|(?<![\w-]){forms}{bracketed}\s+(?:(?:for|in|of|covering|serving)\s+)?(?:the\s+)?{area}(?:\s+division)?(?!\w)"
        rf"|(?<![\w-])(?:{leads})\s+{area}(?!\w)"
    )
    return re.compile(whole, flags), re.compile(rf"(?<![\w-]){area}(?:(?=['’]s)|(?![\w’'-]))", flags)


def cast_of(blocks: Iterable[Block], register: Register, bodies: Iterable[Body]) -> Cast:
    """Who is named in these blocks, of these kinds of bodies or in the register.

    Headings are asked only where the running text names nobody: their capitals say nothing about names.
    """
    words = words_of(tuple(bodies))
    running: list[str] = []
    headings: list[str] = []
    for block in blocks:
        (headings if block.kind is BlockKind.HEADING else running).extend(sentences(block.text))
    named = [*_named_in(running, register, words), *_registered(running + headings, register, words)]
    in_headings = list(_named_in(headings, register, words))
    named += _of_the_place(running, in_headings, named, register, words)
    if not named:
        named = in_headings
    else:
        # A headline shortens: "Cambridgeshire unit" is no other body than the one named in full below.
        longer = " | ".join(normal_name(n.area) for n in named)
        named += [
            n
            for n in in_headings
            if not _is_part_of_country(n.area)
            and normal_name(n.area) not in longer
            and (
                _is_whole_heading(n, headings)
                or (_is_proper(n) and any(_stands_in(n.area, t) for t in running))
            )
        ]
    named = [_spelt_out(n, running, register) for n in named]
    return Cast(_distinct(named, running + headings, register, words), words.bracketed)


def _of_the_place(
    running: Iterable[str],
    in_headings: Iterable[Named],
    named: Iterable[Named],
    register: Register,
    words: BodyWords,
) -> list[Named]:
    """A national body spoken of without an area ("The NPS was ...") in a text about one: that area's part of it."""
    areas = list(dict.fromkeys(n.area for n in in_headings if not _is_part_of_country(n.area)))
    named = list(named)
    if len(areas) != 1 or not named:
        return []
    return [
        _resolved(areas[0], body, register, "")
        for body in words.bodies
        if body.leads_to_parts
        and not any(word in n.name for n in named for word in (*body.names, *body.short))
        and any(
            re.match(rf"The (?:public )?{_body_forms(body)}(?: there)? (?:was|is|has|had)\b", t)
            for t in running
        )
    ]


def _spelt_out(named: Named, running: Iterable[str], register: Register) -> Named:
    """A name whose area is only initials, in full where the text says what they stand for."""
    if named.body is None or not (2 <= len(named.area) <= _MOST_INITIALS and named.area.isupper()):
        return named
    for text in running:
        at = text.find(f" ({named.area})")
        area = _area_before(text, max(0, at - _REACH), at) if at > 0 else ""
        if area:
            return _resolved(area, named.body, register, named.words)
    return named


def _is_whole_heading(named: Named, headings: Iterable[str]) -> bool:
    """Whether a heading is this name and nothing else, or the name and its town."""
    whole = re.compile(
        rf"{re.escape(named.words.format(area=named.area))}(?:, [A-Z][\w' -]{{1,30}})?", re.IGNORECASE
    )
    return bool(named.words) and any(whole.fullmatch(heading.strip()) for heading in headings)


def _is_proper(named: Named) -> bool:
    """Whether the text writes the kind of body as a name's part: not "Fife care home"."""
    kind = named.words.replace("{area}", "").strip()
    return named.body is None or named.body.form is not None or not kind.islower()


def _is_part_of_country(area: str) -> bool:
    """Whether an area is only a part of the country: "South West probation" may be any body there."""
    return _PARTS_OF_COUNTRY.issuperset(normal_name(area).split())


_PARTS_OF_COUNTRY: Final = frozenset(
    "north south east west eastern western northern southern midlands central london wales england of the and".split()
)


def _stands_in(area: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(area)}(?![\w-])", text) is not None


def _distinct(named: Iterable[Named], texts: list[str], register: Register, words: BodyWords) -> list[Named]:
    """Each provider once; a loose name whose area has a proper one is that one.

    Loose names take the one proper kind of body that the text speaks of anywhere ("the unit (PDU)").
    """
    proper = {normal_name(n.name): n for n in named if not n.loose}
    # "A large Midlands probation provider" is no other body than the West Midlands one that has a proper name.
    areas = [f" {normal_name(n.area)} " for n in proper.values()]
    loose = {
        normal_name(n.area): n
        for n in named
        if n.loose and not any(f" {normal_name(n.area)} " in area for area in areas)
    }
    if proper or not loose:
        return [*proper.values(), *loose.values()]
    bodies = [b for b in words.bodies if not b.loose and any(words.suffix[b].search(text) for text in texts)]
    if len(bodies) == 1:
        return [_resolved(n.area, bodies[0], register, n.words) for n in loose.values()]
    return list(loose.values())


def _named_in(texts: Iterable[str], register: Register, words: BodyWords) -> Iterator[Named]:
    for text in texts:
        ends = 0  # of the last name: the next one begins after it
        found = words.found(text)
        for start, stop, body, match in found:
            if start < ends or (body.loose and any(_goes_on(stop, other) for other in found)):
                continue
            leads = match.re is words.leads.get(body)
            area = "" if leads else _area_before(text, max(ends, start - _REACH), start)
            ends = stop
            if not area and words.stands_first(body, match):
                area = _area_after(text, stop)
                ends = stop + len(area)
                yield from (
                    _resolved(area, one, register, "") for one in _others_in(match, body, words) if area
                )
            form = _as_written(match, words.leads.get(body))
            yield from (_resolved(one, body, register, form) for one in _apart(area, body, match))


def _goes_on(stop: int, other: tuple[int, int, Body, re.Match[str]]) -> bool:
    """Whether a surer kind of body follows at once: "Harbour View" of "Harbour View Care Home"."""
    return not other[2].loose and 0 <= other[0] - stop <= 1


def _as_written(match: re.Match[str], leads: re.Pattern[str] | None) -> str:
    """The form of a name as the text has it, `{area}` for its own part."""
    kind = " ".join(match[0].split())
    return f"{kind} {{area}}" if match.re is leads else f"{{area}} {kind}"


def _others_in(match: re.Match[str], body: Body, words: BodyWords) -> list[Body]:
    """The second kind of body of "the CRC and NPS in Cumbria"."""
    return [b for b in words.bodies if b is not body and not b.loose and words.suffix[b].search(match[0])]


def _apart(area: str, body: Body, match: re.Match[str]) -> list[str]:
    """The areas of "Kent and Essex CRCs"; one area where the body is singular, none where it has no area."""
    plural = bool(match.re.groups and match[1])
    if plural and body.form is None and not match[0][0].isupper():
        return []  # "Scottish schools": no school
    parts = re.split(r",\s*(?:and\s+)?|\s+(?:and|&)\s+", area) if plural else [area]
    return [part for part in parts if part]


def _area_before(text: str, start: int, end: int) -> str:
    """The capitalised words between `start` and `end` that lead up to `end`, as the name of an area."""
    stretch = re.sub(r"\s*\([A-Z]{2,6}\)\s*$", "", text[start:end])
    tokens = [(m[0], m.start()) for m in _TOKEN.finditer(stretch)]
    first = len(tokens)
    joined = False  # an "and" came: commas before it part the members of one list
    for i in range(len(tokens) - 1, -1, -1):
        word = tokens[i][0]
        if _is_name(word):
            first = i
        elif not (0 < i < len(tokens) - 1 and _joins(word, tokens[i - 1][0], joined)):
            break
        joined = joined or word in {"and", "&"}
    if first == len(tokens):
        return ""
    led = stretch[: tokens[first][1]].split()[-1:] in _PLACING and tokens[first][0].casefold() in _GRADE_NAMES
    if led and first + 1 < len(tokens):  # "at Good Hope Hospital"
        return f"{tokens[first][0]} {_tidy_area(stretch[tokens[first + 1][1] :])}".strip()
    return _tidy_area(stretch[tokens[first][1] :])


def _area_after(text: str, start: int) -> str:
    """The capitalised words that follow from `start`, as the name of an area."""
    stretch = text[start : start + _REACH]
    tokens = [(m[0], m.end()) for m in _TOKEN.finditer(stretch)]
    end = 0
    for i, (word, stop) in enumerate(tokens):
        following = [token for token, _ in tokens[i + 1 :]]
        if _is_name(word) and word.casefold() not in _NOT_A_NAME:
            end = stop
        elif not (following and _leads_on(word, tokens[i - 1][0] if i else "", following)):
            break
    return _tidy_area(stretch[:end])


def _leads_on(word: str, before: str, following: list[str]) -> bool:
    if word in {"and", "&"}:
        return _is_name(following[0]) or (
            following[0] == "the" and len(following) > 1 and _is_name(following[1])
        )
    if word == ",":  # only within a list that an "and" closes
        names = list(takewhile(lambda token: _is_name(token) or token == ",", following))
        return bool(names) and following[len(names) : len(names) + 1] in (["and"], ["&"])
    return (word == "of" and before.casefold() in _BEFORE_OF) or (word == "the" and before in {"and", "&"})


def _is_name(word: str) -> bool:
    return word[0].isupper()


def _joins(word: str, before: str, joined: bool) -> bool:
    if word == "of":
        return before.casefold() in _BEFORE_OF
    if word == "the":
        return before in {"and", "&"}
    if word == ",":
        return joined and _is_name(before)
    return word in _JOINING and (_is_name(before) or before == ",")


def _tidy_area(stretch: str) -> str:
    """An area without the words that only happen to stand around it."""
    words = stretch.split()
    while words and _is_no_name(words[0]):
        words = words[1:]
    area = re.sub(r"\s*&\s*", " and ", " ".join(words).strip(" ,&."))
    area = _COUNCIL.sub("", re.sub(r"['’]s?$", "", area))
    if not area or not area[0].isupper() or {"Prison", "Prisons"} & set(area.split()):
        return ""
    return "" if normal_name(area) in _NATIONS else area


# The council that runs a youth service is not part of the service's name.
_COUNCIL: Final = re.compile(
    r"(?:\s+(?:City|County|Borough|Metropolitan|District|Unitary))*\s+(?:Council|Authority)$|^(?:London|Royal) Borough of\s+"
)
_NATIONS: Final = frozenset(
    {"england", "england and wales", "britain", "great britain", "uk", "united kingdom", "scotland"}
)


def _is_no_name(word: str) -> bool:
    bare = word.strip(",.'’‘“”\"").casefold()
    is_joining = bare in _JOINING and not word[0].isupper()  # "Y Pant" is a place
    return bare.removesuffix("'s").removesuffix("’s") in _NOT_A_NAME or is_joining or not bare


def _resolved(area: str, body: Body, register: Register, written: str) -> Named:
    """The provider of this area and kind, under the register's name where it knows one."""
    tidy = (body.form or written or f"{{area}} {body.kind}").format(area=area)
    known = _known(area, body, tidy, register)
    full = " ".join(_SHORTENED.get(word.casefold(), word) for word in area.split())
    if known is None and full != area:
        known = _known(full, body, (body.form or written).format(area=full), register)
    return Named(name=known.name if known else tidy, area=area, body=body, words=written)


def _known(area: str, body: Body, tidy: str, register: Register) -> Provider | None:
    for name in (tidy, *(f"{area} {form}" for form in (*body.names, *body.short))):
        known = register.named(name)
        if known is not None:
            return known
    bare = register.named(area)
    return bare if bare is not None and body.kind in re.split(r"\W+", bare.kind) else None


def _registered(texts: Iterable[str], register: Register, words: BodyWords) -> Iterator[Named]:
    """Register names that stand in the texts as they are, for bodies that English gives no sure form.

    A single word is too often a place, and an area's name too often part of a longer one.
    """
    initials = {word.casefold() for body in words.bodies for word in body.short}
    kinds = {body.kind.casefold() for body in words.bodies}
    found: dict[str, Named] = {}
    for normal, provider in register.standing_in(" ".join(texts)):
        sort = set(provider.kind.casefold().split())
        if kinds & sort or normal.rpartition(" ")[2] in initials or provider.id in found:
            continue
        name = next(name for name in provider.names if normal_name(name) == normal)
        found[provider.id] = Named(name=provider.name, area=name, body=None)
    yield from found.values()
