"""Rooms: how many polls go on at once, so that hosts that hang cannot keep the others waiting.

A poll needs a room, and a host has two at most. There are a few rooms for polls that go well. One that takes
long moves to a slow room, if one is free, and its host begins there the next time. So hosts that are known to
be slow share the slow rooms, however many they are, and never hold the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import anyio

ROOMS: Final = 8
SLOW_ROOMS: Final = 24
PER_HOST: Final = 2

LONG: Final = 5.0
"""Seconds after which a poll moves to a slow room."""

_LOOK_AGAIN: Final = 1.0
"""Seconds until a poll that takes long looks again for a slow room, if none was free."""


@dataclass(slots=True)
class _Host:
    rooms: anyio.Semaphore
    polls: int = 0  # with a room or waiting for one
    slow: bool = False


@dataclass(slots=True)
class _Stay:
    lane: anyio.Semaphore
    moving: asyncio.TimerHandle | None = None


class Rooms:
    """The rooms of one process, for one event loop."""

    def __init__(
        self,
        *,
        rooms: int = ROOMS,
        slow_rooms: int = SLOW_ROOMS,
        per_host: int = PER_HOST,
        long: float = LONG,
    ) -> None:
        self._rooms = anyio.Semaphore(rooms)
        self._slow_rooms = anyio.Semaphore(slow_rooms)
        self._per_host = per_host
        self._long = long
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def of(self, host: str, *, slow: bool = False) -> AsyncIterator[None]:
        """Wait for a room for a poll of this host, then hold it. With `slow`, it is known to be slow."""
        kept = self._hosts.setdefault(host, _Host(anyio.Semaphore(self._per_host)))
        kept.polls += 1
        try:
            async with kept.rooms, self._room(kept, slow=slow or kept.slow):
                yield
        finally:
            kept.polls -= 1
            if not kept.polls and not kept.slow:
                del self._hosts[host]

    def of_pages(self, host: str) -> AbstractAsyncContextManager[None]:
        """Wait for a room in which pages of this host are read, then hold it: other rooms than its polls'."""
        return self.of(f"pages of {host}")

    @asynccontextmanager
    async def _room(self, host: _Host, *, slow: bool) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        stay = _Stay(self._slow_rooms if slow else self._rooms)
        await stay.lane.acquire()
        began = loop.time()
        if not slow:
            stay.moving = loop.call_later(self._long, self._move, stay)
        try:
            yield
        finally:
            if stay.moving is not None:
                stay.moving.cancel()
            stay.lane.release()
            host.slow = loop.time() - began >= self._long

    def _move(self, stay: _Stay) -> None:
        try:
            self._slow_rooms.acquire_nowait()
        except anyio.WouldBlock:
            stay.moving = asyncio.get_running_loop().call_later(_LOOK_AGAIN, self._move, stay)
            return
        stay.moving = None
        stay.lane.release()
        stay.lane = self._slow_rooms


class UnderWay:
    """The polls that this process has begun: no source is polled twice at once."""

    def __init__(self) -> None:
        self.rooms = Rooms()
        self.looking = asyncio.Lock()  # held from a look at what is due until its polls have begun
        self._polls: dict[str, str] = {}

    def __contains__(self, source: str) -> bool:
        return source in self._polls

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts of the sources that are polled now."""
        return frozenset(self._polls.values())

    def begin(self, source: str, host: str, poll: asyncio.Task[object]) -> None:
        """Note a poll; it is forgotten when its task ends, however that is."""
        self._polls[source] = host
        poll.add_done_callback(lambda _: self._polls.pop(source, None))
