"""The assembly: it makes an edition of candidates, puts each story in its section, and tells nothing twice.

Only an inspectorate's own text makes a movement. A blog's report of an inspection joins the official story.
If no official item was found, it becomes a story under the blog's name, and its grades enter no history.

What is doubted is never told as a fact: `as_told` says what of a candidate may be told. Editions, previews,
alerts and everything that is made of them get their stories here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from digest.changes import Movement, not_comparable
from digest.edition import (
    Candidate,
    Comment,
    Edition,
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
from digest.records import Cause
from digest.reports import Kind, Report
from digest.schedule import Timetable
from digest.sources import Authority

_RATED: Final = frozenset(
    {
        SectionKind.CORRECTIONS,
        SectionKind.UPGRADES,
        SectionKind.DOWNGRADES,
        SectionKind.WITHDRAWN,
        SectionKind.STEADY,
        SectionKind.ELSEWHERE,
    }
)
"""The sections whose stories show a rating."""


_MOVES: Final = re.compile(
    r"""
      \b(?:upgrad|downgrad)\w*
    | \b(?:up|down)\ (?:from|to)\b
    | \b(?:went|gone|going|mov(?:e|es|ed|ing))\ (?:up|down)\b
    | \b(?:improv|declin|deteriorat|worsen|rais|rise|risen|rose|lower|drop|fall|fell|slip)\w*
      \ (?:(?:its|their|the|our)\ )?(?:overall\ )?(?:from|to|since|ratings?|grades?)\b
    | \b(?:ratings?|grades?)\b[^.;:]{0,40}
      \ (?:improv|declin|deteriorat|worsen|rais|rise|rose|lower|fall|fell)\w*
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words that say of a rating that it has moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A question for the operators' review list."""

    key: StoryKey
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The result at the cut-off: the edition, the candidates that it settles, and questions for operators."""

    edition: Edition
    settled: tuple[StoryKey, ...]
    doubts: tuple[Doubt, ...]
    in_part: tuple[Candidate, ...] = ()  # candidates of which the edition tells a part, as it tells them


def as_told(candidate: Candidate) -> Candidate:
    """What may be told of a candidate: nothing has moved while its case is open or if only a blog says so.

    Its grades stay, each with its sentence, as "not comparable" and without the grade before. A withdrawal in
    doubt withdraws nothing. Lead, findings and quotes of a report in doubt are left out if they name a
    movement or an earlier grade or, where none of its grades can be told, any grade.
    """
    if not candidate.doubted and candidate.authority is Authority.OFFICIAL:
        return candidate
    changes = tuple(not_comparable(change) for change in candidate.changes if change.after is not None)
    told = replace(candidate, changes=changes, doubted=False)
    if not candidate.doubted:
        return told
    told = _without_texts(told, _MOVES)
    if changes:
        before = {change.before for change in candidate.changes if change.before}
        return _without_words(told, before - {change.after for change in changes})
    left_out = (grade.partition(":")[0] for grade in candidate.left_out)
    return _without_words(told, {*left_out, *grades_of(candidate).values()})


def _without(candidate: Candidate, aspects: Collection[str]) -> Candidate:
    """The candidate without its grades of these aspects: two official texts on the inspection differ."""
    report = candidate.report
    if report is None or not aspects:
        return candidate
    overall = None if OVERALL in aspects else report.overall
    judgements = tuple(j for j in report.judgements if j.aspect not in aspects)
    told = replace(
        candidate,
        report=replace(report, overall=overall, judgements=judgements),
        changes=tuple(change for change in candidate.changes if change.aspect not in aspects),
    )
    return _without_words(told, {g for aspect, g in grades_of(candidate).items() if aspect in aspects})


def _without_words(candidate: Candidate, grades: Collection[str]) -> Candidate:
    """The candidate without lead, findings and quotes that name one of these grades."""
    if not grades:
        return candidate
    return _without_texts(
        candidate, re.compile(rf"\b(?:{'|'.join(map(re.escape, grades))})\b", re.IGNORECASE)
    )


def _without_texts(candidate: Candidate, pattern: re.Pattern[str]) -> Candidate:
    """The candidate without lead, findings and quotes in which the pattern is found."""
    names = pattern.search
    report = candidate.report
    return replace(
        candidate,
        lead=None if candidate.lead and names(candidate.lead) else candidate.lead,
        report=report
        and replace(
            report,
            findings=tuple(finding for finding in report.findings if not names(finding.text)),
            quotes=tuple(quote for quote in report.quotes if not names(quote.text)),
        ),
    )


def assemble(
    day: date,
    timetable: Timetable,
    *,
    waiting: Iterable[Candidate],
    told: Iterable[Candidate],
    sources: Iterable[SourceNote],
) -> Assembly:
    """The day's edition, made of the candidates that wait for one.

    `told` holds the candidates that earlier editions carried, at least as far back as
    `SAME_INSPECTION_WITHIN`. A candidate that was found before an earlier cut-off is marked as late. Every
    waiting candidate is settled: it becomes a story, joins one, or repeats one.
    """
    candidates = sorted(waiting, key=_order)
    assembler = _Assembler(day, timetable, sorted(told, key=_order))
    for candidate in candidates:
        if candidate.correction:
            assembler.correction(candidate)
    fresh = _with_doubt_shared([f for f in candidates if not f.correction], assembler.told)
    officials = [f for f in fresh if f.authority is Authority.OFFICIAL]
    # The text with the most grades comes first, a page before a feed's words: it becomes the story, and the
    # others add nothing to it.
    for candidate in sorted(officials, key=lambda f: (-len(grades_of(f)), f.from_feed)):
        assembler.official(candidate)
    blogs = [f for f in fresh if f.authority is Authority.BLOG]
    # A post's reports come before its other candidates, which are not listed once a report of it is told.
    for candidate in sorted(blogs, key=lambda f: not tells_inspection(f)):
        assembler.blog(candidate)
    return Assembly(
        edition=Edition(
            day=day,
            cutoff=timetable.cutoff_of(day),
            sections=in_sections(assembler.stories()),
            sources=tuple(sources),
        ),
        settled=tuple(f.key for f in candidates),
        doubts=tuple(dict.fromkeys(assembler.doubts)),
        in_part=tuple(assembler.in_part()),
    )


def _with_doubt_shared(fresh: Sequence[Candidate], told: Sequence[Candidate]) -> list[Candidate]:
    """The candidates; an official one is doubted as well if another official text on its inspection is."""
    doubted = [f for f in (*fresh, *told) if f.doubted and f.authority is Authority.OFFICIAL]
    return [
        replace(f, doubted=True)
        if f.authority is Authority.OFFICIAL and any(same_inspection(f, other) for other in doubted)
        else f
        for f in fresh
    ]


def _order(candidate: Candidate) -> tuple[datetime, int, int]:
    return candidate.found_at, candidate.key.item, candidate.key.place


class _Assembler:
    """Makes stories of candidates, or joins candidates to stories, during one call of `assemble`."""

    def __init__(self, day: date, timetable: Timetable, told: Sequence[Candidate]) -> None:
        self._day = day
        self._timetable = timetable
        self.told = told
        self._placed: list[tuple[Candidate, Story]] = []
        self._posts = [f for f in told if f.authority is Authority.BLOG]
        self._contested: dict[StoryKey, set[str]] = {}  # aspects on which official texts differ
        self._shown: set[int] = set()  # items of blogs that the edition links to
        self.doubts: list[Doubt] = []

    def stories(self) -> list[Story]:
        """The stories in the order in which their candidates were found, official ones first."""
        placed = sorted(self._placed, key=lambda p: (p[0].authority is Authority.BLOG, _order(p[0])))
        return [
            self._uncontested(candidate, story) if candidate.key in self._contested else story
            for candidate, story in placed
        ]

    def in_part(self) -> Iterator[Candidate]:
        """The candidates with stories that hold less than they do, as the stories tell them."""
        for candidate, _ in self._placed:
            told = self._part(candidate)
            if told != replace(candidate, doubted=False):
                yield told

    def correction(self, candidate: Candidate) -> None:
        """Place a correction of an earlier edition. It is not compared with other candidates.

        If it only adds to what was told, it is told as any other report.
        """
        assert candidate.correction is not None
        if candidate.correction.adds:
            self._place(candidate, first_told=candidate.correction.told_on)
            return
        by = candidate.source_name if candidate.authority is Authority.BLOG else None
        self._place(candidate, section=SectionKind.CORRECTIONS, reported_by=by if candidate.report else None)

    def official(self, candidate: Candidate) -> None:
        """Place an inspectorate's text as a story, unless an official text has told the same before."""
        if candidate.repeats:
            return
        others = [*self.told, *(f for f, _ in self._placed)]
        same = [f for f in others if same_inspection(candidate, f)]
        self._note_conflicts(candidate, same)
        again = (f for f in others if repeats(candidate, f))
        covers = (f for f in same if adds_nothing(candidate, f))
        if not any(f.authority is Authority.OFFICIAL for f in (*again, *covers)):
            self._place(candidate, first_told=_first_told(same), commentary=_retellings(same))

    def blog(self, candidate: Candidate) -> None:
        """Join a blog's text to the story it is about, make it its own story, or list it as commentary."""
        if any(repeats(candidate, other) for other in self._posts):
            return
        self._posts.append(candidate)
        here = [i for i, (other, _) in enumerate(self._placed) if comments_on(candidate, other)]
        before = [f for f in self.told if comments_on(candidate, f)]
        self._note_conflicts(candidate, [self._placed[i][0] for i in here] + before)
        for i in here:
            self._join(i, candidate)
        if not here and not before and tells_inspection(candidate):
            self._place(candidate, reported_by=candidate.source_name)
        elif not here and candidate.key.item not in self._shown:
            self._place(candidate, section=SectionKind.COMMENTARY, first_told=_first_told(before))
        self._shown.add(candidate.key.item)

    def _join(self, index: int, candidate: Candidate) -> None:
        other, story = self._placed[index]
        if candidate.key.item not in {story.key.item, *(c.key.item for c in story.commentary)}:
            commentary = (*story.commentary, _comment(candidate))
            self._placed[index] = other, replace(story, commentary=commentary)

    def _note_conflicts(self, candidate: Candidate, others: Iterable[Candidate]) -> None:
        """Ask operators about each grade on which an official text and another on its inspection differ."""
        for other in others:
            pair = sorted((candidate, other), key=lambda f: f.authority is Authority.OFFICIAL)
            if pair[1].authority is Authority.OFFICIAL and candidate.provider == other.provider is not None:
                self.doubts.extend(_doubts(*pair))
                if pair[0].authority is Authority.OFFICIAL:
                    self._contest(candidate, other)

    def _contest(self, candidate: Candidate, other: Candidate) -> None:
        """Leave out the grades on which two official texts differ, from both if both wait."""
        aspects = conflicts(candidate, other)
        for one, against in ((candidate, other), (other, candidate)):
            if aspects and one.told_on is None and one.correction is None:
                self._contested.setdefault(one.key, set()).update(aspects)
                self.doubts.extend(_doubts(one, against))

    def _place(
        self,
        candidate: Candidate,
        *,
        section: SectionKind | None = None,
        reported_by: str | None = None,
        first_told: date | None = None,
        commentary: tuple[Comment, ...] = (),
    ) -> None:
        due = self._timetable.edition_of(candidate.found_at)
        part = self._part(candidate)
        story = replace(
            _story(part, section or _section_of(part)),
            reported_by=reported_by,
            first_told=first_told,
            commentary=commentary,
            late_from=due if due < self._day and not candidate.correction else None,
        )
        self._placed.append((candidate, story))

    def _part(self, candidate: Candidate) -> Candidate:
        """The candidate with only what may be told of it."""
        return _without(as_told(candidate), self._contested.get(candidate.key, ()))

    def _uncontested(self, candidate: Candidate, story: Story) -> Story:
        """The story without the grades that another official text contradicts. That text may come later."""
        part = self._part(candidate)
        told = {name: getattr(story, name) for name in ("first_told", "commentary", "late_from")}
        return replace(_story(part, _section_of(part)), **told)


def _first_told(candidates: Iterable[Candidate]) -> date | None:
    return min((f.told_on for f in candidates if f.told_on), default=None)


def _retellings(same: Sequence[Candidate]) -> tuple[Comment, ...]:
    """The posts that told an inspection before any official text did: they become commentary on it."""
    if any(f.authority is Authority.OFFICIAL for f in same):
        return ()
    posts = {f.key.item: f for f in same if f.told_on}
    return tuple(_comment(post) for post in posts.values())


def _doubts(said: Candidate, official: Candidate) -> Iterator[Doubt]:
    for aspect in conflicts(said, official):
        subject = "" if aspect == OVERALL else f"{aspect}: "
        reason = (
            f"{subject}{said.source_name} says {grades_of(said)[aspect]}; "
            f"{official.source_name} says {grades_of(official)[aspect]}"
        )
        yield Doubt(key=said.key, reason=reason)


def _section_of(candidate: Candidate) -> SectionKind:
    if candidate.authority is Authority.BLOG:
        return SectionKind.ELSEWHERE if tells_inspection(candidate) else SectionKind.COMMENTARY
    if candidate.kind is Kind.OTHER:
        return SectionKind.NEWS
    if candidate.kind is Kind.THEMATIC or not candidate.changes:
        return SectionKind.REPORTS
    if candidate.withdraws:
        return SectionKind.WITHDRAWN
    if candidate.origin is not None and candidate.origin.cause is Cause.CORRECTION:
        return SectionKind.CORRECTIONS
    # On a scale without an overall grade, the aspects that moved decide the section.
    leading = [c for c in candidate.summary if c.moved or not candidate.by_aspects]
    movements = {change.movement for change in leading}
    if movements == {Movement.UPGRADE}:
        return SectionKind.UPGRADES
    if movements == {Movement.DOWNGRADE}:
        return SectionKind.DOWNGRADES
    return SectionKind.STEADY


def _story(candidate: Candidate, section: SectionKind) -> Story:
    if candidate.correction and candidate.correction.adds:
        candidate = replace(candidate, correction=None)
    report = candidate.report
    # Only sections of ratings show grades: commentary and national reports quote ratings of other reports.
    rated = report if section in _RATED else None
    changes = candidate.changes if rated else ()
    return Story.of(
        candidate,
        section,
        change=next((c for c in changes if c.aspect == OVERALL), None),
        evidence=_evidence(rated) if rated else None,
        aspects=tuple(c for c in changes if c.aspect != OVERALL),
        judgements=rated.judgements if rated else (),
        findings=report.findings if report else (),
        quotes=report.quotes if report else (),
        inspected=report.inspected.value if report and report.inspected else None,
        caseload=report.caseload.value if report and report.caseload else None,
    )


def _evidence(report: Report) -> str | None:
    """The sentence that states the overall grade or its withdrawal."""
    claim = report.direction if report.withdraws else report.overall
    return claim.evidence or None if claim else None


def _comment(candidate: Candidate) -> Comment:
    return Comment(
        key=candidate.key, source_name=candidate.source_name, title=candidate.title, link=candidate.link
    )
