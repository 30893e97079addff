"""The edition: its stories in their sections, and the candidates that they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from digest.changes import Change
from digest.health import Facts, Health, health_of
from digest.ratings import OVERALL, Precision
from digest.records import Origin
from digest.reports import Finding, Judgement, Kind, Quote, Report
from digest.sources import Authority


class SectionKind(StrEnum):
    """The groups of an edition, in reading order."""

    CORRECTIONS = "corrections"  # of what earlier editions told, or by publishers of their own data
    UPGRADES = "upgrades"
    DOWNGRADES = "downgrades"
    WITHDRAWN = "withdrawn"  # ratings that an inspectorate has withdrawn
    STEADY = "steady"  # first ratings, unchanged, mixed and not comparable
    REPORTS = "reports"  # new reports without ratings
    COMMENTARY = "commentary"
    NEWS = "news"  # texts of inspectorates that are no reports
    ELSEWHERE = "elsewhere"  # inspections that only a blog has reported so far


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryKey:
    """The key of a candidate and its story: the item, and the number of the report in it."""

    item: int
    place: int  # 0-based; 0 also for a text without reports

    def __str__(self) -> str:
        """As operators write it: "12", or "12.1" for a further report of the item."""
        return f"{self.item}.{self.place}" if self.place else str(self.item)

    @property
    def anchor(self) -> str:
        """The id of the story's place on the page of its edition."""
        return f"story-{self.item}-{self.place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is corrected: what an earlier edition said of a report, and why that was wrong."""

    told_on: date
    told: Change | None  # the change of the overall grade that the edition told; None: it told none
    why: str  # in an operator's words
    adds: bool = False  # what was told is right; it was in doubt then, so less was told


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A text of a source, or one report in it: the fields that a candidate and its story have in common."""

    key: StoryKey
    source_name: str
    inspectorate: str | None
    inspectorate_name: str | None
    provider: str | None  # the register's id
    provider_name: str | None
    predecessors: tuple[str, ...] = ()  # names of the provider's predecessors, whose grades are not its own
    title: str
    link: str
    lead: str | None = None
    published: date | None
    found_at: datetime
    correction: Correction | None = None  # set if it corrects an earlier edition
    checked: str | None = None  # an operator's reason for grades that no sentence states
    from_feed: bool = False  # read from the feed's own words, because the page could not be read
    origin: Origin | None = None  # the record of the publisher's data that it was made of, if it was


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """The report that a candidate is, under another address and id, and what shows it."""

    key: StoryKey
    by: str  # for operators: "provider, inspection date and report number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Publication):
    """A report that may become a story, or a text without reports that may."""

    source: str
    authority: Authority
    kind: Kind
    report: Report | None
    changes: tuple[Change, ...] = ()
    links: tuple[str, ...] = ()
    by_aspects: bool = False  # the scale has no overall grade: the grades of the aspects are the rating
    ungraded: bool = False  # reports on its scale need not give a grade any more
    left_out: tuple[str, ...] = ()  # in an official text read as unrated: its grades, and why not taken
    number: str | None = None  # of the report, as its publisher gives it
    repeats: Repeated | None = None  # it was filed before: no edition tells it, and its grades enter nothing
    told_on: date | None = None  # the day of the edition that settled it; None while it waits for one
    taken_back: bool = False  # an operator rejected it after an edition had told it
    doubted: bool = False  # operators are asked about it and have not decided: its case is open

    @property
    def dated(self) -> date:
        return self.published or self.found_at.date()

    @property
    def summary(self) -> tuple[Change, ...]:
        """The change of the overall grade; on a scale without one, the changes of the aspects."""
        return tuple(c for c in self.changes if (c.aspect == OVERALL) is not self.by_aspects)

    @property
    def withdraws(self) -> bool:
        """Whether the report withdraws a rating instead of giving one."""
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
class Earlier:
    """An overall grade that the provider was given before, as it was known at the cut-off."""

    grade: str
    since: date  # the earliest day that it can be
    precision: Precision = Precision.DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Story(Publication):
    """One entry of an edition."""

    section: SectionKind
    change: Change | None = None  # of the overall grade
    evidence: str | None = None  # the sentence that states the overall grade, or its withdrawal
    aspects: tuple[Change, ...] = ()
    judgements: tuple[Judgement, ...] = ()  # the grades of the aspects, with the sentences that state them
    findings: tuple[Finding, ...] = ()
    quotes: tuple[Quote, ...] = ()
    inspected: str | None = None
    caseload: str | None = None
    reported_by: str | None = None  # the blog that reports it, if no official item was found
    first_told: date | None = None  # the day of the earlier edition that told this inspection
    commentary: tuple[Comment, ...] = ()
    late_from: date | None = None  # the day of the edition that should have carried it
    earlier: tuple[Earlier, ...] = ()  # the oldest first; the last one is `change.before`

    @classmethod
    def of(cls, candidate: Candidate, section: SectionKind, **told: Any) -> Story:
        """The story of a candidate: it has the candidate's `Publication` fields, and the fields in `told`."""
        shared = {field.name: getattr(candidate, field.name) for field in fields(Publication)}
        return cls(**shared, section=section, **told)

    @property
    def summary(self) -> tuple[Change, ...]:
        """The change of the overall grade; without one, the changes of the aspects."""
        return (self.change,) if self.change else self.aspects


@dataclass(frozen=True, slots=True, kw_only=True)
class UnopenedPage:
    """A page that a source lists and that could not be read by the cut-off."""

    item: int
    title: str
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNote:
    """How a source stood at the cut-off, so that readers know whether its silence means no news."""

    name: str
    checked_at: datetime | None
    trouble: str | None
    official: bool = True
    paused: bool = False  # by an operator
    held: int = 0  # new items that wait for an operator, because they are unusually many
    unopened: tuple[UnopenedPage, ...] = ()  # without those that an earlier edition has named

    def health(self, now: datetime) -> Health:
        """How the source stands at `now`, according to this note alone."""
        return health_of(Facts(checked_at=self.checked_at, trouble=self.trouble, paused=self.paused), now)


class Rarity(StrEnum):
    """What a closing line says of a story, the most interesting first."""

    FIRST_SINCE = "first since"  # the first of its kind, or of its area, with this grade for years
    ONLY = "only"  # the only one of its kind, or of its area, with this grade
    NONE_LEFT = "none left"  # none of its kind, or of its area, has the grade before any more
    LAST_RATED = "last rated"  # all others of its kind had a rating before
    IN_QUARTER = "in quarter"  # one of several of its kind that editions have told with this grade
    IN_YEAR = "in year"
    FIRST_OF_ITS_OWN = "first of its own"  # it never had this grade before
    AGAIN = "again"  # it has a grade again that it had years ago
    IN_A_ROW = "in a row"  # it was given the same grade at each of its last inspections


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A rating that makes a closing line true."""

    provider: str
    name: str
    inspectorate: str
    grade: str
    since: date  # the earliest day that it can be
    precision: Precision = Precision.DAY
    link: str  # what states it
    key: StoryKey | None = None  # the report that gave it; None: the register or data states it
    told_on: date | None = None  # the day of the edition that told it


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingLine:
    """Something about a story of the day that follows from the ratings that we hold."""

    rarity: Rarity
    story: StoryKey
    counts: tuple[StoryKey, ...]  # the stories of the same edition without which it is not true
    name: str
    kind: str
    area: str = ""  # empty: it is about all of the kind
    grade: str
    number: int = 0  # how many there are, or which one it is
    since: date | None = None  # the earliest day that it can be
    precision: Precision = Precision.DAY
    proof: tuple[Proof, ...]  # the rating of the story first


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """A closing line of an earlier edition that counted a rating which a story corrects."""

    story: StoryKey  # the correction
    day: date
    line: ClosingLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many ratings of an inspectorate moved."""

    inspectorate: str
    name: str
    up: int = 0
    down: int = 0
    mixed: int = 0  # some aspects went up, others down
    withdrawn: int = 0

    @property
    def moves(self) -> int:
        return self.up + self.down + self.mixed + self.withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekMove:
    """A rating that moved in a week, as an edition told it."""

    day: date
    key: StoryKey
    provider: str | None
    name: str
    inspectorate: str
    inspectorate_name: str
    move: str  # a field of `Tally`
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoreboard:
    """What moved in the editions of a week, from Saturday to Friday."""

    since: date
    until: date
    tallies: tuple[Tally, ...] = ()  # of the days before this edition's own
    moves: tuple[WeekMove, ...] = ()  # the biggest of these days, and all of this edition; the biggest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What an edition has at its end, as operators want it."""

    closing_line: bool = True
    scoreboard: bool = True


NO_ENDING: Final = Ending(closing_line=False, scoreboard=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    kind: SectionKind
    stories: tuple[Story, ...]  # never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One day's edition. Once it is sealed, only interventions of operators change it, until it goes."""

    day: date
    cutoff: datetime
    sections: tuple[Section, ...] = ()
    sources: tuple[SourceNote, ...] = ()
    note: str | None = None  # the editors' note to all readers
    closing: tuple[ClosingLine, ...] = ()  # at most one for each story, the most interesting first
    lines_taken_back: tuple[TakenBack, ...] = ()
    scoreboard: Scoreboard | None = None  # of the week that has ended; None: it is told on another day

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
