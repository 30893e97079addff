"""Tables of publishers: whatever form they come in, the same rows."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from pathlib import Path

import pytest
from sheets import Formula, ods, xlsx, zipped

from digest.errors import TableError
from digest.parse.tables import Column, Layout, Table, read_table

FIXTURES = Path(__file__).parents[2] / "fixtures" / "tables"

NUMBER = Column(name="number", headings=("Number", "Service number"))
GRADE = Column(name="grade", headings=("Grade", "Latest grade"))
PHONE = Column(name="phone", headings=("Phone",), needed=False)
SERVICES = Layout(columns=(NUMBER, GRADE, PHONE))

HEAD = "Number,Name,Grade\n"
OAK, ELM = ["100001", "Oak House", "Good"], ["100002", "Elm House", "Poor"]
PLAIN = (HEAD + "100001,Oak House,Good\n100002,Elm House,Poor\n").encode()


def table(body: bytes, layout: Layout = SERVICES, encoding: str | None = None) -> Table:
    return read_table(body, layout, file="services", encoding=encoding)


def cells(body: bytes, layout: Layout = SERVICES, encoding: str | None = None) -> list[list[str]]:
    return [row.cells for row in table(body, layout, encoding).rows]


def trouble(body: bytes, layout: Layout = SERVICES) -> str:
    with pytest.raises(TableError) as raised:
        list(table(body, layout).rows)
    return str(raised.value)


SHEET = [["Number", "Name", "Grade"], [100001, "Oak House", "Good"], [100002, "Elm House", "Poor"]]


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b"\n", b"\r"),
        PLAIN.replace(b",", b";"),
        PLAIN.replace(b",", b"\t"),
        PLAIN.replace(b",", b"|"),
        PLAIN.decode().encode("utf-16"),
        PLAIN.decode().encode("utf-16-le"),
        PLAIN.decode().encode("utf-16-be"),
        gzip.compress(PLAIN),
        zipped({"__MACOSX/._a": b"x", "folder/": b"", "folder/a.csv": PLAIN}),
        xlsx({"Services": SHEET}),
        ods({"Services": SHEET}),
        zipped({"services.ods": ods({"Services": SHEET})}),
    ],
    ids=range(15),
)
def test_the_rows_are_the_same_in_every_form(body: bytes) -> None:
    assert cells(body) == [OAK, ELM]


def test_an_old_workbook_is_read_as_well() -> None:
    rows = cells((FIXTURES / "services.xls").read_bytes())

    assert rows == [["100001", "Café Oak", "Good", "2026-03-09"]]


# -- headings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", ["grade", "GRADE ", "Latest  grade", "Latest\u00a0grade", '"Latest\ngrade"']
)
def test_a_heading_is_known_by_its_words_or_a_former_name(heading: str) -> None:
    assert table(f"Number,{heading}\n1,Good\n".encode()).places == {"number": (0,), "grade": (1,)}


def test_columns_may_stand_in_any_order_among_others() -> None:
    found = table(b"Trust,Grade,Beds,Phone,Number\nT,Good,4,020,100001\n")

    assert found.places == {"grade": (1,), "phone": (3,), "number": (4,)}


@pytest.mark.parametrize("skip", [None, 4])
def test_lines_above_the_headings_are_passed_over(skip: int | None) -> None:
    top = b'Directory of services,,\n"Published by the inspectorate, weekly",,\nNumber of services: 2,,\n,,\n'
    found = table(top + PLAIN, Layout(columns=SERVICES.columns, skip=skip))

    assert [(row.number, row.cells) for row in found.rows] == [(6, OAK), (7, ELM)]


def test_a_missing_column_is_named_with_the_nearest_headings() -> None:
    told = trouble(b"Number,Name,Grades,Upgrade\n1,Oak,Good,x\n")

    assert told == (
        'services, line 1: found as the nearest "Grades", "Upgrade"; '
        'expected a column headed "Grade" or "Latest grade"'
    )


def test_a_bound_heading_that_stands_there_twice_is_refused() -> None:
    told = trouble(b"Number,Grade,Grade\n1,Good,Poor\n")

    assert 'column "Grade": found this heading in column 2 and column 3' in told


def test_a_column_may_stand_there_under_several_headings() -> None:
    column = Column(name="grade", headings=("Latest grade", "Grade"))

    assert table(b"Number,Grade,Latest grade\n", Layout(columns=(NUMBER, column))).places["grade"] == (2, 1)


def test_the_first_sheet_with_the_columns_counts() -> None:
    book = xlsx({"README": [["Ratings, by number"]], "Trusts": [["Number", "Name"]], "Services": SHEET})

    assert table(book).sheet == "Services"


def test_a_sheet_can_be_named() -> None:
    book = xlsx({"Services": SHEET, "Closed services": [["Number", "Grade"], [7, "Poor"]]})
    layout = Layout(columns=SERVICES.columns, sheet="closed  Services")

    assert cells(book, layout) == [["7", "Poor"]]
    assert trouble(book, Layout(columns=SERVICES.columns, sheet="Homes")) == (
        'services: found only "Services", "Closed services"; expected a sheet called "Homes"'
    )


# -- cells ---------------------------------------------------------------------------------------------


def test_typed_cells_are_written_as_people_write_them() -> None:
    row = [100001, "Good", 2.5, date(2025, 11, 18), datetime.fromisoformat("2025-11-18 10:30"), True, None]
    book = {"a": [["Number", "Grade", "1", "2", "3", "4", "5"], row]}

    expected = ["100001", "Good", "2.5", "2025-11-18", "2025-11-18 10:30:00", "TRUE", ""]
    assert cells(xlsx(book)) == [expected]
    assert cells(ods(book)) == [expected]


def test_a_formula_is_never_worked_out() -> None:
    sheet = [["Number", "Grade"], [1, Formula('IF(1,"Poor","Poor")', "Good")], [2, Formula("1+1", None)]]

    assert cells(xlsx({"a": sheet})) == [["1", "Good"], ["2", ""]]
    assert cells(b'Number,Grade\n1,"=1+1"\n') == [["1", "=1+1"]]


def test_line_breaks_and_separators_in_quotation_marks_are_of_the_cell() -> None:
    found = table(b'Number,Name,Grade\n1,"Oak,\r\nthe ""old"" house",Good\n2,Elm,Poor\n')

    assert [(row.number, row.cells[1]) for row in found.rows] == [(2, 'Oak,\r\nthe "old" house'), (4, "Elm")]


def test_each_line_is_read_in_its_own_encoding() -> None:
    body = HEAD.encode() + "1,Café,Good\n".encode() + "2,Café “Rose” – north,Good\n".encode("cp1252")

    assert [row[1] for row in cells(body)] == ["Café", "Café “Rose” – north"]


def test_an_encoding_can_be_given() -> None:
    assert cells((HEAD + "1,Tŷ Gwyn,Good\n").encode("iso8859-14"), encoding="iso8859-14")[0][1] == "Tŷ Gwyn"


# -- rows ----------------------------------------------------------------------------------------------


def test_empty_cells_at_the_end_may_be_left_out_and_added() -> None:
    found = cells(b"Number,Grade,Name,Phone\n1,Good\n2,Poor,Elm,020,,,\n,,,\n\n")

    assert found == [["1", "Good", "", ""], ["2", "Poor", "Elm", "020"]]


def test_a_row_that_does_not_fit_is_left_out_and_named() -> None:
    found = table(b"Number,Name,Grade\n1,Oak, the house,Good\n2,Elm,Poor\n3\n4,Fir,Good\n")

    assert [row.cells[0] for row in found.rows] == ["2", "4"]
    assert [str(error) for error in found.broken] == [
        "services, line 2: found 4 cells; expected 3, as there are headings",
        "services, line 4: found 1 cells; expected 3, as there are headings",
    ]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_line_alone() -> None:
    found = table(b'Number,Name,Grade\n1,"Oak,Good\n2,"Elm",Poor\n3,Fir,Good\n4,Yew,"Good\n5,Ash,Poor\n')

    assert [row.cells for row in found.rows] == [
        ["2", "Elm", "Poor"],
        ["3", "Fir", "Good"],
        ["4", "Yew", "Good"],
        ["5", "Ash", "Poor"],
    ]
    assert [error.row for error in found.broken] == [2]


def test_quotation_marks_within_a_cell_that_were_not_doubled_are_kept() -> None:
    assert cells(b'Number,Name,Grade\n1,"The "Old" House",Good\n')[0][0::2] == ["1", "Good"]


def test_a_file_of_broken_rows_is_refused_as_a_whole() -> None:
    rows = b"".join(b"%d,Oak, House,Good\n" % n if n % 5 else b"%d,Oak,Good\n" % n for n in range(100))

    assert trouble(HEAD.encode() + rows) == (
        "services, line 3: found 80 broken rows of 100, the first with 4 cells; "
        "expected 3, as there are headings"
    )
