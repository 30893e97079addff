"""Suppressed and departed addresses, which are stored as seals: keyed hashes.

Seals that were made with another key would protect nobody, so a change of the key is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import suppression_keys
from digest.errors import KeyChanged, Refused
from digest.store.database import Database, insert_new, note_endings
from digest.store.endings import Entry, What
from digest.store.members.known_endings import known_endings
from digest.store.tables import departures, seal_marks, suppressions
from digest.subscriptions import Suppression
from digest.tokens import Seal

_NOBODY: Final = "nobody@seal.invalid"
_ONE: Final = 1
_SEALED: Final = (suppressions, departures)


async def check_seal(database: Database, seal: Seal) -> None:
    """Mark the database and its record of endings with our key. A new record knows what the state knows.

    `KeyChanged` if addresses in the database are sealed with another key.
    """
    ours = mark_of(seal)
    database.endings.seal = seal
    async with database.read() as connection:
        mark = (await connection.execute(select(seal_marks.c.mark))).scalar_one_or_none()
        name = await database.endings.name(connection)
    if mark == ours and name is not None and name.endswith(ours):
        return
    async with database.write() as connection:
        sealed = await _count(connection)
        if mark not in (None, ours) and sealed:
            raise KeyChanged(sealed)
        if mark is None:
            await connection.execute(insert_new(connection, seal_marks).values(id=_ONE, mark=ours))
        else:
            await connection.execute(update(seal_marks).values(mark=ours))
        await database.endings.open(connection, ours)
        await database.endings.add(connection, await known_endings(connection, seal, ours))


def mark_of(seal: Seal) -> str:
    """What shows the key of a seal, and nothing else."""
    return seal(_NOBODY)


async def sealed_among(
    connection: AsyncConnection, table: Table, seal: Seal, keys: Sequence[str]
) -> frozenset[str]:
    """Those of the address keys for which a table has one of their three seals (`suppression_keys`)."""
    seals = {key: {seal(one) for one in suppression_keys(key)} for key in keys}
    sought = set().union(*seals.values())
    found = frozenset(
        (await connection.execute(select(table.c.seal).where(table.c.seal.in_(sought)))).scalars()
    )
    return frozenset(key for key in keys if not found.isdisjoint(seals[key]))


async def drop_sealed(database: Database) -> int:
    """Delete every suppression and departure, with any key; returns how many there were."""
    async with database.write() as connection:
        sealed = (await connection.execute(select(suppressions.c.seal))).scalars().all()
        allowed = (Entry(what=What.ALLOWED, seal=one, at=None, is_sealed=True) for one in sealed)
        note_endings(connection, allowed)
        return await delete_sealed(connection)


async def delete_sealed(connection: AsyncConnection) -> int:
    """As `drop_sealed`, without a word in the record of endings: its seals are of another key."""
    return sum([(await connection.execute(delete(table))).rowcount for table in _SEALED])


async def count_sealed(database: Database) -> int:
    async with database.read() as connection:
        return await _count(connection)


async def _count(connection: AsyncConnection) -> int:
    counts = [select(func.count()).select_from(table) for table in _SEALED]
    return sum([int((await connection.execute(count)).scalar_one()) for count in counts])


async def add_departures(
    connection: AsyncConnection, seal: Seal, addresses: Iterable[str], now: datetime
) -> None:
    """Store that the owners of these addresses have left, the last time now. Empty addresses are ignored."""
    keys = {suppression_keys(address)[0] for address in addresses if address}
    seals = {seal(key) for key in keys}
    if seals:
        note_endings(connection, (Entry(what=What.DEPARTED, seal=key, at=now) for key in sorted(keys)))
        rows = [{"seal": one, "since": now} for one in sorted(seals)]
        await connection.execute(insert_new(connection, departures).values(rows))
        earlier = departures.c.seal.in_(seals), departures.c.since < now
        await connection.execute(update(departures).where(*earlier).values(since=now))


async def remove_departure(connection: AsyncConnection, seal: Seal, address: str) -> None:
    """Delete the departure of an address: its owner has subscribed again."""
    seals = {seal(key) for key in suppression_keys(address)}
    await connection.execute(delete(departures).where(departures.c.seal.in_(seals)))


async def departure_of(connection: AsyncConnection, seal: Seal, address: str) -> datetime | None:
    """When the owner of an address left; None if they did not."""
    seals = {seal(key) for key in suppression_keys(address)}
    query = select(departures.c.since).where(departures.c.seal.in_(seals)).order_by(departures.c.since)
    since: datetime | None = (await connection.execute(query.limit(1))).scalar_one_or_none()
    return since


async def add_suppression(
    connection: AsyncConnection, seal: Seal, key: str, suppression: Suppression
) -> bool:
    """Suppress the address with this key; False if it was suppressed before."""
    note_endings(connection, [Entry(what=What.SUPPRESSED, seal=key, at=suppression.since)])
    return await _insert_suppression(connection, seal(key), suppression)


async def add_sealed_suppression(connection: AsyncConnection, sealed: str, suppression: Suppression) -> bool:
    """Suppress the address with this seal; False if it was suppressed before, and then nothing is noted."""
    new = await _insert_suppression(connection, sealed, suppression)
    if new:
        entry = Entry(what=What.SUPPRESSED, seal=sealed, at=suppression.since, is_sealed=True)
        note_endings(connection, [entry])
    return new


async def _insert_suppression(connection: AsyncConnection, sealed: str, suppression: Suppression) -> bool:
    row = {"seal": sealed, "why": suppression.why, "since": suppression.since, "by": suppression.by}
    statement = insert_new(connection, suppressions).values(row)
    return (await connection.execute(statement.returning(suppressions.c.seal))).first() is not None


async def remove_suppression(connection: AsyncConnection, seal: Seal, address: str) -> bool:
    """Remove the suppression of an address; False if there is none."""
    keys = suppression_keys(address)[:2]  # the third is the whole mailbox's
    note_endings(connection, (Entry(what=What.ALLOWED, seal=key, at=None) for key in dict.fromkeys(keys)))
    seals = {seal(key) for key in keys}
    gone = await connection.execute(suppressions.delete().where(suppressions.c.seal.in_(seals)))
    return bool(gone.rowcount)


async def suppression_of(connection: AsyncConnection, seal: Seal, address: str) -> Suppression | None:
    seals = {seal(key) for key in suppression_keys(address)}
    query = select(suppressions).where(suppressions.c.seal.in_(seals)).order_by(suppressions.c.since)
    row = (await connection.execute(query)).mappings().first()
    return Suppression(why=row["why"], since=row["since"], by=row["by"]) if row else None


async def refuse_suppressed(connection: AsyncConnection, seal: Seal, address: str) -> None:
    """Raise `Refused` if the address is suppressed."""
    found = await suppression_of(connection, seal, address)
    if found is not None:
        raise Refused(f"this address must not be written to, since {found.since:%d %b %Y}: {found.why}")
