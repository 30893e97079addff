"""Entries that are one provider: a publisher's entry has exactly the name of one without a number."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.providers import Ruling, normal_name
from digest.store.tables import merges, providers, rulings

BY: Final = "digest"
WHY: Final = "the publisher's entry has exactly this name, and no other entry has it"


async def join_by_name(connection: AsyncConnection, inspectorate: str, now: datetime) -> None:
    """Merge entries without a publisher's number into those that have one and exactly the same name.

    If several entries of the inspectorate share the name, none is joined; nor are two that were split.
    """
    unnumbered = await _by_name(connection, inspectorate, numbered=False)
    if not unnumbered:
        return
    numbered = await _by_name(connection, inspectorate, numbered=True, among=frozenset(unnumbered))
    pairs = [
        (numbered[name][0], own[0])
        for name, own in unnumbered.items()
        if len(own) == 1 and len(numbered.get(name, ())) == 1
    ]
    if not pairs:
        return
    settled = await _settled(connection)
    for into, id in pairs:
        if settled.isdisjoint({(into, id), into, id}):
            await connection.execute(insert(merges).values(provider_id=id, into_id=into))
            row = {
                "ruling": Ruling.JOINED,
                "provider_id": into,
                "other_id": id,
                "by": BY,
                "at": now,
                "why": WHY,
            }
            await connection.execute(insert(rulings).values(row))


async def _by_name(
    connection: AsyncConnection, inspectorate: str, *, numbered: bool, among: frozenset[str] | None = None
) -> dict[str, list[str]]:
    """The ids of an inspectorate's entries by normal name; with `among`, of these names alone."""
    has_number = providers.c.number.is_not(None) if numbered else providers.c.number.is_(None)
    query = select(providers.c.id, providers.c.name).where(
        providers.c.inspectorate == inspectorate, has_number
    )
    found: dict[str, list[str]] = {}
    for row in await connection.execute(query):
        name = normal_name(row.name)
        if name and (among is None or name in among):
            found.setdefault(name, []).append(row.id)
    return found


async def _settled(connection: AsyncConnection) -> set[str | tuple[str, str]]:
    """The ids that are part of a merge, and the pairs that were split once."""
    found: set[str | tuple[str, str]] = set()
    for row in await connection.execute(select(merges.c.provider_id, merges.c.into_id)):
        found.add(row.provider_id)
    split = select(rulings.c.provider_id, rulings.c.other_id).where(rulings.c.ruling == Ruling.SPLIT)
    found |= {(row.provider_id, row.other_id) for row in await connection.execute(split)}
    return found
