"""The due deliveries of a claimed batch, each with its subscriber and the earlier days that it carries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Date, Text, bindparam, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from digest.deliveries import (
    GIVEN,
    LATE_STORIES_MAX_AGE,
    LATE_STORIES_OF_WEEKLY_READERS_MAX_AGE,
    Batch,
    Delivery,
    State,
)
from digest.ports import Carried, Due
from digest.store.codec import WISHES
from digest.store.sending.batches import DAY, NUMBER, OWN, named, of_batch, waits
from digest.store.tables import batches, deliveries, kept_days, subscribers, subscriptions
from digest.subscriptions import Standing, Wishes


async def due_in(connection: AsyncConnection, batch: Batch) -> list[Due]:
    """The deliveries of a claimed batch that are due, ordered by subscriber."""
    found = json.loads((await connection.execute(_DUE, named(batch))).scalar_one() or "[]")
    carries = await _carries(connection, batch)
    return [_due(batch.edition, row, carries.get(row[0], _NOTHING)) for row in sorted(found)]


@dataclass(slots=True)
class _Carries:
    """The days whose stories a delivery carries."""

    missed: set[date] = field(default_factory=set)  # they may not have arrived
    kept: set[date] = field(default_factory=set)  # they waited for a weekly reader's day

    def missed_on(self, day: date, wishes: Wishes) -> tuple[date, ...]:
        """The missed days that are not too old, oldest first."""
        longest = LATE_STORIES_OF_WEEKLY_READERS_MAX_AGE if wishes.weekly else LATE_STORIES_MAX_AGE
        return tuple(sorted(one for one in self.missed if one >= day - longest))


_NOTHING: Final = _Carries()


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


def _due(day: date, row: Sequence[Any], carries: _Carries) -> Due:
    subscriber, state, attempts, address, standing, generation, stored = row
    delivery, wishes = Delivery(day, subscriber, _STATES[state], attempts), _wishes(stored)
    missed, kept = carries.missed_on(day, wishes), tuple(sorted(carries.kept))
    return Due(delivery, address, _STANDINGS[standing], generation, wishes, missed, kept)


@lru_cache(maxsize=1000)
def _wishes(stored: str) -> Wishes:
    return WISHES.load(json.loads(stored))


_OF_BATCH: Final = select(deliveries.c.subscriber_id).where(
    deliveries.c.edition_day == DAY, deliveries.c.batch == NUMBER
)


def _carried(table: Any) -> Any:
    """A query for what later editions carry of a table of subscribers' days."""
    return select(table.c.subscriber_id, table.c.edition_day, table.c.carried_to).where(
        table.c.carried_to.in_(bindparam("reached", expanding=True)),
        table.c.subscriber_id.in_(_OF_BATCH),
        table.c.edition_day >= bindparam("since", type_=Date),
    )


_CARRIED: Final = _carried(deliveries)
_CARRIED_OF_KEPT: Final = _carried(kept_days)


async def _carries(connection: AsyncConnection, batch: Batch) -> Mapping[int, _Carries]:
    """Per subscriber of the batch, the days whose stories their delivery carries."""
    found: defaultdict[int, _Carries] = defaultdict(_Carries)
    reached = {batch.edition}
    since = batch.edition - LATE_STORIES_OF_WEEKLY_READERS_MAX_AGE
    while reached:
        values = {"day": batch.edition, "batch": batch.number, "reached": sorted(reached), "since": since}
        # What an earlier delivery was to bring and did not is as late as that delivery.
        for row in await connection.execute(_CARRIED_OF_KEPT, values):
            one = found[row.subscriber_id]
            if row.carried_to == batch.edition:
                one.kept.add(row.edition_day)
            elif row.carried_to in one.missed:
                one.missed.add(row.edition_day)
        # A carried delivery may itself carry earlier ones.
        reached = set()
        for row in await connection.execute(_CARRIED, values):
            one = found[row.subscriber_id]
            if row.carried_to == batch.edition or row.carried_to in one.missed:
                one.missed.add(row.edition_day)
                reached.add(row.edition_day)
    return found


async def carried_by(connection: AsyncConnection, day: date, subscriber: int, wishes: Wishes) -> Carried:
    """What a subscriber's delivery of a day carries; if none is planned, what it would carry."""
    since = day - LATE_STORIES_OF_WEEKLY_READERS_MAX_AGE
    given = select(deliveries.c.edition_day, deliveries.c.state, deliveries.c.carried_to).where(
        deliveries.c.subscriber_id == subscriber, deliveries.c.edition_day.between(since, day)
    )
    waited = select(kept_days.c.edition_day, kept_days.c.carried_to).where(
        kept_days.c.subscriber_id == subscriber,
        kept_days.c.edition_day >= since,
        kept_days.c.edition_day < day,
    )
    # The latest first: a carried delivery may itself carry earlier ones.
    rows = (await connection.execute(given.order_by(deliveries.c.edition_day.desc()))).all()
    planned = any(row.edition_day == day for row in rows)
    found = _Carries()
    for row in rows:
        owed = not planned and row.carried_to is None and row.state not in GIVEN
        if row.edition_day < day and (owed or row.carried_to == day or row.carried_to in found.missed):
            found.missed.add(row.edition_day)
    for waited_on, carried_to in await connection.execute(waited):
        if carried_to == day or (carried_to is None and not planned):
            found.kept.add(waited_on)
        elif carried_to in found.missed:
            found.missed.add(waited_on)
    return Carried(found.missed_on(day, wishes), tuple(sorted(found.kept)))
