"""The rows of one subscription within a transaction: found and locked, begun, changed, moved."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import same_key
from digest.store.codec import WISHES
from digest.store.database import Database, insert_new
from digest.store.members.erasure import erase
from digest.store.members.steps import take_many, taken_of
from digest.store.members.watches import keep_watches
from digest.store.tables import subscribers, subscription_steps, subscriptions
from digest.subscriptions import AGREED, Channel, Evidence, Standing, Step, Subscription, Taken, Wishes

_MOVED_HERE: Final = Evidence(channel=Channel.SERVICE, wording="another subscription moved to this address")


def step_of(
    row: Any,
    step: Step,
    evidence: Evidence,
    now: datetime,
    *,
    generation: int | None = None,
    until: date | None = None,
    bulk: int | None = None,
) -> Taken:
    """A step from where a subscription's row stands."""
    return Taken(
        generation=row["generation"] if generation is None else generation,
        step=step,
        at=now,
        evidence=evidence,
        before=row["standing"],
        until=until,
        bulk=bulk,
    )


async def subscriber_of(connection: AsyncConnection, address: str, now: datetime) -> Any:
    """The subscriber of an address, new or known, and the subscription if there is one; locked."""
    row = {"address": address.strip(), "address_key": same_key(address), "created_at": now}
    await connection.execute(insert_new(connection, subscribers).values(row))
    query = (
        select(
            subscribers.c.id,
            subscriptions.c.standing,
            func.coalesce(subscriptions.c.generation, 0).label("generation"),
            subscriptions.c.wishes,
        )
        .outerjoin_from(subscribers, subscriptions)
        .where(subscribers.c.address_key == same_key(address))
        .with_for_update(of=subscribers)
    )
    return (await connection.execute(query)).mappings().one()


async def locked_for(connection: AsyncConnection, subscriber: int, address: str | None) -> Any:
    """The subscription, locked with the subscriber; and whoever has the address that it is to have."""
    people = subscribers.c.id == subscriber
    if address is not None:
        people |= subscribers.c.address_key == same_key(address)
    # In the order of `subscriber_of` and `locked`: two that lock the same two rows the other way round wait
    # for ever (F66).
    locking = select(subscribers.c.id).where(people).order_by(subscribers.c.id).with_for_update()
    await connection.execute(locking)
    query = JOINED.where(subscriptions.c.subscriber_id == subscriber)
    return (await connection.execute(query)).mappings().first()


async def begin(
    connection: AsyncConnection,
    row: Any,
    *,
    standing: Standing,
    generation: int,
    wishes: Wishes,
    now: datetime,
) -> None:
    values = {
        "standing": standing,
        "generation": generation,
        "wishes": WISHES.dump(wishes),
        "since": now,
        "paused_until": None,
        "ended_at": None,
        "ended_reason": None,
    }
    if row["standing"] is None:
        await connection.execute(insert(subscriptions).values(subscriber_id=row["id"], **values))
    else:
        await put(connection, row["id"], **values)
    await keep_watches(connection, row["id"], wishes)


def changes(
    row: Any, step: Step, standing: Standing, *, now: datetime, wishes: Wishes | None, until: date | None
) -> dict[str, Any]:
    """What of the subscription's row a step changes."""
    changed: dict[str, Any] = {"standing": standing, "paused_until": row["paused_until"]}
    if wishes is not None:
        changed["wishes"] = WISHES.dump(wishes)
    if step is Step.CONFIRMED:
        changed["since"] = now
    if step in {Step.PAUSED, Step.RESUMED}:
        changed["paused_until"] = until
    if standing is Standing.ENDED and row["standing"] is not Standing.ENDED:
        changed |= {"ended_at": now, "ended_reason": step, "paused_until": None}
    if step is Step.RESTORED:
        changed |= {"ended_at": None, "ended_reason": None}
    return changed


async def put(connection: AsyncConnection, subscriber: int, **values: Any) -> None:
    own = subscriptions.c.subscriber_id == subscriber
    await connection.execute(update(subscriptions).where(own).values(**values))


async def move(connection: AsyncConnection, subscriber: int, address: str, now: datetime) -> bool:
    """Give the subscriber another address; False if somebody else who agreed has it.

    A request of that address's that nobody has confirmed lapses: its owner has just said how they want it.
    """
    key = same_key(address)
    query = (
        select(subscribers.c.id, *subscriptions.c)
        .outerjoin_from(subscribers, subscriptions)
        .where(subscribers.c.address_key == key, subscribers.c.id != subscriber)
    )
    other = (await connection.execute(query)).mappings().first()
    if other is not None:
        if other["standing"] in AGREED:
            return False
        if other["standing"] is Standing.PENDING:
            await take_many(connection, [other], Step.LAPSED, _MOVED_HERE, now=now)
        await erase(connection, [other["id"]], now, elsewhere=False)
    own = subscribers.c.id == subscriber
    await connection.execute(update(subscribers).where(own).values(address=address.strip(), address_key=key))
    return True


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
