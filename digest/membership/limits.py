"""Quotas: how much may be asked of us by people whom nobody knows yet, so that no form of ours bombs anybody.

Counted by keyed hashes, in clock hours: what is kept says how often, never who.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from digest.addresses import limit_key, truncated
from digest.ports import CountStore, Share

A_DAY: Final = 2
"""An address gets this many times its hourly share a day."""

_DAY: Final = timedelta(hours=23)  # with the hour that runs, no more than a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The limits, and what counts against them."""

    counts: CountStore
    seal: Callable[[str], str]  # a scope as a keyed hash
    alert_operators: Callable[[str, datetime, str], Awaitable[None]]  # once for a scope since an instant
    per_address: int  # letters an hour to one mailbox
    per_network: int  # requests an hour from one network
    per_day: int  # letters in all

    async def network(self, network: str, now: datetime) -> bool:
        """Whether one more may be asked for from there; where nothing is known of the network, yes."""
        if not network:
            return True
        scope = self.seal(f"network {truncated(network) or network}")
        hour = _hour(now)
        return (
            await self.counts.take([Share(scope=scope, since=hour, most=((hour, self.per_network),))]) is None
        )

    async def letter(self, address: str, day: date, now: datetime) -> bool:
        """Whether one more letter may go to somebody who has not shown that it is theirs."""
        # Both or neither: what is refused must not count, or the impatient lock themselves out for a day.
        refused = await self.counts.take(self._shares(address, day, now))
        if refused == 1:
            await self._tell(day, now)
        return refused is None

    async def not_written(self, address: str, day: date, now: datetime) -> None:
        """Count a letter no more that `letter` allowed at this instant: it had been written already."""
        await self.counts.give_back(self._shares(address, day, now))

    def _shares(self, address: str, day: date, now: datetime) -> tuple[Share, Share]:
        """Of the mailbox, and of all letters of the day."""
        hour, midnight = _hour(now), _midnight(now)
        often = ((hour, self.per_address), (hour - _DAY, A_DAY * self.per_address))
        one = Share(scope=self.seal(f"address {limit_key(address)}"), since=hour, most=often)
        ceiling = ((midnight - timedelta(days=1), self.per_day),)
        return one, Share(scope=self.seal(f"letters of {day}"), since=midnight, most=ceiling)

    async def wasted(self, now: datetime) -> None:
        """Count what was tried in vain: done for the time that it takes."""
        await self.counts.add(self.seal("wasted"), _hour(now))

    async def spare(self, day: date, now: datetime) -> int:
        """How many of the day's letters an operator may have: half stay for those who ask for themselves."""
        used = await self.counts.total(self.seal(f"letters of {day}"), _midnight(now) - timedelta(days=1))
        return max(0, (self.per_day + 1) // 2 - used)

    async def _tell(self, day: date, now: datetime) -> None:
        """All letters of a day are used up: a flood stops here, and an operator hears of it once."""
        said = (
            f"{self.per_day} letters were asked for today, the most that subscribing.per_day allows: "
            "nobody can join until midnight. Somebody may be bombing the form."
        )
        await self.alert_operators(self.seal(f"told of {day}"), _midnight(now), said)


def _midnight(now: datetime) -> datetime:
    return _hour(now) - timedelta(hours=now.hour)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
