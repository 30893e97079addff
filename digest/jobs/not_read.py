"""What becomes of an item whose page was not read: it is put off or parked, or the feed speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digest.backoff import doubling
from digest.ports import Blocked, HostShut, Unreached, Unread
from digest.sources import LONGEST_WAIT

TRIES: Final = 8
"""An item is parked after so many failed tries: about half a day, or longer if its server asks us to wait.

A try is a request, or a refusal of our own to make it. While a host lets nothing be asked for there is none.
"""

WALL_TRIES: Final = 4
"""The feed's own words stand in after so many tries that brought a page that is no report, about a day."""

LEAST_AGE: Final = timedelta(hours=20)
"""No feed's words stand in before the item was known for so long: other tries may have failed as well."""

ASKED_EVERY: Final = timedelta(days=1)
ASKED_FOR: Final = timedelta(days=8)
"""How often, and until which age of its item, a page is asked for in whose place the feed's words stand."""

_FIRST_WAIT: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(hours=6)
_WALL_WAITS: Final = (timedelta(hours=1), timedelta(hours=5), timedelta(hours=18))
"""After each try that brought a page that is no report. A bot check may last for hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """Why an item was not read this time."""

    trouble: str
    wait: timedelta = timedelta(0)  # what the server asks for
    tried: bool = True  # False: no request for the page was made
    wall: bool = False  # a page came that is no report
    withheld: bool = False  # the server, or its robots.txt, keeps the page from us
    silent: bool = False  # nothing answered
    final: bool = False  # its publisher has taken it back: it is not asked for again


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """The item is tried again then."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """The item waits for an operator; its page is asked for again then, or not at all."""

    until: datetime | None
    before: bool  # it was parked already


@dataclass(frozen=True, slots=True, kw_only=True)
class StoodIn:
    """The item is parked, and the feed's own words stand in. Its page is asked for again then."""

    until: datetime


def not_read(outcome: Blocked | Unreached | HostShut) -> NotRead:
    """Why no page came."""
    match outcome:
        case Blocked(reason=reason, wait=wait, withheld=withheld):
            return NotRead(trouble=reason, wait=wait or timedelta(0), withheld=withheld)
        case Unreached(reason=reason, wait=wait, answered=answered):
            return NotRead(trouble=reason, wait=wait or timedelta(0), silent=not answered)
        case HostShut(reason=reason, wait=left, withheld=withheld):
            return NotRead(trouble=reason, wait=left, tried=False, withheld=withheld)


def fate(unread: Unread, outcome: NotRead, now: datetime) -> PutOff | Parked | StoodIn:
    """What becomes of an item that was not read."""
    if outcome.final:
        return Parked(until=None, before=unread.parked)
    tries, age = unread.attempts + int(outcome.tried), now - unread.since
    asked = min(outcome.wait, LONGEST_WAIT)
    later = PutOff(until=now + max(_wait(outcome, tries), asked))
    if unread.parked:
        if not outcome.tried:
            return later
        return Parked(until=now + max(ASKED_EVERY, asked) if age < ASKED_FOR else None, before=True)
    enough = not outcome.tried or tries >= (WALL_TRIES if outcome.wall else TRIES)
    if outcome.wall or outcome.withheld:
        return StoodIn(until=now + ASKED_EVERY) if enough and age >= LEAST_AGE else later
    return Parked(until=None, before=False) if outcome.tried and tries >= TRIES else later


def _wait(outcome: NotRead, tries: int) -> timedelta:
    """How long we wait by ourselves after so many failed tries."""
    if not outcome.tried:
        return timedelta(0)
    if outcome.wall:
        return _WALL_WAITS[min(tries, len(_WALL_WAITS)) - 1]
    return doubling(_FIRST_WAIT, tries, _LONGEST_WAIT)
