"""Worker processes for heavy or hostile input, with anyio.

Strangers write feeds, pages and PDFs, and every parser has inputs that take it too long. A process can be
killed without harm; a thread cannot.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar

import anyio
from anyio import to_process

from digest.adapters.forked import MEMORY, bounded
from digest.errors import DigestError, OverrunError
from digest.providers import Register
from digest.ratings import Inspectorates

P = ParamSpec("P")
T = TypeVar("T")

DATA_LIMIT: Final = timedelta(minutes=5)
"""The longest that reading a large file of data may take: 100,000 rows take 10 s on an idle machine."""

_MEBIBYTE: Final = 1024 * 1024


class ProcessWorkers:
    """A `ports.Workers`: at most `processes` at a time, each call within `limit` and `memory` (in MiB).

    The function must be importable; its arguments, result and exceptions must pickle. Its exceptions are
    raised unchanged. A register and the inspectorates are sent to each process once. Processes start with the
    first calls and stay for later ones. They import the program's main module, which therefore needs its
    `if __name__ == "__main__"` guard.
    """

    def __init__(
        self, *, processes: int = 2, limit: timedelta = timedelta(seconds=10), memory: int = MEMORY
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
        """End the processes; otherwise they end with the event loop."""
        # anyio keeps the pool for the loop and closes it when its own task is cancelled.
        closing = [t for t in asyncio.all_tasks() if t.get_name() == "AnyIO process pool shutdown task"]
        for task in closing:
            task.cancel()
        if closing:
            await asyncio.wait(closing)

    def with_limit(self, limit: timedelta) -> ProcessWorkers:
        """The same processes, with another limit on the time of each call."""
        other = copy(self)
        other._seconds = limit.total_seconds()  # noqa: SLF001 -- of its own class
        return other

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; `OverrunError` if it was too slow or too big, or crashed its process."""
        name = getattr(function, "__name__", "a function")
        if any(map(_is_large, args)):
            args = await asyncio.to_thread(_with_large_packed, args)
        async with self._free:  # the time limit does not include this wait
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
            # A process may have died while idle; that is not this input's fault.
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


LARGE: Final = 16 * _MEBIBYTE  # bytes of an argument, as only a file of data has


@dataclass(frozen=True, slots=True)
class _Packed:
    """Stands for a large file: it would be in memory twice, and once more on its way."""

    body: bytes  # zlib
    size: int  # of the file: with it, the file is unpacked in one piece


def _is_large(value: object) -> bool:
    return isinstance(value, bytes) and len(value) >= LARGE


def _with_large_packed(args: Sequence[Any]) -> Any:
    return tuple(
        _Packed(zlib.compress(value, 1), len(value)) if _is_large(value) else value for value in args
    )


_LASTING: Final = (Inspectorates, Register)
_MOST: Final = 3  # how many to keep on either side; those not used for longest are dropped

_numbers: Final = count(1)  # one counter, because all `ProcessWorkers` of a program share their processes
_sent: Final[
    dict[int, tuple[int, object]]
] = {}  # in this process: by the object's id(); keeping the object keeps the id unique
_kept: Final[dict[int, object]] = {}  # in a worker: by number


class NotKeptError(DigestError):
    """The process does not have this argument (any more): its value must be sent along."""


@dataclass(frozen=True, slots=True)
class _Meant:
    """Stands for an argument that is the same in many calls."""

    number: int
    value: object = None  # None: the process should have it already


def shortened(
    args: Sequence[object], kwargs: Mapping[str, object], *, whole: bool
) -> tuple[tuple[object, ...], dict[str, object]]:
    """The arguments, the lasting ones replaced by numbers; if `whole`, their values are sent too."""
    return (
        tuple(_named(value, whole=whole) for value in args),
        {key: _named(value, whole=whole) for key, value in kwargs.items()},
    )


def _named(value: object, *, whole: bool) -> object:
    if not isinstance(value, _LASTING):
        return value
    number = _sent.pop(id(value))[0] if id(value) in _sent else next(_numbers)
    _sent[id(value)] = number, value
    _let_go(_sent)
    return _Meant(number, value if whole else None)


def called(function: Callable[..., Any], args: Sequence[object], kwargs: Mapping[str, object]) -> Any:
    """Runs in the worker: the function's result; `NotKeptError` if an argument must be sent whole."""
    return function(*map(_meant, args), **{key: _meant(value) for key, value in kwargs.items()})


def _meant(value: object) -> object:
    if isinstance(value, _Packed):
        return zlib.decompress(value.body, bufsize=value.size)
    if not isinstance(value, _Meant):
        return value
    found = _kept.pop(value.number, None) if value.value is None else value.value
    if found is None:
        raise NotKeptError
    _kept[value.number] = found
    _let_go(_kept)
    return found


def _let_go(held: dict[int, Any]) -> None:
    while len(held) > _MOST:
        del held[next(iter(held))]
