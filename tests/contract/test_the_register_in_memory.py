"""The register is held in memory, and every process notices when any of them changes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from builders import KENT, a_candidate, a_provider
from clocks import Clock
from store_values import NOON
from test_sources_and_items import PAGE, READING, list_items

from digest.deliveries import Pause
from digest.edition import StoryKey
from digest.jobs.review import accept
from digest.store.backup import back_up, check_backup
from digest.store.database import Database
from digest.store.restoring import restore
from digest.store.sql import SqlStore
from digest.tokens import address_seal

SEAL = address_seal(b"a key of the tests")
ESSEX = a_provider("essex-pdu", "Essex PDU")


@pytest.fixture
async def elsewhere(store: SqlStore, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """The same state, as another process has it open."""
    address = store.database.postgres_url or f"sqlite:///{store.database.file}"
    database = Database(address, directory=tmp_path)
    yield SqlStore(database, seal=SEAL)
    await database.dispose()


async def test_it_is_read_once_while_nobody_changes_it(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [])

    first = await store.providers.register()
    [one] = await list_items(store, "a")
    await store.items.file(one.id, PAGE, READING, [a_candidate(one.id)])  # of a provider that is known

    assert await store.providers.register() is first


async def test_those_who_ask_at_once_share_one_register(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [])

    registers = await asyncio.gather(*(store.providers.register() for _ in range(5)))

    assert all(register is registers[0] for register in registers)


async def test_what_another_process_lays_down_is_noticed(store: SqlStore, elsewhere: SqlStore) -> None:
    await store.providers.load([a_provider()], [])
    assert [p.id for p in await store.providers.register()] == [KENT]

    await elsewhere.providers.load([ESSEX], [])
    assert [p.id for p in await store.providers.register()] == ["essex-pdu", KENT]

    await elsewhere.providers.load([a_provider(name="Kent unit")], [])
    assert [p.name for p in await store.providers.register()] == ["Essex PDU", "Kent unit"]


async def test_what_a_text_proposes_and_an_operator_confirms_is_noticed(
    store: SqlStore, elsewhere: SqlStore
) -> None:
    await store.providers.load([ESSEX], [])
    assert [p.id for p in await store.providers.register()] == ["essex-pdu"]
    [one] = await list_items(elsewhere, "a")
    candidate = a_candidate(one.id, provider="a-new-pdu", provider_name="A New PDU")

    await elsewhere.items.file(one.id, PAGE, READING, [candidate])
    assert [p.id for p in await store.providers.register()] == ["essex-pdu", "a-new-pdu"]

    await accept(StoryKey(item=one.id, place=0), by="ada", why="new", store=elsewhere, clock=Clock(NOON))
    assert [p.id for p in await store.providers.register()] == ["a-new-pdu", "essex-pdu"]


async def test_a_restored_register_takes_the_place_of_the_one_in_memory(
    store: SqlStore, elsewhere: SqlStore, tmp_path: Path
) -> None:
    await store.providers.load([a_provider()], [])
    await back_up(store.database, tmp_path / "b.gz", NOON, lambda *_: None)
    await store.providers.load([ESSEX], [])
    assert len(await store.providers.register()) == 2

    off = Pause(since=NOON, by="restore", why="restored")
    backup = check_backup(tmp_path / "b.gz")
    await restore(elsewhere.database, backup, off, lambda *_: None, seal=SEAL)

    assert [p.id for p in await store.providers.register()] == [KENT]
