"""The rows of subscriptions within a transaction: found, locked, and read as values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import same_key
from digest.store.codec import WISHES
from digest.store.database import insert_new
from digest.store.tables import subscribers, subscriptions
from digest.subscriptions import Subscription

CHUNK: Final = 500
"""The most subscriptions that one transaction changes: planning at noon may have to wait for one to end."""

JOINED: Final = select(subscriptions, subscribers.c.address).join_from(subscriptions, subscribers)
"""Subscriptions with their addresses, as `subscription_of` reads them."""


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


async def found(connection: AsyncConnection, *which: ColumnElement[bool]) -> list[Subscription]:
    """The subscriptions that meet all conditions, by subscriber number."""
    rows = await connection.execute(JOINED.where(*which).order_by(subscribers.c.id))
    return [subscription_of(row) for row in rows.mappings()]


async def locked(
    connection: AsyncConnection, ids: Sequence[int], which: ColumnElement[bool] | None = None
) -> list[Subscription]:
    """The subscriptions of these subscribers, locked in the order of their numbers, against deadlocks.

    `which` is checked after locking: it leaves out those that another transaction has changed meanwhile.
    """
    await _lock(connection, subscribers.c.id.in_(ids))
    own = subscriptions.c.subscriber_id.in_(ids)
    return await found(connection, own if which is None else own & which)


async def locked_for(
    connection: AsyncConnection, subscriber: int, address: str | None
) -> Subscription | None:
    """One subscription, locked; with `address`, the subscriber who has that address is locked as well."""
    people = subscribers.c.id == subscriber
    if address is not None:
        people |= subscribers.c.address_key == same_key(address)
    await _lock(connection, people)
    return next(iter(await found(connection, subscribers.c.id == subscriber)), None)


async def subscriber_at(
    connection: AsyncConnection, address: str, now: datetime
) -> tuple[int, Subscription | None]:
    """The subscriber with this address, inserted if new, and locked; and the subscription, None if new."""
    row = {"address": address.strip(), "address_key": same_key(address), "created_at": now}
    own = subscribers.c.address_key == same_key(address)
    ids: Sequence[int] = ()
    while not ids:  # again if the address is given up between the insertion and the lock
        await connection.execute(insert_new(connection, subscribers).values(row))
        ids = await _lock(connection, own)
    return ids[0], next(iter(await found(connection, subscribers.c.id == ids[0])), None)


async def _lock(connection: AsyncConnection, which: ColumnElement[bool]) -> Sequence[int]:
    people = select(subscribers.c.id).where(which).order_by(subscribers.c.id).with_for_update()
    return (await connection.execute(people)).scalars().all()


def spelled_like(key: str) -> ColumnElement[bool]:
    """A condition on subscribers that all spellings of a mailbox meet, and few other addresses."""
    local, _, domain = key.rpartition("@")
    if domain == "gmail.com":  # also googlemail.com; with dots anywhere
        return subscribers.c.address_key.endswith("mail.com")
    like = subscribers.c.address_key.startswith(f"{local}+", autoescape=True)
    like &= subscribers.c.address_key.endswith(f"@{domain}", autoescape=True)
    return (subscribers.c.address_key == key) | like
