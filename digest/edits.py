"""Edits: what a page under a known address is, once it says something else than when it was read.

It may be the same report in other words, the same report with another grade, or the report of the next
inspection: inspectorates use an address again. Signs of another inspection decide, and what they leave open
is a question to operators. `docs/polling.md` has the rules in words, decision 0042 their reasons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import Final

from digest.changes import REPORTED_WITHIN, SAME_INSPECTION_WITHIN
from digest.edition import Candidate
from digest.identity import Known
from digest.matching import grades_of, tells_inspection
from digest.reports import Report

RECENT: Final = timedelta(days=30)
"""A grade that changes within this time after its page was read is corrected; later, operators are asked."""

HABIT: Final = 2
"""If more entries of a list than this, and more than half, get a new date at once, that is its habit."""

_MENDED_WITHIN: Final = timedelta(days=7)
"""Two dates of a visit that are no further apart are one, mended."""

_CONFIRMED_WITHIN: Final = timedelta(days=7)
"""The feed confirms a page's new date of publication if its own is no further from it."""


class Verdict(StrEnum):
    """What a page that says something else is."""

    WORDING = "the same report in other words"
    CORRECTION = "the same report with another grade"
    NEW_REPORT = "the report of another inspection"
    QUESTION = "a question to operators"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A report as its page told it when it was last read, and as the page tells it now."""

    before: Candidate
    now: Candidate
    known: date  # when the earlier report was published or, if that is not known, found
    regraded: bool  # other grades, or a rating that is withdrawn now and was not, or the reverse
    rewritten: bool = False  # the page has hardly a word in common with the earlier one
    pages_dated: tuple[date | None, date | None] = (None, None)  # as the page gave it before, and now
    listed: tuple[datetime | None, datetime | None] = (None, None)  # as the feed gave it before, and now
    recent: bool = True  # the page was first read within `RECENT`
    on: date  # today


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict, and what speaks for it, in words for operators."""

    verdict: Verdict
    why: tuple[str, ...] = ()


class _Weight(Enum):
    ANOTHER = auto()  # surely another inspection
    DOUBT = auto()  # enough for a question
    HINT = auto()  # two are enough for a question
    SAME_VISIT = auto()
    SAME_NUMBER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    weight: _Weight
    words: str


def judged(edit: Edit) -> Judged:
    """What the page is now. A doubt is never resolved in silence: it is a question."""
    signs = (
        *_of_providers(edit),
        *_of_visits(edit),
        *_of_numbers(edit),
        *_of_publication(edit),
        *_of_words(edit),
    )
    weights = [sign.weight for sign in signs]
    telling = tuple(sign.words for sign in signs if sign.words)
    return Judged(verdict=_verdict(edit, weights), why=telling)


def _verdict(edit: Edit, weights: Sequence[_Weight]) -> Verdict:
    if _Weight.ANOTHER in weights:
        if _Weight.SAME_VISIT in weights:  # a page gets a new date or number more often than a wrong visit
            return Verdict.QUESTION if edit.regraded else Verdict.WORDING
        return Verdict.QUESTION if _Weight.SAME_NUMBER in weights else Verdict.NEW_REPORT
    hints = weights.count(_Weight.HINT)
    if _Weight.DOUBT in weights or hints > 1:
        return Verdict.QUESTION
    if not edit.regraded:
        return Verdict.WORDING
    gone = not grades_of(edit.now) and not edit.now.withdraws
    return Verdict.QUESTION if hints or gone or not edit.recent else Verdict.CORRECTION


def _of_providers(edit: Edit) -> Iterator[_Sign]:
    if edit.before.provider == edit.now.provider:
        return
    if tells_inspection(edit.before) and tells_inspection(edit.now):
        names = f"{edit.before.provider_name}, now {edit.now.provider_name}"
        yield _Sign(weight=_Weight.DOUBT, words=f"it reports on another provider: {names}")
    elif edit.regraded:
        yield _Sign(weight=_Weight.DOUBT, words="it names a provider now, or none any more")


def _of_visits(edit: Edit) -> Iterator[_Sign]:
    before, now = _visit(edit.before), _visit(edit.now)
    if now is None:
        return
    first, last = now
    if edit.known < first and last <= edit.on + timedelta(days=1):
        words = f"it tells of an inspection of {last}, after the report before was published ({edit.known})"
        yield _Sign(weight=_Weight.ANOTHER, words=words)
    elif before is not None and edit.before.provider == edit.now.provider:
        yield from _of_two_visits(before[1], last)


def _of_two_visits(before: date, now: date) -> Iterator[_Sign]:
    if abs(now - before) <= _MENDED_WITHIN:
        yield _Sign(weight=_Weight.SAME_VISIT, words="")
        return
    far = abs(now - before) > SAME_INSPECTION_WITHIN
    words = f"it gives another date of inspection: {before}, now {now}"
    yield _Sign(weight=_Weight.DOUBT if far else _Weight.HINT, words=words)


_A_DAY: Final = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)?\b(?!\d)")


def _visit(candidate: Candidate) -> tuple[date, date] | None:
    """The first and last day that can be the end of a visit: of some, only the month is known."""
    report: Report | None = candidate.report
    if report is None or report.inspected_on is None:
        return None
    last = report.inspected_on
    by_day = report.inspected is not None and _A_DAY.search(report.inspected.value)
    return (last if by_day else last.replace(day=1)), last


def _of_numbers(edit: Edit) -> Iterator[_Sign]:
    before, now = edit.before.number, edit.now.number
    if before is None or now is None:
        return
    if before == now:
        yield _Sign(weight=_Weight.SAME_NUMBER, words="")
        return
    mended = len(before) == len(now) and sum(a != b for a, b in zip(before, now, strict=True)) == 1
    weight = _Weight.HINT if mended else _Weight.ANOTHER
    yield _Sign(weight=weight, words=f"it has another report number: {before}, now {now}")


def _of_publication(edit: Edit) -> Iterator[_Sign]:
    before, now = edit.pages_dated
    if now is None:
        listed, moved = edit.listed
        if listed and moved and moved - listed > SAME_INSPECTION_WITHIN:
            yield _Sign(weight=_Weight.HINT, words=f"the feed dates it {moved.date()} now")
        return
    if abs(now - (before or edit.known)) <= SAME_INSPECTION_WITHIN:
        return
    words = f"it is dated {now} now, where it was dated {before or edit.known}"
    later = before is not None and now > before
    yield _Sign(weight=_Weight.ANOTHER if later and _confirmed(edit, now) else _Weight.HINT, words=words)


def _confirmed(edit: Edit, published: date) -> bool:
    """Whether the feed has moved to the page's new date as well."""
    listed, moved = edit.listed
    if moved is None or (listed is not None and moved <= listed):
        return False
    return abs(moved.date() - published) <= _CONFIRMED_WITHIN


def _of_words(edit: Edit) -> Iterator[_Sign]:
    before, now = edit.before.report, edit.now.report
    if edit.rewritten:
        yield _Sign(weight=_Weight.HINT, words="it has other words altogether")
    if before is None or now is None:
        return
    if before.scale != now.scale and before.rated and now.rated:
        yield _Sign(weight=_Weight.HINT, words="it rates on another scale")
    former, was = now.previous, edit.before.grade
    if former and former.value == was and (before.previous is None or before.previous.value != was):
        yield _Sign(weight=_Weight.HINT, words=f"it gives the rating of before, {was}, as the former one")


def is_later(candidate: Candidate, since: datetime, listed: datetime | None, page_dated: date | None) -> bool:
    """Whether a report is of an inspection that was not published at `since`, when its entry was known only.

    `listed` is the date of its entry now, `page_dated` the day of publication that the page gives.
    """
    day, visit = since.date(), _visit(candidate)
    if visit is not None and visit[0] > day:
        return True
    if page_dated is None or page_dated <= day:
        return False
    if visit is not None:
        return visit[1] > day - REPORTED_WITHIN
    return listed is not None and abs(listed.date() - page_dated) <= _CONFIRMED_WITHIN


def worth_a_look(known: Sequence[Known]) -> frozenset[int]:
    """The stored items of a list whose pages are looked at again, because their entries have changed.

    An entry's date alone is a reason too, unless that is the feed's habit: some date all again each time.
    """
    dated = [one for one in known if one.moved and not one.edited]
    habit = len(dated) > HABIT and len(dated) * 2 > len(known)
    return frozenset(one.id for one in known if one.edited or (one.moved and not habit))
