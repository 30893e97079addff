"""Columns are bound by their headings, never by where they stand: publishers add, move and rename them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Final

from digest.errors import TableError
from digest.items import spelled
from digest.parse.tables.table import shown

HEAD: Final = 100
"""The headings stand within so many rows of the top; above them there may be a title and notes."""

_NEAREST: Final = 3
_LONGEST_HEADING: Final = 200  # characters; longer cells are no headings, and are not compared with any


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that is wanted. If a file has several of its headings, all are, in the order given here."""

    name: str  # by which we call it
    headings: tuple[str, ...]  # its heading, former ones and others; spacing and case do not matter
    needed: bool = True  # False: a file may lack it


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a table stands in its file, and the columns wanted of it."""

    columns: tuple[Column, ...]
    sheet: str | None = None  # None: the first that has the columns
    skip: int | None = None  # how many rows (lines of a text) are above the headings; None: it is found out

    @cached_property
    def wanted(self) -> Mapping[str, frozenset[str]]:
        """The columns that each heading, in its form for comparing, stands for."""
        wanted: dict[str, set[str]] = {}
        for column in self.columns:
            for heading in column.headings:
                wanted.setdefault(folded(heading), set()).add(column.name)
        return {heading: frozenset(names) for heading, names in wanted.items()}

    def score(self, cells: Iterable[str]) -> int:
        """How many of the columns a row has as its headings."""
        return len(frozenset[str]().union(*(self.wanted.get(folded(cell), ()) for cell in cells)))

    def best(self, rows: Iterable[Sequence[str]]) -> tuple[int, int]:
        """Which of the first rows has most of the headings, counted from 0, and how many."""
        scores = [self.score(row) for row in rows]
        most = max(scores, default=0)
        return (scores.index(most) if scores else 0), most

    def lacks(self, cells: Sequence[str]) -> tuple[Column, ...]:
        """The needed columns that a row of headings does not have."""
        had = {folded(cell) for cell in cells}
        return tuple(c for c in self.columns if c.needed and had.isdisjoint(map(folded, c.headings)))

    def places(
        self, cells: Sequence[str], *, file: str, sheet: str | None, row: int
    ) -> dict[str, tuple[int, ...]]:
        """Where the columns stand. `TableError` if a needed one is missing, or stands there twice."""
        if missing := self.lacks(cells):
            raise missing_column(missing[0], cells, file, sheet, row)
        at: dict[str, list[int]] = {}
        for n, cell in enumerate(cells):
            at.setdefault(folded(cell), []).append(n)
        places = {}
        for column in self.columns:
            found = [at[f] for f in dict.fromkeys(map(folded, column.headings)) if f in at]
            for twice in [one for one in found if len(one) > 1]:
                columns = " and ".join(f"column {n + 1}" for n in twice[:2])
                raise TableError(file, "it once", f"this heading in {columns}", sheet, row, cells[twice[0]])
            if found:
                places[column.name] = tuple(one[0] for one in found)
        return places


def folded(heading: str) -> str:
    """A heading in its form for comparing."""
    return spelled(heading) if len(heading) <= _LONGEST_HEADING else ""


def missing_column(
    column: Column, cells: Sequence[str], file: str, sheet: str | None, row: int | None
) -> TableError:
    """The error of a table that does not have a column."""
    either = " or ".join(map(shown, column.headings))
    there = {folded(cell): cell for cell in cells if folded(cell)}
    near = dict.fromkeys(
        there[close]
        for heading in column.headings
        for close in get_close_matches(folded(heading), there, n=_NEAREST, cutoff=0.5)
    )
    if near:
        found = "as the nearest " + ", ".join(map(shown, list(near)[:_NEAREST]))
    else:
        found = "only " + ", ".join(map(shown, list(there.values())[:_NEAREST])) if there else "no headings"
    return TableError(file, f"a column headed {either}", found, sheet, row)
