"""A state of any earlier version is upgraded whole, or stays as it was."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import command
import pytest
import sqlalchemy as sa

from digest.adapters.config.packaged import copy_config
from digest.adapters.config.secrets import load_secrets
from digest.store import upgrading
from digest.store.database import MIGRATIONS, Database, migrate, newest_revision
from digest.store.members.sealed_addresses import mark_of
from digest.store.tables import metadata
from digest.store.tables.public import is_former_index

EARLIER = sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("0*.py"))[:-1]
MAY_LOSE = {
    "attempts",  # one of before 0004 that says nothing is deleted
    "search_names",  # they are written again, with their words (0049)
}
FILLED = {"told_words": 2}  # a story has a row for itself and one for the word of its service's name (0054)
PASSED_OVER = {"alembic_version", "pauses"}  # a state that is paused says so wherever it is looked at


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Path:
    config = tmp_path / "config"
    copy_config(config)
    if database_url.startswith("postgresql"):
        with (config / "secrets.env").open("a") as secrets:
            secrets.write(f"DIGEST_DATABASE_URL='{database_url}'\n")
    return config


def database_of(config: Path) -> Database:
    """As `open_database`, without reading the settings, which takes longer."""
    url = load_secrets(config, {}).database_url
    return Database(url.get_secret_value() if url else "sqlite:///var/digest.db", directory=config)


def in_it(config: Path, work: Callable[[sa.Connection], Any]) -> Any:
    """Do something in the state, and commit it."""

    async def done() -> Any:
        database = database_of(config)
        if database.file:
            database.file.parent.mkdir(exist_ok=True)
            database.file.touch()
        async with database.write() as connection:
            result = await connection.run_sync(work)
        await database.dispose()
        return result

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, done()).result()


def tables_in(connection: sa.Connection) -> list[sa.Table]:
    there = sa.MetaData()
    there.reflect(connection, only=lambda name, _: not is_former_index(name))
    return [table for table in there.sorted_tables if table.name not in PASSED_OVER]


def a_row(connection: sa.Connection, table: sa.Table) -> dict[str, Any]:
    """A row that the table takes; rows made so refer to each other."""
    checks = " ".join(check["sqltext"] for check in sa.inspect(connection).get_check_constraints(table.name))
    row: dict[str, Any] = {}
    for column in table.columns:
        allowed = re.search(rf"\b{column.name}\b[^']*(?:IN|ANY)\b[^']*'(\w+)'", checks.replace('"', ""))
        match column.type:
            case sa.Boolean():
                row[column.name] = True
            case sa.Integer():
                row[column.name] = 1000  # far from what the database counts from
            case sa.DateTime():
                row[column.name] = datetime(2026, 3, 3, 12, tzinfo=UTC if column.type.timezone else None)
            case sa.Date():
                row[column.name] = date(2026, 3, 3)
            case sa.LargeBinary():
                row[column.name] = zlib.compress(b"x")
            case sa.JSON():
                row[column.name] = {}
            case _:
                row[column.name] = allowed[1] if allowed else "x"
    return row | ({"address": "x@example.org"} if "address" in row else {})


def an_older_state(config: Path, revision: str) -> dict[str, int]:
    """Make a state of a revision, with a row in each table; the rows by table."""

    mark = mark_of(load_secrets(config, {}).seal)

    def make(connection: sa.Connection) -> dict[str, int]:
        migrate(connection, revision)
        for table in tables_in(connection):
            row = a_row(connection, table) | ({"mark": mark} if table.name == "seal_marks" else {})
            connection.execute(sa.insert(table).values(row))
        return rows_of(connection)

    found: dict[str, int] = in_it(config, make)
    return found


def rows_of(connection: sa.Connection) -> dict[str, int]:
    return {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in tables_in(connection)
    }


def revision_of(config: Path) -> str:
    query = sa.text("SELECT version_num FROM alembic_version")
    return str(in_it(config, lambda connection: connection.execute(query).scalar_one()))


def upgraded(config: Path, revision: str) -> None:
    before = an_older_state(config, revision)
    assert "subscribers" in before

    said = command.digest("upgrade", "--backup-to", config, "--config", config)

    assert f"from revision {revision}" in said
    [file] = config.glob("before-upgrade-*.gz")
    assert file.stat().st_mode & 0o777 == 0o600
    head, *lines = map(json.loads, gzip.decompress(file.read_bytes()).splitlines())
    assert head["revision"] == revision
    backed = {line["table"] for line in lines if isinstance(line, dict) and "table" in line}
    passing = {name for name, table in metadata.tables.items() if table.info.get("passing")}
    assert backed >= before.keys() - passing
    after = in_it(config, rows_of)
    lost = {name for name, count in before.items() if after.get(name, 0) < count}
    assert lost <= MAY_LOSE
    assert revision_of(config) == newest_revision()


def counted(connection: sa.Connection) -> dict[str, int]:
    """As `rows_of`, without reading what columns the tables have."""
    names = [name for name in sa.inspect(connection).get_table_names() if not is_former_index(name)]
    count = sa.select(sa.func.count())
    return {
        name: connection.execute(count.select_from(sa.table(name))).scalar_one()
        for name in names
        if name not in PASSED_OVER
    }


def test_no_version_loses_a_row_of_an_earlier_one(tmp_path: Path) -> None:
    """Every table gets a row in the version that makes it; each later version finds it and keeps it."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'state.db'}")  # no foreign keys: upgrades do without
    kept: dict[str, int] = {}
    for revision in (*EARLIER, newest_revision()):
        with engine.begin() as connection:
            migrate(connection, revision)
            now = counted(connection)
            assert {name for name, count in kept.items() if now.get(name, 0) < count} <= MAY_LOSE, revision
            for name in (name for name, count in now.items() if not count):
                table = sa.Table(name, sa.MetaData(), autoload_with=connection, resolve_fks=False)
                connection.execute(sa.insert(table).values(a_row(connection, table)))
            kept = counted(connection)
    engine.dispose()
    assert {name: count for name, count in kept.items() if count != 1} == FILLED


@pytest.mark.parametrize("revision", [EARLIER[0], EARLIER[8], EARLIER[-1]])
def test_a_state_of_an_earlier_version_is_upgraded(config: Path, revision: str) -> None:
    upgraded(config, revision)
    people = command.digest("subscribers", "list", "--json", "--in-clear", "--config", config)
    [person], _ = json.JSONDecoder().raw_decode(people)  # on SQLite a note follows
    assert person["address"] == "x@example.org"
    assert "already" in command.digest("upgrade", "--config", config)


@pytest.mark.parametrize("when", ["while it migrates", "at the check"])
def test_an_upgrade_that_fails_leaves_all_as_it_was(
    config: Path, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = an_older_state(config, "0013")

    def broken(connection: sa.Connection) -> None:
        migrate(connection)
        if when == "while it migrates":
            connection.execute(sa.text("SELECT no_such_column FROM subscribers"))
        connection.execute(sa.text("DELETE FROM suppressions"))

    monkeypatch.setattr(upgrading, "migrate", broken)
    said = command.digest("upgrade", "--backup-to", config, "--config", config, expect=3)

    assert said.count("\n") == 1
    assert "all is as it was before" in said
    assert str(next(config.glob("before-upgrade-*.gz"))) in said
    assert ("no_such_column" if when == "while it migrates" else "suppressions had 1 rows and has 0") in said
    assert revision_of(config) == "0013"
    assert in_it(config, rows_of) == before


def test_another_version_is_named_in_one_sentence(config: Path) -> None:
    an_older_state(config, EARLIER[-1])
    for arguments in (("status",), ("init",), ("poll",)):
        where = (config,) if arguments == ("init",) else ("--config", config)
        said = command.digest(*arguments, *where, expect=3)
        assert said.count("\n") == 1
        assert "older version" in said
        assert "run `digest upgrade`" in said

    set_newer = sa.text("UPDATE alembic_version SET version_num = '9999'")
    in_it(config, lambda connection: connection.execute(set_newer))
    for arguments in (("status",), ("upgrade",), ("poll",)):
        said = command.digest(*arguments, "--config", config, expect=3)
        assert said.count("\n") == 1
        assert (
            "this database was written by a newer version of digest (revision 9999); "
            "install that version or newer" in said
        )


async def test_nothing_is_upgraded_beside_a_process_that_uses_the_state(config: Path) -> None:
    an_older_state(config, EARLIER[-1])
    other = database_of(config)
    async with other.read():
        said = command.digest("upgrade", "--backup-to", config, "--config", config, expect=3)
    await other.dispose()

    assert "is in use" in said
    assert revision_of(config) == EARLIER[-1] != newest_revision()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_backups_of_the_latest_upgrades_stay(config: Path) -> None:
    """Each holds every address."""
    an_older_state(config, EARLIER[-1])
    for day in (1, 2, 3):
        (config / f"before-upgrade-2020-01-0{day}T000000Z.gz").touch()
    (config / "digest-2020-01-01T000000Z.gz").touch()

    said = command.digest("upgrade", "--backup-to", config, "--config", config)

    assert "deleted 1 older backup" in said
    assert [file.name[:25] for file in sorted(config.glob("before-upgrade-*.gz"))][:2] == [
        "before-upgrade-2020-01-02",
        "before-upgrade-2020-01-03",
    ]
    assert len(list(config.glob("*.gz"))) == 4


@pytest.mark.parametrize("moment", ["before its transaction", "after it"])
def test_an_upgrade_that_was_killed_is_done_to_the_end_by_the_next(
    config: Path, kind: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it left holds every address, and so may the pages of the file that it was to write again."""
    an_older_state(config, EARLIER[-1])
    (half := config / ".before-upgrade-2020-01-01T000000Z.gz.part").touch()
    upgrade = ("upgrade", "--backup-to", config, "--config", config)

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "_migrating" if moment.startswith("before") else "_rewrite", kill)
        assert command.run(*upgrade).code != 0

    command.digest(*upgrade)

    assert in_it(config, lambda connection: connection.scalar(sa.text("SELECT count(*) FROM providers"))) > 1
    if kind == "sqlite":
        assert in_it(config, lambda connection: connection.scalar(sa.text("PRAGMA user_version"))) == 0
    assert not half.exists()
