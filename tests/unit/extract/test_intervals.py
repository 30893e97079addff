"""Intervals: what so many wrong texts of so many say of all that will ever be read."""

from __future__ import annotations

import pytest

from digest.extract.intervals import interval


@pytest.mark.parametrize(
    ("counted", "of", "low", "high"),
    [  # as R's binom.test gives them
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (2, 100, 0.0024, 0.0704),
    ],
)
def test_they_are_those_of_clopper_and_pearson(counted, of, low, high):
    assert interval(counted, of) == pytest.approx((low, high), abs=5e-5)


def test_nothing_counted_says_nothing():
    assert interval(0, 0) == (0.0, 1.0)


def test_of_149_texts_with_none_wrong_at_most_two_in_a_hundred_are():
    _, high = interval(0, 149, confidence=0.9)  # the upper end alone, with 95 %

    assert high < 0.02 < interval(0, 148, confidence=0.9)[1]


def test_more_texts_say_more():
    few, many = interval(2, 100), interval(40, 2000)

    assert few[0] < many[0] < 0.02 < many[1] < few[1]
