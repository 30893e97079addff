"""Reports that came while an entry of the register was merged into another go back to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Candidate
from digest.providers import normal_name
from digest.store.codec import CANDIDATE
from digest.store.merging import of_provider
from digest.store.tables import changes, providers, ratings, reports


async def give_back(
    connection: AsyncConnection, own: Sequence[str], held_by: str, *, since: datetime | None
) -> int:
    """Move reports from the provider `held_by` to the one with the ids `own`, whose first one counts.

    They are the reports found after `since` that are on a record of one of these ids, or that name it and
    not the other. Returns how many.
    """
    query = select(reports).where(reports.c.provider_id == held_by)
    if since is not None:
        query = query.where(reports.c.found_at >= since)
    ours, theirs = await _names(connection, own), await _names(connection, [held_by])
    moved = 0
    for row in (await connection.execute(query)).mappings().all():
        if _is_on(CANDIDATE.load(row["content"]), own, ours - theirs):
            await _move(connection, row, own[0])
            moved += 1
    return moved


async def _names(connection: AsyncConnection, ids: Sequence[str]) -> set[str]:
    query = select(providers.c.name, providers.c.aliases).where(providers.c.id.in_(ids))
    rows = await connection.execute(query)
    return {normal_name(name) for row in rows for name in (row.name, *row.aliases)}


def _is_on(candidate: Candidate, own: Sequence[str], names: set[str]) -> bool:
    report = candidate.report
    if report is None:
        return False
    if report.provider_id is not None:
        return report.provider_id in own
    return normal_name(report.provider or "") in names


async def _move(connection: AsyncConnection, row: Any, to: str) -> None:
    values = {
        column: CANDIDATE.dump(of_provider(CANDIDATE.load(row[column]), to))
        for column in ("content", "read", "told")
        if row[column] is not None
    }
    for table in (reports, changes, ratings):
        same = (table.c.item_id == row["item_id"]) & (table.c.place == row["place"])
        stated = {"provider_id": to} | (values if table is reports else {})
        await connection.execute(update(table).where(same).values(stated))
