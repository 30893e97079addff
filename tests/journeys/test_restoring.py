"""A restored backup revives nobody, is refused if it is unsound, and leaves a service that runs alone."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from journey_place import Place
from sqlalchemy import delete, select
from test_calendar import started

from digest.deliveries import State
from digest.letter_kinds import Moved
from digest.letters import Letter
from digest.store.tables import endings, letters
from digest.subscriptions import Channel, Evidence, Step

WEB = Evidence(channel=Channel.WEB)


@pytest.fixture
def backup(place: Place) -> Path:
    """A backup of three people who are active."""
    file = place.config / "b.gz"
    place.digest("backup", file)
    return file


def standings(place: Place) -> dict[str, str]:
    rows = json.loads(place.digest("subscribers", "list", "--json", "--in-clear"))
    return {row["address"].partition("@")[0]: row["standing"] for row in rows}


async def take(
    place: Place, who: str, step: Step, address: str | None = None, now: datetime | None = None
) -> None:
    async with place.opened() as store:
        one = await store.subscriptions.find(f"{who}@example.org")
        assert one is not None
        done = await store.subscriptions.take(
            one.subscriber, one.generation, step, WEB, now or datetime.now(UTC), address=address
        )
        assert done


async def test_people_who_ended_since_the_backup_are_ended_again(place: Place, backup: Path) -> None:
    place.digest("subscribers", "suppress", "ada@example.org", "--why", "asked by letter")
    place.digest("subscribers", "erase", "ben@example.org", "--why", "asked by letter", "--yes")
    await take(place, "cleo", Step.COMPLAINED)

    said = place.digest("restore", backup, "--overwrite")

    assert (
        "again now: 3 subscriptions (1 complained, 1 erased, 1 removed), 1 suppression, 2 departures" in said
    )
    place.digest("resume")
    assert set(standings(place).values()) == {"ended"}
    assert "must not be written to" in place.digest(
        "subscribers", "add", "ada@example.org", "--again", "--basis", "x", expect=2
    )
    async with place.opened() as store:
        assert await store.subscriptions.find("ben@example.org") is None
    people = place.config / "people.csv"
    people.write_text("ben@example.org\n")
    assert "1  ended before" in place.digest("subscribers", "import", people, "--basis", "a list")


@pytest.mark.parametrize("step", [Step.LEFT, Step.BOUNCED, Step.REMOVED])
async def test_however_somebody_ended_nobody_is_written_to_again(
    place: Place, backup: Path, step: Step
) -> None:
    await take(place, "ada", step)
    await take(place, "ben", Step.LEFT)
    place.digest("subscribers", "add", "ben@example.org", "--again", "--basis", "came back")
    await take(place, "cleo", Step.MOVED, "cleo@example.com")
    place.digest("subscribers", "add", "dan@example.org", "--basis", "joined")

    said = place.digest("restore", backup, "--overwrite")

    assert f"1 {step}" in said
    assert "1 moved" in said
    assert "lost: 2 subscriptions" in said
    assert standings(place) == {"ada": "ended", "ben": "active", "cleo": "ended"}


async def test_people_who_left_while_the_clock_was_wrong_stay_away(place: Place, backup: Path) -> None:
    await take(place, "ada", Step.LEFT, now=datetime(2001, 1, 1, tzinfo=UTC))

    place.digest("restore", backup, "--overwrite")

    assert standings(place)["ada"] == "ended"


async def test_suppressions_that_were_dropped_do_not_come_back(place: Place) -> None:
    place.digest("subscribers", "suppress", "ada@example.org", "--why", "asked by letter")
    place.digest("subscribers", "unsuppress", "--all", "--yes")
    place.digest("backup", place.config / "b.gz")

    said = place.digest("restore", place.config / "b.gz", "--overwrite")

    assert "0 suppressions" in said


async def test_a_second_restore_knows_all_that_the_first_knew(place: Place, backup: Path) -> None:
    await take(place, "ada", Step.LEFT)
    place.digest("restore", backup, "--overwrite")
    await take(place, "ben", Step.LEFT)

    place.digest("restore", backup, "--overwrite")

    assert standings(place) == {"ada": "ended", "ben": "ended", "cleo": "active"}


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_the_record_of_endings_outlives_the_database(place: Place, backup: Path) -> None:
    await take(place, "ada", Step.LEFT)
    for path in (place.config / "var").glob("digest.db*"):
        if path.suffix != ".endings":
            path.unlink()

    place.digest("restore", backup)

    place.digest("resume")
    assert standings(place)["ada"] == "ended"


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_the_record_of_endings_names_nobody_and_bears_a_torn_line(place: Place, backup: Path) -> None:
    record = place.config / "var" / "digest.db.endings"
    with record.open("a") as file:
        file.write('["2026-01-01T')  # its writer was killed
    await take(place, "ada", Step.ERASED)

    text = record.read_text()
    assert "@" not in text
    assert "example" not in text
    place.digest("restore", backup, "--overwrite")
    assert "ended" in standings(place).values()


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(lambda lines: [*lines[:-2], lines[-2][:40] + b"\n", lines[-1]], id="in a line"),
        pytest.param(lambda lines: [*lines[:-2], b"\0" * 200, lines[-1]], id="by nuls"),
        pytest.param(lambda lines: [*lines[:-1], lines[-1][:-9]], id="at its end"),
        pytest.param(lambda lines: lines[:-6], id="cut off before the backup"),
    ],
)
async def test_a_damaged_record_is_no_proof_that_nobody_left(
    place: Place, damaged: Callable[[list[bytes]], list[bytes]]
) -> None:
    place.digest("subscribers", "end", "cleo@example.org", "--why", "asked by letter")
    place.digest("backup", backup := place.config / "b.gz")
    await take(place, "ada", Step.LEFT)
    await take(place, "ben", Step.LEFT)
    record = place.config / "var" / "digest.db.endings"
    record.write_bytes(b"".join(damaged(record.read_bytes().splitlines(keepends=True))))

    said = place.digest("restore", backup, "--overwrite")

    assert "is not known" in said
    place.digest("resume", expect=2)


async def lose_the_record(place: Place) -> None:
    async with place.opened() as store, store.database.write() as connection:
        await connection.execute(delete(endings))
    (place.config / "var" / "digest.db.endings").unlink(missing_ok=True)


async def test_without_the_record_sending_waits_for_an_operators_word(place: Place, backup: Path) -> None:
    await take(place, "ada", Step.LEFT)
    await lose_the_record(place)

    said = place.digest("restore", backup, "--overwrite")

    assert "is not known" in said
    assert "is not known" in place.digest("status")
    assert "digest subscribers end" in place.digest("resume", expect=2)
    place.digest("backup", again := place.config / "again.gz")
    place.digest("restore", again, "--overwrite")  # what was not known then is not known now
    assert "digest subscribers end" in place.digest("resume", expect=2)
    assert "SENDING IS PAUSED" in place.digest("status")
    place.digest("subscribers", "end", "ada@example.org", "--why", "the web server's log")
    assert "starts" in (said := place.digest("resume", "--endings-settled")) or "sending is on" in said


async def test_a_state_that_moves_while_nothing_runs_is_known_whole(place: Place, backup: Path) -> None:
    await lose_the_record(place)

    said = place.digest("restore", backup, "--overwrite", "--nothing-sent-since")

    assert "not known" not in said
    assert "sending is on" in place.digest("resume")


async def test_a_record_of_another_key_is_not_passed_over(place: Place, backup: Path) -> None:
    await take(place, "ada", Step.LEFT)
    secrets = place.config / "secrets.env"
    text = secrets.read_text()
    secrets.write_text(text.replace("DIGEST_SECRET_KEY=", "DIGEST_SECRET_KEY=another", 1))

    assert "DIGEST_SUPPRESSION_KEY" in place.digest("restore", backup, "--overwrite", expect=3)

    secrets.write_text(text)
    assert standings(place)["ada"] == "ended"


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_nobody_leaves_without_a_record_of_it(place: Place) -> None:
    """Somebody who is told that they left must not come back with a backup."""
    record = place.config / "var" / "digest.db.endings"
    async with place.opened() as store:
        record.unlink(missing_ok=True)
        record.mkdir()  # as good as a disk without room
        one = await store.subscriptions.find("ada@example.org")
        assert one is not None
        with pytest.raises(Exception, match="cannot be read or written"):
            await store.subscriptions.take(one.subscriber, 1, Step.LEFT, WEB, datetime.now(UTC))
        one = await store.subscriptions.find("ada@example.org")
        assert one is not None
        assert one.live


async def test_a_restore_tells_which_editions_may_come_a_second_time(place: Place, backup: Path) -> None:
    today = datetime.now(UTC).date()
    head, rest = gzip.decompress(backup.read_bytes()).split(b"\n", 1)
    taken = {"taken_at": f"{today - timedelta(days=10)}T03:00:00+00:00"}
    backup.write_bytes(gzip.compress(json.dumps(json.loads(head) | taken).encode() + b"\n" + rest))

    said = place.digest("restore", backup, "--overwrite")

    assert re.search(
        rf"second time: the stories of 1\d editions \(from {today - timedelta(days=10)} to ", said
    )
    assert "second time" not in place.digest("restore", backup, "--overwrite", "--nothing-sent-since")


async def test_a_letter_that_waited_may_have_been_sent_since(place: Place) -> None:
    now = datetime.now(UTC)
    async with place.opened() as store:
        content = Moved(subscriber=1, generation=1, asked_at=now, new="x@example.org")
        await store.letters.write(Letter(content=content, address="ada@example.org", expires_at=now.replace(
            year=now.year + 1)), now)  # fmt: skip
    place.digest("backup", place.config / "b.gz")

    said = place.digest("restore", place.config / "b.gz", "--overwrite")

    assert "not sent again: 1 letter that waited" in said
    async with place.opened() as store, store.database.read() as connection:
        assert (await connection.execute(select(letters.c.state))).scalars().all() == [State.UNKNOWN]


# -- refused --------------------------------------------------------------------------------------------


async def test_nothing_is_restored_beside_a_service_that_runs(place: Place, backup: Path, kind: str) -> None:
    async with started(place, datetime.now(UTC)):
        said = place.digest("restore", backup, "--overwrite", expect=3)
        assert said.count("\n") == 1
        where = " (the machine of the database)" if kind == "postgresql" else ""
        assert f"is in use{where}: stop the service" in said
        assert "SENDING IS PAUSED" not in place.digest("status")

    place.digest("restore", backup, "--overwrite")


HOLDING = """
import asyncio, pathlib, sys
from digest.app.directory import checked_database, configured
async def hold():
    config = pathlib.Path(sys.argv[1])
    async with checked_database(*configured(config), config):
        print("open", flush=True)
        await asyncio.sleep(600)
asyncio.run(hold())
"""


async def test_a_service_that_was_killed_is_not_in_the_way(place: Place, backup: Path, kind: str) -> None:
    kill_while_it_holds_the_state(place, backup)
    if kind == "postgresql":
        await the_server_notices(place)

    place.digest("restore", backup, "--overwrite")


def kill_while_it_holds_the_state(place: Place, backup: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(place.config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holding:
        try:
            assert holding.stdout is not None
            assert holding.stdout.readline() == "open\n"
            assert "is in use" in place.digest("restore", backup, "--overwrite", expect=3)
        finally:
            holding.kill()


async def the_server_notices(place: Place) -> None:
    """PostgreSQL ends the killed process's session when it next looks at its connection."""
    import asyncio

    from sqlalchemy import text

    async with place.opened() as store:
        for _ in range(200):
            async with store.database.read() as connection:
                query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2"
                if await connection.scalar(text(query)) == 1:
                    return
            await asyncio.sleep(0.05)


def lines(whole: bytes) -> list[bytes]:
    return gzip.decompress(whole).splitlines(keepends=True)


def with_lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda whole: gzip.compress(b"".join(change(lines(whole))))


UNSOUND = {
    "cut off": lambda whole: whole[: len(whole) * 2 // 3],
    "a wrong checksum": lambda whole: whole[:-8] + bytes(4) + whole[-4:],
    "no backup": lambda _: b"PK\3\4 something else",
    "of something else": lambda _: gzip.compress(b'{"hello": 1}\n'),
    "empty": lambda _: b"",
    "without its end": with_lines(lambda found: found[:-1]),
    "without a row": with_lines(lambda found: [one for one in found if b"cleo@" not in one]),
    "of a newer version": with_lines(
        lambda found: [found[0].replace(b'"revision":"0', b'"revision":"9'), *found[1:]]
    ),
    "without a time": with_lines(lambda found: [found[0].replace(b"taken_at", b"taken"), *found[1:]]),
    "with a strange table": with_lines(
        lambda found: [one.replace(b'"requests"', b'"invoices"') for one in found]
    ),
    "with a short row": with_lines(lambda found: [b'[1,"x"]\n' if b"ada@" in one else one for one in found]),
    "with a value of another kind": with_lines(
        lambda found: [one.replace(b'"active"', b'"immortal"') for one in found]
    ),
    "with one row twice": with_lines(
        lambda found: [one.replace(b"[2,", b"[1,", 1) if b"ben@" in one else one for one in found]
    ),
}


@pytest.mark.parametrize("spoil", UNSOUND.values(), ids=UNSOUND)
async def test_an_unsound_backup_changes_nothing(
    place: Place, backup: Path, spoil: Callable[[bytes], bytes]
) -> None:
    place.digest("subscribers", "add", "dan@example.org", "--basis", "joined")
    backup.write_bytes(spoil(backup.read_bytes()))

    said = place.digest("restore", backup, "--overwrite", expect=3)

    assert said.count("\n") == 1
    assert said.startswith(f"digest: {backup}")
    assert len(standings(place)) == 4
    assert "PAUSED" not in place.digest("status")


async def test_a_number_of_somebody_who_joined_after_the_backup_is_given_to_nobody_else(
    place: Place, backup: Path
) -> None:
    """Links name a subscriber by number: an old one would open the subscription of somebody else."""
    place.digest("subscribers", "add", "xen@example.org", "--basis", "joined")
    async with place.opened() as store:
        xen = await store.subscriptions.find("xen@example.org")

    place.digest("restore", backup, "--overwrite")
    place.digest("subscribers", "add", "yve@example.org", "--basis", "joined")

    async with place.opened() as store:
        yve = await store.subscriptions.find("yve@example.org")
    assert yve.subscriber > xen.subscriber
