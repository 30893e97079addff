"""Endings: who left, was suppressed or erased, kept beside the state, so that no restore revives them.

The record is append-only and holds keyed hashes, never an address. With SQLite it is a file beside the
database, which outlives it; with PostgreSQL a table that no backup holds and no restore empties, because
several machines write it. In the file, an ending is written before the commit and an agreement after it: if a
process dies between the two, a restore ends too many subscriptions and never too few.

A file and a database can be copied back apart, so each knows the other. The state counts the transactions
that note something, and its mark says how long the file was at the last one. Each line has the number of its
transaction, and after the commit there is always a line more. So a file that is shorter than the mark says is
old or cut, and a number above the mark's, whose transaction is known to be committed, shows that the database
is older. One that was under way shows neither.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import same_key
from digest.errors import StoreUnavailable
from digest.store import endings_file
from digest.store.endings_file import Place
from digest.store.tables import endings, endings_marks
from digest.subscriptions import ENDINGS, Step, Transition
from digest.tokens import Seal

P = ParamSpec("P")
T = TypeVar("T")


class What(StrEnum):
    """What an entry says of its address; besides, each step that ends a subscription."""

    OPENED = "opened"  # the record begins; its seal names the record and the key
    AGREED = "agreed"  # a subscription is active again, or new
    MOVED = "moved"  # the subscription has another address now
    DEPARTED = "departed"
    SUPPRESSED = "suppressed"
    ALLOWED = "allowed"  # not suppressed any more
    COMMITTED = "committed"  # the transaction of this number is; of nobody


_AFTER_COMMIT: Final = frozenset({What.AGREED, What.ALLOWED, What.COMMITTED})
_OF_SUBSCRIPTIONS: Final = frozenset({*ENDINGS, What.MOVED, What.AGREED})
_OF_SUPPRESSIONS: Final = frozenset({What.SUPPRESSED, What.ALLOWED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened to an address, and when."""

    what: str  # of `What`, or a step of `ENDINGS`
    seal: str  # the keyed hash of the address; until it is written, the address or its key
    at: datetime | None  # aware, UTC; None: not known, or the record was opened
    is_sealed: bool = False  # whether `seal` is the hash already: the address is not known
    number: int | None = None  # of its transaction; None in a table, and in lines of earlier versions

    @property
    def after_commit(self) -> bool:
        return self.what in _AFTER_COMMIT

    @property
    def ends(self) -> bool:
        """Whether it keeps somebody out."""
        return not self.after_commit and self.what != What.OPENED

    @property
    def committed(self) -> int:
        """The number of the latest transaction that is committed, as far as this entry shows."""
        return (self.number or 0) - (not self.after_commit)


def entries_of(transitions: Iterable[Transition]) -> Iterator[Entry]:
    """What transitions of subscriptions mean for their addresses."""
    for one in transitions:
        before, after, at = one.before, one.after, one.history[-1].at
        if before is not None and before.address and not after.live:
            if before.live and after.ended_reason is not None:
                yield Entry(what=after.ended_reason, seal=before.address, at=at)
            elif not after.address:
                yield Entry(what=Step.ERASED, seal=before.address, at=at)
        moved = before is not None and same_key(before.address) != same_key(after.address)
        if before is not None and moved and after.agreed:
            yield Entry(what=What.MOVED, seal=before.address, at=at)
        if after.agreed and (before is None or moved or not before.agreed):
            yield Entry(what=What.AGREED, seal=after.address, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestEntries:
    """The latest entry on each address of each kind, by the seals of addresses."""

    subscriptions: dict[str, Entry]  # the last ending, move or agreement
    suppressed: dict[str, Entry]
    departed: dict[str, Entry]


def latest_entries(entries: Iterable[Entry]) -> LatestEntries:
    """The latest entries, by number and order: their times are of clocks that may be wrong."""
    latest = LatestEntries(subscriptions={}, suppressed={}, departed={})
    for entry in entries:
        if entry.what == Step.LAPSED:  # what was not confirmed: an earlier ending still stands
            latest.subscriptions.setdefault(entry.seal, entry)
        elif entry.what in _OF_SUBSCRIPTIONS:
            before = latest.subscriptions.get(entry.seal)
            if before is None or (before.number or 0) <= (entry.number or before.number or 0):
                latest.subscriptions[entry.seal] = entry
        elif entry.what in _OF_SUPPRESSIONS:
            latest.suppressed[entry.seal] = entry
        elif entry.what == What.DEPARTED and entry.at is not None:
            latest.departed[entry.seal] = entry
    return latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a state knows of its record in a file."""

    number: int  # of the last transaction that noted something
    place: Place  # the end of the file at that time
    known_from: int  # octets of the file from which on this state knows that nothing is lost
    at: datetime | None  # when the last ending or agreement happened, aware, UTC


class Differs(StrEnum):
    """How a state and its record in a file do not fit together."""

    UNMARKED = "the state knows nothing of the record"
    CUT = "the record is older than the state, or something of it is lost"
    AHEAD = "the state is older than the record"


class Endings:
    """The record of one state."""

    def __init__(self, database: Path | None) -> None:
        """`database` is the file of a state on SQLite; None on PostgreSQL."""
        self.file = database.with_name(f"{database.name}.endings") if database else None
        self._database = database
        self.seal: Seal | None = None

    # -- writing -------------------------------------------------------------------------------------

    async def note(self, connection: AsyncConnection, entries: Sequence[Entry]) -> int | None:
        """Note entries, sealed, before the commit of their transaction; its number, for `committed`.

        With PostgreSQL, that is all. In a file, those that wait for the commit are not written yet; the
        others are on the disk before this returns. `StoreUnavailable` if that fails.
        """
        if not entries:
            return None
        if self.file is None:
            values = [{"what": one.what, "seal": self._sealed(one), "at": one.at} for one in entries]
            await connection.execute(insert(endings), values)
            return None
        mark = await self.mark(connection)
        differs, top = await self._compared(mark)
        number = max(top, mark.number if mark else 0) + 1
        place = await self._append([one for one in entries if not one.after_commit], number)
        if differs in (None, Differs.UNMARKED):  # otherwise the mark stays until `restoring.reconcile`
            at = max((one.at for one in entries if one.at), default=mark.at if mark else None)
            known_from = mark.known_from if mark else place.octets
            await self._set_mark(connection, Mark(number=number, place=place, known_from=known_from, at=at))
        return number

    async def committed(self, entries: Sequence[Entry], number: int) -> None:
        """Write what waited for the commit of a transaction, or that it is committed."""
        if waited := [one for one in entries if one.after_commit]:
            await self._append(waited, number)
        else:
            with suppress(StoreUnavailable):  # everything is written; this line only tells of it
                await self._append([Entry(what=What.COMMITTED, seal="", at=None, is_sealed=True)], number)

    async def open(self, connection: AsyncConnection, mark: str, *, anew: bool = False) -> str:
        """The name of the record, which begins now if there is none yet, or if its key was another.

        `mark` shows the key. `anew` begins it in any case: it is not the one that backups were made beside.
        """
        found = await self.name(connection)
        if anew or found is None or found.partition(" ")[2] != mark:
            found = f"{secrets.token_hex(8)} {mark}"
            await self.add(connection, [Entry(what=What.OPENED, seal=found, at=None, is_sealed=True)])
        return found

    async def add(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        """Note what does not happen now, such as what a state knew before its record began."""
        if self.file is None:
            await self.note(connection, entries)
        elif entries:
            await self._append(entries, None)

    async def take_over(self, connection: AsyncConnection, known_from: int | None) -> None:
        """Mark the record as it is now as the state's own; `known_from` is its end if it is None."""
        if self.file is None:
            return
        place = await self._append([], None)
        entries = await self.read(connection)
        number = max((one.number or 0 for one in entries), default=0)
        at = next((one.at for one in reversed(entries) if one.at), None)
        known_from = place.octets if known_from is None else known_from
        await self._set_mark(connection, Mark(number=number, place=place, known_from=known_from, at=at))

    def _sealed(self, entry: Entry) -> str:
        if entry.is_sealed:
            return entry.seal
        assert self.seal is not None  # set before anything about people is written
        return self.seal(entry.seal)

    async def _append(self, entries: Sequence[Entry], number: int | None) -> Place:
        lines = "".join(
            json.dumps([one.at.isoformat() if one.at else None, one.what, self._sealed(one), number]) + "\n"
            for one in entries
        )
        assert self.file is not None
        assert self._database is not None
        return await self._in_thread(endings_file.append, self.file, self._database, lines)

    async def _set_mark(self, connection: AsyncConnection, mark: Mark) -> None:
        row = {"id": 1, "number": mark.number, "octets": mark.place.octets, "last": mark.place.last}
        row |= {"known_from": mark.known_from, "at": mark.at}
        await connection.execute(delete(endings_marks))
        await connection.execute(insert(endings_marks).values(row))

    # -- reading -------------------------------------------------------------------------------------

    async def name(self, connection: AsyncConnection) -> str | None:
        """The name of the record, with the mark of its key; None if there is no record."""
        if self.file is not None:
            return await self._in_thread(_name, self.file)
        query = select(endings.c.seal).where(endings.c.what == What.OPENED).order_by(endings.c.id.desc())
        found: str | None = (await connection.execute(query.limit(1))).scalar_one_or_none()
        return found

    async def read(self, connection: AsyncConnection, since: int = 0) -> list[Entry]:
        """All entries, the oldest first, or those after so many octets of a file, or rows of a table."""
        if self.file is not None:
            return [one for one in await self._in_thread(_read, self.file, since) if one is not None]
        rows = await connection.execute(select(endings).order_by(endings.c.id).offset(since))
        return [Entry(what=row.what, seal=row.seal, at=row.at) for row in rows]

    async def mark(self, connection: AsyncConnection) -> Mark | None:
        """What the state knows of its record; None: nothing, or the record is a table of the state's own."""
        row = (await connection.execute(select(endings_marks))).mappings().first()
        if row is None:
            return None
        place = Place(octets=row["octets"], last=row["last"])
        return Mark(number=row["number"], place=place, known_from=row["known_from"], at=row["at"])

    async def compare(self, connection: AsyncConnection) -> Differs | None:
        """How state and record do not fit together; None if they do.

        Others may write meanwhile: an answer is certain within a transaction that writes.
        """
        if self.file is None:
            return None
        return (await self._compared(await self.mark(connection)))[0]

    async def _compared(self, mark: Mark | None) -> tuple[Differs | None, int]:
        """With the number of the latest transaction that the file shows, after the mark."""
        assert self.file is not None
        if mark is None:
            return Differs.UNMARKED, 0
        if not await self._in_thread(endings_file.holds, self.file, mark.place):
            return Differs.CUT, 0
        later = await self._in_thread(_read, self.file, mark.place.octets)
        top = max((one.number or 0 for one in later if one), default=0)
        ahead = max((one.committed for one in later if one), default=0) > mark.number
        return (Differs.AHEAD if ahead else None), top if ahead else 0

    async def covers(
        self, connection: AsyncConnection, place: Place | None, rows: int, last: str | None
    ) -> bool:
        """Whether nothing is lost since a place of the file, or since so many rows, as far as it shows.

        A line that cannot be read may be of somebody who left. A table that lacks the row that was `last` was
        put back to an earlier time, and its later rows are of another life.
        """
        if self.file is None:
            there = await self.position(connection) >= rows
            return there and (last is None or await self._holds_row(connection, last))
        if place is None or not await self._in_thread(endings_file.holds, self.file, place):
            return False
        return None not in await self._in_thread(_read, self.file, place.octets)

    async def position(self, connection: AsyncConnection) -> int:
        """How many rows a table has; 0 for a file."""
        if self.file is not None:
            return 0
        return int((await connection.execute(select(func.count()).select_from(endings))).scalar_one())

    async def last(self, connection: AsyncConnection) -> str | None:
        """The last row of a table: its number and a hash of what it says. None for a file, or for no row."""
        if self.file is not None:
            return None
        row = (await connection.execute(select(endings).order_by(endings.c.id.desc()).limit(1))).first()
        return _row_told(row) if row is not None else None

    async def _holds_row(self, connection: AsyncConnection, told: str) -> bool:
        number = told.partition(" ")[0]
        if not number.isdecimal():
            return False
        row = (await connection.execute(select(endings).where(endings.c.id == int(number)))).first()
        return row is not None and _row_told(row) == told

    async def _in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await asyncio.to_thread(function, *args, **kwargs)
        except OSError as error:
            raise StoreUnavailable(f"{self.file} cannot be read or written: {error.strerror}") from error


def _row_told(row: Any) -> str:
    said = json.dumps([row.what, row.seal, row.at.isoformat() if row.at else None])
    return f"{row.id} {hashlib.blake2b(said.encode(), digest_size=16).hexdigest()}"


def _read(file: Path, since: int) -> list[Entry | None]:
    """The entries after so many octets; None for a line that cannot be read. Empty lines are left out."""
    return [_entry(line) for line in endings_file.lines(file, since) if line]


def _name(file: Path) -> str | None:
    """As `Endings.name`: commands ask it when they start, and the file may be long."""
    octets = endings_file.octets(file)
    end = len(octets)
    while (at := octets.rfind(f'"{What.OPENED}"'.encode(), 0, end)) >= 0:
        entry = _entry(
            octets[octets.rfind(b"\n", 0, at) + 1 :].partition(b"\n")[0].decode("utf-8", "replace")
        )
        if entry is not None and entry.what == What.OPENED:
            return entry.seal
        end = at
    return None


def _entry(line: str) -> Entry | None:
    """The entry in a line; None for a line that its writer did not finish, or that is damaged."""
    try:
        at, what, seal, *number = json.loads(line)
        return Entry(
            what=str(what),
            seal=str(seal),
            at=datetime.fromisoformat(at) if at else None,
            number=int(number[0]) if number and number[0] is not None else None,
        )
    except (ValueError, TypeError):
        return None
