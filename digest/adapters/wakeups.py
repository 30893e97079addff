"""Wakes workers on other machines through procrastinate, on the PostgreSQL database that holds the ledger.

A wake-up only says that there may be work; the ledger says which. If one is lost, the next regular check
finds the work a few minutes later. The library's tables are in a schema of their own, apart from ours.
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

SCHEMA: Final = "doorbell"  # a migration created it by this name
_QUEUE: Final = "deliver"
_MOST: Final = 20
"""Wake-ups for one edition. Each wakes one worker; with fewer workers, the others find nothing to do."""

_STALLED: Final = 60.0
"""Seconds without a heartbeat after which another worker gets a worker's wake-up."""


class Wakeups:
    """Sends wake-ups in the transaction that creates the work, and receives them in workers that deliver."""

    def __init__(self, url: str) -> None:
        self._callback: Callable[[], Awaitable[Any]] | None = None
        self._app = App(
            connector=PsycopgConnector(conninfo=url, kwargs={"options": f"-c search_path={SCHEMA}"})
        )
        self._task = self._app.task(name="deliver", queue=_QUEUE)(self._woken)

    async def notify(self, connection: AsyncConnection, batches: int, at: datetime) -> None:
        """Wake workers at an instant, for so many batches, once the transaction is committed."""
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await connection.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
        job = self._task.configure(connection=raw, schedule_at=at)
        await job.batch_defer_async(*({} for _ in range(min(batches, _MOST))))
        await connection.exec_driver_sql("SET LOCAL search_path TO DEFAULT")

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Open the connections that `listen` and `retry_stalled` share. They can be opened only once."""
        async with self._app.open_async():
            yield

    async def listen(self, callback: Callable[[], Awaitable[Any]]) -> None:
        """Call `callback` at each wake-up, until cancelled."""
        self._callback = callback
        await self._app.run_worker_async(
            queues=[_QUEUE],
            concurrency=1,
            install_signal_handlers=False,
            delete_jobs="always",
            shutdown_graceful_timeout=30,
        )

    async def retry_stalled(self) -> None:
        """Give the wake-ups of dead workers to others; the library leaves this to us."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=_STALLED):
            with suppress(ProcrastinateException):  # another worker was quicker
                await manager.retry_job(job)

    async def _woken(self) -> None:
        if self._callback is not None:
            await self._callback()
