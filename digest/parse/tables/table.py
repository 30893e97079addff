"""A table as it is read: where its columns are, its rows one by one, and the rows that are broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from digest.errors import TableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that is read of one file."""

    size: int = 100_000_000  # bytes, unpacked; ten times as many of the markup of a workbook
    rows: int = 1_100_000  # a little more than a spreadsheet can have
    columns: int = 5_000
    cells: int = 40_000_000
    broken: int = 1_000  # rows that are left out


LIMITS: Final = Limits()

FEW_BROKEN: Final = 10
"""So many broken rows are left out of any file..."""

BROKEN_SHARE: Final = 0.01
"""...and of a large one this share. More show that the file as a whole is not what it should be."""


class Row(NamedTuple):
    """One row below the headings."""

    number: int  # as in the file, counted from 1: of the row in a sheet, of its first line in a text
    cells: list[str]  # as many as there are headings; "" for an empty one


@dataclass(slots=True, kw_only=True)
class Table:
    """A table whose rows are read as they are asked for, once.

    Rows without any text are left out. When all rows are read, `broken` says which others were left out and
    why; if these are too many, the last step raises `TableError`.
    """

    file: str
    sheet: str | None  # None: the file has no sheets
    headings: tuple[str, ...]  # as they stand
    places: Mapping[str, tuple[int, ...]]  # by a column's name, where it stands in a row; see `Column`
    rows: Iterator[Row]
    broken: list[TableError] = field(default_factory=list)

    def error(self, row: int, name: str, found: str, expected: str) -> TableError:
        """The error of one cell; `name` is that of a bound column."""
        heading = self.headings[self.places[name][0]]
        return TableError(self.file, expected, shown(found), self.sheet, row, heading)


def whole(table: Table, rows: Iterable[Row | TableError], limits: Limits) -> Iterator[Row]:
    """The rows of a table; broken ones are noted in it."""
    most = min(limits.rows, limits.cells // max(1, len(table.headings)))
    count = 0
    for count, row in enumerate(rows, 1):
        if count > most:
            raise TableError(table.file, f"at most {most:,} rows of so many columns", "more", table.sheet)
        if type(row) is Row:
            yield row
        elif isinstance(row, TableError):
            table.broken.append(row)
            if len(table.broken) > limits.broken:
                raise too_many(table, count)
    if len(table.broken) > max(FEW_BROKEN, BROKEN_SHARE * count):
        raise too_many(table, count)


def too_many(table: Table, count: int) -> TableError:
    """The error of a table with too many broken rows, which tells of the first."""
    broken, first = len(table.broken), table.broken[0]
    found = f"{broken:,} broken rows of {count:,}, the first with {first.found}"
    return TableError(table.file, first.expected, found, table.sheet, first.row, first.column)


def shown(text: str, most: int = 60) -> str:
    """A text of a stranger in quotes, short and on one line, for an error."""
    folded = " ".join(text[: 4 * most].split())
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in folded)
    return (
        f'"{printable[: most - 1]}…"' if len(printable) > most or len(text) > 4 * most else f'"{printable}"'
    )
