"""The database, SQLite or PostgreSQL: connections, transactions, and checks that the state is ours."""

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
    "tcp_user_timeout": 30_000,  # milliseconds: a network that loses all packets is an error soon
}


class Database:
    """A connection pool to one of the two databases; close it with `dispose`.

    On both, `write` transactions that touch the same rows run one after the other, and `read` sees committed
    state only. Never await the network inside either.
    """

    def __init__(self, url: str, *, directory: Path) -> None:
        """`url` begins with sqlite:/// or postgresql://.

        A relative SQLite path is relative to `directory`.
        """
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
        """Create an empty state, or migrate an older one. Nothing else does either.

        `StateUnreadable` for a database that holds something else; it is not written to.
        """
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        with _translated(self):
            async with self.write() as connection:
                revision, foreign = await connection.run_sync(_schema_found)
                if revision is None and foreign:
                    raise StateUnreadable(f"{self} holds tables that are not this service's: {foreign}")
                await connection.run_sync(_upgrade)

    async def check(self) -> None:
        """`StateMissing` or `StateUnreadable` unless there is a state of ours with this version's schema."""
        if self.file and not self.file.exists():
            raise StateMissing(f"there is no state at {self}; `digest init` creates it")
        with _translated(self):
            async with self.read() as connection:
                revision, _ = await connection.run_sync(_schema_found)
        head = newest_revision()
        if revision is None:
            raise StateMissing(f"{self} holds no state of this service; `digest init` creates it")
        if revision != head:
            raise StateUnreadable(
                f"{self} is at schema {revision}, this version needs {head}; "
                "take a backup, then run `digest init` to update it"
            )

    @contextmanager
    def outages_named(self) -> Iterator[None]:
        """Turn a lost connection within the block into `StateUnreadable`, for commands that do not retry."""
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            raise self.unreadable(error) from error

    def unreadable(self, error: BaseException) -> StateUnreadable:
        """A `StateUnreadable` with the database's own message."""
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return StateUnreadable(f"{self} cannot be read: {reason}")

    async def dispose(self) -> None:
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None


def insert_or(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT in the dialect of the connection's database, for use with ON CONFLICT."""
    insert: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return insert(table)


def insert_new(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that leaves an existing row as it is. Its row count is meaningless; see `wrote_new`."""
    return insert_or(connection, table).on_conflict_do_nothing()


async def wrote_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one exists; whether it was inserted.

    RETURNING tells: PostgreSQL's driver gives no row count after this INSERT.
    """
    statement = insert_new(connection, table).values(row).returning(*table.primary_key)
    return (await connection.execute(statement)).first() is not None


def _make_sqlite_sound(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        # The driver's implicit transactions can lose updates; ours are begun below, explicitly.
        connection.isolation_level = None
        # FULL: with less, a power failure loses commits in WAL mode, and the ledger must not lose any.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

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
        if isinstance(error, OperationalError | DatabaseError | SQLAlchemyError | OSError):
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
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        # Two machines may run `digest init` at once: the second waits, then has nothing to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(20120, 1)"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
