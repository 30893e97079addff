"""Writing: what all that writes letters to single people needs, the limits on it, and the letter's key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from digest.addresses import problem_with
from digest.letters import Letter
from digest.membership.limits import Quotas
from digest.ports import Clock, Store
from digest.schedule import Timetable
from digest.subscriptions import Subscription
from digest.tokens import Seal

PATIENCE: Final = timedelta(days=3)
"""How long a request waits for its confirmation."""

A_WEEK: Final = timedelta(days=7)
"""How long a letter that only tells is worth sending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The ports and settings of it."""

    store: Store
    clock: Clock
    timetable: Timetable
    quotas: Quotas
    code: Callable[[], str]  # six digits that nobody can foretell
    reference: Seal  # what stands for an address where everybody may see it
    wrote: Callable[[], None]  # a letter waits
    reminds: bool = True  # whether who has not confirmed after a day is reminded, once

    async def standing_of(self, subscriber: int, generation: int) -> Subscription | None:
        found = await self.store.subscriptions.get(subscriber)
        return found if found is not None and found.generation == generation else None

    async def written(self, key: str) -> bool:
        """Whether this letter was asked for: looked at first, for what is not written must not count."""
        return await self.store.letters.known(key)

    async def may_write(self, address: str, now: datetime) -> bool:
        """Count one more letter to somebody who has not shown that the address is theirs."""
        return await self.quotas.letter(address, self.timetable.day_of(now), now)

    async def not_written(self, address: str, now: datetime) -> None:
        """Take back what was counted at the same instant: somebody else wrote that letter meanwhile."""
        await self.quotas.not_written(address, self.timetable.day_of(now), now)

    async def write_within_limits(
        self,
        kind: str,
        key: str,
        to: Subscription | None,
        content: Mapping[str, Any],
        *,
        address: str | None = None,
        lasts: timedelta = A_WEEK,
    ) -> bool:
        """Whether the letter is there now; False where the limits forbid it. It counts once."""
        now = self.clock.now()
        if await self.written(key):
            return True
        recipient = address or (to.address if to is not None else "")
        if not await self.may_write(recipient, now):
            return False
        if not await self.write(kind, key, to, content, address=address, lasts=lasts):
            await self.not_written(recipient, now)
        return True

    async def tell_once(self, kind: str, to: Subscription, key: str) -> None:
        """A letter that goes out once, to somebody who has just acted."""
        if to.address:
            await self.write(kind, key, to, {})

    async def write(
        self,
        kind: str,
        key: str,
        to: Subscription | None,
        content: Mapping[str, Any],
        *,
        address: str | None = None,
        lasts: timedelta = A_WEEK,
    ) -> bool:
        """Whether it was not there before."""
        now = self.clock.now()
        own = {"generation": to.generation} if to is not None else {}
        letter = Letter(
            key=key,
            kind=kind,
            subscriber=to.subscriber if to is not None else None,
            address=address or (to.address if to is not None else ""),
            content={**own, **content},
            expires_at=now + lasts,
        )
        new = await self.store.letters.write(letter, now)
        if new:
            self.wrote()
        return new


def fit(address: str) -> bool:
    """Whether an address can be written to, as far as its spelling tells."""
    return problem_with(address) is None


def minute_of(now: datetime) -> str:
    """In a letter's key: whoever presses a button twice gets one letter."""
    return f"{now:%Y-%m-%dT%H:%M}"
