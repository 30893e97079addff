"""The operators' review: open doubts, decisions, and what a decision does to a candidate and the history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Candidate, StoryKey
from digest.review import Case, Decided, Decision, Outcome
from digest.store.candidates import write_findings
from digest.store.codec import CANDIDATE, READING
from digest.store.database import Database
from digest.store.providers import mark_register
from digest.store.tables import (
    changes,
    decisions,
    doubts,
    judgements,
    open_cases,
    providers,
    ratings,
    readings,
    reports,
)


class SqlReview:
    """`ports.ReviewStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self) -> list[Case]:
        query = open_cases().order_by(doubts.c.item_id, doubts.c.place)
        async with self._database.read() as connection:
            keys = [StoryKey(item=row.item_id, place=row.place) for row in await connection.execute(query)]
            cases = [await case_of(connection, key) for key in keys]
        return [case for case in cases if case is not None]

    async def count(self) -> int:
        query = select(func.count()).select_from(open_cases().subquery())
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def case(self, key: StoryKey) -> Case | None:
        async with self._database.read() as connection:
            return await case_of(connection, key)

    async def decide(self, case: Case, decided: Decided, outcome: Outcome) -> bool:
        key = case.key
        async with self._database.write() as connection:
            query = select(reports.c.item_id).where(is_of(reports, key)).with_for_update()
            await connection.execute(query)
            if not unchanged(case, await case_of(connection, key)):
                return False
            row = {"item_id": key.item, "place": key.place, "decision": decided.decision}
            row |= {"by": decided.by, "at": decided.at, "why": decided.why}
            await connection.execute(insert(decisions).values(row))
            await _rewrite(connection, case, outcome, decided)
            if decided.decision is Decision.ACCEPTED:
                await _confirm_provider(connection, key)
        return True


def unchanged(seen: Case, found: Case | None) -> bool:
    """Whether a case is as it was seen: told by no edition since, and decided by nobody."""
    return found is not None and (found.candidate.told_on, found.decided) == (
        seen.candidate.told_on,
        seen.decided,
    )


def is_of(table: Any, key: StoryKey) -> ColumnElement[bool]:
    """Which rows of a table are a report's."""
    own: ColumnElement[bool] = (table.c.item_id == key.item) & (table.c.place == key.place)
    return own


async def case_of(connection: AsyncConnection, key: StoryKey) -> Case | None:
    """The case of a report, whether or not operators were ever asked about it."""
    columns = (reports, readings.c.content.label("reading"))
    query = select(*columns).join_from(reports, readings, readings.c.item_id == reports.c.item_id)
    row = (await connection.execute(query.where(is_of(reports, key)))).mappings().first()
    if row is None:
        return None
    candidate = replace(CANDIDATE.load(row["content"]), told_on=row["told_on"])
    told = _told(candidate, row["told"])
    asked = await connection.execute(select(doubts).where(is_of(doubts, key)).order_by(doubts.c.raised_at))
    raised = [(d["reason"], d["raised_at"]) for d in asked.mappings()]
    answers = await connection.execute(
        select(decisions).where(is_of(decisions, key)).order_by(decisions.c.id)
    )
    decided = tuple(
        Decided(decision=Decision(d["decision"]), by=d["by"], at=d["at"], why=d["why"])
        for d in answers.mappings()
    )
    last = max((d.at for d in decided), default=None)
    still_open = [(why, at) for why, at in raised if last is None or at > last]
    return Case(
        candidate=candidate,
        read=CANDIDATE.load(row["read"]) if row["read"] else candidate,
        told=told,
        withheld=row["withheld_at"] is not None,
        text=READING.load(row["reading"]).text,
        doubts=tuple(why for why, _ in still_open),
        raised_at=min((at for _, at in still_open or raised), default=row["found_at"]),
        decided=decided,
    )


def _told(candidate: Candidate, stored: Any) -> Candidate | None:
    """The report as the last edition told it; None if no edition did. `stored` is the column `told`."""
    told = CANDIDATE.load(stored) if stored else None
    # A row of an earlier version may still hold what was told before its last correction.
    if told and candidate.told_on in (None, told.told_on):
        return told
    return candidate if candidate.told_on else _told_before(candidate)


def _told_before(candidate: Candidate) -> Candidate | None:
    """What readers were told, as far as a correction says it that waited before tellings were kept (0014)."""
    correction = candidate.correction
    if correction is None:
        return None
    changes = (correction.told,) if correction.told else ()
    return replace(candidate, told_on=correction.told_on, report=None, changes=changes, correction=None)


async def _rewrite(connection: AsyncConnection, case: Case, outcome: Outcome, decided: Decided) -> None:
    """Replace the candidate that stood; what was read and what was told first stay known."""
    candidate, told = outcome.candidate, case.told
    values = {
        "provider_id": candidate.provider,
        "dated": candidate.dated,
        "content": CANDIDATE.dump(candidate),
        "read": CANDIDATE.dump(case.read),
        "told": null() if told is None or told == candidate else CANDIDATE.dump(told),
        "told_on": candidate.told_on,
        "withheld_at": decided.at if outcome.withheld else None,
    }
    await connection.execute(update(reports).where(is_of(reports, candidate.key)).values(values))
    await forget_grades(connection, candidate.key)
    if not outcome.withheld:
        await write_findings(connection, candidate)


async def forget_grades(connection: AsyncConnection, key: StoryKey) -> None:
    """Delete a report's judgements, changes and ratings."""
    for table in (ratings, changes, judgements):
        await connection.execute(delete(table).where(is_of(table, key)))


async def _confirm_provider(connection: AsyncConnection, key: StoryKey) -> None:
    """A provider that only a text had named belongs to the register once an operator agrees."""
    own = select(reports.c.provider_id).where(is_of(reports, key)).scalar_subquery()
    await connection.execute(update(providers).where(providers.c.id == own).values(proposed=False))
    await mark_register(connection)
