"""Laws of bodies: who is meant."""

from __future__ import annotations

import pytest
from laws.book import holds

pytestmark = pytest.mark.slow


def test_a_descriptor_that_comes_first_is_the_body_named_later():
    holds(12)


def test_a_part_of_a_body_never_moves_the_body():
    holds(16)


def test_all_three_and_all_but_one_rate_each_of_them():
    holds(21)
