"""Endings: who left, was suppressed or erased, kept beside the state, so that no restore revives them.

The record is append-only and holds keyed hashes, never an address. With SQLite it is a file beside the
database, which outlives it; with PostgreSQL a table that no backup holds and no restore empties, because
several machines write it. In the file, an ending is written before the commit and an agreement after it: if a
process dies between the two, a restore ends too many subscriptions and never too few.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import same_key
from digest.errors import StoreUnavailable
from digest.store.files import private
from digest.store.tables import endings
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


_AFTER_COMMIT: Final = frozenset({What.AGREED, What.ALLOWED})
_OF_SUBSCRIPTIONS: Final = frozenset({*ENDINGS, What.MOVED, What.AGREED})
_OF_SUPPRESSIONS: Final = frozenset({What.SUPPRESSED, What.ALLOWED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened to an address, and when."""

    what: str  # of `What`, or a step of `ENDINGS`
    seal: str  # the keyed hash of the address; until it is written, the address or its key
    at: datetime | None  # aware, UTC; None: not known, or the record was opened
    is_sealed: bool = False  # whether `seal` is the hash already: the address is not known

    @property
    def after_commit(self) -> bool:
        return self.what in _AFTER_COMMIT


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
    """The latest entries, by their order: their times are of clocks that may be wrong."""
    latest = LatestEntries(subscriptions={}, suppressed={}, departed={})
    for entry in entries:
        if entry.what in _OF_SUBSCRIPTIONS:
            latest.subscriptions[entry.seal] = entry
        elif entry.what in _OF_SUPPRESSIONS:
            latest.suppressed[entry.seal] = entry
        elif entry.what == What.DEPARTED and entry.at is not None:
            latest.departed[entry.seal] = entry
    return latest


class Endings:
    """The record of one state."""

    def __init__(self, database: Path | None) -> None:
        """`database` is the file of a state on SQLite; None on PostgreSQL."""
        self.file = database.with_name(f"{database.name}.endings") if database else None
        self._database = database
        self.seal: Seal | None = None

    async def write(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        """Append entries, sealed, and on the disk before this returns. `StoreUnavailable` if that fails.

        With PostgreSQL they are part of the connection's transaction.
        """
        if not entries:
            return
        await self._append(connection, [(one.what, self._sealed(one), one.at) for one in entries])

    def _sealed(self, entry: Entry) -> str:
        if entry.is_sealed:
            return entry.seal
        assert self.seal is not None  # set before anything about people is written
        return self.seal(entry.seal)

    async def open(self, connection: AsyncConnection, mark: str) -> str:
        """The name of the record, which begins now if there is none yet, or if its key was another.

        `mark` shows the key.
        """
        if (found := await self.name(connection)) is None or found.partition(" ")[2] != mark:
            found = f"{secrets.token_hex(8)} {mark}"
            await self._append(connection, [(What.OPENED, found, None)])
        return found

    async def name(self, connection: AsyncConnection) -> str | None:
        """The name of the record, with the mark of its key; None if there is no record."""
        if self.file is not None:
            return await self._in_thread(_name, self.file)
        query = select(endings.c.seal).where(endings.c.what == What.OPENED).order_by(endings.c.id.desc())
        found: str | None = (await connection.execute(query.limit(1))).scalar_one_or_none()
        return found

    async def read(self, connection: AsyncConnection) -> list[Entry]:
        """All entries, the oldest first."""
        if self.file is not None:
            return await self._in_thread(_read, self.file)
        rows = await connection.execute(select(endings).order_by(endings.c.id))
        return [Entry(what=row.what, seal=row.seal, at=row.at) for row in rows]

    async def covers(self, connection: AsyncConnection, noted: int) -> bool:
        """Whether nothing is lost since the record had `noted` entries, as far as it shows.

        A line that cannot be read may be of somebody who left, and so may those that a copy has cut off.
        """
        if self.file is not None:
            return await self._in_thread(_covers, self.file, noted)
        return await self.position(connection) >= noted

    async def position(self, connection: AsyncConnection) -> int:
        """How many entries there are."""
        return len(await self.read(connection))

    async def _append(
        self, connection: AsyncConnection, rows: list[tuple[str, str, datetime | None]]
    ) -> None:
        if self.file is not None and self._database is not None:
            await self._in_thread(_append, self.file, self._database, rows)
        else:
            values = [{"what": what, "seal": seal, "at": at} for what, seal, at in rows]
            await connection.execute(insert(endings), values)

    async def _in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await asyncio.to_thread(function, *args, **kwargs)
        except OSError as error:
            raise StoreUnavailable(f"{self.file} cannot be read or written: {error.strerror}") from error


def _append(file: Path, database: Path, rows: list[tuple[str, str, datetime | None]]) -> None:
    lines = "".join(
        json.dumps([at.isoformat() if at else None, what, seal]) + "\n" for what, seal, at in rows
    )
    handle = private(file, database, os.O_RDWR | os.O_APPEND)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        cut = size > 0 and os.pread(handle, 1, size - 1) != b"\n"  # its writer died; that was not committed
        octets = memoryview(("\n" * cut + lines).encode())
        try:
            while octets:
                octets = octets[os.write(handle, octets) :]
        except OSError:
            os.ftruncate(handle, size)  # half a line would look like one that was damaged
            raise
        os.fsync(handle)
    finally:
        os.close(handle)
    if size == 0:
        directory = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(directory)
        os.close(directory)


def _read(file: Path) -> list[Entry]:
    return [entry for line in _lines(file) if (entry := _entry(line)) is not None]


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []


def _covers(file: Path, noted: int) -> bool:
    known = 0
    for line in _lines(file):
        if line and _entry(line) is None and known >= noted:
            return False
        known += _entry(line) is not None
    return known >= noted


def _name(file: Path) -> str | None:
    """As `Endings.name`: commands ask it when they start, and the file may be long."""
    try:
        octets = file.read_bytes()
    except FileNotFoundError:
        return None
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
        at, what, seal = json.loads(line)
        return Entry(what=str(what), seal=str(seal), at=datetime.fromisoformat(at) if at else None)
    except (ValueError, TypeError):
        return None
