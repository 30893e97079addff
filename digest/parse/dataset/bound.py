"""A dataset's columns, as its file has them: which columns a spec wants, and the words in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from digest.errors import TableError
from digest.parse.dataset.cells import plain, said
from digest.parse.tables import Column, Layout, Row, Table
from digest.parse.tables.headings import missing_column
from digest.source_specs import AspectColumns, DatasetSpec, Headings, RatingColumns

_FIELDS: Final = (
    "key",
    "name",
    "provider_kind",
    "area",
    "former_names",
    "predecessors",
    "link",
    "text_link",
)
_SHORT: Final = 60  # characters of a cell whose like is likely to come again
_MOST_KNOWN: Final = 50_000
_OF_A_RATING: Final = ("aspect", "grade", "number", "inspected", "published", "inspected_as", "inherited")


def layout_of(spec: DatasetSpec) -> Layout:
    """The columns that a spec wants of a table. What belongs together is checked by `check`."""
    return Layout(columns=tuple(_columns(spec)), sheet=spec.sheet, skip=spec.skip)


def _columns(spec: DatasetSpec) -> Iterator[Column]:
    for field in _FIELDS:
        headings: Headings = getattr(spec, field)
        if headings:
            needed = field not in spec.optional and not (field == "key" and spec.else_by)
            yield Column(name=field, headings=headings, needed=needed)
    for n, headings in enumerate(spec.else_by):
        yield Column(name=f"else {n}", headings=headings, needed=False)
    for n, (heading, _) in enumerate(spec.only):
        yield Column(name=f"only {n}", headings=(heading,))
    for n, rating in enumerate(spec.ratings):
        for name, headings in _of_a_rating(rating):
            yield Column(name=f"{n} {name}", headings=headings, needed=not rating.optional)


def _of_a_rating(rating: RatingColumns) -> Iterator[tuple[str, Headings]]:
    for field in _OF_A_RATING:
        if headings := getattr(rating, field):
            yield field, headings
    for aspect in rating.aspects:
        yield from _of_an_aspect(aspect)


def _of_an_aspect(one: AspectColumns) -> Iterator[tuple[str, Headings]]:
    for field in ("grade", "dated", "previous"):
        if headings := getattr(one, field):
            yield f"{field} of {one.aspect}", headings


@dataclass(frozen=True, slots=True)
class Bound:
    """A table whose columns are bound."""

    spec: DatasetSpec
    table: Table  # of the bound columns alone; an empty cell and one that stands for nothing are alike
    ratings: tuple[tuple[int, RatingColumns], ...]  # those whose columns the file has, with their numbers
    keyed: bool  # whether the file has the publisher's numbers

    def cell(self, row: Row, name: str) -> str:
        """What stands in a column of a row: the first of its headings with something in it. "" if nothing."""
        return self.place(row, name)[1]

    def place(self, row: Row, name: str) -> tuple[str, str]:
        """The heading and the words."""
        for at in self.table.places.get(name, ()):
            if row.cells[at]:
                return self.table.headings[at], row.cells[at]
        return "", ""

    def wanted(self, row: Row) -> bool:
        """Whether a row is one of those that are wanted."""
        return all(
            said(self.cell(row, f"only {n}")) in map(said, words)
            for n, (_, words) in enumerate(self.spec.only)
        )


def bound(spec: DatasetSpec, table: Table) -> Bound:
    """The table with its columns. `TableError` if it lacks one that belongs to others that it has."""
    has = table.places
    keyed = "key" in has
    if not keyed:
        _needs(table, spec, [f"else {n}" for n in range(len(spec.else_by))])
    found = []
    for n, rating in enumerate(spec.ratings):
        names = [f"{n} {name}" for name, _ in _of_a_rating(rating)]
        if any(name in has for name in names if " grade" in name):
            _needs(table, spec, names)
            found.append((n, rating))
    if spec.ratings and not found:
        _needs(table, spec, [f"0 {name}" for name, _ in _of_a_rating(spec.ratings[0]) if "grade" in name])
    return Bound(spec, _narrowed(table, spec), tuple(found), keyed)


class _Words(dict[str, str]):
    """Cells as they are understood, by what stands there; those of short cells are remembered."""

    def __init__(self, nothing: frozenset[str]) -> None:
        super().__init__({"": ""})
        self._nothing = nothing

    def __missing__(self, cell: str) -> str:
        text = plain(cell)
        if said(text) in self._nothing:
            text = ""
        if len(cell) <= _SHORT and len(self) < _MOST_KNOWN:
            self[cell] = text
        return text


def _narrowed(table: Table, spec: DatasetSpec) -> Table:
    """The table with the bound columns alone, and its cells as they are understood."""
    wanted = sorted({at for places in table.places.values() for at in places})
    at = {old: new for new, old in enumerate(wanted)}
    words = _Words(frozenset(map(said, spec.nothing)))
    return Table(
        file=table.file,
        sheet=table.sheet,
        headings=tuple(" ".join(table.headings[old].split()) for old in wanted),
        places={name: tuple(at[old] for old in places) for name, places in table.places.items()},
        rows=(Row(row.number, [words[row.cells[old]] for old in wanted]) for row in table.rows),
        broken=table.broken,
    )


def _needs(table: Table, spec: DatasetSpec, names: Sequence[str]) -> None:
    for column in layout_of(spec).columns:
        if column.name in names and column.name not in table.places:
            raise _missing(table, column)


def _missing(table: Table, column: Column) -> TableError:
    return missing_column(column, table.headings, table.file, table.sheet, None)
