"""Letters: who is written to beside editions, what became of it, and the requests that wait for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from digest.alerts import Alert
from digest.deliveries import Answer, State
from digest.letters import Claimed, Letter, Settlement
from digest.subscriptions import Request, Wishes


class RequestStore(Protocol):
    """What waits for a person's confirmation, one for each subscriber."""

    async def get(self, subscriber: int) -> Request | None: ...

    async def under(self, reference: str) -> Request | None:
        """The newest one for the address that a reference stands for."""
        ...

    async def put(self, request: Request) -> None:
        """In the place of an earlier one."""
        ...

    async def renew(self, request: Request) -> Request:
        """What `subscriptions.renewed` makes of it and the one that stands: however many ask at once."""
        ...

    async def typed(self, subscriber: int, code: str, now: datetime) -> bool:
        """Whether a typed code is right; wrong ones are counted, and too many close the code."""
        ...

    async def forgotten(
        self, *, asked_before: datetime, good_after: datetime, after: int, limit: int
    ) -> list[Request]:
        """Requests to join of those who asked themselves, were sent a letter, and have done nothing since.

        Without those who were reminded; by their subscribers' numbers, from the one behind `after`.
        """
        ...

    async def drop(self, subscriber: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter as it stands, without what it says."""

    number: int
    key: str
    kind: str
    subscriber: int | None
    generation: int | None  # of the agreement it is about; None: of none, or it is forgotten
    at: datetime  # when it was asked for
    state: State
    code: int | None  # of the last answer, or of the report that it came back
    text: str | None  # likewise; it may quote the address


class LetterStore(Protocol):
    """Messages to one person that are no editions."""

    async def write(self, letter: Letter, now: datetime) -> bool:
        """Ask for a letter to be sent; False if one of its key was asked for before."""
        ...

    async def known(self, key: str) -> bool:
        """Whether a letter of this key was asked for."""
        ...

    async def write_all(self, many: Sequence[Letter], now: datetime) -> None:
        """Ask for letters at once, those aside whose key was asked for before."""
        ...

    async def claim(self, now: datetime, lease: timedelta) -> Claimed | None:
        """The next one that may be sent, ours for the lease. One left half handed over becomes unknown."""
        ...

    async def begin(self, claimed: Claimed, now: datetime, lease: timedelta) -> None:
        """The content is about to flow; `LeaseLost` if it must not."""
        ...

    async def settle(self, claimed: Claimed, settlement: Settlement, answer: Answer, now: datetime) -> None:
        """Write what came of it; `LeaseLost` if it is no longer ours."""
        ...

    async def of(self, subscriber: int) -> list[Written]:
        """The letters to one subscriber, in the order in which they were asked for."""
        ...

    async def get(self, number: int) -> Written | None: ...

    async def latest(self, subscriber: int, limit: int) -> list[Written]:
        """Those to one subscriber, the newest first."""
        ...

    async def came_back(self, number: int, code: int | None, text: str) -> None:
        """Let a letter that the relay took be bounced, with the words that say why."""
        ...

    async def refused(self, since: datetime) -> list[Written]:
        """Those to live subscriptions that the relay refused since an instant, not scored yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Somebody who wants to hear of us once a week, and has had no edition in this one."""

    subscriber: int
    address: str
    generation: int
    wishes: Wishes


class WatchStore(Protocol):
    """Who is to be written to beside editions. Whom somebody watches is written with their wishes."""

    async def awaited(self, alert: Alert, *, since: datetime, per_day: int) -> bool:
        """Whether `alert` would write to anybody."""
        ...

    async def alert(self, alert: Alert, *, now: datetime, since: datetime, per_day: int, limit: int) -> int:
        """Write to active watchers with alerts on, each once about it and `per_day` times since an instant.

        To `limit` of them at the most; how many it was.
        """
        ...

    async def unheard(
        self, first: date, last: date, *, since: datetime, prefix: str, after: int, limit: int
    ) -> list[Unheard]:
        """Those with proof of life on, active since an instant, to whom no edition of these days was to go.

        Without those who have a letter whose key is `prefix` and their number; from the one behind `after`.
        """
        ...
