"""What the jobs need from the world, as protocols; `adapters` and `store` are their one real side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from digest.alerts import Alert
from digest.deliveries import WAITING, Answer, Batch, Delivery, Envelope, Limits, Pause, Settled, State
from digest.edition import Assembly, Edition, Filing, StoryKey
from digest.items import Fresh, Item, Page
from digest.letters import Claimed, Letter, Settlement
from digest.providers import Provider, Register
from digest.ratings import Rating
from digest.relays import RelayWord
from digest.reports import Reading
from digest.review import Case, Decided
from digest.sources import Polled, Validators
from digest.subscriptions import (
    Bulk,
    Entry,
    Evidence,
    Newcomer,
    Request,
    Selection,
    Standing,
    Step,
    Subscription,
    Suppression,
    Taken,
    Wishes,
)
from digest.verdicts import Verdict

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
        """The offer is off. Never raises."""
        ...

    async def hand_over(self, wire: bytes, then: tuple[Envelope, int] | None = None) -> Answer:
        """The content, ready for the wire, to the final reply: `TAKEN`, `PUT_OFF`, `REJECTED` or `LOST`.

        Never raises for the network. `then` is what will be offered next, if that is known: it may go out
        right behind the content, and its own `offer` must follow.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether a relay could be had when it was last dialled."""

    relay: str  # host:port
    ago: timedelta | None  # since it was dialled; None: not yet
    code: int | None  # of a relay that answered and would not have us
    trouble: str  # why it could not be had, without any address; empty: it could


class Relay(Protocol):
    """The servers that we submit messages to."""

    per_connection: int | None  # messages before a connection is closed; None: as the settings say

    @property
    def away(self) -> bool:
        """Whether no server can be had just now: none is dialled before it has had a rest."""
        ...

    def health(self) -> Sequence[Reach]:
        """Each server, in the order in which they are tried."""
        ...

    def session(self) -> AbstractAsyncContextManager[Session]:
        """A connection ready for mail; if none can be had, its `offer` answers `PUT_OFF`."""
        ...


class Renderer(Protocol):
    """Templates by name; undefined names in them are errors, HTML is escaped."""

    def render(self, template: str, values: Mapping[str, Any]) -> str: ...


class Leaf(Protocol):
    """What one worker notes of one batch, in a place that outlives its process."""

    def begin(self, subscriber: int) -> bool:
        """Note that the content is about to flow; False if this worker has been shut out and must stop."""
        ...

    def answer(self, subscriber: int, answer: Answer) -> None:
        """Note what came of it."""
        ...

    def close(self) -> None:
        """The ledger knows it all now."""
        ...


class Whereabouts(StrEnum):
    """What is known of a worker by its journal."""

    HERE = "here"  # it is this very process
    DEAD = "dead"  # it ran on this machine and is gone
    ALIVE = "alive"  # another process of this machine, which may be frozen
    ELSEWHERE = "elsewhere"  # nothing is known of it here
    RESTARTED = (
        "restarted"  # this machine was started anew since: what it noted may not have reached the disk
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One delivery in a worker's journal."""

    subscriber: int
    begun: bool  # the content was about to flow
    answer: Answer | None  # None: no answer came; then it was begun


class Journal(Protocol):
    """What workers of this machine noted of the batches they hold."""

    @property
    def owner(self) -> str:
        """The name under which this process claims; it stays the same until `settle_in` or `renounce`."""
        ...

    def settle_in(self) -> None:
        """At the start of a run: take another name if others have taken over what is held under this one."""
        ...

    def leaf(self, batch: Batch, subscribers: Sequence[int]) -> Leaf:
        """A fresh leaf with room for these. `OSError` if there is no room for it."""
        ...

    def whereabouts(self, owner: str) -> Whereabouts: ...

    def shut_out(self, owner: str) -> None:
        """From now on the worker hands nothing over, even if it lives. For an owner of this machine."""
        ...

    def read(self, owner: str, batch: Batch) -> list[Noted]:
        """What a worker of this machine noted of a batch; nothing noted means that nothing was begun."""
        ...

    def renounce(self) -> None:
        """Give this process another name; what is held under the old one is for anybody to take over."""
        ...

    def forget(self, owners: Collection[str]) -> None:
        """Throw away the journals of dead workers, except of those named: they still hold batches."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One received message, for one of the addresses it was sent to."""

    sent_from: str  # the envelope's return path (RFC 5321); empty for a server's own words
    sent_to: str
    content: bytes = field(repr=False)


class Reception(StrEnum):
    """What we say to whoever brings a message."""

    TAKEN = "taken"  # it was dealt with, or is kept: it need not be brought again
    NOT_OURS = "not ours"
    LATER = "later"  # trouble of our own: it is to be brought again


class Receiving(Protocol):
    """Whom the servers and mailboxes that we read hand their messages to."""

    def ours(self, address: str) -> bool:
        """Whether mail to an address is for us."""
        ...

    async def receive(self, mail: Mail) -> Reception:
        """Deal with a message to the end. Never raises; the same message again does nothing twice."""
        ...


# -- the store ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An item that was listed and whose page is yet to be read."""

    id: int
    item: Item
    source: str
    attempts: int


class SourceStore(Protocol):
    """Sources between polls, and every key they ever showed."""

    async def polled(self) -> list[Polled]: ...

    async def record(self, polled: Polled) -> None: ...

    async def seen(self, source: str) -> dict[str, int]:
        """Every key that the source ever showed, tombstones included, and the item it belongs to."""
        ...

    async def take_in(
        self, polled: Polled, fresh: Sequence[Fresh], *, baseline: Collection[Fresh], now: datetime
    ) -> int:
        """Write new items and the poll's memory in one transaction; how many of them wait to be read.

        Those also in `baseline` are known from now on and never read. An item whose keys another worker
        wrote first is left out.
        """
        ...


class ItemStore(Protocol):
    """Items from being listed to being read."""

    async def unread(self, source: str, *, limit: int, now: datetime) -> list[Unread]: ...

    async def put_off(self, item: int, trouble: str, *, until: datetime) -> None: ...

    async def park(self, item: int, trouble: str) -> None: ...

    async def file(self, item: int, page: Page, reading: Reading, filings: Sequence[Filing]) -> bool:
        """Page, reading, reports, judgements, changes and ratings at once; False if it was read before.

        A provider that the register lacks is added as proposed. Only an official filing enters the history.
        """
        ...


class ProviderStore(Protocol):
    """The register of providers, and the history of their ratings."""

    async def register(self) -> Register: ...

    async def history(self, provider: str) -> list[Rating]: ...

    async def load(self, providers: Iterable[Provider], past: Iterable[Rating]) -> None:
        """Lay down the operator's register and its past ratings; those laid down before are replaced."""
        ...


class EditionStore(Protocol):
    """Filings that wait for an edition, and the editions that took them."""

    async def waiting(self, cutoff: datetime) -> list[Filing]: ...

    async def told(self, since: date) -> list[Filing]: ...

    async def sealed(self, day: date) -> Edition | None: ...

    async def seal(self, assembly: Assembly, now: datetime) -> Edition:
        """Store the edition and settle its filings at once; a day's first edition stands."""
        ...

    async def planned(self, day: date) -> bool: ...

    async def unplanned(self, before: date) -> list[Edition]:
        """Earlier editions that were sealed and not planned, the oldest first: they are owed to everybody."""
        ...


class ReviewStore(Protocol):
    """What operators were asked, and what they decided."""

    async def open(self) -> list[Case]:
        """Every case with an open doubt, the oldest item first."""
        ...

    async def case(self, key: StoryKey) -> Case | None: ...

    async def decide(self, key: StoryKey, decided: Decided, filing: Filing | None) -> None:
        """Record a decision and what it makes of the filing, at once.

        A filing is put in the place of what was read. One that was rejected leaves the history, and without
        a filing it is withheld from editions. An accepted one's provider belongs to the register from now on.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery to be made, and to whom."""

    delivery: Delivery
    address: str
    standing: Standing
    generation: int
    wishes: Wishes
    missed: tuple[date, ...]  # the days whose stories it carries, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A batch that some worker has claimed."""

    batch: Batch
    owner: str
    until: datetime  # when the lease runs out, aware, UTC


class DeliveryStore(Protocol):
    """The ledger: what was to be given to whom, and what is surely known of it."""

    async def plan(
        self, day: date, *, since: datetime, everybody: bool, now: datetime, noon: datetime
    ) -> int:
        """Plan the day's deliveries once, in batches, and let each carry what was not surely given before.

        For everybody active now that was so at `since`; or only for those of them who are owed an earlier
        edition. Workers elsewhere are woken at `noon`. How many were planned; a second call plans nothing.
        """
        ...

    async def claim(self, day: date, *, owner: str, now: datetime, lease: timedelta) -> Batch | None:
        """A batch with something to do in it, ours until the lease runs out; no other claim gets it."""
        ...

    async def in_hand(self, batch: Batch) -> list[Due]:
        """What is to be done of a claimed batch and is not recorded yet, in subscribers' order."""
        ...

    async def record(
        self, batch: Batch, settled: Sequence[Settled], *, now: datetime, lease: timedelta | None
    ) -> None:
        """Write what came of deliveries, and keep the batch for another lease or, without one, give it back.

        `LeaseLost` if the batch is no longer ours: then nothing was written.
        """
        ...

    async def held(self) -> list[Held]: ...

    async def tally(self, day: date) -> dict[State, int]: ...

    async def done(self, day: date) -> tuple[int, int]:
        """Deliveries in batches with nothing left to do, of how many; quick, and right to a batch."""
        ...

    async def progress(self, day: date, now: datetime) -> Progress: ...

    async def receipts(self, subscriber: int, since: date) -> list[Receipt]:
        """How one subscriber's deliveries stand, the oldest first."""
        ...

    async def state(self, day: date, subscriber: int) -> State | None:
        """How one subscriber's delivery stands; None if none was planned."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the ledger says of one edition to one subscriber."""

    edition: date
    state: State
    at: datetime | None  # when it was settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How an edition's deliveries stand."""

    states: Mapping[State, int]
    batches: int
    open: int  # batches with something left to do
    holding: Mapping[str, int]  # batches by the worker that holds them
    untried_since: datetime | None  # when the first of those not put off was planned
    oldest_retry: datetime | None  # when the first of those put off is asked again
    settled_lately: int  # deliveries settled in the last minute
    trouble: tuple[datetime, int | None] | None  # the last try that failed, and what the relay said

    @property
    def left(self) -> int:
        return sum(count for state, count in self.states.items() if state in WAITING)

    def waited(self, noon: datetime, now: datetime) -> timedelta:
        """How long the delivery that waits longest has been due; zero where none is.

        One that was put off is due when it is to be asked again, the others from noon on.
        """
        untried = max(self.untried_since, noon) if self.untried_since else None
        due = min((at for at in (untried, self.oldest_retry) if at is not None), default=now)
        return max(now - due, timedelta())

    @property
    def seconds_left(self) -> float | None:
        """At the pace of the last minute; None where nothing went out in it."""
        return self.left * 60.0 / self.settled_lately if self.settled_lately else None


class Joined(StrEnum):
    """What came of wanting to join, or of asking for a letter.

    In public the same words are shown for all but `UNFIT`: they must not tell who is subscribed.
    """

    ASKED = "asked"  # a confirmation is on its way
    KNOWN = "known"  # already subscribed: a letter with a fresh link goes out instead
    LIMITED = "limited"  # too many requests; nothing is sent
    UNFIT = "unfit"  # the address cannot be written to
    SUPPRESSED = "suppressed"  # it must not be written to; nothing is sent


class Enrolling(Protocol):
    """The one place for joining and leaving, whichever way people come."""

    async def join(self, address: str, wishes: Wishes, evidence: Evidence, *, network: str) -> Joined: ...

    async def confirm(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Whether the subscription is confirmed now; true as well where it was before."""
        ...

    async def leave(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Whether this ended it."""
        ...

    async def leave_by_address(self, address: str, evidence: Evidence) -> None:
        """Send the way out to the address if it is subscribed; changes nothing: From is no proof."""
        ...

    async def help(self, address: str, evidence: Evidence) -> None:
        """Send the letter that says how things are done, within limits."""
        ...


class Operators(Protocol):
    """Whoever has to look after the service."""

    async def well(self, what: str) -> None:
        """All is as it should be. Never raises."""
        ...

    async def call(self, what: str) -> None:
        """Something needs a person. Never raises."""
        ...


class PauseStore(Protocol):
    """Whether sending is paused: for every process that shares the state."""

    async def current(self) -> Pause | None: ...

    async def pause(self, pause: Pause) -> bool:
        """Whether sending was on; the first pause stands."""
        ...

    async def resume(self) -> bool:
        """Whether sending was paused."""
        ...


class LimitStore(Protocol):
    """Limits on sending that an operator set while the service runs."""

    async def current(self) -> Limits: ...

    async def set(self, limits: Limits) -> None: ...


class RelayStore(Protocol):
    """How workers found the relays; what is a day old is forgotten."""

    async def note(self, words: Sequence[RelayWord], now: datetime) -> None:
        """Each in the place of the same worker's last about the same relay."""
        ...

    async def words(self) -> list[RelayWord]: ...


class SubscriptionStore(Protocol):
    """Standing agreements, what happened to them, and whom we must not write to.

    What would make a suppressed address one that we write to raises `Refused`.
    """

    async def active(self, at: datetime) -> list[Subscription]:
        """Those active now that were so at the instant already."""
        ...

    async def get(self, subscriber: int) -> Subscription | None: ...

    async def find(self, address: str) -> Subscription | None: ...

    async def all(self) -> list[Subscription]: ...

    async def count(self, standing: Standing) -> int: ...

    async def history(self, subscriber: int) -> list[Taken]:
        """What happened, in order."""
        ...

    async def ask(self, address: str, wishes: Wishes, evidence: Evidence, now: datetime) -> Subscription:
        """A pending subscription; of one that ended, a new generation. One that stands is left as it is."""
        ...

    async def add(
        self, address: str, wishes: Wishes, now: datetime, evidence: Evidence = ...
    ) -> Subscription:
        """An active subscription, on an operator's word; of one that stands, new wishes."""
        ...

    async def take(
        self,
        subscriber: int,
        generation: int,
        step: Step,
        evidence: Evidence,
        now: datetime,
        *,
        wishes: Wishes | None = None,
        address: str | None = None,
        until: date | None = None,
        bulk: int | None = None,
    ) -> bool:
        """Take a step; False if the table has none from here, or the subscription is of another generation.

        With `Step.MOVED` comes the new address, and it is False where somebody else has that. Whoever ends
        has nothing planned any more.
        """
        ...

    async def wake(self, today: date, now: datetime) -> int:
        """Let pauses that are over end; how many."""
        ...

    async def lapse(self, asked_before: datetime, now: datetime) -> int:
        """End what was never confirmed; how many."""
        ...

    async def forget(self, ended_before: datetime) -> int:
        """Erase the addresses of what ended long ago; how many."""
        ...

    async def suppress(self, address: str, suppression: Suppression) -> bool:
        """Never write to it again, and end what there is; False if it was suppressed before."""
        ...

    async def unsuppress(self, address: str) -> bool: ...

    async def suppressed(self, address: str) -> Suppression | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger says of one edition for one subscriber."""

    edition: date
    state: State
    attempts: int
    code: int | None
    text: str | None  # as the relay said it: it may quote the address
    retry_at: datetime | None
    carried_to: date | None
    settled_at: datetime | None


class PeopleStore(Protocol):
    """Subscribers as operators look at them."""

    async def page(self, selection: Selection, *, after: int, limit: int) -> list[Subscription]:
        """The next of those meant, in the order of their numbers."""
        ...

    async def count(self, selection: Selection) -> Mapping[Standing, int]: ...

    async def deliveries(self, subscriber: int, *, limit: int) -> Sequence[Known]:
        """The latest first."""
        ...


class BulkStore(Protocol):
    """Actions on many subscriptions at once; each of its steps is kept under the action's number."""

    async def open(self, *, what: str, by: str, why: str, now: datetime) -> int: ...

    async def get(self, bulk: int) -> Bulk | None: ...

    async def all(self) -> list[Bulk]: ...

    async def end(
        self, bulk: int, selection: Selection, step: Step, evidence: Evidence, *, now: datetime, after: int
    ) -> tuple[int, int] | None:
        """End the next chunk of those meant, behind a subscriber: the last of them, and how many ended.

        None when nobody is left.
        """
        ...

    async def foresee(self, newcomers: Sequence[Newcomer]) -> Mapping[Entry, int]:
        """What taking them in would make of each; nothing is written."""
        ...

    async def take_in(
        self, bulk: int, newcomers: Sequence[Newcomer], step: Step, evidence: Evidence, *, now: datetime
    ) -> tuple[Mapping[Entry, int], list[int]]:
        """Let those whom we have never known begin, by `Step.ASKED` or `Step.CONFIRMED`; who they are.

        Whoever is known, in whatever standing, or suppressed, is left as is. One chunk, at once.
        """
        ...

    async def undo(
        self, bulk: int, evidence: Evidence, *, now: datetime, after: int
    ) -> tuple[int, Mapping[str, int]] | None:
        """Take back the next chunk of steps, behind a step: the last of them, and what was made of each.

        Only of those that are as the action left them. None when nothing is left: then it is undone.
        """
        ...


class Rule(StrEnum):
    """What is pruned; each by one setting of retention."""

    UNCONFIRMED = "unconfirmed subscriptions ended"
    REQUESTS = "requests deleted"
    ENDED = "addresses erased"
    LEFTOVERS = "erased again"  # what came in meanwhile
    LETTERS = "letters blanked"
    ANSWERS = "answers blanked"
    PARKED = "parked mail deleted"
    COUNTS = "counts deleted"
    EVIDENCE = "steps without evidence"
    DELIVERIES = "deliveries deleted"
    ITEMS = "old items blanked"


class PruneStore(Protocol):
    """Letting go of what is kept no longer."""

    async def done(self, chore: str) -> date | None:
        """The last day that a chore was done for."""
        ...

    async def mark(self, chore: str, day: date, now: datetime) -> None: ...

    async def count(self, rule: Rule, before: datetime) -> int:
        """How many a rule is for; nothing is written."""
        ...

    def prune(self, rule: Rule, before: datetime, now: datetime) -> AsyncIterator[int]:
        """How many were done, after each small transaction; it may be left at any time."""
        ...


class RequestStore(Protocol):
    """What waits for a person's confirmation, one for each subscriber."""

    async def get(self, subscriber: int) -> Request | None: ...

    async def under(self, reference: str) -> Request | None:
        """The newest one for the address that a reference stands for."""
        ...

    async def put(self, request: Request) -> None:
        """In the place of an earlier one."""
        ...

    async def typed(self, subscriber: int, code: str, now: datetime) -> bool:
        """Whether a typed code is right; wrong ones are counted, and too many close the code."""
        ...

    async def drop(self, subscriber: int) -> None: ...


class LetterStore(Protocol):
    """Messages to one person that are no editions."""

    async def write(self, letter: Letter, now: datetime) -> bool:
        """Ask for a letter to be sent; False if one of its key was asked for before."""
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

    async def of(self, subscriber: int) -> list[tuple[str, datetime, State]]:
        """Kinds of the letters to one subscriber, when each was asked for, and how it stands."""
        ...

    async def count(self, kind: str, since: datetime) -> int: ...

    async def blank(self, settled_before: datetime) -> int:
        """Erase addresses and contents of what is settled and old; how many."""
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


class CountStore(Protocol):
    """How often something was asked for."""

    async def add(self, scope: str, since: datetime) -> int:
        """One more in the stretch of time that begins at `since`; how many that makes."""
        ...

    async def total(self, scope: str, since: datetime) -> int: ...

    async def prune(self, before: datetime) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A report that a delivery came back, or that it was refused."""

    edition: date
    subscriber: int
    verdict: Verdict
    at: datetime
    status: str
    code: int | None
    text: str  # one storable line, as the other server said it
    fingerprint: str  # of the report: the same one twice says nothing new


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """Received mail that could not be dealt with."""

    at: datetime
    sent_to: str
    why: str
    fingerprint: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A delivery that the relay did not take from us."""

    subscriber: int
    code: int | None
    text: str


class MailStore(Protocol):
    """What came back of deliveries, and received mail that an operator should look at."""

    async def returned(self, returned: Returned) -> bool:
        """Keep a report, and let an accepted delivery be bounced by it; False if it says nothing new."""
        ...

    async def heard(self, subscriber: int) -> list[tuple[date, Verdict]]:
        """What came back of one subscriber's editions."""
        ...

    async def heard_of(self, day: date) -> Mapping[int, list[Verdict]]:
        """What came back of one edition, by subscriber."""
        ...

    async def received(self, subscriber: int) -> list[date]:
        """Days of the editions that were sent to one subscriber, whatever came of them."""
        ...

    async def sent(self, day: date) -> int:
        """How many of an edition the relay took."""
        ...

    async def came_back(self, days: Collection[date], verdicts: Collection[Verdict]) -> Mapping[date, int]:
        """Of each of these editions, to how many subscribers it came back with one of these verdicts."""
        ...

    async def refusals(self, day: date) -> list[Refusal]:
        """Deliveries of an edition that the relay refused, and of which no report is kept yet."""
        ...

    async def given(self, day: date) -> list[int]:
        """The subscribers to whom the relay took an edition, or may have."""
        ...

    async def park(self, parked: Parked) -> bool:
        """Keep it for an operator; False if it is kept already."""
        ...

    async def parked(self) -> list[Parked]:
        """The oldest first."""
        ...

    async def parked_count(self) -> int: ...

    async def drop(self, fingerprint: str) -> bool:
        """Throw parked mail away; False if there is none."""
        ...


class Store(Protocol):
    """Everything the service remembers."""

    @property
    def sources(self) -> SourceStore: ...
    @property
    def items(self) -> ItemStore: ...
    @property
    def providers(self) -> ProviderStore: ...
    @property
    def editions(self) -> EditionStore: ...
    @property
    def deliveries(self) -> DeliveryStore: ...
    @property
    def pauses(self) -> PauseStore: ...
    @property
    def limits(self) -> LimitStore: ...
    @property
    def relays(self) -> RelayStore: ...
    @property
    def review(self) -> ReviewStore: ...
    @property
    def subscriptions(self) -> SubscriptionStore: ...
    @property
    def people(self) -> PeopleStore: ...
    @property
    def bulks(self) -> BulkStore: ...
    @property
    def pruning(self) -> PruneStore: ...
    @property
    def requests(self) -> RequestStore: ...
    @property
    def letters(self) -> LetterStore: ...
    @property
    def counts(self) -> CountStore: ...
    @property
    def mail(self) -> MailStore: ...
    @property
    def watches(self) -> WatchStore: ...
