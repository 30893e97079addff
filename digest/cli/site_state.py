"""The states that `digest bench site` measures: worlds of services and editions, and what the site reads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.cli.polls_measured import apart, in_loop
from digest.cli.site_world import World, build

if TYPE_CHECKING:
    from digest.adapters.config.secrets import Secrets
    from digest.settings import Settings
    from digest.store.database import Database

Step = Callable[[], None]
"""Called after each step, for the progress that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One world, where its state is kept, and how long it is measured."""

    folder: str
    database: str | None  # the URL of a PostgreSQL; None: SQLite
    providers: int
    rounds: int
    seconds: float

    def configured(self) -> tuple[Settings, Secrets]:
        from pydantic import SecretStr

        from digest.app.directory import configured

        settings, secrets = configured(Path(self.folder))
        if self.database:
            secrets = secrets.model_copy(update={"database_url": SecretStr(self.database)})
        return settings, secrets


async def ready(plan: Plan) -> None:
    """Make the world of a plan, and what the site reads of it."""
    async with opened(plan) as (world, database):
        await made(plan, world, database, lambda: None)


@asynccontextmanager
async def opened(plan: Plan) -> AsyncIterator[tuple[World, Database]]:
    from digest.adapters.clock import SystemClock
    from digest.adapters.config.packaged import copy_config
    from digest.app.directory import open_database

    copy_config(Path(plan.folder))
    settings, secrets = plan.configured()
    database = open_database(settings, secrets, Path(plan.folder))
    until = settings.edition.timetable.told_until(SystemClock().now())
    world = World(providers=plan.providers, until=until, inspectorates=settings.inspectorates)
    try:
        await database.create()
        yield world, database
    finally:
        await database.dispose()


async def made(plan: Plan, world: World, database: Database, step: Step) -> dict[str, Any]:
    began = time.perf_counter()
    rows = await build(world, database)
    built = time.perf_counter() - began
    step()
    filled = await asyncio.to_thread(apart, fill, plan)
    await _settle(database)
    step()
    return {"rows": rows, "built_seconds": built, **filled}


async def _settle(database: Database) -> None:
    """What PostgreSQL does by itself soon after many rows were written."""
    from sqlalchemy import text

    if not database.file:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))


async def empty(database: Database) -> None:
    """Take all rows out of a PostgreSQL database."""
    from sqlalchemy import text

    from digest.store.tables import metadata

    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    async with database.write() as connection:
        await connection.execute(text(f"TRUNCATE {names} CASCADE"))


def fill(plan: Plan) -> dict[str, float]:
    """What it costs to make what the site reads, and to look at it again when nothing has changed."""
    return in_loop(partial(_fill, plan))


async def _fill(plan: Plan) -> dict[str, float]:
    from digest.app.service import service

    settings, secrets = plan.configured()
    async with service(settings, secrets, directory=Path(plan.folder)) as running:
        began, used = time.perf_counter(), time.process_time()
        await running.public_keeper.keep()
        filled, filled_used = time.perf_counter(), time.process_time()
        if await running.public_keeper.keep():
            raise RuntimeError("a second look should find nothing to write")
        return {
            "filled_seconds": filled - began,
            "filled_processor_seconds": filled_used - used,
            "looked_processor_seconds": time.process_time() - filled_used,
        }
