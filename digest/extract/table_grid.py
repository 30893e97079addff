"""A table of cells, and what each cell says, before any column or row is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from digest.extract.blocks import CELL_JOIN, Block
from digest.extract.labels import Label, LineKind, Meaning, Step
from digest.extract.vocabulary import Vocabulary

_PROSE_LENGTH: Final = 200  # characters of a cell that is running text


class CannotBeRead(Exception):
    """A table that cannot be read whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table."""

    block: int
    text: str
    cells: tuple[str, ...]
    head: bool


def rows_of(blocks: Sequence[tuple[int, Block]]) -> tuple[Row, ...]:
    """The rows of one table, each with its cells under the columns."""
    return tuple(
        Row(
            block=index,
            text=block.text,
            cells=block.cells or tuple(block.text.split(CELL_JOIN)),
            head=block.head,
        )
        for index, block in blocks
    )


class Grid:
    """One table while it is read: its rows, all of the same width."""

    def __init__(self, rows: Sequence[Row], words: Vocabulary) -> None:
        self.rows = rows
        self.words = words
        self._said = {cell: words.meaning_of(cell) for row in rows for cell in row.cells}

    def meaning_of(self, cell: str) -> Meaning:
        return self._said[cell]

    def is_of_ratings(self) -> bool:
        """Whether any cell is a grade, or names what is graded, and nothing else."""
        return any(s.step or s.steps or s.kind is LineKind.PAIRS for s in self._said.values())

    def rates(self, row: Row) -> bool:
        """Whether a row has no running text that prose must read."""
        return all(len(cell) <= _PROSE_LENGTH for cell in row.cells)

    def is_number(self, cell: str) -> bool:
        """Whether a cell is a number of the scale."""
        number = self.meaning_of(cell).number if cell else None
        return number is not None and number in self.words.numbers

    def step_of(self, cell: str) -> Step | None:
        """The grade that a cell names, as a word or as a number of the scale."""
        meaning = self.meaning_of(cell)
        if meaning.number is not None and not self.words.lone_numbers:
            return self.words.numbers.get(meaning.number)
        return meaning.step


def one_label(meaning: Meaning) -> Label | None:
    """The label that a cell is, where it is one and nothing else."""
    return meaning.labels[0] if meaning.kind is LineKind.LABEL and len(meaning.labels) == 1 else None
