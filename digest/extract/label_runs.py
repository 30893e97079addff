"""Runs: lines that are each a label, a grade or the scale - labels above grades, and grades above labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

from digest.extract.aspects import comparable
from digest.extract.blocks import Block, BlockKind
from digest.extract.history import listed_inspections
from digest.extract.label_tokens import normal
from digest.extract.labels import UNTIMED, Label, LineKind, Meaning, Moment, Step
from digest.extract.sections import Section, Sections
from digest.extract.vocabulary import Vocabulary

LEAST_SCALE: Final = 3  # so many grades in a row are a list of the scale, not ratings
_MOST_COLUMNS: Final = 6
_LONGEST_RUN: Final = 100  # lines; no inspection has more
_LONGEST_ITEM: Final = 14  # words of an item that names aspects and nothing else
_DIGITS: Final = frozenset("123456")
_LONGEST_WRAPPED: Final = 90  # characters of a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One grade and where it stands."""

    label: Label
    step: Step
    moment: Moment
    section: Section
    first: int
    block: int
    provider: str | None = None
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of a run: a label, a grade, or a list of the scale with no grade marked (`broken`)."""

    block: int
    label: Label | None = None
    step: Step | None = None
    moment: Moment = UNTIMED
    broken: bool = False
    rates: bool = False


class LabelledPage:
    """A page's blocks, each with what it says as a label, and those that are used up."""

    def __init__(self, blocks: Sequence[Block], words: Vocabulary, sections: Sections) -> None:
        self.blocks = blocks
        self.words = words
        self.sections = sections
        self.taken: set[int] = set()  # blocks that the rules for sentences must not read again
        self.listed = listed_inspections(blocks, words)
        self._wrapped = self._wrapped_labels()

    def meaning_of(self, block: Block) -> Meaning:
        return self._wrapped.get(id(block)) or self.words.meaning_of(block.text)

    def _wrapped_labels(self) -> dict[int, Meaning]:
        """For a label wrapped over two lines: the first means nothing, the second what both mean together."""
        wrapped: dict[int, Meaning] = {}
        for first, second in pairwise(self.blocks):
            goes_on = second.text[:1].islower() or second.text in _DIGITS
            if not goes_on or len(first.text) > _LONGEST_WRAPPED or id(first) in wrapped:
                continue
            if len(second.text) > _LONGEST_WRAPPED or BlockKind.ROW in {first.kind, second.kind}:
                continue
            if (self.words.meaning_of(first.text).kind is not LineKind.PROSE) is (second.text not in _DIGITS):
                continue
            both = self.words.meaning_of(f"{first.text} {second.text}")
            if both.kind in {LineKind.LABEL, LineKind.PAIRS}:
                wrapped |= {id(first): Meaning(kind=LineKind.EMPTY), id(second): both}
        return wrapped

    def named(self, item: Block) -> tuple[Label, ...]:
        meaning = self.meaning_of(item)
        if meaning.kind is LineKind.LABEL:
            return meaning.labels
        goes_on = item.text[:1].islower()  # the list continues a sentence, which its last item ends
        if (
            meaning.kind is not LineKind.PROSE
            or len(item.text.split()) > _LONGEST_ITEM
            or (item.text.endswith((".", "!")) and not goes_on)
        ):
            return ()
        names = self.words.aspects.named(normal(item.text))
        if len(names) != 1 or self.words.grades_in(normal(item.text)):
            return ()
        return (Label(words=comparable(names[0])),)

    def at(  # noqa: PLR0917 -- where it stands, in the order of the page
        self,
        label: Label,
        step: Step,
        moment: Moment,
        section: Section,
        first: int,
        block: int,
        provider: str | None = None,
    ) -> Found:
        self.taken |= {first, block}
        return Found(
            label=label,
            step=step,
            moment=self.sections.dated(moment),
            section=section,
            first=first,
            block=block,
            provider=provider,
        )


class Runs:
    """Reads the runs of one page."""

    def __init__(self, page: LabelledPage) -> None:
        self._page = page

    def end(self, place: int) -> int:
        """Where a run of lines ends that are each a label, a grade or the scale, and nothing else."""
        start = place
        grades = False
        while place < min(len(self._page.blocks), start + _LONGEST_RUN):
            block = self._page.blocks[place]
            if block.kind in {BlockKind.ROW, BlockKind.CAPTION}:
                break
            meaning = self._page.meaning_of(block)
            if meaning.kind in {LineKind.GRADE, LineKind.STEPS}:
                grades = True
            elif not (
                meaning.kind in {LineKind.LABEL, LineKind.EMPTY}
                or (meaning.kind is LineKind.NEUTRAL and meaning.number is not None)
                or (place == start and self._asks(place))
                or (meaning.kind is LineKind.MOMENT and block.kind is not BlockKind.HEADING and place > start)
                or (place > start and self._is_unknown_item(start, place))
            ):
                break
            place += 1
        return place if grades else start

    def _is_unknown_item(self, start: int, place: int) -> bool:
        """Whether a line is an item in a list under a grade, for something that is not on the scale."""
        block, first = self._page.blocks[place], self._page.blocks[start]
        return (
            block.kind is BlockKind.ITEM
            and first.kind is not BlockKind.ITEM
            and self._page.meaning_of(first).kind is LineKind.GRADE
            and len(block.text.split()) <= _LONGEST_ITEM
            and not block.text.endswith((".", "!", "?"))
            and not self._page.words.grades_in(normal(block.text))
        )

    def _asks(self, place: int) -> bool:
        """Whether a line such as "Our CQC rating" is right above a grade."""
        meaning = self._page.meaning_of(self._page.blocks[place])
        return meaning.kind in {LineKind.NEUTRAL, LineKind.MOMENT} and meaning.rates and re.search(
            r"\b(?:rating|grade|judge?ment)\b", normal(self._page.blocks[place].text)
        ) is not None  # fmt: skip

    def found(self, start: int, end: int) -> Iterator[Found]:
        lines = list(self._lines(start, end))
        values = [line for line in lines if line.label or line.step]
        if not values:
            return
        section = self._page.sections.section()
        if all(v.step and v.moment.year is not None and v.block in self._page.listed for v in values):
            for v in values:  # "8 June 2021: Good" in a list of inspections
                assert v.step is not None
                general = Label(words="", general=True)
                yield self._page.at(general, v.step, v.moment, section, v.block, v.block)
            return
        if (columns := self._column_heads(start, end)) and any(v.label for v in values):
            yield from self._by_columns(values, columns, section)
            return
        if self._ends_a_list(values):
            first = next(i for i, v in enumerate(values) if v.label is None)
            yield from self._under_grades(values[first:], section)
            return
        if values[0].label is None:
            if (
                values[-1].step is not None
                and any(v.label for v in values)
                and not self._heads_a_list(values)
            ):
                values = values[1:]  # we do not know its label
            else:
                yield from self._under_grades(values, section)
                return
        yield from self._under_labels(values, section)

    def _heads_a_list(self, values: Sequence[_Line]) -> bool:
        """Whether each grade is above a list of what it is for: all labels are items, no grade is."""
        items = {
            is_label: {
                self._page.blocks[v.block].kind is BlockKind.ITEM for v in values if bool(v.label) is is_label
            }
            for is_label in (True, False)
        }
        return items == {True: {True}, False: {False}}

    def _ends_a_list(self, values: Sequence[_Line]) -> bool:
        """Whether the first labels end a list from above, and the grade after them starts the next list."""
        first = next((i for i, v in enumerate(values) if v.label is None), 0)
        place = values[0].block
        if not first or not place or len(values) <= first + 1 or values[first + 1].label is None:
            return False
        kinds = {self._page.blocks[v.block].kind for v in values[:first] if v.label}
        above, grade, below = (
            self._page.blocks[i].kind for i in (place - 1, values[first].block, values[first + 1].block)
        )
        return kinds == {BlockKind.ITEM} == {above, below} and grade is not BlockKind.ITEM

    def _column_heads(self, start: int, end: int) -> list[Moment]:
        """The times that head a table whose cells are lines: "2024 grade" and "2019 grade" above the first label."""
        place = start
        while place < end and self._page.meaning_of(self._page.blocks[place]).kind is LineKind.MOMENT:
            place += 1
        heads: list[Moment] = []
        while place and len(heads) < _MOST_COLUMNS:
            meaning = self._page.meaning_of(self._page.blocks[place - 1])
            if meaning.kind is not LineKind.MOMENT or not meaning.rates:
                break
            heads.insert(0, meaning.moment)
            place -= 1
        return heads if len(heads) > 1 and all(h.known for h in heads) else []

    def _by_columns(
        self, values: Sequence[_Line], columns: Sequence[Moment], section: Section
    ) -> Iterator[Found]:
        """Grades of a table whose cells are lines; a label without a grade for each column gives none."""
        years = [c.year for c in columns if c.year is not None]
        heads = [
            replace(c, former=c.year < max(years)) if c.former is None and c.year is not None else c
            for c in columns
        ]
        label: _Line | None = None
        for is_label, group in groupby(values, key=lambda v: v.label is not None):
            lines = list(group)
            if is_label:
                label = lines[-1]
            elif label is not None and len(lines) == len(heads) and all(v.step for v in lines):
                for head, line in zip(heads, lines, strict=True):
                    yield from self._valued(label, replace(line, moment=line.moment.or_else(head)), section)
        self._page.taken |= {v.block for v in values}

    def _lines(self, start: int, end: int) -> Iterator[_Line]:
        """The run's lines; a list of the whole scale gives only the grade that is marked in it."""
        place = start
        while place < end:
            block, meaning = self._page.blocks[place], self._page.meaning_of(self._page.blocks[place])
            if meaning.kind is LineKind.STEPS:
                if len({s.grade for s in meaning.steps}) >= LEAST_SCALE:
                    self._page.taken.add(place)
                step = self._marked(block, meaning)
                for label in meaning.labels[:1]:
                    yield _Line(block=place, label=label)
                yield _Line(block=place, step=step, broken=step is None)
            elif meaning.kind is LineKind.GRADE:
                stop = place
                while stop < end and self._page.meaning_of(self._page.blocks[stop]).kind is LineKind.GRADE:
                    stop += 1
                group = range(place, stop)
                distinct = {self._page.meaning_of(self._page.blocks[i]).step for i in group}
                dated = all(
                    self._page.meaning_of(self._page.blocks[i]).moment.year is not None for i in group
                )
                if len(distinct) >= LEAST_SCALE and not dated and not self._columns(start, place, stop):
                    yield self._scale(group)
                    place = stop
                    continue
                yield _Line(block=place, step=meaning.step, moment=meaning.moment, rates=meaning.rates)
            elif meaning.kind is LineKind.LABEL:
                labels = meaning.labels
                yield _Line(
                    block=place,
                    label=labels[0] if len(labels) == 1 else None,
                    moment=meaning.moment,
                    broken=len(labels) > 1,
                )
            else:
                yield from self._other_line(start, place, meaning)
            place += 1

    def _other_line(self, start: int, place: int, meaning: Meaning) -> Iterator[_Line]:
        """A label only by its place: an item that names one aspect, "Our rating" above a grade."""
        block = self._page.blocks[place]
        if block.kind is BlockKind.ITEM and (named := self._page.named(block)):
            yield _Line(block=place, label=named[0])
        elif place == start and self._asks(place):
            yield _Line(block=place, label=Label(words="", general=True), moment=meaning.moment)

    def _columns(self, start: int, place: int, stop: int) -> bool:
        """Whether there are as many labels right above these grades: first all labels, then all grades."""
        count = stop - place
        above = range(place - count, place)
        return above.start >= start and all(
            self._page.meaning_of(self._page.blocks[i]).kind is LineKind.LABEL for i in above
        )

    def _scale(self, group: range) -> _Line:
        self._page.taken |= set(group)
        marked = [
            i
            for i in group
            if self._page.meaning_of(self._page.blocks[i]).marked or self._page.blocks[i].marked
        ]
        step = self._page.meaning_of(self._page.blocks[marked[0]]).step if len(marked) == 1 else None
        return _Line(block=marked[0] if marked else group.start, step=step, broken=step is None)

    def _marked(self, block: Block, meaning: Meaning) -> Step | None:
        if len({s.grade for s in meaning.steps}) < LEAST_SCALE:
            return None
        steps = [step for words in block.marked if (step := self._page.words.meaning_of(words).step)]
        return steps[0] if len(steps) == 1 else None

    def _under_labels(self, values: Sequence[_Line], section: Section) -> Iterator[Found]:
        labels: list[_Line] = []
        for is_label, group in groupby(values, key=lambda v: v.label is not None):
            lines = list(group)
            if is_label:
                labels = lines
                continue
            if not labels or any(v.broken for v in lines):
                continue
            if len(lines) == 1 or (len(labels) == 1 and len({(v.step, v.moment) for v in lines}) == 1):
                yield from self._valued(labels[-1], lines[0], section)
            elif len(lines) == len(labels):
                for label, line in zip(labels, lines, strict=True):
                    yield from self._valued(label, line, section)
            elif len(lines) == 2 and sum(v.moment.known for v in lines) >= 1:
                for line in lines:
                    yield from self._valued(labels[-1], line, section)
            labels = []

    def _valued(self, label: _Line, line: _Line, section: Section) -> Iterator[Found]:
        if label.label is None or line.step is None:
            return
        moment = line.moment.or_else(label.moment)
        yield self._page.at(label.label, line.step, moment, section, label.block, line.block)

    def _under_grades(self, values: Sequence[_Line], section: Section) -> Iterator[Found]:
        """Aspects listed under a grade; and a grade under the heading of an aspect."""
        head: _Line | None = None
        for position, line in enumerate(values):
            if line.step is not None or line.broken:
                head = line
                alone = position + 1 == len(values) or values[position + 1].label is None
                scale = self._page.blocks[line.block].marked and line.block in self._page.taken
                if alone and line.step and section.label is not None and (scale or line.rates):
                    yield self._page.at(
                        section.label, line.step, line.moment, section, line.block, line.block
                    )
                elif alone and line.step and line.rates:
                    general = Label(words="", general=True)
                    yield self._page.at(general, line.step, line.moment, section, line.block, line.block)
                continue
            if head is None or head.step is None or line.label is None:
                continue
            above, block = self._page.blocks[head.block], self._page.blocks[line.block]
            if block.kind is BlockKind.ITEM or (
                above.level is not None and block.kind is not BlockKind.HEADING
            ):
                yield self._page.at(line.label, head.step, head.moment, section, head.block, line.block)
