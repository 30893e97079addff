"""People and plans that the store's contract is tried with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_values import DAY, NOON, an_assembly, plan

from digest.store.sql import SqlStore
from digest.subscriptions import Subscription, Wishes


@pytest.fixture
async def subscribers(store: SqlStore) -> list[Subscription]:
    """Five people who have been with us for a while."""
    since = NOON - timedelta(days=30)
    return [await store.subscriptions.add(f"p{n}@example.org", Wishes(), since) for n in range(5)]


@pytest.fixture
async def planned(store: SqlStore, subscribers: list[Subscription]) -> list[int]:
    """The subscribers that today's edition is planned for."""
    await store.editions.seal(an_assembly(), NOON)
    ids = [s.subscriber for s in subscribers]
    await plan(store, DAY)
    return ids
