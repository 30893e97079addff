"""The command line as an operator uses it; in this process, as to start one costs more than most commands."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest import mock

from digest.__main__ import main

PROGRAM: Final = (sys.executable, "-m", "digest")
"""The first words of a command in a process of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


def digest(*arguments: str | Path, expect: int = 0) -> str:
    """What a command of an operator named Ada printed, errors included."""
    ended = run(*arguments)
    assert ended.code == expect, ended.out + ended.err
    return ended.out + ended.err


def run(*arguments: str | Path, environ: Mapping[str, str] | None = None) -> Ended:
    """Run a command to its end. It has a thread of its own, since the test's may have a loop that runs."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with (
        mock.patch.multiple(
            sys,
            argv=["digest", *map(str, arguments)],
            stdin=io.TextIOWrapper(io.BytesIO()),
            stdout=out,
            stderr=err,
            excepthook=sys.excepthook,
        ),
        mock.patch.dict(os.environ, {"LOGNAME": "ada"} | dict(environ or {})),
        _logging_kept(),
        ThreadPoolExecutor(1) as thread,
    ):
        code = thread.submit(_ended).result()
    said, complained = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return Ended(code=code, out=said, err=complained)


def in_a_process(*arguments: str | Path) -> Ended:
    """Run a command to its end as a shell does, for what only a process shows."""
    command = [*PROGRAM, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return Ended(code=ended.returncode, out=ended.stdout, err=ended.stderr)


def _ended() -> int:
    try:
        main()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    raise AssertionError("it did not say how it ended")


@contextmanager
def _logging_kept() -> Iterator[None]:
    """Commands decide for their whole process where its log goes."""
    root, ours = logging.getLogger(), logging.getLogger("digest")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    root.handlers[:] = []  # the next call replaces the handlers and would close these
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for logger, level in zip((root, ours), levels, strict=True):
            logger.setLevel(level)
