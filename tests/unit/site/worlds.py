"""Editions of our own making on the public site."""

from __future__ import annotations

from datetime import UTC, date, datetime

from desk import KNOWN, TIMETABLE, Service
from sqlalchemy import insert

from digest.edition import Edition
from digest.jobs.keep_public import PublicKeeper
from digest.ratings import Inspectorates
from digest.store.codec import EDITION
from digest.store.sql import SqlStore
from digest.store.tables import editions


async def seal(store: SqlStore, *sealed: Edition) -> None:
    """Put editions into the ledger as they are."""
    rows = [
        {"day": one.day, "cutoff": noon(one.day), "content": EDITION.dump(one), "sealed_at": noon(one.day)}
        for one in sealed
    ]
    async with store.database.write() as connection:
        await connection.execute(insert(editions), rows)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


async def publish(service: Service, *sealed: Edition, known: Inspectorates = KNOWN) -> None:
    """Seal editions, and let the public site know of them."""
    await seal(service.store, *sealed)
    await keep(service, known)


async def keep(service: Service, known: Inspectorates = KNOWN) -> None:
    """Let the public site know of what is public now."""
    keeper = PublicKeeper(
        store=service.store.public_model,
        editions=service.store.editions,
        inspectorates=known,
        timetable=TIMETABLE,
        clock=service.clock,
    )
    await keeper.keep()
