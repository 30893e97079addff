"""The health of a source: its states, from the facts of its polls, and which turns operators are told of.

A turn is told once, when enough looks in a row have found a source worse, and once when it is well again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.rhythm import Rhythm
from digest.sources import SLOW_AFTER, Polled

READ_WITHIN: Final = timedelta(hours=24)
"""A source whose last good poll is older than this counts as not read."""


class Health(StrEnum):
    """The health of a source. If several states are true, `health_of` says which it has."""

    NEW = "new"  # not polled yet
    OK = "ok"
    UNCHANGED = "unchanged"  # ok, and its server said that nothing has changed since the last whole list
    SHADOW = "shadow"  # ok, and what it lists is shown to operators only
    PAUSED = "paused"  # an operator has paused it
    SLOW = "slow"  # its last answers took much longer than usual, or more than half the time that we allow
    QUIET = "quiet"  # it can be read and has listed nothing new for longer than its history makes likely
    EMPTY = "empty"  # it can be read and lists no items
    HELD = "held"  # new items are held for an operator
    FAILING = "failing"  # the last poll failed
    BLOCKED = "blocked"  # the last poll failed because the server refuses us
    OVERDUE = "overdue"  # no poll failed, but the last good one is too long ago

    @property
    def well(self) -> bool:
        """Whether nothing needs an operator."""
        return _RANKS[self] == 0

    @property
    def read(self) -> bool:
        """Whether the source was read lately, so that its silence means no news."""
        return self not in _UNREAD and self not in {Health.NEW, Health.PAUSED}

    @property
    def unread(self) -> bool:
        """Whether its publisher could not be read lately."""
        return self in _UNREAD

    @property
    def failed(self) -> bool:
        """Whether the last poll of this source failed."""
        return self in {Health.FAILING, Health.BLOCKED}

    @property
    def rank(self) -> int:
        """How bad it is. States of one rank are told as one illness if they alternate."""
        return _RANKS[self]


_UNREAD: Final = frozenset({Health.FAILING, Health.BLOCKED, Health.OVERDUE})
_RANKS: Final = {
    Health.NEW: 0,
    Health.OK: 0,
    Health.UNCHANGED: 0,
    Health.SHADOW: 0,
    Health.PAUSED: 0,
    Health.SLOW: 1,
    Health.QUIET: 2,
    Health.EMPTY: 3,
    Health.HELD: 4,
    Health.FAILING: 5,
    Health.BLOCKED: 5,
    Health.OVERDUE: 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a source."""

    checked_at: datetime | None  # the last good poll; None: there was none
    trouble: str | None  # why the last poll failed; None: it was good
    blocked: bool = False  # whether the server refuses us
    unchanged: bool = False  # whether the server said that nothing has changed
    listed: int | None = None  # how many items the last whole list had; None: not known
    slow: int = 0  # answers in a row that took long
    rhythm: Rhythm | None = None  # None: not known
    parked: int = 0  # items that cannot be read
    held: int = 0  # items that are held for an operator
    shadow: bool = False
    paused: bool = False


def facts_of(polled: Polled | None) -> Facts:
    """The facts in what is remembered of a source's polls; None: it was never polled."""
    if polled is None:
        return Facts(checked_at=None, trouble=None)
    return Facts(
        checked_at=polled.checked_at,
        trouble=polled.trouble,
        blocked=polled.refused,
        unchanged=polled.full_at is not None and polled.checked_at not in {None, polled.full_at},
        listed=polled.listed,
        slow=polled.slow,
    )


def health_of(facts: Facts, now: datetime, silences: Collection[date] = ()) -> Health:
    """The health of a source at `now`, from the facts.

    `silences` are days on which nobody is expected to publish, such as bank holidays.
    """
    if facts.paused:
        return Health.PAUSED
    if facts.trouble:
        return Health.BLOCKED if facts.blocked else Health.FAILING
    if facts.checked_at is None:
        return Health.NEW
    if now - facts.checked_at > READ_WITHIN:
        return Health.OVERDUE
    return _read_health(facts, now, silences)


def _read_health(facts: Facts, now: datetime, silences: Collection[date]) -> Health:
    if facts.held:
        return Health.HELD
    if facts.listed == 0:
        return Health.EMPTY
    if facts.rhythm is not None and facts.rhythm.quiet(now.date(), silences):
        return Health.QUIET
    if facts.slow >= SLOW_AFTER:
        return Health.SLOW
    if facts.shadow:
        return Health.SHADOW
    return Health.UNCHANGED if facts.unchanged else Health.OK


# -- what operators are told ----------------------------------------------------------------------------

LOOKS_WORSE: Final = 3
"""So many polls in a row must find a source worse before operators are told. Most outages are over by then:
with the usual interval, that is an hour and a half after the first failure."""

LOOKS_BETTER: Final = 2
"""And so many must find it better: the first good answer after an outage may be the last for a while."""

STEADY: Final = timedelta(days=1)
"""A source that fell twice within this time has healed only once it was well for as long."""

_AT_ONCE: Final = frozenset({Health.QUIET, Health.HELD, Health.OVERDUE})
"""Told at the first look: what stands behind them is a history, a batch or a day, not one answer."""

OUR_LINE: Final = "*"
"""In place of a source: our own line, which fails if no source answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What operators know of a source, and what was seen since."""

    source: str
    known: Health = Health.OK  # as they were last told
    told_at: datetime | None = None  # when they were last told of a turn; None: never
    fell_at: datetime | None = None  # when they were last told that it became worse
    relapsed: bool = False  # it had fallen before, within `STEADY`
    seen: Health = Health.OK  # at the last look
    looks: int = 0  # in a row that found it worse than known, or better
    since: datetime | None = None  # the first of these looks
    asked_at: datetime | None = None  # the last poll that counted as a look
    due_at: datetime | None = None  # since when operators should be told of a turn; None: there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change of a source's health that operators are told of, once."""

    source: str
    before: Health
    now: Health
    since: datetime  # the first look that found it so

    @property
    def healed(self) -> bool:
        return self.now.well


def looked(before: Watched, seen: Health, asked_at: datetime | None, now: datetime) -> Watched:
    """What is known of a source after a look at `now`. `asked_at` is the last poll.

    The same poll is not counted twice. A source that an operator has paused, or that was never polled, begins
    again: nobody is told of it. Nor are operators told that what they released is no longer held.
    """
    if seen in {Health.PAUSED, Health.NEW} or (before.known is Health.HELD and seen.well):
        return replace(_level(before, seen, asked_at), known=Health.OK)
    worse = seen.rank - before.known.rank
    if worse == 0:
        return _level(before, seen, asked_at)
    turned = before.looks == 0 or (worse > 0) is not (before.seen.rank > before.known.rank)
    counts = turned or asked_at != before.asked_at
    after = replace(
        before,
        seen=seen,
        looks=1 if turned else before.looks + counts,
        since=now if turned else before.since,
        asked_at=asked_at,
    )
    return replace(after, due_at=(before.due_at or now) if _is_due(after, now) else None)


def _level(before: Watched, seen: Health, asked_at: datetime | None) -> Watched:
    return replace(before, seen=seen, looks=0, since=None, asked_at=asked_at, due_at=None)


def _is_due(watched: Watched, now: datetime) -> bool:
    """Whether what was seen in a row is enough to tell operators of it."""
    seen, since = watched.seen, watched.since or now
    if _worse(watched):
        # A source that is polled daily is told of on the second day, as its readers are.
        return seen in _AT_ONCE or watched.looks >= LOOKS_WORSE or now - since >= READ_WITHIN
    if watched.relapsed:
        return watched.looks >= LOOKS_BETTER and now - since >= STEADY
    if seen is Health.HELD:  # what its publisher lists after the outage waits for them
        return True
    if seen.well:
        return watched.looks >= LOOKS_BETTER
    # Less ill is still ill, and operators know that it is: only what lasts is worth another mail.
    return watched.looks >= LOOKS_BETTER and now - since >= STEADY


def told(watched: Watched, now: datetime) -> Watched:
    """What is known of a source once operators were told of its turn."""
    relapsed = watched.relapsed and not watched.seen.well
    if _worse(watched) and (watched.known.well or watched.known is Health.HELD):
        relapsed = watched.fell_at is not None and now - watched.fell_at < STEADY
    return replace(
        _level(watched, watched.seen, watched.asked_at),
        known=watched.seen,
        told_at=now,
        fell_at=now if _worse(watched) else watched.fell_at,
        relapsed=relapsed,
    )


def _worse(watched: Watched) -> bool:
    return watched.seen.rank > watched.known.rank


# -- one mail for many turns -----------------------------------------------------------------------------

GATHERED_FOR: Final = timedelta(minutes=10)
"""A turn waits so long for others: what fails together is found in the course of a few looks."""

APART: Final = timedelta(hours=1)
"""The shortest time between two mails about turns."""

HOST_WITHIN: Final = timedelta(hours=6)
"""A source that is well again waits at most so long for others of its host, which are asked again by then."""


def to_tell(watched: Collection[Watched], hosts: Mapping[str, str | None], now: datetime) -> tuple[Turn, ...]:
    """The turns to tell operators of now, in one mail, in the order of `watched`; () if none or not yet.

    `hosts` has the host of each source. If a host's sources turn, those that have begun to turn are told of
    with the first; and that they are well again is told once all of them were asked.
    """
    last = max((one.told_at for one in watched if one.told_at is not None), default=None)
    due = [one for one in watched if one.due_at is not None and not _waits(one, watched, hosts, now)]
    begun = min((one.due_at for one in due if one.due_at is not None), default=None)
    if begun is None or now - begun < GATHERED_FOR or (last is not None and now - last < APART):
        return ()
    ways = {(hosts.get(one.source), _worse(one)) for one in due if hosts.get(one.source) is not None}
    along = [one for one in watched if one.looks and (hosts.get(one.source), _worse(one)) in ways]
    return tuple(
        Turn(source=one.source, before=one.known, now=one.seen, since=one.since or now)
        for one in watched
        if one in due or (one in along and (_worse(one) or (one.seen.well and not one.relapsed)))
    )


def _waits(
    one: Watched, watched: Collection[Watched], hosts: Mapping[str, str | None], now: datetime
) -> bool:
    """Whether a source that is well again waits for others of its host that have not been asked since."""
    if _worse(one) or one.due_at is None or one.since is None or now - one.due_at >= HOST_WITHIN:
        return False
    own, since = hosts.get(one.source), one.since
    return any(
        other.known.unread and not other.looks and (other.asked_at is None or other.asked_at < since)
        for other in watched
        if other.source != one.source and own is not None and hosts.get(other.source) == own
    )
