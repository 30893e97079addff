"""Who left, complained or was erased: remembered as keyed hashes, so that no import brings them back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import Seal, suppression_keys
from digest.store.database import insert_new
from digest.store.tables import departures


async def depart(connection: AsyncConnection, seal: Seal, addresses: Iterable[str], now: datetime) -> None:
    """Remember that the owners of these addresses went; an empty one is nobody's."""
    seals = {seal(suppression_keys(address)[0]) for address in addresses if address}
    if seals:
        rows = [{"seal": one, "since": now} for one in sorted(seals)]
        await connection.execute(insert_new(connection, departures).values(rows))


async def come_back(connection: AsyncConnection, seal: Seal, address: str) -> None:
    """Forget that an address went: its owner wants to hear of us again."""
    seals = {seal(key) for key in suppression_keys(address)}
    await connection.execute(delete(departures).where(departures.c.seal.in_(seals)))


async def departed(connection: AsyncConnection, seal: Seal, address: str) -> datetime | None:
    """Since when an address is gone; None if it is not."""
    seals = {seal(key) for key in suppression_keys(address)}
    query = select(departures.c.since).where(departures.c.seal.in_(seals)).order_by(departures.c.since)
    since: datetime | None = (await connection.execute(query.limit(1))).scalar_one_or_none()
    return since
