"""Operator alerts: one for each problem, however many processes see it; one that fails is tried again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digest.ports import Clock, CountStore, Quota

AGAIN_AFTER: Final = timedelta(minutes=5)
"""How soon this process may repeat an alert that failed. Its cause may occur a thousand times until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAlerts:
    """Sends alerts from this process. Processes that share a database share the counts of what was sent."""

    counts: CountStore  # an alert that was sent counts one, under its scope
    call: Callable[[str], Awaitable[bool]]  # sends a text; whether it was received
    clock: Clock
    _not_before: dict[str, datetime] = field(default_factory=dict)

    async def send_once(self, scope: str, since: datetime, text: str) -> None:
        """Send a text, unless an alert of this scope is counted since `since`, by any process."""
        now = self.clock.now()
        # Instants too far ahead were noted before the clock was set back.
        if now < self._not_before.get(scope, now) <= now + AGAIN_AFTER:
            return
        if await self.counts.total(scope, since, max(since, now)):
            return
        self._not_before[scope] = now + AGAIN_AFTER
        first = await self.counts.add(scope, since) == 1
        if not first or not await self.call(text):
            await self.counts.uncount([Quota(scope=scope, since=since, most=())])
