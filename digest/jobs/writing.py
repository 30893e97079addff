"""Writing: what all that writes letters to single people needs, the limits on it, and the letter's key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from digest.addresses import Seal, problem_with
from digest.jobs.quotas import Quotas
from digest.letters import Letter
from digest.ports import Clock, Store
from digest.schedule import Timetable
from digest.subscriptions import Subscription

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

    async def may_write(self, address: str, network: str, now: datetime) -> bool:
        day = self.timetable.day_of(now)
        return await self.quotas.network(network, now) and await self.quotas.letter(address, day, now)

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
    ) -> None:
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
        if await self.store.letters.write(letter, now):
            self.wrote()


def fit(address: str) -> bool:
    """Whether an address can be written to, as far as its spelling tells."""
    return problem_with(address) is None


def minute_of(now: datetime) -> str:
    """In a letter's key: whoever presses a button twice gets one letter."""
    return f"{now:%Y-%m-%dT%H:%M}"
