"""An inspectorate's own report pages, which often do not name the body that they are about."""

# ruff: noqa: E501 -- sentences are read whole

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.adapters.config.files import load
from digest.adapters.config.packaged import packaged
from digest.extract import read
from digest.items import Page
from digest.providers import Register
from digest.reports import Kind


@pytest.fixture(scope="module")
def page_of():
    inspectorates = load(packaged("config")).inspectorates

    def of(text, url="https://www.cqc.org.uk/location/1-100/reports", title="Reports"):
        page = Page(
            url=url,
            body=f"{title}\n\n{text}".encode(),
            content_type="text/plain; charset=utf-8",
            fetched_at=datetime(2024, 6, 1, tzinfo=UTC),
        )
        return read(page, inspectorates=inspectorates, register=Register())

    return of


def judged(reading):
    return {j.aspect: j.grade for r in reading.reports for j in r.judgements}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "We rated safe and caring as good, and well-led as outstanding.\nWe rated all four of the trust's core services as good.",
            {"safe": "good", "caring": "good", "well-led": "outstanding"},
        ),
        (
            "We rated the practice requires improvement for providing safe services because:\n\n- Care was not always safe.",
            {"safe": "requires improvement"},
        ),
    ],
)
def test_a_report_that_says_we_rated_is_about_one_body(page_of, text, told):
    reading = page_of(text)

    assert reading.kind is Kind.INSPECTION
    assert judged(reading) == told


def test_core_services_that_we_rated_are_parts(page_of):
    text = (
        "Our rating of services stayed the same. We rated them as good because:\n\nWe rated effective and safe as good.\n\n"
        "In critical care we rated safe as inadequate. We rated the service as requires improvement overall.\n\n"
        "In children and young people's services we rated effective as outstanding, and the service as outstanding overall."
    )
    reading = page_of(text)

    assert judged(reading) == {"effective": "good", "safe": "good"}
    assert [r.overall.value for r in reading.reports if r.overall] == ["good"]


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (
            "We found the practice to be good in safe, caring and responsive areas we inspected, and outstanding in effective and well-led.",
            {"safe": "good", "caring": "good", "responsive": "good", "effective": "outstanding", "well-led": "outstanding"},
        ),
        (
            "The practice was rated as requires improvement in safe and caring with good in effective and well led; with an overall rating for the practice of good.",
            {"safe": "requires improvement", "caring": "requires improvement", "effective": "good", "well-led": "good"},
        ),
        ("The practice was rated inadequate in safe, and staff were good in caring.", {"safe": "inadequate"}),
    ],
)  # fmt: skip
def test_grades_are_joined_by_the_aspects_they_are_in(page_of, sentence, told):
    text = f"We inspected this practice in October 2023. {sentence} The overall rating is good."

    assert judged(page_of(text)) == told


def test_an_inspection_carried_out_earlier_gave_the_former_grades(page_of):
    text = (
        "This inspection was a desk-based review done on 26 February 2019.\n\n"
        "We had earlier carried out an announced comprehensive inspection of this practice on 20 November 2018. "
        "Overall the practice was rated as good with requires improvement for providing safe services.\n\n"
        "Overall the practice remains rated as good and Safe is now rated good."
    )
    (report,) = page_of(text).reports

    assert (report.overall.value, report.previous.value) == ("good", "good")
    assert [(j.aspect, j.grade, j.previous) for j in report.judgements] == [
        ("safe", "good", "requires improvement")
    ]


STARS = "<tr><td>The quality rating for this care home is:</td><td>two star good service</td></tr>"


@pytest.mark.parametrize(
    "markup",
    [
        f"<table><tr><td>Name:</td><td>Elm Park</td></tr><tr><td>Address:</td><td>3 Hill Road Horsham</td></tr>{STARS}</table>",
        "<dl><dt>Name:</dt><dd>Elm Park</dd><dt>Address:</dt><dd>3 Hill Road Horsham</dd>"
        "<dt>The quality rating for this care home is:</dt><dd>two star good service</dd></dl>",
        "<p>Name: Address: Elm Park Care Home 138 Thorne Road Doncaster The quality rating for this care home is:</p>"
        "<p>two star good service A quality rating is our assessment of how well a care home meets people's needs.</p>",
    ],
)
def test_stars_of_a_care_home_are_read_in_every_layout(reading_of_bytes, markup):
    page = (
        "<html><head><title>Report</title></head><body><h1>Key inspection report</h1><h2>Care homes for older people</h2>"
        f"{markup}<p>We use the national minimum standards to say what people should experience in a care home.</p></body></html>"
    )
    (report,) = reading_of_bytes(page.encode(), "text/html; charset=utf-8").reports

    assert report.overall.value == "good"


def test_a_home_whose_name_sounds_like_other_news_is_announced(page_of):
    text = "Latest Inspection\n\nCQC found this care home to be providing an Excellent service. It was inspected on 16 December 2009."
    (report,) = page_of(text, url="https://www.homes.example/barn-close", title="Barn Close").reports

    assert (report.provider, report.overall.value) == ("Barn Close", "excellent")
