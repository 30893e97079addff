"""Backoff: how long to wait before the next try, twice as long after each failure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, TypeVar

MOST_DOUBLINGS: Final = 10
"""Failures are counted without limit, and two to the power of a large count would overflow a `timedelta`."""

Wait = TypeVar("Wait", float, timedelta)


def doubling(first: Wait, failures: int, longest: Wait) -> Wait:
    """The wait after so many failures in a row: `first` after one, then doubled, `longest` at the most."""
    return min(first * (1 << min(max(failures, 1) - 1, MOST_DOUBLINGS)), longest)
