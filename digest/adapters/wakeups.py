"""The doorbell between machines: procrastinate on the PostgreSQL that holds the ledger.

It only says that there may be something to do; the ledger knows what. A ring that is lost costs minutes,
until the next look, and one too many costs a look. Its tables live in a schema of their own, so that the
library's names and ours never meet.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Final

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ProcrastinateException
from sqlalchemy.ext.asyncio import AsyncConnection

log = logging.getLogger(__name__)

SCHEMA: Final = "doorbell"
_QUEUE: Final = "deliver"
_MOST: Final = 20
"""Rings for one edition: each wakes one worker; those beyond the workers there are find nothing to do."""

_STALLED: Final = 60.0
"""Seconds without a sign of life after which a worker's ring is given to another."""


class Doorbell:
    """Rung in the transaction that makes the work, answered by the workers that deliver."""

    def __init__(self, url: str) -> None:
        self._look: Callable[[], Awaitable[Any]] | None = None
        self._app = App(
            connector=PsycopgConnector(conninfo=url, kwargs={"options": f"-c search_path={SCHEMA}"})
        )
        self._task = self._app.task(name="deliver", queue=_QUEUE)(self._answered)

    async def ring(self, connection: AsyncConnection, batches: int, at: datetime) -> None:
        """Wake workers at an instant, if the transaction is committed."""
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await connection.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
        job = self._task.configure(connection=raw, schedule_at=at)
        await job.batch_defer_async(*({} for _ in range(min(batches, _MOST))))
        await connection.exec_driver_sql("SET LOCAL search_path TO DEFAULT")

    @asynccontextmanager
    async def within_earshot(self) -> AsyncIterator[None]:
        """For `answer` and `reap`, which share one pool of connections: it may be opened but once."""
        async with self._app.open_async():
            yield

    async def answer(self, look: Callable[[], Awaitable[Any]]) -> None:
        """Look whenever it rings, until cancelled."""
        self._look = look
        await self._app.run_worker_async(
            queues=[_QUEUE],
            concurrency=1,
            install_signal_handlers=False,
            delete_jobs="always",
            shutdown_graceful_timeout=30,
        )

    async def reap(self) -> None:
        """Give the rings of dead workers to the living: the library leaves that to us."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=_STALLED):
            with suppress(ProcrastinateException):  # another worker was quicker
                await manager.retry_job(job)

    async def _answered(self) -> None:
        if self._look is not None:
            await self._look()
