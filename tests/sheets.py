"""Workbooks as publishers make them, written by hand: XLSX and ODS of as few bytes as a reader accepts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape, quoteattr

_BEGIN = date(1899, 12, 30)  # day 0 of spreadsheets


@dataclass(frozen=True)
class Formula:
    """A formula, and the value that was stored with it."""

    text: str
    stored: str | float | None


Cell = str | int | float | bool | date | Formula | None
Rows = Iterable[Sequence[Cell]]


def xlsx(sheets: Mapping[str, Rows]) -> bytes:
    """An XLSX with these sheets, in order."""
    names = list(sheets)
    entries = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)
    )
    kind = f"{_OFFICE}/relationships"
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
        f'Type="{kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships">'
        f"<sheets>{entries}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELS}">{targets}'
        f'<Relationship Id="rId99" Type="{kind}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for n, name in enumerate(names, 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = _worksheet(sheets[name])
    return zipped(parts)


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"


def _worksheet(rows: Rows) -> str:
    lines = []
    for n, row in enumerate(rows, 1):
        cells = "".join(
            _xlsx_cell(f"{letters(m)}{n}", cell) for m, cell in enumerate(row) if cell is not None
        )
        lines.append(f'<row r="{n}">{cells}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _xlsx_cell(place: str, cell: Cell) -> str:
    match cell:
        case Formula(text=text, stored=stored):
            kind = ' t="str"' if isinstance(stored, str) else ""
            value = "" if stored is None else f"<v>{escape(str(stored))}</v>"
            return f'<c r="{place}"{kind}><f>{escape(text)}</f>{value}</c>'
        case bool():
            return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
        case int() | float():
            return f'<c r="{place}"><v>{cell}</v></c>'
        case date():
            return f'<c r="{place}" s="1"><v>{_day(cell)}</v></c>'
        case _:
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>'


def _day(day: date) -> float:
    whole = (date(day.year, day.month, day.day) - _BEGIN).days
    return whole + (day.hour * 3600 + day.minute * 60) / 86400 if isinstance(day, datetime) else whole


def letters(column: int) -> str:
    """The letters of a column, counted from 0."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def ods(sheets: Mapping[str, Rows]) -> bytes:
    """An ODS with these sheets, in order."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>{''.join(map(_ods_row, rows))}</table:table>"
        for name, rows in sheets.items()
    )
    return ods_of(tables)


def ods_of(tables: str) -> bytes:
    """An ODS with this markup of its tables."""
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {_NAMES}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_MANIFEST}"/>',
        }
    )


_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def _ods_row(row: Sequence[Cell]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"


def _ods_cell(cell: Cell) -> str:
    match cell:
        case None:
            return "<table:table-cell/>"
        case bool():
            return (
                f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(cell).lower()}"/>'
            )
        case int() | float():
            return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
        case date():
            return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"/>'
        case _:
            return (
                '<table:table-cell office:value-type="string">'
                f"<text:p>{escape(str(cell))}</text:p></table:table-cell>"
            )


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return made.getvalue()
