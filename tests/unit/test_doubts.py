"""What operators are asked about a report as it is filed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from builders import MORNING, a_candidate, a_provider, inspectorates

from digest.adapters.config.packaged_scales import packaged_scales
from digest.candidates import Reference, candidates_of
from digest.edition import Candidate
from digest.extract import read
from digest.items import Item, Page
from digest.providers import Register
from digest.reports import Kind
from digest.review import NO_RATING, doubts_of
from digest.sources import Authority, Source

WHY = ("good: denied", "inadequate: the text tells it two ways")


def asked(candidate: Candidate, *, known: bool = True) -> list[str]:
    return list(doubts_of(candidate, known=known))


def unrated(**facts: Any) -> Candidate:
    """A report from which no grade was taken."""
    return a_candidate(grade=None, provider_name="Kent PDU", **facts)


def test_nobody_is_asked_about_a_rated_report_of_a_known_provider() -> None:
    assert asked(a_candidate()) == []


def test_grades_that_stand_in_an_unrated_report_are_asked_about_with_their_reasons() -> None:
    assert asked(unrated(left_out=WHY)) == [
        "no rating was taken from the text, though it names some "
        "(good: denied; inadequate: the text tells it two ways)"
    ]


@pytest.mark.parametrize(
    ("title", "lead"),
    [
        ("An inspection of probation services in Kent PDU", None),
        ("Kent PDU", "Inspectors spent a week with staff in Kent."),
        ("Report on HMP Kent", None),
    ],
)
def test_a_rating_that_was_not_read_in_a_report_of_an_inspection_is_asked_about(
    title: str, lead: str | None
) -> None:
    told = unrated(title=title, lead=lead)

    assert asked(told) == [NO_RATING]
    assert asked(replace(told, authority=Authority.BLOG)) == []
    assert asked(told, known=False) == ["Kent PDU is not in the register"]


@pytest.mark.parametrize(
    "title",
    [
        "Annual report on probation inspections",
        "Independent review of progress: HMP Kent after its inspection",
        "A thematic inspection of work with women in Kent",
        "HM Inspectorate announces that it inspects Kent next month",
        "Statement on the inspection of Kent PDU",
        "Ofsted monitoring visit: Kent College, after an inspection",
        "Kent PDU: new head appointed",
    ],
)
def test_a_text_of_a_kind_that_gives_no_rating_is_not_asked_about(title: str) -> None:
    assert asked(unrated(title=title, lead="Kent PDU has a new plan.")) == []


@pytest.mark.parametrize("kind", [Kind.THEMATIC, Kind.OTHER])
def test_a_text_that_reports_no_inspection_is_not_asked_about(kind: Kind) -> None:
    assert asked(unrated(kind=kind, left_out=WHY), known=False) == []
    assert asked(unrated(kind=kind, report=None, left_out=WHY), known=False) == []


def test_one_of_several_reports_on_a_page_is_asked_about_like_one_alone() -> None:
    assert asked(unrated(kind=Kind.MULTI, left_out=WHY)) == asked(unrated(left_out=WHY))


def test_a_provider_that_the_text_does_not_name_is_asked_about() -> None:
    assert asked(unrated(provider=None), known=False) == [
        "an inspection of a provider that the text does not name"
    ]


def test_a_provider_that_the_register_lacks_is_asked_about() -> None:
    assert asked(unrated(), known=False) == ["Kent PDU is not in the register"]


def test_who_is_unknown_and_what_was_left_out_are_both_asked_about() -> None:
    assert len(asked(unrated(left_out=WHY), known=False)) == 2


@pytest.mark.parametrize(
    ("sentences", "doubts"),
    [
        ("Kent PDU was rated ‘Good’.", []),
        ("Staff at Kent PDU are kind.", []),
        (
            "Kent PDU was rated ‘Good’. It was rated ‘Inadequate’.",
            [
                "no rating was taken from the text, though it names some "
                "(good: the text tells it two ways; inadequate: the text tells it two ways)"
            ],
        ),
        (
            "Kent PDU hopes to be rated ‘Good’.",
            [
                "no rating was taken from the text, though it names some "
                "(good: only possible, hoped for or still to come)"
            ],
        ),
    ],
)
@pytest.mark.parametrize("authority", Authority)
def test_only_an_inspectorates_own_page_is_asked_about_for_the_grades_it_names(
    sentences: str, doubts: list[str], authority: Authority
) -> None:
    source = Source(
        id="releases",
        name="Releases",
        url="https://inspectorate.example/feed",
        authority=authority,
        inspectorate="hmi-probation",
        every=MORNING - MORNING,
        recent=MORNING - MORNING,
        pages=20,
    )
    opening = "Kent PDU inspected\n\nHM Inspectorate of Probation has inspected Kent PDU."
    page = Page(
        url="https://inspectorate.example/kent",
        body=f"{opening} {sentences}".encode(),
        content_type="text/plain; charset=utf-8",
        fetched_at=MORNING,
    )
    register = Register([a_provider()])
    found = read(page, inspectorates=inspectorates(), register=register, official=True)
    reference = Reference(inspectorates=inspectorates(), register=register, history={})
    [candidate] = candidates_of(
        found, item=1, listed=Item(title=found.title), page=page, source=source, reference=reference
    )

    told = [doubt for doubt in asked(candidate) if doubt.startswith("no rating")]
    assert told == (doubts if authority is Authority.OFFICIAL else [])


@pytest.mark.parametrize(("published", "doubts"), [("2021-12-31", [NO_RATING]), ("2022-01-01", [])])
def test_nobody_is_asked_for_the_grade_of_an_inspectorate_that_gives_none_any_more(
    published: str, doubts: list[str]
) -> None:
    estyn = packaged_scales().named("estyn")
    assert estyn is not None
    scale = next(one for one in estyn.scales if one.key == "estyn-4")
    told = unrated(title="An inspection of Kent Primary School")

    assert asked(replace(told, ungraded=scale.may_lack_grades(date.fromisoformat(published)))) == doubts
    assert asked(replace(told, ungraded=True, left_out=WHY)) == asked(unrated(left_out=WHY))
