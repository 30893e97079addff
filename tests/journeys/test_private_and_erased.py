"""The files of a state are for their owner alone, and what is erased is in none of them any more."""

from __future__ import annotations

import base64
import os
import quopri
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.header import Header
from pathlib import Path

import command
import pytest
from journey_place import Place
from sqlalchemy import select

from digest.adapters.journal import FileJournal
from digest.app.directory import configured, open_database
from digest.letter_kinds import Moved
from digest.letters import Letter
from digest.ports import Parked, Returned
from digest.smtp_verdicts import Verdict
from digest.store.sql import SqlStore
from digest.store.tables import metadata
from digest.subscriptions import Request

NOW = datetime.now(UTC)
QUIRK = "Quirk@Example.org"


def modes(directory: Path) -> dict[str, str]:
    """The modes of a directory and of everything in it."""
    found = [directory, *directory.rglob("*")]
    return {str(path.relative_to(directory.parent)): f"{path.stat().st_mode & 0o777:03o}" for path in found}


@pytest.fixture(params=[0o000, 0o077], ids=["open", "closed"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_whatever_the_umask_the_state_is_for_its_owner_alone(tmp_path: Path) -> None:
    config, state = tmp_path / "config", tmp_path / "config" / "var"
    command.digest("init", config)
    settings, _ = configured(config)
    journal = FileJournal(settings.store.journal)
    assert journal.owner
    with sqlite3.connect(state / "digest.db") as held:  # its -wal and -shm stay
        held.execute("SELECT count(*) FROM subscribers").fetchone()
        basis = ("--basis", "by telephone")
        command.digest("subscribers", "add", "ada@example.org", *basis, "--config", config)
        command.digest("subscribers", "export", "--csv", state / "people.csv", "--config", config)
        command.digest("backup", state / "b.gz", "--config", config)

        found = modes(state)
    held.close()
    journal.close()

    assert {"var/digest.db", "var/digest.db-wal", "var/digest.db-shm", "var/journal"} < found.keys()
    directories = {"var", *(name for name in found if name.startswith("var/journal") and "/lock" not in name)}
    assert found == {name: "700" if name in directories else "600" for name in found}


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_state_that_was_open_to_others_is_closed_and_said_to_be(place: Place) -> None:
    state = place.config / "var"
    with sqlite3.connect(state / "digest.db") as held:
        held.execute("SELECT count(*) FROM subscribers").fetchone()
        for path in [state, *state.iterdir()]:
            path.chmod(0o755 if path.is_dir() else 0o644)

        said = place.digest("status")
        found = modes(state)
    held.close()

    assert "were open to other users" in said
    assert found == {name: "700" if name == "var" else "600" for name in found}
    assert "were open" not in place.digest("status")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_directory_with_other_things_in_it_is_left_as_it_is(place: Place) -> None:
    state = place.config / "var"
    (state / "notes.txt").touch()
    state.chmod(0o755)

    place.digest("status")

    assert state.stat().st_mode & 0o777 == 0o755
    settings, secrets = configured(place.config)
    [found] = open_database(settings, secrets, place.config).open_to_others()
    assert found == f"{state} (mode 0755)"


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_state_of_another_user_that_is_open_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.config / "var" / "digest.db").chmod(0o666)

    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr(Path, "chmod", refuse)  # tests may run as root, who may do it

    assert "belongs to another user" in place.digest("status", expect=3)


LETTERS = {
    "plain": f"To: us\r\n\r\nI am {QUIRK}.".encode(),
    "another tag": b"To: us\r\n\r\nI am quirk+news@example.org",
    "base64": b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(f"I am {QUIRK}".encode()),
    "one line of base64": b"\r\n\r\n" + base64.b64encode(b"x" * 90 + f" I am {QUIRK}!".encode()),
    "UTF-16": b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(f"I am {QUIRK}".encode("utf-16")),
    "quoted-printable": b"\r\n\r\n"
    + quopri.encodestring(b"x" * 60 + b" " + QUIRK.encode() + b" y" * 20).replace(b"@", b"=40"),
    "a name in encoded words": b"Subject: " + Header(f"mir, {QUIRK}, ä", "utf-8").encode().encode(),
    "encoded words that split it": b"Subject: =?utf-8?q?quirk=40exa?= =?utf-8?q?mple.org?=\r\n\r\n",
    "a message in it": b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(b"Subject: x\r\n\r\n" + base64.encodebytes(QUIRK.encode())),
    "markup": b"Content-Type: text/html\r\n\r\nquirk&#64;example.org",
}
OTHERS = {"somebody else": b"\r\n\r\nI am ben@example.org", "a longer name": b"\r\n\r\nnoquirk@example.org"}


async def write_everywhere(store: SqlStore, subscriber: int) -> None:
    """Let the address stand wherever one can stand."""
    moved = Moved(subscriber=subscriber, generation=1, asked_at=NOW, new=QUIRK)
    letter = Letter(content=moved, address=QUIRK, expires_at=NOW + timedelta(hours=1))
    assert await store.letters.write(letter, NOW)
    bounced = Returned(
        edition=NOW.date(), subscriber=subscriber, verdict=Verdict.HARD, at=NOW, status="5.1.1", code=550,
        text=f"550 <{QUIRK}> unknown", fingerprint="f", letter=1,
    )  # fmt: skip
    assert await store.mail.returned(bounced)
    request = Request(subscriber=subscriber, generation=1, address=QUIRK, code="123456", asked_at=NOW,
                      expires_at=NOW + timedelta(days=1))  # fmt: skip
    await store.requests.put(request)
    await store.bulks.open(what="end", by="ada", why=f"{QUIRK} asked, as quirk+x@example.org", now=NOW)
    for name, content in (LETTERS | OTHERS).items():
        await store.mail.park(
            Parked(at=NOW, sent_to="help@x.example", why=name, fingerprint=name, content=content)
        )


async def test_an_erased_address_is_in_no_table_and_in_no_file(place: Place, kind: str) -> None:
    """The service runs meanwhile, so the write-ahead log of SQLite is there, with pages as they were."""
    settings, secrets = configured(place.config)
    basis = ("--basis", f"{QUIRK} wrote", "--area", "Kent")
    place.digest("subscribers", "add", QUIRK, *basis)
    database = open_database(settings, secrets, place.config)
    store = SqlStore(database, seal=secrets.seal)
    one = await store.subscriptions.find(QUIRK)
    assert one is not None
    await write_everywhere(store, one.subscriber)
    place.digest("subscribers", "add", "cousin@example.net", "--basis", f"{QUIRK} says that they agree")
    assert kind != "sqlite" or b"quirk" in octets(place)

    said = place.digest("subscribers", "erase", QUIRK, "--why", f"{QUIRK} asked", "--yes")
    assert "the address is erased" in said

    assert {parked.why for parked in await store.mail.parked()} == OTHERS.keys()
    async with database.read() as connection:
        for table in metadata.sorted_tables:
            rows = (await connection.execute(select(table))).all()
            assert "quirk" not in repr(rows).casefold(), table.name
    assert b"quirk" not in octets(place)
    await database.dispose()


def octets(place: Place) -> bytes:
    """All files of the state, in lower case."""
    return b"".join(path.read_bytes().lower() for path in (place.config / "var").rglob("*") if path.is_file())
