"""A worker that runs one noon in a process of its own, and can be killed at any effect of it.

An effect is what the world sees: a transaction committed, an envelope offered, a note made in the journal,
a message handed over. The n-th one done, the process kills itself as `kill -9` would: nothing is closed,
flushed or said.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["servers.noon", "digest.app.service"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Noon:
    """Where the run finds its files, and what the clock shows."""

    config: Path
    now: datetime
    killed_after: int | None = None  # effects; None: it runs to its end


async def run_noon(noon: Noon) -> bool:
    """Run it in another process; whether it came to its end."""
    process = _CONTEXT.Process(target=_main, args=(noon,))
    process.start()
    await asyncio.to_thread(process.join, 60)
    code = process.exitcode
    process.close()
    if code not in (0, -signal.SIGKILL):
        raise AssertionError(f"the worker ended with {code}")
    return code == 0


def _main(noon: Noon) -> None:
    count = 0

    def effect() -> None:
        nonlocal count
        count += 1
        if count == noon.killed_after:
            os.kill(os.getpid(), signal.SIGKILL)

    _watch(effect)
    asyncio.run(_noon(noon))


def _watch(effect: Callable[[], None]) -> None:
    """Call `effect` after everything the world can see."""
    from digest.adapters.journal import FilePage
    from digest.adapters.smtp.session import SmtpSession
    from digest.store.database import Database

    write = Database.write

    @asynccontextmanager
    async def watched_write(self: Database) -> AsyncIterator[AsyncConnection]:
        async with write(self) as connection:
            yield connection
        effect()

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            answer = await method(*args, **kwargs)
            effect()
            return answer

        return call

    def noted(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            answer = method(*args)
            effect()
            return answer

        return call

    FilePage.begin = noted(FilePage.begin)  # type: ignore[method-assign]
    FilePage.answer = noted(FilePage.answer)  # type: ignore[method-assign]
    Database.write = watched_write  # type: ignore[method-assign, assignment]
    SmtpSession.offer = watched(SmtpSession.offer)  # type: ignore[method-assign]
    SmtpSession.hand_over = watched(SmtpSession.hand_over)  # type: ignore[method-assign]


async def _noon(noon: Noon) -> None:
    from digest.app.directory import configured
    from digest.app.service import service
    from digest.demo.world import SimulatedClock

    settings, secrets = configured(noon.config)
    async with service(settings, secrets, directory=noon.config, clock=SimulatedClock(noon.now)) as it:
        await it.recover()
