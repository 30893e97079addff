"""A forked worker process for commands that read many inputs: it starts at once and can be killed.

`ProcessWorkers` is for a program that runs for long: its workers start Python again and import everything,
which takes longer than reading a page. A fork has everything in memory. Fork only while no other thread runs.
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
MEMORY: Final = 384
"""Mebibytes of address space for one page, feed or PDF (RLIMIT_AS, which libraries in C cannot evade).

A worker starts with 44, and reading a page of 10 MB, the most that is fetched, takes it to 100. A PDF of one
kilobyte can ask for gigabytes.
"""
_MEMORY: Final = MEMORY * 1024 * 1024
_HEAD: Final = 8  # bytes of the number that gives the length of an answer
_CHUNK: Final = 1 << 16


def each(
    function: Callable[[A], T], inputs: Sequence[A], *, seconds: float = _SECONDS, memory: int = _MEMORY
) -> Iterator[T | Exception]:
    """The function's result for each input, in order, or the exception it raised.

    `OverrunError` stands for an input that took too much time or memory, or crashed the worker; a new worker
    then goes on with the next input. Results and exceptions must pickle.
    """
    done = 0
    while done < len(inputs):
        for outcome in _worker(function, inputs[done:], seconds, memory):
            done += 1
            yield outcome


def _worker(
    function: Callable[[A], T], inputs: Sequence[A], seconds: float, memory: int
) -> Iterator[T | Exception]:
    """The outcomes of one worker; the last is an `OverrunError` if the worker did not finish."""
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
    """The next answer; None if it does not come in time or the worker died."""
    head = _bytes(pipe, _HEAD, until)
    body = _bytes(pipe, int.from_bytes(head, "big"), until) if head is not None else None
    return pickle.loads(body) if body is not None else None  # noqa: S301 -- our own process wrote it


def _bytes(pipe: int, length: int, until: float) -> bytes | None:
    """The given number of bytes; None if they do not come in time or the worker died."""
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
    """Run the worker. It exits without the clean-up that its parent would do at exit."""
    try:
        memory += _held()  # memory of the parent does not count against the page
        for one in inputs:
            body = bounded(partial(_pickled, function, one), seconds, memory)
            left = memoryview(len(body).to_bytes(_HEAD, "big") + body)
            while left:
                left = left[os.write(pipe, left) :]
    finally:
        os._exit(0)


def _held() -> int:
    """Bytes of address space that this process uses; 0 if the system does not say."""
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
    """Runs in the worker: the call's result, within limits of processor seconds and bytes of memory."""
    # The parent decides when to stop. If Ctrl-C reached this process, it would send an answer too many, and
    # each later answer would be taken for the answer to the call before it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    used = resource.getrusage(resource.RUSAGE_SELF)
    # If the parent dies, the kernel ends this process by SIGXCPU.
    _lower(resource.RLIMIT_CPU, ceil(used.ru_utime + used.ru_stime + seconds) + 1)
    _lower(resource.RLIMIT_AS, memory)
    return call()


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
