"""Planning: who gets an edition, in which batch, and what each delivery carries of earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Text,
    and_,
    case,
    cast,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.deliveries import LATE_STORIES_OF_WEEKLY_READERS_MAX_AGE, State
from digest.schedule import Weekday
from digest.store.sending.batches import is_owed, of_batch, waits
from digest.store.tables import Instant, batches, deliveries, editions, kept_days, subscriptions
from digest.subscriptions import Standing

BATCH: Final = 1_000
"""The most deliveries in a batch. If a machine is lost, so many become unknown for each of its batches."""

LOOK_BACK: Final = 30
"""How many earlier editions to look at. Each carried what was not given before, so older ones owe nothing."""


async def plan(
    connection: AsyncConnection, day: date, *, since: datetime, everybody: bool, now: datetime
) -> tuple[int, int]:
    """Plan the day once; returns how many batches and deliveries there are now, or zeros at a second call."""
    # This comes first: a second planner waits here until the first is done, and finds the day planned.
    mine = await connection.execute(
        update(editions).where(editions.c.day == day, editions.c.planned_at.is_(None)).values(planned_at=now)
    )
    if mine.rowcount == 0:
        return 0, 0
    owing = await _owing(connection, day)
    await connection.execute(_plan(day, since, None if everybody else owing, now))
    await connection.execute(_in_batches(day))
    if owing:
        await connection.execute(_carry(day, owing))
        await connection.execute(_tidy(owing))
    # After the deliveries, as where a subscription ends: in the other order the two could deadlock.
    await connection.execute(_bring(day))
    if everybody:
        await connection.execute(_keep(day, since))
    await connection.execute(_forget(day))
    planned = select(func.count(), func.coalesce(func.sum(batches.c.size), 0)).where(
        batches.c.edition_day == day
    )
    count, size = (await connection.execute(planned)).one()
    return int(count), int(size)


async def _owing(connection: AsyncConnection, day: date) -> list[tuple[date, int]]:
    """Batches of earlier editions with deliveries that were not given and that no later edition carries.

    Batches are locked before their deliveries, as in `record`: in the other order two writers could deadlock.
    """
    lately = select(editions.c.day).where(editions.c.day < day).order_by(editions.c.day.desc())
    query = select(batches.c.edition_day, batches.c.number).where(
        batches.c.edition_day.in_(lately.limit(LOOK_BACK)), batches.c.clean.is_(false())
    )
    query = query.order_by(batches.c.edition_day, batches.c.number).with_for_update()
    return [(row.edition_day, row.number) for row in await connection.execute(query)]


def _among(owing: Sequence[tuple[date, int]]) -> ColumnElement[bool]:
    days: dict[date, list[int]] = {}
    for day, number in owing:
        days.setdefault(day, []).append(number)
    return or_(
        false(),
        *(
            and_(deliveries.c.edition_day == day, deliveries.c.batch.between(min(numbers), max(numbers)))
            for day, numbers in days.items()
        ),
    )


def _plan(day: date, since: datetime, owing: Sequence[tuple[date, int]] | None, now: datetime) -> Any:
    """A statement that plans deliveries for all who are active since `since` and whose day it is.

    Equal wishes stand together: their copies have the same text, which is then rendered once for a batch.
    """
    order = (cast(subscriptions.c.wishes, Text), subscriptions.c.subscriber_id)
    place = func.row_number().over(order_by=order)
    chosen = select(
        literal(day, Date),
        subscriptions.c.subscriber_id,
        (place - 1) // BATCH,
        literal(State.PLANNED.value, deliveries.c.state.type),
        literal(0),
        literal(now, Instant),
    ).where(_active(since), _has_edition_on(day))
    if owing is not None:
        owed = select(deliveries.c.subscriber_id).where(_among(owing), is_owed())
        kept = select(kept_days.c.subscriber_id).where(_waits_since(day))
        chosen = chosen.where(subscriptions.c.subscriber_id.in_(owed.union(kept)))
    return insert(deliveries).from_select(
        ["edition_day", "subscriber_id", "batch", "state", "attempts", "planned_at"], chosen
    )


def _active(since: datetime) -> ColumnElement[bool]:
    return and_(subscriptions.c.standing == Standing.ACTIVE, subscriptions.c.since <= since)


def _has_edition_on(day: date) -> ColumnElement[bool]:
    """Whether a day is one of the subscriber's days for an edition, as `Wishes.edition_on` has it."""
    weekly = subscriptions.c.wishes["weekly"].as_string()
    return or_(weekly.is_(None), weekly == Weekday.of(day).value)


# -- weekly readers ---------------------------------------------------------------------------------------


def _keep(day: date, since: datetime) -> Any:
    """A statement that notes the day for weekly readers whose day it is not."""
    waiting = select(literal(day, Date), subscriptions.c.subscriber_id).where(
        _active(since), ~_has_edition_on(day)
    )
    return insert(kept_days).from_select(["edition_day", "subscriber_id"], waiting)


def _bring(day: date) -> Any:
    """A statement that lets the day's deliveries bring what waited for them."""
    has_today = select(literal(1)).where(
        deliveries.c.edition_day == literal(day, Date),
        deliveries.c.subscriber_id == kept_days.c.subscriber_id,
    )
    return update(kept_days).where(_waits_since(day), has_today.exists()).values(carried_to=day)


def _waits_since(day: date) -> ColumnElement[bool]:
    """Whether a kept day waits still, and is not too old for an edition of `day`."""
    recent = kept_days.c.edition_day >= day - LATE_STORIES_OF_WEEKLY_READERS_MAX_AGE
    return and_(kept_days.c.carried_to.is_(None), recent, kept_days.c.edition_day < day)


def _forget(day: date) -> Any:
    """A statement that deletes the kept days that no edition can bring any more."""
    return delete(kept_days).where(kept_days.c.edition_day < day - LATE_STORIES_OF_WEEKLY_READERS_MAX_AGE)


def _in_batches(day: date) -> Any:
    each = (
        select(
            deliveries.c.edition_day,
            deliveries.c.batch,
            func.count(),
            true(),
            false(),
            literal(0),
        )
        .where(deliveries.c.edition_day == day)
        .group_by(deliveries.c.edition_day, deliveries.c.batch)
    )
    return insert(batches).from_select(["edition_day", "number", "size", "open", "clean", "fence"], each)


def _carry(day: date, owing: Sequence[tuple[date, int]]) -> Any:
    """A statement that lets the day's deliveries carry the subscribers' earlier ones that are owed."""
    today = deliveries.alias()
    has_today = select(literal(1)).where(
        today.c.edition_day == literal(day, Date), today.c.subscriber_id == deliveries.c.subscriber_id
    )
    return update(deliveries).where(_among(owing), is_owed(), has_today.exists()).values(carried_to=day)


def _tidy(owing: Sequence[tuple[date, int]]) -> Any:
    """A statement that marks earlier batches in which nothing is owed or left to send any more."""
    owed = select(literal(1)).where(of_batch(), is_owed()).exists()
    waiting = select(literal(1)).where(of_batch(), waits()).exists()
    days = {day for day, _ in owing}
    return (
        update(batches)
        .where(batches.c.edition_day.in_(days), batches.c.clean.is_(false()))
        .values(clean=case((owed, false()), else_=true()), open=case((waiting, true()), else_=false()))
    )
