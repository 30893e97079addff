"""The database, SQLite or PostgreSQL: connections, transactions, and checks that the state is ours."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from digest.errors import (
    StateInUse,
    StateMissing,
    StateReplaced,
    StateUnreadable,
    StoreError,
    StoreUnavailable,
)
from digest.store import one_trip
from digest.store.endings import Differs, Endings, Entry
from digest.store.files import Lock, in_use, make_directory, make_private, open_to_others, private
from digest.store.tables import heartbeats, metadata
from digest.store.tables.columns import encoded

one_trip.install()
logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of what it raises as well

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_IN_USE: Final = "20120, 2"
"""The advisory lock that each connection to PostgreSQL shares, and a restore or an upgrade has alone."""
_WHO_USES_IT: Final = """
    SELECT DISTINCT coalesce(host(client_addr), 'the machine of the database')
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND classid = 20120 AND objid = 2 AND granted AND pid <> pg_backend_pid()
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_NOTICE_US_GONE: Final = """
    SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3
"""
"""For the server: a machine that is lost holds its share of the lock no longer than this."""
_ERASED: Final = "erased"
_ENDINGS: Final = "endings"

T = TypeVar("T")

LOCKED_FOR: Final = 10_000
"""Milliseconds to wait while another process has the lock of a SQLite file."""

_NO_HANGING: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds: a network that loses all packets is an error soon
}


class Database:
    """A connection pool to one of the two databases; close it with `dispose`.

    On both, `write` transactions that touch the same rows run one after the other, and `read` sees committed
    state only. Never await the network inside either. Both raise `StoreUnavailable` if the database is
    locked, full, read-only or away, and `StateReplaced` if the file of a SQLite state is not the one that was
    opened.
    """

    def __init__(self, url: str, *, directory: Path) -> None:
        """`url` begins with sqlite:/// or postgresql://.

        A relative SQLite path is relative to `directory`.
        """
        parsed = make_url(url)
        self.file: Path | None = None
        self._files: _OpenFiles | None = None
        if parsed.drivername == "sqlite":
            self._named = directory / (parsed.database or "")
            # Lock, record and SQLite's own files stand beside the file itself, whichever link leads to it.
            self.file = self._named.resolve() if self._named.is_symlink() else self._named
            self._files = _OpenFiles(self.file, self._named)
            parsed = parsed.set(database=str(self.file))
        self._shown = parsed.render_as_string(hide_password=True)
        self._url = parsed.set(drivername=_DRIVERS[parsed.drivername])
        self.endings = Endings(self.file)
        self._engine: AsyncEngine | None = None
        self._lock: Lock | None = None
        self._alone = False
        self._log_holds_erased = False
        # One after the other: a thread that waits for SQLite's lock asks for it again and again.
        self._reading, self._writing = asyncio.Lock(), asyncio.Lock()

    @property
    def postgres_url(self) -> str | None:
        """The URL with its password, for other clients of the same PostgreSQL; None on SQLite."""
        if self.file:
            return None
        return self._url.set(drivername="postgresql").render_as_string(hide_password=False)

    def __str__(self) -> str:
        return self._shown

    @property
    def engine(self) -> AsyncEngine:
        if self._engine is None:
            # The values of a statement may be addresses: they stay out of errors, and so out of logs.
            options: dict[str, Any] = {"hide_parameters": True, "json_serializer": encoded}
            if not self.file:
                options |= {"pool_pre_ping": True, "connect_args": _NO_HANGING}
            elif self.file.exists():
                make_private(self.file)
                self._lock = self._lock or Lock(self.file)
            self._engine = create_async_engine(self._url, **options)
            if self._files:
                _make_sqlite_sound(self._engine.sync_engine, self._files)
            else:
                event.listen(self._engine.sync_engine, "connect", self._share_lock)
        return self._engine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        with self._outages_translated():
            async with self.engine.connect() as connection, connection.begin():
                self._check_files()
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end of the block, or rolls back on any exception."""
        with self._outages_translated():
            async with self.engine.connect() as connection:
                await connection.execution_options(write=True)
                connection.info.pop(_ERASED, None)
                connection.info[_ENDINGS] = noted = list[Entry]()
                async with connection.begin():
                    self._check_files()
                    yield connection
                    number = await self.endings.note(connection, noted)
                self._check_files()  # the file may have gone before the commit: then nothing is kept
                if number is not None:
                    await self.endings.committed(noted, number)
                self._log_holds_erased |= connection.info.pop(_ERASED, False)
                await self._empty_log(connection)

    async def read_at_once(self, work: Callable[[Connection], T]) -> T:
        """The result of work with a transaction that only reads.

        With SQLite, all of it is one trip to the connection's thread, which costs a tenth of a trip for each
        statement. So `work` must be short, and touch nothing that belongs to the event loop.
        """
        return await self._at_once(work, write=False)

    async def write_at_once(self, work: Callable[[Connection], T]) -> T:
        """As `read_at_once`, with a transaction that commits unless `work` raises.

        Cancelled, it is ended first, so it may have been committed. `work` erases nobody and notes no ending.
        """
        return await self._at_once(work, write=True)

    async def _at_once(self, work: Callable[[Connection], T], *, write: bool) -> T:
        if not self.file:
            async with self.write() if write else self.read() as connection:
                return await connection.run_sync(work)
        with self._outages_translated():
            async with self._writing if write else self._reading, self.engine.connect() as connection:
                assert connection.sync_connection is not None
                whole = partial(self._whole, connection.sync_connection, work, write=write)
                result = await one_trip.in_one_trip(connection.sync_connection, whole)
                if write:
                    await self._empty_log(connection)
                return result

    def _whole(self, connection: Connection, work: Callable[[Connection], T], *, write: bool) -> T:
        with connection.execution_options(write=write).begin():
            self._check_files()
            result = work(connection)
        self._check_files()  # as in `write`
        return result

    async def _empty_log(self, connection: AsyncConnection) -> None:
        if self._log_holds_erased and self.file:
            self._log_holds_erased = not await _log_emptied(connection, wait=1000)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Keep every other process out until the end of the block. `StateInUse` if one uses the state now."""
        if self.file:
            make_directory(self.file.parent)
            self._lock = self._lock or Lock(self.file)
            with self._lock.alone():
                yield
            return
        engine = self.engine
        await engine.dispose()  # idle connections share the lock, also against us
        async with engine.connect() as connection, connection.begin():
            if not await connection.scalar(text(f"SELECT pg_try_advisory_xact_lock({_IN_USE})")):
                who = ", ".join((await connection.execute(text(_WHO_USES_IT))).scalars())
                raise StateInUse(in_use(self, f" ({who})"))
            self._alone = True
            try:
                yield
            finally:
                self._alone = False
        await engine.dispose()  # connections of the block did not share it

    def _share_lock(self, connection: Any, _: Any) -> None:
        """PostgreSQL holds it as long as this connection lives, and so as long as a process that runs."""
        if self._alone:
            return
        cursor = connection.cursor()
        cursor.execute(_NOTICE_US_GONE)
        cursor.execute(f"SELECT pg_try_advisory_lock_shared({_IN_USE})")
        [got] = cursor.fetchone()
        connection.commit()
        if not got:
            raise StateInUse(f"{self} is being restored or upgraded; wait until that has ended")

    def _check_files(self) -> None:
        if self._files:
            self._files.check()

    async def check_writes(self) -> None:
        """Raise `StoreError` unless this is our state and takes a write: of one row, which counts them."""
        await self.check()
        async with self.write() as connection:
            one = insert_or(connection, heartbeats).values(id=1, beats=1)
            more = {"beats": heartbeats.c.beats + 1}
            await connection.execute(one.on_conflict_do_update(index_elements=[heartbeats.c.id], set_=more))

    async def create(self) -> None:
        """Create an empty state, unless there is one of this version.

        `StateUnreadable` for a database that holds something else, or a state of another version; it is not
        written to.
        """
        with _translated(self):
            if self.file:
                make_directory(self.file.parent)
                # Connections create no file. SQLite gives its other files the mode of this one.
                os.close(private(self.file, self.file, os.O_RDWR))
            async with self.write() as connection:
                revision, foreign = await connection.run_sync(_schema_found)
                if revision is None and foreign:
                    raise StateUnreadable(f"{self} holds tables that are not this service's: {foreign}")
                if revision is not None:
                    self._refuse_other(revision)
                else:
                    await connection.run_sync(migrate)

    async def check(self) -> None:
        """`StoreError` unless there is a state of ours with this version's schema.

        `StateMissing` or `StateUnreadable` says that there is none, `StateReplaced` that it is gone.
        """
        self._check_files()
        if self.file and not self.file.exists():
            raise StateMissing(f"there is no state at {self}; `digest init` creates it")
        if self.file and self.file.is_dir():
            raise StateUnreadable(f"{self} is a directory; set store.url to a file")
        with _translated(self):
            async with self.read() as connection:
                revision, _ = await connection.run_sync(_schema_found)
        if revision is None:
            raise StateMissing(f"{self} holds no state of this service; `digest init` creates it")
        self._refuse_other(revision)

    async def revision(self) -> str | None:
        """The revision of an older state of ours; None if it is this version's, `StoreError` if neither."""
        if self.file and not self.file.exists():
            raise StateMissing(f"there is no state at {self}; `digest init` creates it")
        with _translated(self):
            async with self.read() as connection:
                revision, _ = await connection.run_sync(_schema_found)
        if revision is None or revision not in _revisions():
            await self.check()
        return None if revision == newest_revision() else revision

    def _refuse_other(self, revision: str) -> None:
        """`StateUnreadable` unless a state at this revision is this version's."""
        if revision not in _revisions():
            raise StateUnreadable(
                f"{self}: this database was written by a newer version of digest (revision {revision}); "
                "install that version or newer"
            )
        if revision != newest_revision():
            raise StateUnreadable(
                f"{self} was written by an older version of digest (revision {revision}, this version needs "
                f"{newest_revision()}): stop the service everywhere, then run `digest upgrade`"
            )

    async def differs_from_record(self) -> Differs | None:
        """How this state and its record of endings do not fit together; None if they do."""
        async with self.read() as connection:
            if await self.endings.compare(connection) is None:
                return None
        async with self.write() as connection:  # nobody else writes between the two that are compared
            return await self.endings.compare(connection)

    def open_to_others(self) -> list[str]:
        """The files and the directory of a state on SQLite that other users can open, with their modes."""
        if self.file is None or not self.file.exists():
            return []
        found = open_to_others(self.file, also_shared=True)
        return [f"{path} (mode {path.stat().st_mode & 0o777:04o})" for path in found]

    @contextmanager
    def _outages_translated(self) -> Iterator[None]:
        """Turn the library's errors about the database itself within the block into ours."""
        try:
            yield
        except (OperationalError, InterfaceError, InternalError, NoConnectionFree) as error:
            raise StoreUnavailable(f"{self} cannot be read or written: {reason(error)}") from error
        except DatabaseError as error:
            if type(error) is not DatabaseError:
                raise  # about a statement, not about the database
            raise StoreUnavailable(f"{self} cannot be read or written: {reason(error)}") from error

    def unreadable(self, error: BaseException) -> StateUnreadable:
        """A `StateUnreadable` with the database's own message."""
        return StateUnreadable(f"{self} cannot be read: {reason(error.__cause__ or error)}")

    async def dispose(self) -> None:
        if self._engine is not None:
            if self._log_holds_erased and self.file:
                with suppress(SQLAlchemyError, StoreError):  # the daily pruning tries again
                    async with self._engine.connect() as connection:
                        await _log_emptied(connection, wait=LOCKED_FOR)
            await self._engine.dispose()
            self._engine = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        if self.file:
            self._files = _OpenFiles(self.file, self._named)


def note_erasure(connection: AsyncConnection) -> None:
    """Within `Database.write`: empty SQLite's write-ahead log after it, which holds what is deleted."""
    connection.info[_ERASED] = True


def note_endings(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    """Within `Database.write`: append these to the record of endings, with addresses in place of seals."""
    connection.info[_ENDINGS].extend(entries)


async def _log_emptied(connection: AsyncConnection, *, wait: int) -> bool:
    """Empty SQLite's write-ahead log, which still holds pages as they were; False if others keep it busy.

    `wait` is in milliseconds.
    """
    raw: Any = (await connection.get_raw_connection()).driver_connection  # a transaction would prevent it
    await raw.execute(f"PRAGMA busy_timeout={wait}")
    [busy, *_] = await (await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")).fetchone()
    await raw.execute(f"PRAGMA busy_timeout={LOCKED_FOR}")
    return not busy


def insert_or(connection: AsyncConnection | Connection, table: Table) -> Any:
    """An INSERT in the dialect of the connection's database, for use with ON CONFLICT."""
    insert: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return insert(table)


def insert_new(connection: AsyncConnection | Connection, table: Table) -> Any:
    """An INSERT that leaves an existing row as it is. Its row count is meaningless; see `wrote_new`."""
    return insert_or(connection, table).on_conflict_do_nothing()


async def wrote_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one exists; whether it was inserted.

    RETURNING tells: PostgreSQL's driver gives no row count after this INSERT.
    """
    return await connection.run_sync(wrote_new_at_once, table, row)


def wrote_new_at_once(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """As `wrote_new`, for `Database.write_at_once`."""
    statement = insert_new(connection, table).values(row).returning(*table.primary_key)
    return connection.execute(statement).first() is not None


def reason(error: BaseException) -> str:
    """The first line of the database's own message."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


class _OpenFiles:
    """The files of a SQLite state: those that our connections hold open must still be at their paths.

    A process goes on writing to a file that was removed or replaced, and all of it is lost. SQLite sees
    neither in WAL mode. Losing the "-wal" file loses what was committed since the last checkpoint.
    """

    def __init__(self, file: Path, named: Path) -> None:
        """`named` is the file, or a link that must go on leading to it."""
        self._file = file
        self._named = named
        self._wal = file.with_name(f"{file.name}-wal")
        self._opened: tuple[int, int] | None = None  # None: nothing was opened yet
        self._opened_wal: tuple[int, int] | None = None  # None: no connection is open
        self._connections = 0

    def connected(self) -> None:
        """Note what a new connection has opened; `check` was called just before it."""
        self._connections += 1
        self._opened = self._opened or _identity(self._file)
        self._opened_wal = self._opened_wal or _identity(self._wal)

    def closed(self) -> None:
        self._connections -= 1
        if not self._connections:
            self._opened_wal = None  # the last one that closes removes this file

    def check(self) -> None:
        """`StateReplaced` if a file is not the one that was opened."""
        for file, opened in ((self._named, self._opened), (self._wal, self._opened_wal)):
            if opened is not None and _identity(file) != opened:
                happened = "replaced" if file.exists() else "removed"
                raise StateReplaced(
                    f"{file} was {happened} while the service runs: nothing is written any more"
                )


def _identity(file: Path) -> tuple[int, int] | None:
    """The device and inode of a file; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make_sqlite_sound(engine: Engine, files: _OpenFiles) -> None:
    @event.listens_for(engine, "do_connect")
    def _open_only(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        # By default the driver creates a file that is missing: an empty state in place of a lost one.
        files.check()
        # Told here, as the driver leaves a thread behind that complains when the program ends.
        if not Path(arguments[0]).is_file() or not os.access(arguments[0], os.R_OK):
            raise sqlite3.OperationalError("unable to open database file")
        arguments[0] = f"file:{quote(arguments[0])}?mode=rw"
        options["uri"] = True

    @event.listens_for(engine, "close")
    def _closed(_connection: Any, _: Any) -> None:
        files.closed()

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        # The driver's implicit transactions can lose updates; ours are begun below, explicitly.
        connection.isolation_level = None
        # FULL: with less, a power failure loses commits in WAL mode, and the ledger must not lose any.
        # With secure_delete, what is deleted is overwritten; not every SQLite is built so.
        for pragma in (
            f"busy_timeout={LOCKED_FOR}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
        files.connected()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred BEGIN that writes later ignores busy_timeout and fails at once.
        writes = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _translated:  # noqa: N801 -- reads as a phrase where it is used
    """Turn the library's errors while a state is opened into ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, StateReplaced):
            return
        if isinstance(error, StoreUnavailable | SQLAlchemyError | OSError):
            raise self._database.unreadable(error) from error


def _schema_found(connection: Connection) -> tuple[str | None, str]:
    """The revision of the schema in the database, and the names of tables that are not ours."""
    from sqlalchemy import inspect

    names = set(inspect(connection).get_table_names())
    revision = None
    if "alembic_version" in names:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision, ", ".join(sorted(names - set(metadata.tables) - {"alembic_version"}))


def newest_revision() -> str:
    """The revision of this version's schema, by the file names of the migrations.

    Alembic knows it too, but loads every migration for it, which takes a third of a second.
    """
    return max(_revisions())


def _revisions() -> frozenset[str]:
    return frozenset(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def migrate(connection: Connection, revision: str = "head") -> None:
    """Run the migrations that are missing, up to a revision, within the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        # Two machines may run `digest init` at once: the second waits, then has nothing to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(20120, 1)"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
