"""Both databases, for every test that asks for a store."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from jinja2.sandbox import ImmutableSandboxedEnvironment
from servers import postgres

from digest.adapters.config import files, yaml
from digest.adapters.config.plain_yaml import YamlFile
from digest.adapters.templates import escaped
from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.tokens import address_seal

# A busy machine is slow, and no reason for a test to fail.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure() -> None:
    """Let the processes that tests start end at SIGINT, also where a shell runs the tests in the background.

    Such a shell makes its job ignore SIGINT, and child processes inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: for a third of their time, tests wait for servers and databases."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(trylast=True)  # once the tests are shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: nobody waits at the end for one that began last."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session", autouse=True)
def same_yaml_is_parsed_once() -> Iterator[None]:
    """Each command of a journey reads the packaged files: to parse them took most of its time."""
    parse = yaml._parsed
    parsed = cache(partial(parse, ""))
    plain = cache(files.read_plain)

    def copied(name: str, text: str) -> YamlFile:
        found = parsed(text)
        if found.problems:  # these name the file
            return parse(name, text)
        return replace(found, name=name, value=deepcopy(found.value), lines=dict(found.lines))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "_parsed", copied)
        patch.setattr(files, "read_plain", lambda text: deepcopy(plain(text)))
        yield


@pytest.fixture(scope="session", autouse=True)
def same_template_is_compiled_once() -> Iterator[None]:
    """Each renderer compiles the packaged templates: that took a third of a command that shows an edition."""
    compile = ImmutableSandboxedEnvironment.compile
    known: dict[tuple[object, ...], Any] = {}

    def compiled(self: ImmutableSandboxedEnvironment, source: Any, *named: Any, **more: Any) -> Any:
        if more or self.autoescape is not escaped or not isinstance(source, str):
            return compile(self, source, *named, **more)
        if (source, *named) not in known:
            known[source, *named] = compile(self, source, *named)
        return known[source, *named]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImmutableSandboxedEnvironment, "compile", compiled)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def blank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty state of ours on SQLite, to be copied: making one takes longer than most tests."""
    directory = tmp_path_factory.mktemp("blank")
    _create(Database("sqlite:///blank.db", directory=directory))
    return directory / "blank.db"


@pytest.fixture(scope="session")
def blank_database(postgres_server: postgres.PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of one on PostgreSQL."""
    url = postgres_server.fresh()
    _create(Database(url, directory=tmp_path_factory.mktemp("blank")))
    return postgres.name_in(url)


def _create(database: Database) -> None:
    async def create() -> None:
        await database.create()
        await database.dispose()

    with ThreadPoolExecutor(1) as thread:  # whose loop is not the test's
        thread.submit(asyncio.run, create()).result()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A place for a state, with nothing in it yet."""
    if kind == "sqlite":
        yield "sqlite:///state.db"
        return
    server: postgres.PostgresServer = request.getfixturevalue("postgres_server")
    url = server.fresh()
    yield url
    server.drop(url)


@pytest.fixture
def lay_out(kind: str, request: pytest.FixtureRequest) -> Iterator[Callable[[Path], str]]:
    """Makes an empty state of ours, in a file where that is how it is kept; its address."""
    made: list[str] = []

    def make(file: Path) -> str:
        if kind == "sqlite":
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(request.getfixturevalue("blank_file"), file)
            return f"sqlite:///{file}"
        server: postgres.PostgresServer = request.getfixturevalue("postgres_server")
        made.append(server.lend(request.getfixturevalue("blank_database")))
        return made[-1]

    yield make
    for url in made:
        request.getfixturevalue("postgres_server").give_back(url)


@pytest.fixture
async def database(lay_out: Callable[[Path], str], tmp_path: Path) -> AsyncIterator[Database]:
    """An empty state of ours."""
    database = Database(lay_out(tmp_path / "state.db"), directory=tmp_path)
    yield database
    await database.dispose()


@pytest.fixture
async def store(database: Database) -> SqlStore:
    return SqlStore(database, seal=address_seal(b"a key of the tests"))
