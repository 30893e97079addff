"""Stories that operators dropped after a backup was taken: a restore of it must not tell them after all.

What the replaced state knows of them is carried over. If there is no such state, only a person can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import StoryKey
from digest.interventions import Act, Intervention, alteration_by
from digest.store.interventions import acts_on, add, withhold
from digest.store.review import case_of
from digest.store.tables import editions, interventions, items


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A story that operators dropped and did not restore."""

    act: Intervention
    key: StoryKey
    title: str
    source: str
    first_seen_at: datetime  # with the number and the source, it shows that an item is the same one


async def dropped_since(connection: AsyncConnection, at: datetime) -> tuple[Dropped, ...]:
    """The stories that were dropped after an instant and are still dropped."""
    later = select(interventions.c.edition_day).where(interventions.c.at > at).distinct()
    found = []
    for day in (await connection.execute(later.order_by(interventions.c.edition_day))).scalars():
        acts = await acts_on(connection, day)
        last = {one.story: one for one in acts if one.act is Act.DROP}
        for key in alteration_by(acts).dropped:
            if last[key].at > at and (item := await _item(connection, key)) is not None:
                title, source, seen = item
                found.append(Dropped(act=last[key], key=key, title=title, source=source, first_seen_at=seen))
    return tuple(found)


async def drop_again(
    connection: AsyncConnection, dropped: Sequence[Dropped], now: datetime
) -> tuple[Dropped, ...]:
    """Drop the stories from a state that does not know of it; returns those that it does not have at all.

    An edition that is still open leaves them out. If it was not sealed yet, or its day is over, they are
    withheld, and a case asks operators what is to become of each.
    """
    missing = []
    for one in dropped:
        if not await _is_there(connection, one):
            missing.append(one)
        elif await _is_open(connection, one):
            await add(connection, one.act)
        else:
            await withhold(connection, one.act, one.key, now)
    return tuple(missing)


async def _is_there(connection: AsyncConnection, one: Dropped) -> bool:
    same = await _item(connection, one.key) == (one.title, one.source, one.first_seen_at)
    return same and await case_of(connection, one.key) is not None


async def _is_open(connection: AsyncConnection, one: Dropped) -> bool:
    query = select(editions.c.day).where(editions.c.day == one.act.day, editions.c.closed_at.is_(None))
    return (await connection.execute(query)).first() is not None


async def _item(connection: AsyncConnection, key: StoryKey) -> tuple[str, str, datetime] | None:
    query = select(items.c.title, items.c.source_id, items.c.first_seen_at).where(items.c.id == key.item)
    row = (await connection.execute(query)).first()
    return None if row is None else (row.title or "", row.source_id, row.first_seen_at)
