"""The outcome of many checks, and the sample that is composed for them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digest.diagnose import Check, Outcome
from digest.diagnose.checks import worst
from digest.diagnose.one_click import sample_edition


@pytest.mark.parametrize(
    ("outcomes", "all_together"),
    [
        ((), Outcome.WELL),
        ((Outcome.WELL, Outcome.UNKNOWN), Outcome.UNKNOWN),
        ((Outcome.UNKNOWN, Outcome.WARNING, Outcome.WELL), Outcome.WARNING),
        ((Outcome.WARNING, Outcome.WRONG, Outcome.UNKNOWN), Outcome.WRONG),
    ],
)
def test_the_worst_check_decides(outcomes, all_together):
    checks = [Check(name="a check", outcome=outcome, found="") for outcome in outcomes]

    assert worst(checks) is all_together


def test_the_sample_says_that_it_is_one():
    edition = sample_edition(date(2026, 11, 25), datetime(2026, 11, 25, 12, tzinfo=UTC))

    [section] = edition.sections
    [story] = section.stories
    assert story.title.startswith("A sample:")
