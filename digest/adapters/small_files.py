"""Small files: what an operator's file holds, if it is a file that somebody may have written by hand.

A pipe would be waited for without end, a device gives without end, and a gigabyte fills the memory. Each is a
way to stop a service that looks at its files by itself.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 1_000_000
"""Octets of such a file; the largest that come with the program have some thousands."""


def content_of(path: Path) -> bytes:
    """What a file holds. `OSError` if it cannot be read, is no ordinary file, or is larger than `LARGEST`."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is a pipe, a socket or a device", str(path))
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {LARGEST:,} octets", str(path))
    return content
