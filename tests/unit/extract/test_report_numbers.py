"""The number of a report, as its publisher gives it."""

from __future__ import annotations

import pytest

from digest.extract.report_number import report_number


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["Inspection number: 10234567"], "10234567"),
        (["Report reference HMIP/2026-04."], "HMIP/2026-04"),
        (["Reference no. AB-12", "Reference number: ab-12"], "AB-12"),
        (["ISBN 978 1 916621 45 3"], "9781916621453"),
        (["ISBN: 978-1-916621-45-3"], "978-1-916621-45-3"),
        (["Inspection number: 1", "URN 123456"], None),
        (["Inspection number: 10234567", "Report number: 10999999"], None),
        (["Inspection number: -", "Report number: n/a"], None),
        (["The report number of complaints fell."], None),
        (["x" * 400 + " Inspection number: 10234567"], None),
    ],
)
def test_a_number_is_taken_if_a_text_gives_one(lines: list[str], number: str | None) -> None:
    assert report_number(lines) == number
