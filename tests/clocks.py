"""The clock that tests play."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class Clock:
    """A `ports.Clock` that stands still where a test puts it; unlike the demo's, it may be put back too."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def on(self, **by: float) -> None:
        self.at += timedelta(**by)
