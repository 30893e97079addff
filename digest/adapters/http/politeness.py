"""Politeness: one request at a time to a host, a pause after each, no request while it asks us to wait.

Processes that poll on one database share it: one of them leases a host for some minutes, with all its pauses,
and the others leave the host alone. So a request costs no write, and a process that dies keeps no host.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digest.errors import StoreError
from digest.ports import LONGEST_LEASE, Clock, HostStore
from digest.sources import LONGEST_WAIT

log = logging.getLogger(__name__)

_FORGET_ABOVE: Final = 1000  # hosts
_TO_RELEASE: Final = 3.0  # seconds
_SHORTEST_LEASE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """Why a host may not be asked now, and for how long."""

    reason: str
    wait: timedelta


@dataclass(slots=True, kw_only=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  # on the loop's clock
    shut_until: datetime | None = None
    pause: timedelta | None = None  # if another than usual
    leased_until: datetime | None = None

    def shut_for(self, now: datetime) -> timedelta | None:
        """How long the host still asks us to wait; None if it does not, or if the clock was set back."""
        return _left(self.shut_until, now, LONGEST_WAIT)


class Turns:
    """When each host may be asked next; for one event loop.

    `limit` is how long one request usually may take. Without `hosts`, nothing is shared with other processes.
    """

    def __init__(
        self,
        *,
        pause: timedelta,
        sleep: Callable[[float], Awaitable[None]],
        clock: Clock,
        limit: timedelta = timedelta(seconds=30),
        hosts: HostStore | None = None,
    ) -> None:
        self._pause = pause
        self._clock = clock
        self._sleep = sleep
        self._limit = limit
        self._store = hosts
        self._owner = secrets.token_hex(8)
        self._hosts: dict[str, _Host] = {}

    async def claim(self, hosts: Mapping[str, timedelta | None]) -> frozenset[str]:
        """Lease hosts, each with its pause or None for the usual one; those that are ours.

        This costs at most one write, and none for hosts that are ours for long enough.
        """
        for name, pause in hosts.items():
            self._host(name).pause = pause
        wanted = [name for name in hosts if not self._is_ours(name)]
        if wanted:
            await self._lease(wanted)
        return frozenset(name for name in hosts if self._is_ours(name))

    async def release(self) -> None:
        """Give all hosts back, once the pause has passed. If the database is away, the leases run out."""
        if self._store is None or not any(kept.leased_until for kept in self._hosts.values()):
            return
        longest = max((self._pause_of(kept) for kept in self._hosts.values()), default=self._pause)
        try:
            async with asyncio.timeout(_TO_RELEASE):  # nobody waits for a database at the end
                await self._store.release(self._owner, at=self._clock.now() + longest)
        except (StoreError, TimeoutError) as error:
            log.warning("hosts were not given back", extra={"trouble": str(error)})
        for kept in self._hosts.values():
            kept.leased_until = None

    @asynccontextmanager
    async def turn(
        self, host: str, delay: timedelta = timedelta(0), *, limit: timedelta | None = None
    ) -> AsyncIterator[Shut | None]:
        """Wait for the host's only turn and for the pause after the last request, then hold the turn.

        The pause that follows is `delay` if that is longer than usual. `limit` is how long this request may
        take, if not the usual time. Yields why the host may not be asked;
        None if it may.
        """
        kept = self._host(host)
        async with kept.lock:
            if (shut := self._shut(host)) is None:
                if (early := kept.free_at - _now()) > 0:
                    await self._sleep(early)
                ours = self._is_ours(host, limit)
                elsewhere = None if ours else (await self._lease([host], limit)).get(host)
                shut = self._shut(host)  # as other processes know
                if shut is None and elsewhere is not None:
                    shut = Shut(reason=f"another process asks {host} just now", wait=elsewhere)
            if shut is not None:
                yield shut
                return
            try:
                yield None
            finally:
                kept.free_at = _now() + max(self._pause_of(kept), delay).total_seconds()
                self._forget()

    async def shut(self, host: str, wait: timedelta) -> None:
        """Send the host no requests for this long, a day at most, because it sent Retry-After."""
        kept = self._host(host)
        now = self._clock.now()
        kept.shut_until = now + max(min(wait, LONGEST_WAIT), kept.shut_for(now) or timedelta(0))
        if self._store is not None:
            await self._store.shut(host, kept.shut_until, owner=self._owner, now=now)

    def _host(self, name: str) -> _Host:
        return self._hosts.setdefault(name, _Host())

    def _pause_of(self, kept: _Host) -> timedelta:
        return self._pause if kept.pause is None else kept.pause

    def _length(self, kept: _Host, limit: timedelta | None = None) -> timedelta:
        """Of a lease. In its first half, a request may begin: it and the pause end before the lease does."""
        return min(LONGEST_LEASE, max(_SHORTEST_LEASE, 2 * ((limit or self._limit) + self._pause_of(kept))))

    def _is_ours(self, name: str, limit: timedelta | None = None) -> bool:
        if self._store is None:
            return True
        kept = self._host(name)
        left = _left(kept.leased_until, self._clock.now(), LONGEST_LEASE)
        return left is not None and left >= self._length(kept, limit) / 2

    async def _lease(self, names: list[str], limit: timedelta | None = None) -> dict[str, timedelta]:
        """Lease hosts; of those that another process has, how long."""
        if self._store is None:
            return {}
        now = self._clock.now()
        until = now + max(self._length(self._host(name), limit) for name in names)
        elsewhere: dict[str, timedelta] = {}
        for name, lease in (await self._store.lease(names, self._owner, until=until, now=now)).items():
            kept = self._host(name)
            kept.shut_until = max(filter(None, (kept.shut_until, lease.shut_until)), default=None)
            kept.leased_until = lease.until if lease.ours else None
            if not lease.ours:
                elsewhere[name] = max(lease.until - now, timedelta(seconds=1))
        return elsewhere

    def _shut(self, name: str) -> Shut | None:
        left = self._host(name).shut_for(self._clock.now())
        return None if left is None else Shut(reason=f"{name} asked to be left alone", wait=left)

    def _forget(self) -> None:
        if len(self._hosts) <= _FORGET_ABOVE:
            return
        now, at = _now(), self._clock.now()
        for name, kept in list(self._hosts.items()):
            shut = kept.shut_for(at) is not None or _left(kept.leased_until, at, LONGEST_LEASE) is not None
            if not kept.lock.locked() and not shut and kept.free_at <= now and kept.pause is None:
                del self._hosts[name]


def _left(until: datetime | None, now: datetime, longest: timedelta) -> timedelta | None:
    """How long a wait still lasts; None if it is over, or is longer than any: the clock was set back."""
    left = until - now if until else timedelta(0)
    return left if timedelta(0) < left <= longest else None


def _now() -> float:
    return asyncio.get_running_loop().time()
