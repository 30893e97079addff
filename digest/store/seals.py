"""Noticing that suppressions were sealed with another key: they would silently protect nobody."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import Seal
from digest.errors import KeyChanged
from digest.store.database import Database, insert_new
from digest.store.tables import seal_marks, suppressions

_NOBODY: Final = "nobody@seal.invalid"
_ONE: Final = 1


async def check_seal(database: Database, seal: Seal) -> None:
    """Mark the state with our seal, if it has no suppressions of another; `KeyChanged` if it has."""
    ours = seal(_NOBODY)
    async with database.read() as connection:
        mark = (await connection.execute(select(seal_marks.c.mark))).scalar_one_or_none()
    if mark == ours:
        return
    async with database.write() as connection:
        sealed = await _count(connection)
        if mark is not None and sealed:
            raise KeyChanged(sealed)
        if mark is None:
            await connection.execute(insert_new(connection, seal_marks).values(id=_ONE, mark=ours))
        else:
            await connection.execute(update(seal_marks).values(mark=ours))


async def drop_suppressions(database: Database) -> int:
    """Every one of them, whatever key they were sealed with; how many there were."""
    async with database.write() as connection:
        return (await connection.execute(delete(suppressions))).rowcount


async def count_suppressions(database: Database) -> int:
    async with database.read() as connection:
        return await _count(connection)


async def _count(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(func.count()).select_from(suppressions))).scalar_one())
