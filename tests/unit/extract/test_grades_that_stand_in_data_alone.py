"""An inspectorate or scale with `prose: false` gives grades by its data alone: no text is read for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.extract import read
from digest.items import Page
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.reports import Reading

GUIDE = "https://www.gov.uk/government/organisations/regulator-of-social-housing/news/1"
CARE = """CQC rates Oak House care home good

The Care Quality Commission has rated Oak House care home good, after an inspection in May.
"""


def reading(text: str, inspectorates: Inspectorates, url: str = "https://news.example/1") -> Reading:
    page = Page(
        url=url,
        body=text.encode(),
        content_type="text/plain; charset=utf-8",
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    return read(page, inspectorates=inspectorates, register=Register())


@pytest.mark.parametrize(
    "text",
    [
        "Oakshire Homes keeps its grades\n\nThe Regulator of Social Housing has graded it C2, G1 and V2.",
        "Oak Cafe told to improve\n\nThe Food Standards Agency gave Oak Cafe 2 (improvement necessary).",
        "Oakshire Water is poor\n\nThe Environment Agency has rated Oakshire Water poor, with one star.",
        "All standards met\n\nThe Independent Schools Inspectorate found that Oak School met all of them.",
        "Oakshire Homes at fault\n\nThe Housing Ombudsman found severe maladministration by Oakshire Homes.",
        "Trusts move segments\n\nNHS England has put Oakshire NHS Trust into segment 4, down from segment 2.",
    ],
)  # fmt: skip
def test_no_grade_is_read_in_a_text_about_one_of_them(text: str, inspectorates: Inspectorates) -> None:
    found = reading(text, inspectorates)

    assert [one for one in found.reports if one.overall or one.judgements] == []


def test_its_own_pages_give_no_grade_of_another_either(inspectorates: Inspectorates) -> None:
    assert len(reading(CARE, inspectorates).reports) == 1
    assert reading(CARE, inspectorates, GUIDE).reports == ()


def test_texts_of_its_own_source_are_read_for_no_grade_wherever_they_stand(
    inspectorates: Inspectorates,
) -> None:
    assert reading(CARE, inspectorates.read_at("regulator-of-social-housing")).reports == ()
    for key in ("cqc", None, "unheard-of"):
        assert inspectorates.read_at(key) is inspectorates


def test_a_text_that_names_one_of_them_in_passing_is_read_as_before(inspectorates: Inspectorates) -> None:
    text = CARE.replace("in May.", "in May. NHS England and the Food Standards Agency welcomed it.")
    without = Inspectorates(all=tuple(one for one in inspectorates if one.prose))

    assert replace(reading(text, inspectorates), text="") == replace(reading(text, without), text="")


def test_the_words_of_a_scale_for_data_are_not_looked_for(inspectorates: Inspectorates) -> None:
    text = """Oak Primary School inspected

Ofsted inspected Oak Primary School on 3 March 2026. Inclusion: Expected standard. Safeguarding: Met.
"""
    grades = {j.aspect: j.grade for one in reading(text, inspectorates).reports for j in one.judgements}

    assert grades == {"inclusion": "expected standard"}
    assert inspectorates.scale("ofsted-safeguarding-2") is not None
