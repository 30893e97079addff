"""Worker processes for heavy or hostile input: what runs there can be stopped without harm (anyio).

Feeds, pages and PDFs are written by strangers, and every parser has an input that it chokes on. A process
can be killed; a thread cannot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar

import anyio
from anyio import to_process

from digest.adapters.bounds import bounded
from digest.adapters.kept import NotKeptError, called, shortened
from digest.errors import OverrunError

P = ParamSpec("P")
T = TypeVar("T")

_MEBIBYTE: Final = 1024 * 1024


class ProcessWorkers:
    """A `ports.Workers`: at most `processes` at a time, each call within `limit` and `memory` (in MiB).

    The function must be importable, and its arguments, result and exceptions must pickle; what it raises
    comes through as it is. A register and the inspectorates are sent to each process once. Processes start
    with the first calls and are kept for later ones. The program's main module is imported in them, so it
    needs its `if __name__ == "__main__"` guard.
    """

    def __init__(
        self, *, processes: int = 2, limit: timedelta = timedelta(seconds=10), memory: int = 1024
    ) -> None:
        self._seconds = limit.total_seconds()
        self._memory = memory * _MEBIBYTE
        self._processes = processes
        self._free = anyio.Semaphore(processes)
        self._pool = anyio.CapacityLimiter(processes)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes; without it they end with the event loop."""
        # anyio keeps the pool for its loop and closes it when this task of its own is cancelled.
        closing = [t for t in asyncio.all_tasks() if t.get_name() == "AnyIO process pool shutdown task"]
        for task in closing:
            task.cancel()
        if closing:
            await asyncio.wait(closing)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; `OverrunError` if it was too slow, too big, or took its process down."""
        name = getattr(function, "__name__", "a function")
        async with self._free:  # waiting here is not counted: it is not this input's fault
            with anyio.move_on_after(self._seconds):
                try:
                    return await self._run(self._call(function, args, kwargs), name)
                except NotKeptError:
                    return await self._run(self._call(function, args, kwargs, whole=True), name)
        raise OverrunError(f"{name} did not end within {self._seconds:g} s")

    def _call(
        self,
        function: Callable[..., T],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        whole: bool = False,
    ) -> Callable[[], T]:
        call = partial(called, function, *shortened(args, kwargs, whole=whole))
        return partial(bounded, call, self._seconds, self._memory)

    async def _run(self, call: Callable[[], T], name: str) -> T:
        for _ in range(self._processes):
            # A process may have died while it was idle, by no fault of this input.
            with suppress(anyio.BrokenWorkerProcess):
                return await self._once(call, name)
        try:
            return await self._once(call, name)
        except anyio.BrokenWorkerProcess as error:
            raise OverrunError(f"{name} took its process down") from error

    async def _once(self, call: Callable[[], T], name: str) -> T:
        try:
            return await to_process.run_sync(call, cancellable=True, limiter=self._pool)
        except MemoryError as error:
            raise OverrunError(f"{name} wanted too much memory") from error
