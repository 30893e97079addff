"""The clock: the only place in the project that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock; a `ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)
