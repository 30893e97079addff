"""Texts about several services, about one among others, and about none in particular."""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

from digest.reports import Kind

SEVERAL = [
    ("Two units inspected\n\nHMI Probation reports. Ambledon PDU and Cranmere PDU were rated 'Good' and 'Inadequate' respectively.", {"Ambledon PDU": "good", "Cranmere PDU": "inadequate"}),
    ("Two units inspected\n\nAmbledon PDU and Cranmere PDU have both been rated 'Requires improvement'.", {"Ambledon PDU": "requires improvement", "Cranmere PDU": "requires improvement"}),
    ("Ambledon and Cranmere PDUs\n\nAmbledon PDU was rated 'Inadequate', while Cranmere PDU was rated 'Requires improvement'.", {"Ambledon PDU": "inadequate", "Cranmere PDU": "requires improvement"}),
    ("Three units\n\nInspectors rated Ambledon PDU 'Inadequate'. The other two are Cranmere PDU (rated 'Good') and Dorking Vale PDU (rated 'Inadequate').", {"Ambledon PDU": "inadequate", "Cranmere PDU": "good", "Dorking Vale PDU": "inadequate"}),
    ("Units inspected\n\nEach was rated 'Inadequate': Ambledon PDU, Cranmere PDU and Dorking Vale PDU.", dict.fromkeys(["Ambledon PDU", "Cranmere PDU", "Dorking Vale PDU"], "inadequate")),
    ("Trio rated ‘Inadequate’\n\nThree probation services have each been rated ‘Inadequate’. Ambledon, Bray and Cranmere PDU, Dorking PDU and Esher and Frome PDU each received the lowest rating possible (‘Inadequate’).", dict.fromkeys(["Ambledon, Bray and Cranmere PDU", "Dorking PDU", "Esher and Frome PDU"], "inadequate")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SEVERAL)
def test_each_of_several_services_gets_its_own_grade(reading, text, expected):
    found = reading(text)

    assert found.kind is Kind.MULTI
    assert {r.provider: r.overall.value if r.overall else None for r in found.reports} == expected


def test_services_that_are_only_looked_back_on_get_no_report(reading):
    text = (
        "One in four cases satisfactory\n\nInspectors published their last reports today. Newly rated ‘Inadequate’ is "
        "Lambourne PDU. It follows Ambledon PDU and Cranmere PDU, all ‘Inadequate’ last month."
    )

    assert [r.provider for r in reading(text).reports] == ["Lambourne PDU"]


def test_a_regions_grade_is_not_its_units(reading):
    text = (
        "Probation inspection of the Northmarch region\n\nThe Northmarch region of the Probation Service was given an "
        "overall rating of 'Requires improvement'. Units were inspected too: Ambledon PDU was rated 'Inadequate'."
    )
    (report,) = reading(text).reports

    assert report.provider == "Northmarch region"
    assert report.overall is not None
    assert report.overall.value == "requires improvement"


def test_a_units_grade_is_not_its_regions(reading):
    text = "Ambledon PDU inspected\n\nHMI Probation visited Ambledon PDU. The region was rated 'Inadequate' overall."

    assert reading(text).reports[0].overall is None


def test_a_thematic_report_announces_nothing(reading):
    text = (
        "Half of services need to improve, annual report says\n\nHMI Probation rated eight of 16 youth offending "
        "services 'Requires improvement', and Ambledon Youth Offending Service was rated 'Inadequate'."
    )
    found = reading(text)

    assert found.kind is Kind.THEMATIC
    assert found.reports == ()


def test_statistics_without_a_service_announce_nothing(reading):
    text = "Inspectors see decline\n\nOf the 16 services seen by HMI Probation, eight were rated ‘Inadequate’.\n\nCranmere YOS was rated ‘Good’."

    assert reading(text).reports == ()


@pytest.mark.parametrize(
    "title",
    [
        "Minutes of the youth justice board",
        "3 May 2023 – good news",
        "Our standards and ratings",
        "Job: inspector",
    ],
)
def test_what_is_no_report_announces_nothing(reading, title):
    found = reading(f"{title}\n\nAmbledon PDU was inspected by HMI Probation and rated overall as 'Good'.")

    assert found.kind is Kind.OTHER
    assert found.reports == ()


def test_a_report_without_a_rating_is_normal(reading):
    (report,) = reading(
        "Ambledon PDU\n\nHMI Probation looked at public protection in Ambledon PDU in May."
    ).reports

    assert report.provider == "Ambledon PDU"
    assert not report.rated


def test_a_national_body_without_an_area_is_that_of_the_place(reading):
    text = (
        "Probation in Cumbria inspected\n\nHMI Probation has inspected Cumbria CRC and its work was sound. "
        "The NPS there was good too, with some gaps."
    )

    assert [r.provider for r in reading(text).reports] == ["Cumbria CRC", "NPS Cumbria"]


def test_a_division_of_the_national_service_is_not_two_bodies(reading):
    text = (
        "NPS North West holds on\n\nHMI Probation has rated the North West division of the NPS ‘Good’. "
        "The NPS had been rated ‘Good’ before."
    )

    assert [r.provider for r in reading(text).reports] == ["NPS North West division"]
