"""Subscriptions: looked up one at a time, and changed, each step in its own transaction."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import same_key, suppression_keys
from digest.errors import Refused
from digest.letters import Telling
from digest.store.database import Database
from digest.store.letters import insert_letters
from digest.store.members.erasure import erase
from digest.store.members.rows import CHUNK, found, locked, locked_for, spelled_like, subscriber_at
from digest.store.members.sealed_addresses import (
    add_departures,
    add_sealed_suppression,
    add_suppression,
    departure_of,
    refuse_suppressed,
    remove_departure,
    remove_suppression,
    suppression_of,
)
from digest.store.members.steps import take_many, taken_of, write
from digest.store.tables import requests, subscribers, subscription_steps, subscriptions
from digest.subscriptions import (
    DEPARTURES,
    Channel,
    Evidence,
    Standing,
    Step,
    Subscription,
    Suppression,
    Taken,
    Wishes,
    begun,
    joined,
    transition,
)
from digest.tokens import Seal, mailbox_seal

_OPERATOR: Final = Evidence(channel=Channel.OPERATOR)
_SERVICE: Final = Evidence(channel=Channel.SERVICE)
_MOVED_HERE: Final = Evidence(channel=Channel.SERVICE, wording="another subscription moved to this address")
_WRITTEN_TO: Final = (Step.CONFIRMED, Step.RESTORED, Step.MOVED)
"""Steps after which editions go to an address that got none before."""


class SqlSubscriptions:
    """`ports.SubscriptionStore` on SQL."""

    def __init__(self, database: Database, seal: Seal) -> None:
        """`seal` makes the keyed hashes by which suppressed and departed addresses are found."""
        self._database = database
        self._seal = seal
        self._mailbox_seal = mailbox_seal(seal)

    # -- looking up ----------------------------------------------------------------------------------

    async def get(self, subscriber: int) -> Subscription | None:
        return next(iter(await self._found(subscribers.c.id == subscriber)), None)

    async def find(self, address: str) -> Subscription | None:
        return next(iter(await self._found(subscribers.c.address_key == same_key(address))), None)

    async def history(self, subscriber: int) -> list[Taken]:
        query = select(subscription_steps).where(subscription_steps.c.subscriber_id == subscriber)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(subscription_steps.c.id))
            return [taken_of(row) for row in rows.mappings()]

    # -- steps ---------------------------------------------------------------------------------------

    async def ask(self, address: str, wishes: Wishes, evidence: Evidence, now: datetime) -> Subscription:
        async with self._database.write() as connection:
            await refuse_suppressed(connection, self._seal, address)
            id, before = await subscriber_at(connection, address, now)
            if before is None and await self._departed_after(connection, address, now):
                raise Refused("its owner had it erased after this was asked for")
            asked = begun(id, address.strip(), wishes, now)
            decided = joined(before, asked, Step.ASKED, evidence)
            if decided is not None:
                await write(connection, [decided], now)
        return await self._known(id)

    async def add(
        self, address: str, wishes: Wishes, now: datetime, evidence: Evidence = _OPERATOR
    ) -> Subscription:
        """Subscribe an address on an operator's word, without a confirmation.

        A subscription that is active or paused only gets the new wishes. `Refused` if the address is
        suppressed.
        """
        async with self._database.write() as connection:
            await refuse_suppressed(connection, self._seal, address)
            id, before = await subscriber_at(connection, address, now)
            asked = begun(id, address.strip(), wishes, now)
            decided = joined(before, asked, Step.CONFIRMED, evidence)
            if decided is not None:
                await remove_departure(connection, self._seal, address)
            elif before is not None and before.wishes != wishes:
                decided = transition(before, Step.WISHED, evidence, now, wishes=wishes)
            if decided is not None:
                await write(connection, [decided], now)
        return await self._known(id)

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
        telling: Telling | None = None,
    ) -> bool:
        moves_to = address.strip() if address is not None else None
        take = partial(
            self._take,
            subscriber=subscriber,
            generation=generation,
            step=step,
            evidence=evidence,
            now=now,
            wishes=wishes,
            moves_to=moves_to,
            until=until,
            bulk=bulk,
            telling=telling,
        )
        try:
            return await take()
        except IntegrityError:
            # Somebody else came to the address after we looked and before we wrote: now we see them there.
            return await take()

    async def _take(
        self,
        *,
        subscriber: int,
        generation: int,
        step: Step,
        evidence: Evidence,
        now: datetime,
        wishes: Wishes | None,
        moves_to: str | None,
        until: date | None,
        bulk: int | None,
        telling: Telling | None,
    ) -> bool:
        async with self._database.write() as connection:
            before = await locked_for(connection, subscriber, moves_to)
            if before is None or before.generation != generation:
                return False
            decided = transition(
                before, step, evidence, now, wishes=wishes, address=moves_to, until=until, bulk=bulk
            )
            if decided is None:
                return False
            if step in _WRITTEN_TO:
                await refuse_suppressed(connection, self._seal, decided.after.address)
            if moves_to is not None and not await _vacate(connection, moves_to, subscriber, now):
                return False
            if step in _WRITTEN_TO:
                await remove_departure(connection, self._seal, decided.after.address)
            if step in DEPARTURES:
                await add_departures(connection, self._seal, [before.address], now)
            await write(connection, [decided], now)
            if telling is not None and (letter := telling(before)) is not None:
                await insert_letters(connection, [letter], now)
        return True

    async def resume_due(self, today: date, now: datetime) -> int:
        over = (subscriptions.c.standing == Standing.PAUSED) & (subscriptions.c.paused_until <= today)
        query = select(subscriptions.c.subscriber_id).where(over).limit(CHUNK)
        woken = 0
        while True:
            async with self._database.write() as connection:
                ids = (await connection.execute(query)).scalars().all()
                paused = await locked(connection, ids, over)
                woken += await take_many(connection, paused, Step.RESUMED, _SERVICE, now=now)
            if len(ids) < CHUNK:
                return woken

    # -- suppression ---------------------------------------------------------------------------------

    async def suppress(self, address: str, suppression: Suppression) -> bool:
        """Suppress an address and end the subscriptions of its mailbox, however they spell it.

        False if the address was suppressed before.
        """
        own, *_ = suppression_keys(address)
        async with self._database.write() as connection:
            new = await add_suppression(connection, self._seal, own, suppression)
        evidence = Evidence(channel=Channel.OPERATOR, wording=suppression.why, by=suppression.by)
        for one in await self._found(spelled_like(own), subscriptions.c.standing != Standing.ENDED):
            if own in suppression_keys(one.address):
                await self.take(one.subscriber, one.generation, Step.REMOVED, evidence, suppression.since)
        return new

    async def suppress_mailbox(self, seal: str, suppression: Suppression, evidence: Evidence) -> bool:
        now = suppression.since
        async with self._database.write() as connection:
            if not await add_sealed_suppression(connection, seal, suppression):
                return False
            ids = await self._sealed_as(connection, seal)
            ending = await locked(connection, ids, subscriptions.c.standing != Standing.ENDED)
            await add_departures(connection, self._seal, [one.address for one in ending], now)
            await take_many(connection, ending, Step.LEFT, evidence, now=now)
            await self._drop_requests(connection, seal)
        return True

    async def _sealed_as(self, connection: AsyncConnection, seal: str) -> list[int]:
        """The subscribers whose mailbox has a seal. It looks at each: a seal does not tell the address."""
        live = select(subscribers.c.id, subscribers.c.address).join(subscriptions)
        rows = await connection.execute(live.where(subscriptions.c.standing != Standing.ENDED))
        return [row.id for row in rows if self._mailbox_seal(row.address) == seal]

    async def _drop_requests(self, connection: AsyncConnection, seal: str) -> None:
        """Withdraw what waits for a confirmation at a mailbox, also a change of somebody's address to it."""
        rows = await connection.execute(select(requests.c.subscriber_id, requests.c.address))
        own = [row.subscriber_id for row in rows if self._mailbox_seal(row.address) == seal]
        if own:
            await connection.execute(delete(requests).where(requests.c.subscriber_id.in_(own)))

    async def unsuppress(self, address: str) -> bool:
        """Remove a suppression; False if there is none."""
        async with self._database.write() as connection:
            return await remove_suppression(connection, self._seal, address)

    async def suppressed(self, address: str) -> Suppression | None:
        async with self._database.read() as connection:
            return await suppression_of(connection, self._seal, address)

    async def departed(self, address: str) -> datetime | None:
        """When the owner of an address left, known even after the address is erased; None if they did not."""
        async with self._database.read() as connection:
            return await departure_of(connection, self._seal, address)

    # -- within --------------------------------------------------------------------------------------

    async def _departed_after(self, connection: AsyncConnection, address: str, asked_at: datetime) -> bool:
        """Whether the owner of an address left after something was asked for that is done only now."""
        since = await departure_of(connection, self._seal, address)
        return since is not None and since > asked_at

    async def _found(self, *which: ColumnElement[bool]) -> list[Subscription]:
        async with self._database.read() as connection:
            return await found(connection, *which)

    async def _known(self, subscriber: int) -> Subscription:
        one = await self.get(subscriber)
        assert one is not None
        return one


async def _vacate(connection: AsyncConnection, address: str, mover: int, now: datetime) -> bool:
    """Free an address for the subscriber who moves to it; False if it is active or paused for somebody else.

    A pending subscription of that address lapses: its owner has just confirmed the move instead.
    """
    query = select(subscribers.c.id).where(subscribers.c.address_key == same_key(address))
    other = (await connection.execute(query.where(subscribers.c.id != mover))).scalar_one_or_none()
    if other is None:
        return True
    there = await found(connection, subscribers.c.id == other)
    if any(one.agreed for one in there):
        return False
    await take_many(connection, there, Step.LAPSED, _MOVED_HERE, now=now)
    await erase(connection, [other], now, elsewhere=False)
    return True
