"""The assembly: which story stands where, and what is told once.

Only an inspectorate's own text makes a movement. A blog's retelling joins the official story; where no
official item was seen it stands in for it, under the blog's name, and never enters the rating history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from digest.changes import Change, Movement
from digest.edition import (
    Comment,
    Edition,
    Filing,
    SectionKind,
    SourceNote,
    Story,
    StoryKey,
    in_sections,
)
from digest.matching import (
    adds_nothing,
    comments_on,
    conflicts,
    grades_of,
    repeats,
    same_inspection,
    tells_inspection,
)
from digest.ratings import OVERALL
from digest.reports import Kind
from digest.schedule import Timetable
from digest.sources import Authority

_VERDICTS: Final = frozenset(
    {SectionKind.CORRECTIONS, SectionKind.UPGRADES, SectionKind.DOWNGRADES, SectionKind.STEADY}
)
"""The sections whose stories pass a verdict."""

_MOVED: Final = frozenset({Movement.UPGRADE, Movement.DOWNGRADE})


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
    for filing in sorted(officials, key=lambda f: -len(grades_of(f))):
        desk.official(filing)
    blogs = [f for f in fresh if f.authority is Authority.BLOG]
    # A post's own reports come before what it says besides, which has nothing to add once they are told.
    for filing in sorted(blogs, key=lambda f: not tells_inspection(f)):
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
        again = (f for f in others if repeats(filing, f))
        covers = (f for f in same if adds_nothing(filing, f))
        if not any(f.authority is Authority.OFFICIAL for f in (*again, *covers)):
            self._place(filing, first_told=_first_told(same))

    def blog(self, filing: Filing) -> None:
        """Let a blog's text join what it speaks of, stand in for it, or stand under commentary."""
        if any(repeats(filing, other) for other in self._posts):
            return
        self._posts.append(filing)
        here = [i for i, (other, _) in enumerate(self._placed) if comments_on(filing, other)]
        before = [f for f in self._told if comments_on(filing, f)]
        self._note_conflicts(filing, [self._placed[i][0] for i in here] + before)
        for i in here:
            self._join(i, filing)
        if not here and not before and tells_inspection(filing):
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
    for aspect in conflicts(said, official):
        subject = "" if aspect == OVERALL else f"{aspect}: "
        reason = (
            f"{subject}{said.source_name} says {grades_of(said)[aspect]}; "
            f"{official.source_name} says {grades_of(official)[aspect]}"
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
