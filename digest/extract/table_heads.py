"""The heads of a table of ratings: which rows they are, and what they say that each column holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from digest.extract.label_tokens import normal
from digest.extract.labels import UNTIMED, Label, LineKind, Meaning, Moment, Step
from digest.extract.table_grid import CannotBeRead, Grid, Row, one_label

_LABEL_HEAD: Final = re.compile(
    r"(?:inspection |key |quality |core |healthy prison |judge?ment |peel |graded )*(?:areas?|standards?|domains?|questions?|"
    r"tests?|services?|service names?|providers?|schools?|school names?|names?|homes?|care homes?|forces?|trusts?|prisons?|pdus?|"
    r"probation delivery units?|regions?|locations?|hospitals?|establishments?|sites?|categor(?:y|ies)|themes?|"
    r"indicators?|aspects?|outcomes?|criteria|pillars?|core services?|institutions?|organisations?|colleges?|"
    r"nurser(?:y|ies)|settings?|councils?|local authorit(?:y|ies)|nos?\.?|numbers?|refs?\.?|#|q\.?|inspections?|"
    r"judge?ments?|description|years?|when)(?: inspected| inspection)?"
)
_IGNORED_HEAD: Final = re.compile(
    r"(?:\w+ )?(?:scores?|points?|numbers?|marks?|%|percentages?|changes?|movements?|directions?(?: of travel)?|trends?|"
    r"comments?|notes?|links?|reports?|pages?|evidence|summary|findings?|postcodes?|towns?|urn|ids?|types?|phases?|"
    r"what (?:this|it) means|descriptions?|meanings?|details?|lead inspectors?|inspectors?|local authority|beds?|places)"
    r"|change since last inspection|number of \w+"
)
_DATE_HEAD: Final = re.compile(
    r"(?:(?:date|day)(?: of)?(?: the| last)?(?: inspection| report| visit| publication)?|(?:inspection|inspected|report|"
    r"published|publication|visit)(?: date| on)?|last inspected|inspection dates?)"
)
_PART_HEAD: Final = re.compile(
    r"\b(?:wards?|units?|wings?|sites?|departments?|divisions?|teams?|clinics?|services?|locations?|for wh\w+|where|who|when|"
    r"previous|last|before|former)\b",
    re.IGNORECASE,
)


class Holds(Enum):
    """What the cells of a column are."""

    LABEL = auto()
    ASPECT = auto()  # grades of one aspect
    VALUE = auto()  # grades of whatever the row is
    GRADE = auto()  # ticks, or names, of those who have this grade
    DATE = auto()
    NOTHING = auto()


GRADED: Final = frozenset({Holds.ASPECT, Holds.VALUE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a head says of its column."""

    holds: Holds
    label: Label | None = None
    step: Step | None = None
    moment: Moment = UNTIMED


class Heads:
    """The rows at the top of a table that name its columns, and the rows below them."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        count = self._count()
        self.rows, self.body = grid.rows[:count], grid.rows[count:]

    def _count(self) -> int:
        """How many rows at the top name columns: they hold no grade, or are nothing but grades above ticks."""
        count = 0
        for row in self._grid.rows[:3]:
            meaning = [self._grid.meaning_of(c) for c in row.cells]
            filled = [s for c, s in zip(row.cells, meaning, strict=True) if c]
            if any(s.kind is LineKind.PAIRS for s in filled):
                break
            steps = [s for s in filled if s.step]
            if steps and not (count == 0 and self._are_steps(row)):
                break
            distinct = {c for c in row.cells if c}
            if not row.head and (len(distinct) < 2 or (count and not steps)):
                # One cell alone names a section; a second row of heads says so in its markup.
                break
            if not row.head and (
                self._is_section_of_labels(row) or self._is_day_of_visit(row) or self._is_valued(row)
            ):
                break
            count += 1
            if steps:
                break
        return count if count < len(self._grid.rows) else 0

    def _is_section_of_labels(self, row: Row) -> bool:
        """A number and a domain: "1. | Organisational delivery | "."""
        return len(row.cells) > 2 and not row.cells[-1] and any(
            self._grid.meaning_of(c).kind is LineKind.LABEL for c in row.cells if c
        ) and sum(bool(c) for c in row.cells) <= 2 and row.cells[0][:1].isdigit()  # fmt: skip

    def _is_valued(self, row: Row) -> bool:
        """Whether a row is a label, the words "this inspection" and a number for its grade."""
        label, *rest = row.cells
        return (
            one_label(self._grid.meaning_of(label)) is not None
            and self._grid.is_number(rest[-1] if rest else "")
            and any(self._grid.meaning_of(c).moment.former is not None for c in rest[:-1])
        )

    def _is_day_of_visit(self, row: Row) -> bool:
        """A report's "Inspection dates | 30 April 2015", above rows that say themselves of which inspection they are."""
        distinct = list(dict.fromkeys(c for c in row.cells if c))
        if len(distinct) != 2 or not _DATE_HEAD.fullmatch(normal(distinct[0]).strip(" :")):
            return False
        below = (self._grid.meaning_of(c) for r in self._grid.rows[1:] for c in r.cells[:-1])
        return any(s.kind is LineKind.MOMENT and s.moment.former for s in below)

    def _are_steps(self, row: Row) -> bool:
        """Whether a row is the scale, above columns of ticks or names."""
        values = [self._grid.step_of(c) for c in row.cells[1:] if c]
        if self._grid.step_of(row.cells[0]):
            values.insert(0, self._grid.step_of(row.cells[0]))
        named = [v for v in values if v]
        if len(named) < 2 or len({v.grade for v in named}) != len(named) or len(named) != len(values):
            return False
        below = [self._grid.meaning_of(c) for r in self._grid.rows[1:6] for c in r.cells if c]
        return not any(s.step for s in below) and not any(s.kind is LineKind.PAIRS for s in below)

    def grades(self) -> dict[int, Step]:
        """The columns of a table with one column a grade, each with its grade; none in other tables."""
        row = self.rows[-1]
        places = [i for i, c in enumerate(row.cells) if c and (i or self._grid.step_of(c))]
        steps = {i: s for i in places if (s := self._grid.step_of(row.cells[i]))}
        if (
            len(steps) != len(places)
            or len({s.grade for s in steps.values()}) != len(steps)
            or len(steps) < 2
        ):
            return {}
        return steps

    def columns(self) -> list[Column]:
        """What each column holds. Raises `CannotBeRead` where a head is unknown."""
        width = len(self._grid.rows[0].cells)
        heads = ["\n".join(dict.fromkeys(r.cells[i] for r in self.rows if r.cells[i])) for i in range(width)]
        columns = [self._column(head, i) for i, head in enumerate(heads)]
        if columns[0].holds is not Holds.LABEL and not heads[0]:
            columns[0] = Column(holds=Holds.LABEL)
        dated = [c.moment.year for c in columns if c.moment.year is not None]
        if len(dated) > 1:
            columns = [_by_year(c, max(dated)) for c in columns]
        return columns

    def _column(self, head: str, place: int) -> Column:  # noqa: C901 -- one rule a line, the surest first
        folded = " ".join(head.casefold().split()).strip(" :*?")
        meaning = self._grid.words.meaning_of(head) if head else Meaning(kind=LineKind.EMPTY)
        if meaning.kind is LineKind.PROSE and "\n" in head:
            # Two rows of heads: the last one, within the first.
            upper, _, lower = head.rpartition("\n")
            meaning = self._grid.words.meaning_of(lower)
            above = self._grid.words.meaning_of(upper)
            meaning = replace(meaning, moment=meaning.moment.or_else(above.moment))
        if meaning.kind is LineKind.LABEL and len(meaning.labels) == 1:
            label = meaning.labels[0]
            if not meaning.moment.known and place == 0 and _LABEL_HEAD.fullmatch(folded):
                return Column(holds=Holds.LABEL)
            holds = Holds.VALUE if label.whole else Holds.ASPECT
            return Column(holds=holds, label=label, moment=meaning.moment)
        if place == 0 and (_LABEL_HEAD.fullmatch(folded) or meaning.kind is not LineKind.MOMENT):
            return Column(holds=Holds.LABEL)
        if _DATE_HEAD.fullmatch(folded):
            cells = [self._grid.meaning_of(r.cells[place]) for r in self.body if r.cells[place]]
            if not any(s.step for s in cells):
                return Column(holds=Holds.DATE)
        if (
            meaning.kind in {LineKind.MOMENT, LineKind.NEUTRAL}
            and meaning.number is None
            and (meaning.moment.known or meaning.rates or meaning.kind is LineKind.MOMENT)
        ):
            return Column(holds=Holds.VALUE, moment=meaning.moment)
        if not head or _IGNORED_HEAD.fullmatch(folded):
            if not head and any(self._grid.meaning_of(r.cells[place]).step for r in self.body):
                raise CannotBeRead
            return Column(holds=Holds.NOTHING)
        if _LABEL_HEAD.fullmatch(folded):
            return Column(holds=Holds.LABEL)
        if self._remarks(place):
            return Column(holds=Holds.NOTHING)
        raise CannotBeRead

    def _remarks(self, place: int) -> bool:
        """Whether a column right of the grades holds none itself: remarks, whatever its head calls them."""
        left = [self._grid.meaning_of(c) for r in self.body for c in r.cells[1:place] if c]
        own = [c for r in self.body if (c := r.cells[place])]
        return (
            any(s.step for s in left)
            and not _PART_HEAD.search(self.rows[-1].cells[place])
            and not any(self._grid.meaning_of(c).steps or self._grid.words.grades_in(normal(c)) for c in own)
        )


def _by_year(column: Column, newest: int) -> Column:
    year = column.moment.year
    if year is None or column.moment.former is not None:
        return column
    return replace(column, moment=replace(column.moment, former=year < newest))
