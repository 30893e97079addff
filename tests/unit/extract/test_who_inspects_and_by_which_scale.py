"""Who inspected, by the page's address and its words, and which of its scales was in force then.

The Zoo Inspectorate is invented; the others are the packaged files'.
"""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from digest.extract.judges import inspectorate_of, is_own_address, scale_of
from digest.extract.phrases import Text
from digest.ratings import Aspect, Grade, Inspectorate, Inspectorates, Scale


def a_scale(key, *grades, since=None, until=None):
    return Scale(
        key=key,
        grades=tuple(Grade(name=name, rank=rank) for rank, name in enumerate(grades, start=1)),
        aspects=(Aspect(name="cages"),),
        valid_from=since,
        valid_until=until,
    )


FIRST = a_scale("zoo-of-2010", "splendid", "fair", "shabby", since=date(2010, 1, 1), until=date(2016, 1, 1))
SECOND = a_scale("zoo-of-2016", "splendid", "fair", "dire", since=date(2016, 1, 1), until=date(2021, 1, 1))
THIRD = a_scale("zoo-of-2021", "superb", "fair", "dire", since=date(2021, 1, 1))
ZOOS = Inspectorate(
    key="zoos",
    name="Zoo Inspectorate",
    scales=(THIRD, SECOND, FIRST),
    sites=("zoos.example", "gov.example/zoos"),
)

# -- which scale ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "key"),
    [(2010, "zoo-of-2010"), (2015, "zoo-of-2010"), (2018, "zoo-of-2016"), (2021, "zoo-of-2021"), (2026, "zoo-of-2021")],
)  # fmt: skip
def test_a_page_with_a_year_is_read_by_the_scale_of_that_year(year, key):
    # In the year in which one scale gave way to the next, either may be meant: the words decide.
    found = scale_of(ZOOS, year, "It was found superb." if year == 2021 else "It was found fair.")

    assert found is not None
    assert found.key == key


def test_before_the_first_scale_there_is_none():
    assert scale_of(ZOOS, 2009, "It was found fair.") is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Some zoos are superb, some are fair, some are dire.", "zoo-of-2021"),
        ("Some zoos are splendid, some are fair, some are dire.", "zoo-of-2016"),
        ("Some zoos are splendid, some are fair, some are shabby.", "zoo-of-2010"),
    ],
)
@pytest.mark.parametrize("named", [None, 2012, 2018, 2024])
def test_without_a_year_the_scale_whose_words_stand_there_counts(text, key, named):
    found = scale_of(ZOOS, None, text, named=named)

    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    ("named", "key"),
    [
        (2012, "zoo-of-2010"),
        (2018, "zoo-of-2016"),
        (2024, "zoo-of-2021"),
        (2005, "zoo-of-2021"),
        (None, "zoo-of-2021"),
    ],
)
def test_where_words_tie_it_is_the_scale_of_the_latest_year_named_and_else_the_newest(named, key):
    found = scale_of(ZOOS, None, "The zoo was found fair.", named=named)

    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    ("sentence", "scale"),
    [
        ("It was rated good for care and development.", "ciw-childcare"),
        ("It was rated good for care and support; the care that staff give was poor in places.", "ciw-4"),
        ("It was rated good for leadership and management.", "ciw-4"),
    ],
)
def test_of_parallel_scales_the_one_whose_own_aspects_stand_there_counts(inspectorates, sentence, scale):
    found = scale_of(inspectorates.named("ciw"), None, sentence)

    assert found is not None
    assert found.key == scale


@pytest.mark.parametrize(
    ("sentence", "scale"),
    [
        ("In 2013 the force was graded good at investigating crime.", "hmicfrs-4"),
        ("In 2024 the force was graded good at investigating crime.", "hmicfrs-5"),
        ("In 2013 it was inspected; in 2024 it was graded good at investigating crime.", "hmicfrs-5"),
        ("In 2013 the force was graded adequate at investigating crime.", "hmicfrs-5"),
    ],
)
def test_an_undated_page_is_read_by_the_latest_year_in_it_unless_its_words_tell(reading, sentence, scale):
    found = reading(f"Northshire Police inspected\n\nHMICFRS has inspected Northshire Police. {sentence}")

    assert [r.scale for r in found.reports] == [scale]


# -- own addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://zoos.example/",
        "https://www.zoos.example/dudley",
        "http://ZOOS.example:8080/dudley",
        "https://reports.zoos.example./x",
        "https://gov.example/zoos",
        "https://www.gov.example/zoos/dudley",
    ],
)
def test_a_page_below_one_of_its_sites_is_its_own(url):
    assert is_own_address(ZOOS, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/zoos.example",
        "https://notzoos.example/",
        "https://zoos.example.org/",
        "https://zoos.example@news.example/",
        "https://gov.example/",
        "https://gov.example/news/zoos",
        "zoos.example",
        "",
    ],
)
def test_a_page_that_only_looks_so_is_not(url):
    assert not is_own_address(ZOOS, url)


def test_without_an_inspectorate_no_page_is_its_own():
    assert not is_own_address(None, "https://zoos.example/")


NAMED_OFTENER = (
    "Oakfield Children’s Home\n\nThe Care Quality Commission has visited Oakfield. Ofsted registers it. Ofsted knows it. "
    "The home is good."
)


@pytest.mark.parametrize(
    ("url", "judge"),
    [
        ("https://news.example/1", "ofsted"),
        ("https://www.cqc.org.uk/news/1", "cqc"),
        ("https://www.ofsted.gov.uk/1", "ofsted"),
    ],
)
def test_an_own_address_counts_for_more_than_another_name_said_oftener(reading, url, judge):
    assert reading(NAMED_OFTENER, url=url).inspectorate == judge


UNNAMED = "Ambledon\n\nInspectors have visited Ambledon. It was rated good overall."


@pytest.mark.parametrize(
    ("url", "judge"),
    [
        ("https://hmiprobation.justiceinspectorates.gov.uk/document/ambledon", "hmi-probation"),
        ("https://www.justiceinspectorates.gov.uk/hmiprobation/inspections/ambledon", "hmi-probation"),
        ("https://www.justiceinspectorates.gov.uk/hmiprisons/inspections/ambledon", "hmi-prisons"),
        ("https://news.example/ambledon", None),
    ],
)
def test_the_pages_own_address_says_who_inspected_where_no_word_does(reading, url, judge):
    assert reading(UNNAMED, url=url).inspectorate == judge


# -- by its own words -------------------------------------------------------------------------------------


def test_a_report_that_names_no_inspectorate_is_known_by_the_words_of_its_form():
    marked = replace(ZOOS, marks=("How happy are the animals",))
    text = Text("Inspection report. How happy are the animals? They are happy.")

    found = inspectorate_of(text, "https://mirror.example/report", Inspectorates(all=(marked,)))

    assert found == marked
    assert inspectorate_of(text, "https://mirror.example/report", Inspectorates(all=(ZOOS,))) is None


@pytest.mark.parametrize(
    "text",
    [
        "The care watchdog spoke. The Care Inspectorate visited the care home.",
        "The Care Commission visited the care home.",
    ],
)
def test_a_name_counts_more_than_a_common_noun_for_an_inspectorate(inspectorates, text):
    found = inspectorate_of(Text(text), "https://example.org/", inspectorates)

    assert found is not None
    assert found.key == "care-inspectorate"
