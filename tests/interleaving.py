"""Puts the whole of one request between any two transactions of another."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.store.database import Database

_first: contextvars.ContextVar[bool] = contextvars.ContextVar("_first", default=False)


async def interleaved(
    monkeypatch: pytest.MonkeyPatch,
    first: Callable[[], Awaitable[Any]],
    second: Callable[[], Awaitable[Any]],
    before: int,
) -> bool:
    """Do all of `second` before transaction number `before` of `first`; False if `first` has fewer."""
    begun = 0

    def counted(transaction: Callable[[Database], Any]) -> Callable[[Database], Any]:
        @asynccontextmanager
        async def count(database: Database) -> AsyncIterator[AsyncConnection]:
            nonlocal begun
            if _first.get():
                begun += 1
                if begun == before + 1:
                    await contextvars.Context().run(asyncio.ensure_future, second())
            async with transaction(database) as connection:
                yield connection

        return count

    async def run() -> None:
        _first.set(True)
        await first()

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", counted(Database.write))
        patch.setattr(Database, "read", counted(Database.read))
        await asyncio.create_task(run())
    return begun > before
