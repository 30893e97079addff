"""Limits on sending that an operator set while the service runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from sqlalchemy import delete, insert, select

from digest.deliveries import Limits
from digest.store.database import Database
from digest.store.tables import limits

_ONE: Final = 1


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
