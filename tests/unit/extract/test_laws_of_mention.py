"""Laws of mention: what is told in passing, of others, or of grades as such, rates nobody."""

from __future__ import annotations

import pytest
from laws.book import holds

pytestmark = pytest.mark.slow


def test_a_rating_told_in_passing_inside_another_story_is_not_announced():
    holds(1)


def test_a_neighbours_rating_is_the_neighbours():
    holds(2)


def test_a_statement_about_all_such_services_rates_none_of_them():
    holds(3)


def test_a_grade_explained_is_no_rating():
    holds(4)


def test_a_note_of_correction_changes_no_rating():
    holds(5)


def test_a_link_to_another_story_rates_nobody():
    holds(6)


def test_a_story_below_that_rates_nobody_changes_no_rating():
    holds(20)
