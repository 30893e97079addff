"""Notices that the operator's files may have changed, and reads what is in them now.

watchfiles tells of a change at once. Network file systems and some mounts of containers tell of none, so the
files are looked at regularly as well. What counts is the content: a file that was only touched is no change.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchfiles import Change, awatch

from digest.adapters.config.files import SCALES_FOLDER, SERVICE_FILE, SOURCES_FILE, TEMPLATES_FOLDER
from digest.adapters.config.secrets import SECRETS_ELSEWHERE, SECRETS_FILE
from digest.adapters.small_files import content_of
from digest.adapters.templates import template_files

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 30.0
"""Seconds between two looks at the files: as often as sources that are due are looked for."""

_OURS: Final = frozenset({SERVICE_FILE, SOURCES_FILE, SECRETS_FILE, SCALES_FOLDER, TEMPLATES_FOLDER})

Stamp = tuple[tuple[int, ...] | None, ...]
"""What the file system says of each file and folder. It changes with each edit, and sometimes without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The hash of each file's content by its name, counted from the directory."""

    files: Mapping[str, str]

    @property
    def templates(self) -> Mapping[str, str]:
        return {name: mark for name, mark in self.files.items() if name.startswith(f"{TEMPLATES_FOLDER}/")}

    @property
    def fingerprint(self) -> str:
        return _hashed(repr(sorted(self.files.items())).encode())


def stamp_of(directory: Path) -> Stamp:
    """A cheap look at the files, without reading them."""
    return tuple(_stat(path) for path in (*_folders(directory), *(path for _, path in _files(directory))))


def contents_of(directory: Path) -> Contents:
    """The content of all files now. A file that is missing or cannot be read has none."""
    return Contents(files={name: mark for name, path in _files(directory) if (mark := _mark(path))})


def _files(directory: Path) -> Iterator[tuple[str, Path]]:
    for name in (SERVICE_FILE, SOURCES_FILE, SECRETS_FILE):
        yield name, directory / name
    if elsewhere := os.environ.get(SECRETS_ELSEWHERE):
        yield SECRETS_ELSEWHERE, Path(elsewhere)
    for path in sorted((directory / SCALES_FOLDER).glob("*.y*ml")):
        yield f"{SCALES_FOLDER}/{path.name}", path
    for name, path in template_files(directory / TEMPLATES_FOLDER):
        yield f"{TEMPLATES_FOLDER}/{name}", path


def _folders(directory: Path) -> list[Path]:
    """The folders in which a change of the files shows; the state may be in others, and is not watched."""
    templates = directory / TEMPLATES_FOLDER
    within = {path.parent for _, path in template_files(templates)}
    folders = [directory, directory / SCALES_FOLDER, templates, *sorted(within - {templates})]
    return [folder for folder in folders if folder.is_dir()]


def _stat(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    if path.is_dir():  # its times change with each file of the state beside ours
        return found.st_dev, found.st_ino
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _mark(path: Path) -> str | None:
    try:
        return _hashed(content_of(path))
    except OSError:
        return None


def _hashed(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


class Notices:
    """Says when the files of a directory may have changed."""

    def __init__(self, directory: Path, *, every: float = LOOK_EVERY) -> None:
        """`every` is how many seconds a change may stay unnoticed if the file system tells of none."""
        self._directory = directory
        self._every = every
        self._noticed = asyncio.Event()
        self._stop = asyncio.Event()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watch the files meanwhile."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._stop.set()
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def next(self) -> None:
        """Return as soon as a change is noticed, or when it is time for a look."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._every):
                await self._noticed.wait()
        self._noticed.clear()

    def _is_ours(self, _: Change, path: str) -> bool:
        """Whether a change is one of ours. Beside the files there may be the state, which changes all day."""
        changed = Path(path)
        return changed.parent != self._directory or changed.name in _OURS or changed.name.startswith("..")

    async def _watch(self) -> None:
        """Watch the folders, and those that come in their place."""
        told = False
        while not self._stop.is_set():
            folders = await asyncio.to_thread(_folders, self._directory)
            before = [_stat(folder) for folder in folders]
            try:
                async for _ in awatch(
                    *folders,
                    watch_filter=self._is_ours,
                    stop_event=self._stop,
                    recursive=False,
                    debounce=200,
                    step=50,
                ):
                    self._noticed.set()
                    now = await asyncio.to_thread(_folders, self._directory)
                    if now != folders or [_stat(folder) for folder in now] != before:
                        break
            except Exception as error:  # noqa: BLE001 - the regular looks go on, whatever it is
                if not told:
                    why = str(error) or type(error).__name__
                    log.warning("changes of the config files are only seen by looking", extra={"why": why})
                told = True
                await asyncio.sleep(self._every)
