"""Whole texts read: what is claimed, with its sentence, and what is left unsaid."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.adapters.config.files import load
from digest.adapters.config.packaged import packaged
from digest.extract import as_contract, read
from digest.items import Page
from digest.providers import Register
from digest.reports import Direction, Kind, Reading

INSPECTORATES = load(packaged("config")).inspectorates

RELEASE = """{name} moves up

HM Inspectorate of Probation inspected {name} in the autumn.

{name} has been rated {q0}Good{q1} overall.
At its last inspection, in 2018, it was rated {q0}Requires improvement{q1}.

Leadership was rated {q0}Outstanding{q1}.

Key findings

Organisational delivery

Key strengths are:

• Managers know their service and their people well.

Areas for improvement are:

• Training is not yet put to use in every part of the work.
"""


def reading(text: str, *, kind: str = "text/plain") -> Reading:
    page = Page(
        url="https://example.org/a/", body=text.encode(), content_type=kind, fetched_at=datetime.now(UTC)
    )
    return read(page, inspectorates=INSPECTORATES, register=Register())


@pytest.mark.parametrize("quotes", ["‘’", "“”", '""'])
@pytest.mark.parametrize(
    "name",
    ["Durham Tees Valley CRC", "Kent, Surrey and Sussex CRC", "Newham PDU", "Bath Youth Justice Service"],
)
def test_neither_the_providers_name_nor_the_style_of_quotes_changes_the_rating(
    name: str, quotes: str
) -> None:
    found = reading(RELEASE.format(name=name, q0=quotes[0], q1=quotes[1]))

    assert found.kind is Kind.INSPECTION
    (report,) = found.reports
    assert report.provider == name
    assert report.overall is not None
    assert report.overall.value == "good"
    assert report.previous is not None
    assert report.previous.value == "requires improvement"
    assert report.claims is Direction.UPGRADE
    assert [(j.aspect, j.grade) for j in report.judgements] == [("leadership", "outstanding")]
    assert [(f.heading, f.kind.value) for f in report.findings] == [
        ("Organisational delivery", "strength"),
        ("Organisational delivery", "improvement"),
    ]


def test_every_claim_is_found_again_in_the_text() -> None:
    found = reading(RELEASE.format(name="Newham PDU", q0="‘", q1="’"))

    (report,) = found.reports
    claims = [claim for claim in (report.overall, report.previous, report.direction) if claim]
    sentences = [c.evidence for c in claims] + [j.evidence for j in report.judgements]
    assert all(sentence in found.text for sentence in sentences)
    assert all(finding.text in found.text for finding in report.findings)


@pytest.mark.parametrize(
    "text",
    [
        "Our lecture\n\nThe Chief Inspector of Probation will give a good talk in March. Places are limited.",
        "Annual report\n\nHM Inspectorate of Probation saw 17 services. Ten of 17 were rated ‘Inadequate’.",
        "A view\n\nNewham PDU is a good place to work, with outstanding staff.",
    ],
)
def test_a_text_that_tells_no_inspection_announces_no_rating(text: str) -> None:
    assert all(report.overall is None for report in reading(text).reports)


def test_page_furniture_is_not_read() -> None:
    text = RELEASE.format(name="Newham PDU", q0="‘", q1="’").replace("\n\n", "</p><p>")
    html = (
        f"<html><body><nav><p>Leeds PDU rated ‘Inadequate’</p></nav><main><p>{text}</p></main></body></html>"
    )

    found = reading(html, kind="text/html")

    assert "Leeds" not in found.text


def test_the_contract_has_its_keys_and_no_others() -> None:
    contract = as_contract(reading(RELEASE.format(name="Newham PDU", q0="‘", q1="’")))

    assert list(contract) == ["kind", "inspectorate", "published", "title", "reports"]
    assert list(contract["reports"][0]) == [
        "provider",
        "scale",
        "overall",
        "previous",
        "direction",
        "judgements",
        "findings",
        "evidence",
    ]
    assert contract["inspectorate"] == "hmi-probation"
    assert contract["reports"][0]["scale"] == "hmi-probation-4"


@pytest.mark.parametrize(
    "above",
    [
        "Published: 5 March 2020",
        "Published 5 March 2020",
        "Thursday 5 March 2020",
        "Last updated: 5 March 2020",
        "By Ann Smith, 5 March 2020",
    ],
)
def test_a_line_that_only_dates_a_text_is_not_its_opening(above: str) -> None:
    opening = "Little has been gained since 2018."
    page = f"<main><h1>Too many left at risk</h1><p>{above}</p><p>{opening}</p></main>"
    assert reading(page, kind="text/html").lead == opening


def test_an_opening_that_tells_of_a_day_stays_the_opening() -> None:
    opening = "Published on 5 March 2020, the report finds little gained since 2018."
    page = f"<main><h1>Too many left at risk</h1><p>{opening}</p><p>More of it.</p></main>"
    assert reading(page, kind="text/html").lead == opening
