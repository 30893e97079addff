"""What became of a rating: two witnesses, one movement, never a wrong one."""

from __future__ import annotations

from datetime import date

import pytest

from digest.changes import Certainty, Change, Movement, Told, compare
from digest.ratings import OVERALL, Grade, Inspectorate, Inspectorates, Rating, Scale
from digest.reports import Direction


def a_scale(key: str, *grades: str) -> Scale:
    return Scale(key=key, grades=tuple(Grade(name=name, rank=n) for n, name in enumerate(grades, start=1)))


WORDS = a_scale("words-4", "outstanding", "good", "requires improvement", "inadequate")
CARDS = a_scale("cards-5", "exceptional", "strong", "good", "needs attention", "urgent improvement")
BODIES = Inspectorates(all=(Inspectorate(key="body", name="Body", scales=(CARDS, WORDS)),))
NOW = date(2020, 3, 3)


def rated(grade: str, on: date | None = NOW, *, scale: str = "words-4", provider: str = "a") -> Rating:
    return Rating(
        provider=provider,
        aspect=OVERALL,
        scale=scale,
        grade=grade,
        inspected_on=None,
        published_on=on,
        evidence=f"It was rated {grade}.",
        link=f"https://example.org/{provider}/{on}",
    )


def change(*history: Rating, now: str = "good", told: Told | None = None, scale: str = "words-4") -> Change:
    return compare(history, rated(now, scale=scale), told or Told(), BODIES)


@pytest.mark.parametrize(
    ("before", "movement"),
    [
        ("requires improvement", Movement.UPGRADE),
        ("outstanding", Movement.DOWNGRADE),
        ("good", Movement.UNCHANGED),
    ],
)
def test_what_we_hold_and_what_the_text_says_agree(before: str, movement: Movement) -> None:
    found = change(rated(before, date(2018, 9, 1)), told=Told(previous=before))

    assert (found.movement, found.before, found.after) == (movement, before, "good")
    assert found.certainty is Certainty.AGREED


def test_the_latest_earlier_inspection_counts_and_no_other() -> None:
    history = [rated("outstanding", date(2015, 1, 1)), rated("inadequate", date(2018, 1, 1))]

    assert change(*history).before == "inadequate"
    assert change(*reversed(history)).movement is Movement.UPGRADE


def test_another_providers_rating_is_no_earlier_one() -> None:
    assert change(rated("inadequate", date(2018, 1, 1), provider="b")).movement is Movement.FIRST_RATING


def test_without_any_earlier_rating_it_is_the_first_we_know_of() -> None:
    found = change()

    assert (found.movement, found.certainty) == (Movement.FIRST_RATING, Certainty.ALONE)


def test_a_text_that_says_first_is_believed() -> None:
    found = change(told=Told(direction=Direction.FIRST))

    assert (found.movement, found.certainty) == (Movement.FIRST_RATING, Certainty.STATED)


def test_a_text_alone_may_state_the_step() -> None:
    found = change(told=Told(previous="requires improvement", direction=Direction.UPGRADE))

    assert (found.movement, found.certainty) == (Movement.UPGRADE, Certainty.STATED)


def test_where_the_two_differ_the_texts_words_stand_and_operators_look() -> None:
    found = change(rated("inadequate", date(2018, 1, 1)), told=Told(previous="requires improvement"))

    assert (found.before, found.certainty) == ("requires improvement", Certainty.DISPUTED)
    assert found.review is not None


def test_a_text_that_contradicts_itself_moves_nothing() -> None:
    found = change(told=Told(previous="outstanding", direction=Direction.UPGRADE))

    assert found.movement is Movement.NOT_COMPARABLE
    assert found.review is not None


def test_grades_of_two_frameworks_are_not_compared_even_where_the_word_is_the_same() -> None:
    assert change(rated("good", date(2018, 1, 1)), scale="cards-5").movement is Movement.NOT_COMPARABLE


def test_the_same_inspection_told_twice_is_not_its_own_predecessor() -> None:
    found = change(rated("good", date(2020, 3, 1)), rated("requires improvement", date(2018, 1, 1)))

    assert (found.movement, found.before) == (Movement.UPGRADE, "requires improvement")


def test_a_grade_that_the_scale_lacks_is_compared_with_nothing() -> None:
    assert change(rated("good", date(2018, 1, 1)), now="splendid").movement is Movement.NOT_COMPARABLE
