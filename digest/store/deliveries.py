"""The ledger: a row for each edition and subscriber, claimed in batches by lease, written under their fence.

A claimed batch is this table's `transmitting`: which of its messages were begun is in the journal of the
worker that holds it, and comes here with the next commit.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
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
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from digest.deliveries import GIVEN, WAITING, Batch, Delivery, Event, Settled, State
from digest.errors import LeaseLost
from digest.ports import Due, Held, Progress, Receipt
from digest.store.codec import WISHES
from digest.store.database import Database, insert_new
from digest.store.tables import Instant, attempts, batches, deliveries, editions, subscribers, subscriptions
from digest.subscriptions import Standing, Wishes

BATCH: Final = 1_000
"""Deliveries in a batch: so many at the most are in doubt after the loss of a machine."""

CARRIED_FOR: Final = timedelta(days=14)
"""How old a story may be that comes late. Who refuses for longer is not asked to take ever more."""

LOOK_BACK: Final = 30
"""Editions. Each carries on what the one before it could not give, so that older ones owe nothing to those
who stayed."""


Bell = Callable[[AsyncConnection, int, datetime], Awaitable[None]]
"""Wakes workers: for so many batches, at an instant, once the transaction of the connection is committed."""


class SqlDeliveries:
    """`ports.DeliveryStore` on SQL."""

    def __init__(self, database: Database, bell: Bell | None = None) -> None:
        """`bell` is rung in the transaction that plans."""
        self._database = database
        self._bell = bell

    async def plan(
        self, day: date, *, since: datetime, everybody: bool, now: datetime, noon: datetime
    ) -> int:
        async with self._database.write() as connection:
            # The mark comes first: of two planners the second waits here, then finds the day planned.
            mine = await connection.execute(
                update(editions)
                .where(editions.c.day == day, editions.c.planned_at.is_(None))
                .values(planned_at=now)
            )
            if mine.rowcount == 0:
                return 0
            owing = await _owing(connection, day)
            await connection.execute(_plan(day, since, None if everybody else owing, now))
            await connection.execute(_in_batches(day))
            if owing:
                await connection.execute(_carry(day, owing))
                await connection.execute(_tidy(owing))
            planned = select(func.count(), func.coalesce(func.sum(batches.c.size), 0)).where(
                batches.c.edition_day == day
            )
            count, size = (await connection.execute(planned)).one()
            if self._bell is not None and count:
                await self._bell(connection, count, noon)
            return int(size)

    async def claim(self, day: date, *, owner: str, now: datetime, lease: timedelta) -> Batch | None:
        values = {"day": day, "worker": owner, "now": now, "until": now + lease}
        async with self._database.write() as connection:
            row = (await connection.execute(_CLAIM, values)).first()
        return _batch(row) if row else None

    async def in_hand(self, batch: Batch) -> list[Due]:
        async with self._database.read() as connection:
            found = json.loads((await connection.execute(_DUE, _named(batch))).scalar_one() or "[]")
            missed = await _missed(connection, batch)
        return [_due(batch.edition, row, missed.get(row[0], ())) for row in sorted(found)]

    async def record(
        self, batch: Batch, settled: Sequence[Settled], *, now: datetime, lease: timedelta | None
    ) -> None:
        tries = [_attempt(o) for o in settled if o.answer.event not in _NO_TRY]
        async with self._database.write() as connection:
            if lease is not None:
                kept = await connection.execute(_KEEP, _named(batch) | {"until": now + lease})
            else:
                kept = await connection.execute(_GIVE_BACK, _named(batch))
            if kept.rowcount == 0:
                raise LeaseLost(f"batch {batch.number} of {batch.edition} is not ours now")
            if settled:
                await connection.execute(
                    _SETTLE[connection.dialect.name],
                    {"day": batch.edition, "batch": batch.number, "now": now, "rows": _rows(settled)},
                )
            if tries:
                # A batch settled twice, by its worker and by those who took it for lost, says so once.
                await connection.execute(insert_new(connection, attempts), tries)
            if lease is None:
                await connection.execute(_BRING_UP_TO_DATE, _named(batch))

    async def held(self) -> list[Held]:
        query = select(*_BATCH, batches.c.owner, batches.c.lease_until).where(batches.c.owner.is_not(None))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(*_BATCH))).all()
        return [Held(batch=_batch(row), owner=row.owner, until=row.lease_until) for row in rows]

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
        ).where(deliveries.c.edition_day == day, _waits())
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


_BATCH: Final = (batches.c.edition_day, batches.c.number, batches.c.fence, batches.c.size)


def _waits() -> ColumnElement[bool]:
    return and_(deliveries.c.state.in_(WAITING), deliveries.c.carried_to.is_(None))


def _is_owed() -> ColumnElement[bool]:
    return and_(deliveries.c.state.not_in(GIVEN), deliveries.c.carried_to.is_(None))


def _of_batch() -> ColumnElement[bool]:
    return and_(batches.c.edition_day == deliveries.c.edition_day, batches.c.number == deliveries.c.batch)


# What each batch asks of the ledger is made once: making a statement takes longer than running it.

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
    .returning(*_BATCH)
)
_KEEP: Final = update(batches).where(_OWN).values(lease_until=_UNTIL)
_GIVE_BACK: Final = update(batches).where(_OWN).values(owner=None, lease_until=None)

_COUNTS: Final = (
    select(
        func.count().filter(_waits()).label("waiting"),
        func.count(deliveries.c.retry_at).filter(_waits()).label("put_off"),
        func.min(deliveries.c.retry_at).filter(_waits()).label("first"),
        func.count().filter(_is_owed()).label("owed"),
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

# One statement for a whole batch: row by row the ledger would cost more than the mail. Materialised, for
# SQLite would read the whole of it again for each row.
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


def _batch(row: Any) -> Batch:
    return Batch(edition=row.edition_day, number=row.number, fence=row.fence, size=row.size)


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
    .join(batches, _of_batch())
    .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
    .join(subscriptions, subscriptions.c.subscriber_id == deliveries.c.subscriber_id)
    .where(_OWN, _waits())
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


async def _owing(connection: AsyncConnection, day: date) -> list[tuple[date, int]]:
    """Batches of earlier editions in which somebody is owed something that nothing carries yet."""
    lately = select(editions.c.day).where(editions.c.day < day).order_by(editions.c.day.desc())
    query = select(batches.c.edition_day, batches.c.number).where(
        batches.c.edition_day.in_(lately.limit(LOOK_BACK)), batches.c.clean.is_(false())
    )
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
    """Everyone active now that was so at an instant; like wishes together, for they read one text."""
    order = (cast(subscriptions.c.wishes, Text), subscriptions.c.subscriber_id)
    place = func.row_number().over(order_by=order)
    chosen = select(
        literal(day, Date),
        subscriptions.c.subscriber_id,
        (place - 1) // BATCH,
        literal(State.PLANNED.value, deliveries.c.state.type),
        literal(0),
        literal(now, Instant),
    ).where(subscriptions.c.standing == Standing.ACTIVE, subscriptions.c.since <= since)
    if owing is not None:
        owed = select(deliveries.c.subscriber_id).where(_among(owing), _is_owed())
        chosen = chosen.where(subscriptions.c.subscriber_id.in_(owed))
    return insert(deliveries).from_select(
        ["edition_day", "subscriber_id", "batch", "state", "attempts", "planned_at"], chosen
    )


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
    """Earlier deliveries not surely given come with the day's own, for everyone who has one."""
    today = deliveries.alias()
    has_today = select(literal(1)).where(
        today.c.edition_day == literal(day, Date), today.c.subscriber_id == deliveries.c.subscriber_id
    )
    return update(deliveries).where(_among(owing), _is_owed(), has_today.exists()).values(carried_to=day)


def _tidy(owing: Sequence[tuple[date, int]]) -> Any:
    """What of the batches is carried now is owed no more, and is not sent by itself."""
    owes = select(literal(1)).where(_of_batch(), _is_owed()).exists()
    waits = select(literal(1)).where(_of_batch(), _waits()).exists()
    days = {day for day, _ in owing}
    return (
        update(batches)
        .where(batches.c.edition_day.in_(days), batches.c.clean.is_(false()))
        .values(clean=case((owes, false()), else_=true()), open=case((waits, true()), else_=false()))
    )


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
