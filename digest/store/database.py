"""One door to SQLite and PostgreSQL: connections, transactions, and refusing what is not our state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from digest.errors import StateMissing, StateUnreadable
from digest.store.tables import metadata

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}


_NO_HANGING: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds: a network that swallows packets is an error, and soon
}


class Database:
    """An engine that knows which of the two databases it is; close it by `dispose`.

    Whatever the database, `write` transactions are serial where they touch the same rows, and `read` sees
    committed state only. Never await the network inside either.
    """

    def __init__(self, url: str, *, directory: Path) -> None:
        """`url` begins with sqlite:/// or postgresql://; a relative SQLite path is below `directory`."""
        parsed = make_url(url)
        self.file: Path | None = None
        if parsed.drivername == "sqlite":
            self.file = directory / (parsed.database or "")
            parsed = parsed.set(database=str(self.file))
        self._shown = parsed.render_as_string(hide_password=True)
        self._url = parsed.set(drivername=_DRIVERS[parsed.drivername])
        self._engine: AsyncEngine | None = None

    @property
    def postgres_url(self) -> str | None:
        """The address, password included, for others that talk to the same PostgreSQL; None on SQLite."""
        if self.file:
            return None
        return self._url.set(drivername="postgresql").render_as_string(hide_password=False)

    def __str__(self) -> str:
        return self._shown

    @property
    def engine(self) -> AsyncEngine:
        if self._engine is None:
            # What a statement was about are addresses often enough: they stay out of errors, and so of logs.
            options: dict[str, Any] = {"hide_parameters": True}
            if not self.file:
                options |= {"pool_pre_ping": True, "connect_args": _NO_HANGING}
            self._engine = create_async_engine(self._url, **options)
            if self.file:
                _make_sqlite_sound(self._engine.sync_engine)
        return self._engine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end of the block, or rolls back on any exception."""
        async with self.engine.connect() as connection:
            await connection.execution_options(write=True)
            async with connection.begin():
                yield connection

    async def create(self) -> None:
        """Make a new, empty state, or bring an older one up to date; the only place that may.

        What is there and is not ours is refused, never written to.
        """
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        with _translated(self):
            async with self.write() as connection:
                revision, foreign = await connection.run_sync(_look)
                if revision is None and foreign:
                    raise StateUnreadable(f"{self} holds tables that are not this service's: {foreign}")
                await connection.run_sync(_upgrade)

    async def check(self) -> None:
        """Refuse a missing, foreign, older or newer state: none of them is a fresh install."""
        if self.file and not self.file.exists():
            raise StateMissing(f"there is no state at {self}; `digest init` creates it")
        with _translated(self):
            async with self.read() as connection:
                revision, _ = await connection.run_sync(_look)
        head = newest_revision()
        if revision is None:
            raise StateMissing(f"{self} holds no state of this service; `digest init` creates it")
        if revision != head:
            raise StateUnreadable(
                f"{self} is at schema {revision}, this version needs {head}; "
                "take a backup, then run `digest init`, which brings it up to date"
            )

    @contextmanager
    def outages_named(self) -> Iterator[None]:
        """Its going away becomes `StateUnreadable`, for those who do not wait until it is back."""
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            raise self.unreadable(error) from error

    def unreadable(self, error: BaseException) -> StateUnreadable:
        """The error that says so, in the words of the database's own."""
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return StateUnreadable(f"{self} cannot be read: {reason}")

    async def dispose(self) -> None:
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None


def insert_or(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT in the words of the database that is spoken to, which both know to follow by ON CONFLICT."""
    insert: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return insert(table)


def insert_new(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that leaves an existing row as it is; its row count means nothing, `wrote_new` knows."""
    return insert_or(connection, table).on_conflict_do_nothing()


async def wrote_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Write a row unless one stands in its place; whether it was written.

    Asked of the database by RETURNING: after an INSERT, drivers' row counts are not to be had on PostgreSQL.
    """
    statement = insert_new(connection, table).values(row).returning(*table.primary_key)
    return (await connection.execute(statement)).first() is not None


def _make_sqlite_sound(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        # The driver's own implicit transactions lose updates; ours are begun below, by name.
        connection.isolation_level = None
        # FULL: with less, WAL loses what was committed when the power fails, and the ledger with it.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred BEGIN that writes later ignores busy_timeout and fails at once.
        writes = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _translated:  # noqa: N801 -- reads as a phrase where it is used
    """Foreign database errors, on the way out of opening a state, become ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, OperationalError | DatabaseError | SQLAlchemyError | OSError):
            raise self._database.unreadable(error) from error


def _look(connection: Connection) -> tuple[str | None, str]:
    """The schema's revision, and the names of tables that are not ours."""
    from sqlalchemy import inspect

    names = set(inspect(connection).get_table_names())
    revision = None
    if "alembic_version" in names:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision, ", ".join(sorted(names - set(metadata.tables) - {"alembic_version"}))


def newest_revision() -> str:
    """The schema's revision in this version, by the names of its migrations.

    Alembic itself says the same, but loads every migration first: a third of a second for each command.
    """
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        # Two machines may start `digest init` at once: the second waits, then finds nothing to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(20120, 1)"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
