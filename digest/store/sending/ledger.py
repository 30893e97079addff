"""The ledger: a row for each edition and subscriber, claimed in batches by lease, written under their fence.

No row has the state `transmitting`: the journal of the worker that holds a batch knows which messages it has
begun, and the next commit brings their outcomes here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import false, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.deliveries import Batch, Held, Progress, Receipt, Settled, State
from digest.ports import Carried, Due
from digest.store.database import Database
from digest.store.sending import batches as work
from digest.store.sending import due, planning
from digest.store.sending.batches import COLUMNS, batch_of, waits
from digest.store.tables import attempts, batches, deliveries
from digest.subscriptions import Wishes

NotifyWorkers = Callable[[AsyncConnection, int, datetime], Awaitable[None]]
"""Wakes workers: for so many batches, at an instant, once the transaction of the connection is committed."""


class SqlDeliveries:
    """`ports.DeliveryStore` on SQL."""

    def __init__(self, database: Database, notify: NotifyWorkers | None = None) -> None:
        """`notify` wakes workers; it is called in the transaction that plans deliveries."""
        self._database = database
        self._notify = notify

    async def plan(
        self, day: date, *, since: datetime, everybody: bool, now: datetime, noon: datetime
    ) -> int:
        async with self._database.write() as connection:
            count, size = await planning.plan(connection, day, since=since, everybody=everybody, now=now)
            if self._notify is not None and count:
                await self._notify(connection, count, noon)
            return size

    async def claim(self, day: date, *, owner: str, now: datetime, lease: timedelta) -> Batch | None:
        async with self._database.write() as connection:
            return await work.claim(connection, day, owner=owner, now=now, until=now + lease)

    async def due_in(self, batch: Batch) -> list[Due]:
        async with self._database.read() as connection:
            return await due.due_in(connection, batch)

    async def record(
        self, batch: Batch, settled: Sequence[Settled], *, now: datetime, lease: timedelta | None
    ) -> None:
        until = now + lease if lease is not None else None
        async with self._database.write() as connection:
            await work.record(connection, batch, settled, now=now, until=until)

    async def try_again(self, day: date, now: datetime) -> Mapping[State, int]:
        async with self._database.write() as connection:
            found = await work.try_again(connection, day, now)
            if self._notify is not None and found:
                await self._notify(connection, 1, now)
            return found

    async def held(self) -> list[Held]:
        query = select(*COLUMNS, batches.c.owner, batches.c.lease_until).where(batches.c.owner.is_not(None))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(*COLUMNS))).all()
        return [Held(batch=batch_of(row), owner=row.owner, until=row.lease_until) for row in rows]

    async def tally(self, day: date) -> dict[State, int]:
        query = (
            select(deliveries.c.state, func.count())
            .where(deliveries.c.edition_day == day)
            .group_by(deliveries.c.state)
        )
        async with self._database.read() as connection:
            return {State(state): count for state, count in await connection.execute(query)}

    async def done(self, day: date) -> tuple[int, int]:
        today = batches.c.edition_day == day
        closed = func.coalesce(func.sum(batches.c.size).filter(batches.c.open.is_(false())), 0)
        query = select(closed, func.coalesce(func.sum(batches.c.size), 0)).where(today)
        async with self._database.read() as connection:
            done, planned = (await connection.execute(query)).one()
        return int(done), int(planned)

    async def progress(self, day: date, now: datetime) -> Progress:
        today = batches.c.edition_day == day
        counts = select(func.count(), func.count().filter(batches.c.open)).where(today)
        holding = select(batches.c.owner, func.count()).where(today, batches.c.owner.is_not(None))
        untried = deliveries.c.retry_at.is_(None)
        waiting = select(
            func.min(deliveries.c.planned_at).filter(untried), func.min(deliveries.c.retry_at)
        ).where(deliveries.c.edition_day == day, waits())
        lately = select(func.count()).where(
            deliveries.c.edition_day == day, deliveries.c.settled_at > now - timedelta(minutes=1)
        )
        trouble = (
            select(attempts.c.at, attempts.c.code)
            .where(attempts.c.edition_day == day)
            .order_by(attempts.c.at.desc())
            .limit(1)
        )
        states = await self.tally(day)
        async with self._database.read() as connection:
            all_of_them, open_ = (await connection.execute(counts.select_from(batches))).one()
            owners = (await connection.execute(holding.group_by(batches.c.owner))).all()
            planned_at, retry_at = (await connection.execute(waiting)).one()
            return Progress(
                states=states,
                batches=all_of_them,
                open=open_,
                holding=dict(map(tuple, owners)),
                untried_since=planned_at,
                oldest_retry=retry_at,
                settled_lately=(await connection.execute(lately)).scalar_one(),
                trouble=next(((row.at, row.code) for row in await connection.execute(trouble)), None),
            )

    async def receipts(self, subscriber: int, since: date) -> list[Receipt]:
        query = select(deliveries.c.edition_day, deliveries.c.state, deliveries.c.settled_at).where(
            deliveries.c.subscriber_id == subscriber, deliveries.c.edition_day >= since
        )
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(deliveries.c.edition_day))
            return [Receipt(edition=r.edition_day, state=r.state, at=r.settled_at) for r in rows]

    async def state(self, day: date, subscriber: int) -> State | None:
        own = (deliveries.c.edition_day == day) & (deliveries.c.subscriber_id == subscriber)
        async with self._database.read() as connection:
            state: State | None = (
                await connection.execute(select(deliveries.c.state).where(own))
            ).scalar_one_or_none()
        return state

    async def carried(self, day: date, subscriber: int, wishes: Wishes) -> Carried:
        async with self._database.read() as connection:
            return await due.carried_by(connection, day, subscriber, wishes)
