"""The words of labels and grades as tokens: their patterns, dates among them, and marks in cells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from digest.extract.aspects import comparable
from digest.extract.dates import MONTH, date_parts
from digest.extract.labels import Moment
from digest.extract.phrases import options

_DATE: Final = (
    rf"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:\d{{1,2}}(?:st|nd|rd|th)? ?(?:–|and|to|&) ?)?"
    rf"(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? )?(?P<m1>{MONTH})\.?,? (?P<y1>(?:19|20)\d\d)(?!\d)"
    rf"|(?P<y2>(?:19|20)\d\d) (?P<m2>\d\d) (?P<d2>\d\d)(?!\d)"  # a day's hyphens are blanks by now
    rf"|(?P<d3>\d{{1,2}})[/.](?P<m3>\d{{1,2}})[/.](?P<y3>(?:19|20)\d\d)(?!\d)"
    rf"|(?P<y4>(?:19|20)\d\d)(?:[/–]\d{{2,4}})?(?![\d/])"
)
_FORMER: Final = (
    r"(?:previous(?:ly)?|former(?:ly)?|prior|last|earlier|before|old|historic(?:al)?|archived?|(?<=\()was)"
)
_CURRENT: Final = r"(?:this time|this|current(?:ly)?|latest|now|new|newest|today|most recent|recent)"
_NONE: Final = (
    r"(?:not previously inspected(?: as an? [a-z]+)?|not (?:yet )?(?:rated|graded|judged|inspected|assessed|applicable|evaluated)|no (?:rating|grade|judgement)"
    r"(?: given| yet)?|insufficient evidence(?: to rate)?|inspected but not rated|n/a|none|–|—)"
)
_WHOLE: Final = (
    r"(?:overall(?: (?:trust|hospital|location|service|provider|quality))?(?: (?:effectiveness|experiences? and progress(?: of (?:children|learners)"
    r"(?: and young people)?)?))?"
    r"(?: (?:quality|inspection|ratings?|grades?|judge?ment|outcome|result|score))*"
    r"|trust overall|(?:service|location|hospital) overall|overall for (?:the|this) (?:service|trust|location|provider)"
    r"|quality and standards of the early years provision"
    r"|(?:headline|summary) (?:rating|grade|judge?ment))"
)
_GENERAL: Final = (
    r"(?:rating|grade|judge?ment|evaluation|(?:inspection|quality|service) (?:rating|grade|judge?ment|outcome|result)"
    r"|inspection|outcome)"
)
RATING_WORDS: Final = re.compile(
    r"\b(?:ratings?|grades?|judge?ments?|evaluations?|rated|graded|scores?|outcomes?|results?)\b"
)
_FILLER: Final = (
    r"(?:ratings?|grades?|graded|rated|judge?ments?|evaluations?|evaluated as|inspections?|inspected|reports?|published|"
    r"assessments?|outcomes?|results?|visits?|summary|(?:key )?(?:questions?|areas?)|standards?|domains?|tests?|pillars?|"
    r"quality indicators?|qi|themes?|(?:healthy prison|healthy establishment) (?:tests?|outcomes?)|"
    r"read more about inspection ratings|see (?:the )?report|given|awarded|dates?|carried out|"
    r"our|its|the|this|that|their|a|an|at|in|for|of|on|by|as|to|and|with|is it|are they|(?:is|are) (?:the|this|our) "
    r"(?:services?|school|home|provider|trust)|(?:is|are) (?:services|people|children)|how well|service|provider|location|hospital|trust|practice|full|graded|ungraded|routine|"
    r"we gave the service these grades|\(only applies to [^()]{1,120}\)|people's needs|to people's needs|school's|service's)"
)
# "How was it rated for leadership?": the other words of a question whose answer is a grade.
QUESTION: Final = re.compile(r"(?:what|how|which|is|was|were|did)\b[^?]{1,120}\?", re.IGNORECASE)
QUESTION_WORDS: Final = re.compile(
    r"\b(?:what|how|which|did|do|does|was|were|is|are|has|have|been|it|they|we|inspectors?|inspectorate|rate|score|judge|"
    r"grade|think of|find|home|school|prison|force|nursery|college|practice|surgery|hospital|unit|team|people)\b(?!['-])"
)
_MARK: Final = r"(?:\((?:this|our|current|the (?:current|school's|service's|home's))\b[^()]{0,30}\)|\(x\)|✓|✔|☑|←|◄|✅|selected)"
_TICKS: Final = frozenset("✓ ✔ ☑ ✅ ● • x yes tick ticked ◉ ⬤ ■ ★".split())
_CROSSES: Final = frozenset("✗ ✘ × ☐ ○ no – — - ☒ ❌ cross".split())


# The headings of two columns of a report, after its page was turned into lines.
DATE_HEADINGS: Final = re.compile(r"inspection dates?:? previous inspection(?: dates?)?:?")


class TokenKind(Enum):
    MARK = auto()
    DATE = auto()
    LABEL = auto()
    WHOLE = auto()
    GENERAL = auto()
    GRADE = auto()
    NUMBER = auto()
    FORMER = auto()
    CURRENT = auto()
    NONE = auto()
    JOIN = auto()  # between a label and its grade
    STOP = auto()  # between pairs
    COMMA = auto()
    OPEN = auto()
    FILLER = auto()


# "Previous inspection: not applicable".
NO_GRADE: Final = frozenset(
    {
        TokenKind.NONE,
        TokenKind.STOP,
        TokenKind.FILLER,
        TokenKind.COMMA,
        TokenKind.OPEN,
        TokenKind.JOIN,
        TokenKind.FORMER,
        TokenKind.CURRENT,
        TokenKind.GENERAL,
    }
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str
    start: int
    moment: Moment | None = None


_PARTING: Final = re.compile(r"(?<!\S)-+(?!\S)|(?<=\w)- |(?<=[a-z])-(?=\d(?!\d))|(?<=\d)-(?=[A-Z])")


@lru_cache(maxsize=2048)  # a page's lines are asked for several times
def normal(text: str) -> str:
    """A text in the form in which labels are compared; dashes between words stay."""
    straight = text.replace("’", "'").replace("‘", "'").replace("−", "-").replace("—", "–")
    straight = straight.replace("\N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX}\xa0", " ").removesuffix(
        "\N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX}"
    )  # a blank that was decoded twice
    straight = _PARTING.sub(" – ", straight)
    return "\n".join(comparable(line) for line in straight.split("\n"))


TOKEN_KINDS: Final = (
    "MARK", "NONE", "DATE", "WHOLE", "LABEL", "GENERAL", "GRADE", "NUMBER", "CURRENT", "FORMER", "FILLER", "STOP",
    "JOIN", "COMMA", "OPEN",
)  # fmt: skip


def token_pattern(labels: Iterable[str], grades: Iterable[str], names: Iterable[str]) -> re.Pattern[str]:
    end = r"(?!\w|'\w)"
    return re.compile(
        rf"(?P<space>[^\S\n]+)"
        rf"|(?P<MARK>{_MARK})"
        rf"|(?P<NONE>{_NONE}){end}(?=\s*$)"
        rf"|(?P<DATE>{_DATE}){end}"
        rf"|(?P<WHOLE>{_WHOLE}){end}"
        rf"|(?P<LABEL>{options(labels)}){end}"
        rf"|(?P<GENERAL>{_GENERAL}){end}(?=\s*[:–]|\s*$| (?:{options(grades)})\b)"
        rf"|(?P<GRADE>{options(grades)}){end}"
        rf"|(?P<NUMBER>(?:q|kq|qs|d|p|r|v|y)?\d{{1,3}}(?:\.\d{{1,2}}){{0,2}}(?: ?/ ?\d{{1,3}}|%| out of \d{{1,3}})?){end}"
        rf"|(?P<CURRENT>{_CURRENT}){end}"
        rf"|(?P<FORMER>{_FORMER}){end}"
        rf"|(?P<FILLER>{_FILLER}|{options(names)}){end}"
        r"|(?P<STOP>[|;•\n/·])"
        r"|(?P<JOIN>[:–=→>?])"
        r"|(?P<COMMA>[,&.!*\"'“”↑↓★☆⭐\N{VARIATION SELECTOR-16}\U0001f300-\U0001faff])"
        r"|(?P<OPEN>[()\[\]])"
    )


def date_of(found: re.Match[str]) -> Moment | None:
    """The day, or else the year, that a match names; None where there is no such day."""
    if all(found[f"y{n}"] is None for n in "1234"):
        return None
    year, month, day = date_parts(found)
    try:
        return Moment(year=year, day=date(year, month, day) if day else None)
    except ValueError:
        return None


_DATED_OPENING: Final = re.compile(
    rf"(?:(?:full|short|standard|interim|monitoring|focused|comprehensive|inspection|inspected|report|visit|published|rated|on|of|the|"
    rf"section \d),? ){{0,5}}(?:{_DATE})(?= ?[:.,(–])"
)


def dated_opening(text: str) -> Moment | None:
    """The day or year at the start of a line, as in a list: "8 June 2019: ...", "Report, May 2020 (...)"."""
    found = _DATED_OPENING.match(normal(text[:80]))
    return date_of(found) if found else None


def is_tick(text: str) -> bool:
    """Whether a cell means yes: the heading of its column applies."""
    return text.strip().casefold() in _TICKS


def is_cross(text: str) -> bool:
    """Whether a cell means no: the heading of its column does not apply."""
    return not text.strip() or text.strip().casefold() in _CROSSES
