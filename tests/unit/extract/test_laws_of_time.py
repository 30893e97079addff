"""Laws of time: which grade is the one now, which was before, and which day is which."""

from __future__ import annotations

import pytest
from laws.book import holds

pytestmark = pytest.mark.slow


def test_celebrating_after_being_rated_says_that_it_has_been_rated():
    holds(7)


def test_a_rating_years_before_the_page_is_not_announced():
    holds(8)


def test_the_rating_then_is_the_former_grade():
    holds(13)


def test_low_then_better_then_low_again_is_a_downgrade():
    holds(14)


def test_old_inspections_listed_below_are_not_the_grade_now():
    holds(15)


def test_the_day_of_a_visit_or_of_the_last_report_is_not_the_day_of_publication():
    holds(18)
