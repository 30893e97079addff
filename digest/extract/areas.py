"""Areas: the capitalised words before or after a kind of body, as the name of where it works."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final

from digest.providers import normal_name

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
# The council that runs a youth service is not part of the service's name.
_COUNCIL: Final = re.compile(
    r"(?:\s+(?:City|County|Borough|Metropolitan|District|Unitary))*\s+(?:Council|Authority)$|^(?:London|Royal) Borough of\s+"
)
_NATIONS: Final = frozenset(
    {"england", "england and wales", "britain", "great britain", "uk", "united kingdom", "scotland"}
)
_PARTS_OF_COUNTRY: Final = frozenset(
    "north south east west eastern western northern southern midlands central london wales england of the and".split()
)
REACH: Final = 160  # characters; the longest names of merged areas have about 80


def area_before(text: str, start: int, end: int) -> str:
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


def area_after(text: str, start: int) -> str:
    """The capitalised words that follow from `start`, as the name of an area."""
    stretch = text[start : start + REACH]
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


def _is_no_name(word: str) -> bool:
    bare = word.strip(",.'’‘“”\"").casefold()
    is_joining = bare in _JOINING and not word[0].isupper()  # "Y Pant" is a place
    return bare.removesuffix("'s").removesuffix("’s") in _NOT_A_NAME or is_joining or not bare


def is_part_of_country(area: str) -> bool:
    """Whether an area is only a part of the country: "South West probation" may be any body there."""
    return _PARTS_OF_COUNTRY.issuperset(normal_name(area).split())
