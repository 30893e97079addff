"""Lines: a page's blocks, cut into sentences, labels with their values and the cells of tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from digest.extract import time_cues
from digest.extract.aspects import plain
from digest.extract.blocks import CELL_JOIN, BlockKind
from digest.extract.maintext import BLOCK_JOIN, MainText
from digest.extract.sentences import sentences

_LONGEST_LABEL: Final = 40  # characters
_LABELLED: Final = re.compile(
    r"^[^\W\d][^:–—|.;]{1,60}(?: ?[:|] ?| [–—-] )[^\s:–—|.;][^:–—|.;]{0,24}(?: [–—-] \d)?$"
)  # "Staff – 3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence and where it stands."""

    text: str
    heading: bool
    under: str  # the heading above it, as `plain` writes it
    value: str | None = None  # of a label and the line under it: the line under it
    section: tuple[str, ...] = ()  # of a label's line: the headings above it, the nearest first
    row: str = ""  # of one cell of a table: the whole row, which is the evidence


def lines_of(main: MainText) -> tuple[Line, ...]:
    """The lines of a text in its order; where a short block follows another, both stand together as well."""
    found: list[Line] = []
    under = ""
    headings: list[str] = []
    columns: list[str] = []  # the head of the table that we are in
    for above, block in pairwise((None, *main.blocks)):
        assert block is not None
        heading = block.kind is BlockKind.HEADING
        if _LABELLED.match(block.text):
            found.append(
                Line(text=block.text, heading=True, under=under, section=tuple(reversed(headings[-4:])))
            )
            continue
        if heading:
            headings.append(block.text)
        cells = block.text.split(CELL_JOIN) if block.kind is BlockKind.ROW else []
        values = list(_cells(cells, columns, block.text, under, headings))
        columns = columns or cells if cells else []
        if values:
            found.extend(values)
            continue
        if above is not None and max(len(above.text), len(block.text)) <= _LONGEST_LABEL:
            # "Overall rating" and under it "Good": they only say something together.
            found.append(
                Line(
                    text=f"{above.text}{BLOCK_JOIN}{block.text}", heading=True, under=under, value=block.text
                )
            )
        found.extend(Line(text=s, heading=heading, under=under) for s in sentences(block.text))
        under = plain(block.text) if heading else under
    return tuple(found)


def _cells(
    cells: Sequence[str], columns: Sequence[str], row: str, under: str, headings: Sequence[str]
) -> Iterable[Line]:
    """Each value of a table's row with its label and the head of its column: "Staffing", "Good", "2021"."""
    if len(cells) < 2 or not cells[0] or (len(cells) > 2 and len(columns) < len(cells)):
        return  # values without heads: nobody says which of them is of this inspection
    years = [int(year[0]) for head in columns[1:] if (year := time_cues.YEAR.search(head))]
    for position, value in enumerate(cells[1:], start=1):
        if not value:
            continue
        head = columns[position] if position < len(columns) else ""
        year = time_cues.YEAR.search(head)
        former = year and len(years) > 1 and int(year[0]) < max(years)
        yield Line(
            text=f"{cells[0]}: {value}",
            heading=True,
            under=under,
            value=value,
            section=(f"previous {head}" if former else head, *reversed(headings[-4:])),
            row=row,
        )
