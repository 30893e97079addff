"""The board: a page of memory with the clock, the switches, and a row for each worker process.

Every cell is one aligned double, so that a cell is never seen half written. The harness writes the clock and
the switches; a worker writes how it fares.
"""

from __future__ import annotations

import mmap
import time
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Final, Self

SPEED: Final = 60.0
"""Simulated seconds in a real one: a lease of five minutes is five seconds."""

ROWS: Final = 400
_HEAD: Final = 2
_OFFSET, _RUNNING = range(_HEAD)
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


class Cell(IntEnum):
    """What a worker's row holds."""

    SKEW = 0  # seconds that its clock is ahead
    STOP = 1  # it is asked to end
    BUSY = 2  # it is in a round of recovery
    ROUNDS = 3  # how many it has ended, one way or another
    ERRORS = 4  # how many of them by an exception


_SIZE: Final = 8 * (_HEAD + ROWS * len(Cell))


class Board:
    """A view of the page at `path`, the same for all processes of this machine."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _SIZE)
        self._cells = memoryview(self._page).cast("d")

    @classmethod
    def new(cls, path: Path) -> Self:
        """An empty page: the clock in the past, nobody running."""
        path.write_bytes(bytes(_SIZE))
        return cls(path)

    def close(self) -> None:
        self._cells.release()
        self._page.close()

    def now(self, row: int | None = None) -> datetime:
        """What the clock shows, to everybody or to the worker of a row."""
        skew = 0.0 if row is None else self.get(row, Cell.SKEW)
        return _EPOCH + timedelta(seconds=self._cells[_OFFSET] + SPEED * time.monotonic() + skew)

    def set(self, now: datetime) -> None:
        self._cells[_OFFSET] = (now - _EPOCH).total_seconds() - SPEED * time.monotonic()

    def move(self, by: timedelta) -> None:
        self._cells[_OFFSET] += by.total_seconds()

    @property
    def running(self) -> bool:
        """Whether workers may begin another round."""
        return bool(self._cells[_RUNNING])

    @running.setter
    def running(self, value: bool) -> None:
        self._cells[_RUNNING] = value

    def get(self, row: int, cell: Cell) -> float:
        return self._cells[_HEAD + row * len(Cell) + cell]

    def put(self, row: int, cell: Cell, value: float) -> None:
        self._cells[_HEAD + row * len(Cell) + cell] = value


class BoardClock:
    """The clock of one worker, as `ports.Clock`."""

    def __init__(self, board: Board, row: int) -> None:
        self._board = board
        self._row = row

    def now(self) -> datetime:
        return self._board.now(self._row)
