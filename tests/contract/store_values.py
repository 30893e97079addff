"""Moments and values that the store's contract is tried with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from digest.edition import Edition
from digest.edition_assembly import Assembly
from digest.store.sql import SqlStore
from digest.subscriptions import Selection, Subscription

NOON = datetime(2020, 3, 3, 12, 0, tzinfo=UTC)
DAY = date(2020, 3, 3)
MINUTE = timedelta(minutes=1)


def an_assembly(day: date = DAY) -> Assembly:
    cutoff = datetime(day.year, day.month, day.day, 11, 45, tzinfo=UTC)
    return Assembly(edition=Edition(day=day, cutoff=cutoff), settled=(), doubts=())


async def plan(store: SqlStore, day: date, *, everybody: bool = True) -> int:
    """The day's deliveries planned, for everyone who was active at its noon."""
    noon = NOON + (day - DAY)
    return await store.deliveries.plan(day, since=noon, everybody=everybody, now=noon, noon=noon)


async def everybody(store: SqlStore) -> list[Subscription]:
    return await store.people.page(Selection(), after=0, limit=1000)
