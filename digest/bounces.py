"""Bounces: when what comes back from an address ends its subscription, and when nobody's is to end.

Refusals while we submit and reports that come later are scored alike: both are notices with a verdict. What
is scored is an edition, not a report: one that comes back three times counts once, and days without an
edition are no good days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from digest.smtp_verdicts import Verdict

POINTS: Final[Mapping[Verdict, int]] = {Verdict.HARD: 2, Verdict.SOFT: 1}
"""Half points; what is absent counts nothing."""
BACK: Final = frozenset({*POINTS, Verdict.ABOUT_US})
"""Verdicts of what came back, whoever's fault it is."""
THRESHOLD: Final = 10
"""Five points: ten editions that failed in passing, or fewer if some failed for good."""
LONG: Final = timedelta(days=21)
"""From the first to the last of them: mailboxes run full on holidays, and holidays take three weeks."""
HARD_DAYS: Final = 3
"""Editions that failed for good and are enough by themselves; daily ones are more than that by the time."""
HARD_LONG: Final = timedelta(days=7)
"""From the first to the last: a server set up badly over a long weekend says "no such user" too."""
FORGOTTEN_AFTER: Final = 14
"""Editions in a row that did not come back; servers give up after five days, so fewer prove little."""
BRAKE_SHARE: Final = 20
"""One twentieth of an edition: confirmed addresses bounce far less, so the cause is ours or a provider's."""
BRAKE_LEAST: Final = 10
"""Subscribers that must have bounced for the brake: of a list of thirty, two are no sign of anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard of one edition to one subscriber; there may be several of one edition, in any order."""

    edition: date
    verdict: Verdict


class Reason(StrEnum):
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Nothing:
    """The subscription goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSubscription:
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """So much of one edition came back that nobody is scored for it, and the operator is called."""

    edition: date
    bounced: int
    sent: int


def decide(
    heard: Iterable[Heard],
    *,
    editions: Collection[date],
    braked: Collection[date] = (),
    complained: bool = False,
) -> Nothing | EndSubscription:
    """What the history of one subscriber means.

    `editions` are the days of those sent to the subscriber, whatever came of them; `braked` those for which
    nobody is scored.
    """
    if complained:
        return EndSubscription(reason=Reason.COMPLAINED)
    points = _points(one for one in heard if one.edition not in braked)
    run = _last_run(points, sorted({*editions, *points}))
    return EndSubscription(reason=Reason.BOUNCED) if _enough(run, points) else Nothing()


def brake(edition: date, *, sent: int, bounced: int) -> Nothing | Brake:
    """Whether too much of one edition came back; `bounced` counts the subscribers with a verdict of `BACK`.

    Refusals of us count here too: whatever comes back at once is no word about single subscribers.
    """
    if bounced >= BRAKE_LEAST and bounced * BRAKE_SHARE > sent:
        return Brake(edition=edition, bounced=bounced, sent=sent)
    return Nothing()


def _points(heard: Iterable[Heard]) -> dict[date, int]:
    """Half points by edition, each counted once, at its worst."""
    points: dict[date, int] = {}
    for one in heard:
        if one.verdict in POINTS:
            points[one.edition] = max(points.get(one.edition, 0), POINTS[one.verdict])
    return points


def _last_run(points: Mapping[date, int], editions: Sequence[date]) -> list[date]:
    """The editions that came back since the last long quiet; none if it is quiet now."""
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
