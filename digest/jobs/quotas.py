"""Quotas: how much may be asked of us by people whom nobody knows yet, so that no form of ours bombs anybody.

Counted by keyed hashes, in clock hours: what is kept says how often, never who.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from digest.addresses import limit_key, truncated
from digest.ports import CountStore

log = logging.getLogger(__name__)

A_DAY: Final = 2
"""An address gets this many times its hourly share a day."""

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(hours=23)  # with the hour that runs, no more than a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The limits, and what counts against them."""

    counts: CountStore
    seal: Callable[[str], str]  # a scope as a keyed hash
    call: Callable[[str], Awaitable[None]]  # an operator
    per_address: int  # letters an hour to one mailbox
    per_network: int  # requests an hour from one network
    per_day: int  # letters in all

    async def network(self, network: str, now: datetime) -> bool:
        """Whether one more may be asked for from there; where nothing is known of the network, yes."""
        if not network:
            return True
        scope = self.seal(f"network {truncated(network) or network}")
        return await self._one_more(scope, now, self.per_network)

    async def letter(self, address: str, day: date, now: datetime) -> bool:
        """Whether one more letter may go to somebody who has not shown that it is theirs."""
        scope = self.seal(f"address {limit_key(address)}")
        if await self.counts.total(scope, _hour(now) - _DAY) >= A_DAY * self.per_address:
            return False
        if not await self._one_more(scope, now, self.per_address):
            return False
        return await self._below_ceiling(day, now)

    async def spare(self, day: date, now: datetime) -> int:
        """How many of the day's letters an operator may have: half stay for those who ask for themselves."""
        used = await self.counts.total(self.seal(f"letters of {day}"), _midnight(now) - timedelta(days=1))
        return max(0, (self.per_day + 1) // 2 - used)

    async def _one_more(self, scope: str, now: datetime, most: int) -> bool:
        # Looked at first: what is refused must not count, or the impatient lock themselves out for a day.
        if await self.counts.total(scope, _hour(now)) >= most:
            return False
        return await self.counts.add(scope, _hour(now)) <= most

    async def _below_ceiling(self, day: date, now: datetime) -> bool:
        """All letters of a day together: a flood stops here, and an operator hears of it once."""
        start = _midnight(now)
        if await self._below(self.seal(f"letters of {day}"), start):
            return True
        if await self.counts.add(self.seal(f"told of {day}"), start) == 1:
            log.error("the day's ceiling of letters is reached", extra={"ceiling": self.per_day})
            await self.call(
                f"{self.per_day} letters were asked for today, the most that subscribing.per_day allows: "
                "nobody can join until midnight. Somebody may be bombing the form."
            )
        return False

    async def _below(self, scope: str, start: datetime) -> bool:
        if await self.counts.total(scope, start - timedelta(days=1)) >= self.per_day:
            return False
        return await self.counts.add(scope, start) <= self.per_day


def _midnight(now: datetime) -> datetime:
    return _hour(now) - timedelta(hours=now.hour)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
