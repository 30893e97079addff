"""After a restore: what ended since the backup ends again, from the record of endings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import suppression_keys
from digest.store.database import insert_new
from digest.store.endings import Entry, LatestEntries, What
from digest.store.members.rows import CHUNK, locked
from digest.store.members.steps import write
from digest.store.tables import departures, subscribers, subscriptions, suppressions
from digest.subscriptions import AGREED, Channel, Evidence, Step, Transition, transition
from digest.tokens import Seal

_WORDING: Final = "this happened after the backup that was restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedAgain:
    """What was taken from the record of endings, and what cannot be."""

    ended: Counter[str]  # subscriptions, by how they ended
    suppressed: int
    departed: int  # departures that the backup did not have
    lost: int  # people who joined, came back or changed their address since: they are not subscribed


async def end_again(
    connection: AsyncConnection, latest: LatestEntries, seal: Seal, now: datetime
) -> EndedAgain:
    """Apply the latest entries of the record to a restored state, within its transaction.

    A person who ended and is not in the state, or ended again after what it knows, has departed: no import
    and no undoing may bring them back.
    """
    ended: Counter[str] = Counter()
    agreed = {key for key, entry in latest.subscriptions.items() if entry.what == What.AGREED}
    gone = {key: entry for key, entry in latest.subscriptions.items() if entry.what in _GONE}
    after = 0
    while True:
        query = select(
            subscribers.c.id, subscribers.c.address_key, subscriptions.c.standing, subscriptions.c.ended_at
        )
        query = query.join_from(subscribers, subscriptions).where(subscribers.c.address != "")
        query = query.where(subscribers.c.id > after).order_by(subscribers.c.id).limit(CHUNK)
        rows = (await connection.execute(query)).all()
        if not rows:
            break
        after = rows[-1].id
        seals = {row.id: seal(row.address_key) for row in rows}
        agreed -= {seals[row.id] for row in rows if row.standing in AGREED}
        for row in rows:
            entry = gone.get(seals[row.id])
            if entry is not None and entry.what != What.MOVED and not _ended_later(entry, row.ended_at):
                del gone[seals[row.id]]
        said = {
            row.id: one for row in rows if (one := _said_of(row.address_key, seals[row.id], latest, seal))
        }
        ended += await _end(connection, said, now)
    return EndedAgain(
        ended=ended,
        suppressed=await _suppress(connection, latest),
        departed=await _depart(connection, latest, gone, now),
        lost=len(agreed),
    )


_GONE: Final = frozenset({Step.REMOVED, Step.BOUNCED, What.MOVED})
"""What no entry of a departure goes with; one does with the endings that the subscriber wanted."""


def _ended_later(entry: Entry, ended_at: datetime | None) -> bool:
    """Whether somebody who is ended in the state came back since and ended by an entry of the record."""
    return entry.at is not None and ended_at is not None and entry.at > ended_at


def _said_of(key: str, sealed: str, latest: LatestEntries, seal: Seal) -> Entry | None:
    """The latest entry on an address. An erasure that only its departure tells of has that one's seal."""
    entry, own = latest.subscriptions.get(sealed), suppression_keys(key)[0]
    if entry is not None or own == key:
        return entry
    entry = latest.subscriptions.get(seal(own))
    return entry if entry is not None and entry.what == Step.ERASED else None


async def _end(connection: AsyncConnection, said: dict[int, Entry], now: datetime) -> Counter[str]:
    meant = {id: entry for id, entry in said.items() if entry.what != What.AGREED}
    evidence = Evidence(channel=Channel.SERVICE, wording=_WORDING)
    decided: list[Transition] = []
    ended: Counter[str] = Counter()
    for one in await locked(connection, list(meant)):
        entry = meant[one.subscriber]
        # Where a move went is not known, and mail to the old address is not wanted any more. The state did
        # not have it any more either: its owner may have been erased since, at the new address.
        step = Step.ERASED if entry.what == What.MOVED else Step(entry.what)
        done = transition(one, step, evidence, entry.at or now)
        if done is not None:
            decided.append(done)
            ended[entry.what] += 1
    await write(connection, decided, now)
    return ended


async def _suppress(connection: AsyncConnection, latest: LatestEntries) -> int:
    new = 0
    for key, entry in latest.suppressed.items():
        if entry.what == What.SUPPRESSED:
            row = {"seal": key, "why": f"suppressed: {_WORDING}", "since": entry.at, "by": "restore"}
            added = insert_new(connection, suppressions).values(row).returning(suppressions.c.seal)
            new += (await connection.execute(added)).first() is not None
    return new


async def _depart(
    connection: AsyncConnection, latest: LatestEntries, gone: dict[str, Entry], now: datetime
) -> int:
    new = 0
    for key, entry in (latest.departed | gone).items():
        if key in latest.subscriptions and latest.subscriptions[key].what == What.AGREED:
            continue  # they came back
        added = insert_new(connection, departures).values(seal=key, since=entry.at or now)
        new += (await connection.execute(added.returning(departures.c.seal))).first() is not None
    return new
