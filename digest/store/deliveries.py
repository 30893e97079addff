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

BATCH: Final = 500
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
        free = (
            select(batches.c.number)
            .where(batches.c.edition_day == day, batches.c.open, batches.c.owner.is_(None))
            .where(or_(batches.c.ready_at.is_(None), batches.c.ready_at <= now))
            .order_by(batches.c.ready_at.is_not(None), batches.c.number)  # the untried first
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        claim = (
            update(batches)
            .where(batches.c.edition_day == day, batches.c.number == free)
            .values(owner=owner, claimed_at=now, lease_until=now + lease, fence=batches.c.fence + 1)
            .returning(*_BATCH)
        )
        async with self._database.write() as connection:
            row = (await connection.execute(claim)).first()
        return _batch(row) if row else None

    async def in_hand(self, batch: Batch) -> list[Due]:
        columns = (
            deliveries.c.subscriber_id,
            deliveries.c.state,
            deliveries.c.attempts,
            subscribers.c.address,
            subscriptions.c.standing,
            subscriptions.c.generation,
            cast(subscriptions.c.wishes, Text),
        )
        rows = (
            select(_in_one(*columns))
            .select_from(deliveries)
            .join(batches, _of_batch())
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .join(subscriptions, subscriptions.c.subscriber_id == deliveries.c.subscriber_id)
            .where(_own(batch), _in_hand())
        )
        async with self._database.read() as connection:
            found = json.loads((await connection.execute(rows)).scalar_one() or "[]")
            missed = await _missed(connection, batch)
        return [_due(batch.edition, row, missed.get(row[0], ())) for row in sorted(found)]

    async def record(
        self, batch: Batch, settled: Sequence[Settled], *, now: datetime, lease: timedelta | None
    ) -> None:
        tries = [_attempt(o) for o in settled if o.answer.event not in {Event.TAKEN, Event.LEFT_OUT}]
        async with self._database.write() as connection:
            kept = update(batches).where(_own(batch))
            if lease is not None:
                kept = kept.values(lease_until=now + lease)
            else:
                kept = kept.values(owner=None, lease_until=None)
            if (await connection.execute(kept)).rowcount == 0:
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
                await connection.execute(await _left(connection, batch))

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


def _rows(settled: Iterable[Settled]) -> str:
    return json.dumps(
        [
            [
                o.delivery.subscriber,
                o.state.value,
                o.attempts,
                _written(o.retry_at),
                o.answer.code,
                _storable(o.answer.text),
            ]
            for o in settled
        ]
    )


def _written(instant: datetime | None) -> str | None:
    """As SQLite's column holds it, and PostgreSQL reads it."""
    return None if instant is None else f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


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


_STATES: Final = {state.value: state for state in State}  # by its class a member costs ten times as much
_STANDINGS: Final = {standing.value: standing for standing in Standing}


def _due(day: date, row: Sequence[Any], missed: tuple[date, ...]) -> Due:
    subscriber, state, attempts, address, standing, generation, wishes = row
    return Due(
        delivery=Delivery(edition=day, subscriber=subscriber, state=_STATES[state], attempts=attempts),
        address=address,
        standing=_STANDINGS[standing],
        generation=generation,
        wishes=_wishes(wishes),
        missed=missed,
    )


@lru_cache(maxsize=1000)
def _wishes(stored: str) -> Wishes:
    return WISHES.load(json.loads(stored))


async def _left(connection: AsyncConnection, batch: Batch) -> Any:
    """The batch's row brought up to what is left of it."""
    mine = (deliveries.c.edition_day == batch.edition) & (deliveries.c.batch == batch.number)
    counts = select(
        func.count().filter(_waits()),
        func.count(deliveries.c.retry_at).filter(_waits()),
        func.min(deliveries.c.retry_at).filter(_waits()),
        func.count().filter(_is_owed()),
    ).where(mine)
    waiting, put_off, first, owed = (await connection.execute(counts)).one()
    return (
        update(batches)
        .where(batches.c.edition_day == batch.edition, batches.c.number == batch.number)
        .values(
            claimed_at=None,
            open=waiting > 0,
            clean=owed == 0,
            ready_at=first if waiting == put_off else None,
        )
    )


def _own(batch: Batch) -> ColumnElement[bool]:
    """The batch's row, if it is still as we claimed it."""
    return and_(
        batches.c.edition_day == batch.edition,
        batches.c.number == batch.number,
        batches.c.fence == batch.fence,
        batches.c.owner.is_not(None),
    )


def _of_batch() -> ColumnElement[bool]:
    return and_(batches.c.edition_day == deliveries.c.edition_day, batches.c.number == deliveries.c.batch)


def _waits() -> ColumnElement[bool]:
    return and_(deliveries.c.state.in_(WAITING), deliveries.c.carried_to.is_(None))


def _in_hand() -> ColumnElement[bool]:
    """What was due when its batch was claimed, and has no outcome since: that one sets another `retry_at`."""
    return and_(_waits(), or_(deliveries.c.retry_at.is_(None), deliveries.c.retry_at <= batches.c.claimed_at))


def _is_owed() -> ColumnElement[bool]:
    return and_(deliveries.c.state.not_in(GIVEN), deliveries.c.carried_to.is_(None))


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


async def _missed(connection: AsyncConnection, batch: Batch) -> Mapping[int, tuple[date, ...]]:
    """Per subscriber of the batch, the days whose stories their delivery carries, oldest first."""
    own = select(deliveries.c.subscriber_id).where(
        deliveries.c.edition_day == batch.edition, deliveries.c.batch == batch.number
    )
    found: dict[int, set[date]] = {}
    reached = {batch.edition}
    while reached:
        query = select(deliveries.c.subscriber_id, deliveries.c.edition_day, deliveries.c.carried_to).where(
            deliveries.c.carried_to.in_(reached),
            deliveries.c.subscriber_id.in_(own),
            deliveries.c.edition_day >= batch.edition - CARRIED_FOR,
        )
        # What one carries may itself have carried others that went missing before.
        reached = set()
        for row in await connection.execute(query):
            days = found.setdefault(row.subscriber_id, set())
            if row.carried_to == batch.edition or row.carried_to in days:
                days.add(row.edition_day)
                reached.add(row.edition_day)
    return {subscriber: tuple(sorted(days)) for subscriber, days in found.items()}
