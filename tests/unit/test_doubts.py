"""What operators are asked about a report as it is filed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import a_filing, a_report

from digest.reports import Kind
from digest.review import doubts_of

UNRATED = a_report(None)
WHY = ("good: denied", "inadequate: the text tells it two ways")


def asked(filing, *, known=True):
    return list(doubts_of(filing, known=known))


def test_nobody_is_asked_about_a_rated_report_of_a_known_provider():
    assert asked(a_filing()) == []


def test_grades_that_an_official_page_names_and_none_was_taken_of_are_asked_about_with_their_reasons():
    filing = replace(a_filing(), report=UNRATED, changes=(), left_out=WHY)

    assert asked(filing) == [
        "no rating was taken from the text, though it names some "
        "(good: denied; inadequate: the text tells it two ways)"
    ]


def test_a_report_that_names_no_grade_is_not_asked_about():
    assert asked(replace(a_filing(), report=UNRATED, changes=())) == []


@pytest.mark.parametrize("kind", [Kind.THEMATIC, Kind.OTHER])
def test_a_text_that_reports_no_inspection_is_not_asked_about(kind):
    assert asked(replace(a_filing(), kind=kind, report=UNRATED, changes=(), left_out=WHY)) == []
    assert asked(replace(a_filing(), kind=kind, report=None, changes=(), left_out=WHY), known=False) == []


def test_a_report_on_several_is_asked_about_as_one_on_a_single_provider_is():
    (doubt,) = asked(
        replace(a_filing(), kind=Kind.MULTI, report=UNRATED, changes=(), left_out=("good: denied",))
    )

    assert "good: denied" in doubt


def test_a_provider_that_nobody_names_or_knows_is_asked_about_once():
    filing = a_filing()

    assert asked(replace(filing, provider=None), known=False) == [
        "an inspection of a provider that the text does not name"
    ]
    assert asked(filing, known=False) == ["Kent PDU is not in the register"]


def test_what_is_unknown_and_what_was_left_out_are_both_asked_about():
    filing = replace(a_filing(), report=UNRATED, changes=(), left_out=("good: denied",))

    assert len(asked(filing, known=False)) == 2
