"""What the jobs need from the world, as protocols; `adapters` and `store` are their one real side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from digest.changes import Change
from digest.deliveries import Answer, Delivery, Envelope, State
from digest.edition import Assembly, Edition, Filing
from digest.items import Fresh, Item, Page
from digest.providers import Provider, Register
from digest.ratings import Rating
from digest.reports import Reading
from digest.sources import Polled, Validators
from digest.subscriptions import Step, Subscription, Wishes

P = ParamSpec("P")
T = TypeVar("T")


# -- the world ------------------------------------------------------------------------------------------


class Clock(Protocol):
    """The one place that knows what time it is."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A whole body, of a status that promises one."""

    url: str  # after redirects
    body: bytes
    content_type: str | None
    validators: Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: what we have is what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The server, or our own rules, will not let us have it; asking at once again cannot help."""

    reason: str
    wait: timedelta | None = None  # Retry-After


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """No usable answer: connection, time, size, or a server's own trouble."""

    reason: str
    wait: timedelta | None = None


Outcome = Fetched | NotModified | Blocked | Unreached


NO_VALIDATORS: Final = Validators()


class Fetcher(Protocol):
    """An HTTP client with limits on time, size, redirects and addresses."""

    async def fetch(self, url: str, validators: Validators = NO_VALIDATORS) -> Outcome: ...


class Workers(Protocol):
    """Worker processes for heavy or hostile input: what runs there can be stopped without harm."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; `OverrunError` if it was too slow or took its process down."""
        ...


class Session(Protocol):
    """One connection to the relay, owned by one task; the two phases are told apart on purpose.

    A connection lost before `hand_over` surely left nothing behind; one lost during it may have.
    """

    async def offer(self, envelope: Envelope, size: int) -> Answer:
        """MAIL and RCPT. `Event.BEGUN`: the relay wants the message; else `PUT_OFF` or `REJECTED`."""
        ...

    async def withdraw(self) -> None:
        """RSET: the offer is off. Never raises."""
        ...

    async def hand_over(self, content: bytes) -> Answer:
        """DATA to the final reply: `TAKEN`, `PUT_OFF`, `REJECTED` or `LOST`; never raises for the network."""
        ...


class Relay(Protocol):
    """The server that we submit messages to."""

    def session(self) -> AbstractAsyncContextManager[Session]:
        """A connection ready for mail; if none can be had, its `offer` answers `PUT_OFF`."""
        ...


class Renderer(Protocol):
    """Templates by name; undefined names in them are errors, HTML is escaped."""

    def render(self, template: str, values: Mapping[str, Any]) -> str: ...


class Links(Protocol):
    """The web addresses that stand in messages."""

    def leave(self, subscription: Subscription) -> str:
        """The page with the button."""
        ...

    def one_click(self, subscription: Subscription) -> str:
        """The address that acts on POST alone (RFC 8058)."""
        ...


# -- the store ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An item that was listed and whose page is yet to be read."""

    id: int
    item: Item
    source: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A report with what it was compared to, on its way into the store."""

    provider: str | None
    changes: tuple[Change, ...]
    ratings: tuple[Rating, ...]  # for the history; empty for a blog's retelling


class SourceStore(Protocol):
    async def polled(self) -> list[Polled]: ...
    async def record(self, polled: Polled) -> None: ...
    async def take_in(self, polled: Polled, fresh: Sequence[Fresh], *, baseline: Collection[int]) -> int:
        """Write new items and the poll's memory in one transaction; how many items were written.

        `baseline` holds positions in `fresh` of items that are known from now on and never read. An item
        whose key another worker wrote first is left out.
        """
        ...

    async def seen(self, source: str) -> dict[str, int]:
        """Every key that the source ever showed, tombstones included."""
        ...


class ItemStore(Protocol):
    async def unread(self, limit: int, *, source: str, now: datetime) -> list[Unread]: ...
    async def put_off(self, item: int, reason: str, *, until: datetime) -> None: ...
    async def park(self, item: int, reason: str, now: datetime) -> None: ...
    async def file(
        self, item: int, page: Page, reading: Reading, filed: Sequence[Filed], now: datetime
    ) -> bool:
        """Page, reading, reports, judgements, changes and new providers at once; False if read before."""
        ...


class ProviderStore(Protocol):
    async def register(self) -> Register: ...
    async def add(self, providers: Iterable[Provider]) -> None: ...
    async def history(self, provider: str) -> list[Rating]: ...
    async def add_history(self, ratings: Iterable[Rating]) -> None: ...


class EditionStore(Protocol):
    async def waiting(self, cutoff: datetime) -> list[Filing]: ...
    async def told(self, since: date) -> list[Filing]: ...
    async def sealed(self, day: date) -> Edition | None: ...
    async def seal(self, assembly: Assembly, now: datetime) -> Edition:
        """Store the edition and settle its filings at once; a day's first edition stands."""
        ...

    async def planned(self, day: date) -> bool: ...


class DeliveryStore(Protocol):
    async def plan(
        self, day: date, subscribers: Iterable[int], *, carries: Mapping[int, Sequence[date]], now: datetime
    ) -> int: ...
    async def not_surely_given(self, before: date) -> dict[int, list[date]]: ...
    async def missed(self, day: date, subscriber: int) -> list[date]: ...
    async def claim(
        self, day: date, limit: int, *, owner: str, now: datetime, lease: timedelta
    ) -> list[Delivery]: ...
    async def begin(self, delivery: Delivery, message_id: str, now: datetime) -> Delivery: ...
    async def settle(
        self, delivery: Delivery, answer: Answer, now: datetime, *, retry_at: datetime | None
    ) -> State: ...
    async def sweep(self, now: datetime) -> int: ...
    async def tally(self, day: date) -> dict[State, int]: ...


class SubscriptionStore(Protocol):
    async def active(self, at: datetime) -> list[Subscription]: ...
    async def get(self, subscriber: int) -> Subscription | None: ...
    async def add(self, address: str, wishes: Wishes, now: datetime) -> Subscription: ...
    async def end(self, subscriber: int, generation: int, step: Step, now: datetime) -> bool: ...
