"""What both databases promise of the state as a whole."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from digest.errors import StateMissing, StateUnreadable
from digest.ratings import Precision
from digest.store.database import MIGRATIONS, Database, migrate, newest_revision
from digest.store.sql import SqlStore
from digest.store.tables import metadata
from digest.store.upgrading import upgrade
from digest.tokens import address_seal


async def test_a_missing_state_is_not_taken_for_a_fresh_install(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url, directory=tmp_path)

    with pytest.raises(StateMissing, match="digest init"):
        await database.check()

    await database.dispose()
    assert not list(tmp_path.iterdir())


async def test_an_empty_file_is_not_a_state(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    database = Database("sqlite:///state.db", directory=tmp_path)

    with pytest.raises(StateMissing, match="digest init"):
        await database.check()
    await database.dispose()


async def test_a_state_cut_off_by_a_crash_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4000)
    before = path.read_bytes()
    database = Database("sqlite:///state.db", directory=tmp_path)

    for attempt in (database.check, database.create):
        with pytest.raises(StateUnreadable, match=r"state\.db"):
            await attempt()
    await database.dispose()
    assert path.read_bytes() == before


async def test_somebody_elses_database_is_refused(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url, directory=tmp_path)
    if database.file:
        database.file.touch()
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE invoices (id INTEGER)"))

    with pytest.raises(StateUnreadable, match="invoices"):
        await database.create()
    await database.dispose()


async def test_a_state_of_another_version_is_refused(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StateUnreadable, match="9999"):
        await database.check()


async def test_creating_a_state_twice_changes_nothing(database: Database) -> None:
    await database.create()

    await database.check()


async def test_the_migrations_lead_to_the_schema(database: Database) -> None:
    def difference(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        assert await connection.run_sync(difference) == []


def test_the_newest_revision_is_the_one_that_alembic_finds() -> None:
    assert newest_revision() == ScriptDirectory(str(MIGRATIONS)).get_current_head()


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("2020-06-17", Precision.DAY),
        ("2020-06", Precision.MONTH),
        ("2020", Precision.YEAR),
        ("2019/2020", Precision.ROUND),
        ("not stated", Precision.NOT_BEFORE),
    ],
)
async def test_ratings_of_an_earlier_version_say_how_much_of_their_date_the_register_gave(
    database_url: str, tmp_path: Path, written: str, precision: Precision
) -> None:
    database = Database(database_url, directory=tmp_path)
    if database.file:
        database.file.touch()

    def earlier(connection: Connection) -> None:
        migrate(connection, "0018")
        connection.execute(
            text("INSERT INTO providers VALUES ('kent-pdu', 'Kent PDU', '', '', '[]', '[]', false)")
        )
        row = {"evidence": f"a league table (register; date: {written})"}
        statement = (
            "INSERT INTO ratings (provider_id, aspect, scale, grade, published_on, evidence, link)"
            " VALUES ('kent-pdu', 'overall', 'hmi-probation-4', 'good', '2020-01-01', :evidence, 'https://x')"
        )
        connection.execute(text(statement), row)

    async with database.write() as connection:
        await connection.run_sync(earlier)
    async with database.alone():
        await upgrade(database, tmp_path / "b.gz", datetime.now(UTC), lambda *_: None, None)

    [rating] = await SqlStore(database, seal=address_seal(b"key")).providers.history("kent-pdu")
    assert (rating.published_on, rating.published_precision) == (date(2020, 1, 1), precision)
    await database.dispose()


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as connection:
            await connection.execute(
                text("INSERT INTO providers VALUES ('a', 'A', '', '', '[]', false, null, '')")
            )
            raise RuntimeError

    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM providers"))).scalar_one() == 0


async def test_no_secret_of_the_address_is_shown(tmp_path: Path) -> None:
    database = Database("postgresql://digest:hunter2@db.example.org/digest", directory=tmp_path)

    assert "hunter2" not in str(database)


async def test_what_cannot_be_opened_is_told_before_the_driver_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver leaves a thread behind, whose complaint came after the sentence."""
    (tmp_path / "state.db").mkdir()
    monkeypatch.setattr("aiosqlite.connect", lambda *_, **__: pytest.fail("the driver was asked"))
    database = Database("sqlite:///state.db", directory=tmp_path)

    with pytest.raises(StateUnreadable, match="unable to open"):
        await database.revision()

    await database.dispose()
