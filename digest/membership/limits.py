"""Limits on what people whom we do not know can make us send, so that nobody can flood a mailbox through us.

Counts are kept under keyed hashes, by clock hours: they tell how often, never who.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from digest.addresses import limit_key, truncated
from digest.ports import CountStore, Quota

HOURLY_SHARES_A_DAY: Final = 2
"""A mailbox gets this many times its hourly share of letters a day."""

_DAY: Final = timedelta(hours=23)  # together with the running hour no more than a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits, and the counts that they are compared with."""

    counts: CountStore
    seal: Callable[[str], str]  # the keyed hash of what is counted
    alert_operators: Callable[[str, datetime, str], Awaitable[None]]  # once for a scope since an instant
    per_address: int  # letters an hour to one mailbox
    per_network: int  # requests an hour from one network
    per_day: int  # letters in all

    async def count_request(self, network: str, now: datetime) -> bool:
        """Count one more request from a network; False at its limit. An unknown (empty) network has none."""
        if not network:
            return True
        scope = self.seal(f"network {truncated(network) or network}")
        hour = _hour(now)
        return (
            await self.counts.count_within([Quota(scope=scope, since=hour, most=((hour, self.per_network),))])
            is None
        )

    async def count_letter(self, address: str, day: date, now: datetime) -> bool:
        """Count one more letter to a mailbox; False at its limit, or at the limit of the day."""
        # Both counts or neither: what is refused does not count, so impatience locks nobody out for a day.
        refused = await self.counts.count_within(self._quotas(address, day, now))
        if refused == 1:
            await self._tell(day, now)
        return refused is None

    async def uncount_letter(self, address: str, day: date, now: datetime) -> None:
        """Take back what `count_letter` counted at this instant: no letter was written."""
        await self.counts.uncount(self._quotas(address, day, now))

    def _quotas(self, address: str, day: date, now: datetime) -> tuple[Quota, Quota]:
        """The quota of the mailbox, and that of all letters of the day."""
        hour, midnight = _hour(now), _midnight(now)
        often = ((hour, self.per_address), (hour - _DAY, HOURLY_SHARES_A_DAY * self.per_address))
        mailbox = Quota(scope=self.seal(f"address {limit_key(address)}"), since=hour, most=often)
        ceiling = ((midnight - timedelta(days=1), self.per_day),)
        return mailbox, Quota(scope=self.seal(f"letters of {day}"), since=midnight, most=ceiling)

    async def count_failed_attempt(self, now: datetime) -> None:
        """Write as much as for an attempt at a known address, so that time does not tell which are known."""
        await self.counts.add(self.seal("wasted"), _hour(now))

    async def left_for_operators(self, day: date, now: datetime) -> int:
        """How many of the day's letters operators may still cause: half stay for people who ask."""
        used = await self.counts.total(self.seal(f"letters of {day}"), _midnight(now) - timedelta(days=1))
        return max(0, (self.per_day + 1) // 2 - used)

    async def _tell(self, day: date, now: datetime) -> None:
        """Tell operators once that all letters of the day are used up."""
        text = (
            f"{self.per_day} letters were asked for today, the most that subscribing.per_day allows: "
            "nobody can join until midnight. Somebody may be bombing the form."
        )
        await self.alert_operators(self.seal(f"told of {day}"), _midnight(now), text)


def _midnight(now: datetime) -> datetime:
    return _hour(now) - timedelta(hours=now.hour)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
