"""Which config each process runs on."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import delete, select

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

    async def all(self) -> tuple[AppliedConfig, ...]:
        query = select(applied_config).order_by(applied_config.c.applied_at.desc())
        async with self._database.read() as connection:
            return tuple(
                AppliedConfig(**dict(row) | {"restart": tuple(row["restart"])})
                for row in (await connection.execute(query)).mappings()
            )
