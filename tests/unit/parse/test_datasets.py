"""The rows of publishers' files as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from datasets import (
    CARE_INSPECTORATE,
    CARE_INSPECTORATE_HEADINGS,
    CQC_DIRECTORY,
    CQC_DIRECTORY_2020,
    CQC_DIRECTORY_2026,
    CQC_RATINGS,
    CQC_RATINGS_HEADINGS,
    OFSTED,
    OFSTED_BEFORE,
    OFSTED_SINCE,
    spec,
    table,
)
from sheets import ods, xlsx

from digest.adapters.config.files import load_scales
from digest.errors import TableError
from digest.listing import unpacked
from digest.parse.dataset import Compared, Document, read_dataset
from digest.parse.dataset.cells import day_of
from digest.ratings import OVERALL
from digest.records import Kept, Record
from digest.source_specs import DatasetSpec

SCALES = load_scales(Path(__file__).parents[3] / "config")


def compared(
    body: bytes | str, of: DatasetSpec, kept: Mapping[str, Kept] | None = None, **more: Any
) -> Compared:
    body = body.encode() if isinstance(body, str) else body
    document = Document(file="file.csv", publisher="The publisher", inspectorate="ofsted")
    return read_dataset(body, of, document, inspectorates=SCALES, kept=kept or {}, **({"others": {}} | more))


def records(body: bytes | str, of: DatasetSpec) -> dict[str, Record]:
    return {one.record.key: one.record for part in compared(body, of).changed for one in unpacked(part)}


def grades(record: Record) -> dict[str, str]:
    return {one.aspect: one.grade for one in record.grades}


def kept_of(body: bytes | str, of: DatasetSpec) -> dict[str, Kept]:
    return {key: Kept(version=1, standing=one.standing) for key, one in records(body, of).items()}


# -- Ofsted: every aspect has a column ---------------------------------------------------------------

SCHOOLS = spec(OFSTED)
OAK = {
    "Web link": "https://reports.ofsted.gov.uk/provider/21/100001",
    "URN": "100001",
    "School name": "Oak Primary School",
    "Ofsted phase": "Primary",
    "Local authority": "Kent",
}
CARD = OAK | {
    "Inspection number of latest full inspection": "10012345",
    "Inspection start date": "18/11/2025",
    "Inspection end date": "19/11/2025",
    "Publication date": "15-12-2025",
    "URN at time of latest full inspection": "100001",
    "Inclusion": "Expected standard",
    "Inclusion - date of grade": "19/11/2025",
    "Achievement": "Needs attention",
    "Achievement - date of grade": "04/03/2026",
    "Early years (where applicable)": "NULL",
    "Latest OEIF overall effectiveness": "2",
}
OLD = OAK | {
    "Inspection number of latest OEIF graded inspection": "10000001",
    "Inspection start date of latest OEIF graded inspection": "09/05/2023",
    "Publication date of latest OEIF graded inspection": "13/06/2023",
    "URN at time of latest OEIF graded inspection": "100001",
    "Latest OEIF overall effectiveness": "2",
    "Latest OEIF quality of education": "1",
    "Latest OEIF effectiveness of  leadership and management": "9",
}


def test_a_report_card_is_a_record_with_its_words_and_dates() -> None:
    oak = records(table(OFSTED_SINCE, [CARD]), SCHOOLS)["100001"]

    assert (oak.scale, oak.number) == ("ofsted-reportcard-5", "10012345")
    assert (oak.inspected_on, oak.published_on) == (date(2025, 11, 19), date(2025, 12, 15))
    assert grades(oak) == {"inclusion": "expected standard", "achievement": "needs attention"}
    assert oak.grades[1].graded_on == date(2026, 3, 4)
    assert oak.grades[1].line == "Achievement: Needs attention"
    assert oak.grades[1].line in oak.text.splitlines()
    assert (oak.subject.name, oak.subject.kind, oak.subject.area) == ("Oak Primary School", "Primary", "Kent")
    assert oak.link == OAK["Web link"]
    assert oak.place.row == "line 2"
    assert oak.inherited_from is None


def test_a_school_without_a_report_card_has_its_last_rating_of_the_four_grades() -> None:
    oak = records(table(OFSTED_SINCE, [OLD]), SCHOOLS)["100001"]

    assert (oak.scale, oak.number, oak.inspected_on) == ("ofsted-4", "10000001", date(2023, 5, 9))
    assert grades(oak) == {OVERALL: "good", "quality of education": "outstanding"}


def test_the_file_from_before_the_report_card_is_read_with_the_same_words_of_the_operator() -> None:
    row = ["", 100001, "Oak", "Primary", "Kent", 7, "09/05/2023", "13/06/2023", 100000, 2, 2, 9, 3]
    oak = records(table(OFSTED_BEFORE, [row]), SCHOOLS)["100001"]

    assert grades(oak) == {OVERALL: "good", "quality of education": "good"}
    assert oak.grades[0].previous == "requires improvement"
    assert oak.inherited_from == "100000"
    assert oak.subject.predecessors == ("100000",)


@pytest.mark.parametrize("book", [xlsx, ods])
def test_numbers_of_a_spreadsheet_are_read_as_they_are_meant(book: Any) -> None:
    row = [OLD.get(one) for one in OFSTED_SINCE]
    row[1], row[21], row[18] = 100001, 2, date(2023, 5, 9)
    found = records(book({"Read me": [["Notes"]], "Data": [OFSTED_SINCE, row]}), SCHOOLS)["100001"]

    assert (found.key, found.inspected_on) == ("100001", date(2023, 5, 9))
    assert grades(found) == {OVERALL: "good", "quality of education": "outstanding"}
    assert found.place.row == "sheet Data, row 2"


def test_a_missing_column_of_a_rating_that_is_there_stops_the_file() -> None:
    headings = ["Achievements" if one == "Achievement" else one for one in OFSTED_SINCE]

    with pytest.raises(TableError, match='nearest "Achievements"'):
        compared(table(headings, [CARD]), SCHOOLS)


def test_a_file_without_any_rating_is_stopped() -> None:
    with pytest.raises(TableError, match='expected a column headed "Inclusion"'):
        compared(table(("URN", "School name", "Ofsted phase", "Local authority", "Web link"), [OAK]), SCHOOLS)


def test_a_word_that_is_no_grade_costs_its_row_and_what_is_remembered_of_it_stays() -> None:
    body = table(OFSTED_SINCE, [CARD | {"Inclusion": "Expectd standard"}, OLD | {"URN": "100002"}])
    found = compared(body, SCHOOLS, {"100001": Kept(version=1, standing="x")})

    assert (found.rows, found.broken, found.gone) == (2, 1, ())
    assert found.told == (
        'file.csv, line 2, column "Inclusion": found "Expectd standard"; expected one of exceptional, '
        "strong standard, expected standard, needs attention, urgent improvement",
    )


@pytest.mark.parametrize(("column", "words"), [("Publication date", "soon"), ("School name", "")])
def test_a_date_that_is_none_or_a_missing_name_costs_its_row(column: str, words: str) -> None:
    body = table(OFSTED_SINCE, [CARD | {column: words}, OLD | {"URN": "100002"}])

    assert f'line 2, column "{column}"' in compared(body, SCHOOLS).told[0]


def test_a_file_of_unknown_grades_is_refused_as_a_whole() -> None:
    rows = [CARD | {"URN": str(n), "Inclusion": "3"} for n in range(100)]

    with pytest.raises(TableError, match="100 broken rows of 100"):
        compared(table(OFSTED_SINCE, rows), SCHOOLS)


def test_a_file_with_headings_alone_is_refused() -> None:
    with pytest.raises(TableError, match="expected at least one row"):
        compared(table(OFSTED_SINCE, []), SCHOOLS)


def test_only_what_differs_from_what_is_remembered_comes_back() -> None:
    elm, fir = OLD | {"URN": "100002"}, OLD | {"URN": "100003"}
    before = kept_of(table(OFSTED_SINCE, [CARD, elm, fir]), SCHOOLS)
    body = table(OFSTED_SINCE, [elm | {"Postcode": "AB1 2CD"}, CARD | {"Achievement": "Strong standard"}])

    found = compared(body, SCHOOLS, before)

    [(version, oak, *_)] = [one for part in found.changed for one in unpacked(part)]
    assert (version, oak.key, found.gone) == (2, "100001", ("100003",))
    gone = before | {"100003": replace(before["100003"], gone=True)}
    assert compared(body, SCHOOLS, gone).gone == ()
    again = compared(table(OFSTED_SINCE, [CARD, elm, fir]), SCHOOLS, gone)
    assert [one.record.key for part in again.changed for one in unpacked(part)] == ["100003"]


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_rows_of_one_school_the_later_inspection_counts_in_any_order(turn: int) -> None:
    later = CARD | {"Publication date": "01/02/2026", "Inclusion": "Strong standard"}
    found = records(table(OFSTED_SINCE, [CARD, later][::turn]), SCHOOLS)

    assert grades(found["100001"])["inclusion"] == "strong standard"


# -- the Care Quality Commission: every aspect has a row ---------------------------------------------

LOCATIONS = spec(CQC_RATINGS)


def location(number: str, domain: str, rating: str, **more: str) -> dict[str, str]:
    return {
        "Location ID": number,
        "Location Name": "Oak House",
        "Location Primary Inspection Category": "Residential social care",
        "Location Local Authority": "Kent",
        "Service / Population Group": "Overall",
        "Domain": domain,
        "Latest Rating": rating,
        "Publication Date": "27/11/2026",
        "Inherited Rating (Y/N)": "N",
        "URL": f"https://www.cqc.org.uk/location/{number}",
        "Brand Name": "-",
    } | more


def test_the_rows_of_one_provider_are_one_record_wherever_they_stand() -> None:
    rows = [
        location("1-1", "Safe", "Requires improvement"),
        location("1-2", "Overall", "Good", **{"Inherited Rating (Y/N)": "Y"}),
        location("1-1", "Caring", "No published rating"),
        location("1-1", "Overall", "Good"),
        location("1-1", "Overall", "Inadequate", **{"Service / Population Group": "Surgery"}),
    ]
    sheet = [CQC_RATINGS_HEADINGS, *([row.get(one) for one in CQC_RATINGS_HEADINGS] for row in rows)]
    found = records(xlsx({"README": [["How to read this"]], "Locations": sheet}), LOCATIONS)

    assert grades(found["1-1"]) == {OVERALL: "good", "safe": "requires improvement"}
    assert found["1-1"].grades[1].line == "Latest Rating (Safe): Requires improvement"
    assert found["1-1"].grades[1].line in found["1-1"].text.splitlines()
    assert found["1-1"].place.row == "sheet Locations, row 5"
    assert found["1-2"].inherited_from == "a predecessor"


def test_an_aspect_that_the_scale_does_not_know_is_named() -> None:
    body = table(CQC_RATINGS_HEADINGS, [location("1-1", "Sound", "Good"), location("1-2", "Safe", "Good")])

    assert (
        'column "Domain": found "Sound"; expected one of overall, safe'
        in compared(body, replace(LOCATIONS, sheet=None)).told[0]
    )


@pytest.mark.parametrize("headings", [CQC_DIRECTORY_2020, CQC_DIRECTORY_2026], ids=["2020", "2026"])
def test_a_register_without_grades_is_read_below_the_lines_on_top(headings: str) -> None:
    top = "CQC care directory,,\nUpdated weekly,,\n,,\nSee notes,,\n"
    row = "Oak House,Elm House|Oak House,1 High St,AB1 2CD,020,15/Apr/2026 - 00:00,Acorn Ltd,Kent,South,"
    [oak] = records(
        f"{top}{headings}\n{row}https://www.cqc.org.uk/location/1-1,1-1\n", spec(CQC_DIRECTORY)
    ).values()

    assert (oak.key, oak.subject.area, oak.subject.former_names) == ("1-1", "Kent", ("Elm House",))
    assert (oak.grades, oak.place.row) == ((), "line 6")


# -- the Care Inspectorate: Windows-1252, and files without numbers ------------------------------------

SCOTLAND = spec(CARE_INSPECTORATE)
CAFE = {
    "CareService": "Care Home Service",
    "CSNumber": "CS2018000001",
    "ServiceName": "Café House",
    "Service_Postcode": "G81 0ZZ",
    "Council_Area_Name": "West Dunbartonshire",
    "Publication_of_Latest_Grading": "15/08/2026",
    "KQ_Support_Wellbeing": "5",
    "KQ_Staff_Team": "NA",
    "KQ_Leadership": "4",
    "Complaints_upheld_2425": "NA",
}
NEXT_YEAR = (*CARE_INSPECTORATE_HEADINGS[:-1], "Complaints_upheld_2526")
UNNUMBERED = tuple(one for one in NEXT_YEAR if one != "CSNumber")


def scottish(headings: tuple[str, ...], *rows: Mapping[str, str]) -> bytes:
    return table(headings, rows).encode("cp1252")


def test_grades_in_figures_are_those_of_the_scale() -> None:
    cafe = records(scottish(CARE_INSPECTORATE_HEADINGS, CAFE), SCOTLAND)["CS2018000001"]

    assert cafe.subject.name == "Café House"
    assert grades(cafe) == {"wellbeing": "very good", "leadership": "good"}


def test_a_renamed_column_that_nobody_wants_changes_nothing() -> None:
    before = kept_of(scottish(CARE_INSPECTORATE_HEADINGS, CAFE), SCOTLAND)

    assert compared(scottish(NEXT_YEAR, CAFE), SCOTLAND, before).changed == ()


def test_a_file_without_numbers_is_known_by_name_and_postcode() -> None:
    before = kept_of(scottish(CARE_INSPECTORATE_HEADINGS, CAFE), SCOTLAND)
    new = CAFE | {"ServiceName": "Fir House"}
    body = scottish(UNNUMBERED, CAFE, new)

    assert not compared(body, SCOTLAND, before).keyed
    found = compared(body, SCOTLAND, before, others={"cafe house g81 0zz": "CS2018000001"})

    [(_, fir, *_)] = [one for part in found.changed for one in unpacked(part)]
    assert (fir.key, found.gone) == ("fir house g81 0zz", ())
    numbered = scottish(NEXT_YEAR, CAFE, new | {"CSNumber": "CS2026000009"})
    later = compared(numbered, SCOTLAND, before | {fir.key: Kept(version=1, standing=fir.standing)})
    assert (later.renamed, later.gone) == (("CS2026000009",), (fir.key,))


def test_a_link_is_made_of_a_number_and_never_of_a_name() -> None:
    linked = replace(SCOTLAND, link=(), link_form="https://care.example.org/{key}")
    spaced = CAFE | {"CSNumber": "CS 2018/1"}
    [numbered] = records(scottish(NEXT_YEAR, spaced), linked).values()
    [named] = records(scottish(UNNUMBERED, CAFE), linked).values()

    assert (numbered.link, named.link) == ("https://care.example.org/CS%202018%2F1", None)
    before = {named.key: Kept(version=1, standing=named.standing)}
    assert compared(scottish(NEXT_YEAR, spaced), linked, before).renamed == (numbered.key,)


def test_a_file_with_neither_numbers_nor_names_is_stopped() -> None:
    headings = tuple(one for one in UNNUMBERED if one != "Service_Postcode")

    with pytest.raises(TableError, match="Service_Postcode"):
        compared(scottish(headings, CAFE), SCOTLAND)


# -- days ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *"2026-04-15 2026-04-15T09:30:00Z 15/04/2026 15-04-2026 15.4.26 15/4/2026,10:00".split(),  # noqa: SIM905
        "15/Apr/2026",
        "15/04/2026 - 00:00",
        "15 April 2026",
        "15th Apr 2026",
        "2026-04-15 10:00:00",
        "46127",
        "46127.0",
    ],
)
def test_days_are_read_as_publishers_write_them(text: str) -> None:
    assert day_of(text) == date(2026, 4, 15)


def test_the_month_may_come_first() -> None:
    assert day_of("4/15/2026", month_first=True) == date(2026, 4, 15)


@pytest.mark.parametrize(
    "text", ["31/02/2026", "15/13/2026", "soon", "2026", "April 2026", "99999999", "00/00/00"]
)
def test_what_names_no_day_is_none(text: str) -> None:
    assert day_of(text) is None
