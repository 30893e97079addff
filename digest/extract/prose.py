"""Prose: a page's running text as sentences, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from digest.extract.aspects import comparable
from digest.extract.blocks import CELL_JOIN, Block, BlockKind, sentences
from digest.extract.dates import YEAR, only_dates
from digest.extract.labels import Moment
from digest.extract.maintext import BLOCK_JOIN, MainText

_LONGEST_LABEL: Final = 40  # characters
_LONGEST_HEADING: Final = 1_500  # characters: each sentence under it is read with it
_LABELLED: Final = re.compile(
    r"^[^\W\d][^:–—|.;]{1,60}(?: ?[:|] ?| [–—-] )[^\s:–—|.;][^:–—|.;]{0,24}(?: [–—-] \d)?$"
)  # "Staff – 3"
_NO_PAST: Final[Mapping[int, Moment]] = {}
_LEAD: Final = 3  # sentences
_LEAST_WORDS: Final = 5  # of a sentence of the lead: shorter ones are bylines or breadcrumbs
_TEASER: Final = re.compile(
    r"^(?:(?:read (?:more|next|also|this)|also read|see also|related(?: (?:stories|articles|news|posts|content))?|more (?:on|from|news|stories)(?: this)?|don['’]t miss|"
    r"(?:also )?in (?:other|the) news|elsewhere|you (?:may|might) (?:also )?(?:like|be interested in)|watch|listen|get in touch|find out more|click here|"
    r"follow us|recommended|top stories|most read|(?:previous|next) (?:article|story|post)|popular (?:today|now)|trending|story continues below|"
    r"article continues below|latest (?:news|stories)|from (?:the|our) archives?)\b\s*[:–—|-]|sign up (?:to|for)\b|click here to (?:read|see|view|find)\b|[>»›]\s|(?:also read|read more|read next)\s*\|)",
    re.IGNORECASE,
)
_DATE_MARK: Final = re.compile(r"^date (?:19|20)\d\d(?:-\d\d){0,2}\s+")


class Place(StrEnum):
    """Where a sentence stands in its text."""

    TITLE = "title"
    FIRST = "first"  # the first sentence of the running text
    LEAD = "lead"  # the next two
    BODY = "body"
    HEADING = "heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence and where it stands."""

    text: str
    place: Place
    block: int  # its place among the blocks of the text
    opens: bool  # it is the first of its block
    under: str  # the heading above it, as `comparable` writes it
    section: tuple[str, ...] = ()  # the headings above it, the nearest first
    label: bool = False  # a label with its value, or one cell of a table
    value: str | None = None  # where this is a label with the line under it: that line
    row: str = ""  # where this is one cell of a table: its whole row, used as evidence
    past: bool = False  # it stands under an earlier inspection in a list of inspections
    year: int | None = None  # the year of that earlier inspection

    @property
    def heading(self) -> bool:
        """Whether it is a title, heading or label: its capitals and missing verbs mean nothing."""
        return self.label or self.place in {Place.TITLE, Place.HEADING}


def prose_of(  # noqa: C901 -- one walk over the blocks
    main: MainText, taken: frozenset[int] = frozenset(), past: Mapping[int, Moment] = _NO_PAST
) -> tuple[Sentence, ...]:
    """The sentences of a text in order, without the blocks in `taken`.

    Blocks in `past` belong to an earlier inspection. Two short blocks in a row also give one joint sentence.
    Links to other stories are left out.
    """
    found: list[Sentence] = []
    headings: list[str] = []
    under = ""
    section: tuple[str, ...] = ()
    columns: list[str] = []  # the head of the table that we are in
    read = 0  # sentences of running text so far
    shown = False  # the title is one of the blocks
    for number, (above, block) in enumerate(pairwise((None, *main.blocks))):
        assert block is not None
        if number in taken or _TEASER.match(block.text):
            continue
        title = not read and block.text == main.title
        shown = shown or title

        def one(
            text: str,
            place: Place = Place.BODY,
            *,
            number: int = number,
            under: str = under,
            section: tuple[str, ...] = section,
            opens: bool = True,
            label: bool = False,
            value: str | None = None,
        ) -> Sentence:
            return Sentence(
                text=text,
                place=place,
                block=number,
                opens=opens,
                under=under,
                section=section,
                label=label,
                value=value,
            )

        if _LABELLED.match(block.text):
            found.append(one(block.text, label=True))
            continue
        cells = block.text.split(CELL_JOIN) if block.kind is BlockKind.ROW else []
        values = list(_cells(cells, columns, block.text, number, under, headings))
        columns = columns or cells if cells else []
        if values:
            found.extend(values)
            continue
        short = (
            above is not None
            and max(len(above.text), len(block.text)) <= _LONGEST_LABEL
            # The last item of a list is not a label for the heading of the next list.
            and not (above.kind is BlockKind.ITEM and block.kind is not BlockKind.ITEM)
        )
        if above is not None and short and number - 1 not in taken:
            # "Overall rating" with "Good" under it: only together do they mean something.
            found.append(one(f"{above.text}{BLOCK_JOIN}{block.text}", label=True, value=block.text))
        for n, text in enumerate(sentences(block.text)):
            place = Place.TITLE if title else _place(block, text, read)
            if place in {Place.FIRST, Place.LEAD} or (place is Place.BODY and _runs(block, text)):
                read += 1
            found.append(one(text, place, opens=n == 0))
        if block.kind is BlockKind.HEADING:
            headings.append(block.text[:_LONGEST_HEADING])
            under, section = comparable(headings[-1]), tuple(reversed(headings[-4:]))
    if not shown and main.title:
        found.insert(0, Sentence(text=main.title, place=Place.TITLE, block=-1, opens=True, under=""))
    return tuple(_placed(s, past) for s in found)


def _placed(s: Sentence, past: Mapping[int, Moment]) -> Sentence:
    of_before = past.get(s.block) if s.place is not Place.TITLE else None
    return replace(s, past=True, year=of_before.year) if of_before else s


def _runs(block: Block, text: str) -> bool:
    """Whether a sentence is running text, rather than a byline, a date or a breadcrumb."""
    bare = _DATE_MARK.sub("", text)
    return (
        block.kind in {BlockKind.PARAGRAPH, BlockKind.ITEM}
        and len(bare.split()) >= _LEAST_WORDS
        and not only_dates(bare)
    )


def _place(block: Block, text: str, read: int) -> Place:
    if block.kind is BlockKind.HEADING:
        return Place.HEADING
    if not _runs(block, text) or read >= _LEAD:
        return Place.BODY
    return Place.LEAD if read else Place.FIRST


def _cells(  # noqa: PLR0917 -- one row with what stands around it
    cells: Sequence[str],
    columns: Sequence[str],
    row: str,
    number: int,
    under: str,
    headings: Sequence[str],
) -> Iterable[Sentence]:
    """Each value of a table's row with its label and column heading: "Staffing", "Good", "2021"."""
    if len(cells) < 2 or not cells[0] or (len(cells) > 2 and len(columns) < len(cells)):
        return  # no column headings: we cannot tell which value is of this inspection
    years = [int(year[0]) for head in columns[1:] if (year := YEAR.search(head))]
    for position, value in enumerate(cells[1:], start=1):
        if not value:
            continue
        head = columns[position] if position < len(columns) else ""
        year = YEAR.search(head)
        former = year and len(years) > 1 and int(year[0]) < max(years)
        yield Sentence(
            text=f"{cells[0]}: {value}",
            place=Place.BODY,
            block=number,
            opens=True,
            under=under,
            section=(f"previous {head}" if former else head, *reversed(headings[-4:])),
            label=True,
            value=value,
            row=row,
        )
