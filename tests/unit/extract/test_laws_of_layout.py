"""Laws of layout: what is hidden is not read, and one set of ratings reads the same however it is set."""

from __future__ import annotations

import pytest
from laws.book import holds

pytestmark = pytest.mark.slow


def test_what_is_hidden_is_not_read():
    holds(17)


def test_one_set_of_ratings_reads_the_same_in_every_layout():
    holds(19)
