"""The health of a source: its states, from the facts of its polls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
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
