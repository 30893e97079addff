"""Lists of inspections: one after another, each under its day or behind it.

The grades of such a list are earlier ones where its heading says so, or where the page states another grade outside
the list. If the list's newest grade is also stated outside it, the list may begin with that very inspection: nothing is
read from it. If no grade is stated outside it, the list's newest grade is the current one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from digest.extract.blocks import Block, BlockKind
from digest.extract.label_tokens import dated_opening, normal
from digest.extract.labels import LineKind, Moment
from digest.extract.vocabulary import Vocabulary

_APART: Final = timedelta(days=150)  # two inspections of one body
_LONGEST: Final = 400  # blocks of one list
_MOST_ENTRIES: Final = 40
_LONGEST_HEADING: Final = 80  # characters

OLDER: Final = re.compile(
    r"\b(?:(?:previous|former|earlier|older|past|archived?|historic(?:al)?|last|superseded|prior|withdrawn|replaced) (?:\w+ )?"
    r"(?:inspections?|ratings?|reports?|judge?ments?|grades?|visits?|outcomes?)|inspection history|history of inspections|"
    r"at (?:its|our|their) last inspection)\b",
    re.IGNORECASE,
)
"""Headings of what earlier inspections gave."""

# "During a routine inspection", under its day: it still belongs to that day.
_KIND_OF_VISIT: Final = re.compile(
    r"^\W*during an? (?:[a-z-]+ ){0,3}(?:inspection|visit|assessment)\b.{0,60}$", re.IGNORECASE
)
_RATES: Final = re.compile(
    r"\b(?:rat(?:ed|es?|ings?)|grade[ds]?|judge?ments?|judged|overall|effectiveness|found|outcome)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedInspection:
    """Which inspection of a list a block is of; where `silent`, one that cannot be told from the page's own."""

    moment: Moment
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One inspection of a list."""

    first: int
    end: int  # behind its last block
    moment: Moment
    day: date


def listed_inspections(blocks: Sequence[Block], words: Vocabulary) -> Mapping[int, ListedInspection]:
    """The blocks of lists of inspections, each with its inspection."""
    found: dict[int, ListedInspection] = {}
    outside: set[str] = set()  # the grades above
    place = 0
    while place < len(blocks):
        entries = _entries(blocks, place, words)
        end = place + 1
        if len(entries) > 1 or (entries and _is_older(blocks, place)):
            found |= _each_with_its_inspection(
                blocks, entries, words, outside, older=_is_older(blocks, place)
            )
            end = entries[-1].end
        outside |= _grades(blocks[place:end], words)
        place = end
    return found


def _is_older(blocks: Sequence[Block], place: int) -> bool:
    above = blocks[place - 1] if place else None
    return (
        above is not None
        and above.kind is not BlockKind.ROW
        and len(above.text) <= _LONGEST_HEADING
        and OLDER.search(above.text) is not None
        and not above.text.casefold().startswith("inspection date")  # beside that of this one
    )


def _each_with_its_inspection(
    blocks: Sequence[Block],
    entries: Sequence[_Entry],
    words: Vocabulary,
    outside: set[str],
    *,
    older: bool,
) -> dict[int, ListedInspection]:
    newest = max(entries, key=lambda e: e.day)
    inside = _grades(blocks[newest.first : newest.end], words)
    silent = not older and bool(inside & outside)
    return {
        place: ListedInspection(
            moment=replace(e.moment, former=older or bool(outside) or e is not newest), silent=silent
        )
        for e in entries
        for place in range(e.first, e.end)
    }


def _grades(blocks: Sequence[Block], words: Vocabulary) -> set[str]:
    """The grades that blocks rate anything with."""
    found: set[str] = set()
    for block in blocks:
        text = normal(block.text[:_LONGEST])
        here = words.grades_in(text)
        if here and (_RATES.search(text) or words.meaning_of(block.text).kind is not LineKind.PROSE):
            found |= {words.step_of(m).grade for m in here}
    return found


def _entries(blocks: Sequence[Block], place: int, words: Vocabulary) -> list[_Entry]:
    """The list of inspections that begins at a block; empty where none does."""
    return _behind_days(blocks, place) or _under_days(blocks, place, words)


def _behind_days(blocks: Sequence[Block], place: int) -> list[_Entry]:
    """Lines that open with a day: "8 June 2019: Ofsted rates the school 'good'."."""
    entries: list[_Entry] = []
    while place < len(blocks) and len(entries) < _MOST_ENTRIES:
        block = blocks[place]
        moment = dated_opening(block.text) if block.kind is not BlockKind.ROW else None
        if moment is None or not _apart(entries, moment):
            break
        entries.append(_Entry(first=place, end=place + 1, moment=moment, day=moment.first_day))
        place += 1
    return entries


def _under_days(blocks: Sequence[Block], place: int, words: Vocabulary) -> list[_Entry]:
    """Days as headings, and what each inspection found below them."""
    entries: list[_Entry] = []
    level = blocks[place].level
    stop = min(len(blocks), place + _LONGEST)
    while place < stop and len(entries) < _MOST_ENTRIES:
        moment = _of_heading(blocks[place], words)
        if moment is None or blocks[place].level != level or not _apart(entries, moment):
            break
        first = place
        place += 1
        if place < stop and level is None and _KIND_OF_VISIT.match(blocks[place].text):
            place += 1
        while place < stop and not _ends(blocks[place], level, words):
            place += 1
        if place == first + 1:
            return []  # days with nothing under them
        entries.append(_Entry(first=first, end=place, moment=moment, day=moment.first_day))
    return entries


def _ends(block: Block, level: int | None, words: Vocabulary) -> bool:
    if block.kind is not BlockKind.HEADING:
        return False
    if level is not None:
        return block.level is not None and block.level <= level
    meaning = words.meaning_of(block.text)
    return meaning.kind in {LineKind.MOMENT, LineKind.PROSE}


def _of_heading(block: Block, words: Vocabulary) -> Moment | None:
    if block.kind is not BlockKind.HEADING or not any(c.isdigit() for c in block.text):
        return None
    meaning = words.meaning_of(block.text)
    dated = (
        meaning.kind is LineKind.MOMENT
        and meaning.moment.year is not None
        and meaning.moment.former is not False
    )
    return meaning.moment if dated else None


def _apart(entries: Sequence[_Entry], moment: Moment) -> bool:
    """Whether a day may be that of one body's inspection next to the last one's."""
    return not entries or abs(moment.first_day - entries[-1].day) >= _APART
