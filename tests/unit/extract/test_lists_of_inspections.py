# ruff: noqa: E501 -- pages read best on one line
"""Pages that list inspections: what is of now, what of before, and what cannot be told; and lines that rate."""

from __future__ import annotations

import time

import pytest
from laws.readings import inspectorates, page, reader

from digest.extract.blocks import Block, BlockKind
from digest.extract.history import listed_inspections
from digest.extract.vocabulary import Vocabulary

SITES = {
    "cqc": "https://www.cqc.org.uk/location/1-1",
    "ofsted": "https://reports.ofsted.gov.uk/provider/21/1",
    "hmip": "https://www.justiceinspectorates.gov.uk/hmiprobation/x",
    "hmicfrs": "https://hmicfrs.justiceinspectorates.gov.uk/x",
}
_READ = reader()


def read(body: str, title: str = "Larkrise Care Home", judge: str = "cqc") -> set[tuple[str, str]]:
    """What a page says of the one body in its title."""
    html = (
        f"<html><head><title>{title}</title></head><body><main><h1>{title}: inspection report</h1>{body}"
        "<p>The inspection was unannounced and staff were kind.</p></main></body></html>"
    )
    told = _READ(page(SITES[judge], html, "text/html"))
    return {(what, which) for whose, what, which in told.facts if whose == title.casefold()}


@pytest.mark.parametrize(
    "listed",
    [
        "<h2>Previous inspections</h2><h3>8 June 2021</h3><p>Overall: Inadequate</p><h3>3 May 2018</h3><p>Overall: Outstanding</p>",
        "<p>Previous inspections</p><p><b>8 June 2021</b></p><p>Overall: Inadequate</p><p><b>3 May 2018</b></p><p>Overall: Good</p>",
        "<p><b>8 June 2021</b></p><p><b>During a routine inspection</b></p><p>Overall: Inadequate</p><p><b>3 May 2018</b></p><p><b>During a routine inspection</b></p><p>Overall: Good</p>",
        "<h2>Superseded reports</h2><p>8 June 2021. Judgement: Inadequate.</p><p>3 May 2018. Judgement: Good.</p>",
        "<h2>Inspection history</h2><ul><li>8 June 2021: Inadequate</li><li>3 May 2018: Good</li></ul>",
        "<h2>See all reports</h2><p>Full inspection, 8 June 2021. Overall effectiveness: Inadequate</p>"
        "<p>Full inspection, 3 May 2018. Overall effectiveness: Good</p>",
    ],
)
def test_inspections_listed_below_are_of_before_and_the_newest_is_the_previous_one(listed: str) -> None:
    assert read(f"<p>Overall: Good</p>{listed}") == {
        ("overall", "good"),
        ("previous", "inadequate"),
        ("movement", "upgrade"),
    }


@pytest.mark.parametrize(
    "listed",
    [
        "<p>8 June 2021: the CQC rates the home 'inadequate'.</p><p>3 May 2018: the CQC rates the home 'good'.</p>",
        "<p>3 May 2018: inspectors rate the home 'good'.</p><p>8 June 2021: inspectors rate the home 'inadequate'.</p>",
        "<p>Report, 8 June 2021 (PDF, 310 KB), rating: Inadequate</p><p>Report, 3 May 2018 (PDF, 280 KB), rating: Good</p>",
        "<h2>8 June 2021</h2><p>We found that the home was inadequate.</p><h2>3 May 2018</h2><p>It was good.</p>",
    ],
)
def test_a_timeline_is_not_the_grade_now(listed: str) -> None:
    assert ("overall", "good") in read(f"<p>Larkrise Care Home has been rated Good by the CQC.</p>{listed}")


def test_a_list_that_may_begin_with_this_very_inspection_tells_no_previous_grade() -> None:
    listed = "<h2>Reports</h2><ul><li>8 June 2025. Judgement: Good.</li><li>3 May 2021. Judgement: Outstanding.</li></ul>"
    assert read(f"<p>Overall: Good</p>{listed}") == {("overall", "good")}


def test_the_newest_of_a_list_is_of_now_where_nothing_else_is_stated() -> None:
    listed = "<h2>Reports</h2><ul><li>8 June 2025 - Good</li><li>3 May 2021 - Outstanding</li><li>1 May 2017 - Good</li></ul>"
    assert {("overall", "good"), ("previous", "outstanding")} <= read(listed)


def test_days_that_stand_close_together_are_no_inspections_of_one_body() -> None:
    blocks = [
        Block(kind=BlockKind.PARAGRAPH, text=f"{day} June 2025: Home {day} was rated 'good'.")
        for day in (3, 8)
    ]
    scale = inspectorates().scale("cqc-4")
    judge = next(one for one in inspectorates() if one.key == "cqc")
    assert scale is not None
    assert not listed_inspections(blocks, Vocabulary.of(scale, judge))


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        ("<p>What is the overall rating?</p><p>Good</p>", {("overall", "good")}),
        ("<p><b>How was it rated for being safe?</b> Inadequate</p>", {("safe", "inadequate")}),
        ("<p>Larkrise Care Home was rated:</p><ul><li>good overall</li><li>inadequate for safe</li></ul>",
         {("overall", "good"), ("safe", "inadequate")}),
        ("<p>Ratings for Larkrise Care Home: overall good; safe: good; caring: inadequate.</p>",
         {("overall", "good"), ("safe", "good"), ("caring", "inadequate")}),
        ("<p>It was given these ratings: safe (good), caring (outstanding).</p>",
         {("safe", "good"), ("caring", "outstanding")}),
        ("<table><tr><th>Area</th><th>Rating</th><th>Why</th></tr><tr><td>Safe</td><td>Good</td><td>Staff knew what to do."
         "</td></tr></table>", {("safe", "good")}),
    ],
)  # fmt: skip
def test_such_layouts_are_read_whole(body: str, facts: set[tuple[str, str]]) -> None:
    assert facts <= read(body)


@pytest.mark.parametrize(
    "body",
    [
        "<p>Is it good? Good</p>",
        "<p>Possible ratings: safe (good), caring (good).</p>",
        "<p>A care home is rated for five questions: safe (good), caring (good).</p>",
        "<p>Ratings for the dementia unit at Larkrise Care Home: safe: good; caring: inadequate.</p>",
        "<p>Previous ratings: safe: good; caring: inadequate.</p>",
        "<p>Larkrise Care Home was rated:</p><ul><li>safe, once good</li></ul>",
        "<table><tr><th>Area</th><th>Rating</th><th>Ward</th></tr><tr><td>Safe</td><td>Good</td><td>Ash</td></tr></table>",
        "<p>3 2 1 0 stars - excellent stars - good star - adequate star - poor</p>",
        "<p>Safe: good - but relatives called it inadequate.</p>",
    ],
)
def test_keys_parts_and_other_times_are_silent(body: str) -> None:
    assert not read(body)


def test_columns_that_come_as_lines_are_read_by_their_heads() -> None:
    body = "<p>2024 Grade<br>2019 Grade<br>Overall effectiveness<br>Good<br>Outstanding<br>Quality of education<br>{}</p>"
    title = "Hexworth Primary School"
    whole = read(body.format("Good<br>Good"), title, "ofsted")
    assert {("overall", "good"), ("previous", "outstanding"), ("quality of education", "good")} <= whole
    assert ("previous quality of education", "good") in whole
    ragged = read(body.format("Good"), title, "ofsted")
    assert not any(what == "quality of education" for what, _ in ragged)


def test_a_remark_may_follow_a_grade() -> None:
    body = "<p>Governance and leadership: inadequate - leaders did not meet. Staff: good - they were trained.</p>"
    assert read(body, "Kent Youth Justice Service", "hmip") == {
        ("leadership", "inadequate"),
        ("staffing", "good"),
    }


def test_a_fire_service_s_grades_are_told_as_extents() -> None:
    start = "<p>Published 12 May 2019</p><p>The extent to which the service"
    title = "London Fire and Rescue Service"
    assert read(
        f"{start} is effective at keeping people safe requires improvement.</p>", title, "hmicfrs"
    ) == {("effectiveness", "requires improvement")}
    assert not read(f"{start} is effective at keeping people safe is not good.</p>", title, "hmicfrs")


def test_homes_once_had_stars() -> None:
    assert read("<p>The quality rating for this care home is:</p><p>two star good service</p>") == {
        ("overall", "good")
    }
    assert not read("<p>It could become a two star good service.</p>")


@pytest.mark.parametrize(
    "lines",
    [
        [f"8 June {1980 + n % 46}" if n % 2 else "Good" for n in range(16_000)],
        ["8 June 2020", "Good"] * 8_000,
        [f"8 June {1980 + n % 46}: Good" for n in range(15_000)],
    ],
)
def test_long_lists_of_days_stay_cheap(lines: list[str]) -> None:
    blocks = [Block(kind=BlockKind.HEADING, text=line) for line in lines]
    scale = inspectorates().scale("cqc-4")
    judge = next(one for one in inspectorates() if one.key == "cqc")
    assert scale is not None
    start = time.perf_counter()
    listed_inspections(blocks, Vocabulary.of(scale, judge))
    assert time.perf_counter() - start < 10
