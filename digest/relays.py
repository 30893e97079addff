"""Relays: whether each could be reached lately, as the workers that dialled them report it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

STALE_AFTER: Final = timedelta(minutes=15)
"""A report so much older than the newest one about the relay does not count: its worker has stopped sending.
It is longer than a connection lives, so a worker that goes on sending has dialled again in that time."""

REPORT_EVERY: Final = timedelta(minutes=1)
"""The time between two reports that say the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDial:
    """How a relay was when this process last dialled it."""

    relay: str  # host:port
    ago: timedelta | None  # since it was dialled; None: never
    code: int | None  # of a relay that answered and refused us
    trouble: str  # why it could not be used, without any address; empty: it could


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReport:
    """How a relay was when one worker last dialled it, as stored for all processes."""

    worker: str
    relay: str  # host:port
    at: datetime  # when it was dialled
    since: datetime  # since when this worker has found it usable, or unusable, without a change
    code: int | None  # of a relay that answered and refused us
    trouble: str  # why it could not be used, without any address; empty: it could


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayHealth:
    """What the workers' reports about one relay come to."""

    relay: str
    up: bool  # every worker that dialled it lately could use it
    since: datetime
    at: datetime  # when it was last dialled
    workers: int  # that dialled it lately
    without: int  # of them, those that could not use it
    code: int | None  # of the latest trouble
    trouble: str


def report(worker: str, dial: LastDial, before: RelayReport | None, now: datetime) -> RelayReport | None:
    """The report to store about a relay, given the last one stored; None where it has nothing new to say."""
    if dial.ago is None:
        return None
    at, since = now - dial.ago, now - dial.ago
    if before is not None and bool(before.trouble) == bool(dial.trouble):
        since = before.since
    found = RelayReport(
        worker=worker, relay=dial.relay, at=at, since=since, code=dial.code, trouble=dial.trouble
    )
    return found if _is_news(found, before) else None


def _is_news(found: RelayReport, before: RelayReport | None) -> bool:
    if before is None or before.worker != found.worker:
        return True
    if found.at < before.at:
        return False  # editions and letters dial separately: the later dialling counts
    return (before.code, before.trouble) != (
        found.code,
        found.trouble,
    ) or found.at - before.at >= REPORT_EVERY


def health(reports: Iterable[RelayReport]) -> dict[str, RelayHealth]:
    """How each relay is, by relay; one that no worker has dialled is absent."""
    about: dict[str, list[RelayReport]] = {}
    for one in reports:
        about.setdefault(one.relay, []).append(one)
    return {relay: _health(relay, about[relay]) for relay in sorted(about)}


def _health(relay: str, reports: list[RelayReport]) -> RelayHealth:
    at = max(one.at for one in reports)
    current = [one for one in reports if one.at > at - STALE_AFTER]
    without = [one for one in current if one.trouble]
    latest = max(without, key=lambda one: one.at, default=None)
    return RelayHealth(
        relay=relay,
        up=not without,
        since=min(one.since for one in without or current),
        at=at,
        workers=len(current),
        without=len(without),
        code=latest.code if latest else None,
        trouble=latest.trouble if latest else "",
    )
