"""Watches: which subscribers watch which providers, and who gets alerts and weekly mails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, cast, delete, func, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from digest import letter_kinds
from digest.alerts import Alert
from digest.deliveries import State
from digest.letters import Letter
from digest.ports import WithoutEdition
from digest.store.codec import WISHES
from digest.store.database import Database
from digest.store.letters import insert_letters
from digest.store.tables import deliveries, letters, subscribers, subscriptions, watches
from digest.subscriptions import Standing, Wishes


async def keep_watches(connection: AsyncConnection, wished: Mapping[int, Wishes]) -> None:
    """Store the providers that these subscribers watch, in the transaction that writes their wishes."""
    await connection.execute(delete(watches).where(watches.c.subscriber_id.in_(wished)))
    rows = [
        {"provider_id": provider, "subscriber_id": subscriber, "alerts": wishes.alerts}
        for subscriber, wishes in wished.items()
        for provider in dict.fromkeys(wishes.watched)
    ]
    if rows:
        await connection.execute(insert(watches), rows)


class SqlWatches:
    """`ports.WatchStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def has_readers(self, alert: Alert, *, since: datetime, per_day: int) -> bool:
        async with self._database.read() as connection:
            return (await connection.execute(_awaiting(alert, since, per_day, 1))).first() is not None

    async def alert(
        self,
        alert: Alert,
        story: letter_kinds.AlertedStory,
        *,
        now: datetime,
        since: datetime,
        per_day: int,
        limit: int,
    ) -> int:
        async with self._database.write() as connection:
            if connection.dialect.name == "postgresql":
                # One writer at a time: two could each find a subscriber one below the limit, and both write.
                await connection.execute(text("SELECT pg_advisory_xact_lock(20120, 10)"))
            found = (await connection.execute(_awaiting(alert, since, per_day, limit))).all()
            await insert_letters(connection, [_letter(alert, story, row) for row in found], now)
        return len(found)

    async def without_edition(
        self, first: date, last: date, *, since: datetime, prefix: str, after: int, limit: int
    ) -> list[WithoutEdition]:
        heard = (
            select(deliveries.c.subscriber_id)
            .where(deliveries.c.subscriber_id == subscribers.c.id, deliveries.c.state != State.SKIPPED)
            .where(deliveries.c.edition_day >= first, deliveries.c.edition_day <= last)
            .exists()
        )
        query = (
            _readers()
            .add_columns(subscriptions.c.wishes)
            .where(subscriptions.c.since <= since, subscriptions.c.wishes["proof_of_life"].as_boolean())
            .where(subscribers.c.id > after, ~heard, ~_has_letter(prefix))
            .order_by(subscribers.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [
                WithoutEdition(
                    subscriber=row.id,
                    address=row.address,
                    generation=row.generation,
                    wishes=WISHES.load(row.wishes),
                )
                for row in await connection.execute(query)
            ]


def _readers() -> Any:
    return (
        select(subscribers.c.id, subscribers.c.address, subscriptions.c.generation)
        .join_from(subscribers, subscriptions)
        .where(subscriptions.c.standing == Standing.ACTIVE)
    )


def _awaiting(alert: Alert, since: datetime, per_day: int, limit: int) -> Any:
    """A query for active watchers with alerts on who have no letter about it and are below their limit."""
    watching = select(watches.c.subscriber_id).where(
        watches.c.provider_id.in_(_sorted(alert.providers)), watches.c.alerts
    )
    today = (
        select(func.count())
        .where(letters.c.subscriber_id == subscribers.c.id, letters.c.kind == letter_kinds.Alert.kind)
        .where(letters.c.created_at >= since)
        .scalar_subquery()
    )
    prefix = letter_kinds.Alert.key_prefix(alert.key)
    return (
        _readers()
        .where(subscribers.c.id.in_(watching), ~_has_letter(prefix), today < per_day)
        .order_by(subscribers.c.id)
        .limit(limit)
    )


def _sorted(ids: Iterable[str]) -> list[str]:
    return sorted(ids)  # the same ids make the same statement, which is prepared once


def _has_letter(prefix: str) -> Any:
    return (
        select(letters.c.id).where(letters.c.key == literal(prefix) + cast(subscribers.c.id, Text)).exists()
    )


def _letter(alert: Alert, story: letter_kinds.AlertedStory, row: Any) -> Letter:
    content = letter_kinds.Alert(subscriber=row.id, generation=row.generation, about=alert.key, story=story)
    return Letter(content=content, address=row.address, expires_at=alert.expires_at)
