"""A forked worker for commands that read one thing after another: at hand at once, and killable.

`ProcessWorkers` serves a program that runs for long; its workers start Python anew and import everything,
which takes longer than to read a page. A fork has it all. It must be made where no other thread runs.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from math import ceil
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from digest.errors import OverrunError

A = TypeVar("A")
T = TypeVar("T")

_SECONDS: Final = 10.0
_MEMORY: Final = 1024 * 1024 * 1024
_HEAD: Final = 8  # bytes that say how long an answer is
_CHUNK: Final = 1 << 16


def each(
    function: Callable[[A], T], inputs: Sequence[A], *, seconds: float = _SECONDS, memory: int = _MEMORY
) -> Iterator[T | Exception]:
    """The function's result for each input, in order, or what it raised.

    `OverrunError` for an input that took too long or too many bytes, or took the worker down; a new worker
    goes on with the next. Results and exceptions must pickle.
    """
    done = 0
    while done < len(inputs):
        for outcome in _worker(function, inputs[done:], seconds, memory):
            done += 1
            yield outcome


def _worker(
    function: Callable[[A], T], inputs: Sequence[A], seconds: float, memory: int
) -> Iterator[T | Exception]:
    """One worker's outcomes; the last one is an `OverrunError` where it did not come to the end."""
    ours, its = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(ours)
        _work(function, inputs, its, seconds, memory)
    os.close(its)
    try:
        for _ in inputs:
            answer: tuple[T | Exception] | None = _received(ours, time.monotonic() + seconds)
            if answer is None:
                yield OverrunError(f"reading did not end within {seconds:g} s, or took its process down")
                return
            yield answer[0]
    finally:
        os.close(ours)
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _received(pipe: int, until: float) -> tuple[T | Exception] | None:
    """The next answer; None where none comes in time, or ever."""
    head = _bytes(pipe, _HEAD, until)
    body = _bytes(pipe, int.from_bytes(head, "big"), until) if head is not None else None
    return pickle.loads(body) if body is not None else None  # noqa: S301 -- our own process wrote it


def _bytes(pipe: int, length: int, until: float) -> bytes | None:
    """So many bytes; None where they do not come in time, or never."""
    found = bytearray()
    while len(found) < length:
        ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        more = os.read(pipe, min(_CHUNK, length - len(found))) if ready else b""
        if not more:
            return None
        found += more
    return bytes(found)


def _work(
    function: Callable[[A], T], inputs: Sequence[A], pipe: int, seconds: float, memory: int
) -> NoReturn:
    """The worker's life; it ends without what its parent would do at its own end."""
    try:
        memory += _held()  # what the parent holds is no fault of the page
        for one in inputs:
            body = bounded(partial(_pickled, function, one), seconds, memory)
            left = memoryview(len(body).to_bytes(_HEAD, "big") + body)
            while left:
                left = left[os.write(pipe, left) :]
    finally:
        os._exit(0)


def _held() -> int:
    """The bytes of address space that this process has already; 0 where the system does not tell."""
    with suppress(OSError, ValueError), Path("/proc/self/statm").open(encoding="ascii") as told:
        return int(told.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _pickled(function: Callable[[A], T], one: A) -> bytes:
    outcome: T | Exception
    try:
        outcome = function(one)
    except MemoryError:
        outcome = OverrunError("reading wanted too much memory")
    except Exception as error:  # noqa: BLE001 -- told to the parent, whatever it is
        outcome = error
    return pickle.dumps((outcome,))


def bounded(call: Callable[[], T], seconds: float, memory: int) -> T:
    """Runs in the worker: the call's result, within so much processor time and so many bytes."""
    # The parent decides when to stop. A Ctrl-C meant for it would otherwise make this process answer a call
    # that was never made, and every later answer would belong to the call before it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    used = resource.getrusage(resource.RUSAGE_SELF)
    # Should the parent die, the kernel ends what still runs (SIGXCPU).
    _lower(resource.RLIMIT_CPU, ceil(used.ru_utime + used.ru_stime + seconds) + 1)
    _lower(resource.RLIMIT_AS, memory)
    return call()


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
