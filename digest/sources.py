"""Sources: the places we poll, how often, and what we remember of the last poll."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.backoff import doubling


class Authority(StrEnum):
    """Who speaks: only an inspectorate's own text moves a rating."""

    OFFICIAL = "official"
    BLOG = "blog"


class SourceKind(StrEnum):
    """How a source tells what it lists; each kind has its lister in `jobs/source_kinds.py`."""

    FEED = "feed"  # RSS, Atom or JSON Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place we poll."""

    id: str
    name: str  # as readers see it
    url: str
    authority: Authority
    inspectorate: str | None  # whose reports it carries; None where it carries anybody's
    every: timedelta  # the cadence
    recent: timedelta  # an item dated further back than this when first seen is not news
    pages: int  # how many items to read in one poll, at the most
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
    baselined_at: datetime | None = None  # None: nothing of it was ever seen
    checked_at: datetime | None = None  # the last poll that told us anything, 304 included
    full_at: datetime | None = None  # the last poll that brought a whole body
    failures: int = 0  # in a row
    trouble: str | None = None  # what the last failure was


# Once a day we send no validators: a server that always answers 304 would otherwise hide all news.
FULL_POLL_EVERY: Final = timedelta(days=1)
BACKOFF_CEILING: Final = timedelta(hours=6)
LONGEST_WAIT: Final = timedelta(days=1)  # of what a server's Retry-After may ask for


def due(sources: Iterable[Source], polled: Iterable[Polled], now: datetime) -> Iterator[Source]:
    """Sources whose turn has come; one never polled is due at once.

    A turn further ahead than any we set was set by a clock that ran ahead, or before the operator shortened
    the cadence. Such a source is due too, or it would not be polled for a long time.
    """
    turns = {p.source: p.next_poll_at for p in polled}
    return (s for s in sources if s.id not in turns or not now < turns[s.id] <= now + _furthest(s))


def _ceiling(source: Source) -> timedelta:
    return max(BACKOFF_CEILING, source.every)


def _furthest(source: Source) -> timedelta:
    return max(_ceiling(source), LONGEST_WAIT)


def validators_for(polled: Polled | None, now: datetime) -> Validators:
    """The validators to send: none on the first poll, and none when a whole body is due again."""
    if polled is None or polled.full_at is None:
        return Validators()
    fresh = timedelta(0) <= now - polled.full_at < FULL_POLL_EVERY  # below 0: the clock was set back
    return polled.validators if fresh else Validators()


def succeeded(source: Source, before: Polled | None, validators: Validators | None, now: datetime) -> Polled:
    """The memory after a good poll; `validators` is None where the server said "not modified"."""
    known = before or Polled(source=source.id, next_poll_at=now)
    checked = replace(known, next_poll_at=now + source.every, checked_at=now, failures=0, trouble=None)
    if validators is None:
        return checked
    return replace(checked, validators=validators, baselined_at=known.baselined_at or now, full_at=now)


def failed(
    source: Source, before: Polled | None, trouble: str, now: datetime, wait: timedelta | None = None
) -> Polled:
    """The memory after a poll that failed: we wait longer after each failure, and never give up.

    `wait` is the server's Retry-After, obeyed where it is longer.
    """
    known = before or Polled(source=source.id, next_poll_at=now)
    backoff = doubling(source.every, known.failures + 1, _ceiling(source))
    delay = max(backoff, min(wait or timedelta(0), LONGEST_WAIT))
    return replace(known, next_poll_at=now + delay, failures=known.failures + 1, trouble=trouble)
