"""The bank holidays of England and Wales."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bank_holidays import bank_holidays

PUBLISHED = {
    2020: "0101 0410 0413 0508 0525 0831 1225 1228",
    2021: "0101 0402 0405 0503 0531 0830 1227 1228",
    2022: "0103 0415 0418 0502 0602 0603 0829 0919 1226 1227",
    2023: "0102 0407 0410 0501 0508 0529 0828 1225 1226",
    2024: "0101 0329 0401 0506 0527 0826 1225 1226",
    2025: "0101 0418 0421 0505 0526 0825 1225 1226",
    2026: "0101 0403 0406 0504 0525 0831 1225 1228",
    2027: "0101 0326 0329 0503 0531 0830 1227 1228",
}


@pytest.mark.parametrize(("year", "days"), PUBLISHED.items())
def test_they_are_the_days_that_the_government_publishes(year: int, days: str) -> None:
    assert bank_holidays(year) == {date(year, int(day[:2]), int(day[2:])) for day in days.split()}


@given(st.integers(2024, 2200))
def test_a_year_has_at_least_eight_and_none_is_on_a_weekend(year: int) -> None:
    found = bank_holidays(year)

    assert len(found) >= 8
    assert all(day.weekday() < 5 and day.year == year for day in found)
