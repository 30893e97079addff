"""Who inspects: the inspectorate whose judgement a text reports, and the scale it then graded by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from digest.extract.grades import GradeWords, any_of
from digest.extract.names import words_of
from digest.ratings import Body, Inspectorate, Inspectorates, Scale

_OTHERS: Final = (
    "Ofsted", "Care Quality Commission", "CQC", "Estyn", "HMICFRS", "HMIC", "HMI Prisons", "HM Inspectorate of Prisons",
    "Inspectorate of Constabulary", "Care Inspectorate", "Education Scotland", "Healthcare Inspectorate Wales", "HIW",
    "RQIA", "Regulation and Quality Improvement Authority", "CJINI", "Criminal Justice Inspection Northern Ireland",
    "Healthcare Improvement Scotland", "Independent Monitoring Board", "Regulator of Social Housing",
)  # fmt: skip
_LEAST: Final = 6  # letters: a shorter name squeezed into an address would be found by chance


def inspectorate_of(texts: Iterable[str], url: str, inspectorates: Inspectorates) -> Inspectorate | None:
    """The inspectorate that a text's judgements come from; None where two are as likely or none is named.

    Its own address counts most, then how often it is named, then whom it inspects.
    """
    whole = "\n".join(texts)
    address = re.sub(r"[^a-z]", "", url.casefold())
    host = set(re.split(r"[./]", url.casefold().partition("://")[2].partition("/")[0]))
    scores: Counter[str] = Counter()
    for one in inspectorates:
        names = (one.name, *one.aliases)
        named = len(any_of(names).findall(whole))
        squeezed = [re.sub(r"[^a-z]", "", name.casefold()) for name in names]
        own = any(len(name) >= _LEAST and name in address for name in squeezed)
        own = own or any(name.casefold() in host for name in names)
        led = bool(
            re.search(rf"(?:{any_of(names).pattern})\s+led\b", whole)
        )  # a joint inspection has one leader
        scores[one.key] = 10 * (own + led) + 2 * min(named, 5) + min(_spoken_of(one.bodies, whole), 3)
    ranked = scores.most_common(2)
    if not ranked or not ranked[0][1] or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    rivals = len(any_of(_rivals(inspectorates.named(ranked[0][0]))).findall(whole))
    return inspectorates.named(ranked[0][0]) if ranked[0][1] >= min(rivals, 3) else None


def _spoken_of(bodies: tuple[Body, ...], text: str) -> int:
    """How many kinds of these bodies a text names."""
    return sum(
        bool(pattern.search(text))
        for patterns in (words_of(bodies).suffix, words_of(bodies).leads)
        for body, pattern in patterns.items()
        if not (body.loose and body.capitals)  # "Court" and "House" name anything
    )


def _rivals(inspectorate: Inspectorate | None) -> tuple[str, ...]:
    own = {name.casefold() for name in (inspectorate.name, *inspectorate.aliases)} if inspectorate else set()
    return tuple(name for name in _OTHERS if name.casefold() not in own)


def rivals_of(inspectorate: Inspectorate, inspectorates: Inspectorates) -> re.Pattern[str]:
    """The names of everybody else who inspects: a sentence that names one may tell that one's rating."""
    known = [
        name for one in inspectorates if one.key != inspectorate.key for name in (one.name, *one.aliases)
    ]
    return any_of((*known, *_rivals(inspectorate)))


def scale_of(inspectorate: Inspectorate, year: int | None, text: str) -> Scale | None:
    """The scale in force in a year, None before there was one; where several may be, the one whose words stand there.

    Of scales whose words are as many, the newest.
    """
    in_force = [s for s in inspectorate.scales if year is None or _in_force(s, year)]
    return max(in_force, key=lambda scale: GradeWords.of(scale).variety(text), default=None)


def _in_force(scale: Scale, year: int) -> bool:
    begins = scale.valid_from.year if scale.valid_from else year
    ends = scale.valid_until.year if scale.valid_until else year
    return begins <= year <= ends
