"""What sort of text a page is, and which providers it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from digest.extract import scope_cues
from digest.extract.cast import Cast, Named
from digest.extract.dates import dated_title
from digest.extract.mentions import When
from digest.extract.statements import Statement
from digest.providers import normal_name
from digest.reports import Kind

_OTHER_TITLE: Final = re.compile(
    r"\b(?:minutes|agenda|vacanc(?:y|ies)|role details|job|recruit\w*|consultation|webinar|conference|event|podcast|"
    r"how we inspect|when and how we inspect|our standards|standards and ratings|about us|who we are|contact|"
    r"league table|how to|appointment|appointed|news page|blog|guidance|framework|inspection programme)\b",
    re.IGNORECASE,
)
_THEMATIC: Final = re.compile(
    r"\b(?:annual (?:\w+ )?report|thematic|national (?:inspection|level|arrangements|thematic)|nationally|"
    r"(?:research|effective practice) (?:bulletin|guide)|across england and wales|joint inspection of)\b",
    re.IGNORECASE,
)
_OWN: Final = re.compile(r"\b(?:we|our)\b", re.IGNORECASE)
_ASKING: Final = re.compile(r"^(?:how|when|why|what|who|inspections\b\W)", re.IGNORECASE)
# "A third of schools": the sector's state. "Three units" may be these three.
_SHARE_OF_ALL: Final = re.compile(
    rf"\b(?:half|thirds?|quarters?|most|majority|per cent|one in \w+|\w+ (?:of|in) (?:the )?\d+|fewer|more than \w+)\b"
    rf"[^.;:]{{0,30}}\b{scope_cues.BODIES}\b",
    re.IGNORECASE,
)
_REPORTED: Final = re.compile(r"\b(?:inspections?|inspected|reports?|review(?:ed)?)\b", re.IGNORECASE)
_NATIONWIDE: Final = re.compile(
    r"\b(?:the Probation Service|probation services?|youth (?:justice|offending) services|cases|services)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a text is, and whom it is about; nobody, unless it tells an inspection."""

    kind: Kind
    providers: tuple[Named, ...]


def subject_of(  # noqa: PLR0917 -- one step of one pipeline, called once
    title: str,
    lead: str,
    sentences: Sequence[tuple[str, bool]],
    cast: Cast,
    statements: Sequence[Statement],
    counted: int,
) -> Subject:
    """The kind of text, from its title and opening, the names in it, and how many services it counts.

    `sentences` come with whether each stands in a heading; `counted` is the number of sentences that give
    grades to a number of services at once.
    """
    in_title = _distinct(m.named for m in cast.mentions(title, heading=True))
    if _OTHER_TITLE.search(title) or dated_title(title):
        return Subject(kind=Kind.OTHER, providers=())
    if _ASKING.search(title) and not in_title:
        return Subject(kind=Kind.OTHER, providers=())
    if _inspected_speak(lead, statements) and not in_title:
        return Subject(kind=Kind.INSPECTION, providers=_told_of(cast, statements, lead, sentences))
    if _SHARE_OF_ALL.search(title) and not in_title and not cast.mentions(lead):
        return Subject(kind=Kind.THEMATIC, providers=())
    whole = [m.named for m in cast.mentions(title, heading=True) if m.whole]
    national = bool(_THEMATIC.search(title)) or (not in_title and bool(_THEMATIC.search(lead)))
    if national and not whole:
        return Subject(kind=Kind.THEMATIC, providers=())
    if counted and not in_title and not _rated_first(statements, cast, lead, sentences):
        return Subject(kind=Kind.THEMATIC, providers=())
    named_now = _distinct(n for s in statements if s.when is When.NOW and not s.aspects for n in s.who)
    if len(named_now) > 1 and not set(named_now) & set(in_title):
        in_title = ()  # "West Yorkshire units rated", and then each by its name
    providers = _sharing(in_title, cast) or _told_of(cast, statements, lead, sentences)
    if not providers:
        return _without_provider(title, lead, statements)
    return Subject(kind=Kind.MULTI if len(providers) > 1 else Kind.INSPECTION, providers=providers)


def _sharing(in_title: tuple[Named, ...], cast: Cast) -> tuple[Named, ...]:
    """The providers of a title, and the one of another body whose area is theirs: "the CRC and the NPS in Cumbria"."""
    beside = (
        other
        for other in cast.all
        for one in in_title
        if one.body
        and other.body
        and one.body.leads_to_parts != other.body.leads_to_parts
        and not (_within(one.name, other.name) or _within(other.name, one.name))  # a division of it
        and (_within(one.area, other.area) or _within(other.area, one.area))
    )
    return _distinct((*in_title, *beside))


def _within(area: str, other: str) -> bool:
    return f" {normal_name(area)} " in f" {normal_name(other)} "


def _rated_first(
    statements: Sequence[Statement], cast: Cast, lead: str, sentences: Sequence[tuple[str, bool]]
) -> bool:
    """Whether the opening itself names a provider, or the text rates the one it keeps coming back to.

    Named once, the only provider of a text is a passing example.
    """
    if cast.mentions(lead):
        return True
    rated = _distinct(n for s in statements if s.when is When.NOW and not s.aspects for n in s.who)
    if len(rated) > 1 and len({s.sentence for s in statements if s.who}) > 1:
        return True  # a round-up of several inspections
    spoken_of = sum(bool(cast.mentions(text, heading=heading)) for text, heading in sentences)
    return len(cast.all) == 1 and rated == cast.all and spoken_of > 1


def _distinct(named: Iterable[Named]) -> tuple[Named, ...]:
    return tuple({normal_name(n.name): n for n in named}.values())


def _told_of(
    cast: Cast, statements: Sequence[Statement], lead: str, sentences: Sequence[tuple[str, bool]]
) -> tuple[Named, ...]:
    """The providers that the text rates now, else those its opening names, else the one most spoken of.

    A provider that the opening does not name is another's comparison, if the opening names one that is rated.
    """
    whole = [s for s in statements if not s.aspects]
    rated = _distinct(n for s in whole if s.when is When.NOW for n in s.who)
    opening = _distinct(m.named for m in cast.mentions(lead))
    if not whole:  # "the CRC and NPS in Cumbria": two bodies share the area
        areas = {normal_name(n.area) for n in opening}
        opening = tuple(n for n in cast.all if normal_name(n.area) in areas)
    if len(opening) > 1 and any(s.everyone for s in whole):
        return opening
    if any(n in opening for n in rated):
        return tuple(n for n in rated if n in opening)
    if opening:
        only_then = _distinct(n for s in whole if s.when is not When.NOW for n in s.who)
        left = tuple(n for n in opening if n not in only_then) or opening
        return left[:1] if whole else left
    if rated:
        return rated
    counts = Counter(m.named for s, h in sentences for m in cast.mentions(s, heading=h))
    return tuple(named for named, _ in counts.most_common(1))


def _inspected_speak(lead: str, statements: Sequence[Statement]) -> bool:
    """Whether the inspected themselves tell their rating: "our rating as a trust"."""
    whole = [s for s in statements if s.when is When.NOW and not s.aspects]
    own = [s for s in whole if _OWN.search(s.sentence) and (s.explicit or s.direction)]
    answer = bool(_OWN.search(lead) and _REPORTED.search(lead)) and len({s.grade for s in whole}) == 1
    return bool(own) or answer


def _without_provider(title: str, lead: str, statements: Sequence[Statement]) -> Subject:
    opening = f"{title}. {lead}"
    rated = {s.grade for s in statements if s.when is When.NOW and not s.aspects and s.explicit}
    if _REPORTED.search(opening) and _NATIONWIDE.search(opening):
        return Subject(kind=Kind.THEMATIC, providers=())
    return Subject(kind=Kind.INSPECTION if len(rated) == 1 else Kind.OTHER, providers=())
