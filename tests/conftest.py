"""Both databases, for every test that asks for a store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from servers import postgres

from digest.store.database import Database
from digest.store.sql import SqlStore


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A place for a state, with nothing in it yet."""
    if request.param == "sqlite":
        yield "sqlite:///state.db"
        return
    server: postgres.PostgresServer = request.getfixturevalue("postgres_server")
    url = server.fresh()
    yield url
    server.drop(url)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty state of ours."""
    database = Database(database_url, directory=tmp_path)
    await database.create()
    yield database
    await database.dispose()


@pytest.fixture
async def store(database: Database) -> SqlStore:
    return SqlStore(database)
