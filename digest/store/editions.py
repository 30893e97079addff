"""Editions, and the candidates that wait for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, null, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Candidate, ClosingLine, Edition
from digest.edition_assembly import Assembly
from digest.errors import Overtaken
from digest.interventions import InHand, Intervention, alteration_by, altered, hold_at
from digest.review import NO_RATING
from digest.store.candidates import raise_doubts
from digest.store.codec import CANDIDATE, CLOSING, EDITION
from digest.store.database import Database, wrote_new
from digest.store.interventions import acts_on, add, close, closed_with, in_hand
from digest.store.merging import led
from digest.store.tables import decisions as decided
from digest.store.tables import doubts, editions, open_cases, reports

LOOK_BACK: Final = timedelta(days=14)
"""An unplanned edition older than this is of no use to anybody."""


class SqlEditions:
    """`ports.EditionStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, cutoff: datetime) -> list[Candidate]:
        query = (
            select(reports)
            .where(reports.c.told_on.is_(None), reports.c.withheld_at.is_(None), reports.c.found_at < cutoff)
            .order_by(reports.c.item_id, reports.c.place)
        )
        return await self._candidates(query)

    async def told(self, since: date) -> list[Candidate]:
        query = (
            select(reports)
            .where(reports.c.told_on >= since)
            .order_by(reports.c.told_on, reports.c.item_id, reports.c.place)
        )
        return await self._candidates(query)

    async def sealed(self, day: date) -> Edition | None:
        async with self._database.read() as connection:
            columns = (editions.c.content, editions.c.closed_at, editions.c.closed_with)
            row = (await connection.execute(select(*columns).where(editions.c.day == day))).first()
            if row is None:
                return None
            with_ = closed_with(row)
            if with_ is None:
                with_ = alteration_by(await acts_on(connection, day))
        return altered(EDITION.load(row.content), with_)

    async def closing_lines(self, since: date, until: date) -> list[tuple[date, tuple[ClosingLine, ...]]]:
        query = select(editions.c.day, editions.c.content["closing"].label("closing"))
        query = query.where(editions.c.day >= since, editions.c.day <= until).order_by(editions.c.day)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        # Editions that were sealed before there were closing lines have none.
        return [(row.day, CLOSING.load(row.closing)) for row in rows if row.closing]

    async def in_hand(self, day: date) -> InHand:
        async with self._database.read() as connection:
            return await in_hand(connection, day)

    async def hold(self, day: date, now: datetime) -> Intervention | None:
        async with self._database.read() as connection:
            query = select(editions.c.closed_at).where(editions.c.day == day)
            if (await connection.execute(query)).scalar_one_or_none() is not None:
                return None
            return hold_at(await acts_on(connection, day), now)

    async def acts(self, day: date) -> tuple[Intervention, ...]:
        async with self._database.read() as connection:
            return await acts_on(connection, day)

    async def intervene(
        self, wanted: Intervention, refusal: Callable[[InHand, Intervention], str | None]
    ) -> str | None:
        async with self._database.write() as connection:
            why = refusal(await in_hand(connection, wanted.day, lock=True), wanted)
            if why is None:
                await add(connection, wanted)
        return why

    async def close(self, until: date, now: datetime) -> tuple[date, ...]:
        query = select(editions.c.day).where(editions.c.closed_at.is_(None), editions.c.day <= until)
        async with self._database.read() as connection:
            if (await connection.execute(query.limit(1))).first() is None:
                return ()
        async with self._database.write() as connection:
            return await close(connection, until, now)

    async def decisions(self) -> int:
        async with self._database.read() as connection:
            return await _last_decision(connection)

    async def seal(self, assembly: Assembly, now: datetime, *, decisions: int | None = None) -> Edition:
        edition = assembly.edition
        row = {
            "day": edition.day,
            "cutoff": edition.cutoff,
            "content": EDITION.dump(edition),
            "sealed_at": now,
        }
        async with self._database.write() as connection:
            if await wrote_new(connection, editions, row):
                settled = [(key.item, key.place) for key in assembly.settled]
                which = tuple_(reports.c.item_id, reports.c.place).in_(settled)
                values = {"told_on": edition.day, "told": null()}
                await connection.execute(update(reports).where(which).values(values))
                # Asked after the rows are locked: a decision on one of them now waits for this transaction.
                if decisions is not None and await _last_decision(connection) != decisions:
                    raise Overtaken(f"a report was decided on while the edition of {edition.day} was made")
                if decisions is not None and await _any_found_after(connection, which, edition.cutoff):
                    raise Overtaken(f"a page was read in place of a feed's words on {edition.day}")
                for part in assembly.in_part:
                    own = (reports.c.item_id == part.key.item) & (reports.c.place == part.key.place)
                    told = CANDIDATE.dump(replace(part, told_on=edition.day))
                    await connection.execute(update(reports).where(own).values(told=told))
                for doubt in assembly.doubts:
                    await raise_doubts(connection, doubt.key, [doubt.reason], now)
                return edition
        stands = (await self.in_hand(edition.day)).assembled
        assert stands is not None
        return stands

    async def planned(self, day: date) -> bool:
        query = select(editions.c.day).where(editions.c.day == day, editions.c.planned_at.is_not(None))
        async with self._database.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def unplanned(self, before: date) -> list[Edition]:
        query = select(editions.c.content).where(
            editions.c.day < before, editions.c.day >= before - LOOK_BACK, editions.c.planned_at.is_(None)
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query.order_by(editions.c.day))).scalars().all()
        return [EDITION.load(content) for content in found]

    async def _candidates(self, query: Any) -> list[Candidate]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
            in_doubt = open_cases().where(doubts.c.reason != NO_RATING)
            doubted = {(row.item_id, row.place) for row in await connection.execute(in_doubt)}
            stored = await led(connection, [CANDIDATE.load(row["content"]) for row in rows])
        return [
            replace(one, told_on=row["told_on"], doubted=(row["item_id"], row["place"]) in doubted)
            for one, row in zip(stored, rows, strict=True)
        ]


async def _any_found_after(connection: AsyncConnection, which: Any, cutoff: datetime) -> bool:
    """Whether a candidate was replaced since it was read for this edition, which reads none found later."""
    query = select(reports.c.item_id).where(which, reports.c.found_at >= cutoff).limit(1)
    return (await connection.execute(query)).first() is not None


async def _last_decision(connection: AsyncConnection) -> int:
    query = select(func.coalesce(func.max(decided.c.id), 0))
    return int((await connection.execute(query)).scalar_one())
