"""A database or a record of endings that is copied back by hand is found, and revives nobody."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import command
import pytest
from journey_place import Place
from test_calendar import started
from test_restoring import backup, standings, take

from digest.subscriptions import Channel, Evidence, Step, Wishes

__all__ = ["backup"]

SQLITE = pytest.mark.parametrize("kind", ["sqlite"])
pytestmark = SQLITE  # on PostgreSQL, the record is a table of the same database

DATABASE = ("digest.db", "digest.db-wal", "digest.db-shm")
RECORD = ("digest.db.endings",)


def keep(place: Place) -> Path:
    """A copy of the files of the state as they are."""
    return Path(
        shutil.copytree(place.config / "var", place.config / f"kept {len(list(place.config.iterdir()))}")
    )


def copy_back(place: Place, kept: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (place.config / "var" / name).unlink(missing_ok=True)
        if (kept / name).exists():
            shutil.copy(kept / name, place.config / "var" / name)


ENDS = {
    "ada": Step.LEFT,
    "ben": Step.COMPLAINED,
    "cleo": Step.BOUNCED,
    "dan": Step.REMOVED,
    "eve": Step.ERASED,
}


async def test_an_old_database_file_revives_nobody_and_turns_sending_off(place: Place) -> None:
    for added in ("dan", "eve", "fay"):
        place.digest("subscribers", "add", f"{added}@example.org", "--basis", "joined")
    kept = keep(place)
    for who, step in ENDS.items():
        await take(place, who, step)
    copy_back(place, kept, DATABASE)

    assert "the state is older than the record" in place.digest("doctor", expect=1)
    said = place.digest("status")

    assert "the database is older than its record of endings" in said
    assert "SENDING IS PAUSED" in said
    assert "is not known" not in said
    left = dict.fromkeys(("ada", "ben", "cleo", "dan", "(erased)"), "ended")
    assert standings(place) == left | {"fay": "active"}
    people = place.config / "people.csv"
    people.write_text("".join(f"{who}@example.org\n" for who in ENDS))
    assert "5  ended before" in place.digest("subscribers", "import", people, "--basis", "a list")
    place.digest("resume")


async def test_an_old_database_knows_who_is_suppressed_and_who_came_and_left(place: Place) -> None:
    place.digest("status")
    kept = keep(place)
    place.digest("subscribers", "suppress", "ada@example.org", "--why", "asked by letter")
    place.digest("subscribers", "add", "dan@example.org", "--basis", "joined")
    place.digest("subscribers", "end", "dan@example.org", "--why", "asked by letter")
    await take(place, "ben", Step.LEFT)
    place.digest("subscribers", "add", "ben@example.org", "--again", "--basis", "came back")
    copy_back(place, kept, DATABASE)

    place.digest("status")

    assert standings(place) == {"ada": "ended", "ben": "active", "cleo": "active"}
    place.digest("subscribers", "add", "ada@example.org", "--again", "--basis", "x", expect=2)
    place.digest("subscribers", "add", "dan@example.org", "--basis", "x", expect=2)


async def test_a_service_that_is_started_on_an_old_database_sends_nothing(place: Place) -> None:
    place.digest("status")
    kept = keep(place)
    await take(place, "ada", Step.LEFT)
    copy_back(place, kept, DATABASE)

    async with started(place, datetime.now(UTC)) as (service, _):
        assert await service.store.pauses.current() is not None


@pytest.mark.parametrize("names", [DATABASE, RECORD], ids=["the database", "the record"])
async def test_a_service_that_is_started_on_an_old_copy_calls_the_operators_once(
    place: Place, names: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    config = place.config / "digest.yaml"
    config.write_text(config.read_text().replace("  # mail: [ops@example.org]", "  mail: [ops@example.net]"))
    place.digest("status")
    kept = keep(place)
    await take(place, "ada", Step.LEFT)
    copy_back(place, kept, names)

    async with started(place, datetime.now(UTC)) as (service, _):
        for _ in range(3):
            await service.store_watch.look()
        await service.letter_sender.send()

    calls = [vars(one)["what"] for one in caplog.records if one.message == "an operator is needed"]
    [call] = [what for what in calls if "record of endings" in what]
    [mail] = [one for one in place.server.messages if one.recipients == ("ops@example.net",)]
    assert " ".join(call.split()[:6]) in " ".join(mail.content.decode().split())


async def test_a_service_hears_of_a_database_that_is_written_over_while_it_runs(place: Place) -> None:
    place.digest("status")
    kept = keep(place)
    async with started(place, datetime.now(UTC)) as (service, _):
        one = await service.store.subscriptions.find("ada@example.org")
        await service.store.subscriptions.take(
            one.subscriber, one.generation, Step.LEFT, Evidence(channel=Channel.WEB), datetime.now(UTC)
        )
        (place.config / "var" / "digest.db.endings").write_bytes((kept / "digest.db.endings").read_bytes())
        await service.store_watch.look()
        assert (await service.store.pauses.current()).unknown_since is not None


DAMAGED = {
    "is as old as a backup": lambda then, now: then,
    "has lost its last line": lambda then, now: b"".join(now.splitlines(keepends=True)[:-1]),
    "has lost the last two": lambda then, now: b"".join(now.splitlines(keepends=True)[:-2]),
    "has lost one in its middle": lambda then, now: now.replace(now.splitlines(keepends=True)[-3], b""),
    "is of another life": lambda then, now: then + now[len(then) :].replace(b"2026", b"2025") + now[:900],
    "is empty": lambda then, now: b"",
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
async def test_a_record_that_lacks_what_the_state_knows_turns_sending_off(
    place: Place, backup: Path, damage: Callable[[bytes, bytes], bytes]
) -> None:
    record = place.config / "var" / "digest.db.endings"
    then = record.read_bytes()
    await take(place, "ada", Step.BOUNCED)
    await take(place, "ben", Step.BOUNCED)
    now = record.read_bytes()
    # Without the line that tells of the commit, all that the state knows is there.
    whole = damage is DAMAGED["has lost its last line"]
    record.write_bytes(damage(then, now))

    said = place.digest("status")

    assert ("SENDING IS PAUSED" in said) is not whole
    assert ("is not known" in said) is not whole
    if not whole:
        assert "subscribers end" in place.digest("resume", expect=2)
        place.digest("resume", "--endings-settled")
        assert "PAUSED" not in place.digest("status")
        assert "is not known" in place.digest("restore", backup, "--overwrite")
        assert standings(place) == {"ada": "ended", "ben": "ended", "cleo": "active"}


@pytest.mark.parametrize("damage", list(DAMAGED.values())[2:], ids=list(DAMAGED)[2:])
async def test_a_restore_asks_the_state_that_it_replaces_what_the_record_had(
    place: Place, backup: Path, damage: Callable[[bytes, bytes], bytes]
) -> None:
    record = place.config / "var" / "digest.db.endings"
    then = record.read_bytes()
    await take(place, "ada", Step.BOUNCED)
    await take(place, "ben", Step.BOUNCED)
    record.write_bytes(damage(then, record.read_bytes()))

    said = place.digest("restore", backup, "--overwrite")

    assert "is not known" in said
    assert "no state that could tell" not in said
    assert standings(place) == {"ada": "ended", "ben": "ended", "cleo": "active"}
    place.digest("resume", expect=2)


async def test_a_new_state_beside_an_old_record_writes_to_nobody_who_left(place: Place) -> None:
    place.digest("subscribers", "suppress", "ada@example.org", "--why", "asked by letter")
    await take(place, "ben", Step.LEFT)
    for name in DATABASE:
        (place.config / "var" / name).unlink(missing_ok=True)
    command.digest("init", place.config)

    people = place.config / "people.csv"
    people.write_text("ada@example.org\nben@example.org\ncleo@example.org\n")
    said = place.digest("subscribers", "import", people, "--basis", "a list")

    assert "1  must not be written to" in said
    assert "1  ended before" in said
    assert "1  new" in said


async def test_a_state_that_is_known_only_since_today_is_no_witness_of_yesterday(
    place: Place, backup: Path
) -> None:
    """A restore after `digest init` knows no more than one without a state."""
    for name in DATABASE:
        (place.config / "var" / name).unlink(missing_ok=True)
    command.digest("init", place.config)
    place.digest("status")

    assert "may have lost its end" in place.digest("restore", backup, "--overwrite")


# -- no false alarm ---------------------------------------------------------------------------------------

KILLED = """
import asyncio, os, pathlib, sys
from datetime import UTC, datetime
from digest.app.directory import checked_database, configured
from digest.store import database, endings, endings_file, restoring
from digest.store.sql import SqlStore
from digest.subscriptions import Channel, Evidence, Step, Wishes

config, step, when = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
append, note, committed = endings_file.append, endings.Endings.note, endings.Endings.committed

def die(*_):
    os.kill(os.getpid(), 9)

async def noted_and_killed(*args):
    await note(*args)
    die()

def half_written(file, database, lines):
    append(file, database, lines)
    os.truncate(file, file.stat().st_size - 9)
    die()

async def go():
    settings, secrets = configured(config)
    async with checked_database(settings, secrets, config) as database:
        store = SqlStore(database, seal=secrets.seal)
        match when:
            case "before the commit": endings.Endings.note = noted_and_killed
            case "after the commit": endings.Endings.committed = die
            case "in a line": endings_file.append = half_written
        if step == "join":
            await store.subscriptions.add("dan@example.org", Wishes(), datetime.now(UTC))
        else:
            one = await store.subscriptions.find("ada@example.org")
            await store.subscriptions.take(
                one.subscriber, 1, Step.LEFT, Evidence(channel=Channel.WEB), datetime.now(UTC))
asyncio.run(go())
"""


async def kill_after_the_commit(place: Place) -> None:
    """Ada leaves, in a process that is killed before SQLite's log is taken over into the database."""
    command = [sys.executable, "-c", KILLED, str(place.config), "leave", "after the commit"]
    killed = await asyncio.to_thread(subprocess.run, command, check=False)
    assert killed.returncode == -9
    assert (place.config / "var" / "digest.db-wal").stat().st_size


async def test_a_log_that_a_killed_process_left_belongs_to_the_latest_copy(place: Place) -> None:
    place.digest("status")
    kept = keep(place)
    await kill_after_the_commit(place)
    copy_back(place, kept, DATABASE[:1])

    assert "PAUSED" not in place.digest("status")
    assert standings(place) == {"ada": "ended", "ben": "active", "cleo": "active"}


@pytest.mark.parametrize("step", ["join", "leave"])
@pytest.mark.parametrize("when", ["before the commit", "after the commit", "in a line"])
async def test_a_process_that_is_killed_is_no_old_copy(
    place: Place, backup: Path, step: str, when: str
) -> None:
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED, str(place.config), step, when], check=False
    )
    assert killed.returncode == -9
    assert "PAUSED" not in place.digest("status")
    place.digest("subscribers", "end", "cleo@example.org", "--why", "asked by letter")
    assert "PAUSED" not in place.digest("status")

    said = place.digest("restore", backup, "--overwrite")

    assert standings(place)["cleo"] == "ended"
    assert "is not known" not in said or when == "in a line"


async def test_many_who_write_at_once_are_no_old_copy(place: Place) -> None:
    place.digest("status")
    web, now = Evidence(channel=Channel.WEB), datetime.now(UTC)

    async def come_and_go(who: str) -> None:
        async with place.opened() as store:
            for _ in range(12):
                one = await store.subscriptions.add(f"{who}@example.net", Wishes(), now)
                await store.subscriptions.take(one.subscriber, one.generation, Step.LEFT, web, now)

    async def look() -> None:
        async with place.opened() as store:
            for _ in range(60):
                assert await store.database.differs_from_record() is None

    await asyncio.gather(*(come_and_go(who) for who in ("dan", "eve", "fay")), look(), look())
    assert "PAUSED" not in place.digest("status")


RESTORE_KILLED = """
import os, sys
from digest.store import endings
async def die(*_): os.kill(os.getpid(), 9)
{where} = die
sys.argv = ["digest", *sys.argv[1:]]
from digest.__main__ import main
main()
"""


@pytest.mark.parametrize("where", ["endings.Endings.take_over", "endings.Endings.committed"])
async def test_a_restore_that_is_killed_is_none_or_whole(place: Place, backup: Path, where: str) -> None:
    await take(place, "ada", Step.LEFT)
    command = [sys.executable, "-c", RESTORE_KILLED.format(where=where), "restore", str(backup)]
    killed = await asyncio.to_thread(
        subprocess.run, [*command, "--overwrite", "--config", str(place.config)], check=False
    )
    assert killed.returncode == -9

    said = place.digest("status")

    assert ("PAUSED" in said) is (where == "endings.Endings.committed")
    assert "older than" not in said
    assert "is not known" not in said
    assert standings(place)["ada"] == "ended"
    place.digest("restore", backup, "--overwrite")
    assert standings(place)["ada"] == "ended"


async def test_scripts_get_their_json_whatever_was_found(place: Place) -> None:
    place.digest("status")
    (place.config / "var" / "digest.db.endings").unlink()
    ended = command.run("status", "--json", "--config", place.config)
    assert json.loads(ended.out)["paused"]["unknown_since"]
    assert "record of endings" in ended.err
