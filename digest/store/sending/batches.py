"""Batches of the ledger: claimed by lease, and written under their fence.

Each operation on a batch is one statement that is built once: to build a statement takes longer than to run
it, and row by row the ledger would take more time than the mail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.deliveries import GIVEN, LONGEST_WAIT, NOT_TAKEN, WAITING, Batch, Event, Settled, State, after
from digest.errors import LeaseLost
from digest.store.database import insert_new
from digest.store.tables import Instant, attempts, batches, deliveries

COLUMNS: Final = (batches.c.edition_day, batches.c.number, batches.c.fence, batches.c.size)


def batch_of(row: Any) -> Batch:
    return Batch(edition=row.edition_day, number=row.number, fence=row.fence, size=row.size)


async def claim(
    connection: AsyncConnection, day: date, *, owner: str, now: datetime, until: datetime
) -> Batch | None:
    """Claim a batch of the day with something left to do; no other claim gets it."""
    too_far = now + LONGEST_WAIT
    values = {"day": day, "worker": owner, "now": now, "until": until, "too_far": too_far}
    row = (await connection.execute(_CLAIM, values)).first()
    if row and row.ready_at is not None and row.ready_at > too_far:
        # The clock was set back since: its deliveries wait no longer either.
        own = (deliveries.c.edition_day == row.edition_day) & (deliveries.c.batch == row.number)
        void = update(deliveries).where(own, deliveries.c.retry_at > too_far)
        await connection.execute(void.values(retry_at=now))
    return batch_of(row) if row else None


async def record(
    connection: AsyncConnection,
    batch: Batch,
    settled: Sequence[Settled],
    *,
    now: datetime,
    until: datetime | None,
) -> None:
    """Write outcomes, and renew the lease of the batch or release it.

    `LeaseLost` if it is not ours; then the caller must not commit.
    """
    if until is not None:
        kept = await connection.execute(_KEEP, named(batch) | {"until": until})
    else:
        kept = await connection.execute(_GIVE_BACK, named(batch))
    if kept.rowcount == 0:
        raise LeaseLost(f"batch {batch.number} of {batch.edition} is not ours now")
    if settled:
        await connection.execute(
            _SETTLE[connection.dialect.name],
            {"day": batch.edition, "batch": batch.number, "now": now, "rows": _rows(settled)},
        )
    if tries := [_attempt(o) for o in settled if o.answer.event not in _NO_TRY]:
        # A batch may be settled twice, by its worker and by recovery: each attempt is stored once.
        await connection.execute(insert_new(connection, attempts), tries)
    if until is None:
        await connection.execute(_BRING_UP_TO_DATE, named(batch))


async def try_again(connection: AsyncConnection, day: date, now: datetime) -> dict[State, int]:
    """Let failed deliveries of the day be due; how many of each state there were."""
    today = batches.c.edition_day == day
    # Locked before their deliveries, as when outcomes are recorded.
    await connection.execute(
        select(batches.c.number).where(today).order_by(batches.c.number).with_for_update()
    )
    failed = and_(
        deliveries.c.edition_day == day,
        deliveries.c.state.in_(NOT_TAKEN),
        deliveries.c.carried_to.is_(None),
    )
    query = select(deliveries.c.state, func.count()).where(failed).group_by(deliveries.c.state)
    found = {State(state): count for state, count in await connection.execute(query)}
    again = {"state": after(State.REFUSED, Event.TRY_AGAIN), "retry_at": now, "settled_at": None}
    await connection.execute(update(deliveries).where(failed).values(**again))
    # A batch that a worker holds is brought up to date when it is given back.
    tried = and_(failed, deliveries.c.retry_at == now)
    free = and_(today, batches.c.owner.is_(None), select(literal(1)).where(of_batch(), tried).exists())
    untried = and_(batches.c.open, batches.c.ready_at.is_(None))
    ready_at = case((untried, null()), else_=literal(now, Instant))
    await connection.execute(update(batches).where(free).values(open=True, clean=False, ready_at=ready_at))
    return found


async def release_all(connection: AsyncConnection, now: datetime) -> None:
    """Take every batch from its worker; its deliveries without an outcome become unknown."""
    held = select(literal(1)).where(of_batch(), batches.c.owner.is_not(None)).exists()
    doubtful = update(deliveries).where(held, deliveries.c.state.in_(WAITING))
    await connection.execute(doubtful.values(state=State.UNKNOWN, retry_at=None, settled_at=now))
    free = {"owner": None, "lease_until": None, "claimed_at": None, "ready_at": None}
    left = {"open": False, "clean": False, "fence": batches.c.fence + 1}
    await connection.execute(update(batches).where(batches.c.owner.is_not(None)).values(**free, **left))


def waits() -> ColumnElement[bool]:
    return and_(deliveries.c.state.in_(WAITING), deliveries.c.carried_to.is_(None))


def is_owed() -> ColumnElement[bool]:
    return and_(deliveries.c.state.not_in(GIVEN), deliveries.c.carried_to.is_(None))


def of_batch() -> ColumnElement[bool]:
    return and_(batches.c.edition_day == deliveries.c.edition_day, batches.c.number == deliveries.c.batch)


DAY: Final = bindparam("day", type_=Date)
NUMBER: Final = bindparam("batch", type_=Integer)
OWN: Final = and_(
    batches.c.edition_day == DAY,
    batches.c.number == NUMBER,
    batches.c.fence == bindparam("given_fence", type_=Integer),
    batches.c.owner.is_not(None),
)
"""Selects the batch's row if our claim still holds."""


def named(batch: Batch) -> dict[str, Any]:
    return {"day": batch.edition, "batch": batch.number, "given_fence": batch.fence}


_NOW: Final = bindparam("now", type_=Instant)
_UNTIL: Final = bindparam("until", type_=Instant)
_TOO_FAR: Final = bindparam("too_far", type_=Instant)  # waits until then or later are void
_FREE: Final = (
    select(batches.c.number)
    .where(batches.c.edition_day == DAY, batches.c.open, batches.c.owner.is_(None))
    .where(or_(batches.c.ready_at.is_(None), batches.c.ready_at <= _NOW, batches.c.ready_at > _TOO_FAR))
    .order_by(batches.c.ready_at.is_not(None), batches.c.number)  # untried batches first
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM: Final = (
    update(batches)
    .where(batches.c.edition_day == DAY, batches.c.number == _FREE)
    .values(
        owner=bindparam("worker", type_=Text),
        claimed_at=_NOW,
        lease_until=_UNTIL,
        fence=batches.c.fence + 1,
    )
    .returning(*COLUMNS, batches.c.ready_at)
)
_KEEP: Final = update(batches).where(OWN).values(lease_until=_UNTIL)
_GIVE_BACK: Final = update(batches).where(OWN).values(owner=None, lease_until=None)

_COUNTS: Final = (
    select(
        func.count().filter(waits()).label("waiting"),
        func.count(deliveries.c.retry_at).filter(waits()).label("put_off"),
        func.min(deliveries.c.retry_at).filter(waits()).label("first"),
        func.count().filter(is_owed()).label("owed"),
    )
    .where(deliveries.c.edition_day == DAY, deliveries.c.batch == NUMBER)
    .cte("counts")
)
_BRING_UP_TO_DATE: Final = (
    update(batches)
    .where(batches.c.edition_day == DAY, batches.c.number == NUMBER)
    .values(
        claimed_at=None,
        open=select(_COUNTS.c.waiting > 0).scalar_subquery(),
        clean=select(_COUNTS.c.owed == 0).scalar_subquery(),
        ready_at=select(case((_COUNTS.c.waiting == _COUNTS.c.put_off, _COUNTS.c.first))).scalar_subquery(),
    )
)
"""Updates the batch's row with what is left to do."""


# Materialised, as SQLite would compute it again for each row.
_SETTLE: Final = {
    dialect: text(
        f"WITH o AS MATERIALIZED ({rows}) "  # noqa: S608
        "UPDATE deliveries SET state = o.state, attempts = o.attempts, retry_at = o.retry_at, code = o.code, "
        "text = o.said, settled_at = CASE WHEN o.retry_at IS NULL THEN :now END, "
        # An accepted delivery is not carried by a later edition, even if it was marked so.
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
"""Events for which no row is added to the attempts."""


def _rows(settled: Iterable[Settled]) -> str:
    return json.dumps(
        [
            [o.delivery.subscriber, o.state, o.attempts, _written(o), o.answer.code, _storable(o.answer.text)]
            for o in settled
        ]
    )


def _written(settled: Settled) -> str | None:
    """When to try again, in the form that SQLite stores and PostgreSQL parses."""
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
    """Without NUL and lone surrogates, which PostgreSQL refuses."""
    if text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\x00", " ")
