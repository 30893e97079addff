"""Intervals: what a share that was counted says of the true one (Clopper and Pearson, 1934)."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log
from typing import Final

CONFIDENCE: Final = 0.95
_STEPS: Final = 60  # halvings: more than a float has digits


def interval(counted: int, of: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The true shares that leave such a count likely; exact, so never narrower than it says."""
    if of == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if counted == 0 else _where(lambda p: 1 - _at_most(counted - 1, of, p) > tail)
    high = 1.0 if counted == of else _where(lambda p: _at_most(counted, of, p) < tail)
    return low, high


def _where(beyond: Callable[[float], bool]) -> float:
    """The share from which `beyond` holds."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return (low + high) / 2


def _at_most(count: int, of: int, share: float) -> float:
    """How likely no more than `count` of so many are, at this share."""
    hit, miss = log(share), log(1 - share)
    ways = lgamma(of + 1)
    return sum(
        exp(ways - lgamma(k + 1) - lgamma(of - k + 1) + k * hit + (of - k) * miss) for k in range(count + 1)
    )
