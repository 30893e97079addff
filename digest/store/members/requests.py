"""Requests: what waits for a person's confirmation; one for each subscriber, with a code to type."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.deliveries import State
from digest.letter_kinds import Confirm, Reminder
from digest.store.database import Database, insert_new
from digest.store.members.rows import locked_for
from digest.store.tables import letters, requests, subscriptions
from digest.subscriptions import Request, Standing, code_fits, in_place_of, renewed


class SqlRequests:
    """`ports.RequestStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, subscriber: int) -> Request | None:
        query = select(requests).where(requests.c.subscriber_id == subscriber)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _request(row) if row else None

    async def by_reference(self, reference: str) -> Request | None:
        if not (reference.isascii() and reference.isalnum()):
            return None  # we make no such reference, and PostgreSQL rejects a text with a zero octet
        query = select(requests).where(requests.c.reference == reference)
        async with self._database.read() as connection:
            newest = query.order_by(requests.c.asked_at.desc()).limit(1)
            row = (await connection.execute(newest)).mappings().first()
        return _request(row) if row else None

    async def put(self, request: Request) -> Request | None:
        own = requests.c.subscriber_id == request.subscriber
        async with self._database.write() as connection:
            current = await locked_for(connection, request.subscriber, None)
            if current is None or current.generation != request.generation:
                return None
            row = (await connection.execute(select(requests).where(own))).mappings().first()
            stands = in_place_of(_request(row) if row else None, request)
            await _store(connection, stands)
        return stands

    async def renew(self, request: Request, *, lost: bool = False) -> Request | None:
        own = requests.c.subscriber_id == request.subscriber
        async with self._database.write() as connection:
            current = await locked_for(connection, request.subscriber, None)
            if current is None or current.generation != request.generation:
                return None
            if current.standing is not Standing.PENDING:
                return None
            row = (await connection.execute(select(requests).where(own))).mappings().first()
            stands = renewed(_request(row) if row else None, request, lost=lost)
            await _store(connection, stands)
        return stands

    async def check_code(self, subscriber: int, code: str, now: datetime) -> Request | None:
        own = requests.c.subscriber_id == subscriber
        async with self._database.write() as connection:
            row = (await connection.execute(select(requests).where(own).with_for_update())).mappings().first()
            request = _request(row) if row else None
            if request is not None and not code_fits(request, code, now):
                await connection.execute(update(requests).where(own).values(tries=requests.c.tries + 1))
                return None
        return request

    async def to_remind(
        self, *, asked_before: datetime, good_after: datetime, after: int, limit: int
    ) -> list[Request]:
        own = letters.c.subscriber_id == requests.c.subscriber_id
        sent = select(letters.c.id).where(
            own, letters.c.kind == Confirm.kind, letters.c.state == State.ACCEPTED
        )
        sent = sent.where(letters.c.created_at >= requests.c.asked_at)
        # A letter after an import says that it is the only one, so nobody is reminded of it.
        sent = sent.where(func.coalesce(letters.c.content["invited"].as_boolean(), false()).is_(false()))
        generation = letters.c.content["generation"].as_integer()
        reminded = select(letters.c.id).where(
            own, letters.c.kind == Reminder.kind, generation == requests.c.generation
        )
        query = (
            select(requests)
            .join(subscriptions, subscriptions.c.subscriber_id == requests.c.subscriber_id)
            .where(subscriptions.c.standing == Standing.PENDING)
            .where(subscriptions.c.generation == requests.c.generation)
            .where(requests.c.asked_at <= asked_before, requests.c.expires_at > good_after)
            .where(requests.c.subscriber_id > after, sent.exists(), ~reminded.exists())
            .order_by(requests.c.subscriber_id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [_request(row) for row in (await connection.execute(query)).mappings()]

    async def drop(self, request: Request) -> None:
        own = and_(
            requests.c.subscriber_id == request.subscriber,
            requests.c.generation == request.generation,
            requests.c.asked_at == request.asked_at,
        )
        async with self._database.write() as connection:
            await connection.execute(delete(requests).where(own))


async def _store(connection: AsyncConnection, request: Request) -> None:
    """Store a request in place of the subscriber's earlier one; the subscriber must be locked."""
    values = {name: getattr(request, name) for name in _COLUMNS}
    new = insert_new(connection, requests).values(subscriber_id=request.subscriber, **values)
    if (await connection.execute(new.returning(requests.c.subscriber_id))).first() is None:
        own = requests.c.subscriber_id == request.subscriber
        await connection.execute(update(requests).where(own).values(values))


_COLUMNS = ("generation", "address", "code", "asked_at", "expires_at", "tries", "reference")


def _request(row: Any) -> Request:
    return Request(subscriber=row["subscriber_id"], **{name: row[name] for name in _COLUMNS})
