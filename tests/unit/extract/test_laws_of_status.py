"""Laws of status: what may be, what others think, and what is denied is no rating."""

from __future__ import annotations

import pytest
from laws.book import holds

pytestmark = pytest.mark.slow


def test_what_may_or_could_be_is_not_announced():
    holds(9)


def test_marks_by_oneself_by_peers_by_surveys_and_in_drafts_are_no_ratings():
    holds(10)


def test_what_is_denied_is_not_announced():
    holds(11)
