"""Retention: how long personal data and records are kept, and what happens to them then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final

from digest.schedule import Timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long each thing is kept. `RULES` says from which moment."""

    unconfirmed: timedelta = timedelta(days=7)
    ended: timedelta = timedelta(days=28)
    letters: timedelta = timedelta(days=7)
    answers: timedelta = timedelta(days=90)
    parked: timedelta = timedelta(days=90)
    newsletters: timedelta = timedelta(days=60)
    counts: timedelta = timedelta(days=8)
    evidence: timedelta = timedelta(days=730)
    deliveries: timedelta = timedelta(days=400)
    items: timedelta = timedelta(days=400)
    versions: timedelta = timedelta(days=730)
    parts: timedelta = timedelta(days=730)
    shadows: timedelta = timedelta(days=90)


RULES: Final[Mapping[str, tuple[str, str]]] = {
    "unconfirmed": (
        "the last request",
        "a subscription that was never confirmed ends; its request is deleted, also one not done",
    ),
    "ended": ("the end of a subscription", "the address is erased, wherever it stands"),
    "letters": ("a letter was sent or given up", "its address and its content are erased"),
    "answers": (
        "the edition, or the report",
        "the words of relays and returned reports are erased; codes stay",
    ),
    "parked": ("its arrival", "parked mail is deleted"),
    "newsletters": ("its arrival", "a newsletter that came to this service is deleted; what it told stays"),
    "counts": ("counting", "counts for the limits on requests are deleted"),
    "evidence": ("the end of a subscription", "the wording and network of its history are erased"),
    "deliveries": ("the edition", "its deliveries are deleted; the edition itself stays"),
    "items": (
        "first sight",
        "title and summary of items that were no news when first listed are erased; their keys stay",
    ),
    "versions": ("the edit was noticed", "what an entry or page said before it was edited is deleted"),
    "parts": (
        "they were read",
        "the other pages of a report in parts are deleted; its first page and its reading stay",
    ),
    "shadows": ("reading", "what editions would have told of a source in shadow is deleted"),
}
"""For each setting: the moment from which its time runs, and what happens at its end."""

FOR_EVER: Final = (
    "editions, reports, pages and ratings: any past edition can be rebuilt",
    "the keys of every item that a source ever listed, so that an old item is not taken for a new one",
    "the steps of subscriptions, which name nobody once the address is erased",
    "suppressions: keyed hashes, from which no address can be read",
    "departures, keyed hashes too: who left, complained or was erased, so that no import brings them back",
)
"""What is kept without a limit."""


def table() -> str:
    """The default of each setting, as a Markdown table for the docs."""
    rows = [
        f"| `retention.{f.name}` | {getattr(Retention(), f.name).days} days after {RULES[f.name][0]} "
        f"| {RULES[f.name][1]} |"
        for f in fields(Retention)
    ]
    return "\n".join(["| Setting | Unless set otherwise | Then |", "|---|---|---|", *rows])


def due(last: date | None, timetable: Timetable, now: datetime) -> bool:
    """Whether pruning is due. It runs once a day, and not while an edition is being sent.

    `last` is the day of the last pruning. If it is more than a day ago, pruning does not wait for the
    edition: a service may run around noon only.
    """
    today = timetable.day_of(now)
    if last is None or last < today - timedelta(days=1):
        return True
    return last < today and not any(timetable.open_days(now))
