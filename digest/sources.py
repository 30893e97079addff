"""Sources: the places we poll, how often, and what we remember of the last poll."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from digest.backoff import doubling
from digest.rhythm import REMEMBERED
from digest.source_specs import FEED, SourceKind, Spec


class Authority(StrEnum):
    """Who publishes a source. Only an inspectorate's own text changes a rating."""

    OFFICIAL = "official"
    BLOG = "blog"


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
    shadow: timedelta | None = None  # for so long from its first list on, only operators see what it lists
    spec: Spec = FEED
    per_host: timedelta | None = None  # between two requests to its host; None: the usual pause

    @property
    def kind(self) -> SourceKind:
        return self.spec.kind

    @property
    def host(self) -> str:
        """The host of its address; "" if that has none."""
        return urlsplit(self.url).hostname or ""


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
    began_at: datetime | None = None  # the first poll that brought a list; None: there was none
    baselined_at: datetime | None = None  # of the list that is the baseline; None: the next one will be
    url: str | None = None  # where the last list with items came from
    checked_at: datetime | None = None  # the last good poll, 304 included
    full_at: datetime | None = None  # the last poll that brought a whole body
    failures: int = 0  # in a row
    trouble: str | None = None  # what the last failure was
    asked_at: datetime | None = None  # the last request
    answered_at: datetime | None = None  # the last request that its server answered, with an error too
    refused: bool = False  # the last failure: the server answers, and refuses us
    listed: int | None = None  # how many items the last whole list had
    usual_ms: int | None = None  # how long a good answer usually takes, in milliseconds
    slow: int = 0  # good answers in a row that took long (`took_long`)
    moved_to: str | None = None  # where its server says that it has moved for good
    held_at: datetime | None = None  # since when an operator holds all that is new
    paused_at: datetime | None = None  # since when an operator has paused it
    paused_until: datetime | None = None  # None: until an operator resumes it
    rests: tuple[tuple[date, date], ...] = ()  # of earlier pauses, the first and the last whole day (UTC)

    def paused(self, now: datetime) -> bool:
        """Whether it is not to be polled, because an operator said so."""
        return self.paused_at is not None and (self.paused_until is None or now < self.paused_until)


# Once a day no validators are sent: otherwise a server that always answers 304 would hide all news.
FULL_POLL_EVERY: Final = timedelta(days=1)
BACKOFF_CEILING: Final = timedelta(hours=6)
LONGEST_WAIT: Final = timedelta(days=1)  # the most that we wait for a server's Retry-After


def due(sources: Collection[Source], polled: Collection[Polled], now: datetime) -> Iterator[Source]:
    """The sources whose next poll is due. A source that was never polled is due at once.

    A next poll can be too far ahead, because the clock was wrong or the operator has shortened the interval
    since. Such a source is due as well, and so is one that probes whether our own line is back. A source
    that an operator has paused is not due.
    """
    turns = {p.source: p.next_poll_at for p in polled}
    paused = {p.source for p in polled if p.paused(now)}
    asked = probe(silent(sources, polled, now), now)
    return (
        s
        for s in sources
        if s.id not in paused
        and (s.id not in turns or s.id == asked or not now < turns[s.id] <= now + _furthest(s))
    )


def _ceiling(source: Source) -> timedelta:
    return max(BACKOFF_CEILING, source.every)


def _furthest(source: Source) -> timedelta:
    return max(_ceiling(source), LONGEST_WAIT)


def validators_for(source: Source, polled: Polled | None, now: datetime) -> Validators:
    """The validators to send: none on the first poll, and none if the last whole body is a day old.

    Nor are they sent to another address than the one they are from.
    """
    if polled is None or polled.full_at is None or moved(source, polled):
        return Validators()
    fresh = timedelta(0) <= now - polled.full_at < FULL_POLL_EVERY  # below 0: the clock was set back
    return polled.validators if fresh else Validators()


def moved(source: Source, polled: Polled | None) -> bool:
    """Whether a source has another address than the one where its last list came from."""
    return polled is not None and polled.url is not None and polled.url != source.url


def in_shadow(source: Source, polled: Polled | None, now: datetime) -> bool:
    """Whether only operators see what a source lists now. Its time is counted from its first list on."""
    if source.shadow is None:
        return False
    return polled is None or polled.began_at is None or now - polled.began_at < source.shadow


def succeeded(
    source: Source,
    before: Polled | None,
    validators: Validators | None,
    now: datetime,
    *,
    listed: int | None = None,
    took: Took | None = None,
    moved_to: str | None = None,
) -> Polled:
    """What to remember after a good poll. `validators` is None if the server answered "not modified".

    `listed` is how many items the list had, old and new.
    """
    known = before or Polled(source=source.id, next_poll_at=now)
    checked = replace(
        known if took is None else _timed(known, took),
        next_poll_at=now + source.every,
        checked_at=now,
        failures=0,
        trouble=None,
        refused=False,
        asked_at=now,
        answered_at=now,
        moved_to=moved_to,
    )
    if validators is None:
        return checked
    return replace(checked, validators=validators, full_at=now, listed=listed)


def failed(
    source: Source,
    before: Polled | None,
    trouble: str,
    now: datetime,
    wait: timedelta | None = None,
    *,
    asked_at: datetime | None = None,
    answered: bool = True,
    refused: bool = False,
) -> Polled:
    """What to remember after a failed poll. The wait grows with each failure up to a ceiling.

    `wait` is the server's Retry-After; it counts if it is longer than our own wait. `asked_at` is when the
    request began, now if it is not given; `answered` says whether the server answered it, with an error too,
    and `refused` whether it refuses us.
    """
    known = before or Polled(source=source.id, next_poll_at=now)
    backoff = doubling(source.every, known.failures + 1, _ceiling(source))
    delay = max(backoff, min(wait or timedelta(0), LONGEST_WAIT))
    asked = asked_at or now
    return replace(
        known,
        next_poll_at=now + delay,
        failures=known.failures + 1,
        trouble=trouble,
        refused=refused,
        asked_at=asked,
        answered_at=asked if answered else known.answered_at,
    )


def not_asked(source: Source, before: Polled | None, trouble: str, now: datetime, wait: timedelta) -> Polled:
    """What to remember if no request was made, because the host has asked us to wait. It is no failure."""
    known = before or Polled(source=source.id, next_poll_at=now)
    return replace(known, next_poll_at=now + min(wait, LONGEST_WAIT), trouble=trouble)


def without_validators(source: Source, before: Polled | None, now: datetime) -> Polled:
    """The memory with which the next poll asks for the whole list, because not all of the last was stored."""
    return replace(before or Polled(source=source.id, next_poll_at=now), validators=Validators())


def with_validators(source: Source, before: Polled | None, validators: Validators, now: datetime) -> Polled:
    """The memory with which the next poll may be answered "not modified": all of the last is stored."""
    return replace(before or Polled(source=source.id, next_poll_at=now), validators=validators)


# -- what operators say --------------------------------------------------------------------------------


def paused(source: str, before: Polled | None, now: datetime, *, until: datetime | None = None) -> Polled:
    """What to remember of a source that an operator pauses; None: until it is resumed."""
    known = _known(source, before, now)
    return replace(known, paused_at=now, paused_until=until, rests=_rests(known, now))


def resumed(source: str, before: Polled | None, now: datetime) -> Polled:
    """What to remember of a source whose pause an operator ends: it is due."""
    known = _known(source, before, now)
    return replace(known, paused_at=None, paused_until=None, rests=_rests(known, now), next_poll_at=now)


def rested(polled: Polled | None, now: datetime) -> frozenset[date]:
    """The days (UTC) on which a source was paused from midnight to midnight."""
    spans = () if polled is None else _rests(polled, now)
    return frozenset(
        first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1)
    )


def _rests(polled: Polled, now: datetime) -> tuple[tuple[date, date], ...]:
    """The pauses until now that have a whole day, as far back as a source's history counts."""
    spans = list(polled.rests)
    if polled.paused_at is not None:
        over = min(now, polled.paused_until or now)
        spans.append((polled.paused_at.date() + timedelta(days=1), over.date() - timedelta(days=1)))
    begin = now.date() - REMEMBERED
    return tuple((max(first, begin), last) for first, last in spans if max(first, begin) <= last)


def held(source: str, before: Polled | None, now: datetime) -> Polled:
    """What to remember of a source if all that comes new is held."""
    known = _known(source, before, now)
    return replace(known, held_at=known.held_at or now)


def released(source: str, before: Polled | None, now: datetime) -> Polled:
    """What to remember of a source if nothing more is held: it is due, so that what was held is read."""
    return replace(_known(source, before, now), held_at=None, next_poll_at=now)


def without_baseline(source: str, before: Polled | None, now: datetime) -> Polled:
    """What to remember of a source whose next list is to be its baseline; nothing more is held."""
    known = _known(source, before, now)
    return replace(known, baselined_at=None, held_at=None, next_poll_at=now, validators=Validators())


def _known(source: str, before: Polled | None, now: datetime) -> Polled:
    return before or Polled(source=source, next_poll_at=now)


# -- how long answers take -----------------------------------------------------------------------------

SLOW_SHARE: Final = 0.5
"""An answer takes long if it takes more than this share of the time that we allow..."""

SLOW_TIMES: Final = 5
"""...or so many times as long as usual..."""

SLOW_AT_LEAST: Final = timedelta(seconds=5)
"""...and at least this long: nobody minds a server that needs 200 ms instead of 20."""

SLOW_AFTER: Final = 3
"""A source is slow after so many answers in a row that took long: one may be a backup or a lost packet."""

_WEIGHT: Final = 8
"""An answer counts for an eighth of what is usual..."""

_WEIGHT_OF_LONG: Final = 4096
"""...and one that took long for so little that a server must be slow for a week until that is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long a good answer took, and how long it might have."""

    time: timedelta  # of the exchange alone, without waiting for the host's turn
    allowed: timedelta


def took_long(took: Took, usual: timedelta | None) -> bool:
    """Whether an answer took much longer than usual, or too large a share of the time that we allow."""
    if took.time > SLOW_SHARE * took.allowed:
        return True
    return usual is not None and took.time > max(SLOW_TIMES * usual, SLOW_AT_LEAST)


def _timed(known: Polled, took: Took) -> Polled:
    usual = None if known.usual_ms is None else timedelta(milliseconds=known.usual_ms)
    long = took_long(took, usual)
    weight = 1 if usual is None else _WEIGHT_OF_LONG if long else _WEIGHT
    mean = took.time if usual is None else usual + (took.time - usual) / weight
    return replace(
        known, slow=known.slow + 1 if long else 0, usual_ms=round(mean / timedelta(milliseconds=1))
    )


# -- our own line ---------------------------------------------------------------------------------------

PROBE_EVERY: Final = timedelta(minutes=5)
"""While our own line seems to be down, one of the silent sources is asked this often."""

ENOUGH_HOSTS: Final = 3
"""So many hosts, or all of them, must be silent together before we take it for our own line."""

_LATE_ANSWER: Final = timedelta(minutes=5)
"""How long after the fastest source's next poll is due the absence of any answer begins to show something."""


def silent(sources: Collection[Source], polled: Iterable[Polled], now: datetime) -> tuple[Polled, ...]:
    """The sources that show that our own line is down, the one asked longest ago first; () if it is up.

    Our line seems to be down if no server has answered for longer than the fastest source's interval, and the
    sources that were asked since are on enough hosts. An error of a server is an answer; a refused
    connection, an unknown name or a timeout is none.
    """
    resting = {p.source for p in polled if p.paused(now)}
    hosts = {source.id: source.host for source in sources if source.id not in resting}
    ours = [p for p in polled if p.source in hosts]
    answer = max((p.answered_at for p in ours if p.answered_at), default=None)
    fastest = min((source.every for source in sources if source.id in hosts), default=timedelta(0))
    if answer is not None and now - answer <= fastest + _LATE_ANSWER:
        return ()
    asked = [(p.asked_at, p) for p in ours if p.asked_at and p.asked_at <= now]
    found = [(at, p) for at, p in asked if answer is None or at > answer]
    if not found or len({hosts[p.source] for _, p in found}) < min(ENOUGH_HOSTS, len(set(hosts.values()))):
        return ()
    return tuple(p for _, p in sorted(found, key=lambda one: one[0]))


def probe(quiet: Sequence[Polled], now: datetime) -> str | None:
    """The source to ask whether our line is back, out of the silent ones; None if one was asked just now."""
    last = max((p.asked_at for p in quiet if p.asked_at), default=None)
    return quiet[0].source if last is not None and now - last >= PROBE_EVERY else None


def forgiven(source: str, before: Polled | None, now: datetime) -> Polled:
    """What to remember of a silent source once our line is back: it is due, as if it had not failed."""
    return replace(before or Polled(source=source, next_poll_at=now), next_poll_at=now, failures=0)
