"""Public pages kept in memory: each is made once, however many ask for it at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakValueDictionary

from digest.site.responses import tag_of

MOST: Final = 16 * 1024 * 1024
"""Octets of all kept pages together: some 300 of the largest that a page may be."""

_OVERHEAD: Final = 500
"""Octets that a kept page takes beside its content and its key, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """The content of a page, and what it was made of."""

    content: bytes
    tag: str
    mark: str


@dataclass(slots=True, kw_only=True)
class KeptPages:
    """Pages by key, the least recently used first. One whose mark is an earlier one is made again."""

    most: int = MOST  # octets
    _pages: dict[str, KeptPage] = field(default_factory=dict, init=False)
    _octets: int = field(default=0, init=False)
    _making: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary, init=False)

    @property
    def octets(self) -> int:
        return self._octets

    async def page(self, key: str, mark: str, make: Callable[[], Awaitable[bytes | None]]) -> KeptPage | None:
        """The page under a key, as made at this mark. `make` gives its content; None: there is no such page.

        Read the mark before the data that the page is made of: then a page is never older than its mark.
        """
        lock = self._making.get(key)
        if lock is None:
            self._making[key] = lock = asyncio.Lock()
        async with lock:
            found = self._pages.get(key)
            if found is not None and found.mark == mark:
                self._pages[key] = self._pages.pop(key)
                return found
            content = await make()
            self._drop(key)
            if content is None:
                return None
            made = KeptPage(content=content, tag=tag_of(content), mark=mark)
            self._keep(key, made)
            return made

    def _keep(self, key: str, made: KeptPage) -> None:
        size = _size(key, made)
        if size > self.most:
            return
        self._pages[key] = made
        self._octets += size
        while self._octets > self.most:
            self._drop(next(iter(self._pages)))

    def _drop(self, key: str) -> None:
        gone = self._pages.pop(key, None)
        if gone is not None:
            self._octets -= _size(key, gone)


def _size(key: str, page: KeptPage) -> int:
    return len(page.content) + len(key) + len(page.mark) + _OVERHEAD
