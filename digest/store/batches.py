"""Batches of the ledger: claimed by lease, read, and written under their fence.

What each batch asks is one statement, made once: making a statement takes longer than running it, and row by
row the ledger would cost more than the mail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from digest.deliveries import GIVEN, WAITING, Batch, Delivery, Event, Settled, State
from digest.errors import LeaseLost
from digest.ports import Due
from digest.store.codec import WISHES
from digest.store.database import insert_new
from digest.store.tables import Instant, attempts, batches, deliveries, subscribers, subscriptions
from digest.subscriptions import Standing, Wishes

CARRIED_FOR: Final = timedelta(days=14)
"""How old a story may be that comes late. Who refuses for longer is not asked to take ever more."""

COLUMNS: Final = (batches.c.edition_day, batches.c.number, batches.c.fence, batches.c.size)


def batch_of(row: Any) -> Batch:
    return Batch(edition=row.edition_day, number=row.number, fence=row.fence, size=row.size)


async def claim(
    connection: AsyncConnection, day: date, *, owner: str, now: datetime, until: datetime
) -> Batch | None:
    """A batch of the day with something to do in it, which no other claim gets."""
    values = {"day": day, "worker": owner, "now": now, "until": until}
    row = (await connection.execute(_CLAIM, values)).first()
    return batch_of(row) if row else None


async def in_hand(connection: AsyncConnection, batch: Batch) -> list[Due]:
    """What is to be done of a claimed batch, in subscribers' order."""
    found = json.loads((await connection.execute(_DUE, _named(batch))).scalar_one() or "[]")
    missed = await _missed(connection, batch)
    return [_due(batch.edition, row, missed.get(row[0], ())) for row in sorted(found)]


async def record(
    connection: AsyncConnection,
    batch: Batch,
    settled: Sequence[Settled],
    *,
    now: datetime,
    until: datetime | None,
) -> None:
    """Write what came of deliveries, and keep the batch until then or give it back.

    `LeaseLost` if it is not ours: then nothing is to be committed.
    """
    if until is not None:
        kept = await connection.execute(_KEEP, _named(batch) | {"until": until})
    else:
        kept = await connection.execute(_GIVE_BACK, _named(batch))
    if kept.rowcount == 0:
        raise LeaseLost(f"batch {batch.number} of {batch.edition} is not ours now")
    if settled:
        await connection.execute(
            _SETTLE[connection.dialect.name],
            {"day": batch.edition, "batch": batch.number, "now": now, "rows": _rows(settled)},
        )
    if tries := [_attempt(o) for o in settled if o.answer.event not in _NO_TRY]:
        # A batch settled twice, by its worker and by those who took it for lost, says so once.
        await connection.execute(insert_new(connection, attempts), tries)
    if until is None:
        await connection.execute(_BRING_UP_TO_DATE, _named(batch))


def waits() -> ColumnElement[bool]:
    return and_(deliveries.c.state.in_(WAITING), deliveries.c.carried_to.is_(None))


def is_owed() -> ColumnElement[bool]:
    return and_(deliveries.c.state.not_in(GIVEN), deliveries.c.carried_to.is_(None))


def of_batch() -> ColumnElement[bool]:
    return and_(batches.c.edition_day == deliveries.c.edition_day, batches.c.number == deliveries.c.batch)


_DAY: Final = bindparam("day", type_=Date)
_NUMBER: Final = bindparam("batch", type_=Integer)
_OWN: Final = and_(
    batches.c.edition_day == _DAY,
    batches.c.number == _NUMBER,
    batches.c.fence == bindparam("given_fence", type_=Integer),
    batches.c.owner.is_not(None),
)
"""The batch's row, if it is still as we claimed it."""


def _named(batch: Batch) -> dict[str, Any]:
    return {"day": batch.edition, "batch": batch.number, "given_fence": batch.fence}


_NOW: Final = bindparam("now", type_=Instant)
_UNTIL: Final = bindparam("until", type_=Instant)
_FREE: Final = (
    select(batches.c.number)
    .where(batches.c.edition_day == _DAY, batches.c.open, batches.c.owner.is_(None))
    .where(or_(batches.c.ready_at.is_(None), batches.c.ready_at <= _NOW))
    .order_by(batches.c.ready_at.is_not(None), batches.c.number)  # the untried first
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM: Final = (
    update(batches)
    .where(batches.c.edition_day == _DAY, batches.c.number == _FREE)
    .values(
        owner=bindparam("worker", type_=Text),
        claimed_at=_NOW,
        lease_until=_UNTIL,
        fence=batches.c.fence + 1,
    )
    .returning(*COLUMNS)
)
_KEEP: Final = update(batches).where(_OWN).values(lease_until=_UNTIL)
_GIVE_BACK: Final = update(batches).where(_OWN).values(owner=None, lease_until=None)

_COUNTS: Final = (
    select(
        func.count().filter(waits()).label("waiting"),
        func.count(deliveries.c.retry_at).filter(waits()).label("put_off"),
        func.min(deliveries.c.retry_at).filter(waits()).label("first"),
        func.count().filter(is_owed()).label("owed"),
    )
    .where(deliveries.c.edition_day == _DAY, deliveries.c.batch == _NUMBER)
    .cte("counts")
)
_BRING_UP_TO_DATE: Final = (
    update(batches)
    .where(batches.c.edition_day == _DAY, batches.c.number == _NUMBER)
    .values(
        claimed_at=None,
        open=select(_COUNTS.c.waiting > 0).scalar_subquery(),
        clean=select(_COUNTS.c.owed == 0).scalar_subquery(),
        ready_at=select(case((_COUNTS.c.waiting == _COUNTS.c.put_off, _COUNTS.c.first))).scalar_subquery(),
    )
)
"""The batch's row says what is left of it."""


class _in_one(FunctionElement[str]):  # noqa: N801 - reads as a function where it is used
    """All rows as one JSON text: the driver of SQLite changes threads for each row it hands over."""

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
    .where(_OWN, waits())
    # Due when its batch was claimed, and without an outcome since: that one sets another `retry_at`.
    .where(or_(deliveries.c.retry_at.is_(None), deliveries.c.retry_at <= batches.c.claimed_at))
)

_STATES: Final = {state.value: state for state in State}  # by its class a member costs ten times as much
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
            deliveries.c.edition_day == _DAY, deliveries.c.batch == _NUMBER
        )
    ),
    deliveries.c.edition_day >= bindparam("since", type_=Date),
)


async def _missed(connection: AsyncConnection, batch: Batch) -> Mapping[int, tuple[date, ...]]:
    """Per subscriber of the batch, the days whose stories their delivery carries, oldest first."""
    found: dict[int, set[date]] = {}
    reached = {batch.edition}
    since = batch.edition - CARRIED_FOR
    while reached:
        values = {"day": batch.edition, "batch": batch.number, "reached": sorted(reached), "since": since}
        # What one carries may itself have carried others that went missing before.
        reached = set()
        for row in await connection.execute(_CARRIED, values):
            days = found.setdefault(row.subscriber_id, set())
            if row.carried_to == batch.edition or row.carried_to in days:
                days.add(row.edition_day)
                reached.add(row.edition_day)
    return {subscriber: tuple(sorted(days)) for subscriber, days in found.items()}


# Materialised, for SQLite would read the whole of it again for each row.
_SETTLE: Final = {
    dialect: text(
        f"WITH o AS MATERIALIZED ({rows}) "  # noqa: S608
        "UPDATE deliveries SET state = o.state, attempts = o.attempts, retry_at = o.retry_at, code = o.code, "
        "text = o.said, settled_at = CASE WHEN o.retry_at IS NULL THEN :now END, "
        # It was given after all: nothing of it comes late.
        "carried_to = CASE WHEN o.state = 'accepted' THEN NULL ELSE deliveries.carried_to END "
        "FROM o WHERE deliveries.edition_day = :day AND deliveries.batch = :batch "
        "AND deliveries.subscriber_id = o.subscriber AND deliveries.state IN ('planned', 'deferred')"
    ).bindparams(bindparam("now", type_=Instant), bindparam("day", type_=Date))
    for dialect, rows in {
        "sqlite": "SELECT value ->> 0 AS subscriber, value ->> 1 AS state, value ->> 2 AS attempts, "
        "value ->> 3 AS retry_at, value ->> 4 AS code, value ->> 5 AS said FROM json_each(:rows)",
        "postgresql": "SELECT (v ->> 0)::int AS subscriber, v ->> 1 AS state, (v ->> 2)::int AS attempts, "
        "(v ->> 3)::timestamp AT TIME ZONE 'UTC' AS retry_at, (v ->> 4)::int AS code, v ->> 5 AS said "
        "FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS v",
    }.items()
}


_NO_TRY: Final = frozenset({Event.TAKEN, Event.LEFT_OUT})
"""Events whose attempt has no row of its own."""


def _rows(settled: Iterable[Settled]) -> str:
    return json.dumps(
        [
            [o.delivery.subscriber, o.state, o.attempts, _written(o), o.answer.code, _storable(o.answer.text)]
            for o in settled
        ]
    )


def _written(settled: Settled) -> str | None:
    """When to ask again, as SQLite's column holds it and PostgreSQL reads it."""
    if settled.answer.event in _NO_TRY or (at := settled.retry_at) is None:
        return None
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _attempt(settled: Settled) -> dict[str, Any]:
    return {
        "edition_day": settled.delivery.edition,
        "subscriber_id": settled.delivery.subscriber,
        "number": settled.attempts,
        "at": settled.at,
        "event": settled.answer.event,
        "code": settled.answer.code,
        "text": _storable(settled.answer.text),
    }


def _storable(text: str) -> str:
    """Without what PostgreSQL takes in no text: NUL and lone surrogates."""
    if text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\x00", " ")
