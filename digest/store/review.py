"""The operators' review: open doubts, decisions, and what a decision does to a filing and the history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Filing, StoryKey
from digest.review import Case, Decided, Decision, Outcome
from digest.store.codec import FILING, READING
from digest.store.database import Database
from digest.store.items import write_findings
from digest.store.providers import mark_register
from digest.store.tables import changes, decisions, doubts, judgements, providers, ratings, readings, reports


class SqlReview:
    """`ports.ReviewStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self) -> list[Case]:
        query = select(doubts.c.item_id, doubts.c.place).distinct().order_by(doubts.c.item_id, doubts.c.place)
        async with self._database.read() as connection:
            keys = [StoryKey(item=row.item_id, place=row.place) for row in await connection.execute(query)]
            cases = [await _case(connection, key) for key in keys]
        return [case for case in cases if case is not None and case.open]

    async def case(self, key: StoryKey) -> Case | None:
        async with self._database.read() as connection:
            return await _case(connection, key)

    async def decide(self, case: Case, decided: Decided, outcome: Outcome) -> bool:
        key = case.key
        async with self._database.write() as connection:
            query = select(reports.c.item_id).where(_of(reports, key)).with_for_update()
            await connection.execute(query)
            if not _unchanged(case, await _case(connection, key)):
                return False
            row = {"item_id": key.item, "place": key.place, "decision": decided.decision}
            row |= {"by": decided.by, "at": decided.at, "why": decided.why}
            await connection.execute(insert(decisions).values(row))
            await _rewrite(connection, case, outcome, decided)
            if decided.decision is Decision.ACCEPTED:
                await _confirm_provider(connection, key)
        return True


def _unchanged(seen: Case, found: Case | None) -> bool:
    """Whether a case is as it was seen: told by no edition since, and decided by nobody."""
    return found is not None and (found.filing.told_on, found.decided) == (seen.filing.told_on, seen.decided)


def _of(table: Any, key: StoryKey) -> ColumnElement[bool]:
    own: ColumnElement[bool] = (table.c.item_id == key.item) & (table.c.place == key.place)
    return own


async def _case(connection: AsyncConnection, key: StoryKey) -> Case | None:
    columns = (reports, readings.c.content.label("reading"))
    query = select(*columns).join_from(reports, readings, readings.c.item_id == reports.c.item_id)
    row = (await connection.execute(query.where(_of(reports, key)))).mappings().first()
    if row is None:
        return None
    filing = replace(FILING.load(row["content"]), told_on=row["told_on"])
    told = filing if filing.told_on else FILING.load(row["told"]) if row["told"] else _told_before(filing)
    asked = await connection.execute(select(doubts).where(_of(doubts, key)).order_by(doubts.c.raised_at))
    raised = [(d["reason"], d["raised_at"]) for d in asked.mappings()]
    answers = await connection.execute(select(decisions).where(_of(decisions, key)).order_by(decisions.c.id))
    decided = tuple(
        Decided(decision=Decision(d["decision"]), by=d["by"], at=d["at"], why=d["why"])
        for d in answers.mappings()
    )
    still_open = [(why, at) for why, at in raised if not decided or at > decided[-1].at]
    return Case(
        filing=filing,
        read=FILING.load(row["read"]) if row["read"] else filing,
        told=told,
        withheld=row["withheld_at"] is not None,
        text=READING.load(row["reading"]).text,
        doubts=tuple(why for why, _ in still_open),
        raised_at=min((at for _, at in still_open or raised), default=row["found_at"]),
        decided=decided,
    )


def _told_before(filing: Filing) -> Filing | None:
    """What readers were told, as far as a correction says it that waited before tellings were kept (0014)."""
    correction = filing.correction
    if correction is None:
        return None
    changes = (correction.told,) if correction.told else ()
    return replace(filing, told_on=correction.told_on, report=None, changes=changes, correction=None)


async def _rewrite(connection: AsyncConnection, case: Case, outcome: Outcome, decided: Decided) -> None:
    """Put the filing that stands in the place of the one before; what was read and told first stays known."""
    filing, waits = outcome.filing, outcome.filing.told_on is None
    values = {
        "provider_id": filing.provider,
        "dated": filing.dated,
        "content": FILING.dump(filing),
        "read": FILING.dump(case.read),
        "told": FILING.dump(case.told) if case.told and waits else null(),
        "told_on": filing.told_on,
        "withheld_at": decided.at if outcome.withheld else None,
    }
    await connection.execute(update(reports).where(_of(reports, filing.key)).values(values))
    await _forget_grades(connection, filing.key)
    if not outcome.withheld:
        await write_findings(connection, filing)


async def _forget_grades(connection: AsyncConnection, key: StoryKey) -> None:
    for table in (ratings, changes, judgements):
        await connection.execute(delete(table).where(_of(table, key)))


async def _confirm_provider(connection: AsyncConnection, key: StoryKey) -> None:
    """A provider that only a text had named belongs to the register once an operator agrees."""
    own = select(reports.c.provider_id).where(_of(reports, key)).scalar_subquery()
    await connection.execute(update(providers).where(providers.c.id == own).values(proposed=False))
    await mark_register(connection)
