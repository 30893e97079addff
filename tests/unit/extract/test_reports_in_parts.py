"""Reports in parts: which pages are parts of a report, and what they add to its reading."""

from __future__ import annotations

import pytest
from builders import MORNING, a_report

from digest.extract.report_parts import MOST_PARTS, is_below_or_beside, joined, may_be_in_parts, parts_of
from digest.items import Page
from digest.reports import Kind, Reading

HOME = "https://inspectorate.example"


def a_reading(*reports, title: str = "Inspection of Kent PDU", **facts) -> Reading:
    usual = {"kind": Kind.INSPECTION, "inspectorate": "hmi-probation", "published": None}
    return Reading(
        **(usual | {"title": title, "reports": reports, "text": "\n".join(_said(reports))} | facts)
    )


def _said(reports):
    return [j.evidence for r in reports for j in r.graded()]


@pytest.mark.parametrize(
    ("own", "url", "part"),
    [
        ("/reports/kent", "/reports/kent/ratings", True),
        ("/reports/kent/", "/reports/kent/part/3", True),
        ("/reports/kent/index.html", "/reports/kent/ratings.html", True),
        ("/reports/kent/contents", "/reports/kent/ratings", True),
        ("/reports/kent/1-contents", "/reports/kent/3-ratings", True),
        ("/reports/kent/part-1", "/reports/kent/part-3", True),
        ("/reports/kent", "/reports/kent?page=3", True),
        ("/reports/kent?page=1&lang=en", "/reports/kent?page=3&lang=en", True),
        ("/reports/kent", "/reports/kent/report.pdf", True),
        ("/reports/kent", "/reports/surrey", False),
        ("/reports/kent", "/reports/kent-and-surrey", False),
        ("/reports/kent", "/reports", False),
        ("/reports/kent", "/reports/kent", False),
        ("/reports/kent", "/reports/kent?share=mail", False),
        ("/reports/kent", "/reports/kent/ratings?print=1", False),
        ("/reports/kent", "/reports/kent/feed/", False),
        ("/reports/kent", "/reports/kent/logo.png", False),
        ("/reports/kent/part-1", "/reports/kent/summary-2", False),
        ("/", "/reports/kent", False),
        ("/reports/kent", "https://other.example/reports/kent/ratings", False),
    ],
)
def test_a_part_is_below_its_report_or_a_numbered_page_beside_it(own: str, url: str, part: bool) -> None:
    target = url if url.startswith("https") else HOME + url
    assert is_below_or_beside(target, HOME + own) is part


def a_page(body: str, url: str = f"{HOME}/reports/kent", content_type: str = "text/html") -> Page:
    return Page(url=url, body=body.encode(), content_type=content_type, fetched_at=MORNING)


def test_few_parts_are_asked_for_and_those_that_may_give_ratings_first() -> None:
    links = "".join(f"<li><a href='/reports/kent/{n}#top'>Chapter {n}</a>" for n in "abcdefghijk")
    page = a_page(f"<nav>{links}<li><a href='kent/z'>Part 3: Ratings</a><li><a href='kent/z#b'>x</a></nav>")

    found = [part.url.rpartition("/")[2] for part in parts_of(page)]

    assert len(found) == MOST_PARTS
    assert found[:3] == ["z", "a", "b"]


def test_a_page_that_is_no_html_and_links_that_are_none_have_no_parts() -> None:
    assert parts_of(a_page("%PDF-1.7", content_type="application/pdf")) == ()
    assert parts_of(a_page("plain", content_type="text/plain")) == ()
    assert parts_of(a_page("<a href='http://[bad'>x</a><a href='mailto:a@b.c'>y</a><a href=''>z</a>")) == ()


@pytest.mark.parametrize(
    ("reading", "may"),
    [
        (a_reading(a_report(None)), True),
        (a_reading(kind=Kind.OTHER), True),
        (a_reading(title="Kent PDU", lead="Inspectors came in May."), True),
        (a_reading(a_report("good")), False),
        (a_reading(a_report(None), a_report(None)), False),
        (a_reading(kind=Kind.THEMATIC), False),
        (a_reading(title="Annual report"), False),
        (a_reading(title="Kent PDU has a new head"), False),
    ],
)
def test_only_a_report_without_a_rating_may_be_in_parts(reading: Reading, may: bool) -> None:
    assert may_be_in_parts(reading) is may


def test_what_parts_say_of_the_provider_joins_the_report_with_their_links() -> None:
    first = a_reading(a_report(None))
    rated = a_reading(a_report("good", aspects={"staffing": "outstanding"}))
    [report] = joined(first, [("u/1", a_reading(a_report(None))), ("u/3", rated)]).reports

    assert report.overall is not None
    assert (report.overall.value, report.overall.link) == ("good", "u/3")
    assert [(j.aspect, j.grade, j.link) for j in report.judgements] == [("staffing", "outstanding", "u/3")]


def test_the_first_part_that_gives_a_grade_is_believed() -> None:
    parts = [("u/1", a_reading(a_report("good"))), ("u/2", a_reading(a_report("inadequate")))]
    [report] = joined(a_reading(a_report(None)), parts).reports

    assert report.overall is not None
    assert report.overall.value == "good"


def test_a_part_about_another_provider_or_several_gives_nothing() -> None:
    first = a_reading(a_report(None))
    surrey = a_reading(a_report("good", provider="Surrey PDU"))
    several = a_reading(a_report("good"), a_report("good", provider="Surrey PDU"))
    unnamed = a_reading(a_report("good", provider=None))

    assert joined(first, [("u/1", surrey), ("u/2", several), ("u/3", unnamed)]) == first


def test_a_contents_page_that_names_nobody_takes_what_is_said_of_the_provider_in_its_title() -> None:
    contents = a_reading(kind=Kind.OTHER)
    surrey = a_reading(a_report("good", provider="Surrey PDU"))

    assert [r.provider for r in joined(contents, [("u/3", a_reading(a_report("good")))]).reports] == [
        "Kent PDU"
    ]
    assert joined(contents, [("u/3", surrey)]) == contents
