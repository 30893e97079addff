"""The outcome of many checks."""

from __future__ import annotations

import pytest

from digest.diagnose import Check, Outcome
from digest.diagnose.checks import worst


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
