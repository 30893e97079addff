"""Tables of ratings, read whole or not at all.

Heads (table_heads.py) name what each column holds: aspects, times, grades or something that is no rating. Nothing is read where a head is
unknown, where a cell holds two grades, or where one thing has two grades of one time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from digest.extract.label_tokens import is_cross, is_tick, normal
from digest.extract.labels import UNTIMED, Label, LineKind, Meaning, Moment, Step
from digest.extract.parts import is_part
from digest.extract.table_grid import CannotBeRead, Grid, Row, one_label
from digest.extract.table_heads import GRADED, Column, Heads, Holds
from digest.extract.vocabulary import Vocabulary

_LONGEST_NAME: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutGrade:
    """One grade that the layout of a text gives."""

    aspect: str | None  # None: the overall grade
    grade: str
    rank: int
    provider: str | None  # the words that name a body, as they stand there; None where the layout names none
    former: bool  # a column, label or section says that an inspection before this one gave it
    year: int | None
    day: date | None
    evidence: str  # word for word in the main text
    block: int  # where its value stands
    heading: str | None  # the nearest heading above


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGrade:
    """One grade that a table gives, before its surroundings are known."""

    label: Label
    step: Step
    moment: Moment
    provider: str | None
    domain: str  # the row above that names one; empty where none does
    first: int  # the blocks that carry it
    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a table says, and which of its blocks are about ratings and nothing else."""

    cells: tuple[TableGrade, ...]
    taken: frozenset[int]


def read_table(rows: Sequence[Row], words: Vocabulary, *, is_body: re.Pattern[str]) -> Table:
    """The grades of a table, in its order; none where it is silent, or is no table of ratings."""
    width = max(len(row.cells) for row in rows)
    rows = [replace(r, cells=r.cells + ("",) * (width - len(r.cells))) for r in rows]
    grid = Grid(rows, words)
    taken = frozenset(r.block for r in rows if grid.rates(r)) if grid.is_of_ratings() else frozenset()
    try:
        cells = tuple(_Grades(grid, is_body).cells())
        _refuse_conflicts(cells)
    except CannotBeRead:
        cells = ()
    heads = {c.first for c in cells} | {c.block for c in cells}
    return Table(cells=cells, taken=taken | heads)


def _refuse_conflicts(cells: Iterable[TableGrade]) -> None:
    given: dict[tuple[object, ...], str] = {}
    for c in cells:
        key = (c.label, c.moment, c.provider, c.domain)
        if given.setdefault(key, c.step.grade) != c.step.grade:
            raise CannotBeRead


class _Grades:
    """The grades of one table while they are read."""

    def __init__(self, grid: Grid, is_body: re.Pattern[str]) -> None:
        self._grid = grid
        self._heads = Heads(grid)
        self._is_body = is_body

    def cells(self) -> Iterator[TableGrade]:
        """Every grade of the table; `CannotBeRead` where it cannot be read whole."""
        if not self._heads.body:
            return iter(())
        if not self._heads.rows:
            return self._headless(self._heads.body)
        if steps := self._heads.grades():
            return self._by_grade(steps)
        return self._by_column(self._heads.columns())

    # -- one column a grade --------------------------------------------------------------------------------

    def _by_grade(self, steps: dict[int, Step]) -> Iterator[TableGrade]:
        head = self._heads.rows[-1].block
        for row in self._heads.body:
            label = self._grid.meaning_of(row.cells[0]) if 0 not in steps else None
            places = [i for i in steps if i < len(row.cells) and not is_cross(row.cells[i])]
            ticked = [i for i in places if is_tick(row.cells[i])]
            if label is not None and (ticked or not places):
                if len(ticked) > 1 or len(ticked) != len(places):
                    raise CannotBeRead
                if ticked and (found := one_label(label)):
                    yield self._cell(found, steps[ticked[0]], Moment(), row, first=head)
                continue
            for place in places:
                yield from self._listed(row, place, steps[place], head)

    def _listed(self, row: Row, place: int, step: Step, head: int) -> Iterator[TableGrade]:
        """The aspects that a cell lists under its grade."""
        lines = [self._grid.words.meaning_of(line) for line in row.cells[place].split("\n")]
        lines = [s for s in lines if s.kind is not LineKind.EMPTY]
        known = [s for s in lines if s.kind is LineKind.LABEL]
        if len(known) != len(lines) and 2 * len(known) <= len(lines):
            raise CannotBeRead
        for meaning in known:
            for label in meaning.labels:
                yield self._cell(label, step, Moment(), row, first=head)

    # -- columns of values ---------------------------------------------------------------------------------

    def _by_column(  # noqa: C901 -- rows by columns, and each may say who or when
        self, columns: Sequence[Column]
    ) -> Iterator[TableGrade]:
        by_aspect = any(c.holds is Holds.ASPECT for c in columns)
        labelled = [self._label_of(row, columns) for row in self._heads.body]
        if not by_aspect and not any(c.holds is Holds.VALUE for c in columns):
            raise CannotBeRead
        whole = any(la is not None and la.whole and not la.general for la, _ in labelled)
        known = any(la is not None for la, _ in labelled)
        newest = self._newest(columns)
        context = _Context()
        for row, (label, name) in zip(self._heads.body, labelled, strict=True):
            values = {row.cells[i] for i, c in enumerate(columns) if c.holds in GRADED}
            context, section = self._section(
                row, context, numbered=any(self._grid.is_number(v) for v in values)
            )
            if section or context.part:
                continue
            day = self._day_of(row, columns)
            own = _told_apart(self._moment_of_label(row, columns), newest).or_else(context.moment)
            if label is None and not name:
                day = _told_apart(day, newest)
            provider: str | None = context.provider
            if label is None and not own.known and (name or not by_aspect):
                # Beside rows for the whole or for aspects, an unknown one is a part, or an aspect we do not know.
                if (whole if by_aspect else known) or not name or is_part(name) or len(name) > _LONGEST_NAME:
                    self._refuse_two_grades(row, columns)
                    continue
                provider = name
            for column, cell in zip(columns, row.cells, strict=True):
                meaning = self._grid.meaning_of(cell)
                if column.holds is Holds.VALUE and meaning.kind is LineKind.PAIRS and own.known:
                    # All grades of an inspection in one cell.
                    yield from self._of_pairs(row, meaning, own)
                    continue
                if column.holds not in GRADED or not (step := self._step_in(cell)):
                    continue
                found = column.label if by_aspect else label
                if found is None:
                    if by_aspect and label is not None and not label.whole:
                        raise CannotBeRead
                    found = Label(words="") if provider or by_aspect or not column.label else column.label
                if by_aspect and label is not None and not label.whole:
                    raise CannotBeRead  # an aspect by aspects
                moment = column.moment.or_else(own).or_else(meaning.moment).or_else(day)
                yield self._cell(
                    found, step, moment, row, first=row.block, provider=provider, domain=context.domain
                )

    def _of_pairs(self, row: Row, meaning: Meaning, moment: Moment) -> Iterator[TableGrade]:
        for pair in meaning.pairs:
            yield self._cell(pair.label, pair.step, pair.moment.or_else(moment), row, first=row.block)

    def _label_of(self, row: Row, columns: Sequence[Column]) -> tuple[Label | None, str]:
        """What a row is of: a label, or a name."""
        cells = [c for c, column in zip(row.cells, columns, strict=True) if column.holds is Holds.LABEL and c]
        cells = list(dict.fromkeys(cells))
        for cell in cells:
            if found := one_label(self._grid.meaning_of(cell)):
                return found, ""
        names = [c for c in cells if self._grid.meaning_of(c).kind is LineKind.PROSE]
        return None, names[0].replace("\n", " ") if names else ""

    def _moment_of_label(self, row: Row, columns: Sequence[Column]) -> Moment:
        """The time that a row's label names: one row an inspection."""
        for cell, column in zip(row.cells, columns, strict=True):
            if column.holds is Holds.LABEL and self._grid.meaning_of(cell).moment.known:
                return self._grid.meaning_of(cell).moment
        return Moment()

    def _day_of(self, row: Row, columns: Sequence[Column]) -> Moment:
        for cell, column in zip(row.cells, columns, strict=True):
            if column.holds is Holds.DATE and self._grid.meaning_of(cell).moment.year is not None:
                return self._grid.meaning_of(cell).moment
        return Moment()

    def _newest(self, columns: Sequence[Column]) -> date | None:
        """The newest day that labels of rows name, where several do: one row an inspection."""
        days = {
            moment.first_day
            for row in self._heads.body
            for moment in (self._moment_of_label(row, columns), self._day_of(row, columns))
            if moment.year is not None
        }
        return max(days) if len(days) > 1 else None

    def _section(self, row: Row, context: _Context, *, numbered: bool = False) -> tuple[_Context, bool]:
        """The context after a row, and whether the row was a section's head: one text alone, and no grade."""
        distinct = {c for c in row.cells if c and self._grid.meaning_of(c).number is None}
        if (
            numbered
            or len(distinct) > 1
            or any(self._grid.meaning_of(c).steps or self._grid.meaning_of(c).step for c in row.cells if c)
        ):
            return (replace(context, domain=self._domain(row, context)), False)
        if not distinct:
            return context, True
        (only,) = distinct
        meaning = self._grid.meaning_of(only)
        if meaning.kind is LineKind.MOMENT:
            return replace(context, moment=meaning.moment), True
        if meaning.kind is LineKind.LABEL:
            return replace(context, domain=" ".join(la.words for la in meaning.labels)), True
        if meaning.kind is LineKind.PROSE:
            body = self._is_body.search(only) is not None and not is_part(only)
            return _Context(provider=only if body else None, part=not body), True
        return context, True

    def _domain(self, row: Row, context: _Context) -> str:
        """A row that grades a domain is followed by those of its parts."""
        for cell in row.cells:
            label = one_label(self._grid.meaning_of(cell))
            if label and self._grid.words.is_domain(label):
                return label.words
        return context.domain

    def _step_in(self, cell: str) -> Step | None:
        """The grade of a value's cell; `CannotBeRead` where it holds two, or one among other words."""
        meaning = self._grid.meaning_of(cell)
        if meaning.step:
            return meaning.step
        if meaning.number is not None:
            return self._grid.words.numbers.get(meaning.number)
        self._refuse(cell)
        return None

    def _refuse(self, cell: str) -> None:
        meaning = self._grid.meaning_of(cell)
        if meaning.steps or (meaning.kind is LineKind.PROSE and self._grid.words.grades_in(normal(cell))):
            raise CannotBeRead

    def _refuse_two_grades(self, row: Row, columns: Sequence[Column]) -> None:
        for cell, column in zip(row.cells, columns, strict=True):
            if column.holds in GRADED and len(self._grid.meaning_of(cell).steps) > 1:
                raise CannotBeRead

    # -- without heads -------------------------------------------------------------------------------------

    def _headless(  # noqa: C901 -- one rule a line
        self, rows: Sequence[Row]
    ) -> Iterator[TableGrade]:
        """Rows that speak for themselves: a label, perhaps a time, a grade, numbers."""
        context = _Context()
        above: Label | None = None
        numbered = self._is_numbered(rows)
        for row in rows:
            distinct = list(dict.fromkeys(c for c in row.cells if c))
            meaning = [self._grid.meaning_of(c) for c in distinct]
            pairs = [s for s in meaning if s.kind is LineKind.PAIRS]
            if pairs:
                for s in pairs:
                    for p in s.pairs:
                        yield self._cell(
                            p.label, p.step, p.moment, row, first=row.block, domain=context.domain
                        )
                continue
            steps = [s for s in meaning if s.step or s.kind is LineKind.STEPS]
            if not steps and numbered and (value := self._number_at_end(meaning)):
                steps = [value]
                meaning = [*meaning[:-1], value]
            if not steps:
                context, _ = self._section(row, context)
                continue
            if len(steps) > 1 or steps[0].step is None:
                raise CannotBeRead
            if meaning[0] is steps[0] and any(s.kind is LineKind.PROSE for s in meaning):
                continue  # a key to the scale
            labels = [la for s in meaning if (la := one_label(s))]
            moment = next((s.moment for s in meaning if s.moment.known), Moment())
            prose = [c for c, s in zip(distinct, meaning, strict=True) if s.kind is LineKind.PROSE]
            if len(labels) > 1:
                raise CannotBeRead
            if not labels and (not moment.known or above is None or prose):
                continue
            context = replace(context, domain=self._domain(row, context))
            label = labels[0] if labels else above
            assert label is not None
            above = label
            if prose and not _before(row, label, prose[0], self._grid):
                continue  # "Safe | Ward A | Good" is not the whole's
            if context.part or (prose and is_part(prose[0])):
                continue
            yield self._cell(
                label,
                steps[0].step,
                moment.or_else(context.moment),
                row,
                first=row.block,
                provider=context.provider,
                domain=context.domain,
            )

    def _is_numbered(self, rows: Sequence[Row]) -> bool:
        """Whether grades stand as numbers: "This inspection: | 2", and every other number is one of the scale's."""
        ends = [[self._grid.meaning_of(c) for c in row.cells if c] for row in rows]
        values = [
            (meaning[-2], meaning[-1].number)
            for meaning in ends
            if len(meaning) > 1 and meaning[-1].number is not None
        ]
        return all(n in self._grid.words.numbers for _, n in values) and any(
            label.kind is LineKind.MOMENT and label.moment.former is False for label, _ in values
        )

    def _number_at_end(self, meaning: Sequence[Meaning]) -> Meaning | None:
        """A row's grade that stands there as a number alone."""
        number = meaning[-1].number if len(meaning) > 1 else None
        step = self._grid.words.numbers.get(number) if number is not None else None
        return Meaning(kind=LineKind.GRADE, step=step, steps=(step,)) if step else None

    def _cell(
        self,
        label: Label,
        step: Step,
        moment: Moment,
        row: Row,
        *,
        first: int,
        provider: str | None = None,
        domain: str = "",
    ) -> TableGrade:
        return TableGrade(
            label=label,
            step=step,
            moment=moment,
            provider=provider,
            domain=domain,
            first=first,
            block=row.block,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What the section heads within a table say of the rows below them."""

    moment: Moment = UNTIMED
    domain: str = ""
    provider: str | None = None
    part: bool = False


def _before(row: Row, label: Label, prose: str, grid: Grid) -> bool:
    """Whether running words come after the grade, as remarks do."""
    places = {c: i for i, c in reversed(list(enumerate(row.cells)))}
    grade = next(i for i, c in enumerate(row.cells) if grid.meaning_of(c).step)
    return places[prose] > grade


def _told_apart(moment: Moment, newest: date | None) -> Moment:
    """A dated moment, marked as former where a newer one stands beside it."""
    if newest is None or moment.year is None or moment.former is not None:
        return moment
    return replace(moment, former=moment.first_day < newest)
