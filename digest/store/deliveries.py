"""The ledger: one row for each edition and subscriber, claimed by lease, written only under its fence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.deliveries import (
    NOT_SURELY_GIVEN,
    WAITING,
    Answer,
    Delivery,
    Event,
    State,
    after,
    retry_at,
)
from digest.errors import LeaseLost
from digest.store.database import Database, insert_new
from digest.store.tables import attempts, deliveries, editions


class SqlDeliveries:
    """`ports.DeliveryStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, day: date, subscribers: Collection[int], now: datetime) -> int:
        async with self._database.write() as connection:
            # The mark comes first: of two planners the second waits here, then finds the day planned.
            mine = await connection.execute(
                update(editions)
                .where(editions.c.day == day, editions.c.planned_at.is_(None))
                .values(planned_at=now)
            )
            if mine.rowcount == 0:
                return 0
            rows = [_planned(day, subscriber, now) for subscriber in subscribers]
            if rows:
                await connection.execute(insert_new(connection, deliveries), rows)
                await connection.execute(_carry(day))
        return len(rows)

    async def owed(self, before: date) -> set[int]:
        query = select(deliveries.c.subscriber_id).where(_not_given(before)).distinct()
        async with self._database.read() as connection:
            return set((await connection.execute(query)).scalars())

    async def missed(self, day: date, subscriber: int) -> list[date]:
        query = select(deliveries.c.edition_day, deliveries.c.carried_to).where(
            deliveries.c.subscriber_id == subscriber, deliveries.c.carried_to.is_not(None)
        )
        async with self._database.read() as connection:
            carried = [(row.edition_day, row.carried_to) for row in await connection.execute(query)]
        # What this one carries may itself have carried others that went missing before.
        found, reached = set[date](), {day}
        while reached:
            reached = {own for own, to in carried if to in reached} - found
            found |= reached
        return sorted(found)

    async def claim(
        self, day: date, *, limit: int, owner: str, now: datetime, lease: timedelta
    ) -> list[Delivery]:
        free = (
            select(deliveries.c.subscriber_id)
            .where(deliveries.c.edition_day == day, _waiting(now), deliveries.c.carried_to.is_(None))
            .where(or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= now))
            .order_by(deliveries.c.subscriber_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claim = (
            update(deliveries)
            .where(deliveries.c.edition_day == day, deliveries.c.subscriber_id.in_(free))
            .values(owner=owner, lease_until=now + lease, fence=deliveries.c.fence + 1)
            .returning(*_CLAIMED)
        )
        async with self._database.write() as connection:
            rows = (await connection.execute(claim)).all()
        return sorted((_delivery(row) for row in rows), key=lambda d: d.subscriber)

    async def begin(
        self, delivery: Delivery, message_id: str, *, now: datetime, lease: timedelta
    ) -> Delivery:
        state = after(delivery.state, Event.BEGUN)
        begun = replace(delivery, state=state, attempts=delivery.attempts + 1)
        async with self._database.write() as connection:
            await _write(
                connection,
                delivery,
                deliveries.c.lease_until > now,
                deliveries.c.carried_to.is_(None),
                state=state,
                attempts=begun.attempts,
                message_id=message_id,
                lease_until=now + lease,
            )
            await connection.execute(insert(attempts).values(_attempt(begun, began_at=now)))
        return begun

    async def settle(self, delivery: Delivery, answer: Answer, *, now: datetime) -> State:
        state = after(delivery.state, answer.event)
        tries = delivery.attempts + (delivery.state in WAITING and answer.event is not Event.LEFT_OUT)
        outcome = {"ended_at": now, "event": answer.event, "code": answer.code, "text": answer.text}
        async with self._database.write() as connection:
            await _write(
                connection,
                delivery,
                state=state,
                attempts=tries,
                retry_at=retry_at(tries, now) if state is State.DEFERRED else None,
                settled_at=None if state in WAITING else now,
                owner=None,
                lease_until=None,
            )
            if delivery.state is State.TRANSMITTING:
                await connection.execute(update(attempts).where(_own(attempts, delivery)).values(outcome))
            elif answer.event is not Event.LEFT_OUT:
                tried = replace(delivery, attempts=tries)
                await connection.execute(insert(attempts).values(_attempt(tried, began_at=now) | outcome))
        return state

    async def release(self, delivery: Delivery) -> None:
        ours = _own(deliveries, delivery) & (deliveries.c.fence == delivery.fence)
        async with self._database.write() as connection:
            await connection.execute(update(deliveries).where(ours).values(owner=None, lease_until=None))

    async def sweep(self, now: datetime) -> int:
        left = (deliveries.c.state == State.TRANSMITTING) & (deliveries.c.lease_until <= now)
        abandon = (
            update(deliveries)
            .where(left)
            .values(
                state=after(State.TRANSMITTING, Event.LOST),
                fence=deliveries.c.fence + 1,
                owner=None,
                lease_until=None,
                settled_at=now,
            )
            .returning(*_CLAIMED)
        )
        async with self._database.write() as connection:
            swept = [_delivery(row) for row in await connection.execute(abandon)]
            for delivery in swept:
                await connection.execute(
                    update(attempts)
                    .where(_own(attempts, delivery))
                    .values(ended_at=now, event=Event.LOST, text="the worker was lost")
                )
        return len(swept)

    async def tally(self, day: date) -> dict[State, int]:
        query = (
            select(deliveries.c.state, func.count())
            .where(deliveries.c.edition_day == day)
            .group_by(deliveries.c.state)
        )
        async with self._database.read() as connection:
            return {State(state): count for state, count in await connection.execute(query)}


_CLAIMED = (
    deliveries.c.edition_day,
    deliveries.c.subscriber_id,
    deliveries.c.state,
    deliveries.c.attempts,
    deliveries.c.fence,
)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        edition=row.edition_day,
        subscriber=row.subscriber_id,
        state=State(row.state),
        attempts=row.attempts,
        fence=row.fence,
    )


def _planned(day: date, subscriber: int, now: datetime) -> dict[str, Any]:
    return {
        "edition_day": day,
        "subscriber_id": subscriber,
        "state": State.PLANNED,
        "attempts": 0,
        "fence": 0,
        "planned_at": now,
    }


def _attempt(delivery: Delivery, *, began_at: datetime) -> dict[str, Any]:
    return {
        "edition_day": delivery.edition,
        "subscriber_id": delivery.subscriber,
        "number": delivery.attempts,
        "began_at": began_at,
    }


def _waiting(now: datetime) -> ColumnElement[bool]:
    ripe = or_(deliveries.c.retry_at.is_(None), deliveries.c.retry_at <= now)
    return deliveries.c.state.in_(WAITING) & ripe


def _not_given(before: date) -> ColumnElement[bool]:
    return (
        (deliveries.c.edition_day < before)
        & deliveries.c.state.in_(NOT_SURELY_GIVEN)
        & deliveries.c.carried_to.is_(None)
    )


def _carry(day: date) -> Any:
    """Earlier deliveries not surely given come with the day's own, for everyone who has one."""
    today = deliveries.alias()
    has_today = select(literal(1)).where(
        today.c.edition_day == literal(day, Date), today.c.subscriber_id == deliveries.c.subscriber_id
    )
    return update(deliveries).where(_not_given(day), has_today.exists()).values(carried_to=day)


def _own(table: Any, delivery: Delivery) -> ColumnElement[bool]:
    own: ColumnElement[bool] = (table.c.edition_day == delivery.edition) & (
        table.c.subscriber_id == delivery.subscriber
    )
    if table is attempts:
        own &= table.c.number == delivery.attempts
    return own


async def _write(
    connection: AsyncConnection, delivery: Delivery, *more: ColumnElement[bool], **values: Any
) -> None:
    """Change the delivery's row if it is still as we claimed it; else the lease is lost."""
    ours = (deliveries.c.fence == delivery.fence) & (deliveries.c.state == delivery.state)
    statement = update(deliveries).where(_own(deliveries, delivery), ours, *more).values(values)
    if (await connection.execute(statement)).rowcount == 0:
        raise LeaseLost(f"the delivery of {delivery.edition} for {delivery.subscriber} is not ours now")
