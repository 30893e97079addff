"""The health of a source, and which changes of health operators are told of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.sources import Polled

READ_WITHIN: Final = timedelta(hours=24)
"""A source whose last good poll is older than this counts as not read."""

QUIET_AFTER: Final = 4
"""A source is quiet after so many of its usual gaps without a new item..."""

QUIET_AT_LEAST: Final = timedelta(days=7)
"""...and not before this time: a daily source may pause for a few days."""


class Health(StrEnum):
    """The health of a source."""

    NEW = "new"  # not polled yet
    HEALTHY = "healthy"
    FAILING = "failing"  # the last poll failed
    BLOCKED = "blocked"  # the last poll failed because the server refuses us
    OVERDUE = "overdue"  # no poll failed, but the last good one is too long ago
    EMPTY = "empty"  # it can be read and lists no items
    QUIET = "quiet"  # it can be read and has listed nothing new for much longer than usual

    @property
    def read(self) -> bool:
        """Whether the source was read lately, so that its silence means no news."""
        return self in _READ

    @property
    def failed(self) -> bool:
        """Whether the last poll of this source failed."""
        return self in {Health.FAILING, Health.BLOCKED}


_READ: Final = frozenset({Health.HEALTHY, Health.EMPTY, Health.QUIET})
_NOT_READ: Final = frozenset({Health.FAILING, Health.BLOCKED, Health.OVERDUE})
_WELL: Final = frozenset({Health.NEW, Health.HEALTHY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the polls of a source. In the last three fields, None means not known."""

    checked_at: datetime | None  # the last good poll; None: there was none
    trouble: str | None  # why the last poll failed; None: it was good
    blocked: bool = False  # whether the server refused it
    listed: int | None = None  # how many items the last whole list had
    last_new_at: datetime | None = None  # when it last listed a new item
    usual_gap: timedelta | None = None  # between two new items


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change of health that operators are told of, once."""

    before: Health
    now: Health

    @property
    def healed(self) -> bool:
        return self.now in _WELL


def facts_of(polled: Polled | None) -> Facts:
    """The facts in what is remembered of a source's polls; None: it was never polled."""
    if polled is None:
        return Facts(checked_at=None, trouble=None)
    return Facts(checked_at=polled.checked_at, trouble=polled.trouble)


def health_of(facts: Facts, now: datetime) -> Health:
    """The health of a source at `now`, from the facts."""
    if facts.trouble:
        return Health.BLOCKED if facts.blocked else Health.FAILING
    if facts.checked_at is None:
        return Health.NEW
    if now - facts.checked_at > READ_WITHIN:
        return Health.OVERDUE
    if facts.listed == 0:
        return Health.EMPTY
    return Health.QUIET if _is_quiet(facts, now) else Health.HEALTHY


def _is_quiet(facts: Facts, now: datetime) -> bool:
    if facts.last_new_at is None or facts.usual_gap is None:
        return False
    return now - facts.last_new_at > max(QUIET_AFTER * facts.usual_gap, QUIET_AT_LEAST)


def turned(before: Health, now: Health) -> Turn | None:
    """The turn to tell operators of when a source's health changes; None if there is nothing to tell.

    They are told when a source becomes ill, becomes well, or becomes ill in another way. Failing, blocked and
    overdue count as one illness, because they alternate while a source cannot be read.
    """
    same = before is now or {before, now} <= _WELL or {before, now} <= _NOT_READ
    return None if same else Turn(before=before, now=now)
