"""The clock: the only module that asks the system for the time."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock; a `ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)
