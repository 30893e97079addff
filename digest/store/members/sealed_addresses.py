"""Addresses kept as seals: found among many, and noticed when they were sealed with another key.

Seals of another key would silently protect nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import Seal, suppression_keys
from digest.errors import KeyChanged
from digest.store.database import Database, insert_new
from digest.store.tables import departures, seal_marks, suppressions

_NOBODY: Final = "nobody@seal.invalid"
_ONE: Final = 1
_SEALED: Final = (suppressions, departures)


async def check_seal(database: Database, seal: Seal) -> None:
    """Mark the state with our seal, if nothing is sealed with another; `KeyChanged` if something is."""
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


async def sealed_among(
    connection: AsyncConnection, table: Table, seal: Seal, keys: Sequence[str]
) -> frozenset[str]:
    """Those of many addresses' keys that a table has under any of their seals."""
    seals = {key: {seal(one) for one in suppression_keys(key)} for key in keys}
    sought = set().union(*seals.values())
    found = frozenset(
        (await connection.execute(select(table.c.seal).where(table.c.seal.in_(sought)))).scalars()
    )
    return frozenset(key for key in keys if not found.isdisjoint(seals[key]))


async def drop_sealed(database: Database) -> int:
    """Every suppression and departure, whatever key they were sealed with; how many there were."""
    async with database.write() as connection:
        return sum([(await connection.execute(delete(table))).rowcount for table in _SEALED])


async def count_sealed(database: Database) -> int:
    async with database.read() as connection:
        return await _count(connection)


async def _count(connection: AsyncConnection) -> int:
    counts = [select(func.count()).select_from(table) for table in _SEALED]
    return sum([int((await connection.execute(count)).scalar_one()) for count in counts])
