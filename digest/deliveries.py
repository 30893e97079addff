"""Deliveries: one edition for one subscriber, with the states and events of its life.

`accepted` means that the relay said 250, not that the message arrived (RFC 5321 section 6.1).

Values that are made for each message are named tuples: a frozen dataclass takes three times as long to make.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from digest.backoff import doubling
from digest.errors import IllegalMove
from digest.smtp_verdicts import Verdict


class State(StrEnum):
    PLANNED = "planned"
    TRANSMITTING = "transmitting"  # noted before the content is sent; only an answer settles it now
    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # the relay surely has not taken it; tried again until the edition's deadline
    REFUSED = "refused"  # the relay surely has not taken it, and would refuse it again as things are
    UNKNOWN = "unknown"  # nobody can say whether the relay has taken it: not tried again that day
    BOUNCED = "bounced"
    SKIPPED = "skipped"  # the edition has nothing for this subscriber, or the subscription has ended


class Event(StrEnum):
    BEGUN = "begun"  # the relay wants the message, and the content is about to be sent
    TAKEN = "taken"
    PUT_OFF = "put off"
    REJECTED = "rejected"
    LOST = "lost"  # no answer came
    RETURNED = "returned"  # it bounced later
    LEFT_OUT = "left out"  # we decided not to send it
    TRY_AGAIN = "try again"  # an operator wants another try today


MOVES: Final[Mapping[tuple[State, Event], State]] = {
    (State.PLANNED, Event.BEGUN): State.TRANSMITTING,
    (State.PLANNED, Event.PUT_OFF): State.DEFERRED,  # 4yz to MAIL or RCPT, or the relay was not reached
    (State.PLANNED, Event.REJECTED): State.REFUSED,  # 5yz to MAIL or RCPT
    (State.PLANNED, Event.LEFT_OUT): State.SKIPPED,
    (State.DEFERRED, Event.BEGUN): State.TRANSMITTING,
    (State.DEFERRED, Event.PUT_OFF): State.DEFERRED,
    (State.DEFERRED, Event.REJECTED): State.REFUSED,
    (State.DEFERRED, Event.LEFT_OUT): State.SKIPPED,
    (State.DEFERRED, Event.TRY_AGAIN): State.DEFERRED,
    (State.REFUSED, Event.TRY_AGAIN): State.DEFERRED,
    (State.TRANSMITTING, Event.TAKEN): State.ACCEPTED,  # 250: not arrival, RFC 5321 section 6.1
    (State.TRANSMITTING, Event.PUT_OFF): State.DEFERRED,  # 4yz to DATA or after the final dot
    (State.TRANSMITTING, Event.REJECTED): State.REFUSED,
    (State.TRANSMITTING, Event.LOST): State.UNKNOWN,  # no answer came, or our process died before it came
    (State.ACCEPTED, Event.RETURNED): State.BOUNCED,  # a DSN came back, RFC 3464
}

GIVEN: Final = frozenset({State.ACCEPTED, State.BOUNCED, State.SKIPPED})
"""The states in which nothing of the edition is owed. In the others, the next edition carries its stories."""

LATE_STORIES_MAX_AGE: Final = timedelta(days=14)
"""Older stories are not carried on, or editions to a mailbox that refuses mail would grow without end."""

LATE_STORIES_OF_WEEKLY_READERS_MAX_AGE: Final = timedelta(days=28)
"""As `LATE_STORIES_MAX_AGE`, for editions that come once a week: three weeks in a row may fail."""

WAITING: Final = frozenset({State.PLANNED, State.DEFERRED})
"""States in which a delivery may still be submitted before its edition's deadline."""


NOT_TAKEN: Final = frozenset(state for state, event in MOVES if event is Event.TRY_AGAIN)
"""The states of deliveries that failed: the relay surely has not taken them."""


def after(state: State, event: Event) -> State:
    """The state after an event; `IllegalMove` if the event cannot happen in this state."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove("delivery", state, event) from None


class Envelope(NamedTuple):
    """The addresses that SMTP uses (RFC 5321). They may differ from those in the message's headers."""

    bounce_to: str  # MAIL FROM: where bounces go
    recipient: str  # RCPT TO


class Message(NamedTuple):
    """A message (RFC 5322) in wire form, and its envelope."""

    envelope: Envelope
    wire: bytes  # with CRLF line ends, lines of at most 998 octets, doubled dots and the final dot

    @property
    def message_id(self) -> str:
        """The Message-ID from the header, with its angle brackets."""
        _, _, rest = self.wire.partition(b"\r\nMessage-ID: ")
        return rest.partition(b"\r\n")[0].decode("ascii")

    @property
    def content(self) -> bytes:
        """The message as the recipient gets it: without doubled dots and the final dot."""
        return self.wire.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")


class Delivery(NamedTuple):
    """One edition for one subscriber."""

    edition: date
    subscriber: int
    state: State
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some of an edition's deliveries, planned together and claimed together."""

    edition: date
    number: int
    fence: int  # a worker whose fence is not the row's has lost its lease and must not write
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A batch that some worker has claimed."""

    batch: Batch
    owner: str
    until: datetime  # when the lease ends, aware, UTC


class WorkerState(StrEnum):
    """What a worker's journal shows about it."""

    HERE = "here"  # it is this process
    DEAD = "dead"  # it ran on this machine and has ended
    ALIVE = "alive"  # it is another process on this machine, perhaps a frozen one
    ELSEWHERE = "elsewhere"  # it has no journal on this machine
    RESTARTED = "restarted"  # this machine has been restarted since, so the journal may be incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause of all sending. Deliveries that miss their deadline come with the next edition."""

    since: datetime  # aware, UTC
    by: str
    why: str
    in_doubt: date | None = None  # after a restore: the day whose edition may have been sent already
    until: datetime | None = None  # when it ends, aware, UTC; None: when an operator resumes sending
    unknown_since: datetime | None = None  # after a restore: who left after this instant is not known


class Answer(NamedTuple):
    """The outcome of one phase of a submission: an event and the relay's reply."""

    event: Event
    code: int | None  # the SMTP reply code; None where there was no reply
    text: str  # one storable line; it may quote the subscriber's address, so it is never logged
    about_us: bool = False  # the relay refuses us or this text, not the subscriber's address
    reached: bool = True  # False: there was no connection to the relay

    @property
    def status(self) -> str:
        return status_in(self.text)


NOT_ALLOWED: Final = Answer(event=Event.LEFT_OUT, code=None, text="not among those of relay.only_to")
"""The answer for an address that is left out because `relay.only_to` does not have it."""


def status_in(text: str) -> str:
    """The enhanced status that a reply's text begins with, such as "4.2.2" (RFC 3463); else empty."""
    found = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", text)
    return found[0] if found else ""


class Settled(NamedTuple):
    """The outcome of one delivery, to be recorded."""

    delivery: Delivery
    answer: Answer
    at: datetime
    begun: bool  # whether the journal notes that its content was about to be sent
    wait_until: datetime | None = None  # if it was put off without a try: when to try it

    @property
    def state(self) -> State:
        """The state after the answer; `IllegalMove` if the answer is not possible."""
        before = self.delivery.state
        return after(after(before, Event.BEGUN) if self.begun else before, self.answer.event)

    @property
    def attempts(self) -> int:
        tried = self.answer.event is not Event.LEFT_OUT and self.wait_until is None
        return self.delivery.attempts + tried

    @property
    def retry_at(self) -> datetime | None:
        if self.state is not State.DEFERRED:
            return None
        return self.wait_until or retry_at(self.attempts, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One delivery in a worker's journal."""

    subscriber: int
    begun: bool  # whether the content was about to be sent
    answer: Answer | None  # None: no answer came


def reported_words(code: int | None, status: str, text: str) -> str:
    """What a server said, on one line: its codes, then the text without those that it begins with."""
    codes = [part for part in (str(code or ""), status) if part]
    own = text.removeprefix("smtp; ")  # the type of a Diagnostic-Code (RFC 3464 section 2.3.6)
    for one in codes:
        own = own.removeprefix(one).lstrip(" -") if own.startswith(one) else own
    return " ".join([*codes, own]).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a returned report, or the relay's refusal, says of a delivery."""

    at: datetime  # when it was received
    verdict: Verdict
    status: str  # such as "5.1.1"; may be empty
    code: int | None
    text: str  # one line, in the other server's words, without addresses

    @property
    def words(self) -> str:
        return reported_words(self.code, self.status, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """What the ledger says of one edition for one subscriber, as operators see it."""

    edition: date
    state: State
    attempts: int
    code: int | None  # the SMTP reply code of the last answer
    text: str | None  # that answer, as the relay gave it; it may quote the address
    retry_at: datetime | None
    carried_to: date | None  # the later edition that brought its stories
    settled_at: datetime | None
    returned: Report | None = None  # the report that counts: the newest of the worst verdict

    def owed_on(self, day: date) -> bool:
        """Whether the edition of `day` must bring its stories, because they may not have arrived."""
        recent = day - LATE_STORIES_MAX_AGE <= self.edition < day
        return recent and self.state not in GIVEN and self.carried_to is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the ledger says of one edition to one subscriber."""

    edition: date
    state: State
    at: datetime | None  # when it was settled; None: not yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an edition's deliveries are."""

    states: Mapping[State, int]
    batches: int
    open: int  # batches with something left to do
    holding: Mapping[str, int]  # how many batches each worker has claimed
    untried_since: datetime | None  # when the oldest untried delivery was planned
    oldest_retry: datetime | None  # the earliest time at which a deferred delivery is tried again
    settled_lately: int  # how many deliveries were settled in the last minute
    trouble: tuple[datetime, int | None] | None  # when the last try failed, and the relay's code

    @property
    def left(self) -> int:
        return sum(count for state, count in self.states.items() if state in WAITING)

    def waited(self, noon: datetime, now: datetime) -> timedelta:
        """For how long the longest waiting delivery has been due; zero if none is due.

        A deferred delivery is due at its next try, any other from noon on.
        """
        untried = max(self.untried_since, noon) if self.untried_since else None
        due = min((at for at in (untried, self.oldest_retry) if at is not None), default=now)
        return max(now - due, timedelta())

    @property
    def seconds_left(self) -> float | None:
        """The time that the untried deliveries still need, at the rate of the last minute; None if it was 0.

        Deferred deliveries do not count: they are tried at their own times.
        """
        untried = self.states.get(State.PLANNED, 0)
        return untried * 60.0 / self.settled_lately if untried and self.settled_lately else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast all workers together may send. None means as in the settings; in the settings, no limit."""

    per_minute: int | None = None
    per_minute_and_domain: int | None = None
    per_connection: int | None = None  # messages before a connection is closed
    connections: int | None = None  # of one worker

    def over(self, settings: Limits) -> Limits:
        """These limits; where one is None, that of the settings."""
        given = {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}
        return replace(settings, **given)


FIRST_WAIT: Final = timedelta(minutes=2)
# RFC 5321 section 4.5.4.1 recommends 30 minutes. The first waits are shorter, because greylisting ends after
# a few minutes and so does a restart of the operator's own relay.
LONGEST_WAIT: Final = timedelta(minutes=30)


def retry_at(attempts: int, now: datetime) -> datetime:
    """When to try again after `attempts` tries: the waits are 2, 4, 8, 16 and then 30 minutes."""
    return now + doubling(FIRST_WAIT, attempts, LONGEST_WAIT)


def table() -> str:
    """The lifecycle as a table in Markdown: from each state, what each event makes of it."""
    rows = [f"| {state} | {event} | {to} |" for (state, event), to in MOVES.items()]
    return "\n".join(["| From | On | To |", "|---|---|---|", *rows])


def diagram() -> str:
    """The lifecycle as a Mermaid state diagram, printed from the table."""
    moves = [f"    {state} --> {to}: {event}" for (state, event), to in MOVES.items()]
    left = {state for state, _ in MOVES}
    ends = [f"    {state} --> [*]" for state in State if state not in left]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {State.PLANNED}", *moves, *ends])
