"""Letters beside editions: the letters, the requests that wait for a confirmation, and who gets alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from digest.alerts import Alert
from digest.deliveries import Answer, State
from digest.letter_kinds import AlertedStory
from digest.letters import Claimed, Letter, Settlement
from digest.subscriptions import Request, Wishes


class RequestStore(Protocol):
    """Requests that wait for a person's confirmation, one for each subscriber."""

    async def get(self, subscriber: int) -> Request | None: ...

    async def under(self, reference: str) -> Request | None:
        """The newest one for the address whose keyed hash this is."""
        ...

    async def put(self, request: Request) -> None:
        """Keep it, in place of the subscriber's earlier one."""
        ...

    async def renew(self, request: Request) -> Request:
        """Keep what `subscriptions.renewed` makes of it and the one that stands, in one transaction."""
        ...

    async def typed(self, subscriber: int, code: str, now: datetime) -> bool:
        """Whether a typed code is right; wrong ones are counted, and too many close the code."""
        ...

    async def forgotten(
        self, *, asked_before: datetime, good_after: datetime, after: int, limit: int
    ) -> list[Request]:
        """Requests to join of those who asked themselves, were sent a letter, and have not confirmed.

        Without those who were reminded; in the order of subscribers' numbers, beginning after `after`.
        """
        ...

    async def drop(self, subscriber: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The row of a letter, without its content."""

    number: int
    key: str
    kind: str
    subscriber: int | None
    generation: int | None  # of the subscription that it is about; None: of none, or the content is erased
    at: datetime  # when it was written, aware, UTC
    state: State
    code: int | None  # of the last answer, or of the report that it came back
    text: str | None  # of the same; it may quote the address


class LetterStore(Protocol):
    """Messages to one person that are no editions."""

    async def write(self, letter: Letter, now: datetime) -> bool:
        """Write a letter to be sent; False if one with its key was written before."""
        ...

    async def known(self, key: str) -> bool:
        """Whether a letter with this key was written."""
        ...

    async def write_all(self, many: Sequence[Letter], now: datetime) -> None:
        """Write letters in one transaction, except those whose key was written before."""
        ...

    async def claim(self, now: datetime, lease: timedelta) -> Claimed | None:
        """The next one to send, for as long as the lease.

        One that a lost worker had begun to hand over becomes unknown.
        """
        ...

    async def begin(self, claimed: Claimed, now: datetime, lease: timedelta) -> None:
        """Note that its content is about to be handed over; `LeaseLost` if it must not be."""
        ...

    async def settle(self, claimed: Claimed, settlement: Settlement, answer: Answer, now: datetime) -> None:
        """Write what came of it; `LeaseLost` if another worker holds it now."""
        ...

    async def of(self, subscriber: int) -> list[Written]:
        """The letters to one subscriber, in the order in which they were written."""
        ...

    async def get(self, number: int) -> Written | None: ...

    async def came_back(self, number: int, code: int | None, text: str) -> None:
        """Note that a letter which the relay had taken bounced, with the words that say why."""
        ...

    async def refused(self, since: datetime) -> list[Written]:
        """Letters to live subscriptions, refused by the relay since an instant and not scored yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Somebody who wants a weekly proof of life and had no edition this week."""

    subscriber: int
    address: str
    generation: int
    wishes: Wishes


class WatchStore(Protocol):
    """Who gets alerts and the weekly proof of life. Whom somebody watches is written with their wishes."""

    async def awaited(self, alert: Alert, *, since: datetime, per_day: int) -> bool:
        """Whether `alert` would write to anybody."""
        ...

    async def alert(
        self,
        alert: Alert,
        story: AlertedStory,
        *,
        now: datetime,
        since: datetime,
        per_day: int,
        limit: int,
    ) -> int:
        """Write to at most `limit` of the active watchers with alerts on; how many it wrote to.

        Each gets one letter about it, and at most `per_day` alerts since an instant.
        """
        ...

    async def unheard(
        self, first: date, last: date, *, since: datetime, prefix: str, after: int, limit: int
    ) -> list[Unheard]:
        """Those with proof of life on, active since an instant, to whom no edition of these days was to go.

        Without those who have a letter whose key is `prefix` and their number; in the order of their numbers,
        beginning after `after`.
        """
        ...
