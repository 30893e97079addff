"""Steps of subscriptions within a transaction: of one, and of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.deliveries import WAITING, State
from digest.store.members.erasure import erase
from digest.store.tables import batches, deliveries, subscribers, subscription_steps, subscriptions
from digest.subscriptions import ENDINGS, MOVES, Evidence, Standing, Step, Taken

CHUNK: Final = 500
"""Subscriptions in one transaction: a noon that comes meanwhile waits for no more than these."""


async def locked(
    connection: AsyncConnection, ids: Sequence[int], which: ColumnElement[bool] | None = None
) -> Sequence[Any]:
    """The subscriptions of these subscribers, locked in the order in which everybody locks them (F66).

    `which` leaves out those that somebody changed before the lock was had.
    """
    people = select(subscribers.c.id).where(subscribers.c.id.in_(ids))
    await connection.execute(people.order_by(subscribers.c.id).with_for_update())
    query = select(subscriptions).where(subscriptions.c.subscriber_id.in_(ids))
    if which is not None:
        query = query.where(which)
    return (await connection.execute(query.order_by(subscriptions.c.subscriber_id))).mappings().all()


async def take_many(
    connection: AsyncConnection,
    rows: Sequence[Any],
    step: Step,
    evidence: Evidence,
    *,
    now: datetime,
    bulk: int | None = None,
) -> int:
    """An ending or a resuming of many whose rows are locked; how many the table lets take it."""
    fit = [row for row in rows if (row["standing"], step) in MOVES]
    ids = [row["subscriber_id"] for row in fit]
    if not fit:
        return 0
    if step in ENDINGS:
        live = [row["subscriber_id"] for row in fit if row["standing"] is not Standing.ENDED]
        ended = {
            "standing": Standing.ENDED,
            "ended_at": now,
            "ended_reason": step,
            "paused_until": None,
        }
        await _set(connection, live, ended)
        await leave_out(connection, live, now)
    else:
        await _set(connection, ids, {"standing": MOVES[fit[0]["standing"], step], "paused_until": None})
    if step is Step.ERASED:
        await erase(connection, ids, now)
    await connection.execute(
        insert(subscription_steps),
        [
            step_row(
                row["subscriber_id"],
                Taken(
                    generation=row["generation"],
                    step=step,
                    at=now,
                    evidence=evidence,
                    before=row["standing"],
                    until=row["paused_until"],
                    bulk=bulk,
                ),
            )
            for row in fit
        ],
    )
    return len(fit)


async def _set(connection: AsyncConnection, ids: Sequence[int], values: dict[str, Any]) -> None:
    await connection.execute(
        update(subscriptions).where(subscriptions.c.subscriber_id.in_(ids)).values(values)
    )


async def leave_out(connection: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """Nothing is planned for who has ended; what a worker has in hand already, it settles itself."""
    held = (
        select(batches.c.number)
        .where(batches.c.edition_day == deliveries.c.edition_day, batches.c.number == deliveries.c.batch)
        .where(batches.c.owner.is_not(None))
        .exists()
    )
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.subscriber_id.in_(ids), deliveries.c.state.in_(WAITING))
        .where(deliveries.c.carried_to.is_(None), ~held)
        .values(state=State.SKIPPED, settled_at=now, retry_at=None)
    )


async def note(connection: AsyncConnection, subscriber: int, taken: Taken) -> None:
    await connection.execute(insert(subscription_steps).values(step_row(subscriber, taken)))


def step_row(subscriber: int, taken: Taken) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber,
        "generation": taken.generation,
        "step": taken.step,
        "at": taken.at,
        "channel": taken.evidence.channel,
        "wording": taken.evidence.wording,
        "origin": taken.evidence.origin,
        "by": taken.evidence.by,
        "bulk_id": taken.bulk,
        "before": taken.before,
        "until": taken.until,
    }


def taken_of(row: Any) -> Taken:
    return Taken(
        generation=row["generation"],
        step=row["step"],
        at=row["at"],
        evidence=Evidence(channel=row["channel"], wording=row["wording"], origin=row["origin"], by=row["by"]),
        before=row["before"],
        until=row["until"],
        bulk=row["bulk_id"],
    )
