"""Politeness: one request at a time to a host, a pause after each, no request while it asks us to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digest.ports import Clock
from digest.sources import LONGEST_WAIT

_FORGET_ABOVE: Final = 1000  # hosts


@dataclass(slots=True, kw_only=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  # on the loop's clock
    shut_until: datetime | None = None

    def shut_for(self, now: datetime) -> timedelta | None:
        """How long the host still asks us to wait; None if it does not, or if the clock was set back."""
        left = self.shut_until - now if self.shut_until else timedelta(0)
        return left if timedelta(0) < left <= LONGEST_WAIT else None


class Turns:
    """When each host may be asked next; for one event loop."""

    def __init__(self, *, pause: timedelta, sleep: Callable[[float], Awaitable[None]], clock: Clock) -> None:
        self._pause = pause.total_seconds()
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, delay: timedelta = timedelta(0)) -> AsyncIterator[timedelta | None]:
        """Wait for the host's only turn and for the pause after the last request, then hold the turn.

        The pause that follows is `delay` if that is longer than usual. Yields how long the host asks us to
        wait; None if we may ask now.
        """
        kept = self._hosts.setdefault(host, _Host())
        async with kept.lock:
            if (left := kept.shut_for(self._clock.now())) is not None:
                yield left
                return
            if (early := kept.free_at - _now()) > 0:
                await self._sleep(early)
            try:
                yield None
            finally:
                kept.free_at = _now() + max(self._pause, delay.total_seconds())
                self._forget()

    def shut(self, host: str, wait: timedelta) -> None:
        """Send the host no requests for this long, a day at most, because it sent Retry-After."""
        kept = self._hosts.setdefault(host, _Host())
        now = self._clock.now()
        kept.shut_until = now + max(min(wait, LONGEST_WAIT), kept.shut_for(now) or timedelta(0))

    def _forget(self) -> None:
        if len(self._hosts) <= _FORGET_ABOVE:
            return
        now = _now()
        for name, kept in list(self._hosts.items()):
            shut = kept.shut_for(self._clock.now()) is not None
            if not kept.lock.locked() and not shut and kept.free_at <= now:
                del self._hosts[name]


def _now() -> float:
    return asyncio.get_running_loop().time()
