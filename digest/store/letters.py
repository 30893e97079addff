"""Letters, from being written to being settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest import letter_kinds
from digest.deliveries import WAITING, Answer, Event, State, after
from digest.errors import LeaseLost
from digest.letters import Claimed, Letter, Settlement
from digest.ports import LetterRecord
from digest.store.database import Database, insert_new
from digest.store.tables import letters, returns, subscriptions
from digest.subscriptions import Standing


class SqlLetters:
    """`ports.LetterStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, letter: Letter, now: datetime) -> bool:
        async with self._database.write() as connection:
            statement = insert_new(connection, letters).values(_row(letter, now)).returning(letters.c.id)
            return (await connection.execute(statement)).first() is not None

    async def exists(self, key: str) -> bool:
        async with self._database.read() as connection:
            return (
                await connection.execute(select(letters.c.id).where(letters.c.key == key))
            ).first() is not None

    async def write_all(self, many: Sequence[Letter], now: datetime) -> None:
        async with self._database.write() as connection:
            await insert_letters(connection, many, now)

    async def claim(self, now: datetime, lease: timedelta) -> Claimed | None:
        free = or_(letters.c.lease_until.is_(None), letters.c.lease_until <= now)
        async with self._database.write() as connection:
            # A worker whose lease ran out while it handed a letter over cannot say whether the relay took it.
            await connection.execute(
                update(letters)
                .where(letters.c.state == State.TRANSMITTING, free)
                .values(state=State.UNKNOWN, settled_at=now, lease_until=None, fence=letters.c.fence + 1)
            )
            await connection.execute(
                update(letters)
                .where(letters.c.state.in_(WAITING), letters.c.expires_at <= now, free)
                .values(state=State.SKIPPED, settled_at=now, lease_until=None)
            )
            first = (
                select(letters.c.id)
                .where(letters.c.state.in_(WAITING), letters.c.ready_at <= now, free)
                .order_by(letters.c.ready_at, letters.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
                .scalar_subquery()
            )
            claim = (
                update(letters)
                .where(letters.c.id == first)
                .values(lease_until=now + lease, fence=letters.c.fence + 1)
                .returning(*letters.c)
            )
            row = (await connection.execute(claim)).mappings().first()
        return _claimed(row) if row else None

    async def begin(self, claimed: Claimed, now: datetime, lease: timedelta) -> None:
        values = {"state": State.TRANSMITTING, "lease_until": now + lease}
        await self._write(claimed, values)

    async def settle(self, claimed: Claimed, settlement: Settlement, answer: Answer, now: datetime) -> None:
        values: dict[str, Any] = {
            "state": settlement.state,
            "attempts": settlement.attempts,
            "code": answer.code,
            "text": answer.text,
            "lease_until": None,
        }
        if settlement.ready_at is None:
            values["settled_at"] = now
        else:
            values["ready_at"] = settlement.ready_at
        await self._write(claimed, values)

    async def of(self, subscriber: int) -> list[LetterRecord]:
        query = _WRITTEN.where(letters.c.subscriber_id == subscriber).order_by(letters.c.id)
        async with self._database.read() as connection:
            return [_record(row) for row in (await connection.execute(query)).mappings()]

    async def get(self, number: int) -> LetterRecord | None:
        async with self._database.read() as connection:
            row = (await connection.execute(_WRITTEN.where(letters.c.id == number))).mappings().first()
        return _record(row) if row else None

    async def latest(self, subscriber: int, limit: int) -> list[LetterRecord]:
        """The latest letters to one subscriber, the newest first."""
        query = _WRITTEN.where(letters.c.subscriber_id == subscriber).order_by(letters.c.id.desc())
        async with self._database.read() as connection:
            return [_record(row) for row in (await connection.execute(query.limit(limit))).mappings()]

    async def came_back(self, number: int, code: int | None, text: str) -> None:
        own = and_(letters.c.id == number, letters.c.state.in_((State.ACCEPTED, State.BOUNCED)))
        values = {"state": after(State.ACCEPTED, Event.RETURNED), "code": code, "text": text}
        async with self._database.write() as connection:
            await connection.execute(update(letters).where(own).values(values))

    async def refused(self, since: datetime) -> list[LetterRecord]:
        scored = select(returns.c.id).where(returns.c.letter_id == letters.c.id)
        live = select(subscriptions.c.subscriber_id).where(
            subscriptions.c.subscriber_id == letters.c.subscriber_id,
            subscriptions.c.standing != Standing.ENDED,
        )
        query = _WRITTEN.where(
            letters.c.state == State.REFUSED, letters.c.settled_at >= since, live.exists(), ~scored.exists()
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()  # sorted here, so that an index serves
        return sorted((_record(row) for row in rows), key=lambda letter: letter.number)

    async def _write(self, claimed: Claimed, values: dict[str, Any]) -> None:
        async with self._database.write() as connection:
            written = await connection.execute(update(letters).where(_own(claimed)).values(values))
            if written.rowcount == 0:
                raise LeaseLost(f"another worker holds letter {claimed.id} now")


_WRITTEN: Final = select(
    letters.c.id,
    letters.c.key,
    letters.c.kind,
    letters.c.subscriber_id,
    letters.c.content,
    letters.c.created_at,
    letters.c.state,
    letters.c.code,
    letters.c.text,
)


def _record(row: Any) -> LetterRecord:
    return LetterRecord(
        number=row["id"],
        key=row["key"],
        kind=row["kind"],
        subscriber=row["subscriber_id"],
        generation=row["content"].get("generation"),
        at=row["created_at"],
        state=row["state"],
        code=row["code"],
        text=row["text"],
    )


async def insert_letters(connection: AsyncConnection, many: Sequence[Letter], now: datetime) -> None:
    """Write letters to be sent, except those whose key was written before."""
    if many:
        await connection.execute(insert_new(connection, letters), [_row(letter, now) for letter in many])


def _row(letter: Letter, now: datetime) -> dict[str, Any]:
    return {
        "key": letter.key,
        "kind": letter.kind,
        "subscriber_id": letter.subscriber,
        "address": letter.address,
        "content": letter.content.as_json(),
        "created_at": now,
        "expires_at": letter.expires_at,
        "state": State.PLANNED,
        "attempts": 0,
        "ready_at": now,
        "fence": 0,
    }


def _own(claimed: Claimed) -> ColumnElement[bool]:
    return and_(letters.c.id == claimed.id, letters.c.fence == claimed.fence, letters.c.settled_at.is_(None))


def _claimed(row: Any) -> Claimed:
    content = letter_kinds.read(row["kind"], row["key"], row["subscriber_id"], row["content"])
    letter = Letter(content=content, address=row["address"], expires_at=row["expires_at"])
    return Claimed(
        id=row["id"], fence=row["fence"], letter=letter, state=row["state"], attempts=row["attempts"]
    )
