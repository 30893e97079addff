"""Text with a separator between its cells: CSV and its like (RFC 4180), as publishers write it."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from digest.errors import TableError
from digest.parse.tables.headings import HEAD, Layout
from digest.parse.tables.table import Limits, Row, Table, shown, whole

_SEPARATORS: Final = (",", "\t", ";", "|")
_LONGEST_LINE: Final = 1_000_000  # bytes; a cell is limited by the csv module, to 131,072 characters
_LOOK: Final = 400  # bytes in which UTF-16 shows itself
_BOM: Final = "\ufeff"


def read_separated(body: bytes, layout: Layout, *, file: str, encoding: str | None, limits: Limits) -> Table:
    """The table in a text; see `read_table`."""
    skip = layout.skip or 0
    head = list(islice(_lines(body, encoding, file), skip + HEAD))[skip:]
    separator, headings = _headings(head, layout, limits)
    rows = _rows(islice(_lines(body, encoding, file), skip, None), separator, skip)
    number = next((number for number, cells, _ in rows if cells == headings), 1)  # it has them: we saw it
    headings = _trimmed(headings)
    if len(headings) > limits.columns:
        raise TableError(file, f"at most {limits.columns:,} columns", f"{len(headings):,}", row=number)
    places = layout.places(headings, file=file, sheet=None, row=number)
    table = Table(file=file, sheet=None, headings=tuple(headings), places=places, rows=iter(()))
    needed = max((min(places[c.name]) for c in layout.columns if c.needed), default=-1) + 1
    table.rows = whole(table, _fitted(rows, file, len(headings), needed), limits)
    return table


def _headings(lines: list[str], layout: Layout, limits: Limits) -> tuple[str, list[str]]:
    """The separator, and the row of headings: those with which most of the columns are found."""
    best: tuple[int, str, list[str]] = (-1, ",", [])
    for separator in _SEPARATORS:
        rows = [cells for _, cells, _ in _rows(iter(lines), separator, 0)]
        if layout.skip is not None:
            rows = rows[:1]
        at, score = layout.best(row[: limits.columns] for row in rows)
        if score > best[0] and rows:
            best = score, separator, rows[at]
    return best[1], best[2]


def _trimmed(headings: list[str]) -> list[str]:
    """Headings without the empty ones at the end."""
    length = next((n for n in range(len(headings), 0, -1) if headings[n - 1].strip()), 0)
    return headings[:length]


# -- lines ---------------------------------------------------------------------------------------------


def _lines(body: bytes, encoding: str | None, file: str) -> Iterator[str]:
    """The lines with their ends."""
    named = encoding or _utf_16(body)
    lines = _by_name(body, named, file) if named else _one_by_one(body, file)
    if first := next(lines, None):
        yield first.removeprefix(_BOM)
        yield from lines


def _by_name(body: bytes, encoding: str, file: str) -> Iterator[str]:
    try:
        text = io.TextIOWrapper(io.BytesIO(body), encoding, errors="replace", newline="")
    except LookupError as error:
        raise TableError(file, "an encoding that is known", shown(encoding)) from error
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        if len(line) >= _LONGEST_LINE:
            raise _too_long(file, number)
        yield line


def _one_by_one(body: bytes, file: str) -> Iterator[str]:
    """Each line in its own encoding: some files are of two, where somebody has pasted rows."""
    if b"\n" not in body[:_LONGEST_LINE]:
        body = body.replace(b"\r", b"\n")
    source, number = io.BytesIO(body), 0
    while raw := source.readline(_LONGEST_LINE):
        number += 1
        if len(raw) >= _LONGEST_LINE:
            raise _too_long(file, number)
        try:
            yield raw.decode()
        except UnicodeDecodeError:
            yield raw.decode("cp1252", errors="replace")


def _too_long(file: str, number: int) -> TableError:
    return TableError(file, f"lines shorter than {_LONGEST_LINE:,} bytes", "a longer one", row=number)


def _utf_16(body: bytes) -> str | None:
    """The name of the encoding if it is UTF-16: by its mark, or by the NUL in most of its letters."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = body[:_LOOK]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) / 4 or min(even, odd) > len(head) / 20:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


# -- rows ----------------------------------------------------------------------------------------------

_Parsed = tuple[int, list[str], str | None]
"""The number of a row's first line, its cells, and what is wrong with its quotation marks."""


def _rows(lines: Iterator[str], separator: str, passed: int) -> Iterator[_Parsed]:
    """All rows; `passed` lines are above. A quotation mark that is never closed spoils its own line alone."""
    taken: list[str] = []
    again: deque[str] = deque()
    while True:
        reader = csv.reader(_noted(lines, again, taken), delimiter=separator, strict=True)
        begin = 0
        try:
            for cells in reader:
                yield passed + begin + 1, cells, None
                begin = reader.line_num
                taken.clear()
        except csv.Error as error:
            first, *others = taken
            yield passed + begin + 1, _leniently(first, separator), str(error)
            again.extendleft(reversed(others))
            passed += begin + 1
            taken.clear()
        else:
            return


def _noted(lines: Iterator[str], again: deque[str], taken: list[str]) -> Iterator[str]:
    """First the lines to be read again, then the others. Those of the row that is read now are in `taken`."""
    while again:
        taken.append(again.popleft())
        yield taken[-1]
    for line in lines:
        taken.append(line)
        yield line


def _leniently(line: str, separator: str) -> list[str]:
    """The cells of one line; [] if it has a cell that is too long."""
    try:
        return next(csv.reader([line.rstrip("\r\n").replace("\r", " ")], delimiter=separator), [])
    except csv.Error:
        return []


def _fitted(rows: Iterable[_Parsed], file: str, width: int, needed: int) -> Iterator[Row | TableError]:
    """Rows of as many cells as there are headings; an error for each that has others."""
    for number, cells, why in rows:
        if len(cells) == width:
            if any(cells):
                yield Row(number, cells)
        elif not any(map(str.strip, cells)) and why is None:
            continue
        elif why is not None and len(_trimmed(cells)) != width:
            yield TableError(file, "a row of the table", f"a broken line ({why})", row=number)
        elif len(cells) < needed or any(map(str.strip, cells[width:])):
            found, expected = f"{len(cells)} cells", f"{width}, as there are headings"
            yield TableError(file, expected, found, row=number)
        else:
            yield Row(number, (cells + [""] * width)[:width])
