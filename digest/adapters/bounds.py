"""Bounds on a process that reads what strangers wrote: they hold even when nobody is left to enforce them."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable
from math import ceil
from typing import TypeVar

T = TypeVar("T")


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
