"""The edition: its stories in their sections, and the candidates that they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from digest.changes import Change
from digest.health import Facts, Health, health_of
from digest.ratings import OVERALL
from digest.reports import Finding, Judgement, Kind, Quote, Report
from digest.sources import Authority


class SectionKind(StrEnum):
    """The groups of an edition, in reading order."""

    CORRECTIONS = "corrections"  # of what an earlier edition told
    UPGRADES = "upgrades"
    DOWNGRADES = "downgrades"
    WITHDRAWN = "withdrawn"  # ratings that an inspectorate took back
    STEADY = "steady"  # first ratings, unchanged, mixed and not comparable
    REPORTS = "reports"  # new reports without ratings
    COMMENTARY = "commentary"
    NEWS = "news"  # what an inspectorate published that is no report


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryKey:
    """The report that a story tells: an item, and the place of the report in it."""

    item: int
    place: int  # 0-based; 0 also for a text without reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an edition said of a report that it now corrects."""

    told_on: date
    told: Change | None  # of the overall grade, as it was told; None where none was
    why: str  # in an operator's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One text of a source on one provider, or on none: what a candidate and its story have in common."""

    key: StoryKey
    source_name: str
    inspectorate: str | None
    inspectorate_name: str | None
    provider: str | None  # the register's id
    provider_name: str | None
    predecessors: tuple[str, ...] = ()  # names of the bodies it followed, whose grades are not its own
    title: str
    link: str
    lead: str | None = None
    published: date | None
    found_at: datetime
    correction: Correction | None = None  # an earlier edition got it wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Publication):
    """One report as we hold it, or a text without reports, before an edition tells it."""

    source: str
    authority: Authority
    kind: Kind
    report: Report | None
    changes: tuple[Change, ...] = ()
    links: tuple[str, ...] = ()
    by_aspects: bool = False  # the scale has no overall grade: the grades of its aspects stand for it
    left_out: tuple[str, ...] = ()  # of an official text without a rating: its grades, why none was taken
    told_on: date | None = None  # the edition that carried it; None while it waits for one
    taken_back: bool = False  # earlier editions should not have told it

    @property
    def dated(self) -> date:
        return self.published or self.found_at.date()

    @property
    def summary(self) -> tuple[Change, ...]:
        """The changes that speak for the whole service: of aspects only on a scale without overall grade."""
        return tuple(c for c in self.changes if (c.aspect == OVERALL) is not self.by_aspects)

    @property
    def withdraws(self) -> bool:
        """Whether it takes a rating back instead of giving one."""
        return self.report is not None and self.report.withdraws

    @property
    def grade(self) -> str | None:
        return self.report.overall.value if self.report and self.report.overall else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a blog wrote about a story."""

    key: StoryKey
    source_name: str
    title: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story(Publication):
    """One entry of an edition."""

    section: SectionKind
    change: Change | None = None  # of the overall grade
    evidence: str | None = None  # the sentence that carries the overall grade, or takes it back
    aspects: tuple[Change, ...] = ()
    judgements: tuple[Judgement, ...] = ()  # of the aspects: the sentences that carry their grades
    findings: tuple[Finding, ...] = ()
    quotes: tuple[Quote, ...] = ()
    inspected: str | None = None
    caseload: str | None = None
    reported_by: str | None = None  # the blog that reports it; no official item was seen
    first_told: date | None = None  # an earlier edition told this inspection in other words
    commentary: tuple[Comment, ...] = ()
    late_from: date | None = None  # the edition that should have carried it

    @classmethod
    def of(cls, candidate: Candidate, section: SectionKind, **told: Any) -> Story:
        """The story of a candidate: the publication as it is, and `told` of what it says."""
        shared = {field.name: getattr(candidate, field.name) for field in fields(Publication)}
        return cls(**shared, section=section, **told)

    @property
    def summary(self) -> tuple[Change, ...]:
        """The changes that speak for the whole service: of the aspects only where there is no overall one."""
        return (self.change,) if self.change else self.aspects


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNote:
    """One line on a source's health, so that silence can be trusted."""

    name: str
    checked_at: datetime | None
    trouble: str | None

    def health(self, now: datetime) -> Health:
        """How the source stands at an instant, by this note alone."""
        return health_of(Facts(checked_at=self.checked_at, trouble=self.trouble), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    kind: SectionKind
    stories: tuple[Story, ...]  # never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The one daily issue; sealed once assembled."""

    day: date
    cutoff: datetime
    sections: tuple[Section, ...] = ()
    sources: tuple[SourceNote, ...] = ()

    @property
    def stories(self) -> tuple[Story, ...]:
        return tuple(story for section in self.sections for story in section.stories)

    @property
    def empty(self) -> bool:
        return not self.sections


def in_sections(stories: Iterable[Story]) -> tuple[Section, ...]:
    """Stories in the sections they belong to, none of which is empty."""
    placed = list(stories)
    groups = ((kind, tuple(s for s in placed if s.section is kind)) for kind in SectionKind)
    return tuple(Section(kind=kind, stories=group) for kind, group in groups if group)
