"""Records: what a publisher's data states of one provider, such as a row of a file or an answer of an API."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from digest.providers import Link, Linked
from digest.ratings import Rating


class Cause(StrEnum):
    """Why a publisher's data states another grade than before."""

    INSPECTION = "inspection"  # a new inspection
    ASSESSMENT = "assessment"  # a new assessment of figures, by one that does not visit
    REGRADED = "regraded"  # some areas were graded again, without a new inspection
    INHERITED = "inherited"  # the grade is a predecessor's
    CORRECTION = "correction"  # the publisher has changed what it had stated of the same inspection
    RESCALED = "rescaled"  # graded again on another scale, without a new inspection


RESTATED: Final = frozenset({Cause.REGRADED, Cause.CORRECTION, Cause.RESCALED})
"""Without a new inspection, the data states another grade than before."""

UNCOMPARED: Final = frozenset({Cause.INHERITED, Cause.RESCALED})
"""The grade is compared with none: it is another provider's, or on another scale than the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The provider that a record is about, as its publisher knows it."""

    id: str  # the publisher's own number of it
    name: str
    kind: str = ""  # such as "care home"; empty if the data does not say
    area: str = ""  # such as a council
    former_names: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()  # the publisher's numbers of them
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """The grade of one aspect, and the words of the data that state it."""

    aspect: str  # `ratings.OVERALL`, or an aspect's name
    grade: str  # the scale's name of it
    heading: str  # of the column, or the path of the field
    words: str  # as they stand there
    graded_on: date | None = None  # if it is dated apart from the inspection
    previous: str | None = None  # the grade that the data stated before, by the scale's name

    @property
    def line(self) -> str:
        """The sentence that states it."""
        return f"{self.heading}: {self.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record stands, and of when it is."""

    publisher: str  # as readers see it
    document: str  # the name of the file, or the call
    dated: date | None = None  # of the file or the answer, as it says itself
    row: str = ""  # "row 17", "sheet Locations, row 17"; empty for a call


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The record that a report was made of, and why it says something new."""

    place: Place
    key: str
    cause: Cause | None = None  # None: it is not known
    inherited_from: str | None = None  # the publisher's number of the provider that was inspected
    differs: tuple[str, ...] = ()  # where the report's text states another grade, in words for operators


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What readers are told of the record that states a story's grades."""

    publisher: str
    document: str  # the name of the file, or the call
    dated: date | None  # of the file or the answer; None if its name says it
    row: str
    number: str  # the publisher's own of the provider; empty if the name or the row says it
    cause: Cause | None
    regraded: int  # how many aspects were graded again, if that is the cause
    inherits: bool  # the grades are a predecessor's
    inherited_from: str | None  # the predecessor's name; None if we do not know it


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a publisher's data states of the latest rating of one provider."""

    key: str  # what names it for good in its source, such as the publisher's number of the provider
    subject: Subject
    inspectorate: str
    scale: str
    grades: tuple[Graded, ...] = ()  # the overall grade first
    number: str | None = None  # of the inspection or report
    inspected_on: date | None = None  # the last day of the visit
    published_on: date | None = None
    link: str | None = None  # the page for readers
    text_link: str | None = None  # the report's text
    inherited_from: str | None = None  # the publisher's number of the provider that was inspected
    lines: tuple[tuple[str, str], ...] = ()  # the fields that are bound, as they stand: heading and words
    place: Place
    cause: Cause | None = None

    @property
    def provider(self) -> str:
        """The register's id of its provider."""
        return register_id(self.inspectorate, self.subject.id)

    def links(self) -> Iterator[Linked]:
        """Which providers came after which, as far as it says."""
        before = self.subject.predecessors
        link = Link.SUCCESSOR if len(before) == 1 else Link.MERGED
        for number in before:
            earlier = register_id(self.inspectorate, number)
            yield Linked(provider=self.provider, predecessor=earlier, link=link)
        for number in self.subject.successors:
            yield Linked(provider=register_id(self.inspectorate, number), predecessor=self.provider)

    def ratings(self) -> Iterator[Rating]:
        """Its grades as ratings of the register; none if they are a predecessor's."""
        for one in self.grades if self.inherited_from is None else ():
            yield Rating(
                provider=self.provider,
                aspect=one.aspect,
                scale=self.scale,
                grade=one.grade,
                inspected_on=self.inspected_on,
                published_on=one.graded_on or self.published_on,
                evidence=one.line,
                link=self.link or "",
            )

    @property
    def text(self) -> str:
        """The record as text: a line for each field, which its grades quote."""
        return "\n".join(f"{heading}: {words}" for heading, words in self._all_lines())

    def _all_lines(self) -> Iterator[tuple[str, str]]:
        quoted = dict.fromkeys((one.heading, one.words) for one in self.grades)
        yield from dict.fromkeys((*self.lines, *quoted))

    @property
    def standing(self) -> str:
        """32 hexadecimal digits for what it states: 24 for the rating, then 8 for the provider and its links.

        Each part is the same until what it stands for changes. The place in the file makes no difference.
        """
        rating = (
            self.subject.id,
            self.scale,
            tuple((one.aspect, one.grade, one.graded_on) for one in sorted(self.grades, key=_aspect)),
            self.number,
            self.inspected_on,
            self.published_on,
            self.inherited_from,
        )
        return _digits(rating, 12) + _digits((self.subject, self.link, self.text_link), 4)


def says_the_same(one: str, other: str) -> bool:
    """Whether two standings are of the same rating, whatever the provider's name and links."""
    return one[:24] == other[:24]


def _digits(value: object, size: int) -> str:
    return hashlib.blake2b(repr(value).encode(errors="replace"), digest_size=size).hexdigest()


def _aspect(one: Graded) -> str:
    return one.aspect


def register_id(inspectorate: str, number: str) -> str:
    """The id in the register of a provider that a publisher knows by a number of its own."""
    return f"{inspectorate}:{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is remembered of a record, in short."""

    version: int  # how many different states of it were seen, from 1
    standing: str
    gone: bool = False  # whether the data has it no more
    binding: str = ""  # by which it was read last; empty: it is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What is remembered of a publisher's data as a whole."""

    document: str  # the name of the file, or where the last changes ended
    fingerprint: str  # of its bytes; empty if there are none
    rows: int  # how many records it had
    asked: tuple[str, ...] = ()  # changes that were asked for already: "2026-11-27 1-1000000001"


def binding_of(said: object) -> str:
    """32 hexadecimal digits for how rows are read, as an operator says it in a value of `source_specs`.

    What is not said makes no difference, so that a later version with more to say has the same.
    """
    return hashlib.blake2b(repr(_said(said)).encode(), digest_size=16).hexdigest()


def _said(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_said, value))
    if not is_dataclass(value):
        return value
    named = ((one.name, getattr(value, one.name), one.default) for one in fields(value))
    return tuple((name, _said(own)) for name, own, usual in named if own != usual)


def guid(record: Record, version: int) -> str:
    """The id of the item that a state of a record makes: the same after a crash, new for each new state."""
    return f"{record.key}@{version}-{record.standing[:12]}"


def with_previous(record: Record, before: Record | None) -> Record:
    """The record, with the grades that it stated before.

    A grade on another scale is none, and neither is one that a predecessor was given.
    """
    if before is None or before.scale != record.scale or before.inherited_from is not None:
        return record
    old = {one.aspect: one.grade for one in before.grades}
    return replace(
        record,
        grades=tuple(
            one if one.previous else replace(one, previous=old.get(one.aspect)) for one in record.grades
        ),
    )
