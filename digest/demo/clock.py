"""A clock that stands still until it is told otherwise."""

from __future__ import annotations

from datetime import datetime


class SimulatedClock:
    """A `ports.Clock` whose hands somebody moves, forwards only."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Let it be `instant`; time never runs back."""
        self._now = max(self._now, instant)
