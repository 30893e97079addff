"""One real article, read whole. It is not part of the repository: the tests skip where it is absent."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from digest.extract import as_contract
from digest.reports import Kind

SEED = Path(__file__).parents[3] / ".." / "shared" / "seed" / "durham-tees-valley-crc.txt"
pytestmark = pytest.mark.skipif(not SEED.exists(), reason="the article is not at hand")


@pytest.fixture(scope="module")
def story(reading):
    return reading(SEED.read_text(encoding="utf-8"))


def test_one_report_of_an_upgrade(story):
    (report,) = story.reports

    assert story.kind is Kind.INSPECTION
    assert story.inspectorate == "hmi-probation"
    assert story.published is None
    assert report.provider == "Durham Tees Valley CRC"
    assert as_contract(story)["reports"][0]["overall"] == "good"
    assert as_contract(story)["reports"][0]["previous"] == "requires improvement"
    assert as_contract(story)["reports"][0]["direction"] == "upgrade"
    assert report.direction is not None
    assert report.direction.evidence in story.text


def test_leadership_kept_its_grade_and_case_supervision_has_four(story):
    assert {j.aspect: (j.grade, j.previous) for j in story.reports[0].judgements} == {
        "leadership": ("outstanding", "outstanding"),
        "assessment": ("requires improvement", None),
        "planning": ("requires improvement", None),
        "implementation and delivery": ("requires improvement", None),
        "reviewing": ("requires improvement", None),
    }


def test_all_findings_stand_under_their_headings(story):
    found = story.reports[0].findings

    assert Counter((f.heading, f.kind.value) for f in found) == {
        ("Organisational delivery", "strength"): 5,
        ("Organisational delivery", "improvement"): 2,
        ("Case supervision", "strength"): 4,
        ("Case supervision", "improvement"): 3,
        ("Unpaid work", "strength"): 4,
        ("Unpaid work", "improvement"): 2,
        ("Through-the-gate", "strength"): 4,
        ("Through-the-gate", "improvement"): 1,
    }


def test_nothing_from_around_the_article_is_read(story):
    for stranger in ("Share", "Unilink", "Leave a Reply", "Related posts", "email every day"):
        assert stranger not in story.text


def test_only_the_chief_inspector_is_quoted(story):
    said = story.reports[0].quotes

    assert [q.speaker for q in said] == ["Justin Russell"] * 3
    assert all(q.text in story.text for q in said)


def test_the_facts_of_the_visit(story):
    report = story.reports[0]

    assert report.caseload is not None
    assert report.caseload.value == "more than 3,600"
    assert report.inspected is not None
    assert report.inspected.value == "November and December"
    assert report.inspected_on is None  # the year is not stated
