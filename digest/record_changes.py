"""What is new in a record of a publisher's data, and why: compared with what the data stated before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from digest.ratings import OVERALL
from digest.records import Cause, Graded, Record, with_previous

FIRST_WITHIN: Final = timedelta(days=92)
"""The first rating of a provider is news if it was published within this time. An older one comes with a
provider that is new in the data, such as one that has moved there."""

NEXT_WITHIN: Final = timedelta(days=183)
"""The next one is within this time: data that come by the quarter are out late. An older one was missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A record beside what the same data stated before."""

    remember: Record  # what is to be remembered of it
    news: Record | None  # what readers are told, with its cause and the earlier grades; None: nothing
    past: bool = False  # nobody is told, and the grades take the place of those in the rating history


def compared(now: Record, before: Record | None, *, today: date) -> Compared:
    """What is to be remembered of a record, and what of it is news.

    `before` is what is remembered; None: nothing is. No news are dates, names and numbers alone, grades that
    are not stated any more, the same grades after a time without, the grades of the same inspection on
    another scale, and the inherited grade of a new provider.
    """
    if before is None:
        return Compared(remember=now, news=_first(now, today))
    if not now.grades:
        return Compared(remember=replace(before, subject=now.subject, link=now.link), news=None)
    if not before.grades:
        return Compared(remember=now, news=_first(now, today))
    fresh = _is_new_inspection(now, before)
    cause = _cause(now, before, fresh=fresh)
    remember = now if fresh else _with_earlier(now, before)
    if cause is None or (fresh and _is_older(now, today, NEXT_WITHIN)):
        return Compared(remember=remember, news=None, past=now.scale != before.scale)
    news = replace(with_previous(now if fresh else _restated(now, before), before), cause=cause)
    if cause in {Cause.REGRADED, Cause.RESCALED}:
        news = _dated_by_its_grades(news)
    return Compared(remember=remember, news=news)


def reread(now: Record, before: Record | None, *, today: date, changed: bool) -> Compared:
    """As `compared`, of a record that was read by another binding before: its operator has changed that.

    What differs because of that is no news, and takes the place of what is remembered and of the rating in
    the history. `changed`: the row itself has changed too, so that a new inspection is one.
    """
    found = compared(now, before, today=today)
    if before is not None and changed and found.news is not None and found.news.cause in _INSPECTED:
        return found
    return Compared(remember=now, news=None, past=True)


_INSPECTED: Final = frozenset({Cause.INSPECTION, Cause.INHERITED})


def has_other_words(now: Record, before: Record) -> bool:
    """Whether a field that was bound before and is bound now has other words than before."""
    old, new = (
        dict((*one.lines, *((grade.heading, grade.words) for grade in one.grades))) for one in (before, now)
    )
    return any(new[heading] != words for heading, words in old.items() if heading in new)


def _restated(now: Record, before: Record) -> Record:
    """The record with the overall grade and those that differ from before, and without earlier grades."""
    stated = tuple(one for one in now.grades if one.aspect == OVERALL or one in _changed(now, before))
    return replace(now, grades=tuple(replace(one, previous=None) for one in stated))


def _dated_by_its_grades(news: Record) -> Record:
    """The record as of the day of its grades, which is later than the inspection."""
    day = max(one.graded_on for one in news.grades if one.graded_on is not None)
    return replace(news, inspected_on=day, published_on=day)


def _changed(now: Record, before: Record) -> list[Graded]:
    """The grades that differ from those before."""
    old = {one.aspect: one.grade for one in before.grades if now.scale == before.scale}
    return [one for one in now.grades if one.grade != old.get(one.aspect)]


def _first(now: Record, today: date) -> Record | None:
    if not now.grades or now.inherited_from is not None or _is_older(now, today, FIRST_WITHIN):
        return None
    return replace(now, cause=Cause.INSPECTION)


def _is_older(now: Record, today: date, within: timedelta) -> bool:
    dated = now.published_on or now.inspected_on
    return dated is not None and today - dated > within


def _cause(now: Record, before: Record, *, fresh: bool) -> Cause | None:
    """Why the grades differ; None if they do not and no new inspection is numbered."""
    old = {one.aspect: one for one in before.grades}
    changed = _changed(now, before)
    if not changed and not (fresh and now.number and before.number):
        return None
    if now.inherited_from is not None and (fresh or before.inherited_from is None):
        return Cause.INHERITED
    if fresh:
        return Cause.INSPECTION
    regraded = all(_is_regraded(one, old.get(one.aspect), before) for one in changed)
    if now.scale != before.scale:  # otherwise the publisher restates the same inspection
        return Cause.RESCALED if regraded else None
    return Cause.REGRADED if regraded else Cause.CORRECTION


def _is_new_inspection(now: Record, before: Record) -> bool:
    """Whether a record is of a later inspection. Where both are numbered, the numbers must differ too.

    Another number for an inspection of the same day is none: publishers renumber.
    """
    if now.number is not None and now.number == before.number:
        return False
    later = [_later(now.inspected_on, before.inspected_on), _later(now.published_on, before.published_on)]
    known = [one for one in later if one is not None]
    if not known:
        return now.number is not None and before.number is not None
    return next((one > 0 for one in known if one), False)


def _later(now: date | None, before: date | None) -> int | None:
    """Above 0 if a day is later than the one before, 0 if it is the same; None if one is not known."""
    return None if now is None or before is None else (now - before).days


def _is_regraded(one: Graded, old: Graded | None, before: Record) -> bool:
    """Whether a grade is dated after the one before it, or after the inspection."""
    since = (old.graded_on if old else None) or before.inspected_on or before.published_on
    return one.graded_on is not None and since is not None and one.graded_on > since


def _with_earlier(now: Record, before: Record) -> Record:
    """The record with the grades of the same inspection that it states no more."""
    if now.scale != before.scale:
        return now
    stated: Collection[str] = {one.aspect for one in now.grades}
    kept = tuple(one for one in before.grades if one.aspect not in stated)
    return replace(now, grades=(*now.grades, *kept)) if kept else now
