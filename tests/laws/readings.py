"""What a reading tells, as plain facts that can be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from digest.adapters.config.files import load
from digest.adapters.config.packaged import packaged
from digest.extract import read
from digest.items import Page
from digest.providers import Register
from digest.ratings import OVERALL, Inspectorates
from digest.reports import Direction, Reading

Fact = tuple[str, str, str]  # whose, of what, which: ("hmp coldbeck", "safety", "poor")
PREVIOUS = "previous"
MOVEMENT = "movement"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFacts:
    """The facts of one reading."""

    facts: frozenset[Fact]
    published: date | None

    def about(self, whose: str) -> frozenset[Fact]:
        return frozenset(fact for fact in self.facts if fact[0] == called(whose))


def called(name: str | None) -> str:
    """A provider's name as facts compare it."""
    return " ".join((name or "").replace("’", "'").split()).casefold().removeprefix("the ")


def facts_of(reading: Reading) -> ReadFacts:
    facts: set[Fact] = set()
    for report in reading.reports:
        whose = called(report.provider)
        facts |= {(whose, judgement.aspect, judgement.grade) for judgement in report.graded()}
        facts |= {
            (whose, PREVIOUS if j.aspect == OVERALL else f"{PREVIOUS} {j.aspect}", j.previous)
            for j in report.graded()
            if j.previous
        }
        if report.claims is not Direction.UNKNOWN:
            facts.add((whose, MOVEMENT, str(report.claims)))
    return ReadFacts(facts=frozenset(facts), published=reading.published)


def page(url: str, body: str, content_type: str = "text/plain") -> Page:
    return Page(url=url, body=body.encode(), content_type=f"{content_type}; charset=utf-8", fetched_at=_NOW)


@cache
def inspectorates() -> Inspectorates:
    """The packaged files'."""
    return load(packaged("config")).inspectorates


def reader() -> Callable[[Page], ReadFacts]:
    """Reads pages, each once."""
    known: dict[tuple[str, bytes], ReadFacts] = {}

    def of(one: Page) -> ReadFacts:
        key = (one.url, one.body)
        if key not in known:
            known[key] = facts_of(read(one, inspectorates=inspectorates(), register=Register()))
        return known[key]

    return of


def words_of(facts: frozenset[Fact]) -> str:
    """Facts as one line."""
    return (
        "; ".join(f"{whose or '(nobody)'}: {what} {which}" for whose, what, which in sorted(facts))
        or "nothing"
    )
