"""What should not wait for the edition, and when it may go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import (
    DAY,
    KENT,
    MORNING,
    PRISONS,
    a_candidate,
    a_change,
    a_post,
    inspectorates,
)
from hypothesis import given
from hypothesis import strategies as st

from digest.alerts import FRESH, Hours, is_lowest, of_one_inspection, worth_alert
from digest.changes import Certainty, Movement
from digest.edition import Candidate, Correction

SCALES = inspectorates()
HOURS = Hours(zone=ZoneInfo("Europe/London"), earliest=time(7), latest=time(22))


def alarms(candidate: Candidate, now: datetime = MORNING) -> bool:
    return worth_alert(candidate, SCALES, now)


def with_change(candidate: Candidate, **facts: Any) -> Candidate:
    return replace(candidate, changes=tuple(replace(change, **facts) for change in candidate.changes))


@pytest.mark.parametrize(
    ("movement", "grade", "said"),
    [
        (Movement.UPGRADE, "good", True),
        (Movement.DOWNGRADE, "requires improvement", True),
        (Movement.DOWNGRADE, "inadequate", True),
        (Movement.UNCHANGED, "good", False),
        (Movement.UNCHANGED, "inadequate", False),
        (Movement.FIRST_RATING, "good", False),
        (Movement.FIRST_RATING, "inadequate", True),
        (Movement.NOT_COMPARABLE, "good", False),
        (Movement.NOT_COMPARABLE, "inadequate", True),
        (Movement.WITHDRAWN, None, False),
    ],
)
def test_a_move_and_the_lowest_grade_do_not_wait(movement, grade, said):
    assert alarms(with_change(a_candidate(movement=movement), after=grade)) is said


def test_a_blogs_word_alarms_nobody():
    assert not alarms(a_post())


@pytest.mark.parametrize("certainty", Certainty)
def test_a_movement_that_not_everybody_vouches_for_waits(certainty):
    certain = certainty in {Certainty.AGREED, Certainty.STATED, Certainty.HELD}

    assert alarms(with_change(a_candidate(), certainty=certainty)) is certain


@pytest.mark.parametrize(
    "movement", [Movement.UPGRADE, Movement.DOWNGRADE, Movement.NOT_COMPARABLE, Movement.FIRST_RATING]
)
def test_what_an_operator_should_look_at_waits(movement):
    candidate = with_change(
        a_candidate(movement=movement), after="inadequate", review="the text says otherwise"
    )

    assert not alarms(candidate)


def test_a_correction_of_what_was_told_is_no_alert():
    correction = Correction(told_on=DAY - timedelta(days=1), told=None, why="misread")

    assert not alarms(replace(a_candidate(), correction=correction))


def test_what_was_found_a_day_ago_is_no_alert():
    assert alarms(a_candidate(), MORNING + FRESH - timedelta.resolution)
    assert not alarms(a_candidate(), MORNING + FRESH)


def test_a_text_that_names_no_provider_is_no_alert():
    assert not alarms(replace(a_candidate(), provider=None))


def test_an_aspect_alarms_only_where_a_scale_has_nothing_above_aspects():
    moved = {"staff": ("good", Movement.UPGRADE)}
    steady = a_candidate(movement=Movement.UNCHANGED, aspects=moved)
    prison = a_candidate(grade=None, aspects={"safety": ("poor", Movement.DOWNGRADE)}, by_aspects=True)

    assert not alarms(steady)
    assert alarms(with_change(prison, scale=PRISONS))


def test_one_doubtful_aspect_holds_back_the_others():
    aspects = {"safety": ("poor", Movement.DOWNGRADE), "respect": ("good", Movement.UPGRADE)}
    prison = a_candidate(grade=None, aspects=aspects, by_aspects=True)
    one = replace(prison.changes[0], certainty=Certainty.DISPUTED)

    assert alarms(prison)
    assert not alarms(replace(prison, changes=(one, *prison.changes[1:])))


def test_the_lowest_grade_is_the_last_whichever_way_the_numbers_run():
    def lowest(scale: str, grade: str | None) -> bool:
        return is_lowest(a_change(after=grade, scale=scale), SCALES)

    assert lowest("ci-6", "unsatisfactory")
    assert lowest("ci-6", "1")
    assert not lowest("ci-6", "excellent")
    assert not lowest("ci-6", "splendid")
    assert not lowest("a scale that is gone", "inadequate")
    assert not lowest("ci-6", None)


def test_several_texts_on_one_inspection_are_one_alert_by_the_first_that_was_found():
    first = a_candidate(7)
    second = a_candidate(2, found_at=MORNING + timedelta(hours=1))
    other = a_candidate(3, provider="surrey-pdu")
    retelling = a_post(1, found_at=MORNING - timedelta(hours=1))
    waiting = [second, other, retelling, first]

    assert [f.key.item for f in of_one_inspection(second, waiting)] == [7, 2]
    assert [f.key.item for f in of_one_inspection(first, waiting)] == [7, 2]
    assert [f.key.item for f in of_one_inspection(other, waiting)] == [3]
    assert first.provider == KENT


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda t: 1900 < t.year < 2100))
def test_nobody_is_woken_whatever_the_clocks_do(instant):
    local = instant.astimezone(HOURS.zone)

    assert (instant in HOURS) == (7 <= local.hour < 22)
    began = HOURS.day_began(instant)
    assert began <= instant
    assert began.astimezone(HOURS.zone).date() == local.date()
