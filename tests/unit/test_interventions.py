"""What operators may do with today's edition before it goes, and what readers get of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import DAY, a_story, a_timetable, an_edition

from digest.edition import Correction, SectionKind, StoryKey
from digest.interventions import (
    LONGEST_WORDS,
    Act,
    Alteration,
    InHand,
    Intervention,
    alteration_by,
    altered,
    refusal,
)

TIMETABLE = a_timetable()
NOON = TIMETABLE.noon_of(DAY)
MORNING = NOON - timedelta(hours=2)
FIRST, SECOND = StoryKey(item=1, place=0), StoryKey(item=2, place=0)
EDITION = an_edition(a_story(1), a_story(2, SectionKind.DOWNGRADES))


def an_act(act: Act, at: datetime = MORNING, **facts: Any) -> Intervention:
    reason = "" if act in {Act.RELEASE, Act.RESTORE} else "a reason"
    until = TIMETABLE.hold_end_of(DAY) if act is Act.HOLD else None
    usual: dict[str, Any] = {"day": DAY, "by": "ada", "words": reason, "until": until}
    return Intervention(**(usual | {"act": act, "at": at} | facts))


def in_hand(*acts: Intervention, **facts: Any) -> InHand:
    return InHand(**({"day": DAY, "assembled": EDITION, "acts": acts} | facts))


def refused(hand: InHand, wanted: Intervention) -> str | None:
    return refusal(hand, wanted, EDITION.stories, TIMETABLE)


def test_readers_get_the_edition_without_what_was_dropped_and_with_the_last_note() -> None:
    acts = [
        an_act(Act.DROP, story=FIRST),
        an_act(Act.DROP, story=SECOND),
        an_act(Act.RESTORE, story=SECOND),
        an_act(Act.NOTE, words="First."),
        an_act(Act.NOTE, words="Second."),
    ]

    told = altered(EDITION, alteration_by(acts))

    assert [story.key for story in told.stories] == [SECOND]
    assert [section.kind for section in told.sections] == [SectionKind.DOWNGRADES]
    assert told.note == "Second."
    assert altered(EDITION, alteration_by([*acts[3:], an_act(Act.NOTE, words="")])) == EDITION


def test_an_edition_is_open_until_noon_and_while_it_is_held() -> None:
    hold, release = an_act(Act.HOLD), an_act(Act.RELEASE, NOON + timedelta(hours=1))
    second = timedelta(seconds=1)

    assert in_hand().is_open(TIMETABLE, NOON - second)
    assert not in_hand().is_open(TIMETABLE, NOON)
    assert in_hand(hold).is_open(TIMETABLE, NOON + second)
    assert not in_hand(hold).is_open(TIMETABLE, TIMETABLE.hold_end_of(DAY))
    assert not in_hand(hold, release).is_open(TIMETABLE, NOON + timedelta(hours=2))
    assert in_hand(hold, replace(release, at=MORNING)).is_open(TIMETABLE, NOON - second)
    assert not in_hand(hold, closed_at=NOON).is_open(TIMETABLE, NOON)
    assert not in_hand().is_open(TIMETABLE, MORNING - timedelta(days=1)), "it is not today's"


def test_what_goes_is_fixed_once_it_is_closed() -> None:
    """An act that is stored late has no effect."""
    hand = in_hand(an_act(Act.DROP, story=FIRST), closed_at=NOON, closed_with=Alteration(note="As it went."))

    assert hand.edition == replace(EDITION, note="As it went.")
    assert hand.drops == {}


@pytest.mark.parametrize(
    ("acts", "wanted", "why"),
    [
        ([], an_act(Act.HOLD, NOON), "not open to changes"),
        ([], an_act(Act.HOLD, words=""), "give the reason"),
        ([an_act(Act.HOLD)], an_act(Act.HOLD), "held already, by ada: a reason"),
        ([an_act(Act.HOLD), an_act(Act.RELEASE)], an_act(Act.RELEASE), "not held"),
        ([], an_act(Act.DROP, story=StoryKey(item=9, place=0)), "no such story"),
        ([], an_act(Act.DROP, story=FIRST, words=""), "give the reason"),
        ([an_act(Act.DROP, story=FIRST)], an_act(Act.DROP, story=FIRST), "dropped already"),
        ([], an_act(Act.RESTORE, story=FIRST), "not dropped"),
        ([], an_act(Act.NOTE, words="x" * (LONGEST_WORDS + 1)), "at most 600 characters"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    acts: list[Intervention], wanted: Intervention, why: str
) -> None:
    assert why in (refused(in_hand(*acts), wanted) or "")


@pytest.mark.parametrize(
    "wanted",
    [
        an_act(Act.HOLD),
        an_act(Act.DROP, story=FIRST),
        an_act(Act.NOTE, words=""),
        an_act(Act.NOTE, words="x" * LONGEST_WORDS),
    ],
)
def test_what_can_be_done_is_not(wanted: Intervention) -> None:
    assert refused(in_hand(), wanted) is None


def test_readers_get_each_correction_that_they_are_owed() -> None:
    correction = Correction(told_on=DAY - timedelta(days=1), told=None, why="misread", adds=False)
    story = a_story(1, correction=correction)

    why = refusal(in_hand(), an_act(Act.DROP, story=FIRST), [story], TIMETABLE)

    assert why is not None
    assert "owed a correction" in why


def test_a_hold_ends_between_noon_and_the_deadline_whatever_the_files_say() -> None:
    assert TIMETABLE.hold_end_of(DAY) == NOON + timedelta(hours=3)
    at_two = a_timetable(hold_until=(NOON + timedelta(hours=2)).time())
    assert at_two.hold_end_of(DAY) == NOON + timedelta(hours=2)
    short = a_timetable(hold_until=(NOON + timedelta(hours=2)).time(), lateness=timedelta(hours=1))
    assert short.hold_end_of(DAY) == NOON + timedelta(minutes=30)
