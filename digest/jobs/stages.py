"""The stages of a job, which do not keep each other from their turn."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

log = logging.getLogger(__name__)

_TOLD: Final = "(logged before, where its stage failed)"


class Stages:
    """Contains the failure of each stage, and raises the first once all had their turn.

    Being cancelled is no failure: it ends the job at once.
    """

    def __init__(self) -> None:
        self._trouble: Exception | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One of them; its failure is logged under this name."""
        try:
            yield
        except Exception as error:
            if _TOLD not in getattr(error, "__notes__", ()):  # by a stage within this one
                log.exception("a stage failed; tried again with the next look", extra={"stage": name})
                error.add_note(_TOLD)
            self._trouble = self._trouble or error

    def end(self) -> None:
        """Raise what went wrong first, if anything did."""
        if self._trouble is not None:
            raise self._trouble
