"""Troubles of a database that begin and pass: locked, full, read-only, away, removed, replaced."""

from __future__ import annotations

import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from servers.postgres import name_in
from sqlalchemy import event

from digest.store.database import Database

Trouble = Callable[[Database], AbstractContextManager[None]]


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another program writes and does not end."""
    connection = sqlite3.connect(_file(database), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.close()


@contextmanager
def full(database: Database) -> Iterator[None]:
    """No room for what is written next: the system refuses each write beyond the end of the journal."""
    most = _file(database).with_name(f"{_file(database).name}-wal").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def removed(database: Database) -> Iterator[None]:
    """Somebody moves the files out of the way, and brings them back."""
    files = _files(_file(database))
    for one in files:
        one.rename(one.with_name(f"{one.name}.away"))
    yield
    for left in _files(_file(database)):
        raise AssertionError(f"{left} was created")
    for one in files:
        one.with_name(f"{one.name}.away").rename(one)


@contextmanager
def replaced(database: Database) -> Iterator[None]:
    """Somebody puts a copy in the place of the file, and then the file again."""
    file = _file(database)
    copy = file.with_name("copy")
    shutil.copyfile(file, copy)
    files = _files(file)
    for one in files:
        one.rename(one.with_name(f"{one.name}.away"))
    copy.rename(file)
    yield
    file.unlink()
    for one in files:
        one.with_name(f"{one.name}.away").rename(one)


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    if database.file is None:
        with _altered(
            database, "SET default_transaction_read_only = on", "RESET default_transaction_read_only"
        ):
            yield
        return

    def _refuse(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA query_only=ON")

    def _take(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA query_only=OFF")

    engine = database.engine.sync_engine
    event.listen(engine, "checkout", _refuse)
    yield
    event.remove(engine, "checkout", _refuse)
    event.listen(engine, "checkout", _take)


@contextmanager
def away(database: Database) -> Iterator[None]:
    """To everybody, as where its server is stopped."""
    with _altered(database, "WITH ALLOW_CONNECTIONS false", "WITH ALLOW_CONNECTIONS true"):
        yield


SQLITE: Final[Mapping[str, Trouble]] = {
    "locked": locked,
    "full": full,
    "read-only": read_only,
    "removed": removed,
    "replaced": replaced,
}
POSTGRESQL: Final[Mapping[str, Trouble]] = {"read-only": read_only, "away": away}

in_trouble: Final = pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        pytest.param(kind, trouble, id=f"{kind}-{name}")
        for kind, troubles in (("sqlite", SQLITE), ("postgresql", POSTGRESQL))
        for name, trouble in troubles.items()
    ],
    indirect=["kind"],
)
"""Runs a test in every trouble of each database."""


def _file(database: Database) -> Path:
    assert database.file is not None
    return database.file


def _files(file: Path) -> list[Path]:
    """Those of the three files of a SQLite state that there are."""
    ends = ("", "-wal", "-shm")
    return [one for end in ends if (one := file.with_name(f"{file.name}{end}")).exists()]


@contextmanager
def _altered(database: Database, how: str, back: str) -> Iterator[None]:
    """Change a PostgreSQL database and end its sessions; afterwards change it back and end them again."""
    url = database.postgres_url
    assert url is not None
    name = name_in(url)

    def alter(how: str) -> None:
        with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} {how}".encode())
            others = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(others, (name,))

    alter(how)
    yield
    alter(back)
