"""How workers found the relays, for processes that dial none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from store_values import MINUTE, NOON

from digest.relays import RelayReport
from digest.store.sql import SqlStore

WELL = RelayReport(worker="a", relay="mx:25", at=NOON, since=NOON, code=None, trouble="")
BUSY = replace(WELL, worker="b", code=421, trouble="4.3.2 too many connections")


async def test_each_workers_last_word_about_each_relay_is_kept(store: SqlStore) -> None:
    later = replace(BUSY, worker="a", at=NOON + MINUTE)
    other = replace(WELL, relay="spare:587")

    await store.relays.record([WELL], NOON)
    await store.relays.record([BUSY, other], NOON)
    await store.relays.record([later], NOON + MINUTE)

    assert await store.relays.reports() == [later, BUSY, other]


async def test_a_worker_that_is_gone_for_a_day_is_forgotten(store: SqlStore) -> None:
    await store.relays.record([BUSY], NOON)
    tomorrow = NOON + timedelta(days=1)

    await store.relays.record([replace(WELL, at=tomorrow)], tomorrow)
    assert len(await store.relays.reports()) == 2
    await store.relays.record([], tomorrow + MINUTE)

    assert [one.worker for one in await store.relays.reports()] == ["a"]
