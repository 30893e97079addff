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
"""Subscriptions in one transaction: a noon that comes meanwhile waits for no more than these."""

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
    """In the order of their numbers."""
    rows = await connection.execute(JOINED.where(*which).order_by(subscribers.c.id))
    return [subscription_of(row) for row in rows.mappings()]


async def locked(
    connection: AsyncConnection, ids: Sequence[int], which: ColumnElement[bool] | None = None
) -> list[Subscription]:
    """The subscriptions of these subscribers, locked.

    Everybody locks in the order of the numbers: two transactions that lock two rows in opposite orders would
    wait for each other for ever. `which` leaves out those that somebody changed before they were locked.
    """
    await _lock(connection, subscribers.c.id.in_(ids))
    own = subscriptions.c.subscriber_id.in_(ids)
    return await found(connection, own if which is None else own & which)


async def locked_for(
    connection: AsyncConnection, subscriber: int, address: str | None
) -> Subscription | None:
    """One subscription, locked; and the subscriber who has `address` now, where it is to move there."""
    people = subscribers.c.id == subscriber
    if address is not None:
        people |= subscribers.c.address_key == same_key(address)
    await _lock(connection, people)
    return next(iter(await found(connection, subscribers.c.id == subscriber)), None)


async def subscriber_at(
    connection: AsyncConnection, address: str, now: datetime
) -> tuple[int, Subscription | None]:
    """The subscriber of an address, new or known, locked; and the subscription, if there is one."""
    row = {"address": address.strip(), "address_key": same_key(address), "created_at": now}
    await connection.execute(insert_new(connection, subscribers).values(row))
    [id] = await _lock(connection, subscribers.c.address_key == same_key(address))
    return id, next(iter(await found(connection, subscribers.c.id == id)), None)


async def _lock(connection: AsyncConnection, which: ColumnElement[bool]) -> Sequence[int]:
    people = select(subscribers.c.id).where(which).order_by(subscribers.c.id).with_for_update()
    return (await connection.execute(people)).scalars().all()


def spelled_like(key: str) -> ColumnElement[bool]:
    """A condition on subscribers: all whose addresses are spellings of a mailbox, and few more."""
    local, _, domain = key.rpartition("@")
    if domain == "gmail.com":  # also googlemail.com; with dots anywhere
        return subscribers.c.address_key.endswith("mail.com")
    like = subscribers.c.address_key.startswith(f"{local}+", autoescape=True)
    like &= subscribers.c.address_key.endswith(f"@{domain}", autoescape=True)
    return (subscribers.c.address_key == key) | like
