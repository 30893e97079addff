"""Which config each process runs on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, func, select, update

from digest.ports import AppliedConfig
from digest.store.database import Database, insert_or
from digest.store.tables import applied_config


class SqlConfigs:
    """`ports.ConfigStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, applied: AppliedConfig) -> None:
        row = asdict(applied) | {"restart": list(applied.restart)}
        async with self._database.write() as connection:
            if connection.dialect.name == "sqlite":  # one process has it: another row is of one that is gone
                gone = applied_config.c.process != applied.process
                await connection.execute(delete(applied_config).where(gone))
            insert = insert_or(connection, applied_config).values(row)
            await connection.execute(
                insert.on_conflict_do_update(index_elements=[applied_config.c.process], set_=row)
            )

    async def runs(self, process: str, until: datetime) -> bool:
        running = update(applied_config).where(applied_config.c.process == process).values(until=until)
        async with self._database.write() as connection:
            return bool((await connection.execute(running)).rowcount)

    async def forget(self, before: datetime) -> int:
        latest = select(func.max(applied_config.c.applied_at)).scalar_subquery()
        gone = (applied_config.c.until <= before) & (applied_config.c.applied_at < latest)
        async with self._database.write() as connection:
            return (await connection.execute(delete(applied_config).where(gone))).rowcount

    async def all(self) -> tuple[AppliedConfig, ...]:
        query = select(applied_config).order_by(applied_config.c.applied_at.desc())
        async with self._database.read() as connection:
            return tuple(
                AppliedConfig(**dict(row) | {"restart": tuple(row["restart"])})
                for row in (await connection.execute(query)).mappings()
            )
