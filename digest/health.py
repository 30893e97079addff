"""A source's health: how it stands by what its looks brought, and when operators hear that it turned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.sources import Polled

READ_WITHIN: Final = timedelta(hours=24)
"""A source without a good look for longer than this counts as not read."""

QUIET_AFTER: Final = 4
"""A source is quiet once nothing new came for so many times its usual gap..."""

QUIET_AT_LEAST: Final = timedelta(days=7)
"""...and for this long at the least: a daily source may be closed for a few days."""


class Health(StrEnum):
    """How a source stands."""

    NEW = "new"  # no look at it was good yet, and none failed
    HEALTHY = "healthy"
    FAILING = "failing"  # the last look failed
    BLOCKED = "blocked"  # the last look failed: the server will not let us have it
    OVERDUE = "overdue"  # the last good look is too long ago, though none failed since
    EMPTY = "empty"  # it can be read, and lists nothing at all
    QUIET = "quiet"  # it can be read, and lists nothing new for far longer than usual

    @property
    def read(self) -> bool:
        """Whether silence of this source means that it has no news: readers are told which ones do not."""
        return self in _READ

    @property
    def failed(self) -> bool:
        """Whether the last look at this source failed."""
        return self in {Health.FAILING, Health.BLOCKED}


_READ: Final = frozenset({Health.HEALTHY, Health.EMPTY, Health.QUIET})
_NOT_READ: Final = frozenset({Health.FAILING, Health.BLOCKED, Health.OVERDUE})
_WELL: Final = frozenset({Health.NEW, Health.HEALTHY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the looks at a source; what is None is not known, and says nothing."""

    checked_at: datetime | None  # the last good look; None: there was none
    trouble: str | None  # what the last look failed of; None: it was good
    blocked: bool = False  # the trouble is a refusal, not an outage
    listed: int | None = None  # how many items the last whole list held
    last_new_at: datetime | None = None  # when it last listed something new
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
    """What the memory of a source's polls says of its health; None: it was never polled."""
    if polled is None:
        return Facts(checked_at=None, trouble=None)
    return Facts(checked_at=polled.checked_at, trouble=polled.trouble)


def health_of(facts: Facts, now: datetime) -> Health:
    """How a source stands at an instant."""
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
    """What to tell operators when a source's health goes from one to the other, if anything.

    Going from well to ill is told, and from ill to well. So is another kind of illness, except that a source
    which cannot be read is told once, whether it is refused, fails or is overdue: those alternate.
    """
    same = before is now or {before, now} <= _WELL or {before, now} <= _NOT_READ
    return None if same else Turn(before=before, now=now)
