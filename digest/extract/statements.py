"""Statements: what a sentence says of a grade - given to whom, for what, now or then, in which words.

A grade word is read as a rating only with a licence (`licences`), and for what its words say it is for (`scopes`).
What is counted, negated, wished for, or one of several is no statement at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from digest.extract import cues, scope_cues
from digest.extract.aspects import AspectWords
from digest.extract.cast import Named
from digest.extract.licences import Licence, Licences
from digest.extract.mentions import Mention, Setting, When
from digest.extract.scopes import Scopes
from digest.extract.template import Template
from digest.reports import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One grade that a sentence gives."""

    grade: str
    rank: int
    aspects: tuple[str, ...]  # empty: the service as a whole
    explicit: bool  # of the whole: the sentence says so ("overall")
    when: When
    year: int | None
    who: tuple[Named, ...]  # empty: whoever the text is about
    direction: Direction | None  # what the words themselves say of a movement
    sentence: str
    in_heading: bool
    everyone: bool = False  # of each of several services that the text is about
    spoken_of: str | None = None  # the kind of body, where only that is said: "the PDU"


_BROKEN_OFF: Final = re.compile(r"\b(?:while|whereas)\b")
_ELSEWHERE: Final = re.compile(r"\b(?:while|whereas),? (?:in|at|over in|across) ")


class Reader:
    """Reads sentences by one scale's aspects."""

    def __init__(self, aspects: AspectWords, *, modern: bool, by_aspects: bool = False) -> None:
        self._scopes = Scopes(aspects, by_aspects=by_aspects)
        self._licences = Licences(aspects, self._scopes, modern=modern, by_aspects=by_aspects)

    def statements(self, template: Template, setting: Setting) -> tuple[Statement, ...]:
        """What the sentence states, from left to right."""
        found: list[Statement] = []
        unusable = _unusable(template)
        who_before: tuple[Named, ...] = ()
        for i in range(len(template.grades)):
            mention = Mention(template, i, setting)
            who_before = mention.names_before() or who_before
            if i in unusable:
                continue
            licence = self._licences.of(mention, any_before=bool(found))
            if licence is None or mention.is_taken_back():
                continue
            statement = self._statement(mention, licence, who_before, found)
            if statement is not None:
                found.append(statement)
                spelt_out = () if statement.aspects else self._scopes.spelt_out(mention)
                if spelt_out:
                    found.append(replace(statement, aspects=spelt_out, explicit=False))
        return _respectively(template, tuple(_paired(template, found)))

    def _statement(
        self, m: Mention, licence: Licence, who_before: tuple[Named, ...], found: list[Statement]
    ) -> Statement | None:
        scope = self._scopes.of(m)
        if scope is None:
            return None
        aspects, explicit, everyone = *scope, m.is_of_everyone()
        who = m.names_after() or m.names_before()
        if who and not m.names_after() and m.speaks_of_somebody_else():
            return None
        if scope_cues.BEFORE_IT.search(m.clause()):
            return None  # the body that came before this one: its grades are its own
        if not who and (_ELSEWHERE if aspects else _BROKEN_OFF).search(m.before):
            return None  # "while in Warwickshire services ...": somebody else, and we do not know who
        when, year = m.when(
            moved_from=licence is Licence.FROM,
            before=(found[-1].when, found[-1].year) if found else None,
        )
        return Statement(
            grade=m.grade.grade,
            rank=m.grade.rank,
            aspects=aspects,
            explicit=explicit,
            when=when,
            year=year,
            who=who or who_before,
            direction=None
            if when is When.THEN
            else m.direction(kept=licence is Licence.KEPT, moved=licence is Licence.TO),
            sentence=m.setting.sentence,
            in_heading=m.setting.heading,
            everyone=everyone and not who,
            spoken_of=None if who else m.kind_spoken_of(),
        )


def _unusable(template: Template) -> set[int]:
    """Grades that only stand in a list of the scale, or beside another one that it could be as well."""
    text, places = template.text, template.grade_at
    listed = [m.span() for m in cues.LISTED.finditer(text)]
    unusable = {i for i, (start, end) in enumerate(places) if any(a <= start and end <= b for a, b in listed)}
    for i, (start, end) in enumerate(places):
        if (
            cues.RANGE_AFTER.search(text[end : end + 40])
            or cues.RANGE_BEFORE.search(text[max(0, start - 40) : start])
            or (
                cues.HOLLOW.search(text[:start])
                and not template.grades[i].quoted
                and not cues.A_RATING.search(text[end:])
            )
        ):
            unusable.add(i)
    return unusable


def _paired(template: Template, found: list[Statement]) -> Iterator[Statement]:
    """The statements, without the former grade of a sum ("dragged down from A to B") that is no movement."""
    dragged = bool(cues.DRAGGED.search(template.text))
    for statement in found:
        if not (dragged and statement.when is When.THEN):
            yield statement


def _respectively(template: Template, found: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """One each, in order, where the text says "A and B were rated X and Y respectively"."""
    if "respectively" not in template.text or len(found) != len(template.names):
        return found
    return tuple(replace(s, who=(name,)) for s, name in zip(found, template.names, strict=True))
