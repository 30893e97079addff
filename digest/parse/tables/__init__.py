"""Tables that publishers put out as files: CSV, XLSX, XLS and ODS, packed or not, to rows of text.

All bytes are hostile. Read them in a worker process with limits on memory and time (`adapters/workers.py`): a
workbook of a kilobyte can claim a hundred million cells.
"""

from __future__ import annotations

from digest.parse.tables.headings import Column, Layout
from digest.parse.tables.packed import Form, unpacked
from digest.parse.tables.separated import read_separated
from digest.parse.tables.table import LIMITS, Limits, Row, Table
from digest.parse.tables.workbooks import read_workbook

__all__ = ["LIMITS", "Column", "Layout", "Limits", "Row", "Table", "read_table"]


def read_table(
    body: bytes, layout: Layout, *, file: str, encoding: str | None = None, limits: Limits = LIMITS
) -> Table:
    """The table in a file, its rows still to be read. `TableError` if it has none with the columns wanted.

    `file` is how errors call it. Text is taken as UTF-8 line by line, and a line that is none as
    Windows-1252, unless an `encoding` is given. The first sheet that has all columns counts.
    """
    form, body = unpacked(body, file=file, limits=limits)
    if form is Form.WORKBOOK:
        return read_workbook(body, layout, file=file, limits=limits)
    return read_separated(body, layout, file=file, encoding=encoding, limits=limits)
