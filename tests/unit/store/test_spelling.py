"""Which words the search takes for each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.store.public.spelling import most_wrong, parts_of, words_of, wrong_letters

WORDS = st.text("abcde", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("asked", "meant", "wrong"),
    [
        ("surgry", "surgery", 1),
        ("hudersfeild", "huddersfield", 2),
        ("knet", "kent", 1),
        ("acron", "acorn", 1),
        ("hose", "house", 1),
        ("northhamptonshire", "northamptonshire", 1),
        ("kent", "kent", 0),
    ],
)
def test_slips_of_spelling_are_counted_and_share_a_part(asked: str, meant: str, wrong: int) -> None:
    assert wrong_letters(asked, meant, most_wrong(asked)) == wrong
    assert parts_of(asked) & parts_of(meant)


@pytest.mark.parametrize(("asked", "other"), [("kent", "essex"), ("oak", "elm"), ("hill", "hall house")])
def test_other_words_are_not_taken_for_it(asked: str, other: str) -> None:
    assert wrong_letters(asked, other, most_wrong(asked)) is None


@given(WORDS, WORDS)
def test_it_does_not_matter_which_of_two_words_was_meant(one: str, other: str) -> None:
    wrong = wrong_letters(one, other, 12)

    assert wrong == wrong_letters(other, one, 12)
    assert (wrong == 0) == (one == other)


@given(WORDS, st.integers(0, 11), st.integers(0, 3))
def test_the_most_that_may_be_wrong_only_decides_whether_it_is_told(one: str, at: int, most: int) -> None:
    other = one[:at] + one[at + 1 :] + "e"
    wrong = wrong_letters(one, other, 12)

    assert wrong is not None
    assert wrong_letters(one, other, most) == (wrong if wrong <= most else None)


@given(st.text("abcde", min_size=1, max_size=6), st.integers(0, 5))
def test_a_short_word_shares_a_part_with_itself_without_a_letter(word: str, at: int) -> None:
    shorter = word[:at] + word[at + 1 :]

    assert not shorter or parts_of(word) & parts_of(shorter)


def test_the_words_of_a_name_are_each_told_once() -> None:
    assert words_of("st mary st mary kent") == ["st", "mary", "kent"]
