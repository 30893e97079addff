"""Candidates: what a reading becomes once it is set beside the register and the ratings held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from builders import KENT, MORNING, a_provider, a_rating, a_report, inspectorates
from hypothesis import given
from hypothesis import strategies as st

from digest.candidates import Reference, candidates_of, providers_of
from digest.changes import Certainty, Movement
from digest.edition import Candidate
from digest.items import Item, Page
from digest.present.tidy import one_line
from digest.providers import Register
from digest.ratings import OVERALL, Inspectorates
from digest.reports import Claim, Direction, Dropped, Finding, FindingKind, Kind, Reading, Report
from digest.review import doubts_of
from digest.sources import Authority, Source

REGISTER = Register([a_provider(aliases=("Kent Probation Delivery Unit",))])
OFFICIAL = Source(
    id="hmip",
    name="HM Inspectorate of Probation",
    url="https://inspectorate.example/feed",
    authority=Authority.OFFICIAL,
    inspectorate="hmi-probation",
    every=MORNING - MORNING,
    recent=MORNING - MORNING,
    pages=20,
)
PAGE = Page(url="https://inspectorate.example/kent", body=b"", content_type=None, fetched_at=MORNING)
KENTS = a_report("good", previous="requires improvement", direction=Direction.UPGRADE)


TEXT = (
    "Kent was rated good. It was requires improvement before. That is an upgrade. "
    "staff was inadequate. overall was good."
)


def reading(*reports: object, **facts: object) -> Reading:
    usual = {"kind": Kind.INSPECTION, "inspectorate": "hmi-probation", "published": date(2026, 3, 9)}
    usual |= {"title": "Kent is good", "reports": reports, "text": TEXT}
    return Reading(**(usual | facts))  # type: ignore[arg-type]


def filed(
    read: Reading, *, history: object = (), source: Source = OFFICIAL, **listed: object
) -> tuple[Candidate, ...]:
    reference = Reference(inspectorates=inspectorates(), register=REGISTER, history={KENT: history})  # type: ignore[dict-item]
    item = Item(**({"title": "Kent is good"} | listed))  # type: ignore[arg-type]
    return candidates_of(read, item=7, listed=item, page=PAGE, source=source, reference=reference)


def test_an_inspection_is_set_beside_what_was_held_before() -> None:
    [candidate] = filed(reading(KENTS), history=[a_rating("requires improvement", date(2022, 1, 1))])

    [change] = candidate.changes
    assert (change.movement, change.before, change.certainty) == (
        Movement.UPGRADE,
        "requires improvement",
        Certainty.AGREED,
    )
    assert (candidate.provider, candidate.provider_name, candidate.link) == (KENT, "Kent PDU", PAGE.url)


@pytest.mark.parametrize(("published", "ungraded"), [(date(2026, 3, 8), False), (date(2026, 3, 9), True)])
def test_a_report_need_not_give_a_grade_from_the_day_that_its_scale_names(
    published: date, ungraded: bool
) -> None:
    [inspectorate] = [one for one in inspectorates() if one.key == "hmi-probation"]
    scales = tuple(replace(one, ungraded_from=date(2026, 3, 9)) for one in inspectorate.scales)
    reference = Reference(
        inspectorates=Inspectorates(all=(replace(inspectorate, scales=scales),)),
        register=REGISTER,
        history={},
    )
    read, item = reading(KENTS, published=published), Item(title="Kent")

    [candidate] = candidates_of(read, item=7, listed=item, page=PAGE, source=OFFICIAL, reference=reference)
    assert candidate.ungraded is ungraded


def test_a_provider_goes_by_its_name_in_the_register_however_the_text_calls_it() -> None:
    kents = replace(KENTS, provider="Kent Probation Delivery Unit")

    [candidate] = filed(reading(kents))

    assert (candidate.provider, candidate.provider_name) == (KENT, "Kent PDU")
    assert providers_of(reading(kents), REGISTER) == {KENT}


def test_a_provider_the_register_lacks_keeps_the_texts_name() -> None:
    [candidate] = filed(reading(replace(KENTS, provider="Medway PDU")))

    assert (candidate.provider, candidate.provider_name) == ("medway-pdu", "Medway PDU")


def test_a_text_without_a_report_is_one_candidate_without_changes() -> None:
    [candidate] = filed(reading(kind=Kind.OTHER))

    assert (candidate.report, candidate.changes, candidate.provider) == (None, (), None)


def test_each_report_of_a_page_has_its_place() -> None:
    found = filed(reading(KENTS, replace(KENTS, provider="Medway PDU"), kind=Kind.MULTI))

    assert [f.key.place for f in found] == [0, 1]
    assert {f.key.item for f in found} == {7}


def test_a_report_of_nobody_moves_nothing() -> None:
    [candidate] = filed(reading(replace(KENTS, provider=None)))

    assert candidate.changes == ()


def test_the_texts_claim_is_of_the_overall_grade_alone() -> None:
    report = a_report(
        "good",
        previous="requires improvement",
        direction=Direction.UPGRADE,
        aspects={"staff": "inadequate"},
    )

    [candidate] = filed(reading(report))

    moved = {c.aspect: c.movement for c in candidate.changes}
    assert moved == {OVERALL: Movement.UPGRADE, "staff": Movement.FIRST_RATING}


def test_an_aspect_of_a_provider_inspected_before_is_no_first_rating() -> None:
    report = a_report("good", aspects={"staff": "inadequate"})

    [candidate] = filed(reading(report), history=[a_rating("good", date(2022, 1, 1))])

    moved = {c.aspect: c.movement for c in candidate.changes}
    assert moved == {OVERALL: Movement.UNCHANGED, "staff": Movement.NOT_COMPARABLE}


def test_a_day_that_lies_ahead_is_no_day_of_publication() -> None:
    [candidate] = filed(reading(KENTS, published=date(2026, 4, 1)))
    assert candidate.published is None


def test_a_page_without_a_date_has_its_feeds() -> None:
    [candidate] = filed(reading(KENTS, published=None), published_at=datetime(2026, 3, 8, tzinfo=UTC))
    assert candidate.published == date(2026, 3, 8)


def test_the_inspectorate_a_text_names_goes_before_its_sources() -> None:
    [named] = filed(reading(KENTS, inspectorate="ofsted"))
    [unnamed] = filed(reading(KENTS, inspectorate=None))

    assert (named.inspectorate, unnamed.inspectorate) == ("ofsted", "hmi-probation")


@given(st.permutations([a_rating("good", date(2019, 1, 1)), a_rating("inadequate", date(2022, 1, 1))]))
def test_only_the_latest_inspection_before_counts(history: list[object]) -> None:
    [candidate] = filed(reading(a_report("good")), history=history)

    assert [(c.movement, c.before) for c in candidate.changes] == [(Movement.UPGRADE, "inadequate")]


def test_what_does_not_stand_in_the_text_is_not_filed() -> None:
    findings = (
        Finding(heading=None, kind=FindingKind.STRENGTH, text="Leaders know their people."),
        Finding(heading=None, kind=FindingKind.STRENGTH, text="Nobody wrote this."),
    )
    report = a_report("good", aspects={"staff": "inadequate"}, findings=findings)

    [candidate] = filed(reading(report, text="Kent was rated good. Leaders know their people."))

    assert candidate.report is not None
    assert candidate.grade == "good"
    assert (candidate.report.judgements, candidate.report.findings) == ((), findings[:1])


# -- grades left out --------------------------------------------------------------------------------------

UNRATED = a_report(None)


def dropped(*told: tuple[str, str]) -> tuple[Dropped, ...]:
    return tuple(
        Dropped(grade=grade, provider=None, reason=reason, evidence=f"It was {grade}.")
        for grade, reason in told
    )


def test_an_official_page_that_is_read_as_unrated_keeps_the_grades_in_it_and_why_each_was_left_out() -> None:
    seen = dropped(("good", "denied"), ("inadequate", "the text tells it two ways"))

    [candidate] = filed(reading(UNRATED, dropped=seen))

    assert candidate.left_out == ("good: denied", "inadequate: the text tells it two ways")


def test_a_grade_left_out_twice_for_one_reason_is_kept_once() -> None:
    [candidate] = filed(reading(UNRATED, dropped=dropped(("good", "denied"), ("good", "denied"))))

    assert candidate.left_out == ("good: denied",)


@pytest.mark.parametrize("authority", [a for a in Authority if a is not Authority.OFFICIAL])
def test_of_what_others_write_nothing_that_was_left_out_is_kept(authority: Authority) -> None:
    source = replace(OFFICIAL, authority=authority)

    [candidate] = filed(reading(UNRATED, dropped=dropped(("good", "denied"))), source=source)

    assert candidate.left_out == ()


@pytest.mark.parametrize("report", [KENTS, a_report(None, aspects={"staff": "inadequate"})])
def test_where_some_grade_was_taken_nothing_is_asked_of_the_others(report: Report) -> None:
    [candidate] = filed(reading(report, dropped=dropped(("outstanding", "denied"))))

    assert candidate.left_out == ()


def test_of_a_text_without_a_report_nothing_is_kept() -> None:
    [candidate] = filed(reading(kind=Kind.OTHER, dropped=dropped(("good", "mentioned, not announced"))))

    assert candidate.left_out == ()


# -- ratings that were withdrawn ------------------------------------------------------------------------

TAKEN_BACK = "HM Inspectorate of Probation has withdrawn its rating of Kent PDU."
BLOG = replace(OFFICIAL, id="notebook", authority=Authority.BLOG)
HELD = a_rating("good", date(2024, 3, 5))


def a_withdrawal() -> Reading:
    withdrawn = Claim(value=Direction.WITHDRAWN, evidence=TAKEN_BACK)
    report = replace(a_report(None), provider="Kent PDU", direction=withdrawn)
    dropped = Dropped(grade="good", provider=KENT, reason="withdrawn", evidence=TAKEN_BACK)
    return reading(report, text=TAKEN_BACK, dropped=(dropped,))


def test_a_withdrawal_is_set_against_the_rating_held() -> None:
    [candidate] = filed(a_withdrawal(), history=[HELD])

    [change] = candidate.changes
    assert (change.movement, change.before, change.after) == (Movement.WITHDRAWN, "good", None)
    assert list(doubts_of(candidate, known=True)) == []


def test_a_withdrawal_of_a_rating_that_we_do_not_hold_is_for_the_operators() -> None:
    [candidate] = filed(a_withdrawal())

    assert candidate.changes == ()
    assert list(doubts_of(candidate, known=True)) == [
        "the text withdraws a rating, and we hold none that it could be"
    ]


def test_nobody_but_the_inspectorate_takes_a_rating_back() -> None:
    [candidate] = filed(a_withdrawal(), history=[HELD], source=BLOG)

    assert candidate.changes == ()


def test_a_sentence_that_hides_something_is_found_in_its_text_and_shown_without_it() -> None:
    hidden = "\U000e0061\u200b\ufe01"
    sentence = f"Kent{hidden} was rated{hidden} good."
    report = replace(a_report("good"), overall=Claim(value="good", evidence=sentence))
    [candidate] = filed(reading(report, text=f"Before. {sentence} After."))

    assert candidate.report is not None
    assert candidate.report.overall is not None
    assert candidate.report.overall.evidence == sentence
    assert one_line(sentence) == "Kent was rated good."
    assert one_line(sentence) in one_line(f"Before. {sentence} After.")
