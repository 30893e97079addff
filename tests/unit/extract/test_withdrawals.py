"""Where an inspectorate says plainly that it has taken a rating back, and where a text only seems to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest
from builders import a_provider, inspectorates

from digest.extract import read
from digest.items import Page
from digest.providers import Register
from digest.reports import Direction, Reading, Report

REGISTER = Register(
    [
        a_provider(aliases=("Kent Probation Delivery Unit",)),
        a_provider(id="essex-pdu", name="Essex PDU", aliases=()),
    ]
)
HMIP = "HM Inspectorate of Probation"
GONE = f"{HMIP} has withdrawn its rating of Kent PDU."


def reading_of(title: str, *sentences: str, official: bool = True) -> Reading:
    text = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    html = f"<title>{title}</title><main><h1>{title}</h1>{text}</main>"
    page = Page(
        url="https://inspectorate.example/kent",
        body=html.encode(),
        content_type="text/html",
        fetched_at=datetime(2026, 3, 10, tzinfo=UTC),
    )
    return read(page, inspectorates=inspectorates(), register=REGISTER, official=official)


def report_of(title: str, *sentences: str, official: bool = True) -> Report:
    reading = reading_of(title, *sentences, official=official)
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


NOT_PLAIN: Final = {
    "an application": (f"{HMIP} notes that Kent PDU's application for a new rating has been withdrawn.",),
    "a complaint": (f"{HMIP}: the complaint about the report on Kent PDU was withdrawn.",),
    "a court case": (f"A legal challenge to the {HMIP} report on Kent PDU has been withdrawn.",),
    "a court's judgement": (f"The court judgement on Kent PDU was quashed. {HMIP} takes note.",),
    "a registration": (f"{HMIP} has withdrawn the registration of Kent PDU after its report.",),
    "an inspector": (f"{HMIP} withdrew the lead inspector from the Kent PDU report.",),
    "people": (f"{HMIP}: Report on Kent PDU as privileges were withdrawn.",),
    "one aspect": (f"{HMIP} has withdrawn its rating of leadership at Kent PDU.",),
    "a part of the report": (f"{HMIP} has withdrawn the annex to the report on Kent PDU.",),
    "one file": (f"{HMIP}: the PDF of the report on Kent PDU has been withdrawn; see the web version.",),
    "another kind of report": (f"{HMIP} has withdrawn its statistical report on Kent PDU.",),
    "guidance": (f"{HMIP} has withdrawn its guidance on report writing; Kent PDU used it.",),
    "a kind of rating": (f"{HMIP} has withdrawn its single word ratings. Kent PDU comes first.",),
    "a rule": (f"When a provider closes, its rating is withdrawn. {HMIP} inspected Kent PDU.",),
    "a plan": (f"{HMIP} consults. Under the plan the rating of Kent PDU is withdrawn in two years.",),
    "an earlier year": (f"{HMIP} inspects Kent PDU. In 2019 its report on Kent PDU was withdrawn.",),
    "a denial": (f"Nothing in the report on Kent PDU is withdrawn, {HMIP} says.",),
    "a denied rumour": (f"Reports that {HMIP} has withdrawn its rating of Kent PDU are false.",),
    "a guess": (f"{HMIP} is understood to have withdrawn its rating of Kent PDU.",),
    "hearsay": (f"The Kent Times says {HMIP} has withdrawn its rating of Kent PDU.",),
    "quoted words": (f"Its head said: “{GONE} We are glad.”",),
    "words of another above them": ("The head of Kent PDU says:", GONE),
    "a quotation of several sentences": (f"“We are glad. {GONE} That is right,” said its head.",),
    "another provider": (f"{HMIP} has withdrawn its rating of Essex PDU.", "Kent PDU is its neighbour."),
    "an unknown provider": (f"{HMIP} has withdrawn its rating of Surrey PDU.",),
    "a neighbour": (f"{HMIP} has withdrawn its rating of a neighbouring PDU. Kent PDU is inspected.",),
    "another body's report": ("The council has withdrawn its report on Kent PDU.", f"{HMIP} has not."),
    "another's rating": ("Moody's has withdrawn its rating of Kent PDU.", f"{HMIP} has not."),
    "a mistake": (f"{HMIP} says the report on Kent PDU was withdrawn in error and is back online.",),
    "undone below": (GONE, "A review began.", "It took a month.", "It then put the rating back."),
    "under appeal": (GONE, "A review began.", "It took a month.", "Kent PDU has lodged an appeal."),
    "denied below": (GONE, "So some papers write.", "They are wrong."),
}


@pytest.mark.parametrize("sentences", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_only_seems_to_withdraw_the_rating_withdraws_none(sentences: tuple[str, ...]) -> None:
    assert report_of("Inspection of Kent PDU", *sentences).claims is not Direction.WITHDRAWN


@pytest.mark.parametrize(
    "title", ["Rating of Kent PDU withdrawn", "Legal challenge to Kent PDU report withdrawn"]
)
def test_a_title_alone_withdraws_no_rating(title: str) -> None:
    assert report_of(title, f"{HMIP} will say more about Kent PDU.").claims is not Direction.WITHDRAWN


def test_ratings_of_two_providers_are_not_withdrawn_by_one_sentence() -> None:
    reading = reading_of(
        "Ratings withdrawn", f"{HMIP} has withdrawn its ratings of Kent PDU and Essex PDU.", GONE
    )

    assert not any(report.withdraws for report in reading.reports)


@pytest.mark.parametrize(
    "sentence",
    [
        "We have withdrawn our inspection report on Kent PDU.",
        "The inspectorate has now withdrawn its rating of Kent Probation Delivery Unit from publication.",
        f"{HMIP} has withdrawn its rating of Kent PDU following a review of the evidence.",
        "Our rating of Kent PDU is no longer valid.",
    ],
)
def test_a_withdrawal_is_read_in_the_usual_words(sentence: str) -> None:
    report = report_of("Kent PDU: statement", sentence, f"So says {HMIP}.")

    assert report.direction is not None
    assert (report.claims, report.direction.evidence) == (Direction.WITHDRAWN, sentence)


def test_a_text_that_only_seems_to_withdraw_a_rating_is_left_out_with_the_sentence() -> None:
    sentence = f"{HMIP} has withdrawn the registration of Kent PDU after its report."
    reading = reading_of("Inspection of Kent PDU", sentence)

    [dropped] = reading.dropped
    assert (dropped.grade, dropped.provider, dropped.evidence) == ("withdrawn", "Kent PDU", sentence)
