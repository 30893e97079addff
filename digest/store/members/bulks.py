"""Bulks: one operator's action on many subscriptions, in chunks of one transaction each, and its undoing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import same_key
from digest.store.database import Database, insert_new
from digest.store.members.browse import selected
from digest.store.members.rows import CHUNK, locked
from digest.store.members.sealed_addresses import add_departures, sealed_among
from digest.store.members.steps import take_many, taken_of, write
from digest.store.tables import (
    bulks,
    departures,
    subscribers,
    subscription_steps,
    subscriptions,
    suppressions,
)
from digest.subscriptions import (
    DEPARTURES,
    Bulk,
    Channel,
    Entry,
    Evidence,
    Newcomer,
    Selection,
    Standing,
    Step,
    Transition,
    begun,
    joined,
    restored,
)
from digest.tokens import Seal


class SqlBulks:
    """Bulks: ending and importing many subscriptions, and undoing that.

    The history notes each step with its bulk's number. The command line alone uses it, so no port names it.
    """

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def open(self, *, what: str, by: str, why: str, now: datetime) -> int:
        """Store a new bulk, with the operator's name and reason; returns its number."""
        row = {"what": what, "at": now, "by": by, "why": why}
        async with self._database.write() as connection:
            made = await connection.execute(insert(bulks).values(row).returning(bulks.c.id))
            return int(made.scalar_one())

    async def get(self, bulk: int) -> Bulk | None:
        return next(iter(await self._found(bulks.c.id == bulk)), None)

    async def all(self) -> list[Bulk]:
        """Every bulk, the oldest first."""
        return await self._found()

    # -- ending --------------------------------------------------------------------------------------

    async def end(
        self, bulk: int, selection: Selection, step: Step, evidence: Evidence, *, now: datetime, after: int
    ) -> tuple[int, int] | None:
        """End the next chunk of the selected subscriptions, those with numbers above `after`.

        Returns the last subscriber number of the chunk and how many subscriptions ended; None when no
        subscription is left.
        """
        which = selected(selection) & (subscriptions.c.subscriber_id > after)
        which &= subscribers.c.address != ""
        if step is not Step.ERASED:
            which &= subscriptions.c.standing != Standing.ENDED
        query = select(subscriptions.c.subscriber_id).join_from(subscriptions, subscribers).where(which)
        async with self._database.write() as connection:
            ids = (await connection.execute(query.order_by(subscribers.c.id).limit(CHUNK))).scalars().all()
            if not ids:
                return None
            meant = await locked(connection, ids)
            if step in DEPARTURES:
                await add_departures(connection, self._seal, [one.address for one in meant], now)
            return ids[-1], await take_many(connection, meant, step, evidence, now=now, bulk=bulk)

    # -- importing -----------------------------------------------------------------------------------

    async def preview(self, newcomers: Sequence[Newcomer]) -> Counter[Entry]:
        """What `add_newcomers` would make of the newcomers, as counts; writes nothing."""
        async with self._database.read() as connection:
            entries = await self._entries(connection, newcomers)
        return Counter(entries.get(same_key(one.address), Entry.NEW) for one in newcomers)

    async def add_newcomers(
        self, bulk: int, newcomers: Sequence[Newcomer], step: Step, evidence: Evidence, *, now: datetime
    ) -> tuple[Counter[Entry], list[int]]:
        """Import one chunk of newcomers, by `Step.ASKED` or `Step.CONFIRMED`, in one transaction.

        An address that is stored (subscribed, pending or ended), that departed, or that is suppressed is left
        as it is. Returns what became of the newcomers, as counts, and the numbers of the new subscribers.
        """
        async with self._database.write() as connection:
            entries = await self._entries(connection, newcomers)
            # By key: a mailbox joins once, even if several lines of a list name it.
            fresh = {key: one for one in newcomers if (key := same_key(one.address)) not in entries}
            made = await _new_subscribers(connection, fresh, now) if fresh else {}
            asked = [
                begun(id, fresh[key].address.strip(), fresh[key].wishes, now) for key, id in made.items()
            ]
            decided = [joined(None, one, step, evidence, bulk=bulk) for one in asked]
            await write(connection, [one for one in decided if one is not None], now)
        # Another transaction has stored these addresses since: they are known, and left as they are.
        entries |= dict.fromkeys(fresh.keys() - made.keys(), Entry.KNOWN)
        counted = Counter(entries.get(same_key(one.address), Entry.NEW) for one in newcomers)
        return counted, list(made.values())

    async def _entries(self, connection: AsyncConnection, newcomers: Sequence[Newcomer]) -> dict[str, Entry]:
        """By address key, those of the newcomers who are not new."""
        keys = [same_key(one.address) for one in newcomers]
        query = (
            select(subscribers.c.address_key, subscriptions.c.standing)
            .outerjoin_from(subscribers, subscriptions)
            .where(subscribers.c.address_key.in_(keys))
        )
        found = {
            row.address_key: Entry.ENDED if row.standing is Standing.ENDED else Entry.KNOWN
            for row in await connection.execute(query)
        }
        gone = await sealed_among(connection, departures, self._seal, keys)
        never = await sealed_among(connection, suppressions, self._seal, keys)
        return dict.fromkeys(gone, Entry.ENDED) | found | dict.fromkeys(never, Entry.SUPPRESSED)

    # -- undoing -------------------------------------------------------------------------------------

    async def undo(
        self, bulk: int, evidence: Evidence, *, now: datetime, after: int
    ) -> tuple[int, Mapping[str, int]] | None:
        """Undo the next chunk of a bulk's steps, those with ids above `after`.

        Only a subscription that has not changed since its step is changed. Returns the last step id of the
        chunk and how many steps had each result (`RESTORED` and the like). None when no step is left: then
        the bulk is marked as undone.
        """
        own = (subscription_steps.c.bulk_id == bulk) & (subscription_steps.c.id > after)
        own &= subscription_steps.c.step.in_(_UNDONE)
        query = select(subscription_steps).where(own).order_by(subscription_steps.c.id).limit(CHUNK)
        async with self._database.write() as connection:
            steps = (await connection.execute(query)).mappings().all()
            if not steps:
                await connection.execute(update(bulks).where(bulks.c.id == bulk).values(undone_at=now))
                return None
            return steps[-1]["id"], await self._undone(connection, bulk, steps, evidence, now)

    async def _undone(
        self,
        connection: AsyncConnection,
        bulk: int,
        steps: Sequence[Any],
        evidence: Evidence,
        now: datetime,
    ) -> Counter[str]:
        people = await locked(connection, [step["subscriber_id"] for step in steps])
        newest = await _newest(connection, [one.subscriber for one in people])
        # By subscriber, the bulk's step, if nothing has changed the subscription since.
        left = {step["subscriber_id"]: step for step in steps if newest[step["subscriber_id"]] == step["id"]}
        as_left = [one for one in people if one.subscriber in left]
        joiners = [one for one in as_left if left[one.subscriber]["step"] in _JOINED]
        ended = [one for one in as_left if left[one.subscriber]["step"] not in _JOINED]
        done: Counter[str] = Counter({CHANGED: len(steps) - len(left)})
        done[REMOVED] = await take_many(connection, joiners, Step.ERASED, evidence, now=now, bulk=bulk)
        keys = [same_key(one.address) for one in ended]
        never = await sealed_among(connection, suppressions, self._seal, keys)
        left_since = await sealed_among(connection, departures, self._seal, keys)
        decided: list[Transition] = []
        for one in ended:
            back = restored(one, taken_of(left[one.subscriber]), evidence, now)
            if not one.address:
                done[FORGOTTEN] += 1
            elif back is None:
                done[UNCONFIRMED] += 1
            elif same_key(one.address) in never:
                done[SUPPRESSED] += 1
            elif same_key(one.address) in left_since:
                done[LEFT_SINCE] += 1
            else:
                decided.append(back)
        done[RESTORED] = await write(connection, decided, now)
        return done

    async def _found(self, *which: ColumnElement[bool]) -> list[Bulk]:
        async with self._database.read() as connection:
            rows = (await connection.execute(select(bulks).where(*which).order_by(bulks.c.id))).mappings()
            return [Bulk(**row) for row in rows]


RESTORED: Final = "restored"
"""This and the six below: what undoing a bulk makes of a subscription, in words for operators."""
REMOVED: Final = "removed again"
CHANGED: Final = "changed since, left as they are"
UNCONFIRMED: Final = "had never confirmed, so they stay ended"
FORGOTTEN: Final = "forgotten since"
SUPPRESSED: Final = "suppressed since"
LEFT_SINCE: Final = "had left, by the record of endings"

_JOINED: Final = (Step.ASKED, Step.CONFIRMED)
_UNDONE: Final = (*_JOINED, Step.REMOVED)


async def _new_subscribers(
    connection: AsyncConnection, fresh: Mapping[str, Newcomer], now: datetime
) -> dict[str, int]:
    """Insert subscribers; returns their ids by address key, without keys that are stored already."""
    rows = [
        {"address": one.address.strip(), "address_key": key, "created_at": now} for key, one in fresh.items()
    ]
    new = insert_new(connection, subscribers).values(rows)
    made = await connection.execute(new.returning(subscribers.c.id, subscribers.c.address_key))
    return {row.address_key: row.id for row in made}


async def _newest(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, int]:
    """The id of each subscriber's latest step.

    The step that notes an import's letter does not count: that letter asks again and changes nothing.
    """
    query = select(subscription_steps.c.subscriber_id, subscription_steps.c.id)
    letter = (subscription_steps.c.step == Step.ASKED) & (subscription_steps.c.channel == Channel.IMPORT)
    query = query.where(~(letter & subscription_steps.c.bulk_id.is_(None)))
    query = query.where(subscription_steps.c.subscriber_id.in_(ids)).order_by(subscription_steps.c.id)
    return {row.subscriber_id: row.id for row in await connection.execute(query)}
