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
from sqlalchemy import delete, func, select
from test_calendar import started

from digest.deliveries import State
from digest.errors import StateReplaced
from digest.letter_kinds import Moved
from digest.letters import Letter
from digest.store.tables import endings, items, letters, metadata
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
    assert standings(place) == {"ada": "ended", "ben": "active", "(erased)": "ended"}


async def test_an_address_that_somebody_moved_from_does_not_come_back(place: Place) -> None:
    """They may have been erased since, at the address that the backup does not know."""
    place.digest("subscribers", "end", "--where", "domain=example.org", "--why", "a mistake", "--yes")
    place.digest("backup", backup := place.config / "b.gz")
    place.digest("subscribers", "undo", "1", "--why", "it was one")
    await take(place, "ada", Step.MOVED, "moved@example.com")
    place.digest("subscribers", "erase", "moved@example.com", "--why", "asked by letter", "--yes")
    place.digest("restore", backup, "--overwrite")

    place.digest("subscribers", "undo", "1", "--why", "it was one")

    assert standings(place) == {"(erased)": "ended", "ben": "active", "cleo": "active"}
    async with place.opened() as store, store.database.read() as connection:
        for table in metadata.sorted_tables:
            assert "ada@" not in repr((await connection.execute(select(table))).all()), table.name
    people = place.config / "people.csv"
    people.write_text("ada@example.org\n")
    assert "1  ended before" in place.digest("subscribers", "import", people, "--basis", "a list")


async def test_no_list_brings_back_people_who_joined_and_ended_since_the_backup(
    place: Place, backup: Path
) -> None:
    for who in ("dan", "eve", "fay"):
        place.digest("subscribers", "add", f"{who}@example.org", "--basis", "joined")
    place.digest("subscribers", "end", "dan@example.org", "--why", "asked by letter")
    await take(place, "eve", Step.BOUNCED)

    said = place.digest("restore", backup, "--overwrite")

    assert "2 departures" in said
    people = place.config / "people.csv"
    people.write_text("dan@example.org\neve@example.org\nfay@example.org\n")
    assert "2  ended before" in place.digest("subscribers", "import", people, "--basis", "a list")
    place.digest("subscribers", "add", "dan@example.org", "--basis", "a list", expect=2)
    place.digest("subscribers", "add", "dan@example.org", "--again", "--basis", "came back")


async def test_an_import_that_was_undone_is_no_departure(place: Place, backup: Path) -> None:
    people = place.config / "people.csv"
    people.write_text("dan@example.org\n")
    place.digest("subscribers", "import", people, "--basis", "a list", "--yes")
    place.digest("subscribers", "undo", "1", "--why", "it was one")

    place.digest("restore", backup, "--overwrite")

    assert "1  new" in place.digest("subscribers", "import", people, "--basis", "a list")


@pytest.mark.parametrize("lost", [False, True], ids=["", "without the record"])
async def test_nothing_that_is_undone_after_a_restore_brings_back_who_left(place: Place, lost: bool) -> None:
    """The backup knows that the operator ended them, and not that they came back and left."""
    place.digest("subscribers", "end", "--where", "domain=example.org", "--why", "a mistake", "--yes")
    place.digest("backup", backup := place.config / "b.gz")
    for who, step in (("ada", Step.LEFT), ("ben", Step.REMOVED)):
        place.digest("subscribers", "add", f"{who}@example.org", "--again", "--basis", "came back")
        await take(place, who, step)
    if lost:
        await lose_the_record(place)
    place.digest("restore", backup, "--overwrite")

    said = place.digest("subscribers", "undo", "1", "--why", "it was one")

    assert standings(place) == {"ada": "ended", "ben": "ended", "cleo": "active"}
    assert "had left" in said


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

    said = place.digest("restore", backup)

    assert "If it is the file that the service used last" in said
    assert standings(place)["ada"] == "ended"
    place.digest("resume", expect=2)
    place.digest("restore", backup, "--overwrite")
    place.digest("resume", expect=2)  # what was not known then is not known now
    place.digest("resume", "--endings-settled")


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
    await lose_the_record(place)
    await take(place, "ada", Step.LEFT)

    said = place.digest("restore", backup, "--overwrite")

    assert "is not known" in said
    assert "again now: 1 subscription (1 left)" in said  # by what the state knew that was replaced
    assert "is not known" in place.digest("status")
    assert "digest subscribers end" in place.digest("resume", expect=2)
    place.digest("backup", again := place.config / "again.gz")
    place.digest("restore", again, "--overwrite")  # what was not known then is not known now
    assert "digest subscribers end" in place.digest("resume", expect=2)
    assert "SENDING IS PAUSED" in place.digest("status")
    place.digest("subscribers", "end", "ben@example.org", "--why", "the web server's log")
    assert "starts" in (said := place.digest("resume", "--endings-settled")) or "sending is on" in said


async def test_an_operator_says_that_a_state_was_put_back_by_other_means(place: Place) -> None:
    """As by `pg_restore`, which takes the record of endings back with everything else."""
    place.digest("pause", "--why", "the relay moves")

    said = place.digest("pause", "--why", "pg_restore", "--unknown-since", "2026-03-03T03:30")

    assert "after Tue 03 Mar 2026 03:30 UTC is not known" in said
    assert "who left after Tue 03 Mar 03:30 UTC is not known" in place.digest("status")
    place.digest("resume", expect=2)
    place.digest("resume", "--endings-settled")


async def test_what_was_asked_of_a_state_is_asked_of_the_one_that_replaces_it(
    place: Place, backup: Path
) -> None:
    since = ("--unknown-since", "2026-03-03T03:30")
    place.digest("pause", "--why", "a snapshot was put back", *since)

    said = place.digest("restore", backup, "--overwrite")

    assert "after Tue 03 Mar 2026 03:30 UTC is not known" in said
    assert "is whole" not in said
    place.digest("resume", expect=2)
    place.digest("restore", backup, "--overwrite", "--nothing-sent-since")
    place.digest("resume")


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_a_table_that_went_back_in_time_is_not_the_record_of_the_backup(place: Place) -> None:
    """As by `pg_restore`; as many leave afterwards as had left in between."""
    await take(place, "ada", Step.LEFT)
    place.digest("backup", backup := place.config / "b.gz")
    await take(place, "ben", Step.LEFT)
    async with place.opened() as store, store.database.write() as connection:
        then = select(endings.c.id).where(endings.c.what == Step.LEFT).order_by(endings.c.id).limit(1)
        await connection.execute(delete(endings).where(endings.c.id >= then.scalar_subquery()))
        highest = select(func.max(endings.c.id)).scalar_subquery()
        await connection.execute(select(func.setval("endings_id_seq", highest)))
    await take(place, "cleo", Step.LEFT)

    said = place.digest("restore", backup, "--overwrite")

    assert "is not known" in said
    place.digest("resume", expect=2)


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

    said = place.digest("restore", backup, "--overwrite", expect=3)

    assert "1 suppressed or departed address" in said
    assert "DIGEST_SUPPRESSION_KEY" in said

    secrets.write_text(text)
    assert standings(place)["ada"] == "ended"


@pytest.mark.parametrize("beside", ["the state it is of", "nothing"])
async def test_a_backup_of_another_key_replaces_nothing(
    place: Place, beside: str, lay_out: Callable[[Path], str]
) -> None:
    place.digest("subscribers", "suppress", "ada@example.org", "--why", "asked by letter")
    place.digest("backup", backup := place.config / "b.gz")
    secrets = place.config / "secrets.env"
    text = secrets.read_text()
    if beside == "nothing":
        url = lay_out(place.config / "var" / "fresh.db")
        text += f"DIGEST_DATABASE_URL='{url}'\n"
    secrets.write_text(text.replace("DIGEST_SECRET_KEY=", "DIGEST_SECRET_KEY=another", 1))

    said = place.digest("restore", backup, "--overwrite", expect=3)

    assert said.count("\n") == 1
    assert "DIGEST_SUPPRESSION_KEY" in said
    secrets.write_text(text)
    assert len(standings(place)) == (0 if beside == "nothing" else 3)
    assert "PAUSED" not in place.digest("status")


async def test_a_backup_whose_key_is_lost_is_restored_without_what_it_sealed(place: Place) -> None:
    place.digest("subscribers", "suppress", "ada@example.org", "--why", "asked by letter")
    place.digest("backup", backup := place.config / "b.gz")
    secrets = place.config / "secrets.env"
    secrets.write_text(secrets.read_text().replace("DIGEST_SECRET_KEY=", "DIGEST_SECRET_KEY=another", 1))

    said = place.digest("restore", backup, "--overwrite", "--unsuppress-all")

    assert "dropped: 1 suppressed or departed address" in said
    assert "is not known" in place.digest("status")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_nobody_leaves_without_a_record_of_it(place: Place) -> None:
    """Somebody who is told that they left must not come back with a backup."""
    record = place.config / "var" / "digest.db.endings"
    async with place.opened() as store:
        record.unlink(missing_ok=True)
        record.mkdir()  # as good as a disk without room
        one = await store.subscriptions.find("ada@example.org")
        assert one is not None
        with pytest.raises(Exception, match="is no file but a pipe, a socket, a device or a directory"):
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
        states = await connection.execute(select(letters.c.state).where(letters.c.address != ""))
        assert states.scalars().all() == [State.UNKNOWN]


# -- refused --------------------------------------------------------------------------------------------


async def test_nothing_is_restored_beside_a_service_that_runs(place: Place, backup: Path, kind: str) -> None:
    async with started(place, datetime.now(UTC)):
        said = place.digest("restore", backup, "--overwrite", expect=3)
        assert said.count("\n") == 1
        where = " (the machine of the database)" if kind == "postgresql" else ""
        assert f"is in use{where}: stop the service" in said
        assert "SENDING IS PAUSED" not in place.digest("status")

    place.digest("restore", backup, "--overwrite")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_link_to_the_database_leads_to_one_lock_and_one_record(place: Place, backup: Path) -> None:
    """A restore by the path of the file itself ran beside a process that used the link."""
    await take(place, "ada", Step.LEFT)
    link = place.config / "link.db"
    link.symlink_to(place.config / "var" / "digest.db")
    settings = place.config / "digest.yaml"
    text = settings.read_text()
    settings.write_text(text.replace("sqlite:///var/digest.db", "sqlite:///link.db"))
    assert "PAUSED" not in place.digest("status")
    async with place.opened() as store:
        settings.write_text(text)
        assert await store.subscriptions.get(1)
        assert "is in use" in place.digest("restore", backup, "--overwrite", expect=3)

        link.unlink()
        link.symlink_to(place.config / "elsewhere.db")
        with pytest.raises(StateReplaced):
            await store.subscriptions.get(1)


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


@pytest.mark.parametrize(
    ("kind", "what"),
    # This alone is found by the database itself; the others before one is looked at.
    [*(("sqlite", what) for what in UNSOUND), ("postgresql", "with one row twice")],
)
async def test_an_unsound_backup_changes_nothing(place: Place, backup: Path, what: str) -> None:
    place.digest("subscribers", "add", "dan@example.org", "--basis", "joined")
    backup.write_bytes(UNSOUND[what](backup.read_bytes()))

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


@pytest.mark.parametrize("some", [True, False], ids=["", "the backup has none"])
async def test_a_number_that_a_return_path_or_a_message_id_names_is_not_given_again(
    place: Place, backup: Path, some: bool
) -> None:
    """A late bounce would count for another letter, and an alert would look like one that had come."""
    if some:
        await numbers_given(place, 1)
        place.digest("backup", backup, "--overwrite")
    given = await numbers_given(place, 2)

    for again in (3, 4):  # what was given after the first restore is not given after the second
        place.digest("restore", backup, "--overwrite")

        letter, item = await numbers_given(place, again)
        assert letter > given[0]
        assert item > given[1]
        given = letter, item
    assert "restored" not in place.digest("sources", "list")


async def numbers_given(place: Place, occasion: int) -> tuple[int, int]:
    """The numbers of a new letter, and of a new item."""
    now = datetime.now(UTC)
    await place.file(occasion, now)
    async with place.opened() as store:
        content = Moved(subscriber=1, generation=occasion, asked_at=now, new="x@example.org")
        expires = now + timedelta(days=1)
        await store.letters.write(Letter(content=content, address="ada@example.org", expires_at=expires), now)
        async with store.database.read() as connection:
            number = (await connection.execute(select(func.max(letters.c.id)))).scalar_one()
            return number, (await connection.execute(select(func.max(items.c.id)))).scalar_one()
