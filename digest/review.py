"""Review: questions to operators, their decisions, and how a decision becomes a correction.

A case is a candidate that operators are asked about. It is open while it has a doubt that is newer than its
last decision. Decisions are never deleted: a later one is added.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from digest.candidates import Reference, changes_of
from digest.changes import Change, Movement
from digest.edition import Candidate, Correction, StoryKey
from digest.edition_assembly import as_told
from digest.errors import Refused
from digest.matching import grades_of
from digest.providers import normal_name
from digest.ratings import OVERALL, Scale
from digest.records import Cause
from digest.reports import Claim, Direction, Judgement, Kind, Report
from digest.sources import Authority


class Decision(StrEnum):
    ACCEPTED = "accepted"  # it is valid as it was read
    CORRECTED = "corrected"
    REJECTED = "rejected"  # no edition tells it, and its grades enter no history


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision on a case."""

    decision: Decision
    by: str
    at: datetime  # aware, UTC
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A candidate that operators are or were asked about."""

    candidate: Candidate  # as it is now
    read: Candidate  # as it was read, before any decision
    told: Candidate | None  # as the last edition told it; None if no edition did
    withheld: bool  # rejected before any edition told it
    text: str  # the main text that it was read from
    doubts: tuple[str, ...]  # those still open, the oldest first
    raised_at: datetime  # when the oldest open doubt was raised; if none is open, the oldest of all
    decided: tuple[Decided, ...] = ()  # oldest first

    @property
    def key(self) -> StoryKey:
        return self.candidate.key

    @property
    def open(self) -> bool:
        return bool(self.doubts)

    @property
    def rejected(self) -> bool:
        return bool(self.decided) and self.decided[-1].decision is Decision.REJECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A case after a decision. The candidate waits for an edition unless it has `told_on` or is withheld."""

    candidate: Candidate
    withheld: bool = False  # no edition tells it, and its grades enter no history


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """An operator's correction of what was read from a report. A field that is None changes nothing."""

    provider: str | None = None  # an id of the register
    overall: str | None = None
    previous: str | None = None
    direction: Direction | None = None
    aspects: Mapping[str, str] | None = None  # replaces all of them
    evidence: str | None = None  # the sentence that states the overall grade or its withdrawal


NO_RATING: Final = "the text tells of an inspection of the provider, and no rating was read from it"
"""A question that puts nothing in doubt that is told; another text on the inspection may answer it."""

_INSPECTED: Final = re.compile(r"\binspect(?:ed|ions?|ors?|ing)\b|\breport on\b|\barolygiad", re.IGNORECASE)
_RATES_NOTHING: Final = re.compile(
    r"""\b(?: progress\ (?:review|visit|report) | reviews?\ of\ progress
    | follow-?\ ?up\ (?:visit|review|letter)
    | (?:monitoring|scrutiny|assurance|focused|remote|additional|re-?)\ ?visits? | causes?\ of\ concern
    | thematic | annual | national | survey | state\ of | consultation | framework | methodology
    | announces? | announced\ (?:that|new|today) | to\ inspect | will\ inspect | programme
    | statement | response | responds? | letter | action\ plan | blog | speech | appoint(?:s|ed|ment)?
    | prosecut\w+ | fined | court | clos(?:ed|es|ure) | enforcement | warning\ notice
    | urgent\ notification | removed\ from | special\ measures )\b""",
    re.IGNORECASE | re.VERBOSE,
)


def _tells_of_inspection(candidate: Candidate) -> bool:
    """Whether title and opening tell of an inspection that took place, of a kind that gives ratings."""
    opening = f"{candidate.title}. {candidate.lead or ''}"
    told = _INSPECTED.search(opening) or (candidate.report is not None and candidate.report.inspected)
    return bool(told) and not _RATES_NOTHING.search(candidate.title)


def doubts_of(candidate: Candidate, *, known: bool) -> Iterator[str]:
    """The questions to operators about a new candidate. `known`: whether the register has its provider."""
    if candidate.repeats:
        return
    for change in candidate.changes:
        if change.review:
            subject = "" if change.aspect == OVERALL else f"{change.aspect}: "
            yield f"{subject}{change.review}"
    if candidate.origin is not None:
        yield from candidate.origin.differs
    reports = candidate.report is not None and candidate.kind in (Kind.INSPECTION, Kind.MULTI)
    if reports and candidate.provider is None:
        yield "an inspection of a provider that the text does not name"
    elif reports and not known:
        yield f"{candidate.provider_name} is not in the register"
    if reports and candidate.withdraws and candidate.provider is not None and not candidate.changes:
        yield "the text withdraws a rating, and we hold none that it could be"
    if reports and candidate.left_out:
        yield f"no rating was taken from the text, though it names some ({'; '.join(candidate.left_out)})"
    elif reports and known and _lacks_rating(candidate) and _tells_of_inspection(candidate):
        yield NO_RATING


def _lacks_rating(candidate: Candidate) -> bool:
    """Whether an inspectorate that gives grades reports on a provider without any."""
    report = candidate.report
    if candidate.authority is not Authority.OFFICIAL or candidate.provider is None or report is None:
        return False
    return bool(report.scale) and not candidate.ungraded and not report.rated and not report.withdraws


def accepted(case: Case, why: str) -> Outcome:
    """The outcome of accepting: the report as it was read, without earlier decisions."""
    return Outcome(candidate=_beside_what_was_told(case, case.read, why))


def amended(case: Case, amendment: Amendment, why: str, reference: Reference) -> Outcome:
    """The outcome of an amendment; `Refused` if it does not fit the scale or the text.

    The amendment changes the report as it is now or, if it was rejected, as it was read. The history in
    `reference` must not include this report.
    """
    candidate = case.read if case.rejected else case.candidate
    scale = reference.inspectorates.scale(candidate.report.scale) if candidate.report else None
    if candidate.report is None or scale is None:
        raise Refused("this text reports no inspection on a scale we know: reject it, or accept it")
    report = _amended_report(candidate.report, amendment, scale, case.text)
    provider = amendment.provider or candidate.provider
    known = reference.register.get(provider) if provider else None
    if amendment.provider and known is None:
        raise Refused(f"{amendment.provider} is no id of the register")
    wrong = _contradicted(candidate.report, report)
    if provider != candidate.provider and candidate.provider_name:
        wrong |= {text for text in _sentences(report) if _names(text, candidate.provider_name)}
    wrong -= {amendment.evidence or ""}
    report = _without(report, wrong)
    changes = changes_of(report, provider, candidate.dated, candidate.link, reference, decided=True)
    right = replace(
        candidate,
        lead=None if candidate.lead and _overlaps(candidate.lead, wrong) else candidate.lead,
        checked=None if all(_sentences(report)) else why,
        report=replace(report, provider=known.name if known else report.provider),
        provider=provider,
        provider_name=known.name if known else candidate.provider_name,
        changes=changes,
    )
    return Outcome(candidate=_beside_what_was_told(case, right, why))


def rejected(case: Case, why: str) -> Outcome:
    """The outcome of rejecting: no edition tells the report. If one has told it, the next one retracts it."""
    if case.told is None:
        return Outcome(candidate=case.candidate, withheld=True)
    nothing = replace(case.told, report=None, changes=(), taken_back=True)
    return Outcome(candidate=_beside_what_was_told(case, nothing, why))


def _beside_what_was_told(case: Case, candidate: Candidate, why: str) -> Candidate:
    """The candidate after a decision. It corrects what an edition told, unless readers were told the same."""
    told = case.told
    if told is None:
        return replace(candidate, told_on=None, correction=None)
    sure = replace(candidate, doubted=False)
    if _is_all(told, sure) or not _is_news(told, sure):
        return replace(sure, told_on=told.told_on, correction=told.correction)
    assert told.told_on is not None
    before = next((c for c in told.changes if c.aspect == OVERALL), None)
    adds = not _is_all(told, case.read) and _is_right(told, case.read) and _is_right(told, sure)
    correction = Correction(told_on=told.told_on, told=before, why=why, adds=adds)
    return replace(sure, told_on=None, correction=correction)


def as_never_told(case: Case, day: date) -> Candidate:
    """The candidate once the edition of a day went without it: it corrects nothing that this edition told.

    Somebody may have decided its case, or its page may have changed, after that edition was sealed.
    """
    candidate, told = case.candidate, case.told
    if candidate.correction is None or candidate.correction.told_on != day:
        return candidate
    stood = told if told is not None and candidate.taken_back else candidate
    return replace(stood, told_on=None, correction=told.correction if told is not None else None)


FEED_FIRST = "We could not open the report then, so we told you what the list of new reports says of it."
"""Why a report is corrected or told again, if its page came only after the feed's words were told."""


def reread(case: Case, candidate: Candidate) -> Candidate:
    """The candidate of a page, in place of that of the feed's own words.

    It waits for an edition, as a correction of what was told, unless readers were told the same.
    """
    told = case.told
    if told is None:
        return candidate
    if candidate.repeats or _is_all(told, candidate):
        return replace(candidate, told_on=told.told_on, correction=told.correction)
    return replace(candidate, told_on=None, correction=_correction(told, adds=_is_in(told, candidate)))


class PageIs(StrEnum):
    """What a page is that says something else than the report that was read of it, as an operator decides."""

    NEW_REPORT = "new-report"  # of another inspection
    CORRECTION = "correction"  # of the same report
    NOTHING = "nothing"  # the report stays as it is


PAGE_EDITED: Final = "The inspectorate has changed its page since then."


def edited(case: Case, now: Candidate) -> Candidate:
    """The candidate of a page that says something else now than when it was read.

    It waits for an edition, as a correction of what was told, unless readers were told the same.
    """
    return _beside_what_was_told(replace(case, read=now), now, PAGE_EDITED)


def settled(case: Case, page_is: PageIs, now: Candidate, why: str) -> tuple[Case, Outcome, Decision]:
    """A case after an operator has said what its page is: with what counts as read, and how it is decided.

    `now` is the report as the page gives it. Unless that corrects the report, it stays as it was decided.
    """
    if page_is is PageIs.CORRECTION:
        read = replace(case, read=now)
        return read, Outcome(candidate=_beside_what_was_told(read, now, why)), Decision.ACCEPTED
    decision = case.decided[-1].decision if case.decided else Decision.ACCEPTED
    return case, Outcome(candidate=case.candidate, withheld=case.withheld), decision


def not_in_the_page(case: Case, instead: Candidate) -> Candidate:
    """What becomes of a report that the feed's words gave and the page does not. `instead`: what it gives."""
    told = case.told
    nothing = replace(
        told or case.candidate, report=None, changes=(), told_on=None, correction=None, from_feed=False
    )
    if told is None:
        return nothing
    correction = _correction(told, adds=False)
    return replace(
        nothing, taken_back=True, found_at=instead.found_at, link=instead.link, correction=correction
    )


def _correction(told: Candidate, *, adds: bool) -> Correction:
    assert told.told_on is not None
    before = next((c for c in told.changes if c.aspect == OVERALL), None)
    return Correction(told_on=told.told_on, told=before, why=FEED_FIRST, adds=adds)


def _is_in(told: Candidate, candidate: Candidate) -> bool:
    """Whether all grades and movements that readers were told stand in the candidate as well."""
    forms = [as_told(replace(candidate, doubted=doubted)) for doubted in (False, True)]
    moves = {_move(change) for form in forms for change in form.changes}
    return (
        not told.taken_back
        and told.provider in {None, candidate.provider}
        and grades_of(told).items() <= grades_of(candidate).items()
        and all(_move(change) in moves for change in told.changes)
    )


def _move(change: Change) -> tuple[object, ...]:
    return change.aspect, change.movement, change.before, change.after


def _as_readers_see(candidate: Candidate) -> tuple[object, ...]:
    """The parts of a candidate that readers see and that a decision can change."""
    seen = as_told(candidate)
    changes = tuple(replace(change, review=None) for change in seen.changes)
    return seen.provider, seen.provider_name, seen.report, changes, seen.taken_back


def _is_all(told: Candidate, sure: Candidate) -> bool:
    """Whether readers were told all that is sure."""
    return _as_readers_see(told) == _as_readers_see(sure)


def _is_news(told: Candidate, sure: Candidate) -> bool:
    """Whether readers hear of a report again; of one that was only not compared, if a rating moved."""
    was_in_doubt = _is_all(told, replace(sure, doubted=True))
    return not was_in_doubt or any(c.moved or c.movement is Movement.WITHDRAWN for c in sure.summary)


def _is_right(told: Candidate, sure: Candidate) -> bool:
    """Whether all that readers were told is right, though it may be less than what is sure."""
    forms = (as_told(replace(sure, doubted=doubted)) for doubted in (False, True))
    right = {replace(change, review=None) for form in forms for change in form.changes}
    return (
        not (told.taken_back or sure.taken_back)
        and told.provider == sure.provider
        and told.report is not None
        and all(replace(change, review=None) in right for change in told.changes)
    )


def _amended_report(report: Report, amendment: Amendment, scale: Scale, text: str) -> Report:
    overall = report.overall
    if amendment.direction is Direction.WITHDRAWN:
        return _withdrawing(report, amendment, text)
    if amendment.overall is not None:
        evidence = amendment.evidence or (overall.evidence if overall else None)
        if evidence is None:
            raise Refused("name the sentence that carries the grade: --evidence")
        overall = Claim(value=_grade(amendment.overall, scale), evidence=_found(evidence, text))
    elif amendment.evidence is not None and overall is not None:
        overall = replace(overall, evidence=_found(amendment.evidence, text))
    basis = overall.evidence if overall else ""
    previous, direction = report.previous, report.direction
    if amendment.previous is not None:
        previous = Claim(value=_grade(amendment.previous, scale), evidence=basis)
    if amendment.direction is not None:
        direction = Claim(value=amendment.direction, evidence=basis)
    elif amendment.overall is not None or amendment.previous is not None or report.withdraws:
        direction = None  # it was claimed of other grades
    judgements = report.judgements
    if amendment.aspects is not None:
        carried = {(j.aspect, j.grade): j.evidence for j in report.judgements}
        given = [(_aspect(a, scale), _grade(grade, scale)) for a, grade in amendment.aspects.items()]
        judgements = tuple(
            Judgement(aspect=name, grade=grade, evidence=carried.get((name, grade), ""))
            for name, grade in given
        )
    return replace(report, overall=overall, previous=previous, direction=direction, judgements=judgements)


def _withdrawing(report: Report, amendment: Amendment, text: str) -> Report:
    """The report as a withdrawal: without grades."""
    if amendment.overall or amendment.previous or amendment.aspects:
        raise Refused("a text that withdraws a rating gives no grade: leave the grades out")
    evidence = amendment.evidence or (
        report.direction.evidence if report.withdraws and report.direction else ""
    )
    if not evidence:
        raise Refused("name the sentence that withdraws the rating: --evidence")
    direction = Claim(value=Direction.WITHDRAWN, evidence=_found(evidence, text))
    return replace(report, overall=None, previous=None, direction=direction, judgements=())


def _contradicted(read: Report, right: Report) -> set[str]:
    """The sentences that state what an amendment changes: they are no evidence any more."""
    grades, were = ({j.aspect: j for j in r.graded()} for r in (right, read))
    wrong = {
        was.evidence
        for aspect, was in were.items()
        if aspect not in grades or grades[aspect].grade != was.grade
    }
    regraded = OVERALL in were and OVERALL in grades and grades[OVERALL].grade != were[OVERALL].grade
    for was, now in ((read.previous, right.previous), (read.direction, right.direction)):
        if was is not None and (now.value != was.value if now else regraded):
            wrong.add(was.evidence)
    return wrong


def _without(report: Report, wrong: Collection[str]) -> Report:
    """The report, in which these sentences are neither evidence nor quoted."""

    def right(claim: Claim | None) -> Claim | None:
        return replace(claim, evidence="") if claim and claim.evidence in wrong else claim

    return replace(
        report,
        overall=right(report.overall),
        previous=right(report.previous),
        direction=right(report.direction),
        judgements=tuple(replace(j, evidence="") if j.evidence in wrong else j for j in report.judgements),
        findings=tuple(f for f in report.findings if not _overlaps(f.text, wrong)),
        quotes=tuple(q for q in report.quotes if not _overlaps(q.text, wrong)),
    )


def _sentences(report: Report) -> list[str]:
    """The sentence of each grade; of a withdrawal, its own. Empty where none states it."""
    if report.withdraws and report.direction:
        return [report.direction.evidence]
    return [judgement.evidence for judgement in report.graded()]


def _overlaps(text: str, sentences: Collection[str]) -> bool:
    return any(s and (s in text or text in s) for s in sentences)


def _names(text: str, provider: str) -> bool:
    return f" {normal_name(provider)} " in f" {normal_name(text)} "


def _grade(words: str, scale: Scale) -> str:
    grade = scale.grade(words)
    if grade is None:
        raise Refused(f"{words!r} is no grade of {scale.key}: {', '.join(g.name for g in scale.grades)}")
    return grade.name


def _aspect(words: str, scale: Scale) -> str:
    aspect = scale.aspect(words)
    if aspect is None and scale.aspects:
        raise Refused(f"{words!r} is no aspect of {scale.key}: {', '.join(a.name for a in scale.aspects)}")
    return aspect.name if aspect else words


def _found(evidence: str, text: str) -> str:
    if evidence not in text:
        raise Refused("the evidence does not stand in the text, word for word")
    return evidence


def enters_history(candidate: Candidate) -> bool:
    """Whether a candidate's grades enter the history: they are official, and a known provider's own."""
    return (
        candidate.authority is Authority.OFFICIAL
        and candidate.report is not None
        and candidate.provider is not None
        and candidate.repeats is None
        and not (candidate.origin is not None and candidate.origin.cause is Cause.INHERITED)
    )
