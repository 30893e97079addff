"""What a short text may mean: labels, grades, times, and pairs of a label with its grade.

`vocabulary` reads such texts by the words of one scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One grade of the scale."""

    grade: str
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The words that say what is graded."""

    words: str  # as `comparable` writes them; empty: the service as a whole
    general: bool = False  # "rating" alone: for whatever the heading above it names

    @property
    def whole(self) -> bool:
        return not self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a grade was given, as far as a label says."""

    former: bool | None = None  # None: nothing says so
    year: int | None = None
    day: date | None = None

    def or_else(self, other: Moment) -> Moment:
        """This moment, with gaps filled from `other`; but a former grade never takes the day of `other`."""
        former = other.former if self.former is None else self.former
        if self.year is not None or self.former:
            return Moment(former=former, year=self.year, day=self.day)
        return Moment(former=former, year=other.year, day=other.day)

    @property
    def known(self) -> bool:
        return self.former is not None or self.year is not None

    @property
    def first_day(self) -> date:
        """The day to order a dated moment by."""
        assert self.year is not None
        return self.day or date(self.year, 1, 1)


UNTIMED: Final = Moment()
"""For a grade without any words about time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A grade and what it is for."""

    label: Label
    step: Step
    moment: Moment = UNTIMED


class LineKind(Enum):
    """What a short text is, taken whole."""

    EMPTY = auto()
    NEUTRAL = auto()  # "Our ratings": says that grades follow, but not for what
    LABEL = auto()
    GRADE = auto()
    MOMENT = auto()  # "Previous inspection", "8 June 2021"
    PAIRS = auto()
    STEPS = auto()  # several grades and no label: the scale, as it is listed for the reader
    PROSE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a short text means."""

    kind: LineKind
    labels: tuple[Label, ...] = ()
    step: Step | None = None
    steps: tuple[Step, ...] = ()
    pairs: tuple[Pair, ...] = ()
    moment: Moment = UNTIMED
    number: int | None = None  # the number, where the text is only a number
    marked: bool = False  # "(this school's grade)"
    rates: bool = False  # it mentions ratings


EMPTY_LINE: Final = Meaning(kind=LineKind.EMPTY)
PROSE_LINE: Final = Meaning(kind=LineKind.PROSE)
