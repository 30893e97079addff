"""Tables of ratings, read whole or not at all.

Heads name what each column holds: aspects, times, grades or something that is no rating. Nothing is read where a head is
unknown, where a cell holds two grades, or where one thing has two grades of one time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from typing import Final

from digest.extract.blocks import CELL_JOIN, Block
from digest.extract.label_tokens import is_cross, is_tick, normal
from digest.extract.labels import UNTIMED, Label, LineKind, Meaning, Moment, Step
from digest.extract.parts import is_part
from digest.extract.vocabulary import Vocabulary

_PROSE_LENGTH: Final = 200  # characters of a cell that is running text
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
class Row:
    """One row of a table."""

    block: int
    text: str
    cells: tuple[str, ...]
    head: bool


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


class CannotBeRead(Exception):
    """A table that cannot be read whole."""


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


def read_table(rows: Sequence[Row], words: Vocabulary, *, is_body: re.Pattern[str]) -> Table:
    """The grades of a table, in its order; none where it is silent, or is no table of ratings."""
    width = max(len(row.cells) for row in rows)
    rows = [replace(r, cells=r.cells + ("",) * (width - len(r.cells))) for r in rows]
    grid = _Grid(rows, words, is_body)
    taken = frozenset(r.block for r in rows if grid.rates(r)) if grid.is_of_ratings() else frozenset()
    try:
        cells = tuple(grid.cells())
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


# -- columns ----------------------------------------------------------------------------------------------

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


class _Holds(Enum):
    LABEL = auto()
    ASPECT = auto()  # grades of one aspect
    VALUE = auto()  # grades of whatever the row is
    GRADE = auto()  # ticks, or names, of those who have this grade
    DATE = auto()
    NOTHING = auto()


_GRADED: Final = frozenset({_Holds.ASPECT, _Holds.VALUE})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    holds: _Holds
    label: Label | None = None
    step: Step | None = None
    moment: Moment = UNTIMED


class _Grid:
    """One table while it is read."""

    def __init__(self, rows: Sequence[Row], words: Vocabulary, is_body: re.Pattern[str]) -> None:
        self._rows = rows
        self._words = words
        self._is_body = is_body
        self._said = {cell: words.meaning_of(cell) for row in rows for cell in row.cells}
        heads = self._count_heads()
        self._heads, self._body = rows[:heads], rows[heads:]

    def meaning_of(self, cell: str) -> Meaning:
        return self._said[cell]

    def is_of_ratings(self) -> bool:
        """Whether any cell is a grade, or names what is graded, and nothing else."""
        return any(s.step or s.steps or s.kind is LineKind.PAIRS for s in self._said.values())

    def rates(self, row: Row) -> bool:
        """Whether a row has no running text that prose must read."""
        return all(len(cell) <= _PROSE_LENGTH for cell in row.cells)

    def cells(self) -> Iterator[TableGrade]:
        """Every grade of the table; `CannotBeRead` where it cannot be read whole."""
        if not self._body:
            return iter(())
        if not self._heads:
            return self._headless(self._body)
        if steps := self._grade_heads():
            return self._by_grade(steps)
        return self._by_column(self._columns())

    def _count_heads(self) -> int:
        """How many rows at the top name columns: they hold no grade, or are nothing but grades above ticks."""
        count = 0
        for row in self._rows[:3]:
            meaning = [self.meaning_of(c) for c in row.cells]
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
        return count if count < len(self._rows) else 0

    def _is_section_of_labels(self, row: Row) -> bool:
        """A number and a domain: "1. | Organisational delivery | "."""
        return len(row.cells) > 2 and not row.cells[-1] and any(
            self.meaning_of(c).kind is LineKind.LABEL for c in row.cells if c
        ) and sum(bool(c) for c in row.cells) <= 2 and row.cells[0][:1].isdigit()  # fmt: skip

    def _is_valued(self, row: Row) -> bool:
        """Whether a row is a label, the words "this inspection" and a number for its grade."""
        label, *rest = row.cells
        return (
            _one_label(self.meaning_of(label)) is not None
            and self._numbered(rest[-1] if rest else "")
            and any(self.meaning_of(c).moment.former is not None for c in rest[:-1])
        )

    def _is_day_of_visit(self, row: Row) -> bool:
        """A report's "Inspection dates | 30 April 2015", above rows that say themselves of which inspection they are."""
        distinct = list(dict.fromkeys(c for c in row.cells if c))
        if len(distinct) != 2 or not _DATE_HEAD.fullmatch(normal(distinct[0]).strip(" :")):
            return False
        below = (self.meaning_of(c) for r in self._rows[1:] for c in r.cells[:-1])
        return any(s.kind is LineKind.MOMENT and s.moment.former for s in below)

    def _are_steps(self, row: Row) -> bool:
        """Whether a row is the scale, above columns of ticks or names."""
        values = [self._step_of_head(c) for c in row.cells[1:] if c]
        if self._step_of_head(row.cells[0]):
            values.insert(0, self._step_of_head(row.cells[0]))
        named = [v for v in values if v]
        if len(named) < 2 or len({v.grade for v in named}) != len(named) or len(named) != len(values):
            return False
        below = [self.meaning_of(c) for r in self._rows[1:6] for c in r.cells if c]
        return not any(s.step for s in below) and not any(s.kind is LineKind.PAIRS for s in below)

    def _step_of_head(self, cell: str) -> Step | None:
        meaning = self.meaning_of(cell)
        if meaning.number is not None and not self._words.lone_numbers:
            return self._words.numbers.get(meaning.number)
        return meaning.step

    # -- one column a grade --------------------------------------------------------------------------------

    def _grade_heads(self) -> dict[int, Step]:
        row = self._heads[-1]
        places = [i for i, c in enumerate(row.cells) if c and (i or self._step_of_head(c))]
        steps = {i: s for i in places if (s := self._step_of_head(row.cells[i]))}
        if (
            len(steps) != len(places)
            or len({s.grade for s in steps.values()}) != len(steps)
            or len(steps) < 2
        ):
            return {}
        return steps

    def _by_grade(self, steps: dict[int, Step]) -> Iterator[TableGrade]:
        head = self._heads[-1].block
        for row in self._body:
            label = self.meaning_of(row.cells[0]) if 0 not in steps else None
            places = [i for i in steps if i < len(row.cells) and not is_cross(row.cells[i])]
            ticked = [i for i in places if is_tick(row.cells[i])]
            if label is not None and (ticked or not places):
                if len(ticked) > 1 or len(ticked) != len(places):
                    raise CannotBeRead
                if ticked and (found := _one_label(label)):
                    yield self._cell(found, steps[ticked[0]], Moment(), row, first=head)
                continue
            for place in places:
                yield from self._listed(row, place, steps[place], head)

    def _listed(self, row: Row, place: int, step: Step, head: int) -> Iterator[TableGrade]:
        """The aspects that a cell lists under its grade."""
        lines = [self._words.meaning_of(line) for line in row.cells[place].split("\n")]
        lines = [s for s in lines if s.kind is not LineKind.EMPTY]
        known = [s for s in lines if s.kind is LineKind.LABEL]
        if len(known) != len(lines) and 2 * len(known) <= len(lines):
            raise CannotBeRead
        for meaning in known:
            for label in meaning.labels:
                yield self._cell(label, step, Moment(), row, first=head)

    # -- columns of values ---------------------------------------------------------------------------------

    def _columns(self) -> list[_Column]:
        width = len(self._rows[0].cells)
        heads = [
            "\n".join(dict.fromkeys(r.cells[i] for r in self._heads if r.cells[i])) for i in range(width)
        ]
        columns = [self._column(head, i) for i, head in enumerate(heads)]
        if columns[0].holds is not _Holds.LABEL and not heads[0]:
            columns[0] = _Column(holds=_Holds.LABEL)
        dated = [c.moment.year for c in columns if c.moment.year is not None]
        if len(dated) > 1:
            columns = [_by_year(c, max(dated)) for c in columns]
        return columns

    def _column(self, head: str, place: int) -> _Column:  # noqa: C901 -- one rule a line, the surest first
        folded = " ".join(head.casefold().split()).strip(" :*?")
        meaning = self._words.meaning_of(head) if head else Meaning(kind=LineKind.EMPTY)
        if (
            meaning.kind is LineKind.PROSE and "\n" in head
        ):  # two rows of heads: the last one, within the first
            upper, _, lower = head.rpartition("\n")
            meaning = self._words.meaning_of(lower)
            above = self._words.meaning_of(upper)
            meaning = replace(meaning, moment=meaning.moment.or_else(above.moment))
        if meaning.kind is LineKind.LABEL and len(meaning.labels) == 1:
            label = meaning.labels[0]
            if not meaning.moment.known and place == 0 and _LABEL_HEAD.fullmatch(folded):
                return _Column(holds=_Holds.LABEL)
            holds = _Holds.VALUE if label.whole else _Holds.ASPECT
            return _Column(holds=holds, label=label, moment=meaning.moment)
        if place == 0 and (_LABEL_HEAD.fullmatch(folded) or meaning.kind is not LineKind.MOMENT):
            return _Column(holds=_Holds.LABEL)
        if _DATE_HEAD.fullmatch(folded):
            cells = [self.meaning_of(r.cells[place]) for r in self._body if r.cells[place]]
            if not any(s.step for s in cells):
                return _Column(holds=_Holds.DATE)
        if (
            meaning.kind in {LineKind.MOMENT, LineKind.NEUTRAL}
            and meaning.number is None
            and (meaning.moment.known or meaning.rates or meaning.kind is LineKind.MOMENT)
        ):
            return _Column(holds=_Holds.VALUE, moment=meaning.moment)
        if not head or _IGNORED_HEAD.fullmatch(folded):
            if not head and any(self.meaning_of(r.cells[place]).step for r in self._body):
                raise CannotBeRead
            return _Column(holds=_Holds.NOTHING)
        if _LABEL_HEAD.fullmatch(folded):
            return _Column(holds=_Holds.LABEL)
        if self._remarks(place):
            return _Column(holds=_Holds.NOTHING)
        raise CannotBeRead

    def _remarks(self, place: int) -> bool:
        """Whether a column right of the grades holds none itself: remarks, whatever its head calls them."""
        left = [self.meaning_of(c) for r in self._body for c in r.cells[1:place] if c]
        own = [c for r in self._body if (c := r.cells[place])]
        return (
            any(s.step for s in left)
            and not _PART_HEAD.search(self._heads[-1].cells[place])
            and not any(self.meaning_of(c).steps or self._words.grades_in(normal(c)) for c in own)
        )

    def _by_column(  # noqa: C901 -- rows by columns, and each may say who or when
        self, columns: Sequence[_Column]
    ) -> Iterator[TableGrade]:
        by_aspect = any(c.holds is _Holds.ASPECT for c in columns)
        labelled = [self._label_of(row, columns) for row in self._body]
        if not by_aspect and not any(c.holds is _Holds.VALUE for c in columns):
            raise CannotBeRead
        whole = any(la is not None and la.whole and not la.general for la, _ in labelled)
        known = any(la is not None for la, _ in labelled)
        newest = self._newest(columns)
        context = _Context()
        for row, (label, name) in zip(self._body, labelled, strict=True):
            values = {row.cells[i] for i, c in enumerate(columns) if c.holds in _GRADED}
            context, section = self._section(row, context, numbered=any(self._numbered(v) for v in values))
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
                if (
                    column.holds is _Holds.VALUE
                    and self.meaning_of(cell).kind is LineKind.PAIRS
                    and own.known
                ):
                    yield from self._of_pairs(
                        row, self.meaning_of(cell), own
                    )  # all grades of an inspection in a cell
                    continue
                if column.holds not in _GRADED or not (step := self._step_in(cell)):
                    continue
                found = column.label if by_aspect else label
                if found is None:
                    if by_aspect and label is not None and not label.whole:
                        raise CannotBeRead
                    found = Label(words="") if provider or by_aspect or not column.label else column.label
                if by_aspect and label is not None and not label.whole:
                    raise CannotBeRead  # an aspect by aspects
                moment = column.moment.or_else(own).or_else(self.meaning_of(cell).moment).or_else(day)
                yield self._cell(
                    found, step, moment, row, first=row.block, provider=provider, domain=context.domain
                )

    def _of_pairs(self, row: Row, meaning: Meaning, moment: Moment) -> Iterator[TableGrade]:
        for pair in meaning.pairs:
            yield self._cell(pair.label, pair.step, pair.moment.or_else(moment), row, first=row.block)

    def _label_of(self, row: Row, columns: Sequence[_Column]) -> tuple[Label | None, str]:
        """What a row is of: a label, or a name."""
        cells = [
            c for c, column in zip(row.cells, columns, strict=True) if column.holds is _Holds.LABEL and c
        ]
        cells = list(dict.fromkeys(cells))
        for cell in cells:
            if found := _one_label(self.meaning_of(cell)):
                return found, ""
        names = [c for c in cells if self.meaning_of(c).kind is LineKind.PROSE]
        return None, names[0].replace("\n", " ") if names else ""

    def _moment_of_label(self, row: Row, columns: Sequence[_Column]) -> Moment:
        """The time that a row's label names: one row an inspection."""
        for cell, column in zip(row.cells, columns, strict=True):
            if column.holds is _Holds.LABEL and self.meaning_of(cell).moment.known:
                return self.meaning_of(cell).moment
        return Moment()

    def _day_of(self, row: Row, columns: Sequence[_Column]) -> Moment:
        for cell, column in zip(row.cells, columns, strict=True):
            if column.holds is _Holds.DATE and self.meaning_of(cell).moment.year is not None:
                return self.meaning_of(cell).moment
        return Moment()

    def _newest(self, columns: Sequence[_Column]) -> date | None:
        """The newest day that labels of rows name, where several do: one row an inspection."""
        days = {
            moment.first_day
            for row in self._body
            for moment in (self._moment_of_label(row, columns), self._day_of(row, columns))
            if moment.year is not None
        }
        return max(days) if len(days) > 1 else None

    def _numbered(self, cell: str) -> bool:
        number = self.meaning_of(cell).number if cell else None
        return number is not None and number in self._words.numbers

    def _section(self, row: Row, context: _Context, *, numbered: bool = False) -> tuple[_Context, bool]:
        """The context after a row, and whether the row was a section's head: one text alone, and no grade."""
        distinct = {c for c in row.cells if c and self.meaning_of(c).number is None}
        if (
            numbered
            or len(distinct) > 1
            or any(self.meaning_of(c).steps or self.meaning_of(c).step for c in row.cells if c)
        ):
            return (replace(context, domain=self._domain(row, context)), False)
        if not distinct:
            return context, True
        (only,) = distinct
        meaning = self.meaning_of(only)
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
            label = _one_label(self.meaning_of(cell))
            if label and self._words.is_domain(label):
                return label.words
        return context.domain

    def _step_in(self, cell: str) -> Step | None:
        """The grade of a value's cell; `CannotBeRead` where it holds two, or one among other words."""
        meaning = self.meaning_of(cell)
        if meaning.step:
            return meaning.step
        if meaning.number is not None:
            return self._words.numbers.get(meaning.number)
        self._refuse(cell)
        return None

    def _refuse(self, cell: str) -> None:
        meaning = self.meaning_of(cell)
        if meaning.steps or (meaning.kind is LineKind.PROSE and self._words.grades_in(normal(cell))):
            raise CannotBeRead

    def _refuse_two_grades(self, row: Row, columns: Sequence[_Column]) -> None:
        for cell, column in zip(row.cells, columns, strict=True):
            if column.holds in _GRADED and len(self.meaning_of(cell).steps) > 1:
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
            meaning = [self.meaning_of(c) for c in distinct]
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
            labels = [la for s in meaning if (la := _one_label(s))]
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
            if prose and not _before(row, label, prose[0], self):
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
        ends = [[self.meaning_of(c) for c in row.cells if c] for row in rows]
        values = [
            (meaning[-2], meaning[-1].number)
            for meaning in ends
            if len(meaning) > 1 and meaning[-1].number is not None
        ]
        return all(n in self._words.numbers for _, n in values) and any(
            label.kind is LineKind.MOMENT and label.moment.former is False for label, _ in values
        )

    def _number_at_end(self, meaning: Sequence[Meaning]) -> Meaning | None:
        """A row's grade that stands there as a number alone."""
        number = meaning[-1].number if len(meaning) > 1 else None
        step = self._words.numbers.get(number) if number is not None else None
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


def _one_label(meaning: Meaning) -> Label | None:
    return meaning.labels[0] if meaning.kind is LineKind.LABEL and len(meaning.labels) == 1 else None


def _before(row: Row, label: Label, prose: str, grid: _Grid) -> bool:
    """Whether running words come after the grade, as remarks do."""
    places = {c: i for i, c in reversed(list(enumerate(row.cells)))}
    grade = next(i for i, c in enumerate(row.cells) if grid.meaning_of(c).step)
    return places[prose] > grade


def _told_apart(moment: Moment, newest: date | None) -> Moment:
    """A dated moment, marked as former where a newer one stands beside it."""
    if newest is None or moment.year is None or moment.former is not None:
        return moment
    return replace(moment, former=moment.first_day < newest)


def _by_year(column: _Column, newest: int) -> _Column:
    year = column.moment.year
    if year is None or column.moment.former is not None:
        return column
    return replace(column, moment=replace(column.moment, former=year < newest))
