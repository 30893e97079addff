"""Upgrades: an older state is written to a backup, migrated and checked, or it stays as it was."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, MetaData, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.errors import StateUnreadable
from digest.providers import Provider
from digest.ratings import Rating
from digest.store.backup import Progress, back_up
from digest.store.database import Database, migrate
from digest.store.providers import load_register
from digest.store.tables import (
    metadata,
    subscribers,
    subscription_steps,
    subscriptions,
    suppressions,
)

log = logging.getLogger(__name__)

_PEOPLE: Final = (subscribers, subscriptions, subscription_steps, suppressions)
"""Tables that no migration may lose a row of."""


class _CheckFailed(Exception):
    """The migrated state is not what this version needs."""


_Register = tuple[Iterable[Provider], Iterable[Rating]]


async def upgrade(
    database: Database, backup: Path, now: datetime, progress: Progress, register: _Register | None
) -> str | None:
    """Upgrade a state to this version's schema; returns the revision it was at, None if it needed nothing.

    Call it within `Database.alone`. The backup of the state before is written first, for the version that
    wrote it. Migration, check and the register of this version are one transaction; without a register,
    the one in the state stays. `StateUnreadable` if one of them fails, or if the state is not an older one of
    ours.
    """
    revision = await database.revision()
    if revision is None:
        return None
    await back_up(database, backup, now, progress, revision=revision)
    try:
        async with _migrating(database) as connection:
            people = await _people(connection)
            await connection.run_sync(migrate)
            await _check(connection, people)
            if register is not None:
                await load_register(connection, *register)
            if database.file:
                await connection.execute(text(f"PRAGMA user_version={_TO_REWRITE}"))
    except Exception as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise StateUnreadable(
            f"the upgrade of {database} from revision {revision} failed, and all is as it was before: "
            f"{reason}; {backup} is a backup of it"
        ) from error
    await _rewrite(database)
    return revision


_TO_REWRITE: Final = 1
"""In the head of SQLite's file, until it is written again."""


async def finish(database: Database) -> None:
    """Finish an upgrade that was killed after its transaction. `StateInUse` if a process uses the state."""
    if database.file is None:
        return
    async with database.read() as connection:
        marked = await connection.scalar(text("PRAGMA user_version"))
    if marked == _TO_REWRITE:
        async with database.alone():
            await _rewrite(database)


@asynccontextmanager
async def _migrating(database: Database) -> AsyncIterator[AsyncConnection]:
    """A transaction in which a migration may replace a table that others refer to."""
    if database.file is None:
        async with database.write() as connection:
            yield connection
        return
    async with database.engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await connection.execution_options(write=True)
        await raw.execute("PRAGMA foreign_keys=OFF")  # it is without effect within a transaction
        try:
            async with connection.begin():
                yield connection
        finally:
            await raw.execute("PRAGMA foreign_keys=ON")


async def _people(connection: AsyncConnection) -> dict[str, int]:
    def counts(inner: Connection) -> dict[str, int]:
        there = MetaData()
        there.reflect(inner, only=lambda name, _: name in {table.name for table in _PEOPLE})
        return {
            name: int(inner.execute(select(func.count()).select_from(table)).scalar_one())
            for name, table in there.tables.items()
        }

    return await connection.run_sync(counts)


async def _check(connection: AsyncConnection, people: dict[str, int]) -> None:
    """`_CheckFailed` unless the schema is this version's, its references hold and nobody is missing."""
    if difference := await connection.run_sync(_difference):
        raise _CheckFailed(f"its schema is another: {difference}")
    if connection.dialect.name == "sqlite":
        broken = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
        if broken is not None:
            raise _CheckFailed(f"a row of {broken[0]} refers to one of {broken[2]} that is missing")
        [said] = (await connection.execute(text("PRAGMA quick_check(1)"))).scalars()
        if said != "ok":
            raise _CheckFailed(f"its file is damaged: {said}")
    now = await _people(connection)
    for name, count in people.items():
        if now[name] != count:
            raise _CheckFailed(f"{name} had {count} rows and has {now[name]}")


def _difference(connection: Connection) -> str:
    """What differs between the database and this version's schema; empty if nothing does."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return ", ".join(str(one) for one in compare_metadata(context, metadata))


async def _rewrite(database: Database) -> None:
    """Write SQLite's file again, without what earlier versions deleted and did not overwrite."""
    if database.file is None:
        return
    async with database.engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        try:
            await raw.execute("VACUUM")
            await raw.execute("PRAGMA user_version=0")
            await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:  # no room for a copy
            log.warning("the file could not be written again, and may hold what was deleted: %s", error)
