"""Actions on many subscriptions at once, a chunk to a transaction, and taking them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import same_key
from digest.store.codec import WISHES
from digest.store.database import Database, insert_new
from digest.store.members.browse import selected
from digest.store.members.sealed_addresses import depart, sealed_among
from digest.store.members.steps import CHUNK, locked, note, step_row, take_many
from digest.store.members.watches import watch_rows
from digest.store.tables import (
    bulks,
    departures,
    subscribers,
    subscription_steps,
    subscriptions,
    suppressions,
    watches,
)
from digest.subscriptions import (
    AGREED,
    DEPARTURES,
    Bulk,
    Channel,
    Entry,
    Evidence,
    Newcomer,
    Selection,
    Standing,
    Step,
    Taken,
)
from digest.tokens import Seal


class SqlBulks:
    """`ports.BulkStore` on SQL."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def open(self, *, what: str, by: str, why: str, now: datetime) -> int:
        row = {"what": what, "at": now, "by": by, "why": why}
        async with self._database.write() as connection:
            made = await connection.execute(insert(bulks).values(row).returning(bulks.c.id))
            return int(made.scalar_one())

    async def get(self, bulk: int) -> Bulk | None:
        return next(iter(await self._found(bulks.c.id == bulk)), None)

    async def all(self) -> list[Bulk]:
        return await self._found()

    # -- ending --------------------------------------------------------------------------------------

    async def end(
        self, bulk: int, selection: Selection, step: Step, evidence: Evidence, *, now: datetime, after: int
    ) -> tuple[int, int] | None:
        which = selected(selection) & (subscriptions.c.subscriber_id > after)
        which &= subscribers.c.address != ""
        if step is not Step.ERASED:
            which &= subscriptions.c.standing != Standing.ENDED
        query = select(subscriptions.c.subscriber_id).join_from(subscriptions, subscribers).where(which)
        async with self._database.write() as connection:
            ids = (await connection.execute(query.order_by(subscribers.c.id).limit(CHUNK))).scalars().all()
            if not ids:
                return None
            rows = await locked(connection, ids)
            if step in DEPARTURES:
                await depart(connection, self._seal, (await _addresses(connection, ids)).values(), now)
            return ids[-1], await take_many(connection, rows, step, evidence, now=now, bulk=bulk)

    # -- importing -----------------------------------------------------------------------------------

    async def foresee(self, newcomers: Sequence[Newcomer]) -> Counter[Entry]:
        async with self._database.read() as connection:
            entries = await self._entries(connection, newcomers)
        return Counter(entries.get(same_key(one.address), Entry.NEW) for one in newcomers)

    async def take_in(
        self, bulk: int, newcomers: Sequence[Newcomer], step: Step, evidence: Evidence, *, now: datetime
    ) -> tuple[Counter[Entry], list[int]]:
        async with self._database.write() as connection:
            entries = await self._entries(connection, newcomers)
            fresh = {
                key: one for one in newcomers if (key := same_key(one.address)) not in entries
            }  # one mailbox once
            made = await _begin(connection, fresh, now) if fresh else {}
            if made:
                standing = Standing.ACTIVE if step is Step.CONFIRMED else Standing.PENDING
                taken = Taken(generation=1, step=step, at=now, evidence=evidence, bulk=bulk)
                await connection.execute(
                    insert(subscriptions),
                    [_first(id, fresh[key].wishes, standing, now) for key, id in made.items()],
                )
                watching = [row for key, id in made.items() for row in watch_rows(id, fresh[key].wishes)]
                if watching:
                    await connection.execute(insert(watches), watching)
                rows = [step_row(id, taken) for id in made.values()]
                await connection.execute(insert(subscription_steps), rows)
        # Who came by another way in this very moment is known, and left as is.
        entries |= dict.fromkeys(fresh.keys() - made.keys(), Entry.KNOWN)
        counted = Counter(entries.get(same_key(one.address), Entry.NEW) for one in newcomers)
        return counted, list(made.values())

    async def _entries(self, connection: AsyncConnection, newcomers: Sequence[Newcomer]) -> dict[str, Entry]:
        """Those who are not new, by their address's key."""
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

    # -- taking back ---------------------------------------------------------------------------------

    async def undo(
        self, bulk: int, evidence: Evidence, *, now: datetime, after: int
    ) -> tuple[int, Mapping[str, int]] | None:
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
        rows = {
            row["subscriber_id"]: row
            for row in await locked(connection, [step["subscriber_id"] for step in steps])
        }
        newest = await _newest(connection, list(rows))
        as_left = [step for step in steps if newest.get(step["subscriber_id"]) == step["id"]]
        done: Counter[str] = Counter({CHANGED: len(steps) - len(as_left)})
        joined = [rows[step["subscriber_id"]] for step in as_left if step["step"] in _JOINED]
        done[REMOVED] = await take_many(connection, joined, Step.ERASED, evidence, now=now, bulk=bulk)
        ended = [step for step in as_left if step["step"] not in _JOINED]
        addresses = await _addresses(connection, [step["subscriber_id"] for step in ended])
        never = await self._entries(
            connection, [Newcomer(address=a, wishes=WISHES.load({})) for a in addresses.values()]
        )
        for step in ended:
            id = step["subscriber_id"]
            address = addresses.get(id, "")
            if step["before"] not in AGREED or not address:
                done[FORGOTTEN if not address else UNCONFIRMED] += 1
            elif never.get(same_key(address)) is Entry.SUPPRESSED:
                done[SUPPRESSED] += 1
            else:
                await _restore(connection, rows[id], step, evidence, now)
                done[RESTORED] += 1
        return done

    async def _found(self, *which: ColumnElement[bool]) -> list[Bulk]:
        async with self._database.read() as connection:
            rows = (await connection.execute(select(bulks).where(*which).order_by(bulks.c.id))).mappings()
            return [Bulk(**row) for row in rows]


RESTORED: Final = "restored"
"""What taking an action back makes of each that it touched."""
REMOVED: Final = "removed again"
CHANGED: Final = "changed since, left as they are"
UNCONFIRMED: Final = "had never confirmed, so they stay ended"
FORGOTTEN: Final = "forgotten since"
SUPPRESSED: Final = "suppressed since"

_JOINED: Final = (Step.ASKED, Step.CONFIRMED)
_UNDONE: Final = (*_JOINED, Step.REMOVED)


async def _begin(connection: AsyncConnection, fresh: Mapping[str, Newcomer], now: datetime) -> dict[str, int]:
    """New subscribers; their ids by key. One whom somebody else wrote first is left out."""
    rows = [
        {"address": one.address.strip(), "address_key": key, "created_at": now} for key, one in fresh.items()
    ]
    new = insert_new(connection, subscribers).values(rows)
    made = await connection.execute(new.returning(subscribers.c.id, subscribers.c.address_key))
    return {row.address_key: row.id for row in made}


def _first(subscriber: int, wishes: Any, standing: Standing, now: datetime) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber,
        "standing": standing,
        "generation": 1,
        "wishes": WISHES.dump(wishes),
        "since": now,
    }


async def _newest(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, int]:
    """The last step of each; an import's letter, which asks once more, changes nothing."""
    query = select(subscription_steps.c.subscriber_id, subscription_steps.c.id)
    letter = (subscription_steps.c.step == Step.ASKED) & (subscription_steps.c.channel == Channel.IMPORT)
    query = query.where(~(letter & subscription_steps.c.bulk_id.is_(None)))
    query = query.where(subscription_steps.c.subscriber_id.in_(ids)).order_by(subscription_steps.c.id)
    return {row.subscriber_id: row.id for row in await connection.execute(query)}


async def _addresses(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, str]:
    query = select(subscribers.c.id, subscribers.c.address).where(subscribers.c.id.in_(ids))
    return {row.id: row.address for row in await connection.execute(query)}


async def _restore(
    connection: AsyncConnection, row: Any, step: Any, evidence: Evidence, now: datetime
) -> None:
    """As it was before the step: a pause that it cut short goes on, also one without an end."""
    id, standing, until = row["subscriber_id"], step["before"], step["until"]
    values = {"standing": standing, "paused_until": until, "ended_at": None, "ended_reason": None}
    await connection.execute(update(subscriptions).where(subscriptions.c.subscriber_id == id).values(values))
    restored = Taken(
        generation=row["generation"],
        step=Step.RESTORED,
        at=now,
        evidence=evidence,
        before=Standing.ENDED,
        bulk=step["bulk_id"],
    )
    await note(connection, id, restored)
    if standing is Standing.PAUSED:
        paused = Taken(
            generation=row["generation"],
            step=Step.PAUSED,
            at=now,
            evidence=evidence,
            before=Standing.ACTIVE,
            until=until,
            bulk=step["bulk_id"],
        )
        await note(connection, id, paused)
