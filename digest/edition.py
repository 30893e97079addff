"""The edition: which story stands where, and what is told once.

Only an inspectorate's own text makes a movement. A blog's retelling joins the official story; where no
official item was seen it stands in for it, under the blog's name, and never enters the rating history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from digest.changes import SAME_INSPECTION_WITHIN, Change, Movement
from digest.items import canonical_link
from digest.ratings import OVERALL
from digest.reports import Finding, Judgement, Kind, Quote, Report
from digest.schedule import Timetable
from digest.sources import Authority


class SectionKind(StrEnum):
    """The groups of an edition, in reading order."""

    CORRECTIONS = "corrections"  # of what an earlier edition told
    UPGRADES = "upgrades"
    DOWNGRADES = "downgrades"
    STEADY = "steady"  # first ratings, unchanged, mixed and not comparable
    REPORTS = "reports"  # new reports without ratings
    COMMENTARY = "commentary"
    NEWS = "news"  # what an inspectorate published that is no report


_VERDICTS: Final = frozenset(
    {SectionKind.CORRECTIONS, SectionKind.UPGRADES, SectionKind.DOWNGRADES, SectionKind.STEADY}
)
"""The sections whose stories pass a verdict."""

_MOVED: Final = frozenset({Movement.UPGRADE, Movement.DOWNGRADE})


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryKey:
    """The report that a story tells: an item, and the place of the report in it."""

    item: int
    place: int  # 0-based; 0 also for a text without reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """That an edition told a report otherwise than it is."""

    told_on: date
    told: Change | None  # of the overall grade, as it was told; None where none was
    why: str  # in an operator's words


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
    predecessors: tuple[str, ...] = ()  # names of the bodies it followed, whose grades are not its own
    changes: tuple[Change, ...] = ()
    lead: str | None = None
    links: tuple[str, ...] = ()
    by_aspects: bool = False  # the scale has no overall grade: its aspects are the verdict
    told_on: date | None = None  # the edition that carried it; None while it waits for one
    correction: Correction | None = None  # an earlier edition told it, and told it wrong

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
    predecessors: tuple[str, ...] = ()
    change: Change | None = None  # of the overall grade
    evidence: str | None = None  # the sentence that carries the overall grade
    aspects: tuple[Change, ...] = ()
    judgements: tuple[Judgement, ...] = ()  # of the aspects: the sentences that carry their grades
    findings: tuple[Finding, ...] = ()
    quotes: tuple[Quote, ...] = ()
    lead: str | None = None
    inspected: str | None = None
    caseload: str | None = None
    reported_by: str | None = None  # a blog stands in: no official item was seen
    first_told: date | None = None  # an earlier edition told this inspection in other words
    commentary: tuple[Comment, ...] = ()
    late_from: date | None = None  # the edition that should have carried it
    correction: Correction | None = None


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


def same_inspection(one: Filing, other: Filing) -> bool:
    """Whether two reports tell the same inspection: provider and time agree, or one text links to the other.

    A link may also lead to the inspection before: across more than `SAME_INSPECTION_WITHIN` it counts only
    where no grade differs, and between an inspectorate's own texts, which look back, it does not count.
    """
    if not (_reports_inspection(one) and _reports_inspection(other)) or _bodies_differ(one, other):
        return False
    if _visits_differ(one, other):
        return False
    official = one.authority is other.authority is Authority.OFFICIAL
    linked = not official and (_links_to(one, other) or _links_to(other, one))
    if one.provider is None or other.provider is None:
        return linked
    near = abs(one.dated - other.dated) <= SAME_INSPECTION_WITHIN
    return one.provider == other.provider and (near or (linked and not _conflicts(one, other)))


def _reports_inspection(filing: Filing) -> bool:
    """What else is written, national reports included, passes no verdict on anybody."""
    return filing.report is not None and filing.kind in (Kind.INSPECTION, Kind.MULTI)


def _tells_inspection(filing: Filing) -> bool:
    """Whether it reports the inspection of a provider that it names."""
    return _reports_inspection(filing) and filing.provider is not None


def _visits_differ(one: Filing, other: Filing) -> bool:
    first, second = (f.report.inspected_on if f.report else None for f in (one, other))
    return first is not None and second is not None and abs(first - second) > SAME_INSPECTION_WITHIN


def _bodies_differ(one: Filing, other: Filing) -> bool:
    return None not in (one.inspectorate, other.inspectorate) and one.inspectorate != other.inspectorate


def _links_to(one: Filing, other: Filing) -> bool:
    target = canonical_link(other.link)
    return any(canonical_link(link) == target for link in one.links)


def _grades(filing: Filing) -> dict[str, str]:
    """The grade of each aspect that the filing's report states."""
    return {j.aspect: j.grade for j in filing.report.graded()} if filing.report else {}


def _conflicts(one: Filing, other: Filing) -> list[str]:
    """The aspects that two filings grade differently."""
    grades, others = _grades(one), _grades(other)
    return [aspect for aspect in grades if grades[aspect] != others.get(aspect, grades[aspect])]


def _repeats(filing: Filing, other: Filing) -> bool:
    """Whether a text is the other, listed by two sources or under two links.

    The link alone does not tell: some feeds give all their items the same one (FIELD F05). A title alone does
    not either: "Reports published this week" comes every week.
    """
    if filing.key.item == other.key.item or filing.provider != other.provider:
        return False
    title, told = (" ".join(f.title.split()).casefold() for f in (filing, other))
    if canonical_link(filing.link) == canonical_link(other.link):
        # GOV.UK's organisation feeds put the type of document before the title; its finders do not.
        same_title = title.endswith(told) or told.endswith(title)
        same_words = filing.report is not None or filing.lead == other.lead
        return same_title and same_words and _grades(filing).items() <= _grades(other).items()
    words = filing.published, filing.lead, filing.report
    return title == told and words == (other.published, other.lead, other.report) and any(words[1:])


def _adds_nothing(filing: Filing, other: Filing) -> bool:
    """Whether a report of the same inspection passes no verdict that the other has not passed."""
    grades, others = _grades(filing), _grades(other)
    if OVERALL in grades and OVERALL in others:
        return grades[OVERALL] == others[OVERALL]
    return bool(grades) and grades.items() <= others.items()


def assemble(
    day: date,
    timetable: Timetable,
    *,
    waiting: Iterable[Filing],
    told: Iterable[Filing],
    sources: Iterable[SourceNote],
) -> Assembly:
    """The day's edition from the filings that wait for one.

    `told` holds the filings that earlier editions carried, at least as far back as `SAME_INSPECTION_WITHIN`.
    What was found in an earlier edition's window missed it and is marked late. Every filing that waits is
    settled: it has its own story, joins one, or repeats one word for word.
    """
    filings = sorted(waiting, key=_order)
    desk = _Desk(day, timetable, sorted(told, key=_order))
    for filing in filings:
        if filing.correction:
            desk.correction(filing)
    fresh = [f for f in filings if not f.correction]
    officials = [f for f in fresh if f.authority is Authority.OFFICIAL]
    # The fullest report of an inspection is its story; a release that repeats part of it has nothing to add.
    for filing in sorted(officials, key=lambda f: -len(_grades(f))):
        desk.official(filing)
    blogs = [f for f in fresh if f.authority is Authority.BLOG]
    # A post's own reports come before what it says besides, which has nothing to add once they are told.
    for filing in sorted(blogs, key=lambda f: not _tells_inspection(f)):
        desk.blog(filing)
    return Assembly(
        edition=Edition(
            day=day,
            cutoff=timetable.cutoff_of(day),
            sections=in_sections(desk.stories()),
            sources=tuple(sources),
        ),
        settled=tuple(f.key for f in filings),
        doubts=tuple(dict.fromkeys(desk.doubts)),
    )


def _order(filing: Filing) -> tuple[datetime, int, int]:
    return filing.found_at, filing.key.item, filing.key.place


class _Desk:
    """Where filings become stories or join one; holds nothing beyond one call of `assemble`."""

    def __init__(self, day: date, timetable: Timetable, told: Sequence[Filing]) -> None:
        self._day = day
        self._timetable = timetable
        self._told = told
        self._placed: list[tuple[Filing, Story]] = []
        self._posts = [f for f in told if f.authority is Authority.BLOG]
        self._shown: set[int] = set()  # items of blogs that the edition links to
        self.doubts: list[Doubt] = []

    def stories(self) -> list[Story]:
        """In the order in which they were found, official ones first."""
        placed = sorted(self._placed, key=lambda p: (p[0].authority is Authority.BLOG, _order(p[0])))
        return [story for _, story in placed]

    def correction(self, filing: Filing) -> None:
        """Tell again, and right, what an edition told wrong; whoever wrote it, whatever else tells of it."""
        by = filing.source_name if filing.authority is Authority.BLOG else None
        self._place(filing, section=SectionKind.CORRECTIONS, reported_by=by if filing.report else None)

    def official(self, filing: Filing) -> None:
        """Tell an inspectorate's text, unless it was told before."""
        others = [*self._told, *(f for f, _ in self._placed)]
        same = [f for f in others if same_inspection(filing, f)]
        self._note_conflicts(filing, same)
        repeats = (f for f in others if _repeats(filing, f))
        covers = (f for f in same if _adds_nothing(filing, f))
        if not any(f.authority is Authority.OFFICIAL for f in (*repeats, *covers)):
            self._place(filing, first_told=_first_told(same))

    def blog(self, filing: Filing) -> None:
        """Let a blog's text join what it speaks of, stand in for it, or stand under commentary."""
        if any(_repeats(filing, other) for other in self._posts):
            return
        self._posts.append(filing)
        here = [i for i, (other, _) in enumerate(self._placed) if _comments_on(filing, other)]
        before = [f for f in self._told if _comments_on(filing, f)]
        self._note_conflicts(filing, [self._placed[i][0] for i in here] + before)
        for i in here:
            self._join(i, filing)
        if not here and not before and _tells_inspection(filing):
            self._place(_on_its_own_word(filing), reported_by=filing.source_name)
        elif not here and filing.key.item not in self._shown:
            self._place(filing, section=SectionKind.COMMENTARY, first_told=_first_told(before))
        self._shown.add(filing.key.item)

    def _join(self, index: int, filing: Filing) -> None:
        other, story = self._placed[index]
        if filing.key.item not in {story.key.item, *(c.key.item for c in story.commentary)}:
            commentary = (*story.commentary, _comment(filing))
            self._placed[index] = other, replace(story, commentary=commentary)

    def _note_conflicts(self, filing: Filing, others: Iterable[Filing]) -> None:
        """Name to operators what an inspectorate's text and another say differently of one inspection."""
        for other in others:
            pair = sorted((filing, other), key=lambda f: f.authority is Authority.OFFICIAL)
            if pair[1].authority is Authority.OFFICIAL and filing.provider == other.provider is not None:
                self.doubts.extend(_doubts(*pair))

    def _place(
        self,
        filing: Filing,
        *,
        section: SectionKind | None = None,
        reported_by: str | None = None,
        first_told: date | None = None,
    ) -> None:
        due = self._timetable.edition_of(filing.found_at)
        story = replace(
            _story(filing, section or _section_of(filing)),
            reported_by=reported_by,
            first_told=first_told,
            late_from=due if due < self._day and not filing.correction else None,
        )
        self._placed.append((filing, story))


def _first_told(filings: Iterable[Filing]) -> date | None:
    return min((f.told_on for f in filings if f.told_on), default=None)


def _comments_on(blog: Filing, other: Filing) -> bool:
    """Whether a blog's text belongs under the other: it retells that inspection, or speaks of it and links.

    A blog's report of one inspection that merely links to a text about something else is news of its own,
    and what another blog thinks is nothing to stand under.
    """
    if other.authority is Authority.BLOG and not _tells_inspection(other):
        return False
    if same_inspection(blog, other):
        return True
    return not _tells_inspection(blog) and _links_to(blog, other)


def _on_its_own_word(filing: Filing) -> Filing:
    """A blog's filing without the movements that anything we hold speaks against."""
    return replace(
        filing,
        changes=tuple(
            replace(change, movement=Movement.NOT_COMPARABLE) if change.review else change
            for change in filing.changes
        ),
    )


def _doubts(said: Filing, official: Filing) -> Iterator[Doubt]:
    for aspect in _conflicts(said, official):
        subject = "" if aspect == OVERALL else f"{aspect}: "
        reason = (
            f"{subject}{said.source_name} says {_grades(said)[aspect]}; "
            f"{official.source_name} says {_grades(official)[aspect]}"
        )
        yield Doubt(key=said.key, reason=reason)


def _section_of(filing: Filing) -> SectionKind:
    if filing.kind is Kind.OTHER:
        return SectionKind.COMMENTARY if filing.authority is Authority.BLOG else SectionKind.NEWS
    if filing.kind is Kind.THEMATIC or not filing.changes:
        return SectionKind.REPORTS
    movements = {change.movement for change in _leading(filing)}
    if movements == {Movement.UPGRADE}:
        return SectionKind.UPGRADES
    if movements == {Movement.DOWNGRADE}:
        return SectionKind.DOWNGRADES
    return SectionKind.STEADY


def _leading(filing: Filing) -> tuple[Change, ...]:
    """The changes that place a story: the overall grade's, or those that moved on a scale without overall."""
    if not filing.by_aspects:
        # Aspects carry no verdict on the service where the scale has an overall grade for that.
        return tuple(c for c in filing.changes if c.aspect == OVERALL)
    return tuple(c for c in filing.changes if c.movement in _MOVED)


def _story(filing: Filing, section: SectionKind) -> Story:
    report = filing.report
    # Only an inspection's own story passes a verdict: commentary and national texts quote those of others.
    verdict = report if section in _VERDICTS else None
    changes = filing.changes if verdict else ()
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
        predecessors=filing.predecessors,
        published=filing.published,
        found_at=filing.found_at,
        change=next((c for c in changes if c.aspect == OVERALL), None),
        evidence=verdict.overall.evidence if verdict and verdict.overall else None,
        aspects=tuple(c for c in changes if c.aspect != OVERALL),
        judgements=verdict.judgements if verdict else (),
        findings=report.findings if report else (),
        quotes=report.quotes if report else (),
        lead=filing.lead,
        inspected=report.inspected.value if report and report.inspected else None,
        caseload=report.caseload.value if report and report.caseload else None,
        correction=filing.correction,
    )


def _comment(filing: Filing) -> Comment:
    return Comment(key=filing.key, source_name=filing.source_name, title=filing.title, link=filing.link)


def in_sections(stories: Iterable[Story]) -> tuple[Section, ...]:
    """Stories in the sections they belong to, none of which is empty."""
    placed = list(stories)
    groups = ((kind, tuple(s for s in placed if s.section is kind)) for kind in SectionKind)
    return tuple(Section(kind=kind, stories=group) for kind, group in groups if group)
