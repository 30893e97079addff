"""Subscribers as operators look at them: lists, counts, and the deliveries of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import ascii_domain
from digest.bounces import BACK
from digest.deliveries import DeliveryRecord, Report, State
from digest.smtp_verdicts import Verdict
from digest.store.database import Database
from digest.store.members.rows import JOINED, subscription_of
from digest.store.tables import deliveries, returns, subscribers, subscription_steps, subscriptions
from digest.subscriptions import Selection, Standing, Subscription


class SqlPeople:
    """Subscribers as operators look at them. The command line alone uses it, so no port names it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, selection: Selection, *, after: int, limit: int) -> list[Subscription]:
        """The next `limit` selected subscriptions, by subscriber number, from `after` (not included) on."""
        query = JOINED.where(selected(selection), subscribers.c.id > after)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(subscribers.c.id).limit(limit))
            return [subscription_of(row) for row in rows.mappings()]

    async def count(self, selection: Selection) -> Mapping[Standing, int]:
        """How many selected subscriptions have each standing; a standing that none has is left out."""
        query = select(subscriptions.c.standing, func.count()).join_from(subscriptions, subscribers)
        query = query.where(selected(selection)).group_by(subscriptions.c.standing)
        async with self._database.read() as connection:
            return {Standing(standing): count for standing, count in await connection.execute(query)}

    async def deliveries(self, subscriber: int, *, limit: int) -> Sequence[DeliveryRecord]:
        """The latest `limit` deliveries to one subscriber, the newest first."""
        query = select(deliveries).where(deliveries.c.subscriber_id == subscriber)
        query = query.order_by(deliveries.c.edition_day.desc()).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
            reports = await _reports(connection, subscriber, [row["edition_day"] for row in rows])
        return [_record(row, reports.get(row["edition_day"])) for row in rows]


async def _reports(
    connection: AsyncConnection, subscriber: int, days: Sequence[date]
) -> Mapping[date, Report]:
    """The report that counts for each of these editions that has one: the newest of the worst verdict."""
    query = select(returns).where(
        returns.c.subscriber_id == subscriber, returns.c.letter_id.is_(None), returns.c.edition_day.in_(days)
    )
    counts: dict[date, Report] = {}
    for row in (await connection.execute(query.order_by(returns.c.id))).mappings():
        report = Report(
            at=row["at"],
            verdict=Verdict(row["verdict"]),
            status=row["status"],
            code=row["code"],
            text=row["text"],
        )
        worst = counts.get(row["edition_day"])
        if report.verdict in BACK and (worst is None or _severity(report) >= _severity(worst)):
            counts[row["edition_day"]] = report
    return counts


def _severity(report: Report) -> int:
    return list(Verdict).index(report.verdict)  # the mildest first


def selected(selection: Selection) -> ColumnElement[bool]:
    """The SQL condition for a selection, on subscriptions joined with subscribers."""
    given: list[ColumnElement[bool]] = [true()]
    if selection.standing is not None:
        given.append(subscriptions.c.standing == selection.standing)
    if selection.reason is not None:
        given.append(subscriptions.c.ended_reason == selection.reason)
    if selection.domain is not None:
        domain = ascii_domain(selection.domain.removeprefix("@"))
        given.append(subscribers.c.address_key.endswith(f"@{domain}", autoescape=True))
    if selection.since is not None:
        given.append(subscriptions.c.since >= datetime.combine(selection.since, time(), UTC))
    if selection.before is not None:
        given.append(subscriptions.c.since < datetime.combine(selection.before, time(), UTC))
    if selection.bulk is not None:
        touched = select(subscription_steps.c.subscriber_id)
        touched = touched.where(subscription_steps.c.bulk_id == selection.bulk)
        given.append(subscriptions.c.subscriber_id.in_(touched))
    condition = given[0]
    for one in given[1:]:
        condition &= one
    return condition


def _record(row: Any, returned: Report | None) -> DeliveryRecord:
    return DeliveryRecord(
        edition=row["edition_day"],
        state=State(row["state"]),
        attempts=row["attempts"],
        code=row["code"],
        text=row["text"],
        retry_at=row["retry_at"],
        carried_to=row["carried_to"],
        settled_at=row["settled_at"],
        returned=returned,
    )
