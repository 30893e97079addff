"""Letters, from being written to being settled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest import letter_kinds
from digest.deliveries import LONGEST_WAIT, WAITING, Answer, Event, State, after
from digest.errors import LeaseLost
from digest.letter_kinds import Content
from digest.letters import HANDED_OVER_WITHIN, LONGEST_LEASE, Claimed, Letter, Settlement
from digest.ports import LetterRecord, Sent, WaitingLetter
from digest.store.database import Database, insert_new, wrote_new
from digest.store.tables import come, letters, returns, subscribers, subscriptions
from digest.subscriptions import Standing


class SqlLetters:
    """`ports.LetterStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, letter: Letter, now: datetime) -> bool:
        async with self._database.write() as connection:
            if letter.content.repeats is not None:  # two that are written at once must see each other
                reader = select(subscribers.c.id).where(subscribers.c.id == letter.subscriber)
                await connection.execute(reader.with_for_update())
            statement = insert_new(connection, letters).values(_row(letter, now)).returning(letters.c.id)
            written = (await connection.execute(statement)).scalar()
            if written is not None:
                await _replace_earlier(connection, letter, written, now)
        return written is not None

    async def state(self, key: str) -> State | None:
        query = select(letters.c.state).where(letters.c.key == key)
        async with self._database.read() as connection:
            state: State | None = (await connection.execute(query)).scalar_one_or_none()
        return state

    async def content(self, key: str) -> Content | None:
        query = select(letters).where(letters.c.key == key)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _said(row) if row is not None else None

    async def write_all(self, many: Sequence[Letter], now: datetime) -> None:
        async with self._database.write() as connection:
            await insert_letters(connection, many, now)

    async def claim(
        self, now: datetime, lease: timedelta, kinds: Collection[str] | None = None
    ) -> Claimed | None:
        free = or_(letters.c.lease_until.is_(None), come(letters.c.lease_until, now, LONGEST_LEASE))
        ready = come(letters.c.ready_at, now, LONGEST_WAIT)
        if kinds is not None:
            ready = and_(ready, letters.c.kind.in_(kinds))
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
                .where(letters.c.state.in_(WAITING), ready, free)
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
        async with self._database.write() as connection:
            await _update_own(connection, claimed, values)
            if claimed.letter.content.repeats is not None:
                await _settle_repeats(connection, claimed, settlement.state, now)

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

    async def of_kinds(self, kinds: Collection[str], since: datetime) -> list[Sent]:
        query = (
            select(letters.c.address, letters.c.created_at, letters.c.state, letters.c.code, letters.c.text)
            .where(letters.c.kind.in_(kinds), letters.c.created_at >= since)
            .order_by(letters.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Sent(address=row.address, at=row.created_at, state=row.state, code=row.code, text=row.text)
            for row in rows
        ]

    async def waiting(self, limit: int) -> tuple[int, list[WaitingLetter]]:
        own = letters.c.state.in_((*WAITING, State.TRANSMITTING))
        columns = (
            *(letters.c.kind, letters.c.address, letters.c.created_at.label("at"), letters.c.state),
            *(letters.c.attempts, letters.c.ready_at, letters.c.code, letters.c.text),
        )
        query = select(*columns).where(own).order_by(letters.c.id).limit(limit)
        async with self._database.read() as connection:
            count = await connection.scalar(select(func.count()).select_from(letters).where(own))
            rows = (await connection.execute(query)).mappings().all()
        return int(count or 0), [WaitingLetter(**row) for row in rows]

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
            await _update_own(connection, claimed, values)


async def _update_own(connection: AsyncConnection, claimed: Claimed, values: dict[str, Any]) -> None:
    written = await connection.execute(update(letters).where(_own(claimed)).values(values))
    if written.rowcount == 0:
        raise LeaseLost(f"another worker holds letter {claimed.id} now")


_REPLACED: Final = "a later letter takes its place"
_TAKEN_BEFORE: Final = "the letter that it repeats was taken"


async def _replace_earlier(connection: AsyncConnection, letter: Letter, number: int, now: datetime) -> None:
    """Skip the letters that this one repeats and that wait; wait a moment for one that is handed over."""
    if letter.content.repeats is None:
        return
    earlier = and_(_alike(letter), letters.c.id != number)
    # Locked before they are looked at: a worker may just be writing what became of one.
    locked = select(letters.c.id, letters.c.state).where(earlier).order_by(letters.c.id).with_for_update()
    found = (await connection.execute(locked)).all()
    waiting = [row.id for row in found if row.state in WAITING]
    if waiting:
        values = _skipped(_REPLACED, now) | {"fence": letters.c.fence + 1}
        await connection.execute(update(letters).where(letters.c.id.in_(waiting)).values(values))
    if any(row.state is State.TRANSMITTING for row in found):
        own = update(letters).where(letters.c.id == number)
        await connection.execute(own.values(ready_at=now + HANDED_OVER_WITHIN))


async def _settle_repeats(connection: AsyncConnection, claimed: Claimed, state: State, now: datetime) -> None:
    """Settle what was asked for again while a letter was handed over: one of the two is sent."""
    later = and_(_alike(claimed.letter), letters.c.id > claimed.id)
    waiting = update(letters).where(later, letters.c.state.in_(WAITING))
    if state is State.ACCEPTED:
        same = letters.c.address == claimed.letter.address
        await connection.execute(waiting.where(same).values(_skipped(_TAKEN_BEFORE, now)))
        return
    await connection.execute(waiting.values(ready_at=now))
    if state is State.DEFERRED:
        repeat = letters.alias()
        newer = select(repeat.c.id).where(
            repeat.c.subscriber_id == claimed.letter.subscriber,
            repeat.c.key.startswith(claimed.letter.content.repeats or "", autoescape=True),
            repeat.c.id > claimed.id,
        )
        own = update(letters).where(letters.c.id == claimed.id, newer.exists())
        await connection.execute(own.values(_skipped(_REPLACED, now)))


def _alike(letter: Letter) -> ColumnElement[bool]:
    """The letters that ask their reader for the same as this one, itself included."""
    prefix = letter.content.repeats or letter.key
    return and_(
        letters.c.subscriber_id == letter.subscriber, letters.c.key.startswith(prefix, autoescape=True)
    )


def _skipped(why: str, now: datetime) -> dict[str, Any]:
    return {"state": State.SKIPPED, "text": why, "settled_at": now, "lease_until": None}


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


async def insert_letter(connection: AsyncConnection, letter: Letter, now: datetime) -> bool:
    """Write a letter to be sent; False if one with its key was written before."""
    return await wrote_new(connection, letters, _row(letter, now))


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


def _said(row: Any) -> Content:
    return letter_kinds.read(row["kind"], row["key"], row["subscriber_id"], row["content"])


def _claimed(row: Any) -> Claimed:
    letter = Letter(content=_said(row), address=row["address"], expires_at=row["expires_at"])
    return Claimed(
        id=row["id"], fence=row["fence"], letter=letter, state=row["state"], attempts=row["attempts"]
    )
