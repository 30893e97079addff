"""Pauses and limits that operators set, and workers' reports on the relays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, or_, select, update

from digest.deliveries import Limits, Pause
from digest.relays import RelayReport
from digest.store.database import Database, wrote_new
from digest.store.tables import limits, pauses, relay_health

_ONE: Final = 1


def row_of(pause: Pause) -> dict[str, Any]:
    return {
        "id": _ONE,
        "since": pause.since,
        "by": pause.by,
        "why": pause.why,
        "in_doubt": pause.in_doubt,
        "until": pause.until,
        "unknown_since": pause.unknown_since,
    }


class SqlPauses:
    """`ports.PauseStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def current(self) -> Pause | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(pauses))).mappings().first()
        if row is None:
            return None
        return Pause(**{name: row[name] for name in Pause.__slots__})

    async def pause(self, pause: Pause) -> bool:
        async with self._database.write() as connection:
            new = await wrote_new(connection, pauses, row_of(pause))
            if not new:
                doubts = {"unknown_since": pause.unknown_since, "in_doubt": pause.in_doubt}
                doubts = doubts if pause.unknown_since else {}
                await connection.execute(update(pauses).values(until=pause.until, **doubts))
            return new

    async def end_at(self, until: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(pauses).values(until=until))

    async def know_endings(self) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(pauses).values(unknown_since=None))

    async def lift(self, now: datetime) -> bool:
        over = delete(pauses).where(pauses.c.until <= now)
        async with self._database.write() as connection:
            return bool((await connection.execute(over)).rowcount)

    async def resume(self) -> bool:
        async with self._database.write() as connection:
            return bool((await connection.execute(delete(pauses))).rowcount)


class SqlLimits:
    """`ports.LimitStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def current(self) -> Limits:
        async with self._database.read() as connection:
            row = (await connection.execute(select(limits))).mappings().first()
        return Limits(**{name: row[name] for name in Limits.__slots__}) if row else Limits()

    async def set(self, limits_: Limits) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(limits))
            await connection.execute(insert(limits).values(id=_ONE, **asdict(limits_)))


REPORTS_KEPT_FOR: Final = timedelta(days=1)
"""Older reports are deleted: they come from workers that have ended."""


class SqlRelays:
    """`ports.RelayStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, reports: Sequence[RelayReport], now: datetime) -> None:
        old = [(relay_health.c.worker == one.worker) & (relay_health.c.relay == one.relay) for one in reports]
        async with self._database.write() as connection:
            await connection.execute(
                delete(relay_health).where(or_(relay_health.c.at < now - REPORTS_KEPT_FOR, *old))
            )
            if reports:
                await connection.execute(insert(relay_health), [asdict(one) for one in reports])

    async def reports(self) -> list[RelayReport]:
        query = select(relay_health).order_by(relay_health.c.relay, relay_health.c.worker)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [RelayReport(**row) for row in rows]
