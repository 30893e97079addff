"""Where an inspectorate says plainly that it has taken a rating back, and where a text only seems to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from builders import a_provider, inspectorates

from digest.extract import read
from digest.items import Page
from digest.providers import Register
from digest.reports import Direction, Report

REGISTER = Register([a_provider(aliases=("Kent Probation Delivery Unit",))])
HMIP = "HM Inspectorate of Probation"
GONE = f"{HMIP} has withdrawn its rating of Kent PDU."


def report_of(title: str, *sentences: str, official: bool = True) -> Report:
    text = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    html = f"<title>{title}</title><main><h1>{title}</h1>{text}</main>"
    page = Page(
        url="https://inspectorate.example/kent",
        body=html.encode(),
        content_type="text/html",
        fetched_at=datetime(2026, 3, 10, tzinfo=UTC),
    )
    reading = read(page, inspectorates=inspectorates(), register=REGISTER, official=official)
    [report] = reading.reports
    assert report.direction is None or report.direction.evidence in reading.text
    return report


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("Rating of Kent PDU withdrawn", GONE),
        ("Statement on the inspection of Kent PDU", f"{HMIP} today withdrew its report on Kent PDU."),
        ("Kent PDU: inspection report withdrawn", f"{HMIP}: The report on Kent PDU has been withdrawn."),
        ("Kent PDU inspection", f"{HMIP} says: the rating of Good given to Kent PDU no longer stands."),
        (
            "Kent PDU: inspection report withdrawn",
            f"{HMIP} has withdrawn the inspection report on Kent PDU published on 3 February 2026.",
        ),
    ],
)
def test_a_plain_withdrawal_rates_nobody_and_has_its_sentence(title: str, sentence: str) -> None:
    report = report_of(title, sentence, "A new inspection takes place in the summer.")

    assert (report.provider, report.claims, report.rated) == ("Kent PDU", Direction.WITHDRAWN, False)
    assert report.direction is not None
    assert report.direction.evidence == sentence


@pytest.mark.parametrize(
    "sentences",
    [
        (f"{HMIP} has been asked to withdraw its rating of Kent PDU.",),
        (f"{HMIP} says the rating of Kent PDU has not been withdrawn.",),
        (f"{HMIP} may yet have withdrawn its rating of Kent PDU by the summer.",),
        (f"{HMIP} has rated Kent PDU as Inadequate.", "The earlier report was withdrawn."),
        (f"{HMIP} has rated Kent PDU as Good.", "The report says that people were withdrawn from courses."),
        (f"{HMIP} has withdrawn its report on Kent PDU and published a new report.",),
    ],
)
def test_words_that_hedge_or_bring_something_new_say_no_withdrawal(sentences: tuple[str, ...]) -> None:
    assert report_of("Inspection of Kent PDU", *sentences).claims is not Direction.WITHDRAWN


def test_a_withdrawal_that_gives_a_grade_besides_claims_neither() -> None:
    report = report_of("Rating of Kent PDU withdrawn", GONE, f"{HMIP} has rated Kent PDU as Good.")

    assert (report.claims, report.rated) == (Direction.UNKNOWN, False)


def test_a_withdrawal_that_somebody_else_tells_is_none_and_rates_nobody() -> None:
    report = report_of("Rating of Kent PDU withdrawn", GONE, "The rating was Good.", official=False)

    assert (report.claims, report.rated) == (Direction.UNKNOWN, False)
