"""Stores of letters, of requests that wait for a confirmation, and of who gets alerts and weekly mails."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from digest.alerts import Alert
from digest.deliveries import Answer, State
from digest.letter_kinds import AlertedStory, Content
from digest.letters import Claimed, Letter, Settlement
from digest.subscriptions import Request, Wishes


class RequestStore(Protocol):
    """Requests that wait for a person's confirmation, one for each subscriber.

    A request to join stays until it expires, so that its code may be typed again after the confirmation. A
    step that ends the subscription deletes the request of its generation.
    """

    async def get(self, subscriber: int) -> Request | None: ...

    async def by_reference(self, reference: str) -> Request | None:
        """The newest request with this reference, the keyed hash of its address; None if there is none."""
        ...

    async def put(self, request: Request) -> Request | None:
        """Store a request in place of the subscriber's earlier one, as `subscriptions.in_place_of` says.

        Returns what is stored; None if the subscription has another generation: it began again meanwhile.
        """
        ...

    async def renew(self, request: Request, *, lost: bool = False) -> Request | None:
        """Store a request to join that is made again, as `subscriptions.renewed` says; what is stored now.

        None if the subscription is not pending in this generation: it was confirmed or ended meanwhile.
        """
        ...

    async def check_code(self, subscriber: int, code: str, now: datetime) -> Request | None:
        """The request that a typed code confirms; None for a wrong code.

        Counts wrong codes: after too many, no code is right any more.
        """
        ...

    async def to_remind(
        self, *, asked_before: datetime, good_after: datetime, after: int, limit: int
    ) -> list[Request]:
        """The next `limit` requests to join that deserve a reminder, by subscriber number, from `after` on.

        These are unconfirmed requests that people made themselves before `asked_before` and that are valid
        until after `good_after`. The letter to confirm was accepted, and no reminder was written yet.
        """
        ...

    async def drop(self, request: Request) -> None:
        """Delete a request; a later one of the same subscriber stays."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRecord:
    """The row of a letter, without its content."""

    number: int
    key: str
    kind: str
    subscriber: int | None
    generation: int | None  # of the subscription it is about; None: about none, or its content is erased
    at: datetime  # when it was written, aware, UTC
    state: State
    code: int | None  # the SMTP code of the relay's last answer, or of the bounce
    text: str | None  # the words of that answer or bounce; they may quote the address


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a letter, so far."""

    address: str  # empty once it is pruned
    at: datetime  # when it was written
    state: State
    code: int | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLetter:
    """A letter that is not sent yet."""

    kind: str
    address: str
    at: datetime  # when it was written, aware, UTC
    state: State
    attempts: int
    ready_at: datetime  # when it is tried next
    code: int | None  # of the relay's last answer, as is the text
    text: str | None


class LetterStore(Protocol):
    """Letters: messages to one person that are no editions."""

    async def write(self, letter: Letter, now: datetime) -> bool:
        """Write a letter to be sent; False if one with its key was written before.

        It takes the place of earlier letters that it repeats (`ToSubscriber.repeats`): those that still wait
        are skipped. If one is just being handed over and the relay takes it, this one is skipped.
        """
        ...

    async def state(self, key: str) -> State | None:
        """The state of the letter with this key; None if none was written."""
        ...

    async def content(self, key: str) -> Content | None:
        """What the letter with this key says; None if none was written, `Unreadable` once it is erased."""
        ...

    async def write_all(self, many: Sequence[Letter], now: datetime) -> None:
        """Write letters in one transaction, except those whose key was written before."""
        ...

    async def claim(
        self, now: datetime, lease: timedelta, kinds: Collection[str] | None = None
    ) -> Claimed | None:
        """Claim the next letter that is due, for the time of `lease`; None if none is due.

        With `kinds`, other kinds of letters wait. A letter that a dead worker had begun to send becomes
        `State.UNKNOWN`.
        """
        ...

    async def begin(self, claimed: Claimed, now: datetime, lease: timedelta) -> None:
        """Note that the content is about to be sent; `LeaseLost` if the letter is no longer ours to send."""
        ...

    async def settle(self, claimed: Claimed, settlement: Settlement, answer: Answer, now: datetime) -> None:
        """Write the outcome; `LeaseLost` if another worker has claimed the letter since."""
        ...

    async def of(self, subscriber: int) -> list[LetterRecord]:
        """All letters to one subscriber, the oldest first."""
        ...

    async def get(self, number: int) -> LetterRecord | None: ...

    async def came_back(self, number: int, code: int | None, text: str) -> None:
        """Note that an accepted letter bounced, with the code and the text of the bounce."""
        ...

    async def of_kinds(self, kinds: Collection[str], since: datetime) -> list[Sent]:
        """Letters of these kinds that were written since an instant, the oldest first."""
        ...

    async def waiting(self, limit: int) -> tuple[int, list[WaitingLetter]]:
        """How many letters are not sent yet, and the first `limit` of them, the oldest first."""
        ...

    async def refused(self, since: datetime) -> list[LetterRecord]:
        """Letters to live subscriptions that the relay refused since an instant, without a report so far."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutEdition:
    """A subscriber who wants the weekly mail and got no edition this week."""

    subscriber: int
    address: str
    generation: int
    wishes: Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLook:
    """What was covered at the last look."""

    mark: str  # `coverage.Coverage.mark`
    since: datetime  # the first look that found it so
    told_at: datetime | None  # when all subscribers were last told; None: not yet since then


@dataclass(frozen=True, slots=True, kw_only=True)
class GapReader:
    """An active subscriber, with what they know of what nothing covers."""

    subscriber: int
    address: str
    generation: int
    wishes: Wishes
    known: frozenset[str]  # `wishes.Gap.keys` as they were last told; empty if they were told of none


class GapStore(Protocol):
    """What is covered, and what subscribers know of it."""

    async def look(self, mark: str, now: datetime) -> CoverageLook:
        """Note what is covered now; since when that is so, and whether subscribers were told of it."""
        ...

    async def told(self, mark: str, now: datetime) -> None:
        """Note that all subscribers were told, unless something else is covered by now."""
        ...

    async def readers(self, *, after: int, limit: int) -> list[GapReader]:
        """The next `limit` active subscribers, by subscriber number, from `after` on."""
        ...

    async def note(self, subscriber: int, generation: int, keys: Collection[str]) -> None:
        """Note what a subscriber was told by a page or another letter."""
        ...

    async def tell(self, letter: Letter, keys: Collection[str], now: datetime) -> bool:
        """Write a letter and note what it tells, in one transaction.

        False if one with its key was written before; then nothing is noted.
        """
        ...


class WatchStore(Protocol):
    """Who gets alerts and weekly mails. `SubscriptionStore` writes which providers a subscriber watches."""

    async def has_readers(self, alert: Alert, *, since: datetime, per_day: int) -> bool:
        """Whether `alert` would write any letter."""
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
        """Write an alert's letters to active watchers with alerts on, at most `limit`; returns how many.

        A subscriber gets one letter about each alert, and at most `per_day` alerts since `since`.
        """
        ...

    async def without_edition(
        self, first: date, last: date, *, since: datetime, prefix: str, after: int, limit: int
    ) -> list[WithoutEdition]:
        """The next `limit` subscribers who may get the weekly mail, by subscriber number, from `after` on.

        They want the weekly mail, have been active since `since`, and have no delivery in these days, or only
        skipped ones. Left out are those who have a letter with the key `prefix` + subscriber number.
        """
        ...
