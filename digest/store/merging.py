"""Merged entries of the register: which ids are one provider. What is stored under each id stays there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Candidate
from digest.listing import batched
from digest.providers import last_of
from digest.store.members.rows import CHUNK
from digest.store.tables import merges


async def leads_of(connection: AsyncConnection, ids: Iterable[str | None]) -> dict[str, str]:
    """Where those of these ids lead that were merged: the id that counts, for each."""
    found: dict[str, str] = {}
    ahead = {id for id in ids if id is not None}
    while ahead:
        more: dict[str, str] = {}
        for some in batched(sorted(ahead), CHUNK):
            query = select(merges.c.provider_id, merges.c.into_id).where(merges.c.provider_id.in_(some))
            more |= {row.provider_id: row.into_id for row in await connection.execute(query)}
        found |= more
        ahead = set(more.values()) - found.keys()
    return {id: last_of(id, found) for id in found}


async def same_as(connection: AsyncConnection, id: str) -> list[str]:
    """All ids of the provider with this id, the one that counts first."""
    last = (await leads_of(connection, [id])).get(id, id)
    return [last, *await under(connection, last)]


async def under(connection: AsyncConnection, id: str) -> list[str]:
    """The ids that lead to this one, directly or by others."""
    found: dict[str, None] = {}
    ahead = [id]
    while ahead:
        query = select(merges.c.provider_id).where(merges.c.into_id.in_(ahead))
        rows = (await connection.execute(query.order_by(merges.c.provider_id))).scalars()
        ahead = [one for one in rows if one not in found and one != id]
        found |= dict.fromkeys(ahead)
    return list(found)


async def led(connection: AsyncConnection, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, each with the id of its provider that counts."""
    leads = await leads_of(connection, {one.provider for one in candidates})
    return [of_provider(one, leads.get(one.provider or "", one.provider)) for one in candidates]


def of_provider(candidate: Candidate, id: str | None) -> Candidate:
    """The candidate as one of the provider with this id."""
    if id is None or candidate.provider in {None, id}:
        return candidate
    changes = tuple(
        replace(one, provider=id) if one.provider == candidate.provider else one for one in candidate.changes
    )
    return replace(candidate, provider=id, changes=changes)
