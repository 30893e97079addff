"""Calling operators once for a thing, whichever process comes to it, and again where nobody heard it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digest.ports import Clock, CountStore, Share

AGAIN_AFTER: Final = timedelta(minutes=5)
"""After a call that was not heard: what it is about may happen a thousand times meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAlerts:
    """OperatorAlerts of this process, which others make as well."""

    counts: CountStore  # a call that was heard counts one, under its scope
    call: Callable[[str], Awaitable[bool]]  # whether it was heard
    clock: Clock
    _not_before: dict[str, datetime] = field(default_factory=dict)

    async def once(self, scope: str, since: datetime, said: str) -> None:
        """Call, unless somebody did for this scope and stretch of time, or is at it."""
        now = self.clock.now()
        if now < self._not_before.get(scope, now) or await self.counts.total(scope, since):
            return
        self._not_before[scope] = now + AGAIN_AFTER
        first = await self.counts.add(scope, since) == 1
        if not first or not await self.call(said):
            await self.counts.give_back([Share(scope=scope, since=since, most=())])
