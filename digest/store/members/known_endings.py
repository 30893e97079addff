"""What a state knows of who left: a record of endings that begins takes it over."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import suppression_keys
from digest.store.endings import Entry, What
from digest.store.tables import (
    departures,
    seal_marks,
    subscribers,
    subscription_steps,
    subscriptions,
    suppressions,
)
from digest.subscriptions import AGREED, ENDINGS, Step
from digest.tokens import Seal


async def known_endings(connection: AsyncConnection, seal: Seal, mark: str) -> list[Entry]:
    """The endings, suppressions and departures in a state, as entries of a record, with seals.

    `mark` shows the key of the seals. What another key has sealed is left out. A departure whose owner's
    address is not in the state any more is taken for an erasure.
    """
    people = (
        await connection.execute(
            select(subscribers.c.id, subscribers.c.address_key, subscriptions.c.standing)
            .join_from(subscribers, subscriptions)
            .where(subscribers.c.address != "")
        )
    ).all()
    # The latest ending, also of those who asked again since and have not confirmed.
    latest = select(func.max(subscription_steps.c.id)).where(subscription_steps.c.step.in_(_ENDED))
    latest = latest.group_by(subscription_steps.c.subscriber_id)
    steps = select(subscription_steps.c.subscriber_id, subscription_steps.c.step, subscription_steps.c.at)
    rows = await connection.execute(steps.where(subscription_steps.c.id.in_(latest)))
    ended = {row.subscriber_id: row for row in rows}
    found = [
        Entry(what=ended[one.id].step, seal=seal(one.address_key), at=ended[one.id].at, is_sealed=True)
        for one in people
        if one.standing not in AGREED and one.id in ended
    ]
    if (await connection.execute(select(seal_marks.c.mark))).scalar_one_or_none() != mark:
        return found
    there = {seal(suppression_keys(one.address_key)[0]) for one in people}
    for row in await connection.execute(select(departures)):
        whats = (What.DEPARTED,) if row.seal in there else (What.DEPARTED, Step.ERASED)
        found += [Entry(what=what, seal=row.seal, at=row.since, is_sealed=True) for what in whats]
    for row in await connection.execute(select(suppressions)):
        found.append(Entry(what=What.SUPPRESSED, seal=row.seal, at=row.since, is_sealed=True))
    return found


_ENDED: Final = ENDINGS - {Step.LAPSED}
"""The endings of subscriptions that were confirmed, or that somebody wanted ended."""
