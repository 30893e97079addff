"""Politeness: one request at a time to a host, a pause after each, no request while it asks us to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

_FORGET_ABOVE: Final = 1000  # hosts


@dataclass(slots=True, kw_only=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  # on the loop's clock, as is `shut_until`
    shut_until: float = 0.0


class Turns:
    """When each host may be asked next; for one event loop."""

    def __init__(self, *, pause: timedelta, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._pause = pause.total_seconds()
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[timedelta | None]:
        """Wait for the host's only turn and for the pause after the last request, then hold the turn.

        Yields how long the host asks us to wait; None if we may ask now.
        """
        kept = self._hosts.setdefault(host, _Host())
        async with kept.lock:
            if (left := kept.shut_until - _now()) > 0:
                yield timedelta(seconds=left)
                return
            if (early := kept.free_at - _now()) > 0:
                await self._sleep(early)
            try:
                yield None
            finally:
                kept.free_at = _now() + self._pause
                self._forget()

    def shut(self, host: str, wait: timedelta) -> None:
        """Send the host no requests for this long, because it sent Retry-After."""
        kept = self._hosts.setdefault(host, _Host())
        kept.shut_until = max(kept.shut_until, _now() + wait.total_seconds())

    def _forget(self) -> None:
        if len(self._hosts) <= _FORGET_ABOVE:
            return
        now = _now()
        for name, kept in list(self._hosts.items()):
            if not kept.lock.locked() and max(kept.free_at, kept.shut_until) <= now:
                del self._hosts[name]


def _now() -> float:
    return asyncio.get_running_loop().time()
