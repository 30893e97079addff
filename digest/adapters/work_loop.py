"""A loop that looks for work every few seconds, and at once when this process has left some."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

log = logging.getLogger(__name__)

Work = Callable[[asyncio.Event], Awaitable[object]]
"""Does all work that waits; once the event is set, it finishes what is under way and begins nothing more."""

LOOK_EVERY: Final = 5.0
"""Seconds between looks for work that other processes left or did not finish."""


class WorkLoop:
    """Does work until it is told to stop; work that fails is logged and tried again with the next look."""

    def __init__(self, *, trouble: str) -> None:
        """`trouble` is the event that is logged when work fails."""
        self._trouble = trouble
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at once: this process has left work, or is to stop."""
        self._woken.set()

    async def run(self, work: Work, stop: asyncio.Event) -> None:
        """Do work until `stop` is set; what is under way is finished first."""
        while not stop.is_set():
            self._woken.clear()
            try:
                await work(stop)
            except Exception:
                log.exception(self._trouble)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._woken.wait()
