"""A database that is locked, full, read-only, away, removed or replaced: no page says more than is kept."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from desk import Service
from desk_fixtures import app, clock, doors, links, service, site
from sqlalchemy import text
from troubles import Trouble, in_trouble, removed, replaced

from digest.errors import StateReplaced, StoreUnavailable
from digest.store.database import Database
from digest.tokens import Purpose
from digest.web.health import Readiness

__all__ = ["app", "clock", "doors", "links", "service", "site"]

MINA = "mina@example.org"
on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.store.database.LOCKED_FOR", 20)
    monkeypatch.setattr("digest.web.health.TRIED_EVERY", 0)


@pytest.fixture
def health(database: Database) -> Readiness:
    return Readiness(write=database.check_writes)


@in_trouble
async def test_who_presses_a_button_meanwhile_is_told_and_nothing_is_done(
    site: httpx2.AsyncClient, service: Service, database: Database, trouble: Trouble
) -> None:
    mina = await service.subscribed(MINA)
    own = (mina.subscriber, mina.generation)
    before = await service.everything()

    with trouble(database):
        pages = [
            await site.post("/join", data={"address": "new@example.org"}),
            await site.post(service.links.link(Purpose.ONE_CLICK, *own)),
            await site.post(service.links.link(Purpose.MANAGE, *own) + "/pause", data={"until": ""}),
        ]
        ready = await site.get("/health/ready")

    assert {page.status_code for page in pages} == {503}
    assert all("there is a problem" in page.text for page in pages)
    assert ready.status_code == 503
    assert await service.everything() == before

    assert (await site.get("/health/ready")).status_code == 200
    assert (await site.post("/join", data={"address": "new@example.org"})).status_code == 200
    assert await service.kinds("new@example.org") == ["confirm"]
    await site.post(service.links.link(Purpose.ONE_CLICK, *own))
    assert not (await service.now(mina.subscriber)).live


@on_sqlite
@pytest.mark.parametrize("trouble", [removed, replaced])
async def test_no_page_is_shown_from_a_file_that_is_not_there_any_more(
    site: httpx2.AsyncClient, service: Service, database: Database, trouble: Trouble
) -> None:
    mina = await service.subscribed(MINA)

    with trouble(database):
        page = await site.get(service.links.link(Purpose.MANAGE, mina.subscriber, mina.generation))

    assert page.status_code == 503


@on_sqlite
async def test_a_commit_into_a_file_that_is_removed_meanwhile_is_no_success(database: Database) -> None:
    state = database.file
    assert state is not None
    with pytest.raises(StateReplaced, match="removed"):
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO heartbeats VALUES (1, 1)"))
            state.rename(state.with_name("away"))


@on_sqlite
async def test_a_journal_that_is_removed_stops_the_service_and_a_restart_keeps_what_was_told(
    database: Database,
) -> None:
    """Killed without the "-wal" file, SQLite forgets what it has committed."""
    state = database.file
    assert state is not None
    await database.check_writes()
    state.with_name("state.db-wal").unlink()

    with pytest.raises(StateReplaced, match="db-wal was removed"):
        await database.check_writes()
    with pytest.raises(StateReplaced):
        async with database.read():
            pass

    await database.dispose()
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT beats FROM heartbeats"))).scalar_one() == 1


@on_sqlite
async def test_the_last_connection_may_take_the_journal_with_it(database: Database) -> None:
    await database.check_writes()
    await database.engine.dispose()

    await database.check_writes()


async def test_a_missing_file_is_not_created_by_a_connection(tmp_path: Path) -> None:
    database = Database("sqlite:///a b#c%20.db", directory=tmp_path)

    with pytest.raises(StoreUnavailable):
        async with database.write():
            pass

    assert list(tmp_path.iterdir()) == []
    await database.create()
    await database.check_writes()
    await database.dispose()


async def test_many_who_ask_whether_we_are_ready_cost_one_write(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.health.TRIED_EVERY", 60)
    ready = Readiness(write=database.check_writes)

    assert [await ready() for _ in range(50)] == [True] * 50

    async with database.read() as connection:
        assert (await connection.execute(text("SELECT beats FROM heartbeats"))).scalar_one() == 1
