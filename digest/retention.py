"""Retention: how long what we keep of people is kept, and what becomes of it then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final

from digest.schedule import Timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long each thing is kept; `RULES` says from when on."""

    unconfirmed: timedelta = timedelta(days=7)
    ended: timedelta = timedelta(days=28)
    letters: timedelta = timedelta(days=7)
    answers: timedelta = timedelta(days=90)
    parked: timedelta = timedelta(days=90)
    counts: timedelta = timedelta(days=2)
    evidence: timedelta = timedelta(days=730)
    deliveries: timedelta = timedelta(days=400)
    items: timedelta = timedelta(days=400)


RULES: Final[Mapping[str, tuple[str, str]]] = {
    "unconfirmed": ("asking last", "what was never confirmed ends, and its request is deleted"),
    "ended": ("the end of a subscription", "the address is erased, wherever it stands"),
    "letters": ("a letter was settled", "its address and its content are erased"),
    "answers": ("the edition, or the report", "what relays and returned reports said is erased; codes stay"),
    "parked": ("its arrival", "received mail that could not be dealt with is deleted"),
    "counts": ("counting", "counts for the limits on requests are deleted"),
    "evidence": ("the end of a subscription", "the wording and network of its history are erased"),
    "deliveries": ("the edition", "its deliveries are deleted; the edition itself stays"),
    "items": (
        "first sight",
        "title and summary of what was old news from the start are erased; its keys stay",
    ),
}
"""For each setting, since when it counts and what happens."""

FOR_EVER: Final = (
    "editions, reports, pages and ratings: any past edition can be rebuilt",
    "the keys of every item a source ever showed: what is listed again is not new again",
    "the steps of subscriptions, of nobody in particular once the address is erased",
    "suppressions: keyed hashes, of which no address can be read",
    "departures, likewise: who left, complained or was erased, so that no list brings them back",
)
"""What no setting limits."""


def table() -> str:
    """What is kept for how long unless set otherwise, as a table in Markdown."""
    rows = [
        f"| `retention.{f.name}` | {getattr(Retention(), f.name).days} days after {RULES[f.name][0]} "
        f"| {RULES[f.name][1]} |"
        for f in fields(Retention)
    ]
    return "\n".join(["| Setting | Unless set otherwise | Then |", "|---|---|---|", *rows])


def due(last: date | None, timetable: Timetable, now: datetime) -> bool:
    """Whether the day's pruning is to be done: once a day, and not while an edition is on its way.

    A service that only ever runs around noon prunes then, a day late.
    """
    today = timetable.day_of(now)
    if last is None or last < today - timedelta(days=1):
        return True
    return last < today and not any(timetable.open_days(now))
