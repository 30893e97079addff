"""Alerts: one movement sent at once to those who watch the provider, and when that may be.

An alert is sent before the edition that tells the story in full, never after it. Only an inspectorate's own
text causes one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from digest.changes import Certainty, Change, Movement
from digest.edition import Candidate, StoryKey
from digest.matching import same_inspection
from digest.ratings import Inspectorates
from digest.sources import Authority

FRESH: Final = timedelta(hours=24)
"""What was found longer ago is not worth an alert."""

_NEW: Final = frozenset({Movement.FIRST_RATING, Movement.NOT_COMPARABLE})
_CERTAIN: Final = frozenset({Certainty.AGREED, Certainty.STATED, Certainty.HELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One inspection to be told at once, and to whom."""

    key: StoryKey  # of the first text on this inspection: several texts on it make one alert
    providers: frozenset[str]  # ids; subscribers who watch one of them get it
    expires_at: datetime  # noon, when the edition tells it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The hours of the day in which alerts are sent; what is found at night waits for the morning."""

    zone: ZoneInfo
    earliest: time
    latest: time

    def __contains__(self, instant: datetime) -> bool:
        return self.earliest <= instant.astimezone(self.zone).time() < self.latest

    def day_began(self, instant: datetime) -> datetime:
        """The local midnight before an instant."""
        day = instant.astimezone(self.zone).date()
        return datetime.combine(day, time(), self.zone)


def is_lowest(change: Change, inspectorates: Inspectorates) -> bool:
    """Whether the grade it leads to is the last of its scale."""
    scale = inspectorates.scale(change.scale)
    grade = scale.grade(change.after) if scale and change.after else None
    return scale is not None and grade is not None and grade.rank == max(g.rank for g in scale.grades)


def alarming(candidate: Candidate, inspectorates: Inspectorates, now: datetime) -> bool:
    """Whether a candidate has news for watchers that should not wait for the edition."""
    return (
        candidate.authority is Authority.OFFICIAL
        and candidate.provider is not None
        and candidate.correction is None
        and now - candidate.found_at < FRESH
        and any(_counts(change, inspectorates) for change in candidate.summary)
        and all(_sure(change) for change in candidate.summary if change.moved)
    )


def _counts(change: Change, inspectorates: Inspectorates) -> bool:
    if change.moved:
        return True
    # Even if we only miss the rating before it, it is true that this grade is the lowest.
    return change.movement in _NEW and change.review is None and is_lowest(change, inspectorates)


def _sure(change: Change) -> bool:
    return change.review is None and change.certainty in _CERTAIN


def of_one_inspection(candidate: Candidate, waiting: Iterable[Candidate]) -> list[Candidate]:
    """The official candidates on one inspection, this one included, in the order they were found."""
    others = (f for f in waiting if f.authority is Authority.OFFICIAL and f.key != candidate.key)
    same = [candidate, *(f for f in others if same_inspection(f, candidate))]
    return sorted(same, key=lambda f: (f.found_at, f.key.item, f.key.place))
