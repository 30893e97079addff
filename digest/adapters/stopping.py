"""Stopping: a service that is told to stop ends in time, and says what it could not finish.

A library may swallow a cancellation, and a database that hangs may keep a task or a thread for ever. So each
part is waited for only until one common deadline, and soon after it the process ends in any case.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from digest.adapters.logs import settle_logs

log = logging.getLogger(__name__)

PATIENCE: Final = 30.0
"""Seconds for messages, letters and mail under way, all together, once the service is told to stop."""

LAST_RESORT: Final = 45.0
"""Seconds from then until the process ends, whatever still hangs."""

_STUBBORN: Final = 3
"""How often a task is cancelled, a second apart: libraries swallow a cancellation."""


class Stopping:
    """One stop of the service: what it waits for, and for how long."""

    def __init__(self, *, patience: float = PATIENCE, last_resort: float | None = None) -> None:
        """Both in seconds; without `last_resort`, the process is left alone."""
        self._patience = patience
        self._last_resort = last_resort
        self._until: float | None = None  # by the event loop's clock
        self._parts: list[str] = []  # those that have not ended
        self.cut: list[str] = []
        """The parts that did not finish what was under way."""

    def begin(self) -> None:
        """The service is told to stop. A second call changes nothing."""
        if self._until is not None:
            return
        self._until = asyncio.get_running_loop().time() + self._patience
        if self._last_resort is not None:
            # A thread: what hangs may be the event loop. It ends with the process.
            timer = threading.Timer(self._last_resort, self._end_process)
            timer.daemon = True
            timer.start()

    def left(self) -> float:
        """Seconds that the parts have left: all of them before the end begins, and then never less than 0."""
        if self._until is None:
            return self._patience
        return max(0.0, self._until - asyncio.get_running_loop().time())

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """A part of the service is closed within this block; if that hangs, the last line names it."""
        self._parts.append(name)
        try:
            yield
        finally:
            self._parts.remove(name)

    async def finish(self, name: str, tasks: Iterable[asyncio.Task[Any]]) -> None:
        """Wait for tasks as long as there is time, then cancel them; `cut` tells of those that were late."""
        tasks = set(tasks)
        if not tasks:
            return
        with self.part(name):
            _, late = await asyncio.wait(tasks, timeout=self.left())
            if late:
                self.cut.append(name)
            await cancelled(late)

    def say(self) -> None:
        """Log as the last line that the service has stopped, or what was cut off."""
        settle_logs(closing=True)
        if unfinished := ", ".join(dict.fromkeys([*self.cut, *self._parts])):
            log.error("the service was cut off", extra={"unfinished": unfinished})
        else:
            log.info("service stopped")

    def _end_process(self) -> None:
        if not self._parts:
            self._parts.append("threads")
        self.say()
        logging.shutdown()
        os._exit(1)


async def cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait for their ends, a few seconds at most."""
    hanging = set(tasks)
    for _ in range(_STUBBORN):
        for task in hanging:
            task.cancel()
        if hanging:
            done, hanging = await asyncio.wait(hanging, timeout=1)
            for task in done:
                if not task.cancelled() and (error := task.exception()) is not None:
                    log.warning("a task failed at the end", exc_info=error)
