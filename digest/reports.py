"""What a page says: a reading, and in it the reports it carries, each claim with its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from digest.ratings import OVERALL


class Kind(StrEnum):
    """What sort of text a page is."""

    INSPECTION = "inspection"
    MULTI = "multi"  # several services in one text
    THEMATIC = "thematic"  # annual, thematic or national
    OTHER = "other"  # no report: opinion, job, event, consultation


class Direction(StrEnum):
    """The movement that a text itself claims."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    UNCHANGED = "unchanged"
    FIRST = "first"
    MIXED = "mixed"
    NOT_COMPARABLE = "not-comparable"
    WITHDRAWN = "withdrawn"  # the rating held before was taken back; the report rates nobody
    UNKNOWN = "unknown"


class FindingKind(StrEnum):
    STRENGTH = "strength"
    IMPROVEMENT = "improvement"
    RECOMMENDATION = "recommendation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Something a text states, and the sentence that states it, word for word."""

    value: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The grade given to one aspect."""

    aspect: str
    grade: str
    previous: str | None = None  # only where the text states it
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One key sentence of the report, under its heading."""

    heading: str | None
    kind: FindingKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words that the text puts in somebody's mouth."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one inspection of one provider found, as this text tells it."""

    provider: str | None  # as the register or the text names it; None where the text names none
    scale: str
    overall: Claim | None = None
    previous: Claim | None = None  # the overall grade at the inspection before
    direction: Claim | None = None  # a `Direction`; None where the text claims none
    judgements: tuple[Judgement, ...] = ()  # an aspect not judged is absent
    findings: tuple[Finding, ...] = ()
    quotes: tuple[Quote, ...] = ()
    inspected: Claim | None = None  # when, in the text's words: "November and December"
    inspected_on: date | None = None  # the last day of it, only where the year is certain
    caseload: Claim | None = None  # how many people it supervises, as stated

    @property
    def claims(self) -> Direction:
        return Direction(self.direction.value) if self.direction else Direction.UNKNOWN

    @property
    def withdraws(self) -> bool:
        """Whether it takes a rating back instead of giving one."""
        return self.claims is Direction.WITHDRAWN

    @property
    def rated(self) -> bool:
        return self.overall is not None or bool(self.judgements)

    def graded(self) -> Iterator[Judgement]:
        """Every grade of the report, the overall one as the aspect `OVERALL` and first."""
        if self.overall is not None:
            yield Judgement(
                aspect=OVERALL,
                grade=self.overall.value,
                previous=self.previous.value if self.previous else None,
                evidence=self.overall.evidence,
            )
        yield from self.judgements


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A grade that stands in a text and was not taken, and why."""

    grade: str
    provider: str | None  # the body it is said of; None where the sentence names none
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What we understood of one page."""

    kind: Kind
    inspectorate: str | None
    published: date | None  # only where day, month and year stand in the text or its markup
    title: str
    reports: tuple[Report, ...] = ()
    lead: str | None = None  # two sentences of the text at most, for a story without findings
    links: tuple[str, ...] = ()  # where the main text points to, absolute
    text: str = ""  # the main text, as read: every quoted sentence stands in it
    dropped: tuple[Dropped, ...] = ()  # grades in the text that no report has
