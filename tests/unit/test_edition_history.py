"""The grades before a story's grade, as they are sealed with the edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import KENT, PROBATION, a_change, a_rating, a_story, an_edition, inspectorates

from digest.changes import Movement
from digest.edition import Earlier, Story
from digest.edition_history import MOST_EARLIER, providers_with_history, with_history
from digest.ratings import NO_INSPECTORATES, Precision, Rating

LAST = date(2023, 6, 20)
PAST = (
    a_rating("good", date(2016, 5, 1)),
    a_rating("requires improvement", date(2019, 1, 1), published_precision=Precision.YEAR),
    a_rating("good", LAST),
)


def a_fall(**facts: object) -> Story:
    change = a_change(Movement.DOWNGRADE, "inadequate", before="good", before_on=LAST)
    return a_story(1, change=replace(change, **facts), evidence="Kent is inadequate.")


def told(story: Story, *ratings: Rating) -> list[tuple[str, int]]:
    edition = with_history(an_edition(story), {KENT: ratings}, inspectorates())
    (one,) = edition.stories
    return [(each.grade, each.since.year) for each in one.earlier]


def test_the_history_leads_to_the_grade_that_the_story_tells_as_the_one_before():
    later = a_rating("inadequate", date(2026, 3, 10))  # of this inspection itself

    assert told(a_fall(), *PAST, later) == [("good", 2016), ("requires improvement", 2019), ("good", 2023)]


@pytest.mark.parametrize(
    "story",
    [
        a_fall(before="outstanding"),  # the text says so; we hold another
        a_fall(before_on=date(2022, 1, 1)),
        a_fall(before=None),
        replace(a_fall(), evidence=None),  # the grade is not told
        replace(a_fall(), change=None),
        a_fall(scale="ofsted-4"),
    ],
)
def test_a_history_that_does_not_end_there_is_not_shown(story):
    assert told(story, *PAST) == []


def test_one_grade_before_is_no_history():
    assert told(a_fall(), PAST[-1]) == []


def test_the_latest_grades_are_kept():
    many = [a_rating("good", date(year, 6, 20)) for year in range(2001, 2024, 2)]

    assert [year for _, year in told(a_fall(), *many)] == [2017, 2019, 2021, 2023][-MOST_EARLIER:]


def test_a_grade_in_doubt_or_withdrawn_or_without_a_date_is_left_out():
    doubted = replace(PAST[1], doubted=True)
    withdrawn = replace(PAST[1], withdrawn=True)
    undated = replace(PAST[1], published_on=None)

    for odd in (doubted, withdrawn, undated):
        assert told(a_fall(), PAST[0], odd, PAST[2]) == [("good", 2016), ("good", 2023)]


def test_a_scale_that_nobody_knows_has_no_history():
    edition = an_edition(a_fall())

    assert with_history(edition, {KENT: PAST}, NO_INSPECTORATES) == edition


def test_only_providers_whose_grades_are_compared_are_asked_for():
    other = a_story(2, provider="essex-pdu", change=None)

    assert providers_with_history(an_edition(a_fall(), a_fall(), other)) == (KENT,)
    assert a_fall().change is not None
    assert a_fall().change.scale == PROBATION


def test_what_is_known_of_a_date_is_kept():
    edition = with_history(an_edition(a_fall()), {KENT: PAST}, inspectorates())

    assert edition.stories[0].earlier[1] == Earlier(
        grade="requires improvement", since=date(2019, 1, 1), precision=Precision.YEAR
    )
