"""Testimony: what all sentences of a text state of grades and movements, each of whom and when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from digest.extract import scope_cues
from digest.extract.aspects import AspectWords
from digest.extract.cast import Cast, Named
from digest.extract.claims import MovementClaim, movement_claims
from digest.extract.grades import GradeWords
from digest.extract.lines import Line
from digest.extract.mentions import Setting, When
from digest.extract.phrases import any_of
from digest.extract.statements import Reader, Statement
from digest.extract.template import Template, template_of
from digest.ratings import Inspectorate, Scale

_FORMER: Final = re.compile(r"\b(?:previous|former|last|earlier)\b", re.IGNORECASE)
_CURRENT: Final = re.compile(r"\b(?:new|current|latest|now|this)\b", re.IGNORECASE)
_REFERS_BACK: Final = re.compile(
    r"^(?:it|its|the (?:service|school|college|home|hospital|prison|force|unit|nursery))\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """What all sentences of a text state."""

    statements: tuple[Statement, ...] = ()
    claims: tuple[MovementClaim, ...] = ()
    counted: int = 0  # sentences that grade a number of services at once


def testimony_of(
    lines: Sequence[Line],
    scale: Scale,
    cast: Cast,
    judge: Inspectorate,
    rivals: re.Pattern[str],
    *,
    modern: bool,
) -> Testimony:
    """What the lines state in the words of `judge` and its scale, without what they say of its `rivals`.

    `modern`: the text is surely from the scale's time.
    """
    words, aspects = GradeWords.of(scale), AspectWords.of(scale)
    reader, standings = (
        Reader(aspects, modern=modern, by_aspects=not scale.has_overall),
        any_of(judge.statuses),
    )
    statements: list[Statement] = []
    claims: list[MovementClaim] = []
    counted = 0
    spoken_of: tuple[Named, ...] = ()  # by the last sentence that named anybody
    for line in lines:
        if rivals.search(line.text) and not _names(judge, line.text):
            continue  # somebody else's rating, in the same words
        if line.value is not None and not words.is_grade(line.value):
            continue
        names = cast.mentions(line.text, heading=line.heading)
        template = template_of(line.text, words.find(line.text), names)
        setting = Setting(sentence=line.row or line.text, heading=line.heading, under=line.under)
        if template.grades:
            stated = _placed(reader.statements(template, setting), line.section, cast)
            statements.extend(_referred(stated, template, spoken_of))
            counted += bool(
                scope_cues.BODIES_COUNTED.search(template.text)
                and not template.names
                and not scope_cues.EVERYONE.search(template.text)
            )
        # Into or out of special measures is no step on the scale.
        if template.grades or not standings.search(line.text):
            claims.extend(movement_claims(template, line.row or line.text))
        spoken_of = template.names if template.names or line.heading else spoken_of
    return Testimony(statements=tuple(statements), claims=tuple(claims), counted=counted)


def _referred(
    stated: Iterable[Statement], template: Template, spoken_of: Sequence[Named]
) -> Iterable[Statement]:
    """Statements of "it", of the one provider that the sentence before spoke of."""
    if len(set(spoken_of)) != 1 or template.names or not _REFERS_BACK.match(template.text):
        return stated
    return [replace(s, who=s.who or tuple(spoken_of[:1])) for s in stated]


def _placed(stated: Iterable[Statement], section: Sequence[str], cast: Cast) -> Iterable[Statement]:
    """Statements of a label's line, of the provider and the time that the headings above it name."""
    if not section:
        return stated
    who = next((found[0].named for text in section if (found := cast.mentions(text, heading=True))), None)
    time = next((text for text in section if _FORMER.search(text) or _CURRENT.search(text)), "")
    former = bool(_FORMER.search(time)) and not _CURRENT.search(time)
    return [
        replace(
            s,
            who=s.who or ((who,) if who else ()),
            when=When.THEN if former and s.when is When.NOW else s.when,
        )
        for s in stated
    ]


def _names(judge: Inspectorate, text: str) -> bool:
    folded = text.casefold()
    return any(name.casefold() in folded for name in (judge.name, *judge.aliases))
