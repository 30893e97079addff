"""A check: one thing looked at, what was found, what was expected, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check came out."""

    WELL = "well"
    WARNING = "warning"  # mail arrives, but not as well as it could, or not for long
    WRONG = "wrong"  # receivers refuse such mail, or hide the button to leave
    UNKNOWN = "not known"  # nobody answered, or it cannot be seen from here


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at. `expected` and `advice` are empty where all is well."""

    name: str
    outcome: Outcome
    found: str
    expected: str = ""
    advice: str = ""


def well(name: str, found: str) -> Check:
    return Check(name=name, outcome=Outcome.WELL, found=found)


def warning(name: str, found: str, expected: str, advice: str) -> Check:
    return Check(name=name, outcome=Outcome.WARNING, found=found, expected=expected, advice=advice)


def wrong(name: str, found: str, expected: str, advice: str) -> Check:
    return Check(name=name, outcome=Outcome.WRONG, found=found, expected=expected, advice=advice)


def unknown(name: str, found: str, expected: str, advice: str) -> Check:
    return Check(name=name, outcome=Outcome.UNKNOWN, found=found, expected=expected, advice=advice)


def worst(checks: Iterable[Check]) -> Outcome:
    """What all of them come to: wrong before warning before not known before well."""
    outcomes = {check.outcome for check in checks}
    order = (Outcome.WRONG, Outcome.WARNING, Outcome.UNKNOWN)
    return next((outcome for outcome in order if outcome in outcomes), Outcome.WELL)
