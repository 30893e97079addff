"""Scales, grades and ratings, and which grades may be compared.

Rank 1 is the best grade of every scale, even if the inspectorate's own numbers run the other way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeVar

OVERALL: Final = "overall"
"""The name of the overall grade where an aspect's name is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """One step of a scale."""

    name: str  # lower case, as the inspectorate says it
    rank: int  # 1 is best
    aliases: tuple[str, ...] = ()  # other words for it, as blogs and papers use


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """A part of a service that is graded separately, such as leadership."""

    name: str
    aliases: tuple[str, ...] = ()  # other names, including former ones
    domain: str | None = None  # the heading under which the inspectorate groups it
    instead_of: str | None = None  # the aspect that it replaces for some kinds of bodies
    where: tuple[str, ...] = ()  # phrases by which a text shows that it is about such a body
    beside: tuple[str, ...] = ()  # if one of these is graded too, the name of `instead_of` means this aspect


_Named = TypeVar("_Named", Grade, Aspect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An ordered, versioned list of grades."""

    key: str
    grades: tuple[Grade, ...]  # best first
    aspects: tuple[Aspect, ...] = ()
    has_overall: bool = True
    valid_from: date | None = None
    valid_until: date | None = None  # exclusive
    compares_with: tuple[str, ...] = ()  # keys of other scales whose grades of the same name mean the same
    ungraded_from: date | None = None  # reports published from this day on need not give a grade
    prose: bool = True  # whether texts are read by it; else only a publisher's data gives its grades

    @property
    def lowest_first(self) -> tuple[str, ...]:
        """The names of its grades, as a strip of boxes shows them."""
        return tuple(grade.name for grade in reversed(self.grades))

    def may_lack_grades(self, published: date) -> bool:
        """Whether a report of this day is whole without a grade."""
        return self.ungraded_from is not None and published >= self.ungraded_from

    def grade(self, words: str) -> Grade | None:
        """The grade with this name or else this alias; case and spacing do not matter.

        None if there is none, or if two grades share the alias.
        """
        return _called(words, self.grades)

    def aspect(self, words: str) -> Aspect | None:
        """The aspect with this name or else this alias, found like a grade. `OVERALL` is no aspect."""
        return _called(words, self.aspects)

    def compares(self, other: Scale) -> bool:
        """Whether grades of this scale and of `other` can be compared."""
        return other.key == self.key or other.key in self.compares_with


def _called(words: str, named: Sequence[_Named]) -> _Named | None:
    wanted = _folded(words)
    found = [n for n in named if _folded(n.name) == wanted] or [
        n for n in named if wanted in map(_folded, n.aliases)
    ]
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=1024)  # the same few names are asked for with each rating
def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()


class Size(StrEnum):
    """How many people a body of some kind serves."""

    LARGE = "large"  # those of a region or a county
    MEDIUM = "medium"  # thousands
    USUAL = "usual"  # dozens or hundreds
    SMALL = "small"  # a few


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A kind of body that is inspected, and how English texts name such bodies."""

    kind: str
    names: tuple[str, ...]  # in full, singular: "Probation Delivery Unit" in "Kent Probation Delivery Unit"
    short: tuple[str, ...] = ()  # initials in capitals: "PDU"
    leads: tuple[str, ...] = ()  # words right before the name: "HMP" in "HMP Leeds"
    leads_to_parts: bool = False  # `leads` count only before a part of the country: "NPS Wales"
    of_area: bool = True  # the kind may come before the area: "probation unit for Kent"
    capitals: bool = False  # the words make a name only if capitalised: "Radcliffe House"
    loose: bool = False  # the words make a name only if the text has no better one
    form: str | None = None  # the name to show, with "{area}" in it; None: the name in the text
    size: Size = Size.USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """The terms on which an inspectorate's reports and ratings may be used."""

    name: str
    link: str
    attribution: str  # the words that everybody who uses them must give


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspectorate:
    """An inspectorate, the kinds of bodies that it inspects, and its scales, the newest first."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    scales: tuple[Scale, ...] = ()
    bodies: tuple[Body, ...] = ()
    statuses: tuple[str, ...] = ()  # statuses that are no grades: "special measures"
    marks: tuple[str, ...] = ()  # fixed words that only its own reports contain
    sites: tuple[str, ...] = ()  # its own websites: a host with its subdomains, or a host with a path
    prose: bool = True  # whether its grades are read from texts; else only from data
    visits: bool = True  # whether it visits those it grades; else it grades them by figures
    licence: Licence | None = None  # None: not known


def initials(inspectorates: Iterable[Inspectorate]) -> dict[str, str]:
    """The full names of kinds of bodies, by their initials in lower case, such as "pdu"."""
    bodies = (body for inspectorate in inspectorates for body in inspectorate.bodies if body.names)
    return {
        short.casefold(): body.names[0]
        for body in bodies
        for short in (*body.short, body.kind)
        if short.isupper()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspectorates:
    """Every inspectorate we know."""

    all: tuple[Inspectorate, ...]

    def __iter__(self) -> Iterator[Inspectorate]:
        return iter(self.all)

    def named(self, key: str) -> Inspectorate | None:
        return next((i for i in self.all if i.key == key), None)

    def scale(self, key: str) -> Scale | None:
        return next((s for i in self.all for s in i.scales if s.key == key), None)

    def read_at(self, key: str | None) -> Inspectorates:
        """Those whose grades are read from the texts of a source of this inspectorate; None: of any.

        From texts of one that publishes its grades as data, no grade is read, also not another's.
        """
        owner = self.named(key) if key is not None else None
        return self if owner is None or owner.prose else NO_INSPECTORATES

    def users(self, scale: str) -> frozenset[str]:
        """The keys of the inspectorates that use a scale. Two inspectorates may share one."""
        return frozenset(i.key for i in self.all if any(s.key == scale for s in i.scales))


NO_INSPECTORATES: Final = Inspectorates(all=())


class Precision(StrEnum):
    """How much is known of a date. The date itself is the earliest day that it can be."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    ROUND = "round"  # of inspections, in this year and the next: 2019/2020
    NOT_BEFORE = "not before"  # only that it was not before this day

    def last(self, first: date) -> date:
        """The last day that a date can be whose earliest day is `first`."""
        match self:
            case Precision.DAY:
                return first
            case Precision.MONTH:
                return (first.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            case Precision.YEAR:
                return date(first.year, 12, 31)
            case Precision.ROUND:
                return date(first.year + 1, 12, 31)
            case Precision.NOT_BEFORE:
                return date.max

    def written(self, first: date) -> str:
        """The date with what is known of it, for operators: 2020-06-17, 2020-06, 2020 or 2019/2020."""
        match self:
            case Precision.DAY:
                return first.isoformat()
            case Precision.MONTH:
                return f"{first:%Y-%m}"
            case Precision.YEAR:
                return f"{first:%Y}"
            case Precision.ROUND:
                return f"{first.year}/{first.year + 1}"
            case Precision.NOT_BEFORE:
                return f"not before {first}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One grade given to one aspect of one provider at one inspection."""

    provider: str  # the register's id
    aspect: str  # `OVERALL`, or an aspect's name
    scale: str
    grade: str
    inspected_on: date | None  # the last day of the visit
    published_on: date | None  # the earliest day that it can be
    published_precision: Precision = Precision.DAY
    evidence: str  # the sentence that states it, or the register's source for it
    link: str
    withdrawn: bool = False  # the inspectorate has withdrawn it since, so it is compared with nothing
    doubted: bool = False  # the case of the report that gave it is open

    @property
    def dated(self) -> date | None:
        """The day of the inspection or, if not known, of the publication: the earliest that it can be."""
        return self.inspected_on or self.published_on

    @property
    def precision(self) -> Precision:
        """How much is known of `dated`."""
        return Precision.DAY if self.inspected_on else self.published_precision
