"""The edition: which story stands where, what is told once, and what each subscriber sees of it.

Only an inspectorate's own text makes a movement. A blog's retelling joins the official story; where no
official item was seen it stands in for it, under the blog's name, and never enters the rating history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.changes import Change, Movement
from digest.items import canonical_link
from digest.ratings import OVERALL
from digest.reports import Finding, Kind, Quote, Report
from digest.sources import Authority
from digest.subscriptions import Wishes


class SectionKind(StrEnum):
    """The groups of an edition, in reading order."""

    UPGRADES = "upgrades"
    DOWNGRADES = "downgrades"
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
class Filing:
    """One report as we hold it, or a text without reports, before it is anybody's story."""

    key: StoryKey
    source: str
    source_name: str
    authority: Authority
    kind: Kind
    inspectorate: str | None
    inspectorate_name: str | None
    provider: str | None  # the register's id
    provider_name: str | None
    title: str
    link: str
    published: date | None
    found_at: datetime
    report: Report | None
    changes: tuple[Change, ...] = ()
    lead: str | None = None
    links: tuple[str, ...] = ()
    by_aspects: bool = False  # the scale has no overall grade: its aspects are the verdict
    told_on: date | None = None  # the edition that carried it; None while it waits for one

    @property
    def dated(self) -> date:
        return self.published or self.found_at.date()

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
class Story:
    """One entry of an edition."""

    key: StoryKey
    section: SectionKind
    title: str
    link: str
    source_name: str
    inspectorate: str | None
    inspectorate_name: str | None
    provider: str | None
    provider_name: str | None
    published: date | None
    found_at: datetime
    change: Change | None = None  # of the overall grade
    evidence: str | None = None  # the sentence that carries the overall grade
    aspects: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    quotes: tuple[Quote, ...] = ()
    lead: str | None = None
    inspected: str | None = None
    caseload: str | None = None
    reported_by: str | None = None  # a blog stands in: no official item was seen
    first_told: date | None = None  # an earlier edition told this inspection in other words
    commentary: tuple[Comment, ...] = ()
    late_from: date | None = None  # the edition that should have carried it


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNote:
    """One line on a source's health, so that silence can be trusted."""

    name: str
    checked_at: datetime | None
    trouble: str | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something for the operators' review list."""

    key: StoryKey
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What the cut-off brings: the edition, every filing it settles, and what operators should look at."""

    edition: Edition
    settled: tuple[StoryKey, ...]
    doubts: tuple[Doubt, ...]


SAME_INSPECTION_WITHIN: Final = timedelta(days=45)
"""Retellings come within days; the next inspection of the same provider takes most of a year."""


def same_inspection(one: Filing, other: Filing) -> bool:
    """Whether two texts tell the same inspection: one links to the other, or provider and time agree."""
    if _links_to(one, other) or _links_to(other, one):
        return one.provider is None or other.provider is None or one.provider == other.provider
    if one.provider is None or one.provider != other.provider:
        return False
    bodies = {one.inspectorate, other.inspectorate} - {None}
    return len(bodies) < 2 and abs(one.dated - other.dated) <= SAME_INSPECTION_WITHIN


def _links_to(one: Filing, other: Filing) -> bool:
    target = canonical_link(other.link)
    return any(canonical_link(link) == target for link in one.links)


def assemble(
    day: date,
    *,
    cutoff: datetime,
    previous_cutoff: datetime,
    waiting: Iterable[Filing],
    told: Sequence[Filing],
    sources: Iterable[SourceNote],
) -> Assembly:
    """The day's edition from the filings that wait for one.

    `told` holds the filings that earlier editions carried, far enough back for `same_inspection`. What was
    found before `previous_cutoff` missed its edition and is marked late.
    """
    filings = sorted(waiting, key=lambda f: (f.found_at, f.key.item, f.key.place))
    desk = _Desk(tuple(told), previous_cutoff=previous_cutoff)
    for filing in filings:
        if filing.authority is Authority.OFFICIAL:
            desk.official(filing)
    for filing in filings:
        if filing.authority is Authority.BLOG:
            desk.blog(filing)
    edition = Edition(day=day, cutoff=cutoff, sections=_sections(desk.stories()), sources=tuple(sources))
    return Assembly(edition=edition, settled=tuple(f.key for f in filings), doubts=tuple(desk.doubts))


class _Desk:
    """Where filings become stories or join one; holds nothing beyond one call of `assemble`."""

    def __init__(self, told: tuple[Filing, ...], *, previous_cutoff: datetime) -> None:
        self._told = told
        self._previous_cutoff = previous_cutoff
        self._placed: list[tuple[Filing, Story]] = []
        self.doubts: list[Doubt] = []

    def stories(self) -> list[Story]:
        return [story for _, story in self._placed]

    def official(self, filing: Filing) -> None:
        ours = [f for f, _ in self._placed] + list(self._told)
        same = [f for f in ours if _same_report(filing, f)]
        # The same release listed twice, by two sources or under two links, is told once.
        if any(f.authority is Authority.OFFICIAL and f.grade == filing.grade for f in same):
            return
        first_told = min((f.told_on for f in same if f.told_on), default=None)
        self._place(filing, first_told=first_told)

    def blog(self, filing: Filing) -> None:
        for index, (other, story) in enumerate(self._placed):
            if same_inspection(filing, other):
                self._note_disagreement(filing, other)
                comment = _comment(filing)
                if comment.key.item not in {c.key.item for c in story.commentary}:
                    joined = replace(story, commentary=(*story.commentary, comment))
                    self._placed[index] = (other, joined)
                return
        earlier = next((f for f in self._told if same_inspection(filing, f)), None)
        if earlier is not None:
            self._note_disagreement(filing, earlier)
            self._place(filing, first_told=earlier.told_on, section=SectionKind.COMMENTARY)
        elif filing.provider is not None and filing.report is not None:
            self._place(filing, reported_by=filing.source_name)
        else:
            self._place(filing, section=SectionKind.COMMENTARY)

    def _note_disagreement(self, blog: Filing, official: Filing) -> None:
        if (
            official.authority is Authority.OFFICIAL
            and blog.grade
            and official.grade
            and blog.grade != official.grade
        ):
            reason = f"{blog.source_name} says {blog.grade}; {official.source_name} says {official.grade}"
            self.doubts.append(Doubt(key=blog.key, reason=reason))

    def _place(
        self,
        filing: Filing,
        *,
        section: SectionKind | None = None,
        reported_by: str | None = None,
        first_told: date | None = None,
    ) -> None:
        story = _story(filing, section or _section_of(filing))
        late = filing.found_at <= self._previous_cutoff
        story = replace(
            story,
            reported_by=reported_by,
            first_told=first_told,
            late_from=filing.found_at.date() if late else None,
        )
        self._placed.append((filing, story))


def _same_report(one: Filing, other: Filing) -> bool:
    if one.report is None or other.report is None:
        return canonical_link(one.link) == canonical_link(other.link)
    return one.provider is not None and one.provider == other.provider and same_inspection(one, other)


def _section_of(filing: Filing) -> SectionKind:
    if filing.kind is Kind.OTHER:
        return SectionKind.COMMENTARY if filing.authority is Authority.BLOG else SectionKind.NEWS
    movements = {change.movement for change in _leading(filing)}
    if movements == {Movement.UPGRADE}:
        return SectionKind.UPGRADES
    if movements == {Movement.DOWNGRADE}:
        return SectionKind.DOWNGRADES
    return SectionKind.STEADY if filing.changes else SectionKind.REPORTS


def _leading(filing: Filing) -> tuple[Change, ...]:
    """The changes that place a story: the overall grade's, or every aspect's on a scale without overall."""
    overall = tuple(c for c in filing.changes if c.aspect == OVERALL)
    if overall or not filing.by_aspects:
        # Aspects carry no verdict on the service where the scale has an overall grade for that.
        return overall
    moved = tuple(c for c in filing.changes if c.movement in (Movement.UPGRADE, Movement.DOWNGRADE))
    return moved or filing.changes


def _story(filing: Filing, section: SectionKind) -> Story:
    report = filing.report
    overall = next((c for c in filing.changes if c.aspect == OVERALL), None)
    return Story(
        key=filing.key,
        section=section,
        title=filing.title,
        link=filing.link,
        source_name=filing.source_name,
        inspectorate=filing.inspectorate,
        inspectorate_name=filing.inspectorate_name,
        provider=filing.provider,
        provider_name=filing.provider_name,
        published=filing.published,
        found_at=filing.found_at,
        change=overall,
        evidence=report.overall.evidence if report and report.overall else None,
        aspects=tuple(c for c in filing.changes if c.aspect != OVERALL),
        findings=report.findings if report else (),
        quotes=report.quotes if report else (),
        lead=filing.lead,
        inspected=report.inspected.value if report and report.inspected else None,
        caseload=report.caseload.value if report and report.caseload else None,
    )


def _comment(filing: Filing) -> Comment:
    return Comment(key=filing.key, source_name=filing.source_name, title=filing.title, link=filing.link)


def _sections(stories: Iterable[Story]) -> tuple[Section, ...]:
    placed = list(stories)
    groups = ((kind, tuple(s for s in placed if s.section is kind)) for kind in SectionKind)
    return tuple(Section(kind=kind, stories=group) for kind, group in groups if group)


def address(edition: Edition, missed: Iterable[Edition], wishes: Wishes) -> Edition | None:
    """What one subscriber sees: today's stories and those of the editions they were not surely given.

    None where nothing is left after their wishes: then nothing is sent. `missed` comes oldest first.
    """
    late = [replace(s, late_from=s.late_from or m.day) for m in missed for s in m.stories]
    stories: dict[StoryKey, Story] = {}
    for story in (*edition.stories, *late):
        if wanted(story, wishes):
            stories.setdefault(story.key, story if wishes.commentary else replace(story, commentary=()))
    if not stories:
        return None
    return replace(edition, sections=_sections(stories.values()))


def wanted(story: Story, wishes: Wishes) -> bool:
    """Whether a story is one of those a subscriber asked to hear of."""
    if story.section is SectionKind.COMMENTARY and not wishes.commentary:
        return False
    if wishes.movements_only and story.section not in (SectionKind.UPGRADES, SectionKind.DOWNGRADES):
        return False
    if wishes.inspectorates and story.inspectorate not in wishes.inspectorates:
        return False
    return not wishes.providers or story.provider in wishes.providers
