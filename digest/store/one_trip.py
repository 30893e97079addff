"""SQLite in as few trips to the connection's thread as can be.

SQLAlchemy's adapter goes to that thread four times for each statement, to make a cursor, execute, fetch and
close, and once more to roll back what is committed already. These trips cost more processor time than the
statements of a poll (measured by `digest bench poll`). Here a statement is one trip, a connection that is in
no transaction is not rolled back, and `in_one_trip` runs a function on the thread, where a statement is none.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection, Cursor
from threading import get_ident
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util import EMPTY_DICT
from sqlalchemy.util.concurrency import await_

T = TypeVar("T")


async def in_one_trip(connection: sqlalchemy.Connection, work: Callable[[], T]) -> T:
    """The result of work with a connection, on its thread.

    A caller that is cancelled waits until the work has ended: nobody else may use the connection before.
    """
    trip = asyncio.ensure_future(_trip(connection.connection.driver_connection, partial(_whole, work)))
    try:
        return await asyncio.shield(trip)
    except asyncio.CancelledError:
        while not trip.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([trip])
        trip.cancelled() or trip.exception()  # asked for, so that it is not reported as forgotten
        raise


def _whole(work: Callable[[], T]) -> T:
    try:
        return work()
    except StopIteration as error:  # no future takes it, and its caller would wait for ever
        raise RuntimeError("the work raised StopIteration") from error


async def _trip(connection: Any, work: Callable[[], T]) -> T:
    """The result of work on the thread of a connection of the driver.

    If the caller is cancelled, the thread goes on, and the connection stays marked as under way.
    """
    connection.under_way = True
    try:
        result: T = await connection._execute(work)  # noqa: SLF001
    except Exception:
        connection.under_way = False
        raise
    connection.under_way = False
    return result


def _is_here(connection: Any) -> bool:
    """Whether this is the thread of a connection of the driver."""
    return bool(connection._thread.ident == get_ident())  # noqa: SLF001


@dataclass(slots=True)
class _Done:
    """What SQLAlchemy asks of a cursor, once its rows are fetched."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1


class OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    """Executes a statement, fetches all its rows and closes the driver's cursor in one trip, or in none."""

    __slots__ = ()

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection  # noqa: SLF001
        self._cursor: Any = _Done()
        self._soft_closed_memoized = EMPTY_DICT
        self._rows = deque()

    def execute(self, operation: Any, parameters: Any = None) -> None:
        self._do("execute", operation, () if parameters is None else parameters)

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        self._do("executemany", operation, seq_of_parameters)

    def _do(self, method: str, operation: Any, parameters: Any) -> None:
        connection: Any = self._connection
        try:
            work = partial(_run, connection._conn, method, operation, parameters)  # noqa: SLF001
            self._cursor, rows = work() if _is_here(connection) else await_(self._go(work))
        except Exception as error:  # noqa: BLE001 - as the adapter does
            self._adapt_connection._handle_exception(error)  # noqa: SLF001
        self._rows = deque(rows)

    async def _go(self, work: Callable[[], tuple[_Done, list[Any]]]) -> tuple[_Done, list[Any]]:
        async with self._adapt_connection._execute_mutex:  # noqa: SLF001
            return await _trip(self._connection, work)

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


def _commit(adapted: Any) -> None:
    if adapted._connection._connection:  # noqa: SLF001
        _end(adapted, "commit")


def _rollback(adapted: Any) -> None:
    """Roll back, if there is anything to roll back: the pool asks for it after each commit too."""
    connection = adapted._connection  # noqa: SLF001
    if connection._connection and (connection.in_transaction or getattr(connection, "under_way", False)):  # noqa: SLF001
        _end(adapted, "rollback")


def _end(adapted: Any, how: str) -> None:
    connection = adapted._connection  # noqa: SLF001
    try:
        work = getattr(connection._conn, how)  # noqa: SLF001
        work() if _is_here(connection) else await_(_trip(connection, work))
    except Exception as error:  # noqa: BLE001 - as the adapter does
        adapted._handle_exception(error)  # noqa: SLF001


def install() -> None:
    """Let all connections to SQLite of this process work so."""
    adapted: Any = AsyncAdapt_aiosqlite_connection
    adapted._cursor_cls = OneTripCursor  # noqa: SLF001
    adapted.commit, adapted.rollback = _commit, _rollback
