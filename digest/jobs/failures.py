"""Failures: the stages of a job run one after the other, and one that fails does not stop the next."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

log = logging.getLogger(__name__)

_LOGGED: Final = "(logged before, where its stage failed)"


_MOST_WORDS: Final = 300  # characters


def in_a_line(error: BaseException) -> str:
    """The kind of an error and the first line of its text, cut and cleaned so that it fits a list."""
    first = next(iter(str(error).splitlines()), "")
    text = f"{type(error).__name__}: {first}"[:_MOST_WORDS]
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


class Failures:
    """Catches and logs the exception of each stage; `raise_first` raises the first one at the end.

    Cancellation is not caught: it ends the job at once.
    """

    def __init__(self) -> None:
        self._first: Exception | None = None

    @contextmanager
    def contain(self, stage: str) -> Iterator[None]:
        """Run a stage: an exception in it is logged with the stage's name and kept."""
        try:
            yield
        except Exception as error:
            if _LOGGED not in getattr(error, "__notes__", ()):  # an inner stage logs it first
                log.exception("a stage failed; tried again with the next look", extra={"stage": stage})
                error.add_note(_LOGGED)
            self._first = self._first or error

    def raise_first(self) -> None:
        """Raise the first exception that was caught; nothing if there is none."""
        if self._first is not None:
            raise self._first
