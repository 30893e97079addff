"""Changing subscriptions: each step in a transaction of its own, and noted in the record of what happened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import Seal, same_key, suppression_keys
from digest.errors import IllegalMove
from digest.letters import Letter
from digest.store.codec import WISHES
from digest.store.database import Database, insert_new
from digest.store.departures import come_back, depart, departed
from digest.store.erasure import erase
from digest.store.letters import insert_letters
from digest.store.steps import CHUNK, leave_out, locked, note, take_many
from digest.store.subscription_lookup import JOINED, SubscriptionLookup
from digest.store.suppressions import (
    add_suppression,
    lift_suppression,
    refuse_suppressed,
    spelled_like,
    suppression_of,
)
from digest.store.tables import subscribers, subscriptions
from digest.store.watches import keep_watches
from digest.subscriptions import (
    AGREED,
    DEPARTURES,
    ENDINGS,
    Channel,
    Evidence,
    Standing,
    Step,
    Subscription,
    Suppression,
    Taken,
    Wishes,
    after,
)

_OPERATOR: Final = Evidence(channel=Channel.OPERATOR)
_MOVED_HERE: Final = Evidence(channel=Channel.SERVICE, wording="another subscription moved to this address")


class SqlSubscriptions(SubscriptionLookup):
    """`ports.SubscriptionStore` on SQL."""

    def __init__(self, database: Database, seal: Seal) -> None:
        """`seal` finds suppressed addresses."""
        super().__init__(database)
        self._seal = seal

    # -- steps ---------------------------------------------------------------------------------------

    async def ask(self, address: str, wishes: Wishes, evidence: Evidence, now: datetime) -> Subscription:
        async with self._database.write() as connection:
            await refuse_suppressed(connection, self._seal, address)
            row = await _subscriber(connection, address, now)
            if row["standing"] in {None, Standing.ENDED, Standing.PENDING}:
                generation = row["generation"] + (row["standing"] is not Standing.PENDING)
                await _begin(
                    connection, row, standing=Standing.PENDING, generation=generation, wishes=wishes, now=now
                )
                await note(
                    connection, row["id"], _step(row, Step.ASKED, evidence, now, generation=generation)
                )
        return await self._known(row["id"])

    async def add(
        self, address: str, wishes: Wishes, now: datetime, evidence: Evidence = _OPERATOR
    ) -> Subscription:
        async with self._database.write() as connection:
            await refuse_suppressed(connection, self._seal, address)
            row = await _subscriber(connection, address, now)
            if row["standing"] in AGREED:
                if WISHES.load(row["wishes"]) != wishes:
                    await _set(connection, row["id"], wishes=WISHES.dump(wishes))
                    await keep_watches(connection, row["id"], wishes)
                    await note(connection, row["id"], _step(row, Step.WISHED, evidence, now))
            else:
                generation = row["generation"] + (row["standing"] is not Standing.PENDING)
                await _begin(
                    connection, row, standing=Standing.ACTIVE, generation=generation, wishes=wishes, now=now
                )
                await come_back(connection, self._seal, address)
                taken = _step(row, Step.CONFIRMED, evidence, now, generation=generation)
                await note(connection, row["id"], taken)
        return await self._known(row["id"])

    async def take(
        self,
        subscriber: int,
        generation: int,
        step: Step,
        evidence: Evidence,
        now: datetime,
        *,
        wishes: Wishes | None = None,
        address: str | None = None,
        until: date | None = None,
        bulk: int | None = None,
        telling: Letter | None = None,
    ) -> bool:
        async with self._database.write() as connection:
            row = await _locked(connection, subscriber, address)
            if row is None or row["generation"] != generation:
                return False
            try:
                standing = after(row["standing"], step)
            except IllegalMove:
                return False
            if step is Step.RESTORED and not row["address"]:
                return False  # forgotten is forgotten
            if step in {Step.CONFIRMED, Step.RESTORED, Step.MOVED}:
                await refuse_suppressed(connection, self._seal, address or row["address"])
            if address is not None and not await _move(connection, subscriber, address, now):
                return False
            if step in {Step.CONFIRMED, Step.RESTORED, Step.MOVED}:
                await come_back(connection, self._seal, address or row["address"])
            await self._end(connection, subscriber, row, step, now)
            await _set(
                connection, subscriber, **_changes(row, step, standing, now=now, wishes=wishes, until=until)
            )
            if wishes is not None and step is not Step.ERASED:
                await keep_watches(connection, subscriber, wishes)
            taken = _step(row, step, evidence, now, until=until or row["paused_until"], bulk=bulk)
            await note(connection, subscriber, taken)
            if telling is not None:
                await insert_letters(connection, [telling], now)
        return True

    async def wake(self, today: date, now: datetime) -> int:
        over = (subscriptions.c.standing == Standing.PAUSED) & (subscriptions.c.paused_until <= today)
        query = select(subscriptions.c.subscriber_id).where(over).limit(CHUNK)
        evidence, taken = Evidence(channel=Channel.SERVICE), 0
        while True:
            async with self._database.write() as connection:
                found = (await connection.execute(query)).scalars().all()
                rows = await locked(connection, found, over)
                taken += await take_many(connection, rows, Step.RESUMED, evidence, now=now)
            if len(found) < CHUNK:
                return taken

    # -- suppression ---------------------------------------------------------------------------------

    async def suppress(self, address: str, suppression: Suppression) -> bool:
        own, *_ = suppression_keys(address)
        async with self._database.write() as connection:
            new = await add_suppression(connection, self._seal, own, suppression)
        evidence = Evidence(channel=Channel.OPERATOR, wording=suppression.why, by=suppression.by)
        meant = JOINED.where(spelled_like(own), subscriptions.c.standing != Standing.ENDED)
        for found in await self._found(meant):
            if own in suppression_keys(found.address):
                await self.take(found.subscriber, found.generation, Step.REMOVED, evidence, suppression.since)
        return new

    async def unsuppress(self, address: str) -> bool:
        async with self._database.write() as connection:
            return await lift_suppression(connection, self._seal, address)

    async def suppressed(self, address: str) -> Suppression | None:
        async with self._database.read() as connection:
            return await suppression_of(connection, self._seal, address)

    async def departed(self, address: str) -> datetime | None:
        async with self._database.read() as connection:
            return await departed(connection, self._seal, address)

    # -- within --------------------------------------------------------------------------------------

    async def _end(
        self, connection: AsyncConnection, subscriber: int, row: Any, step: Step, now: datetime
    ) -> None:
        """What an ending brings with it, if the step is one: nothing more goes out, no list undoes it."""
        if step in ENDINGS and row["standing"] is not Standing.ENDED:
            await leave_out(connection, [subscriber], now)
        if step in DEPARTURES:
            await depart(connection, self._seal, [row["address"]], now)
        if step is Step.ERASED:
            await erase(connection, [subscriber], now)

    async def _known(self, subscriber: int) -> Subscription:
        found = await self.get(subscriber)
        assert found is not None
        return found


def _step(
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


async def _subscriber(connection: AsyncConnection, address: str, now: datetime) -> Any:
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


async def _locked(connection: AsyncConnection, subscriber: int, address: str | None) -> Any:
    """The subscription, locked with the subscriber; and whoever has the address that it is to have."""
    people = subscribers.c.id == subscriber
    if address is not None:
        people |= subscribers.c.address_key == same_key(address)
    # In the order of `_subscriber` and `locked`: two that lock the same two rows the other way round wait for
    # ever (F66).
    locking = select(subscribers.c.id).where(people).order_by(subscribers.c.id).with_for_update()
    await connection.execute(locking)
    query = JOINED.where(subscriptions.c.subscriber_id == subscriber)
    return (await connection.execute(query)).mappings().first()


async def _begin(
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
        await _set(connection, row["id"], **values)
    await keep_watches(connection, row["id"], wishes)


def _changes(
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


async def _set(connection: AsyncConnection, subscriber: int, **values: Any) -> None:
    own = subscriptions.c.subscriber_id == subscriber
    await connection.execute(update(subscriptions).where(own).values(**values))


async def _move(connection: AsyncConnection, subscriber: int, address: str, now: datetime) -> bool:
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
