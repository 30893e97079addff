"""What a page is that says something else: each sign of another inspection, alone and against another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from builders import a_candidate, a_report

from digest.edits import Edit, Verdict, is_later, judged, worth_a_look
from digest.identity import Known
from digest.items import Item
from digest.reports import Claim

PUBLISHED = date(2026, 11, 23)
DAY = timedelta(days=1)


def visited(on: date | None, words: str = "5 and 9 October") -> dict[str, Any]:
    return {"inspected_on": on, "inspected": Claim(value=words, evidence=words) if on else None}


def an_edit(
    now: str | None = "good", *, visits: Any = ({}, {}), numbers: Any = (None, None), **facts: Any
) -> Edit:
    """Kent's report, rated good, and the same page now; `visits` and `numbers` are of both."""
    before, after = (
        a_candidate(report=a_report(grade, **visit), number=number)
        for grade, visit, number in zip(("good", now), visits, numbers, strict=True)
    )
    usual = {"known": PUBLISHED, "regraded": now != "good", "on": date(2028, 6, 1)}
    return Edit(**({"before": before, "now": after} | usual | facts))


OCTOBER = visited(date(2026, 10, 9))
LATER = visited(date(2028, 3, 10), "6 and 10 March 2028")
DATES = (PUBLISHED, date(2028, 5, 15))
LISTED = (datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2028, 5, 15, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("edit", "verdict"),
    [
        pytest.param(an_edit(), Verdict.WORDING, id="only words"),
        pytest.param(an_edit("inadequate"), Verdict.CORRECTION, id="another grade soon"),
        pytest.param(an_edit("inadequate", recent=False), Verdict.QUESTION, id="another grade late"),
        pytest.param(an_edit(None), Verdict.QUESTION, id="no grade any more"),
        pytest.param(an_edit(visits=(OCTOBER, LATER)), Verdict.NEW_REPORT, id="a later visit"),
        pytest.param(an_edit(None, visits=(OCTOBER, LATER)), Verdict.NEW_REPORT, id="a later visit, unrated"),
        pytest.param(an_edit(visits=({}, LATER)), Verdict.NEW_REPORT, id="a visit where none was dated"),
        pytest.param(
            an_edit(visits=(OCTOBER, LATER), on=date(2026, 11, 30)),
            Verdict.QUESTION,
            id="yet to come",
        ),
        pytest.param(
            an_edit(visits=({}, visited(date(2026, 11, 30), "November 2026"))),
            Verdict.WORDING,
            id="the month of publication may begin before it",
        ),
        pytest.param(an_edit(numbers=("HMIP-1-04", "HMIP-2-31")), Verdict.NEW_REPORT, id="another number"),
        pytest.param(an_edit(numbers=("10381234", "10381235")), Verdict.WORDING, id="a digit mended"),
        pytest.param(
            an_edit("poor", numbers=("10381234", "10381235")), Verdict.QUESTION, id="a digit and a grade"
        ),
        pytest.param(
            an_edit(visits=(OCTOBER, LATER), numbers=("A-1", "A-1")),
            Verdict.QUESTION,
            id="a later visit under the same number",
        ),
        pytest.param(an_edit(pages_dated=DATES, listed=LISTED), Verdict.NEW_REPORT, id="dated later by both"),
        pytest.param(an_edit(pages_dated=DATES), Verdict.WORDING, id="dated later by the page alone"),
        pytest.param(
            an_edit("poor", pages_dated=DATES), Verdict.QUESTION, id="dated later by the page, and a grade"
        ),
        pytest.param(an_edit(listed=LISTED), Verdict.WORDING, id="dated later by the feed alone"),
        pytest.param(
            an_edit(visits=(OCTOBER, OCTOBER), pages_dated=DATES, listed=LISTED),
            Verdict.WORDING,
            id="dated again, and the visit is the same",
        ),
        pytest.param(
            an_edit(pages_dated=DATES, rewritten=True), Verdict.QUESTION, id="two thin signs are a question"
        ),
    ],
)
def test_signs_of_another_inspection_decide(edit: Edit, verdict: Verdict) -> None:
    assert judged(edit).verdict is verdict


def test_another_provider_is_a_question_unless_its_inspection_is_later() -> None:
    edit = an_edit()
    other = replace(edit.now, provider="surrey-pdu", provider_name="Surrey PDU")

    of_other = judged(replace(edit, now=other))
    assert of_other.verdict is Verdict.QUESTION
    assert [words.partition(":")[0] for words in of_other.why] == ["it reports on another provider"]
    later = replace(other, report=a_report("good", **LATER))
    assert judged(replace(edit, now=later)).verdict is Verdict.NEW_REPORT


SINCE = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("visit", "page_dated", "listed", "later"),
    [
        (LATER, None, None, True),
        (OCTOBER, None, None, False),
        (OCTOBER, date(2026, 12, 1), None, True),  # inspected before, published since
        (visited(date(2026, 3, 6)), date(2028, 5, 15), LISTED[1], False),  # a site that dates all again
        ({}, date(2028, 5, 15), LISTED[1], True),
        ({}, date(2028, 5, 15), None, False),
        ({}, None, LISTED[1], False),
    ],
)
def test_of_an_old_entry_only_what_is_later_is_news(
    visit: dict[str, Any], page_dated: date | None, listed: datetime | None, *, later: bool
) -> None:
    assert is_later(a_candidate(report=a_report(**visit)), SINCE, listed, page_dated) is later


def known(id: int, **facts: bool) -> Known:
    return Known(item=Item(title=str(id)), id=id, by="guid:x", **facts)


def test_a_later_date_is_a_reason_to_look_unless_most_of_the_list_has_one() -> None:
    still = [known(n) for n in range(3, 9)]

    assert worth_a_look([known(1, moved=True), known(2, edited=True), *still]) == {1, 2}
    assert worth_a_look([known(n, moved=True) for n in range(3)]) == set()
    assert worth_a_look([*(known(n, moved=True) for n in range(3)), known(9, edited=True)]) == {9}
    assert worth_a_look([known(1, moved=True), known(2, moved=True)]) == {1, 2}
