"""Bounces: when returned mail ends a subscription, and when so much comes back that nobody's ends.

The relay's refusals and reports that come later count alike: both have a verdict. Editions are counted, not
reports: an edition that comes back three times counts once. Days without an edition count for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from digest.smtp_verdicts import Verdict

POINTS: Final[Mapping[Verdict, int]] = {Verdict.HARD: 2, Verdict.SOFT: 1}
"""Points for each edition, in halves; other verdicts count nothing."""
BACK: Final = frozenset({*POINTS, Verdict.ABOUT_US})
"""Verdicts that mean "the message came back", whether the cause is the subscriber's or ours."""
THRESHOLD: Final = 10
"""Five points in halves: ten soft bounces, or five hard ones."""
LONG: Final = timedelta(days=21)
"""The least time from the first to the last of these: a mailbox may be full for a three-week holiday."""
HARD_DAYS: Final = 3
"""Hard bounces that are enough without the threshold, if `HARD_LONG` lies between the first and the last."""
HARD_LONG: Final = timedelta(days=7)
"""A server that is misconfigured over a long weekend says "no such user" of everybody."""
FORGOTTEN_AFTER: Final = 14
"""Editions in a row that do not come back clear earlier ones.

Servers give up after five days: fewer prove little.
"""
BRAKE_SHARE: Final = 20
"""The brake acts above one in twenty: confirmed addresses bounce far less, so the cause is elsewhere."""
BRAKE_LEAST: Final = 10
"""The fewest bounces for the brake: two in a list of thirty mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionVerdict:
    """The verdict of one report on one subscriber's edition. An edition may have several, in any order."""

    edition: date
    verdict: Verdict


class Reason(StrEnum):
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing follows: the subscription goes on, or the brake does not act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSubscription:
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """So much of an edition came back that it counts against nobody, and operators are alerted."""

    edition: date
    bounced: int
    sent: int


def decide(
    verdicts: Iterable[EditionVerdict],
    *,
    editions: Collection[date],
    braked: Collection[date] = (),
    complained: bool = False,
) -> Nothing | EndSubscription:
    """Whether the bounces of one subscriber end the subscription.

    `editions` are the days of all editions sent to the subscriber; `braked` are editions that count against
    nobody.
    """
    if complained:
        return EndSubscription(reason=Reason.COMPLAINED)
    points = _points(one for one in verdicts if one.edition not in braked)
    run = _last_run(points, sorted({*editions, *points}))
    return EndSubscription(reason=Reason.BOUNCED) if _enough(run, points) else Nothing()


def brake(edition: date, *, sent: int, bounced: int) -> Nothing | Brake:
    """Whether too much of one edition came back. `bounced` counts the subscribers with a verdict in `BACK`.

    Refusals because of us count too: when much comes back at once, the cause is not single subscribers.
    """
    if bounced >= BRAKE_LEAST and bounced * BRAKE_SHARE > sent:
        return Brake(edition=edition, bounced=bounced, sent=sent)
    return Nothing()


def _points(verdicts: Iterable[EditionVerdict]) -> dict[date, int]:
    """Points by edition, in halves. An edition counts once, with its worst verdict."""
    points: dict[date, int] = {}
    for one in verdicts:
        if one.verdict in POINTS:
            points[one.edition] = max(points.get(one.edition, 0), POINTS[one.verdict])
    return points


def _last_run(points: Mapping[date, int], editions: Sequence[date]) -> list[date]:
    """The editions that came back since `FORGOTTEN_AFTER` in a row last did not; empty if that is now."""
    run: list[date] = []
    quiet = 0
    for day in editions:
        if day in points:
            run.append(day)
            quiet = 0
        else:
            quiet += 1
            if quiet >= FORGOTTEN_AFTER:
                run.clear()
    return run


def _enough(run: Sequence[date], points: Mapping[date, int]) -> bool:
    if not run:
        return False
    hard = [day for day in run if points[day] == POINTS[Verdict.HARD]]
    if hard and hard[-1] - hard[0] >= HARD_LONG and len(hard) >= HARD_DAYS:
        return True
    return sum(points[day] for day in run) >= THRESHOLD and run[-1] - run[0] >= LONG
