"""The files of a state on SQLite: only their owner may read them, and a lock shows who uses them.

The kernel drops the lock when its process ends, however it ends.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from digest.errors import StateInUse, StateUnreadable

log = logging.getLogger(__name__)

_OTHERS: Final = 0o077
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".lock", ".endings")
"""What a state's files end with, after the name of the database's own."""


def make_directory(directory: Path) -> None:
    """Create a directory that only its owner may open. One that exists stays as it is."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        return
    directory.chmod(0o700)


def opened(file: Path, flags: int = os.O_RDONLY) -> int:
    """Open a file that is there; returns the descriptor. `StateUnreadable` for a pipe, a device or the like.

    Without `O_NONBLOCK`, a pipe would be waited for without end.
    """
    handle = os.open(file, flags | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise StateUnreadable(f"{file} is no file but a pipe, a socket, a device or a directory: remove it")
    return handle


def private(file: Path, owner_of: Path, flags: int) -> int:
    """Open a file that only its owner may read, and create it if it is missing; returns the descriptor.

    If root creates it, the owner of the file `owner_of` gets it: that is the user of the service.
    `StateUnreadable` for what is no file.
    """
    with suppress(FileNotFoundError):
        return opened(file, flags)
    owner = (owner_of if owner_of.exists() else file.parent).stat()  # before it is there: it may be `file`
    handle = os.open(file, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.fchmod(handle, 0o600)
    if os.geteuid() == 0:
        os.fchown(handle, owner.st_uid, owner.st_gid)
    return handle


HALF: Final = ".part"
"""What the name of a file ends with while it is written; it begins with a dot."""


@contextmanager
def whole(file: Path) -> Iterator[IO[bytes]]:
    """A file that only its owner can read, and that appears when all its content is written, or never.

    It takes the place of an ordinary file only. `FileExistsError` for a device, a pipe or a directory, and if
    another process writes the same file.
    """
    if file.exists() and not file.is_file():
        raise FileExistsError(errno.EEXIST, "it is a directory, a pipe or a device", str(file))
    half = file.with_name(f".{file.name}{HALF}")
    half.unlink(missing_ok=True)  # a process that was killed left it, or it is a trap
    handle = os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            os.fchmod(handle, 0o600)
            yield out
            out.flush()
            os.fsync(handle)
            if os.fstat(handle).st_ino != half.stat().st_ino:
                raise FileExistsError(errno.EEXIST, "another process writes it", str(file))
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)


def open_to_others(database: Path, *, also_shared: bool = False) -> list[Path]:
    """The files of a state, and its directory, that others than their owner can open.

    A directory with other things in it counts only if `also_shared`: it is left to its owner.
    """
    files = [database.with_name(f"{database.name}{end}") for end in _BESIDE]
    found = [file for file in files if file.exists() and file.stat().st_mode & _OTHERS]
    directory = database.parent
    mode = directory.stat().st_mode
    shared = mode & stat.S_ISVTX or not all(_of_a_state(path, database) for path in directory.iterdir())
    if mode & _OTHERS and (also_shared or not shared):
        found.append(directory)
    return found


def _of_a_state(path: Path, database: Path) -> bool:
    return (
        path.name.startswith(database.name)
        or path.name in {"journal", "backups", "lost+found"}
        or path.suffix == ".gz"
    )


def make_private(database: Path) -> None:
    """Take others' rights from the files of a state; `StateUnreadable` if they belong to another user."""
    found = open_to_others(database)
    for path in found:
        mode = path.stat().st_mode & 0o777
        try:
            path.chmod(mode & ~_OTHERS)
        except PermissionError as error:
            raise StateUnreadable(
                f"{path} belongs to another user and is open to others (mode {mode:04o}): "
                f"as its owner or root, run `chmod go= {path}`"
            ) from error
    if found:
        names = ", ".join(path.name for path in found)
        log.warning(
            "files of the state were open to other users; now only their owner may use them: %s", names
        )


class Lock:
    """Shows that a process uses a state: any number may share it, or one has it alone."""

    def __init__(self, database: Path) -> None:
        """Share it. `StateInUse` while a process has it alone."""
        self._database = database
        self._handle = private(database.with_name(f"{database.name}.lock"), database, os.O_RDONLY)
        if not self._taken(fcntl.LOCK_SH):
            self.release()
            raise StateInUse(f"{database} is being restored or upgraded; wait until that has ended")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have it alone within the block. `StateInUse` while another process shares it."""
        if not self._taken(fcntl.LOCK_EX):
            self._taken(fcntl.LOCK_SH)
            raise StateInUse(in_use(self._database))
        try:
            yield
        finally:
            self._taken(fcntl.LOCK_SH)

    def release(self) -> None:
        os.close(self._handle)

    def _taken(self, how: int) -> bool:
        try:
            fcntl.flock(self._handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def in_use(state: object, where: str = "") -> str:
    """What an operator is told who must have the state alone."""
    return f"{state} is in use{where}: stop the service and every other digest command, then run this again"
