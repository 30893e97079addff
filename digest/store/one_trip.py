"""SQLite statements in one trip to the connection's thread.

SQLAlchemy's adapter goes to that thread four times for each statement: to make a cursor, execute, fetch and
close. These trips cost more processor time than the statements of a poll (measured by `digest bench poll`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection, Cursor
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util import EMPTY_DICT


@dataclass(slots=True)
class _Done:
    """What SQLAlchemy asks of a cursor, once its rows are fetched."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1


class OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    """Executes a statement, fetches all its rows and closes the driver's cursor in one trip."""

    __slots__ = ()

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection  # noqa: SLF001
        self._cursor: Any = _Done()
        self._soft_closed_memoized = EMPTY_DICT
        self._rows = deque()

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._go("execute", operation, () if parameters is None else parameters)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._go("executemany", operation, seq_of_parameters)

    async def _go(self, method: str, operation: Any, parameters: Any) -> None:
        connection: Any = self._connection
        async with self._adapt_connection._execute_mutex:  # noqa: SLF001
            work = partial(_run, connection._conn, method, operation, parameters)  # noqa: SLF001
            self._cursor, rows = await connection._execute(work)  # noqa: SLF001
        self._rows = deque(rows)

    async def _async_soft_close(self) -> None:
        """The driver's cursor is closed already."""

    def close(self) -> None:
        self._rows.clear()


def _run(connection: Connection, method: str, operation: Any, parameters: Any) -> tuple[_Done, list[Any]]:
    cursor: Cursor = getattr(connection, method)(operation, parameters)
    try:
        rows = cursor.fetchall() if cursor.description else []
        done = _Done(
            description=cursor.description,
            rowcount=cursor.rowcount,
            lastrowid=cursor.lastrowid,
            arraysize=cursor.arraysize,
        )
    finally:
        cursor.close()
    return done, rows


def install() -> None:
    """Let all connections to SQLite of this process use these cursors."""
    AsyncAdapt_aiosqlite_connection._cursor_cls = OneTripCursor  # noqa: SLF001
