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
    begun, at_once = 0, Database._at_once

    async def count() -> None:
        nonlocal begun
        if _first.get():
            begun += 1
            if begun == before + 1:
                await contextvars.Context().run(asyncio.ensure_future, second())

    def counted(transaction: Callable[[Database], Any]) -> Callable[[Database], Any]:
        @asynccontextmanager
        async def begin(database: Database) -> AsyncIterator[AsyncConnection]:
            await count()
            async with transaction(database) as connection:
                yield connection

        return begin

    async def counted_at_once(database: Database, work: Any, *, write: bool) -> Any:
        if database.file:  # PostgreSQL has `read` and `write` for it
            await count()
        return await at_once(database, work, write=write)

    async def run() -> None:
        _first.set(True)
        await first()

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", counted(Database.write))
        patch.setattr(Database, "read", counted(Database.read))
        patch.setattr(Database, "_at_once", counted_at_once)
        await asyncio.create_task(run())
    return begun > before
