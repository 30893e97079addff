"""Backups: the whole state in one file, which SQLite and PostgreSQL read alike.

The file is a gzip of JSON lines: a head with format and schema, then each table's name and rows, parents
before children, then the number of rows. A backup is taken in one transaction, so it shows one instant while
the service goes on.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Date,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.errors import StateUnreadable
from digest.store.database import Database, newest_revision, reason
from digest.store.endings_file import Place
from digest.store.files import whole
from digest.store.tables import Instant, departures, is_former_index, metadata, seal_marks, suppressions

_FORMAT: Final = "noon digest backup, 1"
_CHUNK: Final = 1000

Progress = Callable[[str, int], None]
"""Called with a table's name and how many of its rows are done."""


async def back_up(
    database: Database, file: Path, now: datetime, progress: Progress, *, revision: str | None = None
) -> dict[str, int]:
    """Write the state to a file, readable by its owner alone; returns the number of rows by table.

    The file appears when it is complete. `revision` is that of a state of an older version.
    """
    counts: dict[str, int] = {}
    head: dict[str, Any] = {"format": _FORMAT, "revision": revision or newest_revision()}
    head["taken_at"] = now.isoformat()
    with whole(file) as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as out:
        async with database.read() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            if revision is None:
                head["endings"] = await database.endings.name(connection)
                head["endings_noted"] = await database.endings.position(connection)
                head["endings_last"] = await database.endings.last(connection)
                mark = await database.endings.mark(connection)
                head["endings_place"] = asdict(mark.place) if mark else None
            _line(out, head)
            for table in _kept() if revision is None else await connection.run_sync(_kept_by_older):
                columns = _in_order(table)
                _line(out, {"table": table.name, "columns": [column.name for column in columns]})
                counts[table.name] = 0
                rows = await connection.stream(select(*columns).order_by(*table.primary_key))
                async for part in rows.partitions(_CHUNK):
                    for row in part:
                        _line(out, [_encoded(value) for value in row])
                    counts[table.name] += len(part)
                    progress(table.name, counts[table.name])
        _line(out, {"rows": sum(counts.values())})
    return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A file that was checked."""

    file: Path
    taken_at: datetime
    endings: str | None  # the name of the record of endings of the state it is of
    endings_noted: int  # how many rows that record had, if it is a table
    endings_last: str | None  # its last row, as `Endings.last` tells it; None also in backups of before
    endings_place: Place | None  # where it ended, if it is a file
    mark: str | None  # shows the key of its sealed addresses; None: neither its rows nor its head say
    sealed: int  # how many suppressed and departed addresses there are in it


def check_backup(file: Path) -> Backup:
    """Check a backup: every line of it is read.

    `StateUnreadable` unless it is complete, of this schema, and of nothing but values that the tables take.
    """
    rows, end, mark, sealed = 0, None, None, 0
    table: Table | None = None
    with _opened(file) as lines:
        head = next(lines, None)
        if not isinstance(head, dict) or head.get("format") != _FORMAT:
            raise StateUnreadable(f"{file} is not a backup of this service")
        taken_at = datetime.fromisoformat(head["taken_at"])
        if taken_at.tzinfo is None or not 2000 <= taken_at.year < 9000:
            raise ValueError(f"{taken_at} is no time of a backup")
        place = Place(**head["endings_place"]) if head.get("endings_place") else None
        if place and (type(place.octets) is not int or not 0 <= place.octets < 2**63):
            raise ValueError(f"{place.octets!r} is no place in a file")
        noted, name = int(head.get("endings_noted", 0)), str(head.get("endings") or "")
        _check_revision(file, str(head["revision"]))
        for line in lines:
            if isinstance(line, list):
                rows += 1
                if table is None:
                    raise ValueError("a row without a table")
                row = _row(table, line)
                sealed += table in (suppressions, departures)
                mark = row["mark"] if table is seal_marks else mark
            elif "table" in line:
                table = metadata.tables[line["table"]]
            end = line
    if not isinstance(end, dict) or end.get("rows") != rows:
        raise StateUnreadable(f"{file} is incomplete: its end is missing")
    return Backup(
        file=file,
        taken_at=taken_at,
        endings=name or None,
        endings_noted=noted,
        endings_last=str(head["endings_last"]) if head.get("endings_last") else None,
        endings_place=place,
        mark=mark or name.partition(" ")[2] or None,
        sealed=sealed,
    )


def _check_revision(file: Path, revision: str) -> None:
    newest = newest_revision()
    if revision > newest:
        raise StateUnreadable(
            f"{file} was written by a newer version of digest (revision {revision}, this is {newest}); "
            "restore it with that version or newer"
        )
    if revision != newest:
        raise StateUnreadable(
            f"{file} was written by an older version of digest (revision {revision}, this is {newest}); "
            "restore it with that version, then run `digest upgrade` with this one"
        )


async def row_counts(database: Database) -> dict[str, int]:
    """The number of rows by table, without empty tables."""
    async with database.read() as connection:
        counts = {
            table.name: int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
            for table in _kept()
        }
    return {name: count for name, count in counts.items() if count}


async def fill(connection: AsyncConnection, backup: Backup, progress: Progress) -> None:
    """Write a backup's rows into empty tables. `StateUnreadable` if they do not fit together."""
    try:
        with _opened(backup.file) as lines:
            next(lines)
            await _fill(connection, lines, progress)
    except StatementError as error:  # also if a value has a type that its column does not take
        if isinstance(error, OperationalError | InterfaceError | InternalError):
            raise  # of the database, not of the backup
        raise StateUnreadable(f"{backup.file} does not fit together: {reason(error)}") from error


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
            rows.append(_row(table, line))
            if len(rows) == _CHUNK:
                await write()
        else:
            await write()
            table, done = metadata.tables.get(line.get("table", "")), 0


def _row(table: Table, line: list[Any]) -> dict[str, Any]:
    return {c.name: _decoded(c, v) for c, v in zip(table.columns, line, strict=True)}


async def set_counters(connection: AsyncConnection) -> None:
    """Set PostgreSQL's sequences to the rows of its tables, so that new rows get free numbers."""
    if connection.dialect.name != "postgresql":
        return
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


def _kept_by_older(connection: Connection) -> list[Table]:
    """The same of a state of an older version, which is all that is known of it."""
    there = MetaData()
    there.reflect(connection)
    passing = {table.name for table in metadata.sorted_tables if table.info.get("passing")}
    return [
        table
        for table in there.sorted_tables
        if table.name not in passing | {"alembic_version"} and not is_former_index(table.name)
    ]


def _in_order(table: Table) -> list[Column[Any]]:
    """The columns of a table, as versions of digest order them: migrations add columns at the end."""
    known = metadata.tables.get(table.name, table).columns.keys()
    return sorted(table.columns, key=lambda one: known.index(one.name) if one.name in known else len(known))


@contextmanager
def _opened(file: Path) -> Iterator[Iterator[Any]]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield (json.loads(line) for line in lines)
    except OSError as error:  # also a BadGzipFile: wrong checksums, or no gzip
        raise StateUnreadable(f"{file} cannot be read as a backup: {error.strerror or error}") from error
    except (EOFError, LookupError, ValueError, TypeError, AttributeError, zlib.error) as error:
        raise StateUnreadable(f"{file} cannot be read as a backup: {error}") from error
    except (RecursionError, OverflowError) as error:
        raise StateUnreadable(f"{file} cannot be read as a backup: it holds what no backup does") from error


def _line(out: gzip.GzipFile, value: Mapping[str, Any] | list[Any]) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _encoded(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime() if value.tzinfo is None:
            return value.replace(tzinfo=UTC).isoformat()  # of a state that was reflected
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
