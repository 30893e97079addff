"""Sources: the places we poll, how often, and what we remember of the last poll."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.backoff import doubling


class Authority(StrEnum):
    """Who publishes a source. Only an inspectorate's own text changes a rating."""

    OFFICIAL = "official"
    BLOG = "blog"


class SourceKind(StrEnum):
    """How a source lists its items. `jobs/source_kinds.py` has a lister for each kind."""

    FEED = "feed"  # RSS, Atom or JSON Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place we poll."""

    id: str
    name: str  # as readers see it
    url: str
    authority: Authority
    inspectorate: str | None  # the key of the inspectorate whose reports it lists; None: of any
    every: timedelta  # between two polls
    recent: timedelta  # an item that is older than this when first listed is not news
    pages: int  # the most items that are read in one poll
    kind: SourceKind = SourceKind.FEED


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """ETag and Last-Modified as the server gave them (RFC 9110 section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What we remember of a source between polls."""

    source: str
    next_poll_at: datetime
    validators: Validators = Validators()
    baselined_at: datetime | None = None  # of the first poll with a whole body; None: there was none
    checked_at: datetime | None = None  # the last good poll, 304 included
    full_at: datetime | None = None  # the last poll that brought a whole body
    failures: int = 0  # in a row
    trouble: str | None = None  # what the last failure was


# Once a day no validators are sent: otherwise a server that always answers 304 would hide all news.
FULL_POLL_EVERY: Final = timedelta(days=1)
BACKOFF_CEILING: Final = timedelta(hours=6)
LONGEST_WAIT: Final = timedelta(days=1)  # the most that we wait for a server's Retry-After


def due(sources: Iterable[Source], polled: Iterable[Polled], now: datetime) -> Iterator[Source]:
    """The sources whose next poll is due. A source that was never polled is due at once.

    A next poll can be too far ahead, because the clock was wrong or the operator has shortened the interval
    since. Such a source is due as well.
    """
    turns = {p.source: p.next_poll_at for p in polled}
    return (s for s in sources if s.id not in turns or not now < turns[s.id] <= now + _furthest(s))


def _ceiling(source: Source) -> timedelta:
    return max(BACKOFF_CEILING, source.every)


def _furthest(source: Source) -> timedelta:
    return max(_ceiling(source), LONGEST_WAIT)


def validators_for(polled: Polled | None, now: datetime) -> Validators:
    """The validators to send: none on the first poll, and none if the last whole body is a day old."""
    if polled is None or polled.full_at is None:
        return Validators()
    fresh = timedelta(0) <= now - polled.full_at < FULL_POLL_EVERY  # below 0: the clock was set back
    return polled.validators if fresh else Validators()


def succeeded(source: Source, before: Polled | None, validators: Validators | None, now: datetime) -> Polled:
    """What to remember after a good poll. `validators` is None if the server answered "not modified"."""
    known = before or Polled(source=source.id, next_poll_at=now)
    checked = replace(known, next_poll_at=now + source.every, checked_at=now, failures=0, trouble=None)
    if validators is None:
        return checked
    return replace(checked, validators=validators, baselined_at=known.baselined_at or now, full_at=now)


def failed(
    source: Source, before: Polled | None, trouble: str, now: datetime, wait: timedelta | None = None
) -> Polled:
    """What to remember after a failed poll. The wait grows with each failure up to a ceiling.

    `wait` is the server's Retry-After; it counts if it is longer than our own wait.
    """
    known = before or Polled(source=source.id, next_poll_at=now)
    backoff = doubling(source.every, known.failures + 1, _ceiling(source))
    delay = max(backoff, min(wait or timedelta(0), LONGEST_WAIT))
    return replace(known, next_poll_at=now + delay, failures=known.failures + 1, trouble=trouble)
