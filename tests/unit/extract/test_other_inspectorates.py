"""Another inspectorate is another value: no line of code knows it."""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digest.adapters.config.files import load
from digest.adapters.config.packaged import packaged
from digest.extract import read
from digest.items import Page
from digest.providers import Provider, Register
from digest.ratings import Aspect, Grade, Inspectorate, Inspectorates, Scale
from digest.reports import Direction

OLD = Scale(
    key="zoo-3",
    grades=(Grade(name="splendid", rank=1), Grade(name="fair", rank=2), Grade(name="shabby", rank=3)),
    aspects=(Aspect(name="cages"), Aspect(name="feeding")),
    valid_until=date(2020, 1, 1),
)
NEW = Scale(
    key="zoo-4",
    grades=(
        Grade(name="splendid", rank=1),
        Grade(name="fair", rank=2),
        Grade(name="needs attention", rank=3),
        Grade(name="shabby", rank=4),
    ),
    aspects=(Aspect(name="cages"), Aspect(name="feeding", aliases=("meals",))),
    has_overall=False,
    valid_from=date(2020, 1, 1),
)
ZOOS = Inspectorate(key="zoos", name="Zoo Inspectorate", aliases=("ZI",), scales=(NEW, OLD))


@pytest.fixture
def zoo(inspectorates):
    register = Register([Provider(id="z", name="Dudley Zoo", kind="zoo", inspectorate="zoos")])

    def of(text: str):
        page = Page(
            url="https://example.org/",
            body=text.encode(),
            content_type=None,
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        return read(page, inspectorates=Inspectorates(all=(*inspectorates, ZOOS)), register=register)

    return of


def test_its_scale_and_aspects_are_read_from_the_value(zoo):
    found = zoo(
        "Dudley Zoo\n\nPublished: 3 May 2019\n\nThe Zoo Inspectorate has upgraded Dudley Zoo from ‘Shabby’ to ‘Fair’. It was rated ‘Splendid’ for feeding."
    )
    (report,) = found.reports

    assert found.inspectorate == "zoos"
    assert (report.scale, report.provider) == ("zoo-3", "Dudley Zoo")
    assert report.overall is not None
    assert report.overall.value == "fair"
    assert report.claims is Direction.UPGRADE
    assert [(j.aspect, j.grade) for j in report.judgements] == [("feeding", "splendid")]


def test_a_scale_without_an_overall_grade_gives_none(zoo):
    (report,) = zoo(
        "Dudley Zoo\n\nPublished: 3 May 2021\n\nThe ZI rated Dudley Zoo ‘Fair’ overall. Meals were rated ‘Needs attention’."
    ).reports

    assert report.scale == "zoo-4"
    assert report.overall is None
    assert [(j.aspect, j.grade) for j in report.judgements] == [("feeding", "needs attention")]


def test_an_inspectorate_we_do_not_know_gives_no_rating(zoo):
    found = zoo("Dudley Zoo\n\nThe Aquarium Board has rated Dudley Zoo ‘Splendid’.")

    assert found.inspectorate is None
    assert found.reports == ()


def test_a_standing_is_no_step_on_the_scale(inspectorates):
    text = (
        "Cleveland Police leaves special measures\n\nHMICFRS has taken Cleveland Police out of special measures. "
        "The force was upgraded from Engage to routine monitoring.\n"
    )
    page = Page(
        url="https://news.example/1",
        body=text.encode(),
        content_type="text/plain; charset=utf-8",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )

    (report,) = read(page, inspectorates=inspectorates, register=Register()).reports
    assert (report.provider, report.claims, report.judgements) == ("Cleveland Police", Direction.UNKNOWN, ())


GRADED = [
    (
        "Harbour View Care Home",
        "The CQC rated Harbour View Care Home inadequate for being safe and well-led, and good for being caring.",
        {"safe": "inadequate", "well-led": "inadequate", "caring": "good"},
    ),
    (
        "Craigie High School",
        "Education Scotland rated leadership of change at Craigie High School as very good, learning, teaching and "
        "assessment as good, and raising attainment and achievement as satisfactory.",
        {
            "leadership of change": "very good",
            "learning, teaching and assessment": "good",
            "raising attainment and achievement": "satisfactory",
        },
    ),
    (
        "HMP Ashford",
        "HM Inspectorate of Prisons inspected HMP Ashford. Outcomes for prisoners were poor against the healthy "
        "prison test of safety, and not sufficiently good for respect. Preparation for release was reasonably good.",
        {
            "safety": "poor",
            "respect": "not sufficiently good",
            "preparation for release": "reasonably good",
        },
    ),
    (
        "Northshire Police",
        "HMICFRS graded Northshire Police ‘inadequate’ at investigating crime and ‘good’ at preventing crime.",
        {
            "investigating crime": "inadequate",
            "preventing and deterring crime and anti-social behaviour": "good",
        },
    ),
]


@pytest.fixture
def packaged_reading(inspectorates):
    def of(text):
        page = Page(
            url="https://news.example/1",
            body=text.encode(),
            content_type="text/plain; charset=utf-8",
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        return read(page, inspectorates=load(packaged("config")).inspectorates, register=Register())

    return of


@pytest.mark.parametrize(("provider", "text", "expected"), GRADED, ids=[g[0] for g in GRADED])
def test_each_inspectorates_sentences_are_read_on_its_own_scale(packaged_reading, provider, text, expected):
    (report,) = packaged_reading(f"Inspectors report\n\n{text}\n").reports

    assert report.provider == provider
    assert {j.aspect: j.grade for j in report.judgements} == expected


def test_the_last_rating_of_a_report_page_is_the_one_before(packaged_reading):
    (report,) = packaged_reading(
        "Rosewood Nursing Home\n\nThe Care Quality Commission inspected Rosewood Nursing Home.\n\n"
        "Overall: Requires improvement\n\nThe last rating for this service was good (published 4 May 2021).\n"
    ).reports

    assert (report.overall.value, report.previous.value, report.claims) == (
        "requires improvement",
        "good",
        Direction.DOWNGRADE,
    )


def test_on_a_scale_without_an_overall_grade_the_aspects_move(packaged_reading):
    (report,) = packaged_reading(
        "Brinsford slips\n\nHM Inspectorate of Prisons rated safety at HMYOI Brinsford ‘not sufficiently good’, down "
        "from ‘reasonably good’. Respect remained ‘reasonably good’.\n"
    ).reports

    assert report.claims is Direction.DOWNGRADE
    assert {j.aspect: (j.grade, j.previous) for j in report.judgements} == {
        "safety": ("not sufficiently good", "reasonably good"),
        "respect": ("reasonably good", "reasonably good"),
    }


def test_one_aspect_that_stayed_says_nothing_of_the_prison(packaged_reading):
    (report,) = packaged_reading(
        "Brinsford\n\nHM Inspectorate of Prisons was at HMYOI Brinsford. Respect remained ‘reasonably good’.\n"
    ).reports

    assert report.claims is Direction.UNKNOWN


def told_of_nurseries(reading, text):
    return {
        r.provider: {j.aspect: (j.grade, j.previous) for j in r.judgements} for r in reading(text).reports
    }


def test_a_round_up_sets_each_nursery_and_its_grades_under_its_name(reading):
    text = (
        "Care round-up: the latest reports\n\nThe Care Inspectorate has published reports. They are on two nurseries.\n\n"
        "Elm Nursery, Fife\n\nPrevious ratings\N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX}\n\n- Setting – 4\n\n- Leadership – 3\n\n- Staff – 3\n\n"
        "New ratings\n\n- Setting – 3\n\n- Leadership – 3\n\n- Staff – 4\n\n"
        "Ash Nursery, Perth\n\nNew ratings\n\n- Setting – 5\n\n- Leadership – 5\n\n- Staff – 5"
    )

    assert told_of_nurseries(reading, text) == {
        "Elm Nursery": {
            "setting": ("adequate", "good"),
            "leadership": ("adequate", "adequate"),
            "staff": ("good", "adequate"),
        },
        "Ash Nursery": {
            "setting": ("very good", None),
            "leadership": ("very good", None),
            "staff": ("very good", None),
        },
    }


def test_a_joint_report_on_childcare_in_wales_is_read_by_its_themes(reading):
    text = (
        "A report on Cylch Meithrin Llandre\n\nby Care Inspectorate Wales (CIW) and Estyn\n\nSummary\n\nWellbeing: Good\n\n"
        "Learning (only applies to three and four year old children who do not receive education in a maintained setting): Poor\n\n"
        "Care and development: Excellent"
    )

    assert told_of_nurseries(reading, text) == {
        "Cylch Meithrin Llandre": {
            "wellbeing": ("good", None),
            "learning": ("poor", None),
            "care and development": ("excellent", None),
        }
    }


def test_grades_given_to_a_body_in_themes_that_are_named_are_for_them(reading):
    text = (
        "Nursery receives positive Estyn report\n\nMeithrinfa Llandre was visited by Estyn. In the report, the Estyn team gave a "
        "'Good' rating to the nursery in all themes, including well-being, care and development, and environment."
    )

    assert told_of_nurseries(reading, text) == {
        "Meithrinfa Llandre": dict.fromkeys(
            ("wellbeing", "care and development", "environment"), ("good", None)
        )
    }
