"""Changing subscriptions: each step in a transaction of its own, and noted in the record of what happened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import suppression_keys
from digest.errors import IllegalMove
from digest.letters import Letter
from digest.store.codec import WISHES
from digest.store.database import Database
from digest.store.letters import insert_letters
from digest.store.members.erasure import erase
from digest.store.members.rows import (
    JOINED,
    SubscriptionLookup,
    begin,
    changes,
    locked_for,
    move,
    put,
    step_of,
    subscriber_of,
)
from digest.store.members.sealed_addresses import (
    add_suppression,
    come_back,
    depart,
    departed,
    lift_suppression,
    refuse_suppressed,
    spelled_like,
    suppression_of,
)
from digest.store.members.steps import CHUNK, leave_out, locked, note, take_many
from digest.store.members.watches import keep_watches
from digest.store.tables import subscriptions
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
    Wishes,
    after,
)
from digest.tokens import Seal

_OPERATOR: Final = Evidence(channel=Channel.OPERATOR)


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
            row = await subscriber_of(connection, address, now)
            if row["standing"] in {None, Standing.ENDED, Standing.PENDING}:
                generation = row["generation"] + (row["standing"] is not Standing.PENDING)
                await begin(
                    connection, row, standing=Standing.PENDING, generation=generation, wishes=wishes, now=now
                )
                await note(
                    connection, row["id"], step_of(row, Step.ASKED, evidence, now, generation=generation)
                )
        return await self._known(row["id"])

    async def add(
        self, address: str, wishes: Wishes, now: datetime, evidence: Evidence = _OPERATOR
    ) -> Subscription:
        async with self._database.write() as connection:
            await refuse_suppressed(connection, self._seal, address)
            row = await subscriber_of(connection, address, now)
            if row["standing"] in AGREED:
                if WISHES.load(row["wishes"]) != wishes:
                    await put(connection, row["id"], wishes=WISHES.dump(wishes))
                    await keep_watches(connection, row["id"], wishes)
                    await note(connection, row["id"], step_of(row, Step.WISHED, evidence, now))
            else:
                generation = row["generation"] + (row["standing"] is not Standing.PENDING)
                await begin(
                    connection, row, standing=Standing.ACTIVE, generation=generation, wishes=wishes, now=now
                )
                await come_back(connection, self._seal, address)
                taken = step_of(row, Step.CONFIRMED, evidence, now, generation=generation)
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
            row = await locked_for(connection, subscriber, address)
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
            if address is not None and not await move(connection, subscriber, address, now):
                return False
            if step in {Step.CONFIRMED, Step.RESTORED, Step.MOVED}:
                await come_back(connection, self._seal, address or row["address"])
            await self._end(connection, subscriber, row, step, now)
            await put(
                connection, subscriber, **changes(row, step, standing, now=now, wishes=wishes, until=until)
            )
            if wishes is not None and step is not Step.ERASED:
                await keep_watches(connection, subscriber, wishes)
            taken = step_of(row, step, evidence, now, until=until or row["paused_until"], bulk=bulk)
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
