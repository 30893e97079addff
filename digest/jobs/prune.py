"""Once a day: delete what is past its retention, in small transactions that may be repeated."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from digest.jobs.failures import Failures
from digest.ports import Clock, PruneStore, Rule
from digest.retention import Retention, due
from digest.schedule import Timetable

log = logging.getLogger(__name__)

_CHORE: Final = "prune"

HOSTS_KEPT_FOR: Final = timedelta(days=30)
"""How long after the last request to a host it is known which process asked it."""


async def prune_daily(retention: Retention, timetable: Timetable, *, store: PruneStore, clock: Clock) -> None:
    """Prune if it is not done yet today."""
    now = clock.now()
    if not due(await store.done(_CHORE), timetable, now):
        return
    done = await prune(retention, store=store, now=now)
    await store.mark(_CHORE, timetable.day_of(now), clock.now())
    counts = {rule.name.lower(): count for rule, count in done.items() if count}
    log.info("pruned", extra=counts or {"nothing": True})


async def prune(retention: Retention, *, store: PruneStore, now: datetime) -> Mapping[Rule, int]:
    """Apply all rules; returns how many rows each rule pruned.

    A rule that fails does not stop the others; the first failure is raised at the end.
    """
    done: Counter[Rule] = Counter(dict.fromkeys(Rule, 0))
    failures = Failures()
    for rule, kept in kept_for(retention).items():
        with failures.contain(f"prune {rule.name.lower()}"):
            async for count in store.prune(rule, now - kept, now):
                done[rule] += count
    failures.raise_first()
    return done


async def preview(retention: Retention, *, store: PruneStore, now: datetime) -> Mapping[Rule, int]:
    """How many rows each rule would prune now. Nothing is written."""
    return {rule: await store.count(rule, now - kept) for rule, kept in kept_for(retention).items()}


def kept_for(retention: Retention) -> Mapping[Rule, timedelta]:
    """How long each rule keeps things, in the order in which the rules run."""
    return {
        Rule.UNCONFIRMED: retention.unconfirmed,
        Rule.REQUESTS: timedelta(0),
        Rule.ARRIVALS: retention.unconfirmed,
        Rule.ENDED: retention.ended,
        Rule.LEFTOVERS: timedelta(0),
        Rule.LETTERS: retention.letters,
        Rule.ANSWERS: retention.answers,
        Rule.PARKED: retention.parked,
        Rule.NEWSLETTERS: retention.newsletters,
        Rule.COUNTS: retention.counts,
        Rule.EVIDENCE: retention.evidence,
        Rule.DELIVERIES: retention.deliveries,
        Rule.ITEMS: retention.items,
        Rule.VERSIONS: retention.versions,
        Rule.PARTS: retention.parts,
        Rule.SHADOWS: retention.shadows,
        Rule.HOSTS: HOSTS_KEPT_FOR,
    }
