"""What the tables themselves hold, whatever the code above them does; and that nobody waits there in vain."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError
from store_values import DAY, NOON, an_assembly, plan

from digest.deliveries import State
from digest.store.sending.planning import BATCH
from digest.store.sql import SqlStore
from digest.store.tables import batches, deliveries, editions

TOMORROW = DAY + timedelta(days=1)


async def test_the_database_takes_no_second_delivery_to_one_subscriber_on_one_day(
    store: SqlStore, planned: list[int]
) -> None:
    """The primary key refuses it; no code has to check first."""
    again = {
        "edition_day": DAY,
        "subscriber_id": planned[0],
        "batch": 7,
        "state": State.PLANNED,
        "attempts": 0,
        "planned_at": NOON,
    }
    with pytest.raises(IntegrityError):
        async with store.database.write() as connection:
            await connection.execute(insert(deliveries), again)
    assert await store.deliveries.tally(DAY) == {State.PLANNED: 5}


async def test_the_database_takes_no_second_edition_of_one_day(store: SqlStore, planned: list[int]) -> None:
    """The key is the day."""
    async with store.database.read() as connection:
        row = (await connection.execute(editions.select())).mappings().one()
    with pytest.raises(IntegrityError):
        async with store.database.write() as connection:
            await connection.execute(insert(editions), dict(row))


async def test_nobody_has_a_delivery_who_is_no_subscriber(store: SqlStore, planned: list[int]) -> None:
    with pytest.raises(IntegrityError):
        async with store.database.write() as connection:
            await connection.execute(
                update(deliveries).values(subscriber_id=10**6).where(deliveries.c.subscriber_id == planned[0])
            )


async def test_planning_waits_for_a_worker_that_records_and_neither_is_thrown_out(
    store: SqlStore, planned: list[int]
) -> None:
    """Yesterday's last answers come in while today is planned; both take the batch first."""
    await store.editions.seal(an_assembly(TOMORROW), NOON)
    async with store.database.write() as recording:
        await recording.execute(update(batches).values(lease_until=NOON))
        planning = asyncio.create_task(plan(store, TOMORROW))
        await _waiting(store)
        await recording.execute(
            update(deliveries).where(deliveries.c.edition_day == DAY).values(state=State.ACCEPTED)
        )

    assert await planning == 5
    assert await store.deliveries.tally(DAY) == {State.ACCEPTED: 5}
    batch = await store.deliveries.claim(TOMORROW, owner="w", now=NOON, lease=timedelta(minutes=5))
    assert batch is not None
    assert {due.missed for due in await store.deliveries.due_in(batch)} == {()}, "an accepted one is not owed"


async def _waiting(store: SqlStore) -> None:
    """Return once a transaction waits for a lock. SQLite has one lock, so a second writer always waits."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(10):
        while not store.database.file:
            async with store.database.read() as connection:
                if (await connection.execute(query)).scalar_one():
                    return
            await asyncio.sleep(0.01)


def test_the_page_says_how_large_a_batch_is() -> None:
    """So many deliveries are in doubt, for each batch held, after the loss of a machine."""
    page = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8")

    assert f"batches of {BATCH:,}," in " ".join(page.split())
