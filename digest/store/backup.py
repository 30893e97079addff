"""Backup and restore: the whole state in one file, which SQLite and PostgreSQL read alike.

The file is a gzip of JSON lines: a head with format and schema, then each table's name and rows, parents
before children, then the number of rows. A backup is taken in one transaction, so it shows one instant while
the service goes on. A restore is one transaction too, and switches sending off.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Date, LargeBinary, Table, delete, func, insert, select, text, update
from sqlalchemy import Enum as EnumType
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.deliveries import Pause
from digest.errors import StateUnreadable
from digest.store.database import Database, newest_revision
from digest.store.providers import mark_register
from digest.store.sending import batches
from digest.store.sending.controls import row_of
from digest.store.tables import Instant, metadata, pauses

_FORMAT: Final = "noon digest backup, 1"
_CHUNK: Final = 1000

Progress = Callable[[str, int], None]
"""Called with a table's name and how many of its rows are done."""


async def back_up(database: Database, file: Path, now: datetime, progress: Progress) -> dict[str, int]:
    """Write the state to a file, readable by its owner alone; returns the number of rows by table.

    The file appears when it is complete.
    """
    counts: dict[str, int] = {}
    head = {"format": _FORMAT, "revision": newest_revision(), "taken_at": now.isoformat()}
    with _whole(file) as out:
        _line(out, head)
        async with database.read() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            for table in _kept():
                _line(out, {"table": table.name})
                counts[table.name] = 0
                rows = await connection.stream(select(table).order_by(*table.primary_key))
                async for part in rows.partitions(_CHUNK):
                    for row in part:
                        _line(out, [_encoded(value) for value in row])
                    counts[table.name] += len(part)
                    progress(table.name, counts[table.name])
        _line(out, {"rows": sum(counts.values())})
    return counts


def check_backup(file: Path) -> datetime:
    """Check a backup; returns when it was taken.

    `StateUnreadable` unless it is complete and of this schema.
    """
    rows, end = 0, None
    with _opened(file) as lines:
        head = next(lines, None)
        if not isinstance(head, dict) or head.get("format") != _FORMAT:
            raise StateUnreadable(f"{file} is not a backup of this service")
        for line in lines:
            rows += isinstance(line, list)
            end = line
    if not isinstance(end, dict) or end.get("rows") != rows:
        raise StateUnreadable(f"{file} is incomplete: its end is missing")
    if head["revision"] != newest_revision():
        raise StateUnreadable(
            f"{file} was taken at schema {head['revision']}, this version has {newest_revision()}; "
            "restore it with the version that took it, then run `digest init` with this one"
        )
    return datetime.fromisoformat(head["taken_at"])


async def row_counts(database: Database) -> dict[str, int]:
    """The number of rows by table, without empty tables."""
    async with database.read() as connection:
        counts = {
            table.name: int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
            for table in _kept()
        }
    return {name: count for name, count in counts.items() if count}


async def restore(database: Database, file: Path, pause: Pause, progress: Progress) -> None:
    """Replace the whole state by a backup and switch sending off, in one transaction.

    Call `check_backup` first.

    A pause in the backup stays, with `pause.in_doubt`. Deliveries that workers held when the backup was taken
    become unknown, because the workers' journals are not in it.
    """
    async with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            await connection.execute(delete(table))
        with _opened(file) as lines:
            next(lines)
            await _fill(connection, lines, progress)
        paused = await connection.execute(update(pauses).values(in_doubt=pause.in_doubt, until=None))
        if paused.rowcount == 0:
            await connection.execute(insert(pauses).values(row_of(pause)))
        await batches.release_all(connection, pause.since)
        await mark_register(connection)
        if connection.dialect.name == "postgresql":
            await _set_counters(connection)


async def _fill(connection: AsyncConnection, lines: Iterator[Any], progress: Progress) -> None:
    table: Table | None = None
    rows: list[dict[str, Any]] = []
    done = 0

    async def write() -> None:
        nonlocal rows, done
        if table is not None and rows:
            await connection.execute(insert(table), rows)
            done += len(rows)
            progress(table.name, done)
            rows = []

    for line in lines:
        if isinstance(line, list):
            assert table is not None
            rows.append({c.name: _decoded(c, v) for c, v in zip(table.columns, line, strict=True)})
            if len(rows) == _CHUNK:
                await write()
        else:
            await write()
            table, done = metadata.tables.get(line.get("table", "")), 0


async def _set_counters(connection: AsyncConnection) -> None:
    """Set PostgreSQL's sequences to the restored rows, so that new rows get free numbers."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and column.default is None:
            counter = func.pg_get_serial_sequence(table.name, column.name)
            most = select(func.max(column)).scalar_subquery()
            await connection.execute(
                select(func.setval(counter, most)).where(counter.is_not(None), most.is_not(None))
            )


def _kept() -> list[Table]:
    """The tables that a backup holds: all but those that describe running processes."""
    return [table for table in metadata.sorted_tables if not table.info.get("passing")]


@contextmanager
def _whole(file: Path) -> Iterator[gzip.GzipFile]:
    """A file that appears when all its content is written, or never."""
    half = file.with_name(f".{file.name}.part")
    handle = os.open(half, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as out:
                yield out
            raw.flush()
            os.fsync(raw.fileno())
        half.rename(file)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def _opened(file: Path) -> Iterator[Iterator[Any]]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield (json.loads(line) for line in lines)
    except (OSError, EOFError, ValueError, zlib.error) as error:  # BadGzipFile is an OSError
        raise StateUnreadable(f"{file} cannot be read as a backup: {error}") from error


def _line(out: gzip.GzipFile, value: Mapping[str, Any] | list[Any]) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _encoded(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case _:
            return value


def _decoded(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    match column.type:
        case Instant():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case LargeBinary():
            return base64.b64decode(value)
        case EnumType():
            enum = column.type.enum_class
            return enum(value) if enum is not None else value
        case _:
            return value
