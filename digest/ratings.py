"""Scales, grades and ratings: what inspectorates grade by, and which grades may be compared.

Rank 1 is the best grade of every scale, whichever way the inspectorate's own numbers run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

OVERALL: Final = "overall"
"""The aspect under which a scale's overall grade is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """One step of a scale."""

    name: str  # lower case, as the inspectorate says it
    rank: int  # 1 is best
    aliases: tuple[str, ...] = ()  # other words for it, as blogs and papers use


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One thing a scale judges, other than the service as a whole."""

    name: str
    aliases: tuple[str, ...] = ()  # other words for it, its former names among them
    domain: str | None = None  # the heading that the inspectorate groups it under
    instead_of: str | None = None  # the aspect that it stands in for, where some bodies are judged by it
    where: tuple[str, ...] = ()  # phrases that tell such a body
    beside: tuple[str, ...] = ()  # aspects beside which the name of the other means this one


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
    compares_with: tuple[str, ...] = ()  # keys of other scales whose grades mean the same by name

    def grade(self, words: str) -> Grade | None:
        """The grade called so, by name or else by alias, whatever the case and spacing.

        None also where two grades share the alias: we would have to guess.
        """
        return _called(words, self.grades)

    def aspect(self, words: str) -> Aspect | None:
        """The aspect called so, in the same way; the overall grade is not one of them."""
        return _called(words, self.aspects)

    def compares(self, other: Scale) -> bool:
        """Whether a grade of `other` can stand beside one of ours as better, worse or the same."""
        return other.key == self.key or other.key in self.compares_with


def _called(words: str, named: Sequence[_Named]) -> _Named | None:
    wanted = _folded(words)
    found = [n for n in named if _folded(n.name) == wanted] or [
        n for n in named if wanted in map(_folded, n.aliases)
    ]
    return found[0] if len(found) == 1 else None


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One kind of body that is inspected, and how English names one of them."""

    kind: str
    names: tuple[str, ...]  # written out, singular: "Kent >Probation Delivery Unit<"
    short: tuple[str, ...] = ()  # initials, written in capitals
    leads: tuple[str, ...] = ()  # words right before the name: ">HMP< Leeds"
    leads_to_parts: bool = False  # of `leads`: only before a part of the country, "NPS Wales"
    of_area: bool = True  # the kind may come first: "probation unit for Kent"
    capitals: bool = False  # the words are everyday English unless capitalised: "Radcliffe House"
    loose: bool = False  # everyday English all the same: a name only where nothing better stands
    form: str | None = None  # a tidy name from "{area}"; None: as the text writes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspectorate:
    """A body that inspects, whom it inspects, and the scales it has graded by, newest first."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    scales: tuple[Scale, ...] = ()
    bodies: tuple[Body, ...] = ()
    statuses: tuple[str, ...] = ()  # words for standings that are no grades: "special measures"
    marks: tuple[str, ...] = ()  # fixed words that only its own reports print
    sites: tuple[str, ...] = ()  # its own addresses: a host with its subdomains; a path if it has only that


def initials(inspectorates: Iterable[Inspectorate]) -> dict[str, str]:
    """What the initials of kinds of bodies stand for, by those in lower case: "pdu" and its like."""
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

    def users(self, scale: str) -> frozenset[str]:
        """The keys of those who grade by a scale; two bodies may share one."""
        return frozenset(i.key for i in self.all if any(s.key == scale for s in i.scales))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One grade given to one aspect of one provider at one inspection."""

    provider: str  # the register's id
    aspect: str  # `OVERALL`, or an aspect's name
    scale: str
    grade: str
    inspected_on: date | None  # the last day of the visit
    published_on: date | None  # the last day of the month or year, where that is all we know of it
    evidence: str  # the sentence that carries it, or the register's basis
    link: str
    withdrawn: bool = False  # the inspectorate has taken it back since: it is compared with nothing

    @property
    def dated(self) -> date | None:
        """The day to order it by: the inspection's where it is known, else the publication's."""
        return self.inspected_on or self.published_on
