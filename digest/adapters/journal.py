"""The journal: what a worker process did with the batch it holds, in files that outlive the process.

Between two commits of the ledger only the worker knows which messages it has begun. It notes each message
before it sends the content and again when the reply arrives, in memory mapped from a file. A note survives
the process and takes less than a microsecond; a commit takes hundreds. After a restart of the machine the
notes are not used: they may never have reached the disk.

Each process has its own directory, with a lock that the kernel releases when the process dies, and a file for
each batch with a slot for each delivery. A mark in the lock file tells the process that others have taken
over its work.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import shutil
import socket
import struct
import time
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final
from uuid import uuid4

from digest.deliveries import Answer, Batch, Event, JournalEntry, WorkerState

_LOCK: Final = "lock"
_SHUT_OUT: Final = b"\x01"
_SETTLES: Final = 0.05
"""Seconds between shutting a worker out and reading its notes: far longer than a processor holds back either
its note or our word from the other."""

_SLOT: Final = 128
_HEAD: Final = struct.Struct("<BBHBQ")  # mark, event, code, length of the text, subscriber
_FREE, _BEGUN, _ANSWERED = 0, 1, 2  # marks are bits
_LONGEST: Final = _SLOT - _HEAD.size
_EVENTS: Final = tuple(Event)
_NUMBERS: Final = {event: number for number, event in enumerate(_EVENTS)}
_ANSWER: Final = struct.Struct("<BHB")


class FileJournal:
    """`ports.Journal` in a directory that the processes of one machine share."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._owner = ""
        self._lock = -1
        self._word: mmap.mmap | None = None

    @property
    def owner(self) -> str:
        """The name of this process's directory, made at the first call."""
        if self._word is None:
            self._owner = f"{socket.gethostname()}.{_boot()}.{os.getpid()}.{uuid4().hex[:8]}"
            self._lock = self._settle_in(self._owner)
            self._word = mmap.mmap(self._lock, 1)
        return self._owner

    def start_run(self) -> None:
        # Only between runs: files under the old name check its mark.
        if self._word is not None and self._word[0]:
            self.change_owner()

    def page(self, batch: Batch, subscribers: Sequence[int]) -> FilePage:
        path = self._directory / self.owner / _name(batch)
        assert self._word is not None
        return FilePage(path, subscribers, self._word)

    def state_of(self, owner: str) -> WorkerState:
        if owner == self._owner:
            return WorkerState.HERE
        try:
            lock = os.open(self._directory / owner / _LOCK, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return WorkerState.ELSEWHERE  # or not ours, such as a file system's lost+found
        if owner.split(".")[-3:-2] != [_boot()]:
            os.close(lock)
            return WorkerState.RESTARTED
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return WorkerState.ALIVE
        else:
            return WorkerState.DEAD
        finally:
            os.close(lock)

    def shut_out(self, owner: str) -> None:
        lock = os.open(self._directory / owner / _LOCK, os.O_RDWR)
        try:
            os.pwrite(lock, _SHUT_OUT, 0)
        finally:
            os.close(lock)
        time.sleep(_SETTLES)

    def read(self, owner: str, batch: Batch) -> list[JournalEntry]:
        try:
            notes = (self._directory / owner / _name(batch)).read_bytes()
        except FileNotFoundError:
            return []
        slots = (notes[at : at + _SLOT] for at in range(0, len(notes), _SLOT))
        return [_entry(slot) for slot in slots if slot[0] != _FREE]

    def change_owner(self) -> None:
        if self._word is not None:
            self._word.close()
            os.close(self._lock)
            self._owner, self._lock, self._word = "", -1, None

    def dead_workers(self) -> set[str]:
        dead = {WorkerState.DEAD, WorkerState.RESTARTED}
        return {owner for owner in self._owners() if self.state_of(owner) in dead}

    def forget(self, owners: Collection[str]) -> None:
        for owner in owners:
            shutil.rmtree(self._directory / owner, ignore_errors=True)

    def close(self) -> None:
        """Remove this process's directory, unless others must read its notes."""
        if self._word is not None:
            own = self._directory / self._owner
            if own.is_dir() and not any(path.name != _LOCK for path in own.iterdir()):
                shutil.rmtree(own, ignore_errors=True)
            self.change_owner()

    def _owners(self) -> Iterator[str]:
        if self._directory.is_dir():
            yield from (path.name for path in self._directory.iterdir() if not path.name.startswith("."))

    def _settle_in(self, owner: str) -> int:
        # It is locked before it gets its name, so no process sees it unlocked while we run.
        hidden = self._directory / f".{owner}"
        # One that exists stays as it is: what we put there is ours alone in any case.
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        hidden.mkdir(mode=0o700)
        lock = os.open(hidden / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        os.pwrite(lock, b"\x00", 0)
        fcntl.flock(lock, fcntl.LOCK_EX)
        hidden.rename(self._directory / owner)
        return lock


class FilePage:
    """`ports.JournalPage`: a slot for each delivery. Its mark comes last, as a process may die before."""

    def __init__(self, path: Path, subscribers: Sequence[int], word: mmap.mmap) -> None:
        self._path = path
        self._word = word
        self._places = {subscriber: at * _SLOT for at, subscriber in enumerate(subscribers)}
        size = max(len(subscribers), 1) * _SLOT
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            os.posix_fallocate(file, 0, size)  # a full disk fails here, not by a signal later
            self._slots = mmap.mmap(file, size)
        finally:
            os.close(file)
        for subscriber, at in self._places.items():
            _HEAD.pack_into(self._slots, at, _FREE, 0, 0, 0, subscriber)

    def begin(self, subscriber: int) -> bool:
        # We write the note first and check the mark second. The process that shuts us out does the opposite,
        # so either it sees the note or we see the mark.
        self._slots[self._places[subscriber]] = _BEGUN
        if self._word[0]:
            # Nothing is sent, so whether or not the note was read, nobody gets two messages.
            self._slots[self._places[subscriber]] = _FREE
            return False
        return True

    def answer(self, subscriber: int, answer: Answer) -> None:
        at = self._places[subscriber]
        text = answer.text.encode()[:_LONGEST]
        _ANSWER.pack_into(self._slots, at + 1, _NUMBERS[answer.event], answer.code or 0, len(text))
        self._slots[at + _HEAD.size : at + _HEAD.size + len(text)] = text
        self._slots[at] |= _ANSWERED

    def close(self) -> None:
        self._slots.close()
        self._path.unlink(missing_ok=True)


@cache
def _boot() -> str:
    """Names the current start of the machine: notes from before it may never have reached the disk."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip().replace("-", "")[:12]
    except OSError:
        return "unknown"


def _name(batch: Batch) -> str:
    return f"{batch.edition}.{batch.number}.{batch.fence}"


def _entry(slot: bytes) -> JournalEntry:
    mark, event, code, length, subscriber = _HEAD.unpack_from(slot.ljust(_SLOT, b"\0"))
    answer = None
    # Otherwise the slot is damaged: begun, and the outcome is unknown.
    if mark & _ANSWERED and event < len(_EVENTS):
        text = slot[_HEAD.size : _HEAD.size + length].decode("utf-8", "ignore")
        answer = Answer(event=_EVENTS[event], code=code or None, text=text)
    return JournalEntry(subscriber=subscriber, begun=bool(mark & _BEGUN), answer=answer)
