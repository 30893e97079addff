"""Readings: what was read from a page, with the reports in it and the sentence behind each claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from digest.ratings import OVERALL
from digest.records import Origin


class Kind(StrEnum):
    """The kind of text on a page."""

    INSPECTION = "inspection"
    MULTI = "multi"  # inspections of several services in one text
    THEMATIC = "thematic"  # annual, thematic or national
    OTHER = "other"  # no report: opinion, job, event, consultation


class Direction(StrEnum):
    """The movement according to the text itself."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    UNCHANGED = "unchanged"
    FIRST = "first"
    MIXED = "mixed"
    NOT_COMPARABLE = "not-comparable"
    WITHDRAWN = "withdrawn"  # the earlier rating is withdrawn, and the text gives no new one
    UNKNOWN = "unknown"


class FindingKind(StrEnum):
    STRENGTH = "strength"
    IMPROVEMENT = "improvement"
    RECOMMENDATION = "recommendation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A value that a text states, and the sentence that states it, word for word."""

    value: str
    evidence: str
    link: str | None = None  # the page of the sentence; None: the report's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The grade given to one aspect."""

    aspect: str
    grade: str
    previous: str | None = None  # only where the text states it
    evidence: str
    link: str | None = None  # as in `Claim`


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A key sentence of the report, and the heading it stands under."""

    heading: str | None
    kind: FindingKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of a person that the text quotes."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One inspection of one provider, according to the text."""

    provider: str | None  # its name in the register or else in the text; None if the text names none
    provider_id: str | None = None  # the register's id, if a record of its publisher's data gives it
    scale: str
    overall: Claim | None = None
    previous: Claim | None = None  # the overall grade of the inspection before
    direction: Claim | None = None  # its value is a `Direction`; None if the text states none
    judgements: tuple[Judgement, ...] = ()  # of the aspects that have a grade
    findings: tuple[Finding, ...] = ()
    quotes: tuple[Quote, ...] = ()
    inspected: Claim | None = None  # the time of the visit, in the text's words: "November and December"
    inspected_on: date | None = None  # the last day of the visit; None unless the year is certain
    caseload: Claim | None = None  # how many people the provider supervises, in the text's words

    @property
    def claims(self) -> Direction:
        return Direction(self.direction.value) if self.direction else Direction.UNKNOWN

    @property
    def withdraws(self) -> bool:
        """Whether the report withdraws a rating instead of giving one."""
        return self.claims is Direction.WITHDRAWN

    @property
    def rated(self) -> bool:
        return self.overall is not None or bool(self.judgements)

    def graded(self) -> Iterator[Judgement]:
        """Every grade of the report. The overall grade comes first, as the aspect `OVERALL`."""
        if self.overall is not None:
            yield Judgement(
                aspect=OVERALL,
                grade=self.overall.value,
                previous=self.previous.value if self.previous else None,
                evidence=self.overall.evidence,
                link=self.overall.link,
            )
        yield from self.judgements


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A grade in a text that was not taken, and why."""

    grade: str
    provider: str | None  # the provider that the sentence names; None if it names none
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read from one page."""

    kind: Kind
    inspectorate: str | None
    published: date | None  # None unless the text or its markup has day, month and year
    title: str
    reports: tuple[Report, ...] = ()
    lead: str | None = None  # at most two sentences of the text, for a story without findings
    links: tuple[str, ...] = ()  # absolute, from the main text
    text: str = ""  # the main text; it contains every quoted sentence
    dropped: tuple[Dropped, ...] = ()  # grades in the text that are in no report
    number: str | None = None  # of the report, as its publisher gives it
    from_feed: bool = False  # the text is the feed's own, because the page could not be read
    origin: Origin | None = None  # the record that it was made of, if it was
