"""A backup: the whole state, of one instant, back where it was or in the other kind of database."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import an_edition
from sqlalchemy import select
from store_values import DAY, MINUTE, NOON, plan

from digest.deliveries import Answer, Event, Pause, Settled, State
from digest.edition_assembly import Assembly
from digest.errors import StateUnreadable
from digest.relays import RelayReport
from digest.store.backup import back_up, check_backup, row_counts
from digest.store.database import Database
from digest.store.restoring import restore
from digest.store.sql import SqlStore
from digest.store.tables import metadata
from digest.subscriptions import Wishes
from digest.tokens import address_seal

SEAL = address_seal(b"a key of the tests")
OFF = Pause(since=NOON, by="restore", why="restored")


def quietly(_table: str, _rows: int) -> None: ...


async def put_back(database: Database, file: Path) -> None:
    await restore(database, check_backup(file), OFF, quietly, seal=SEAL, nothing_since=True)


async def everything(database: Database) -> dict[str, list[Any]]:
    async with database.read() as connection:
        return {
            table.name: [
                tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if not table.info.get("passing")
        }


@pytest.fixture
async def lived_in(store: SqlStore, planned: list[int]) -> SqlStore:
    """A state with a batch half done."""
    batch = await store.deliveries.claim(DAY, owner="w", now=NOON, lease=5 * MINUTE)
    assert batch is not None
    due = await store.deliveries.due_in(batch)
    answers = [
        Answer(event=Event.TAKEN, code=250, text="queued – fine"),
        Answer(event=Event.PUT_OFF, code=452, text="4.2.2 full"),
    ]
    done = [
        Settled(delivery=one.delivery, answer=answer, at=NOON, begun=True)
        for one, answer in zip(due, answers, strict=False)
    ]
    await store.deliveries.record(batch, done, now=NOON, lease=None)
    return store


async def test_everything_comes_back_row_for_row_and_sending_is_off(
    lived_in: SqlStore, tmp_path: Path
) -> None:
    before = await everything(lived_in.database)
    counts = await back_up(lived_in.database, tmp_path / "b.gz", NOON, quietly)
    assert counts == {name: len(rows) for name, rows in before.items()}
    await lived_in.subscriptions.add("later@example.org", Wishes(), NOON)

    assert check_backup(tmp_path / "b.gz").taken_at == NOON
    await put_back(lived_in.database, tmp_path / "b.gz")

    after = await everything(lived_in.database)
    assert after.pop("pauses") == [(1, NOON, "restore", "restored", None, None, None)]
    before.pop("pauses")
    assert after == before


async def test_a_restored_state_counts_on_from_where_it_was(lived_in: SqlStore, tmp_path: Path) -> None:
    await back_up(lived_in.database, tmp_path / "b.gz", NOON, quietly)
    await put_back(lived_in.database, tmp_path / "b.gz")

    new = await lived_in.subscriptions.add("new@example.org", Wishes(), NOON)

    assert new.subscriber == 6


async def test_a_backup_moves_from_one_kind_of_database_to_another(
    lived_in: SqlStore, tmp_path: Path
) -> None:
    before = await everything(lived_in.database)
    await back_up(lived_in.database, tmp_path / "b.gz", NOON, quietly)
    (tmp_path / "elsewhere").mkdir()
    other = Database("sqlite:///other.db", directory=tmp_path / "elsewhere")
    try:
        await other.create()
        await put_back(other, tmp_path / "b.gz")
        after = await everything(other)
    finally:
        await other.dispose()

    assert {n: r for n, r in after.items() if n != "pauses"} == {
        n: r for n, r in before.items() if n != "pauses"
    }


async def test_a_pause_that_was_there_stands(lived_in: SqlStore, tmp_path: Path) -> None:
    earlier = Pause(since=NOON - timedelta(days=1), by="ada", why="the relay moves")
    await lived_in.pauses.pause(earlier)
    await back_up(lived_in.database, tmp_path / "b.gz", NOON, quietly)

    await put_back(lived_in.database, tmp_path / "b.gz")

    assert await lived_in.pauses.current() == earlier


async def test_a_backup_is_of_one_instant_while_others_write(lived_in: SqlStore, tmp_path: Path) -> None:
    """What is written between its first table and its last is not in it, or it would not fit together."""
    before = await everything(lived_in.database)
    writing: list[asyncio.Task[Any]] = []

    def write_meanwhile(_table: str, _rows: int) -> None:
        if not writing:
            adding = lived_in.subscriptions.add("later@example.org", Wishes(), NOON)
            writing.append(asyncio.ensure_future(adding))

    await back_up(lived_in.database, tmp_path / "b.gz", NOON, write_meanwhile)
    await asyncio.gather(*writing)
    assert await lived_in.subscriptions.find("later@example.org")

    await put_back(lived_in.database, tmp_path / "b.gz")
    after = await everything(lived_in.database)
    assert {n: r for n, r in after.items() if n != "pauses"} == {
        n: r for n, r in before.items() if n != "pauses"
    }


async def test_nobody_else_may_read_it(lived_in: SqlStore, tmp_path: Path) -> None:
    await back_up(lived_in.database, tmp_path / "b.gz", NOON, quietly)

    assert (tmp_path / "b.gz").stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob(".*.part")) == []


def with_a_wrong_octet(whole: bytes) -> bytes:
    """One by which its compressed text makes no sense: not every one is noticed so soon."""
    for at in range(20, len(whole)):
        wrong = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        try:
            gzip.decompress(wrong)
        except zlib.error:
            return wrong
        except (OSError, EOFError):
            continue
    raise AssertionError("no octet of it matters")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda whole: whole[: len(whole) // 2], "cannot be read|not whole"),
        (lambda _: b"not a backup at all", "cannot be read"),
        (with_a_wrong_octet, "cannot be read"),
        (lambda _: gzip.compress(b'{"hello": 1}\n'), "not a backup"),
        (lambda whole: gzip.compress(gzip.decompress(whole).rpartition(b'{"rows"')[0]), "is incomplete"),
        (
            lambda whole: gzip.compress(
                gzip.decompress(whole).replace(b'"revision": "', b'"revision": "9', 1)
            ),
            "newer version",
        ),
    ],
)
async def test_a_file_that_is_not_a_whole_backup_of_ours_is_refused(
    lived_in: SqlStore, tmp_path: Path, spoil: Callable[[bytes], bytes], why: str
) -> None:
    file = tmp_path / "b.gz"
    await back_up(lived_in.database, file, NOON, quietly)
    whole = file.read_bytes()
    text = gzip.decompress(whole).replace(b'"revision":"', b'"revision": "', 1)
    file.write_bytes(spoil(gzip.compress(text)))

    with pytest.raises(StateUnreadable, match=why):
        check_backup(file)


async def test_an_empty_state_holds_nothing_worth_keeping(store: SqlStore, tmp_path: Path) -> None:
    assert await row_counts(store.database) == {}


async def test_a_day_that_was_planned_stays_planned(lived_in: SqlStore, tmp_path: Path) -> None:
    await back_up(lived_in.database, tmp_path / "b.gz", NOON, quietly)
    await put_back(lived_in.database, tmp_path / "b.gz")

    assert await plan(lived_in, DAY) == 0


async def test_how_the_relays_were_is_no_part_of_the_state(lived_in: SqlStore, tmp_path: Path) -> None:
    """It tells of processes, and those are others after a restore."""
    word = RelayReport(worker="w", relay="mx:25", at=NOON, since=NOON, code=None, trouble="")
    await lived_in.relays.record([word], NOON)

    counts = await back_up(lived_in.database, tmp_path / "b.gz", NOON, quietly)
    assert "relay_health" not in counts
    assert "relay_health" not in await row_counts(lived_in.database)

    await put_back(lived_in.database, tmp_path / "b.gz")
    assert await lived_in.relays.reports() == []


async def test_what_a_worker_had_in_hand_when_the_backup_was_taken_is_in_doubt(
    store: SqlStore, planned: list[int], tmp_path: Path
) -> None:
    """Its notes are not in the backup, and its lease would be renewed by nobody."""
    assert await store.deliveries.claim(DAY, owner="w", now=NOON, lease=5 * MINUTE)
    await back_up(store.database, tmp_path / "b.gz", NOON, quietly)

    await put_back(store.database, tmp_path / "b.gz")

    assert await store.deliveries.held() == []
    assert await store.deliveries.tally(DAY) == {State.UNKNOWN: len(planned)}
    tomorrow = DAY + timedelta(days=1)
    nothing = Assembly(edition=an_edition(day=tomorrow), settled=(), doubts=())
    await store.editions.seal(nothing, NOON + timedelta(days=1))
    assert await plan(store, tomorrow, everybody=False) == len(planned), "its stories come late"


async def test_a_value_that_its_column_does_not_take_changes_nothing(
    lived_in: SqlStore, tmp_path: Path
) -> None:
    file = tmp_path / "b.gz"
    before = await everything(lived_in.database)
    await back_up(lived_in.database, file, NOON, quietly)
    address = before["subscribers"][0][1]
    text = gzip.decompress(file.read_bytes()).replace(f'"{address}"'.encode(), b"5", 1)
    file.write_bytes(gzip.compress(text))

    with pytest.raises(StateUnreadable, match="does not fit together"):
        await put_back(lived_in.database, file)

    assert await everything(lived_in.database) == before
