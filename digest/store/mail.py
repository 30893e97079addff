"""Mail: reports on deliveries that came back, and parked mail for operators."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select, update

from digest.deliveries import Event, State, after
from digest.ports import Parked, Refusal, Returned, Words
from digest.smtp_verdicts import Verdict
from digest.store.database import Database, insert_new, note_erasure
from digest.store.tables import deliveries, parked_mail, returns

MOST_REPORTS: Final = 5
"""How many reports of one verdict on one delivery are kept, so that nobody with its token fills our disk."""


class SqlMail:
    """`ports.MailStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def returned(self, returned: Returned) -> bool:
        row = {
            "edition_day": returned.edition,
            "letter_id": returned.letter,
            "subscriber_id": returned.subscriber,
            "verdict": returned.verdict,
            "at": returned.at,
            "status": returned.status,
            "code": returned.code,
            "text": returned.text,
            "fingerprint": returned.fingerprint,
        }
        own = deliveries.c.edition_day == returned.edition
        own &= deliveries.c.subscriber_id == returned.subscriber
        async with self._database.write() as connection:
            known = (
                returned.letter is not None
                or (await connection.execute(select(deliveries.c.state).where(own))).first() is not None
            )
            if not known:
                return False  # the token is ours, but the delivery is pruned
            same = (returns.c.edition_day == returned.edition) & (returns.c.verdict == returned.verdict)
            same &= returns.c.subscriber_id == returned.subscriber
            count = select(func.count()).select_from(returns).where(same)
            if (await connection.execute(count)).scalar_one() >= MOST_REPORTS:
                return False
            new = insert_new(connection, returns).values(row).returning(returns.c.id)
            if (await connection.execute(new)).first() is None:
                return False
            if returned.letter is None and returned.verdict in {Verdict.SOFT, Verdict.HARD, Verdict.ABOUT_US}:
                await connection.execute(
                    update(deliveries)
                    .where(own, deliveries.c.state == State.ACCEPTED)
                    .values(state=after(State.ACCEPTED, Event.RETURNED))
                )
        return True

    async def verdicts(self, subscriber: int) -> list[tuple[date, Verdict]]:
        query = select(returns.c.edition_day, returns.c.verdict).where(returns.c.subscriber_id == subscriber)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(returns.c.id))
            return [(row.edition_day, row.verdict) for row in rows]

    async def editions_sent_to(self, subscriber: int) -> list[date]:
        sent = (State.ACCEPTED, State.BOUNCED, State.REFUSED, State.UNKNOWN)
        query = select(deliveries.c.edition_day).where(
            deliveries.c.subscriber_id == subscriber, deliveries.c.state.in_(sent)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(query.order_by(deliveries.c.edition_day))).scalars())

    async def sent(self, day: date) -> int:
        query = select(func.count()).where(
            deliveries.c.edition_day == day, deliveries.c.state.in_((State.ACCEPTED, State.BOUNCED))
        )
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def came_back(self, days: Collection[date], verdicts: Collection[Verdict]) -> Mapping[date, int]:
        query = (
            select(returns.c.edition_day, func.count(returns.c.subscriber_id.distinct()))
            .where(
                returns.c.edition_day.in_(days),
                returns.c.verdict.in_(verdicts),
                returns.c.letter_id.is_(None),
            )
            .group_by(returns.c.edition_day)
        )
        async with self._database.read() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def words(self, day: date, verdicts: Collection[Verdict], most: int) -> tuple[Words, ...]:
        count = func.count(returns.c.subscriber_id.distinct())
        query = (
            select(
                count.label("count"), returns.c.code, returns.c.status, func.min(returns.c.text).label("text")
            )
            .where(
                returns.c.edition_day == day, returns.c.verdict.in_(verdicts), returns.c.letter_id.is_(None)
            )
            .group_by(returns.c.code, returns.c.status)
            .order_by(count.desc(), returns.c.status, returns.c.code)
            .limit(most)
        )
        async with self._database.read() as connection:
            return tuple(Words(**row) for row in (await connection.execute(query)).mappings())

    async def refusals(self, day: date) -> list[Refusal]:
        # A refusal that has any report is recorded already.
        reported = select(returns.c.id).where(
            returns.c.edition_day == day,
            returns.c.subscriber_id == deliveries.c.subscriber_id,
            returns.c.letter_id.is_(None),
        )
        query = select(deliveries.c.subscriber_id, deliveries.c.code, deliveries.c.text).where(
            deliveries.c.edition_day == day, deliveries.c.state == State.REFUSED, ~reported.exists()
        )
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(deliveries.c.subscriber_id))
            return [Refusal(subscriber=row[0], code=row[1], text=row[2] or "") for row in rows]

    async def park(self, parked: Parked) -> bool:
        row = {
            "at": parked.at,
            "sent_to": parked.sent_to,
            "why": parked.why,
            "fingerprint": parked.fingerprint,
            "content": zlib.compress(parked.content),
        }
        async with self._database.write() as connection:
            new = insert_new(connection, parked_mail).values(row).returning(parked_mail.c.id)
            return (await connection.execute(new)).first() is not None

    async def parked(self) -> list[Parked]:
        async with self._database.read() as connection:
            rows = (await connection.execute(select(parked_mail).order_by(parked_mail.c.id))).mappings()
            return [_parked(row) for row in rows]

    async def parked_count(self) -> int:
        async with self._database.read() as connection:
            query = select(func.count()).select_from(parked_mail)
            return int((await connection.execute(query)).scalar_one())

    async def drop(self, fingerprint: str) -> bool:
        """Delete a parked message; False if there is none with this fingerprint."""
        async with self._database.write() as connection:
            note_erasure(connection)
            own = parked_mail.c.fingerprint == fingerprint
            return bool((await connection.execute(parked_mail.delete().where(own))).rowcount)


def _parked(row: Any) -> Parked:
    return Parked(
        at=row["at"],
        sent_to=row["sent_to"],
        why=row["why"],
        fingerprint=row["fingerprint"],
        content=zlib.decompress(row["content"]),
    )
