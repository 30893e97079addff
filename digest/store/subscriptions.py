"""Subscribers, their standing agreements, and the append-only record of what happened to them."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.store.codec import WISHES
from digest.store.database import Database, insert_new
from digest.store.tables import subscribers, subscription_steps, subscriptions
from digest.subscriptions import Standing, Step, Subscription, Wishes, after


class SqlSubscriptions:
    """`ports.SubscriptionStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def active(self, at: datetime) -> list[Subscription]:
        stands = (subscriptions.c.standing == Standing.ACTIVE) & (subscriptions.c.since <= at)
        return await self._found(_JOINED.where(stands))

    async def all(self) -> list[Subscription]:
        return await self._found(_JOINED)

    async def get(self, subscriber: int) -> Subscription | None:
        return next(iter(await self._found(_JOINED.where(subscribers.c.id == subscriber))), None)

    async def find(self, address: str) -> Subscription | None:
        return next(iter(await self._found(_JOINED.where(subscribers.c.address_key == _key(address)))), None)

    async def add(self, address: str, wishes: Wishes, now: datetime) -> Subscription:
        async with self._database.write() as connection:
            id = await _subscriber(connection, address, now)
            query = select(subscriptions).where(subscriptions.c.subscriber_id == id)
            row = (await connection.execute(query)).mappings().first()
            if row is None:
                await connection.execute(
                    insert(subscriptions).values(
                        subscriber_id=id,
                        standing=Standing.ACTIVE,
                        generation=1,
                        wishes=WISHES.dump(wishes),
                        since=now,
                    )
                )
                await _note(connection, id, 1, Step.CONFIRMED, now)
            else:
                await _renew(connection, row, wishes, now)
        subscription = await self.get(id)
        assert subscription is not None
        return subscription

    async def end(self, subscriber: int, generation: int, step: Step, now: datetime) -> bool:
        own = (subscriptions.c.subscriber_id == subscriber) & (subscriptions.c.generation == generation)
        async with self._database.write() as connection:
            ended = await connection.execute(
                update(subscriptions)
                .where(own, subscriptions.c.standing != Standing.ENDED)
                .values(standing=after(Standing.ACTIVE, step), ended_at=now, ended_reason=step)
            )
            if ended.rowcount:
                await _note(connection, subscriber, generation, step, now)
        return bool(ended.rowcount)

    async def _found(self, query: Any) -> list[Subscription]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(subscribers.c.id))).mappings()
            return [_subscription(row) for row in rows]


_JOINED = select(subscriptions, subscribers.c.address).join_from(subscriptions, subscribers)


def _key(address: str) -> str:
    """Two spellings of one mailbox, as far as anybody but its own server can tell."""
    return unicodedata.normalize("NFC", address.strip()).casefold()


async def _subscriber(connection: AsyncConnection, address: str, now: datetime) -> int:
    row = {"address": address.strip(), "address_key": _key(address), "created_at": now}
    await connection.execute(insert_new(connection, subscribers).values(row))
    query = select(subscribers.c.id).where(subscribers.c.address_key == _key(address))
    return int((await connection.execute(query)).scalar_one())


async def _renew(connection: AsyncConnection, row: Any, wishes: Wishes, now: datetime) -> None:
    own = subscriptions.c.subscriber_id == row["subscriber_id"]
    values: dict[str, Any] = {"wishes": WISHES.dump(wishes)}
    if row["standing"] is Standing.ENDED:
        generation = row["generation"] + 1
        values |= {"standing": Standing.ACTIVE, "generation": generation, "since": now}
        values |= {"ended_at": None, "ended_reason": None}
        await _note(connection, row["subscriber_id"], generation, Step.CONFIRMED, now)
    await connection.execute(update(subscriptions).where(own).values(values))


async def _note(
    connection: AsyncConnection, subscriber: int, generation: int, step: Step, now: datetime
) -> None:
    row = {"subscriber_id": subscriber, "generation": generation, "step": step, "at": now}
    await connection.execute(insert(subscription_steps).values(row))


def _subscription(row: Any) -> Subscription:
    return Subscription(
        subscriber=row["subscriber_id"],
        address=row["address"],
        standing=row["standing"],
        generation=row["generation"],
        wishes=WISHES.load(row["wishes"]),
        since=row["since"],
        ended_reason=row["ended_reason"],
    )
