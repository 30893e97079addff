"""Alerts: which changes are sent at once to subscribers who watch the provider, and at which hours.

An alert is sent before the edition that tells the story in full, never after it. Only an inspectorate's own
text causes an alert.
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
"""An older find causes no alert."""

_NEW: Final = frozenset({Movement.FIRST_RATING, Movement.NOT_COMPARABLE})
_CERTAIN: Final = frozenset({Certainty.AGREED, Certainty.STATED, Certainty.HELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An inspection that subscribers are told of at once."""

    key: StoryKey  # of the first text on this inspection, so that several texts on it make one alert
    providers: frozenset[str]  # ids; subscribers who watch any of them get the alert
    expires_at: datetime  # noon, when the edition is sent that tells it; aware, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The local hours of the day in which alerts are sent. Alerts of the night wait for the morning."""

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
    """Whether the new grade is the lowest of its scale."""
    scale = inspectorates.scale(change.scale)
    grade = scale.grade(change.after) if scale and change.after else None
    return scale is not None and grade is not None and grade.rank == max(g.rank for g in scale.grades)


def worth_alert(candidate: Candidate, inspectorates: Inspectorates, now: datetime) -> bool:
    """Whether a candidate is worth an alert: an official, recent, certain movement, or the lowest grade."""
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
    # The rating before may only be missing in our history, but this grade is the lowest in any case.
    return change.movement in _NEW and change.review is None and is_lowest(change, inspectorates)


def _sure(change: Change) -> bool:
    return change.review is None and change.certainty in _CERTAIN


def of_one_inspection(candidate: Candidate, waiting: Iterable[Candidate]) -> list[Candidate]:
    """The official candidates on one inspection, this one included, in the order in which they were found."""
    others = (f for f in waiting if f.authority is Authority.OFFICIAL and f.key != candidate.key)
    same = [candidate, *(f for f in others if same_inspection(f, candidate))]
    return sorted(same, key=lambda f: (f.found_at, f.key.item, f.key.place))
