"""Functions for the workers' tests, in a module of their own because worker processes import them."""

from __future__ import annotations

import os
import resource
import signal
import time

from digest.errors import ParseError
from digest.providers import Register


def add(a: int, *, b: int) -> int:
    return a + b


def refuse(words: str) -> None:
    raise ParseError(words)


def spin() -> None:
    while True:
        pass


def rest(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def devour() -> int:
    return len(bytearray(2 * 1024**3))


def known(register: Register) -> tuple[list[str], int]:
    """Whom the process knows, and where it holds them."""
    return [provider.id for provider in register], id(register)


def pid() -> int:
    return os.getpid()


def seconds_of_cpu_left() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return resource.getrlimit(resource.RLIMIT_CPU)[0] - used.ru_utime - used.ru_stime


def ignores(number: int) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN


def memory_limit() -> int:
    return resource.getrlimit(resource.RLIMIT_AS)[0]
