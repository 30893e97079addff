"""Capitalised names without any word for a kind of body, and what the sentence says of them.

"Our House was awarded ..." names the body that was inspected, "Sunny Farm was rated ..." one that the text does not
explain; "Cllr Ann Moor said" and "in Mill Lane" name no body at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from digest.extract.areas import BEHIND_HYPHEN, is_common, is_road, opens, owns
from digest.extract.phrases import made_once
from digest.providers import Words, is_capital, normal_name, sought
from digest.ratings import Inspectorate

_TITLES: Final = frozenset(
    "mr mrs ms miss dr cllr councillor sir dame prof professor lord lady baroness rev mp mep inspector sergeant "
    "superintendent constable headteacher head principal minister secretary".split()
)
_POSTS: Final = frozenset(
    "teacher headteacher head principal manager director inspector commissioner minister secretary leader executive "
    "officer chair chairman chairwoman governor councillor mayor president spokesman spokeswoman spokesperson owner "
    "matron nurse mother father daughter son wife husband resident user founder editor reporter".split()
)
_NO_BODY: Final = frozenset(
    "bbc guardian telegraph times mirror independent gazette herald echo post standard express mail chronicle news "
    "facebook twitter covid covid-19 nhs gcse ofsted cqc estyn hmicfrs hmic ciw hiw rqia cjini hmip hmi hmpps uk "
    "archives register copyright regulated regulation regulations majesty majestys eu brexit christmas easter english maths send ehcp dols pdf url ilacs sif".split()
)
_GENERAL: Final = frozenset(
    "trust council school service services force home homes college academy hospital nursery government county "
    "city authority board report inspectors inspection inspectorate department ministry committee provider company "
    "agency limited ltd plc homes unit region division prison surgery practice group team review framework act court parliament "
    "inspector ombudsman chair europe britain unit units area areas health care education police people children".split()
)
# Last words that only names of bodies have, for all inspectorates.
_INSTITUTIONS: Final = frozenset(
    "hospital hospitals infirmary hospice surgery practice clinic school academy college university institute nursery preschool "
    "playgroup childcare kindergarten montessori home homes house lodge manor prison pdu crc yos yot yjs centre trust council "
    "constabulary police brigade frs training learning skills education limited ltd plc cic llp homecare care group partnership "
    "foundation consortium association federation agency services".split()
)
_INSIDE: Final = frozenset({"of", "and", "the", "for", "de", "la", "le", "upon", "on"})
_PLACING: Final = frozenset("in near from across around outside to throughout within into on at of".split())
# By these, two or three words are somebody's own name.
_GIVEN_NAMES: Final = frozenset(
    "adam alan alex alexander alice alison amanda amy andrew andy angela ann anna anne anthony barbara ben benjamin beth brian carl carol "
    "caroline catherine charles charlotte chris christine christopher claire clare colin craig daniel darren dave david dawn dean deborah "
    "debbie denise derek diane donna duncan elaine elizabeth ellen emily emma fiona frances gareth gary gavin gemma geoff geoffrey george "
    "gillian gordon graham greg hannah harriet harry heather helen ian jack jacqueline jacqui jake james jan jane janet jason jean jeff "
    "jennifer jenny jeremy jessica jill jim joan joanna joanne joe john jon jonathan joseph judith julia julie justin karen kate katherine "
    "kathryn katie keith kelly ken kenneth kerry kevin kim laura lauren leanne lee leon lesley linda lisa liz louise lucy luke lynn lynne "
    "malcolm margaret maria marie mark martin mary matt matthew maureen maxine melanie michael michelle mike mohammed natalie neil nicholas "
    "nick nicola nigel oliver pamela patricia patrick paul paula pauline peter philip phil philippa rachel ray rebecca richard rob robert "
    "robin roger ros rosemary ross russell ruth ryan sally sam samantha samuel sandra sara sarah scott sean sharon shaun sheila shirley simon "
    "sonia sophie stacey stephanie stephen steve steven stuart sue susan suzanne tanya teresa terry theresa thomas tim timothy tina tom tony "
    "tracey tracy trevor valerie vanessa vicky victoria vincent vivienne wendy william yvonne zoe".split()
)
_NATIONS: Final = frozenset("england wales scotland britain ireland northern great uk".split())
_PARTS: Final = frozenset(
    "ward wards wing maternity department emergency unit outpatients".split()
)  # of a body
_SAINTS: Final = frozenset("st saint ss our king queen prince princess bishop archbishop lady duke".split())
_LONGEST: Final = 8  # words
_NEAR: Final = 300  # characters on either side

_SAID_AFTER: Final = re.compile(
    r"^[,)]? ?(?:also |has |had |then )?(?:said|says|added|told|explained|commented|welcomed|called|described|wrote)\b"
)
_POST_AFTER: Final = re.compile(
    r"^, (?:the |its |a |an |who is |of |from )?(?:\w+[ -]){0,4}(?:teacher|head|principal|manager|director|inspector|leader|executive|officer|chair\w*|governor|minister|secretary|commissioner|owner|spokes\w+|member|mp|aged|\d\d)\b",
    re.IGNORECASE,
)
_SPEAKS_FOR: Final = re.compile(r"\b(?:for|from|of|at) (?:the )?$")
_ASIDE: Final = r"\*?(?:,? (?:in|near|at|on|of|based in) [^,.;:]{1,60},?|(?:, (?:[^,.;:]|(?<=\d)[,.](?=\d)){1,90}){1,2},| \([^)]{1,60}\),?)?"
_ADVERBS: Final = r"(?:(?:now|also|just|again|recently|previously|first|since|only|narrowly|officially|once|still|subsequently|later|then|therefore|duly|today|yesterday|finally|proudly) ){0,3}"
_GIVEN: Final = (
    r"(?:(?:re)?rated|judged|graded|awarded|given|handed|inspected|deemed|branded|downgraded|upgraded|ranked|visited|praised|"
    r"criticised|condemned|hit with|slapped with|dealt|marked|classed|labelled|commended|slammed|blasted|placed (?:in|into)|put (?:in|into)|found to|told (?:it|to|that)|celebrating|scored)"
)
_TAKEN: Final = (
    r"(?:receive[sd]?|earn(?:s|ed)|gets?|got|gain(?:s|ed)|achieve[sd]?|retain(?:s|ed)|maintain(?:s|ed)|keeps?|kept|sees its|saw its|had its (?=\w* ?(?:rating|grade))|boosted its|improved its|lifted its|rais(?:es|ed) its|slip(?:s|ped)|drop(?:s|ped)|"
    r"score[sd]|secure[sd]?|los(?:es|t)|celebrates?|fail(?:s|ed)|requires improvement)"
)
_ACT_AFTER: Final = re.compile(
    rf"^{_ASIDE} {_ADVERBS}(?:(?:(?:has|have|had) {_ADVERBS}been|was|were|is|are|is being) {_ADVERBS}{_GIVEN}\b"
    rf"|(?:(?:has|have|had) {_ADVERBS})?{_TAKEN}\b"
    r"|(?:back )?(?:in|into) special measures\b"
    r"|(?:was|were|is) (?:the|one of the|among the) [^.;]{1,60} to (?:be (?:rated|judged|graded)|come out with|get|receive|earn|secure|achieve)\b"
    rf"|{_GIVEN}(?= (?:as|by|at|to|from)\b| ?[‘'\"“]|$| (?:good|outstanding|inadequate|excellent|poor|requires|a )))"
)
_ACT_BEFORE: Final = re.compile(
    r"\b(?:inspectors?|inspected|inspections? (?:of|at|on|to|for|into)|inspectors (?:at|found|told|rated|say|said|judged)|visited|visits? (?:to|at)|went (?:in)?to|report (?:on|into|about)|rated|"
    r"downgraded|upgraded|praised|criticised|condemned|awarded|rating (?:for|of|to)|judged|(?:action|concerns|failings|improvements?) (?:at|against)) (?:the )?$",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(
    r"^,? (?:in|on|at) (?:[A-Z][\w'’-]* ){1,3}(?:Road|Street|Lane|Avenue|Close|Drive|Way|Crescent|Terrace|Place|Square|Gardens|Hill|Row)\b"
)
_INSPECTING: Final = re.compile(
    r"\b(?:rat(?:ed|es|ing|ings)|inspect\w*|ofsted|cqc|estyn|hmicfrs|care quality commission|care inspectorate|special measures|"
    r"watchdogs?|regulator|grad(?:ed?s?|ings?)|judged|\d out of \d|\d/\d)\b",
    re.IGNORECASE,
)
POSTCODE: Final = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")


@dataclass(frozen=True, slots=True)
class Stranger:
    first: int
    last: int  # the word behind it
    person: bool = False
    place: bool = False


class Strangers:
    """Tells capitalised names from the words that only look like them, in one text."""

    __slots__ = ("_general", "_known", "_lower", "_people", "_proper")

    def __init__(self, judge: Inspectorate | None, others: Iterable[str]) -> None:
        self._known = _own_words(judge) if judge else frozenset()
        self._general = _general(tuple(others))
        self._lower: set[str] = set()  # words that the text also writes small
        self._proper: set[str] = set()  # words that it writes with a capital where nothing else calls for one
        self._people: set[str] = set()

    def learn(self, words: Words) -> None:
        """Takes in a running sentence, for what its capitals tell of other sentences."""
        plain = words.plain
        self._lower.update(plain[i] for i, word in enumerate(words.written) if word[0].islower())
        for i in words.capitals:
            if plain[i] not in self._proper and words.written[i][0].isupper() and not opens(words, i):
                self._proper.add(plain[i])
        for one in self.found(words, (), least=2):
            if one.person:
                self._people.add(" ".join(words.plain[one.first : one.last]))

    def found(self, words: Words, taken: Collection[int], *, least: int = 1) -> Iterator[Stranger]:
        """Every capitalised name outside the words that are `taken`, of so many words at the least."""
        low = 0
        for i in words.capitals:
            if i < low or i in taken:
                continue
            low = self._run(words, i, taken)
            one = self._stranger(words, i, low) if low - i >= least else None
            if one is not None:
                yield one

    def _run(self, words: Words, first: int, taken: Collection[int]) -> int:
        last = first + 1
        for i in range(last, min(len(words), first + _LONGEST)):
            if i in taken or (owns(words.written[i - 1]) and not self._of_a_saint(words, first, i)):
                break
            gap = words.gap(i).strip()
            if gap not in {"", "-", "&", "."} or (gap == "." and len(words.written[i - 1]) > 2):
                break
            if is_capital(words.written[i]) or (words.written[i].isdigit() and last == i and not gap):
                last = i + 1
            elif words.plain[i] not in _INSIDE and gap != "-":
                break
        return last

    @staticmethod
    def _of_a_saint(words: Words, first: int, i: int) -> bool:
        """Whether the owner before word `i` begins a name: "St Bride's Hospital", not "Kent's Police"."""
        before = words.plain[i - 2] if i - 2 >= first else ""
        return before in _SAINTS and words.written[i][0].isupper()

    def _stranger(self, words: Words, first: int, last: int) -> Stranger | None:
        begins = opens(words, first)
        whole = words.plain[first:last]
        hyphened = any(
            words.plain[i] in BEHIND_HYPHEN and words.gap(i) == "-" for i in range(first + 1, last)
        )
        led = (
            first if not hyphened and self._could_name(words, first, last) else self._led(words, first, last)
        )
        if led >= last:
            return None
        plain = words.plain[led:last]
        if owns(words.written[last - 1]):
            plain[-1] = sought(words.written[last - 1][:-2])
        if all(word.isdigit() or len(word) == 1 for word in plain) or _TITLES.issuperset(plain):
            return None
        if (
            set(plain) & _NO_BODY
            or " ".join(plain) in self._known
            or " ".join(whole) in self._known
            or self._general.issuperset(plain)
            or _NATIONS.issuperset(plain)
            or ("act" in plain and plain[-1].isdigit())
            or any(
                name in f" {' '.join(plain)} " for name in (" care quality commission ", " inspectorate of ")
            )
        ):
            return None
        if last - led == 1 and begins and plain[0] not in self._proper:
            return None  # "Staff were"
        text = words.text
        before, after = (
            text[max(0, words.starts[led] - 60) : words.starts[led]],
            text[words.ends[last - 1] : words.ends[last - 1] + 120],
        )
        if self._is_person(words, led, last, before, after):
            return Stranger(led, last, person=True)
        beside = (  # "HMP Bronzefield, Surrey"
            led > 0
            and words.gap(led).strip() == ","
            and is_capital(words.written[led - 1])
            and not is_common(words.plain[led - 1])
        )
        road = beside or (
            is_road(plain[-1]) and led > 0 and words.plain[led - 1] in _PLACING and last - led > 1
        )
        if road or (
            led > 0 and words.plain[led - 1] in _PLACING and not words.gap(led).strip() and last - led <= 3
        ):
            return Stranger(led, last, place=True)
        return Stranger(led, last)

    def _led(self, words: Words, first: int, last: int) -> int:
        """The first word that belongs to the name: behind "The", and behind a sentence's first word."""
        based = [i for i in range(first + 1, last) if words.plain[i] in BEHIND_HYPHEN and words.gap(i) == "-"]
        led = based[-1] + 1 if based else first  # "Harrow-based Academy Training Group"
        while led < last and is_common(words.plain[led]) and words.plain[led] not in _TITLES:
            led += 1
        starts = opens(words, first) and led == first and last - led > 1
        if starts and words.plain[led] in self._lower and words.plain[led] not in self._proper | _TITLES:
            return led + 1
        return led

    def _could_name(self, words: Words, first: int, last: int) -> bool:
        """Whether "Our House" or "The Willows" is a name: capitals not called for, or the subject of an act."""
        if words.plain[first] not in {"our", "the", "new", "all", "first", "good"} or last - first < 2:
            return False
        if self._general.issuperset(words.plain[first + 1 : last]) and words.plain[first] != "our":
            return False
        if not opens(words, first) and words.written[first][0].isupper():
            return True
        return bool(_ACT_AFTER.search(words.text[words.ends[last - 1] : words.ends[last - 1] + 160]))

    def _is_person(self, words: Words, first: int, last: int, before: str, after: str) -> bool:
        plain = words.plain[first:last]
        if plain[0] in _TITLES or " ".join(plain) in self._people:
            return True
        if not 2 <= last - first <= 3 or not all(word.isalpha() for word in plain):
            return False
        if not self._general.isdisjoint(plain) or _SPEAKS_FOR.search(before):
            return False
        post = first > 0 and words.plain[first - 1] in _POSTS and words.gap(first).strip() in {"", ","}
        return post or bool(_SAID_AFTER.search(after) or _POST_AFTER.search(after))

    def inspected(self, words: Words, one: Stranger, *, alone: bool) -> bool:
        """Whether the sentence says that a stranger was rated or inspected. `alone`: no other body is named."""
        start, end = words.starts[one.first], words.ends[one.last - 1]
        plain = words.plain[one.first : one.last]
        if not _PARTS.isdisjoint(plain) or (
            2 <= len(plain) <= 3 and plain[0] in _GIVEN_NAMES and not is_institution(plain)
        ):
            return False
        if one.person or not _INSPECTING.search(words.text, max(0, start - _NEAR), end + _NEAR):
            return False
        before = words.text[max(0, words.starts[one.first] - 60) : words.starts[one.first]]
        after = words.text[words.ends[one.last - 1] : words.ends[one.last - 1] + 160]
        single = one.last - one.first == 1
        if is_placed(words, one.first, one.last):
            return False
        if not one.place and _ACT_AFTER.search(after):
            return not single or words.plain[one.first] in self._proper
        met = bool(_ACT_BEFORE.search(before)) and (
            not one.place or before.rstrip().endswith((" to", " of", " at", " on"))
        )
        return met and (bool(_ADDRESS.search(after)) or (alone and not one.place and not single))

    def could_be(self, words: Words) -> bool:
        """Whether words are a name, and not only the judge's, a person's or a body's in general."""
        if "(" in words.text:
            words = Words(" ".join(re.sub(r"\([^)]{0,60}\)", " ", words.text).split()))
        found = list(self.found(words, ()))
        return (
            bool(words.plain)
            and not (self._general | self._lower).issuperset(words.plain)
            and not self._general.issuperset(words.plain)
            and (len(words) == 1 or any(one.last == len(words) and not one.person for one in found))
        )


# "A provider covering South Oxfordshire was rated": a place.
_PLACED: Final = re.compile(
    r"\b(?:in|covering|across|serving|around|near|from|throughout|within|over) (?:the )?$"
)
# "The Isle of Wight childminder was rated": a place, and what is there.
_DESCRIBES: Final = re.compile(
    r"^ (?:childminder|nursery|pre-?school|school|academy|college|care home|nursing home|home|hospital|surgery|practice|prison|jail|agency|provider|trust|council|unit)s?\b"
)


def is_placed(words: Words, first: int, last: int) -> bool:
    """Whether words stand for the place of somebody: "across the Thames Valley", "Isle of Wight childminder"."""
    start, end = words.starts[first], words.ends[last - 1]
    return bool(
        _PLACED.search(words.text[max(0, start - 60) : start]) or _DESCRIBES.match(words.text[end : end + 60])
    )


def is_institution(plain: Sequence[str]) -> bool:
    """Whether a name ends like a body's: "Grimsby Institute Group"."""
    return len(plain) > 1 and plain[-1] in _INSTITUTIONS


def tells_inspection(text: str, start: int, end: int) -> bool:
    """Whether the words around a name say that it was rated or inspected."""
    return is_rated(text, end) or bool(_ACT_BEFORE.search(text[max(0, start - 60) : start]))


def is_rated(text: str, end: int) -> bool:
    """Whether the words behind `end` say that the name before them was rated or inspected."""
    return bool(_ACT_AFTER.search(text[end : end + 160]))


@lru_cache(maxsize=64)
def _general(names: tuple[str, ...]) -> frozenset[str]:
    """Words that name nobody by themselves, those of kinds of bodies among them."""
    forms = (form for name in names for form in (name, f"{name}s"))
    return _GENERAL.union(word for form in forms for word in normal_name(form).split())


@made_once
def _own_words(judge: Inspectorate) -> frozenset[str]:
    """The words of an inspectorate's own that stand with capitals: its names, grades, aspects and standings."""
    words = [judge.name, *judge.aliases, *judge.statuses]
    for scale in judge.scales:
        words += [word for grade in scale.grades for word in (grade.name, *grade.aliases)]
        words += [word for aspect in scale.aspects for word in (aspect.name, *aspect.aliases)]
    return frozenset(map(normal_name, words))
