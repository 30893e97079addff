"""Workbooks (XLSX, XLS, ODS), by calamine. The values of formulas are those that were stored with them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from digest.errors import TableError
from digest.parse.tables.headings import HEAD, Layout, folded
from digest.parse.tables.table import Limits, Row, Table, shown, whole

_WHOLE_UNTIL: Final = 2.0**53  # floats below are whole numbers without loss


def read_workbook(body: bytes, layout: Layout, *, file: str, limits: Limits) -> Table:
    """The table in a workbook; see `read_table`."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(body)) as workbook:
            sheet, at, headings = _sheet(workbook, layout, file, limits)
    except PasswordError as error:
        raise TableError(file, "a workbook without a password", "one with a password") from error
    except CalamineError as error:
        raise TableError(file, "a workbook (XLSX, XLS, ODS)", f"one that cannot be read ({error})") from error
    places = layout.places(headings, file=file, sheet=sheet.name, row=at + 1)
    table = Table(file=file, sheet=sheet.name, headings=tuple(headings), places=places, rows=iter(()))
    table.rows = whole(table, _rows(sheet, at), limits)
    return table


def _sheet(
    workbook: CalamineWorkbook, layout: Layout, file: str, limits: Limits
) -> tuple[CalamineSheet, int, list[str]]:
    """The sheet, which row has the headings, counted from 0, and the headings.

    If no sheet has all columns, it is the one that has most.
    """
    best: tuple[int, CalamineSheet, int, list[str]] | None = None
    for name in _names(workbook, layout, file):
        sheet = workbook.get_sheet_by_name(name)
        _bounded(sheet, file, limits)
        rows = [_texts(cells) for cells in islice(sheet.iter_rows(), (layout.skip or 0) + HEAD)]
        at, score = (0, 0) if layout.skip is None else (layout.skip, 0)
        if layout.skip is None:
            at, score = layout.best(rows)
        headings = rows[at] if at < len(rows) else []
        if not layout.lacks(headings):
            return sheet, at, headings
        if best is None or score > best[0]:
            best = score, sheet, at, headings
    if best is None:
        raise TableError(file, "a sheet with a table", "none")
    return best[1:]


def _names(workbook: CalamineWorkbook, layout: Layout, file: str) -> list[str]:
    if layout.sheet is None:
        return [sheet.name for sheet in workbook.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
    found = [name for name in workbook.sheet_names if folded(name) == folded(layout.sheet)]
    if not found:
        there = ", ".join(map(shown, workbook.sheet_names[:10]))
        raise TableError(file, f"a sheet called {shown(layout.sheet)}", f"only {there}")
    return found


def _bounded(sheet: CalamineSheet, file: str, limits: Limits) -> None:
    rows, columns = sheet.total_height, sheet.total_width
    if rows > limits.rows or columns > limits.columns or rows * columns > limits.cells:
        most = f"at most {limits.rows:,} rows, {limits.columns:,} columns and {limits.cells:,} cells"
        raise TableError(file, most, f"{rows:,} rows of {columns:,}", sheet.name)


def _rows(sheet: CalamineSheet, at: int) -> Iterator[Row | TableError]:
    for n, cells in enumerate(sheet.iter_rows()):
        if n > at:
            texts = _texts(cells)
            if any(map(str.strip, texts)):
                yield Row(n + 1, texts)


def _texts(cells: list[Any]) -> list[str]:
    return [cell if type(cell) is str else _text(cell) for cell in cells]


def _text(cell: object) -> str:
    """The text of a typed value: a whole number without a fraction, a day as in ISO 8601."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE_UNTIL else repr(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
