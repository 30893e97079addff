"""Files that do harm: each is read rightly or refused with a clear error, in a worker of bounded memory."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Final

import pytest
from sheets import ods_of, xlsx, zipped

from digest.adapters.forked import each
from digest.errors import OverrunError, TableError
from digest.parse.tables import Column, Layout, Limits, read_table

pytestmark = pytest.mark.slow

LAYOUT = Layout(
    columns=(Column(name="number", headings=("Number",)), Column(name="grade", headings=("Grade",)))
)
HEAD = b"Number,Grade\n"
SHEET = xlsx({"Services": [["Number", "Grade"], [1, "Good"], [2, "Poor"]]})
_CELL: Final = (
    '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="{}"/>'
)


def counted(body: bytes) -> tuple[int, int]:
    """How many rows a file has, and how many of them are broken."""
    table = read_table(body, LAYOUT, file="services")
    return sum(1 for _ in table.rows), len(table.broken)


def outcome(body: bytes) -> tuple[int, int] | Exception:
    [found] = each(counted, [body], seconds=60)
    return found


def bomb(rows: int, columns: int) -> bytes:
    row = f'<table:table-row table:number-rows-repeated="{rows}">{_CELL.format(columns)}</table:table-row>'
    return ods_of(f'<table:table table:name="a">{row}</table:table>')


def in_the_sheet(change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with another markup of its sheet."""
    with zipfile.ZipFile(io.BytesIO(SHEET)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    return zipped({name: change(part) if "sheet1" in name else part for name, part in parts.items()})


def test_a_workbook_that_claims_a_hundred_million_cells_costs_its_worker_alone() -> None:
    body = bomb(9_999, 10_000)

    assert len(body) < 1_000
    assert isinstance(outcome(body), OverrunError)


def test_a_cell_far_away_from_the_others_costs_its_worker_alone() -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'

    assert isinstance(outcome(in_the_sheet(lambda part: part.replace(b"</sheetData>", far))), OverrunError)


def test_a_sheet_of_empty_rows_without_end_is_as_long_as_its_text() -> None:
    rows = "".join(
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>{one}</text:p>'
        f'</table:table-cell><table:table-cell office:value-type="string"><text:p>{other}</text:p>'
        "</table:table-cell></table:table-row>"
        for one, other in (("Number", "Grade"), ("1", "Good"))
    )
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    end = f'<table:table-row table:number-rows-repeated="1048574">{empty}</table:table-row>'

    assert outcome(ods_of(f'<table:table table:name="a">{rows}{end}</table:table>')) == (1, 0)


def test_a_million_rows_are_read_one_by_one() -> None:
    assert outcome(HEAD + b"100001,Good\n" * 1_000_000) == (1_000_000, 0)


def refused(body: bytes) -> str:
    found = outcome(body)
    assert isinstance(found, TableError), found
    return str(found)


def test_more_rows_or_columns_than_are_read_are_refused() -> None:
    for most in (Limits(rows=99), Limits(cells=199), Limits(columns=1)):
        with pytest.raises(TableError, match="expected at most"):
            list(read_table(HEAD + b"1,Good\n" * 100, LAYOUT, file="services", limits=most).rows)


def test_a_cell_of_two_hundred_megabytes_is_refused() -> None:
    ten_million = gzip.compress(b"a" * 10_000_000, 1)

    assert "100,000,000 bytes" in refused(HEAD + b"1," + b"a" * 200_000_000)
    assert "100,000,000 bytes" in refused(gzip.compress(HEAD + b"1,") + 20 * ten_million)


def test_a_line_without_end_is_refused() -> None:
    assert "services, line 3: found a longer one" in refused(HEAD + b"1,Good\n2," + b"a" * 30_000_000)


def test_a_long_cell_in_quotation_marks_is_a_broken_row() -> None:
    assert outcome(HEAD + b'1,"' + b"a\n" * 300_000 + b'"\n2,Good\n') != (2, 0)


def test_quotation_marks_that_are_never_closed_take_no_time() -> None:
    assert outcome(HEAD + b'"1,Good\n' * 9 + b"2,Good\n" * 50_000) == (50_000, 9)
    assert "broken rows" in refused(HEAD + b'"1,Good\n' * 50_000)
    assert outcome(HEAD + b'1,"Good\n' * 50_000) == (50_000, 0)


def test_nothing_but_separators_is_refused() -> None:
    assert "columns" in refused(HEAD.rstrip() + b",x" * 400_000 + b"\n1,Good\n")
    assert "expected a column headed" in refused(b"," * 900_000)


def test_bytes_without_meaning_are_no_harm() -> None:
    assert outcome(HEAD + b"1,Go\x00od\n2,\x81\x8d\xff\n3,Good\n") == (3, 0)
    assert "expected a column headed" in refused(b"\x00" * 100_000)


def test_a_workbook_that_unpacks_without_end_is_refused() -> None:
    small = Limits(size=100_000)
    book = in_the_sheet(lambda part: part + b" " * 1_000_000)

    assert len(book) < 5_000
    with pytest.raises(TableError, match="at most 1,000,000 bytes in it"):
        read_table(book, LAYOUT, file="services", limits=small)
    assert counted(book) == (2, 0)


def test_a_cut_off_archive_is_said_to_be_one() -> None:
    assert "a whole ZIP file" in refused(SHEET[:-100])
    assert "a whole ZIP file" in refused(zipped({"a.csv": HEAD * 1_000})[:60])
    assert "a whole gzip file" in refused(gzip.compress(HEAD * 1_000)[:-10])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            b"\r\n<!-- x --><!DOCTYPE html><html><head><title>Page not &amp; found</title>",
            'an HTML page with the title "Page not & found"',
        ),
        (b"<html><body>Slim Application Error", "an HTML page"),
        (b"%PDF-1.7", "a PDF"),
        (b'<?xml version="1.0"?><rows/>', "XML"),
        (b'{"error": "no such file"}', "JSON"),
        (b" \n", "an empty file"),
        (zipped({"a.csv": HEAD, "b.csv": HEAD}), '2 files: "a.csv", "b.csv"'),
        (gzip.compress(gzip.compress(HEAD)), "a gzip file within another archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), "one that cannot be read"),
    ],
    ids=range(9),
)
def test_what_stands_in_the_place_of_a_table_is_told(body: bytes, told: str) -> None:
    with pytest.raises(TableError) as raised:
        counted(body)

    assert f"services: found {told}" in str(raised.value)


def test_a_page_of_comments_is_told_at_once() -> None:
    [found] = each(counted, [b"<!-- -->" * 200 + b"<other/>"], seconds=10)
    assert isinstance(found, TableError)
