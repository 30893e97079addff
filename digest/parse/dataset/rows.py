"""The rows of one provider as a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import quote

from digest.parse.dataset.bound import Bound
from digest.parse.dataset.cells import day_of, link_of, said
from digest.parse.tables import Row
from digest.ratings import OVERALL, Scale
from digest.records import Graded, Place, Record, Subject
from digest.source_specs import RatingColumns

_SEVERAL: Final = re.compile(r"\s*[|;]\s*")
_NUMBERS: Final = re.compile(r"[\s|;,]+")
_YES: Final = frozenset({"y", "yes", "true", "1", "inherited"})
_ALL: Final = frozenset({"overall", "overall rating", "overall effectiveness"})
UNKNOWN_PREDECESSOR: Final = "a predecessor"
"""Stands for the number of a provider that the data does not name."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes records of rows. The columns' words mean grades of these scales."""

    bound: Bound
    scales: Mapping[str, Scale]
    inspectorate: str
    publisher: str
    document: str
    dated: date | None
    _meanings: dict[tuple[int, str], str | None] = field(default_factory=dict)

    def record(self, key: str, rows: Sequence[Row]) -> Record:
        """The record of one provider's rows. `TableError` names a cell that is not understood."""
        bound, first = self.bound, rows[0]
        n, rating, graded = self._rated(rows)
        chosen = graded[0][0] if graded else first
        as_number = bound.cell(chosen, f"{n} inspected_as")
        inherited = as_number if as_number and as_number != key else None
        if inherited is None and said(bound.cell(chosen, f"{n} inherited")) in _YES:
            inherited = (self._predecessors(chosen) or (UNKNOWN_PREDECESSOR,))[0]
        inspected, published = (self._day(chosen, f"{n} {field}") for field in ("inspected", "published"))
        return Record(
            key=key,
            subject=self._subject(key, chosen, inherited),
            inspectorate=self.inspectorate,
            scale=rating.scale if rating else "",
            grades=tuple(one for _, one in graded),
            number=bound.cell(chosen, f"{n} number") or None,
            inspected_on=inspected,
            published_on=published,
            link=self._link(key, chosen),
            text_link=link_of(bound.cell(chosen, "text_link")),
            inherited_from=inherited,
            lines=tuple(self._lines(chosen, n)),
            place=self._place(chosen),
        )

    def _place(self, row: Row) -> Place:
        sheet = self.bound.table.sheet
        where = f"line {row.number}" if sheet is None else f"sheet {sheet}, row {row.number}"
        return Place(publisher=self.publisher, document=self.document, dated=self.dated, row=where)

    # -- the provider --------------------------------------------------------------------------------------

    def _subject(self, key: str, row: Row, inherited: str | None) -> Subject:
        cell = self.bound.cell
        name = cell(row, "name")
        if not name:
            raise self.bound.table.error(row.number, "name", "", "the provider's name")
        former = _SEVERAL.split(cell(row, "former_names"))
        before = self._predecessors(row)
        if inherited and inherited != UNKNOWN_PREDECESSOR and inherited not in before:
            before = (*before, inherited)
        return Subject(
            id=key,
            name=name,
            kind=cell(row, "provider_kind"),
            area=cell(row, "area"),
            former_names=tuple(one for one in dict.fromkeys(former) if one and one != name),
            predecessors=before,
        )

    def _predecessors(self, row: Row) -> tuple[str, ...]:
        return tuple(one for one in _NUMBERS.split(self.bound.cell(row, "predecessors")) if one)

    def _link(self, key: str, row: Row) -> str | None:
        form = self.bound.spec.link_form if self.bound.keyed else None
        made = form.replace("{key}", quote(key, safe="")) if form else None
        return link_of(self.bound.cell(row, "link")) or made

    def _lines(self, row: Row, n: int) -> Iterator[tuple[str, str]]:
        """What stands in the bound columns of the provider and of its rating, as it stands."""
        for name in self.bound.table.places:
            if not name[0].isdigit() or name.startswith(f"{n} "):
                heading, words = self.bound.place(row, name)
                if words:
                    yield heading, words

    # -- the rating ----------------------------------------------------------------------------------------

    def _rated(self, rows: Sequence[Row]) -> tuple[int, RatingColumns | None, list[tuple[Row, Graded]]]:
        """The first of the ratings with a grade, and its grades, the overall one first."""
        if not self.bound.ratings:
            return 0, None, []
        for n, rating in self.bound.ratings:
            if graded := list(self._grades(rows, n, rating)):
                return n, rating, sorted(graded, key=lambda one: one[1].aspect != OVERALL)
        n, rating = self.bound.ratings[0]
        return n, rating, []

    def _grades(self, rows: Sequence[Row], n: int, rating: RatingColumns) -> Iterator[tuple[Row, Graded]]:
        if rating.aspects:
            row = max(rows, key=lambda one: self._rank(one, n)) if len(rows) > 1 else rows[0]
            for one in rating.aspects:
                if found := self._graded(row, n, rating, one.aspect, f" of {one.aspect}"):
                    yield row, found
            return
        best: dict[str, Row] = {}
        for row in rows:
            aspect = self._aspect(row, n, rating)
            if aspect not in best or self._rank(row, n) > self._rank(best[aspect], n):
                best[aspect] = row
        for aspect, row in best.items():
            if found := self._graded(row, n, rating, aspect, ""):
                yield row, found

    def _rank(self, row: Row, n: int) -> tuple[date, date, list[str]]:
        """Which of several rows of one provider counts, whatever their order: the latest."""
        inspected, published = (self._day(row, f"{n} {field}") for field in ("inspected", "published"))
        return published or date.min, inspected or date.min, row.cells

    def _aspect(self, row: Row, n: int, rating: RatingColumns) -> str:
        words = self.bound.cell(row, f"{n} aspect")
        scale = self.scales[rating.scale]
        if not rating.aspect or said(words) in _ALL:
            return OVERALL
        aspect = scale.aspect(words)
        if aspect is None:
            expected = "one of overall, " + ", ".join(one.name for one in scale.aspects)
            raise self.bound.table.error(row.number, f"{n} aspect", words, expected)
        return aspect.name

    def _graded(self, row: Row, n: int, rating: RatingColumns, aspect: str, of: str) -> Graded | None:
        heading, words = self.bound.place(row, f"{n} grade{of}")
        if which := self._which(row, n, rating):
            heading = f"{heading} ({which})"
        grade = self._grade(row, n, f"grade{of}", words)
        if grade is None:
            return None
        previous = self.bound.cell(row, f"{n} previous{of}")
        return Graded(
            aspect=aspect,
            grade=grade,
            heading=heading,
            words=words,
            graded_on=self._day(row, f"{n} dated{of}"),
            previous=self._grade(row, n, f"previous{of}", previous),
        )

    def _which(self, row: Row, n: int, rating: RatingColumns) -> str:
        """What a row is of, where its heading does not say it: its aspect, or what makes it a wanted one."""
        if rating.aspects:
            return ""
        if rating.aspect:
            return self.bound.cell(row, f"{n} aspect")
        return ", ".join(self.bound.cell(row, f"only {n}") for n in range(len(self.bound.spec.only)))

    def _grade(self, row: Row, n: int, name: str, words: str) -> str | None:
        """The grade that words mean; None for no grade."""
        if not words:
            return None
        try:
            return self._meanings[n, words]
        except KeyError:
            rating = self.bound.spec.ratings[n]
            known, grade = _meaning(words, rating, self.scales[rating.scale])
        if not known:
            expected = "one of " + ", ".join(one.name for one in self.scales[rating.scale].grades)
            raise self.bound.table.error(row.number, f"{n} {name}", words, expected)
        self._meanings[n, words] = grade
        return grade

    def _day(self, row: Row, name: str) -> date | None:
        words = self.bound.cell(row, name)
        day = day_of(words, month_first=self.bound.spec.month_first) if words else None
        if words and day is None:
            raise self.bound.table.error(row.number, name, words, "a date")
        return day


def _meaning(words: str, rating: RatingColumns, scale: Scale) -> tuple[bool, str | None]:
    """Whether the words of a grade are known, and the grade; None: they say that there is none."""
    wanted = said(words)
    if wanted in map(said, rating.no_grade):
        return True, None
    named = next((grade for word, grade in rating.grades if said(word) == wanted), words)
    grade = scale.grade(named) or scale.grade(wanted)  # "3.0" is 3
    return grade is not None, grade.name if grade else None
