"""Grades over time as a drawing: each dot leads somewhere, and no line joins grades of different scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from builders import a_rating, inspectorates, ofsted
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.grade_periods import GradePeriod, KnownRating, Periods
from digest.present.timeline import FIRST, LAST, Chart, Former, chart_of, span_of
from digest.ratings import OVERALL, Inspectorates, Precision, Rating

KNOWN = inspectorates()
UNTIL = date(2026, 3, 10)
SCALES = ("ofsted-4", "ofsted-reportcard-5", "ofsted-care-4")


def grades_of(scale: str) -> list[str]:
    found = KNOWN.scale(scale)
    assert found is not None
    return [grade.name for grade in found.grades]


RATINGS = st.sampled_from(SCALES).flatmap(
    lambda scale: st.builds(
        a_rating,
        st.sampled_from(grades_of(scale)),
        st.none() | st.dates(date(2005, 1, 1), UNTIL),
        scale=st.just(scale),
        published_precision=st.sampled_from(Precision),
        link=st.sampled_from(["", "javascript:alert(1)", "https://inspectorate.example/a"]),
        withdrawn=st.booleans(),
        doubted=st.booleans(),
    )
)


def periods_of(*ratings: Rating) -> tuple[GradePeriod, ...]:
    return Periods(KNOWN).of([KnownRating(rating=one) for one in ratings])


def chart(
    own: Sequence[GradePeriod], former: Sequence[Former] = (), page: str = "", *, small: bool = False
) -> Chart | None:
    span = span_of([*own, *(one for each in former for one in each.periods)], UNTIL)
    if span is None:
        return None
    return chart_of(OVERALL, own, former, span=span, known=KNOWN, told=lambda _: page, small=small)


@settings(max_examples=60, deadline=None)
@given(st.lists(RATINGS, max_size=8), st.booleans())
def test_no_line_joins_grades_of_different_scales_and_no_grade_is_left_out(
    ratings: list[Rating], small: bool
) -> None:
    own = periods_of(*ratings)
    drawn = chart(own, small=small)
    bands = drawn.bands if drawn else ()

    assert all(one.bottom <= after.top for one, after in pairwise(bands))
    for band in bands:
        levels = {level.y for level in band.levels}
        assert {line.y for line in band.lines} | {line.foot for line in band.lines} <= levels
        assert all(band.top < y < band.bottom for y in levels)
        assert len({period.scale for period in own if period.scale == band.scale}) == 1
    shown = [one for one in own if one.since is not None and one.grade is not None]
    dots = drawn.dots if drawn else ()
    assert sorted(dot.grade for dot in dots) == sorted(one.grade or "" for one in shown)
    for dot in dots:
        assert FIRST <= dot.x <= dot.end <= LAST
        assert dot.evidence == (dot.link == "https://inspectorate.example/a")


def test_a_grade_that_only_an_edition_has_leads_to_its_place_there() -> None:
    drawn = chart(periods_of(a_rating(link="")), page="edition/2026-03-10#story-1-0")
    assert drawn is not None

    assert [(dot.link, dot.page) for dot in drawn.dots] == [(None, "edition/2026-03-10#story-1-0")]
    assert drawn.dots[0].evidence


def test_a_day_that_is_not_known_is_drawn_as_long_as_it_may_be() -> None:
    day, year, later = (
        a_rating(grade, date(since, 1, 1), published_precision=precision)
        for grade, since, precision in (
            ("good", 2010, Precision.DAY),
            ("outstanding", 2014, Precision.YEAR),
            ("good", 2020, Precision.NOT_BEFORE),
        )
    )
    drawn = chart(periods_of(day, year))
    assert drawn is not None
    known, unknown = drawn.dots

    assert known.x == known.end
    assert unknown.end - unknown.x > 3
    assert unknown.long
    assert not known.long
    assert drawn.uncertain
    assert [line.x for line in drawn.bands[0].lines if line.upright] == [unknown.x]
    open_end = chart(periods_of(day, later))
    assert open_end is not None
    assert max(dot.end for dot in open_end.dots) > 80


def test_a_predecessors_grades_are_a_prefix_that_no_line_joins_to_the_services_own() -> None:
    before = periods_of(a_rating("inadequate", date(2016, 5, 1)), a_rating("good", date(2018, 5, 1)))
    own = periods_of(a_rating("outstanding", date(2021, 5, 1)))
    drawn = chart(own, [Former(name="Kent CRC", periods=before, gone=date(2021, 5, 1))])
    assert drawn is not None
    (band,) = drawn.bands
    start = next(dot.x for dot in drawn.dots if not dot.owner)

    assert [dot.owner for dot in drawn.dots] == ["Kent CRC", "Kent CRC", ""]
    assert max(line.end for line in band.lines if line.former) == start
    assert not [line for line in band.lines if line.upright]


def test_a_withdrawn_rating_is_an_open_dot_and_its_line_ends() -> None:
    good = KnownRating(rating=a_rating(withdrawn=True), withdrawn_on=date(2024, 9, 1))
    drawn = chart(Periods(KNOWN).of([good]))
    assert drawn is not None
    (dot,), (line,) = drawn.dots, drawn.bands[0].lines

    assert dot.withdrawn
    assert line.withdrawn
    assert line.end < LAST - 5


def test_the_drawing_stays_the_same_until_the_month_ends() -> None:
    own = periods_of(a_rating())

    first, same, other = (span_of(own, UNTIL + timedelta(days=days)) for days in (0, 20, 25))

    assert first == same != other
    assert first is not None
    assert [tick.year for tick in first.ticks(4)] == [2024, 2025, 2026]


def test_a_name_stands_where_no_line_crosses_it() -> None:
    early = chart(
        periods_of(a_rating("inadequate", date(2016, 2, 1)), a_rating("good", date(2017, 2, 1))), small=True
    )
    late = chart(
        periods_of(a_rating("inadequate", date(2016, 2, 1)), a_rating("good", date(2025, 8, 1))), small=True
    )
    assert early is not None
    assert late is not None

    assert [level.name for level in early.bands[0].levels if level.right] == [
        "requires improvement",
        "inadequate",
    ]
    assert not [level.name for level in late.bands[0].levels if level.right]


def test_a_line_is_another_one_from_when_its_scale_is_out_of_use() -> None:
    scale = KNOWN.scale("ofsted-4")
    assert scale is not None
    old = Inspectorates(all=(replace(ofsted(), scales=(replace(scale, valid_until=date(2024, 9, 1)),)),))
    periods = periods_of(a_rating(scale.grades[0].name, date(2023, 9, 1), scale=scale.key))
    span = span_of(periods, UNTIL)
    assert span is not None
    drawn = chart_of(OVERALL, periods, (), span=span, known=old, told=lambda _: "", small=False)
    assert drawn is not None
    used, later = drawn.bands[0].lines

    assert drawn.outlived
    assert [used.outlived, later.outlived] == [False, True]
    assert used.end == later.x < later.end


def test_nothing_is_drawn_of_the_future() -> None:
    """Until the last day of a month, a drawing ends with its first, or with the last grade."""
    for day in (UNTIL, date(2026, 3, 31)):
        early, late = (span_of(periods_of(a_rating("good", one)), day) for one in (date(2024, 3, 5), UNTIL))
        assert early is not None
        assert late is not None
        assert early.last == date(2026, 3, 1)
        assert late.last == UNTIL
