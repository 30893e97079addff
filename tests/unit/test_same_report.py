"""One report under two addresses: what shows that it is one, and what shows that it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from builders import DAY, a_candidate

from digest.changes import Movement
from digest.edition import Candidate
from digest.matching import same_report
from digest.reports import Kind
from digest.sources import Authority

VISIT = date(2026, 2, 6)


def filed(item: int = 1, **facts: Any) -> Candidate:
    visited = facts.pop("inspected_on", VISIT)
    made = a_candidate(item, **({"number": "HMIP-26-04"} | facts))
    assert made.report is not None
    return replace(made, report=replace(made.report, inspected_on=visited))


@pytest.mark.parametrize(
    ("facts", "by"),
    [
        ({}, "provider, inspection date and report number"),
        ({"published": DAY + timedelta(days=400)}, "provider, inspection date and report number"),
        ({"grade": None}, "provider, inspection date and report number"),
        ({"number": None}, "provider, inspection date and grades"),
        ({"inspected_on": None}, "provider, day of publication and grades"),
        (
            {"source": "gov-uk", "link": "https://other.example/x"},
            "provider, inspection date and report number",
        ),
        ({"inspected_on": None, "number": "HMIP-26-05"}, None),
        ({"inspected_on": None, "published": DAY + timedelta(days=1)}, None),
        ({"inspected_on": VISIT + timedelta(days=1)}, None),
        ({"number": "HMIP-26-05"}, None),
        ({"grade": "inadequate"}, None),
        ({"grade": None, "number": None}, None),
        ({"provider": "surrey-pdu"}, None),
        ({"inspectorate": "hmi-prisons"}, None),
        ({"authority": Authority.BLOG}, None),
        ({"kind": Kind.THEMATIC}, None),
    ],
)
def test_two_official_texts_are_one_report_or_they_are_not(facts: dict[str, Any], by: str | None) -> None:
    assert same_report(filed(2, **facts), filed(1)) == by


def test_a_report_is_no_repeat_of_itself() -> None:
    assert same_report(filed(1), filed(1)) is None


def test_a_text_with_a_grade_more_is_no_repeat() -> None:
    richer = filed(2, aspects={"staffing": ("good", Movement.FIRST_RATING)})

    assert same_report(richer, filed(1)) is None
    assert same_report(filed(1), richer) == "provider, inspection date and report number"
