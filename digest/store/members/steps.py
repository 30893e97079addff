"""Writes transitions of subscriptions: their rows, their history, and what else changes when one ends.

Nothing else writes to the table of subscriptions. `digest.subscriptions` decides what a step changes; this
module writes it, with a few statements for any number of subscriptions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import same_key
from digest.deliveries import WAITING, State
from digest.store.codec import WISHES
from digest.store.database import note_endings
from digest.store.endings import entries_of
from digest.store.members.erasure import erase
from digest.store.members.watches import keep_watches
from digest.store.tables import (
    batches,
    deliveries,
    kept_days,
    requests,
    subscribers,
    subscription_steps,
    subscriptions,
)
from digest.subscriptions import Evidence, Step, Subscription, Taken, Transition, transition

_COLUMNS: Final = ("standing", "generation", "wishes", "since", "paused_until", "ended_at", "ended_reason")


async def write(connection: AsyncConnection, transitions: Sequence[Transition], now: datetime) -> int:
    """Write transitions, at most one for each subscriber; returns how many. The rows must be locked."""
    if not transitions:
        return 0
    note_endings(connection, entries_of(transitions))
    await _write_rows(connection, transitions)
    ended = [t.before for t in transitions if t.before and t.before.live and not t.after.live]
    if ended:
        await skip_planned(connection, [one.subscriber for one in ended], now)
        await _drop_requests(connection, ended)
    wished = {t.after.subscriber: t.after.wishes for t in transitions if _wishes_differ(t)}
    if wished:
        await keep_watches(connection, wished)
    rows = [step_row(t.after.subscriber, taken) for t in transitions for taken in t.history]
    await connection.execute(insert(subscription_steps), rows)
    await _write_addresses(connection, transitions, now)  # after the steps: erasing reads their words too
    return len(transitions)


async def take_many(
    connection: AsyncConnection,
    before: Iterable[Subscription],
    step: Step,
    evidence: Evidence,
    *,
    now: datetime,
    bulk: int | None = None,
) -> int:
    """Take a step of many subscriptions, where it is possible; returns how many. The rows must be locked."""
    decided = [transition(one, step, evidence, now, bulk=bulk) for one in before]
    return await write(connection, [one for one in decided if one is not None], now)


async def _write_rows(connection: AsyncConnection, transitions: Sequence[Transition]) -> None:
    new = [{"subscriber_id": t.after.subscriber, **_row(t.after)} for t in transitions if t.before is None]
    if new:
        await connection.execute(insert(subscriptions), new)
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for t in transitions:
        if t.before is not None and (changed := _changed(t.before, t.after)):
            alike[changed].append(t.after.subscriber)
    for changed, ids in alike.items():
        values = {name: WISHES.dump(value) if name == "wishes" else value for name, value in changed}
        own = subscriptions.c.subscriber_id.in_(ids)
        await connection.execute(update(subscriptions).where(own).values(values))


def _changed(before: Subscription, after: Subscription) -> tuple[tuple[str, Any], ...]:
    values = ((name, getattr(after, name)) for name in _COLUMNS)
    return tuple((name, value) for name, value in values if value != getattr(before, name))


def _row(one: Subscription) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _COLUMNS} | {"wishes": WISHES.dump(one.wishes)}


def _wishes_differ(t: Transition) -> bool:
    return bool(t.after.wishes.watched) if t.before is None else t.before.wishes != t.after.wishes


async def _write_addresses(
    connection: AsyncConnection, transitions: Sequence[Transition], now: datetime
) -> None:
    for one in (t.after for t in transitions if t.before and t.before.address != t.after.address):
        if one.address:
            own = subscribers.c.id == one.subscriber
            values = {"address": one.address, "address_key": same_key(one.address)}
            await connection.execute(update(subscribers).where(own).values(values))
    erased = [t.after.subscriber for t in transitions if any(x.step is Step.ERASED for x in t.history)]
    if erased:
        await erase(connection, erased, now)


async def _drop_requests(connection: AsyncConnection, ended: Sequence[Subscription]) -> None:
    """Delete what waits for a confirmation in a generation that ends; a later generation's stays."""
    theirs = [(one.subscriber, one.generation) for one in ended]
    own = tuple_(requests.c.subscriber_id, requests.c.generation).in_(theirs)
    await connection.execute(delete(requests).where(own))


async def skip_planned(connection: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """Skip planned deliveries of ended subscriptions. Workers settle those in batches that they hold."""
    held = (
        select(batches.c.number)
        .where(batches.c.edition_day == deliveries.c.edition_day, batches.c.number == deliveries.c.batch)
        .where(batches.c.owner.is_not(None))
        .exists()
    )
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.subscriber_id.in_(ids), deliveries.c.state.in_(WAITING))
        .where(deliveries.c.carried_to.is_(None), ~held)
        .values(state=State.SKIPPED, settled_at=now, retry_at=None)
    )
    # Somebody who comes back gets what is new from then on.
    await connection.execute(
        delete(kept_days).where(kept_days.c.subscriber_id.in_(ids), kept_days.c.carried_to.is_(None))
    )


def step_row(subscriber: int, taken: Taken) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber,
        "generation": taken.generation,
        "step": taken.step,
        "at": taken.at,
        "channel": taken.evidence.channel,
        "wording": taken.evidence.wording,
        "origin": taken.evidence.origin,
        "by": taken.evidence.by,
        "bulk_id": taken.bulk,
        "before": taken.before,
        "until": taken.until,
    }


def taken_of(row: Any) -> Taken:
    return Taken(
        generation=row["generation"],
        step=row["step"],
        at=row["at"],
        evidence=Evidence(channel=row["channel"], wording=row["wording"], origin=row["origin"], by=row["by"]),
        before=row["before"],
        until=row["until"],
        bulk=row["bulk_id"],
    )
