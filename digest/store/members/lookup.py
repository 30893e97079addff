"""Finding subscriptions: by their standing, subscriber or address, and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from digest.addresses import same_key
from digest.store.codec import WISHES
from digest.store.database import Database
from digest.store.members.steps import taken_of
from digest.store.tables import subscribers, subscription_steps, subscriptions
from digest.subscriptions import Standing, Subscription, Taken

JOINED = select(subscriptions, subscribers.c.address).join_from(subscriptions, subscribers)


class SubscriptionLookup:
    """What `ports.SubscriptionStore` finds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def active(self, at: datetime) -> list[Subscription]:
        stands = (subscriptions.c.standing == Standing.ACTIVE) & (subscriptions.c.since <= at)
        return await self._found(JOINED.where(stands))

    async def get(self, subscriber: int) -> Subscription | None:
        return next(iter(await self._found(JOINED.where(subscribers.c.id == subscriber))), None)

    async def find(self, address: str) -> Subscription | None:
        same = subscribers.c.address_key == same_key(address)
        return next(iter(await self._found(JOINED.where(same))), None)

    async def history(self, subscriber: int) -> list[Taken]:
        query = select(subscription_steps).where(subscription_steps.c.subscriber_id == subscriber)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(subscription_steps.c.id))
            return [taken_of(row) for row in rows.mappings()]

    async def _found(self, query: Any) -> list[Subscription]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(subscribers.c.id))).mappings()
            return [subscription_of(row) for row in rows]


def subscription_of(row: Any) -> Subscription:
    return Subscription(
        subscriber=row["subscriber_id"],
        address=row["address"],
        standing=row["standing"],
        generation=row["generation"],
        wishes=WISHES.load(row["wishes"]),
        since=row["since"],
        paused_until=row["paused_until"],
        ended_at=row["ended_at"],
        ended_reason=row["ended_reason"],
    )
