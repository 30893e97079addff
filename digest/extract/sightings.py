"""Finds words in a sentence that look like a body's name, before we know which body is meant.

"Kent, Surrey and Sussex CRC", "youth justice service for South Tees", "HMPs Lewes and Ford" are names;
"a Kent care home" and "the Acme-owned CRC" only describe.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from digest.extract.areas import BEHIND_HYPHEN, area_of, is_road, owns, run_after, run_before
from digest.extract.bodies import KindMention
from digest.providers import Words, is_capital, normal_name
from digest.ratings import Body

_HOUSES: Final = frozenset("house lodge manor hall hospital prison college school".split())
_DOCTORS: Final = re.compile(r"\b(?:Drs?|Doctors?) (?:[A-Z][\w'’.-]*,? |and |& ){1,8}\($")
_LONGEST_DOCTORS: Final = 90  # characters
_PREPOSITIONS: Final = frozenset({"for", "in", "of", "at", "across", "covering", "serving"})
_DESCRIBING: Final = frozenset(
    "a an another one this every some two three four five six first second third no "
    "failing troubled struggling".split()
)
_PRICE: Final = 4  # words
_ARTICLES: Final = frozenset({"a", "an", "another", "first", "second", "third"})
# "Oak House Limited", "Kent Police Federation", "World Hospice Day": the last word makes it something else.
_COMPANIES: Final = frozenset(
    "limited ltd plc llp group holdings trustees federation association commissioner commissioners day week month act "
    "premium survey index guide league fund awards alliance authority ombudsman officers union".split()
)
_BEHIND_POLICE: Final = ("and", "crime")  # "Kent Police and Crime Commissioner"
_COURTS: Final = frozenset(
    "crown magistrates county high supreme youth family coroners central criminal appeal".split()
)
# Words that continue a name after its kind: "College Surgery Partnership", "The Oldham Academy North".
_GOING_ON: Final = frozenset("partnership branch campus site class wing federation".split())
_SIDES: Final = frozenset("north south east west central".split())
_FOR_WHOM: Final = re.compile(
    r" for (?:the )?(?:Deaf|Blind|Girls|Boys|Autism|Autistic|Performing|Science|Sciences|Creative|Digital|Gifted|Children|Young|Music|Drama|Dance)\b"
    r"(?: (?:and |& )?(?:Deaf|Blind|Girls|Boys|Arts|Education|Children|People|Industries|Technology|Technologies|Engineering|Media))*"
)
_APART: Final = re.compile(r",\s*(?:and\s+|&\s+)?|\s+(?:and|&)\s+")
_FOLLOWED_BY_NAME: Final = frozenset({"academy", "hospital"})
_MOST_BETWEEN: Final = (
    3  # words between two kinds in one name: "Academy Church of England Primary School" is rarer
)
_LONGEST_NAME: Final = 24  # words; the longest names of merged areas have about 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Words that name or describe one body."""

    start: int
    end: int
    area: str  # empty where there is none
    body: Body
    written: str = ""  # the form of the name, "{area} CRC"; empty: use the body's own form
    describes: bool = False  # it is a description, not a name
    lower: bool = False  # the kind is written as a common noun: "Fernbank care home"
    known: str = ""  # the register's name that stands in the same place, in normal form
    alias: str = ""  # its other name, with initials in brackets: "DIOC CRC"


def sightings(words: Words, kinds: Sequence[KindMention], *, heading: bool) -> list[Sighting]:
    """The bodies that these words name or describe, from left to right."""
    found: list[Sighting] = []
    low = 0
    for at, kind in enumerate(kinds):
        if kind.first < low or _goes_on(words, kind, kinds[at + 1 :]):
            continue
        new, taken = _around(words, kinds, at, low, heading=heading)
        found += new
        low = max(low, taken)
    return found


def _goes_on(words: Words, kind: KindMention, following: Sequence[KindMention]) -> bool:
    """Whether a kind of body is within a longer name: "Great Smeaton Academy Primary School"."""
    if kind.leads or not following or kind.body.form is not None:
        return False
    after = following[0]
    if after.body.form is not None or after.leads or after.first - kind.last > _MOST_BETWEEN:
        return False
    if owns(words.written[kind.bare - 1]):  # "Leeds City Council's children's services"
        return after.first == kind.bare and kind.body.loose
    between = range(kind.last, after.first)
    return (
        kind.capital
        and after.capital
        and kind.bare == kind.last
        and all(is_capital(words.written[i]) or words.plain[i] in {"of", "and"} for i in between)
        and (not between or words.plain[between[0]] != "and" or kind.body == after.body)
        and all(not words.gap(i).strip(" ()/") for i in (*between, after.first))
        and not (between and words.plain[between[0]] == "and")
    )


def _around(
    words: Words, kinds: Sequence[KindMention], at: int, low: int, *, heading: bool
) -> tuple[list[Sighting], int]:
    """The names around one kind of body, and the index of the first word after them."""
    kind = kinds[at]
    if kind.leads:
        return _led(words, kinds, at)
    earliest = max(low, kind.first - _LONGEST_NAME)
    first = run_before(words, kind.first, earliest, kind.body, plural=kind.plural, heading=heading)
    if first < kind.first or _hyphened(words, kind, low):
        return _ended(words, kind, first, low, heading=heading)
    return _introduced(words, kinds, at)


def _hyphened(words: Words, kind: KindMention, low: int) -> bool:
    return (
        kind.first - 1 > low
        and words.plain[kind.first - 1] in BEHIND_HYPHEN
        and words.gap(kind.first - 1) == "-"
    )


def _ended(
    words: Words, kind: KindMention, first: int, low: int, *, heading: bool
) -> tuple[list[Sighting], int]:
    """Names that stand before their kind: "Kent CRC", "Kent and Essex CRCs"."""
    if _hyphened(words, kind, low):
        if _is_company(words, kind):
            return [], kind.last  # "Harrow-based Academy Training Group"
        return [_descriptor(words, max(low, kind.first - 2), kind, "")], kind.last
    first = _behind_another(words, first, kind)
    area = area_of(words, first, kind.first, kind.body)
    if not area or _is_else(words, kind, area):
        return [], kind.last
    lower = not kind.capital and not _is_written_small(kind.body)
    if _only_describes(words, kind, first, area, lower=lower):
        return [_descriptor(words, first, kind, area)], kind.last
    last = _trailing(words, kind, heading=heading)
    if kind.plural:
        written = "" if kind.body.form else f"{{area}} {_singular(_form(words, kind, last))}"
        start, end = words.starts[first], _end(words, last)
        return list(_each(words, start, end, area, kind.body, written=written, lower=lower)), last
    return [_one(words, kind, first, last, area, lower=lower)], last


def _only_describes(words: Words, kind: KindMention, first: int, area: str, *, lower: bool) -> bool:
    """Whether the words are no name: "a Kent care home", "Sodexo's CRCs", "Scottish schools"."""
    before = words.plain[first - 1] if first else ""
    describing = _DESCRIBING if not kind.capital else _ARTICLES
    if before in describing and not (kind.plural and kind.capital) and not words.gap(first).strip():
        return True
    if not kind.capital and _of_a_price(words, first):
        return True
    if not kind.plural:
        return False
    several = kind.body.form is None and lower and not _lists(area)
    return several or owns(words.written[kind.first - 1])


def _of_a_price(words: Words, first: int) -> bool:
    """Whether a price or a size and an article stand before a word: "a £7.6 million Mearns care home"."""
    i = first - 1
    while (
        i >= 0
        and first - i <= _PRICE
        and (words.written[i][0].isdigit() or words.plain[i] in {"million", "m", "bed", "bedded"})
    ):
        i -= 1
    return 0 <= i < first - 1 and words.plain[i] in _ARTICLES


def _one(words: Words, kind: KindMention, first: int, last: int, area: str, *, lower: bool) -> Sighting:
    """The one body that is named, with the doctors that go before it."""
    end = _end(words, last)
    alias = _alias(kind, area)
    written = f"{{area}} {_form(words, kind, last)}"
    if led := _of_doctors(words, first, end):
        first, area, written = led[0], led[1] + area, f"{written})"
        end += words.text[end - 1] != ")"
    return Sighting(
        start=words.starts[first],
        end=end,
        area=area,
        body=kind.body,
        written=written,
        lower=lower,
        alias=alias,
    )


def _form(words: Words, kind: KindMention, last: int) -> str:
    """The words for a kind of body as the text has them, with the words that continue the name."""
    form = " ".join(words.text[words.starts[kind.first] : words.ends[kind.bare - 1]].split())
    form = re.sub(r"['’]s$", "", form) if owns(words.written[kind.bare - 1]) else form
    if last > kind.last:
        form += words.text[words.ends[kind.bare - 1] : words.ends[last - 1]]
    return form


def _behind_another(words: Words, first: int, kind: KindMention) -> int:
    """Where a name begins after another one: "Ash House and Hydebank Wood Secure College".

    The same after another's town: "the Acorn Centre in Shrewsbury and St George's Hospital".
    """
    its_town = first > 1 and words.plain[first - 1] == "in" and is_capital(words.written[first - 2])
    for i in range(first + 1, kind.first - 1):
        if (
            words.plain[i] == "and"
            and (its_town or words.plain[i - 1] in _HOUSES)
            and kind.body.form is None
            and not kind.plural
        ):
            return i + 1
    return first


def _is_written_small(body: Body) -> bool:
    """Whether a kind of body is no more than a common noun, as in "Leeds children's services"."""
    return body.form is None and not body.capitals and bool(body.names) and body.names[0][0].islower()


def _of_doctors(words: Words, first: int, end: int) -> tuple[int, str] | None:
    """Doctors before a practice's name, "Dr Ann Moor (Ashover Surgery)": where they begin, and their text."""
    start = words.starts[first]
    if words.text[start - 1 : start] != "(" or ")" not in words.text[end - 1 : end + 1]:
        return None
    found = _DOCTORS.search(words.text, max(0, start - _LONGEST_DOCTORS), start)
    return (bisect_left(words.starts, found.start()), found[0]) if found else None


def _is_company(words: Words, kind: KindMention) -> bool:
    for last in range(kind.last, min(len(words), kind.last + _MOST_BETWEEN)):
        if words.gap(last).strip() or not words.written[last][0].isupper() or owns(words.written[last - 1]):
            return False
        if words.plain[last] in _COMPANIES:
            return True
    return False


def _lists(area: str) -> bool:
    return _APART.search(area) is not None


def _singular(form: str) -> str:
    return re.sub(r"ie$", "y", re.sub(r"s$", "", form))


def _alias(kind: KindMention, area: str) -> str:
    """Its other name: "DIOC" of "(DIOC CRC)", "CYJS" after "Cardiff Youth Justice Service"."""
    before, _, last = kind.bracketed.rpartition(" ")
    if before or not last or last in kind.body.short or last.rstrip("s") in kind.body.short:
        return before
    initials = "".join(word[0] for word in normal_name(f"{area} {kind.plain}").split()).upper()
    return last if last[0] == initials[0] and _in_order(last, initials) else ""


def _in_order(letters: str, others: str) -> bool:
    left = iter(others)
    return all(letter in left for letter in letters)


def _each(
    words: Words, start: int, end: int, area: str, body: Body, *, written: str, lower: bool = False
) -> Iterator[Sighting]:
    """The names in a list, each with its own position; the last one ends where the list does."""
    at = start
    parts = [part for part in _APART.split(area) if part]
    for n, part in enumerate(parts):
        found = words.text.find(part, at, end)
        begin = found if found >= 0 else at
        stop = end if n + 1 == len(parts) else begin + len(part)
        yield Sighting(
            start=start if n == 0 else begin, end=stop, area=part, body=body, written=written, lower=lower
        )
        at = stop


def _descriptor(words: Words, first: int, kind: KindMention, area: str) -> Sighting:
    return Sighting(
        start=words.starts[first], end=_end(words, kind.last), area=area, body=kind.body, describes=True,
        lower=not kind.capital,
    )  # fmt: skip


def _end(words: Words, last: int) -> int:
    """The end of the word before `last`, including a closing bracket after it."""
    end = words.ends[last - 1]
    closing = re.match(r"\*?\)", words.text[end : end + 2])
    opened = "(" in words.text[words.starts[max(0, last - 4)] : end]
    if closing and opened:
        return end + closing.end()
    return end - 2 if owns(words.written[last - 1]) else end


def _is_else(words: Words, kind: KindMention, area: str) -> bool:
    """Not such a body: "Leeds Crown Court", "Kent Police and Crime Commissioner"."""
    kinds = words.plain[kind.first : kind.bare]
    if not kind.capital and words.plain[kind.first - 1] == "the":
        return True  # "... at George Heriots The nursery was", where a full stop is missing
    several = kind.plural and kind.capital and kind.body.form is None and not _lists(area)
    if several or _is_company(words, kind):
        return True  # "Oak House Limited", "East Kent Hospitals"
    if kinds == ["court"]:
        return normal_name(area).split()[-1] in _COURTS
    if kinds[-1] == "police" and tuple(words.plain[kind.last : kind.last + 2]) == _BEHIND_POLICE:
        return True
    if kinds == ["prison"] and list(words.plain[kind.last : kind.last + 3]) == [
        "and",
        "probation",
        "service",
    ]:
        return True
    return kinds == ["prison"] and words.plain[kind.last : kind.last + 1] in (["service"], ["officers"])


def _trailing(words: Words, kind: KindMention, *, heading: bool) -> int:
    """The first word after a name that continues after its kind: "Oasis Academy: Brightstowe"."""
    if (further := _going_on(words, kind)) > kind.last:
        return further
    if (
        words.plain[kind.bare - 1] not in _FOLLOWED_BY_NAME
        or kind.plural
        or kind.last != kind.bare
        or heading
    ):
        return kind.last
    if kind.last >= len(words) or words.gap(kind.last).strip() not in {"", ":"}:
        return kind.last
    if words.plain[kind.last] in {"and", "in", "for", "of"} and words.plain[kind.bare - 1] != "academy":
        return kind.last
    last = run_after(words, kind.last, min(len(words), kind.last + 3))
    goes_on = last < len(words) and is_capital(words.written[last]) and not words.gap(last).strip()
    if last == kind.last or goes_on or any(is_road(words.plain[i]) for i in range(kind.last, last)):
        return kind.last
    if words.gap(kind.last).strip() == ":" and (last == len(words) or not words.written[last][0].islower()):
        return kind.last
    return last


def _going_on(words: Words, kind: KindMention) -> int:
    """The first word after the part of a name that follows its kind, whatever comes next."""
    last = kind.last
    if kind.body.form is not None or kind.plural or last != kind.bare or not kind.capital:
        return last
    if owns(words.written[last - 1]) or kind.body.kind == "council":
        return last
    if found := _FOR_WHOM.match(words.text, words.ends[last - 1]):
        return bisect_left(words.starts, found.end())
    while last < len(words) and not words.gap(last).strip():
        word, plain = words.written[last], words.plain[last]
        if not word[0].isupper() or not (plain in _GOING_ON or (plain in _SIDES and _ends(words, last))):
            break
        last += 1
    return last


def _ends(words: Words, i: int) -> bool:
    """Whether no capitalised word follows this one."""
    return i + 1 >= len(words) or bool(words.gap(i + 1).strip()) or not is_capital(words.written[i + 1])


def _led(words: Words, kinds: Sequence[KindMention], at: int) -> tuple[list[Sighting], int]:
    """Names that come after their kind: "HMP Leeds", "HMPs Lewes and Ford", "NPS Wales"."""
    kind = kinds[at]
    after = kinds[at + 1] if at + 1 < len(kinds) else None
    stop = after.first if after else len(words)
    last = run_after(words, kind.last, min(stop, kind.last + _LONGEST_NAME), several=kind.plural)
    if last == kind.last:
        return [], kind.last
    joined = (
        after is not None and last == after.first and not after.leads and not words.gap(after.first).strip()
    )
    end = after.last if joined and after else last
    body = after.body if joined and after and (after.body.form or not kind.body.form) else kind.body
    area = area_of(words, kind.last, last, body)
    if not area:
        return [], last
    stretch = _end(words, end)
    if kind.plural:
        lead = words.text[words.starts[kind.first] : words.ends[kind.bare - 1]].rstrip("s")
        return list(
            _each(words, words.starts[kind.first], stretch, area, body, written=f"{lead} {{area}}")
        ), end
    lead = " ".join(words.text[words.starts[kind.first] : words.ends[kind.bare - 1]].split())
    tail = words.text[words.ends[last - 1] : words.ends[after.bare - 1]] if joined and after else ""
    tail = " ".join(tail.split())
    area = area[:-2] if owns(area) else area
    written = f"{lead} {{area}} {tail}".strip()
    return [Sighting(start=words.starts[kind.first], end=stretch, area=area, body=body, written=written)], end


def _introduced(words: Words, kinds: Sequence[KindMention], at: int) -> tuple[list[Sighting], int]:
    """Names that follow "in" or "for": "youth justice service for South Tees", "the CRC and NPS in Cumbria"."""
    group = [kinds[at]]
    for other in kinds[at + 1 :]:
        between = {words.plain[i] for i in range(group[-1].last, other.first)}
        if not between <= {"and", "or", "the"} or not between & {"and", "or"}:
            break
        group.append(other)
    end = group[-1].last
    either = len(group) > 1 and "or" in words.plain[group[0].first : end]
    bodies = list(dict.fromkeys(kind.body for kind in group if kind.body.of_area))
    gap = words.gap(end).strip(" *)") if end < len(words) else "."
    if not bodies or end >= len(words) or words.plain[end] not in _PREPOSITIONS or gap not in {"", ","}:
        return [], kinds[at].last
    if gap == "," and not either:
        return [], kinds[at].last
    begin = end + 1
    both = begin < len(words) and words.plain[begin] == "both"
    begin += both
    begin += begin < len(words) and words.written[begin] == "the"
    last = run_after(words, begin, min(len(words), begin + _LONGEST_NAME)) if begin < len(words) else begin
    first_body = next((body for body in bodies if not body.loose), bodies[0]) if either else bodies[0]
    area = area_of(words, begin, last, first_body)
    if not area:
        return [], kinds[at].last
    start, stop = words.starts[kinds[at].first], words.ends[last - 1]
    stop = stop - 2 if owns(words.written[last - 1]) else stop
    if both:
        return list(_each(words, start, stop, area, first_body, written="")), last
    if either or len(bodies) == 1:
        return [Sighting(start=start, end=stop, area=area, body=first_body)], last
    found, edge = [], start
    for n, kind in enumerate(group):
        edge_end = stop if n + 1 == len(group) else words.ends[kind.last - 1]
        found.append(
            Sighting(start=max(edge, words.starts[kind.first]), end=edge_end, area=area, body=kind.body)
        )
        edge = edge_end
    return found, last
