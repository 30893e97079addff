"""Restores: a backup takes the place of the state, and nobody who has left since comes back with it.

A state whose file was copied back by hand is found when it is opened (`reconcile`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Table, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.deliveries import WAITING, Pause, State
from digest.errors import KeyChanged
from digest.store.backup import Backup, Progress, fill, set_counters
from digest.store.database import Database, insert_new
from digest.store.dropped_since import Dropped, drop_again, dropped_since
from digest.store.endings import Differs, Entry, latest_entries
from digest.store.members.after_restore import EndedAgain, end_again
from digest.store.members.known_endings import known_endings
from digest.store.members.sealed_addresses import delete_sealed, mark_of
from digest.store.providers import mark_register
from digest.store.sending import batches
from digest.store.sending.controls import row_of
from digest.store.tables import ItemState, items, letters, metadata, pauses, sources, subscribers
from digest.tokens import Seal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore found beside the backup."""

    again: EndedAgain
    unknown_since: datetime | None  # who left after this instant is not known; None: all are known
    end_in_doubt: bool  # the record of endings is whole as far as it shows, but may have lost its end
    letters: int  # letters that waited, which may have been sent since and are not sent again
    dropped: int  # suppressed and departed addresses of a key that is lost
    withheld: tuple[Dropped, ...] = ()  # stories that operators dropped since, and that are dropped again
    found_since: tuple[Dropped, ...] = ()  # and those that the backup does not have


async def restore(
    database: Database,
    backup: Backup,
    pause: Pause,
    progress: Progress,
    *,
    seal: Seal,
    nothing_since: bool = False,
    drop_sealed: bool = False,
) -> Restored:
    """Replace the whole state by a backup and switch sending off, in one transaction.

    What ended after the backup, by the record of endings, ends again. If operators had still to say who left,
    they have to say it of the restored state. Deliveries that workers held when the
    backup was taken become unknown, because the workers' journals are not in it, and so do letters that
    waited: they may have been sent since. `nothing_since` says that nothing happened after the backup.

    A pause in the backup stays, with `pause.in_doubt`. `KeyChanged` if the backup or the record is of another
    key, unless `drop_sealed`: that key is lost, and what it sealed is dropped.
    """
    foreign = backup.sealed > 0 and backup.mark not in (None, mark_of(seal))
    if foreign and not drop_sealed:
        raise KeyChanged(backup.sealed, _DROP_WITH)
    database.endings.seal = seal
    async with database.write() as connection:
        record = await _record(database, connection, backup, seal, drop_sealed=drop_sealed)
        doubted_since = record.unknown_since(backup, pause.since)
        # What operators were asked about the state that is replaced is not answered by replacing it.
        asked_before = await connection.scalar(select(pauses.c.unknown_since))
        known = [] if nothing_since else [one for one in (doubted_since, asked_before) if one is not None]
        unknown_since = min(known, default=None)
        given = await _given(connection)
        dropped_then = () if nothing_since else await dropped_since(connection, backup.taken_at)
        for table in reversed(metadata.sorted_tables):
            if not table.info.get("outlives restores"):
                await connection.execute(delete(table))
        await fill(connection, backup, progress)
        dropped = await delete_sealed(connection) if foreign else 0
        doubted = 0
        if not nothing_since:
            await _skip_given_numbers(connection, given, pause.since)
            doubted = await _doubt_letters(connection, pause.since)
        await _hold_back(connection, pause, unknown_since)
        again = await end_again(connection, latest_entries(record.entries), seal, pause.since)
        await mark_register(connection)
        await set_counters(connection)
        found_since = await drop_again(connection, dropped_then, pause.since)
        attested = record.whole and unknown_since is None and backup.endings_place
        await database.endings.take_over(connection, attested.octets if attested else None)
    return Restored(
        again=again,
        unknown_since=unknown_since,
        end_in_doubt=record.whole and doubted_since is not None,
        letters=doubted,
        dropped=dropped,
        withheld=tuple(one for one in dropped_then if one not in found_since),
        found_since=found_since,
    )


_DROP_WITH: Final = "digest restore --unsuppress-all"

_OVERLAP: Final = 10_000
"""Rows of the record before a backup that are read again: their transactions may have been under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """The record of endings that a restore found."""

    entries: list[Entry]  # also what the state that is replaced knows, if the record may lack something
    whole: bool  # it is of the backup's state, and from the backup to its end nothing in it is damaged
    attested: bool  # the state that is replaced knows that its end is not lost

    def unknown_since(self, backup: Backup, now: datetime) -> datetime | None:
        """The instant after which it is not known who left; None if all are known."""
        if self.whole and self.attested:
            return None
        last = (one.at for one in reversed(self.entries) if one.at is not None)
        return min(max(backup.taken_at, next(last, backup.taken_at)), now) if self.whole else backup.taken_at


async def _record(
    database: Database, connection: AsyncConnection, backup: Backup, seal: Seal, *, drop_sealed: bool
) -> _Record:
    """Look at the record before the state is replaced. It begins here if there is none of our key.

    If it may lack something, it takes over what the state knows.
    """
    record = database.endings
    name, mark = await record.name(connection), mark_of(seal)
    foreign = name is not None and not name.endswith(mark)
    if foreign and not drop_sealed:
        raise KeyChanged(len({one.seal for one in await record.read(connection) if one.ends}), _DROP_WITH)
    differs, known = await record.compare(connection), await record.mark(connection)
    await record.open(connection, mark)
    place, rows = backup.endings_place, backup.endings_noted
    ours = name is not None and not foreign and name == backup.endings and differs is not Differs.CUT
    whole = ours and await record.covers(connection, place, rows, backup.endings_last)
    since = (place.octets if place else max(rows - _OVERLAP, 0)) if whole else 0
    told = [] if whole else await known_endings(connection, seal, mark)
    await record.add(connection, told)
    return _Record(
        entries=told if foreign else await record.read(connection, since),
        whole=whole,
        attested=place is None
        or (differs in (None, Differs.AHEAD) and known is not None and known.known_from <= place.octets),
    )


class Reconciled(StrEnum):
    """What had to be done about a state and a record that did not fit together, as operators are told."""

    AHEAD = (
        "the database is older than its record of endings: an old copy of it is in use. Who has left since, "
        "by the record, has ended again; what else is lost is as after `digest restore`, and sending is off"
    )
    CUT = (
        "the record of endings beside the database is missing, an old copy, or has lost lines. If the "
        "database is an old copy too, who left since is not known: sending is off until an operator has said"
    )


async def reconcile(database: Database, seal: Seal, pause: Pause) -> Reconciled | None:
    """Compare a state with its record of endings, and mend what does not fit; None if they fit together.

    A state that is older than its record is treated as if it had been restored by `restore`. If the record
    is older than the state, a new one begins with what the state knows, and sending is off until operators
    say that nobody is missing.
    """
    async with database.write() as connection:  # nobody else writes meanwhile
        differs = await database.endings.compare(connection)
        done: Reconciled | None = None
        match differs:
            case None:
                pass
            case Differs.UNMARKED:
                await _meet(database, connection, seal, pause.since)
            case Differs.AHEAD:
                await _catch_up(database, connection, seal, pause)
                done = Reconciled.AHEAD
            case Differs.CUT:
                await _begin_anew(database, connection, seal, pause)
                done = Reconciled.CUT
    if done:
        log.error("%s", done)
    return done


async def _meet(database: Database, connection: AsyncConnection, seal: Seal, now: datetime) -> None:
    """Take the record over for a state that has none. A new state learns from it whom it may not write to."""
    somebody = (await connection.execute(select(subscribers.c.id).limit(1))).first()
    if somebody is None:
        entries = await database.endings.read(connection)
        await end_again(connection, latest_entries(entries), seal, now)
    await database.endings.take_over(connection, None)


async def _catch_up(database: Database, connection: AsyncConnection, seal: Seal, pause: Pause) -> None:
    mark = await database.endings.mark(connection)
    assert mark is not None
    entries = await database.endings.read(connection, mark.place.octets)
    await _skip_given_numbers(connection, {}, pause.since)
    await _doubt_letters(connection, pause.since)
    await _hold_back(connection, replace(pause, why=_OLD_COPY), None)
    await end_again(connection, latest_entries(entries), seal, pause.since)
    await set_counters(connection)
    await database.endings.take_over(connection, mark.known_from)


async def _begin_anew(database: Database, connection: AsyncConnection, seal: Seal, pause: Pause) -> None:
    mark = await database.endings.mark(connection)
    since = mark.at if mark and mark.at else pause.since
    entries = await database.endings.read(connection)
    later = (one for one in entries if one.at is not None and one.at > since)  # of another copy's life
    await _hold_back(connection, replace(pause, why=_OLD_RECORD, in_doubt=None), since)
    await end_again(connection, latest_entries(later), seal, pause.since)
    await database.endings.open(connection, key := mark_of(seal), anew=True)
    await database.endings.add(connection, await known_endings(connection, seal, key))
    await database.endings.take_over(connection, None)


_OLD_COPY: Final = "the database is an old copy: it is older than its record of endings"
_OLD_RECORD: Final = "the record of endings is older than the database, or has lost lines"


async def _hold_back(connection: AsyncConnection, pause: Pause, unknown_since: datetime | None) -> None:
    doubts = {"in_doubt": pause.in_doubt, "until": None, "unknown_since": unknown_since}
    # A backup of a restored state may itself not know who left; that stays.
    own = func.coalesce(pauses.c.unknown_since, literal(unknown_since, pauses.c.unknown_since.type))
    paused = await connection.execute(update(pauses).values(doubts | {"unknown_since": own}))
    if paused.rowcount == 0:
        await connection.execute(insert(pauses).values(row_of(pause) | doubts))
    await batches.release_all(connection, pause.since)


_NUMBERS_SKIPPED: Final = 1_000_000
"""More than are given between a backup and its restore."""

_NO_SOURCE: Final = "restored"
"""Of the item that stands for the numbers that are skipped: no command on a source deletes it."""


async def _skip_given_numbers(connection: AsyncConnection, before: dict[Table, int], now: datetime) -> None:
    """Take numbers far above the restored ones, so that what is new gets none that was given before.

    They have left the house. Links name a subscriber: an old one must not open the subscription of somebody
    who joins now. Return paths name a letter: a late bounce must not count for another one. The Message-ID of
    an alert is made from its item: a mailbox that knows it already would drop the alert.

    `before` are the numbers in the state that was replaced, which may be one that was restored from the same
    backup.
    """
    above = {
        table: max(most + _NUMBERS_SKIPPED, before.get(table, 0) + 1)
        for table, most in (await _given(connection)).items()
    }
    number = above[subscribers]
    nobody = {"id": number, "address": "", "address_key": f"restored {number}", "created_at": now}
    await connection.execute(insert(subscribers).values(nobody))
    number = above[letters]
    nothing: dict[str, Any] = {"key": f"restored {number}", "kind": "restored", "address": "", "content": {}}
    times = dict.fromkeys(("created_at", "expires_at", "ready_at", "settled_at"), now)
    done = {"id": number, "state": State.SKIPPED, "attempts": 0, "fence": 0}
    await connection.execute(insert(letters).values(nothing | times | done))
    source = {"id": _NO_SOURCE, "next_poll_at": now, "failures": 0, "refused": False, "slow": 0}
    await connection.execute(insert_new(connection, sources).values(source))
    pruned = {"state": ItemState.BASELINE, "fingerprint": "", "first_seen_at": now, "pruned_at": now}
    pruned |= {"id": above[items], "source_id": _NO_SOURCE, "attempts": 0, "shadow": False}
    await connection.execute(insert(items).values(pruned))


async def _given(connection: AsyncConnection) -> dict[Table, int]:
    """The highest number in each table whose numbers leave the house."""
    found = {}
    for table in (subscribers, letters, items):
        most = (await connection.execute(select(func.coalesce(func.max(table.c.id), 0)))).scalar_one()
        found[table] = int(most)
    return found


async def _doubt_letters(connection: AsyncConnection, now: datetime) -> int:
    """Let the letters that wait be unknown; how many they are."""
    waiting = update(letters).where(letters.c.state.in_(WAITING))
    return (await connection.execute(waiting.values(state=State.UNKNOWN, settled_at=now))).rowcount
