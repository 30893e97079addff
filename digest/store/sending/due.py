"""The due deliveries of a claimed batch, each with its subscriber and the earlier days that it carries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Date, Text, bindparam, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from digest.deliveries import LATE_STORIES_MAX_AGE, Batch, Delivery, State
from digest.ports import Due
from digest.store.codec import WISHES
from digest.store.sending.batches import DAY, NUMBER, OWN, named, of_batch, waits
from digest.store.tables import batches, deliveries, subscribers, subscriptions
from digest.subscriptions import Standing, Wishes


async def due_in(connection: AsyncConnection, batch: Batch) -> list[Due]:
    """The deliveries of a claimed batch that are due, ordered by subscriber."""
    found = json.loads((await connection.execute(_DUE, named(batch))).scalar_one() or "[]")
    missed = await _missed(connection, batch)
    return [_due(batch.edition, row, missed.get(row[0], ())) for row in sorted(found)]


class _in_one(FunctionElement[str]):  # noqa: N801 - reads as a function where it is used
    """All rows as one JSON text, because the SQLite driver changes threads for each row."""

    type = Text()
    inherit_cache = True


@compiles(_in_one, "sqlite")
def _in_one_on_sqlite(element: _in_one, compiler: Any, **named: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **named)}))"


@compiles(_in_one, "postgresql")
def _in_one_on_postgresql(element: _in_one, compiler: Any, **named: Any) -> str:
    return f"CAST(json_agg(json_build_array({compiler.process(element.clauses, **named)})) AS text)"


_DUE: Final = (
    select(
        _in_one(
            deliveries.c.subscriber_id,
            deliveries.c.state,
            deliveries.c.attempts,
            subscribers.c.address,
            subscriptions.c.standing,
            subscriptions.c.generation,
            cast(subscriptions.c.wishes, Text),
        )
    )
    .select_from(deliveries)
    .join(batches, of_batch())
    .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
    .join(subscriptions, subscriptions.c.subscriber_id == deliveries.c.subscriber_id)
    .where(OWN, waits())
    # Due when the batch was claimed; an outcome since then has set a later `retry_at`.
    .where(or_(deliveries.c.retry_at.is_(None), deliveries.c.retry_at <= batches.c.claimed_at))
)

_STATES: Final = {state.value: state for state in State}  # a lookup by the class takes ten times as long
_STANDINGS: Final = {standing.value: standing for standing in Standing}


def _due(day: date, row: Sequence[Any], missed: tuple[date, ...]) -> Due:
    subscriber, state, attempts, address, standing, generation, wishes = row
    delivery = Delivery(day, subscriber, _STATES[state], attempts)
    return Due(delivery, address, _STANDINGS[standing], generation, _wishes(wishes), missed)


@lru_cache(maxsize=1000)
def _wishes(stored: str) -> Wishes:
    return WISHES.load(json.loads(stored))


_CARRIED: Final = select(deliveries.c.subscriber_id, deliveries.c.edition_day, deliveries.c.carried_to).where(
    deliveries.c.carried_to.in_(bindparam("reached", expanding=True)),
    deliveries.c.subscriber_id.in_(
        select(deliveries.c.subscriber_id).where(
            deliveries.c.edition_day == DAY, deliveries.c.batch == NUMBER
        )
    ),
    deliveries.c.edition_day >= bindparam("since", type_=Date),
)


async def _missed(connection: AsyncConnection, batch: Batch) -> Mapping[int, tuple[date, ...]]:
    """Per subscriber of the batch, the days whose stories their delivery carries, oldest first."""
    found: dict[int, set[date]] = {}
    reached = {batch.edition}
    since = batch.edition - LATE_STORIES_MAX_AGE
    while reached:
        values = {"day": batch.edition, "batch": batch.number, "reached": sorted(reached), "since": since}
        # A carried delivery may itself carry earlier ones.
        reached = set()
        for row in await connection.execute(_CARRIED, values):
            days = found.setdefault(row.subscriber_id, set())
            if row.carried_to == batch.edition or row.carried_to in days:
                days.add(row.edition_day)
                reached.add(row.edition_day)
    return {subscriber: tuple(sorted(days)) for subscriber, days in found.items()}
