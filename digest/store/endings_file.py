"""The file of a record of endings: lines are appended, and a place in it shows if it is the same file."""

from __future__ import annotations

import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from digest.store.files import opened, private

_LOOKED_AT: Final = 512
"""Octets before a place that show which file it is of: some lines, each with a hash and a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file, and what stood before it."""

    octets: int
    last: str  # a hash


def append(file: Path, database: Path, lines: str) -> Place:
    """Append lines, none or more; they are on the disk when this returns. Returns the end of the file.

    The file is created if it is missing.
    """
    handle = private(file, database, os.O_RDWR | os.O_APPEND)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        if lines:
            _write(handle, size, lines.encode())
        end = os.fstat(handle).st_size
        place = Place(octets=end, last=_before(handle, end))
    finally:
        os.close(handle)
    if size == 0:
        directory = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(directory)
        os.close(directory)
    return place


def _write(handle: int, size: int, lines: bytes) -> None:
    cut = size > 0 and os.pread(handle, 1, size - 1) != b"\n"  # its writer died; that was not committed
    octets = memoryview(b"\n" * cut + lines)
    try:
        while octets:
            octets = octets[os.write(handle, octets) :]
    except OSError:
        os.ftruncate(handle, size)  # half a line would look like one that was damaged
        raise
    os.fsync(handle)


def holds(file: Path, place: Place) -> bool:
    """Whether a file is so long, and has the same before that place."""
    try:
        handle = opened(file)
    except FileNotFoundError:
        return place.octets == 0
    try:
        return os.fstat(handle).st_size >= place.octets and _before(handle, place.octets) == place.last
    finally:
        os.close(handle)


def _before(handle: int, octets: int) -> str:
    begin = max(octets - _LOOKED_AT, 0)
    return hashlib.blake2b(os.pread(handle, octets - begin, begin), digest_size=16).hexdigest()


def lines(file: Path, since: int = 0) -> list[str]:
    """The lines after so many octets; none if there is no file."""
    return octets(file, since).decode("utf-8", "replace").splitlines()


def octets(file: Path, since: int = 0) -> bytes:
    """The file after so many octets; empty if there is no file."""
    try:
        with os.fdopen(opened(file), "rb") as content:
            content.seek(since)
            return content.read()
    except FileNotFoundError:
        return b""
