"""Which inspection gave a grade: the one that a report announces, or one before it.

Every text is a report of 3 May 2024 on the invented Millbank House Care Home.
"""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

from digest.reports import Direction

HOME = "Millbank House Care Home"
OUTSTANDING, GOOD, REQUIRES, INADEQUATE = "outstanding", "good", "requires improvement", "inadequate"


@pytest.fixture
def told_of_the_home(reading):
    """The report of the home by sentences that follow its opening; the overall grade, and the one before."""

    def of(sentences):
        (report,) = reading(
            f"Inspectors report on {HOME}\n\nPublished: 3 May 2024\n\nThe Care Quality Commission (CQC) has "
            f"published a report on {HOME}. {sentences}"
        ).reports
        assert report.provider == HOME
        return (
            report.overall.value if report.overall else None,
            report.previous.value if report.previous else None,
        )

    return of


@pytest.fixture
def page_of_the_home(reading):
    """The same of a web page, with headings."""

    def of(html):
        (report,) = reading(
            f"<main><h1>Inspectors report on {HOME}</h1><p>Published: 3 May 2024</p><p>The Care Quality Commission "
            f"(CQC) has published a report on {HOME}.</p>{html}</main>",
            content_type="text/html",
        ).reports
        return (
            report.overall.value if report.overall else None,
            report.previous.value if report.previous else None,
        )

    return of


NOW_AND_THEN = [
    # A word of time beside the grade.
    ("The home was previously rated inadequate. It was rated good.", GOOD, INADEQUATE),
    ("After being rated inadequate, the home has improved and is now rated good.", GOOD, INADEQUATE),
    ("It was rated good. It had been rated requires improvement before that.", GOOD, REQUIRES),
    ("At the last inspection, in 2021, it was rated inadequate. At this inspection staff were kind. The overall rating had improved to good.", GOOD, INADEQUATE),
    ("It was rated good. An inspection of the home took place on 5 April 2021 when it was rated outstanding in two areas and inadequate overall.", GOOD, INADEQUATE),
    ("It was rated good (previous rating October 2022 - requires improvement). In 2021 it was rated inadequate overall.", GOOD, REQUIRES),
    # A sentence without a grade sets the time of the next one.
    ("The last inspection took place in 2021. The home was rated inadequate. It is now rated good.", GOOD, INADEQUATE),
    ("The home was inspected in 2021. The rating at that point was inadequate. It is now rated good.", GOOD, INADEQUATE),
    ("It is now rated good. Inspectors last came in 2021. The rating at that point was requires improvement.", GOOD, REQUIRES),
    ("It was rated good. The rating at that point was requires improvement.", GOOD, REQUIRES),
    ("In 2021 the picture was another one. Inspectors rated it good that year. It is now rated requires improvement.", REQUIRES, GOOD),
    # A year dates a grade: the older ones are of before.
    ("It was rated good. In 2021 it was rated inadequate.", GOOD, INADEQUATE),
    ("It was rated good in 2021 and requires improvement in 2023.", REQUIRES, GOOD),
    ("It was rated inadequate in 2019 and requires improvement in 2021. It is now rated good.", GOOD, REQUIRES),
    ("It was rated good in 2024.", GOOD, None),
    ("It was rated outstanding as recently as 2021. It is now rated good.", GOOD, OUTSTANDING),
    ("Its rating slipped to requires improvement, and is now inadequate.", INADEQUATE, REQUIRES),
    # The last inspection and the one before that.
    ("It is now rated good.\n\nRating at last inspection: Requires improvement (report published 8 June 2021). Before that: Inadequate (report published 3 May 2019).", GOOD, REQUIRES),
    # The same grade once more with its year is no grade before.
    ("Inspectors came in May 2024 and found the home to be good. It was rated good.", GOOD, None),
    # There and back again: the grade in between is the one before.
    ("The home fell from good to inadequate in 2022, but now it is rated good again.", GOOD, INADEQUATE),
    ("It went from good to requires improvement in 2022, but is now rated good again.", GOOD, REQUIRES),
    ("It rose from inadequate to good in 2022, but is now rated inadequate again.", INADEQUATE, GOOD),
    # "After being rated ..." is news where nothing newer is told.
    ("Staff are celebrating after being rated outstanding.", OUTSTANDING, None),
    ("Staff are celebrating after being rated outstanding. It was rated good at the last inspection.", OUTSTANDING, GOOD),
]  # fmt: skip

ONLY_OF_BEFORE = [
    "In 2021 it was rated inadequate.",
    "It was rated good in 2019.",
    "It was rated good in 2023.",
    "At its last inspection the home was rated good.",
    "The last inspection took place in 2021. The home was rated inadequate.",
    "The home was inspected in 2021. The rating at that point was inadequate.",
    "It had been rated inadequate.",
    "It was previously rated good.",
]


@pytest.mark.parametrize(
    ("sentences", "now", "before"), NOW_AND_THEN, ids=[sentences for sentences, *_ in NOW_AND_THEN]
)
def test_each_grade_is_given_to_its_inspection(told_of_the_home, sentences, now, before):
    assert told_of_the_home(sentences) == (now, before)


@pytest.mark.parametrize("sentences", ONLY_OF_BEFORE)
def test_a_grade_of_an_inspection_before_is_never_announced(told_of_the_home, sentences):
    assert told_of_the_home(sentences) == (None, None)


@pytest.mark.parametrize("heading", [
    "Previous inspection", "Our previous report", "Inspection history", "Last inspection", "Earlier ratings",
    "Past inspections", "Former rating", "Archived reports",
])  # fmt: skip
@pytest.mark.parametrize("between", ["", "<p>Inspectors came in spring.</p>"])
def test_grades_below_a_heading_of_an_earlier_inspection_are_former(page_of_the_home, heading, between):
    below = f"<h2>{heading}</h2>{between}<p>The home was rated inadequate.</p>"

    assert page_of_the_home(f"<p>It was rated good.</p>{below}") == (GOOD, INADEQUATE)


@pytest.mark.parametrize(
    "heading", ["Latest inspection", "This inspection", "New rating", "Rating since the last inspection"]
)
def test_the_next_heading_ends_the_past(page_of_the_home, heading):
    html = (
        "<h2>Previous inspection</h2><p>The home was rated inadequate.</p>"
        f"<h2>{heading}</h2><p>The home was rated good.</p>"
    )

    assert page_of_the_home(html) == (GOOD, INADEQUATE)


def test_in_plain_text_a_heading_of_before_does_the_same(told_of_the_home):
    below = "Previous inspection\n\nThe home was rated inadequate."

    assert told_of_the_home(f"It is now rated good.\n\n{below}") == (GOOD, INADEQUATE)


def test_under_any_other_heading_two_current_grades_give_none(page_of_the_home):
    html = "<p>It was rated good.</p><h2>What we found</h2><p>The home was rated inadequate.</p>"

    assert page_of_the_home(html) == (None, None)


def test_of_dated_headings_the_newest_stands_first(page_of_the_home):
    html = (
        "<h2>4 April 2024</h2><p>The home was rated good.</p>"
        "<h2>12 March 2021</h2><p>The home was rated inadequate.</p>"
    )

    assert page_of_the_home(html) == (GOOD, INADEQUATE)


def test_the_past_of_one_paragraph_ends_with_it(told_of_the_home):
    before = "The last inspection took place in 2021. The home was rated inadequate."

    assert told_of_the_home(f"{before}\n\nThe home was rated good.") == (GOOD, INADEQUATE)


def test_a_paragraph_that_goes_on_with_but_stays_in_the_past(told_of_the_home):
    before = "The last inspection took place in 2021."

    assert told_of_the_home(
        f"It is now rated good.\n\n{before}\n\nHowever, the home was rated inadequate."
    ) == (GOOD, INADEQUATE)


def test_of_two_grades_before_without_years_neither_is_the_last(told_of_the_home):
    sentences = "It was rated good. It had been rated inadequate. It had been rated requires improvement."

    assert told_of_the_home(sentences) == (GOOD, None)


def test_of_two_grades_before_with_years_the_later_is_the_last(told_of_the_home):
    sentences = "It is now rated good. It was rated requires improvement in 2017 and inadequate in 2020."

    assert told_of_the_home(sentences) == (GOOD, INADEQUATE)


@pytest.mark.parametrize(
    ("sentences", "direction"),
    [
        ("The home fell from good to inadequate in 2022, but now it is rated good again.", Direction.UPGRADE),
        ("It rose from inadequate to good in 2022, but is now rated inadequate again.", Direction.DOWNGRADE),
        ("It is now rated good. Inspectors last came in 2021. The rating at that point was good.", Direction.UNCHANGED),
    ],
)  # fmt: skip
def test_the_movement_is_from_the_inspection_just_before(reading, sentences, direction):
    (report,) = reading(
        f"Inspectors report on {HOME}\n\nPublished: 3 May 2024\n\nThe Care Quality Commission (CQC) has published a "
        f"report on {HOME}. {sentences}"
    ).reports

    assert report.claims is direction


def test_findings_of_last_years_report_are_former(reading):
    found = reading(
        "School hailed for improvements after inspection report\n\nAn inspection report has hailed Elm Primary School.\n\n"
        "In May last year, Education Scotland issued a report.\n\nInspectors found the school to be weak for leadership of "
        "change.\n\nThe school was rated good for raising attainment and achievement."
    )

    (report,) = found.reports
    assert {j.aspect: (j.grade, j.previous) for j in report.judgements} == {
        "raising attainment and achievement": ("good", None)
    }


def test_a_home_that_left_special_measures_has_the_lowest_grade_no_more(reading):
    (report,) = reading(
        f"{HOME} comes out of special measures\n\nThe Care Quality Commission (CQC) has visited {HOME}. "
        f"The home was rated inadequate overall and placed into special measures. It has improved."
    ).reports

    assert report.overall is None
