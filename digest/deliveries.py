"""Deliveries: one edition for one subscriber, and everything that can happen to it.

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


class State(StrEnum):
    PLANNED = "planned"
    TRANSMITTING = "transmitting"  # noted before the content is sent: from here on only an answer settles it
    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # surely not taken; tried again until the edition's deadline
    REFUSED = "refused"  # surely not taken, and another try would be refused too
    UNKNOWN = "unknown"  # taken or not, which nobody can say: never tried again that day
    BOUNCED = "bounced"
    SKIPPED = "skipped"  # nothing of the edition was for this subscriber, or the subscription had ended


class Event(StrEnum):
    BEGUN = "begun"  # the relay wants the message, and we are about to hand it over
    TAKEN = "taken"
    PUT_OFF = "put off"
    REJECTED = "rejected"
    LOST = "lost"  # no answer came
    RETURNED = "returned"  # it bounced later
    LEFT_OUT = "left out"  # we decided not to send it


MOVES: Final[Mapping[tuple[State, Event], State]] = {
    (State.PLANNED, Event.BEGUN): State.TRANSMITTING,
    (State.PLANNED, Event.PUT_OFF): State.DEFERRED,  # 4yz to MAIL or RCPT, or the relay was not reached
    (State.PLANNED, Event.REJECTED): State.REFUSED,  # 5yz to MAIL or RCPT
    (State.PLANNED, Event.LEFT_OUT): State.SKIPPED,
    (State.DEFERRED, Event.BEGUN): State.TRANSMITTING,
    (State.DEFERRED, Event.PUT_OFF): State.DEFERRED,
    (State.DEFERRED, Event.REJECTED): State.REFUSED,
    (State.DEFERRED, Event.LEFT_OUT): State.SKIPPED,
    (State.TRANSMITTING, Event.TAKEN): State.ACCEPTED,  # 250: not arrival, RFC 5321 section 6.1
    (State.TRANSMITTING, Event.PUT_OFF): State.DEFERRED,  # 4yz to DATA or after the final dot
    (State.TRANSMITTING, Event.REJECTED): State.REFUSED,
    (State.TRANSMITTING, Event.LOST): State.UNKNOWN,  # no answer, or we died waiting for it
    (State.ACCEPTED, Event.RETURNED): State.BOUNCED,  # a DSN came back, RFC 3464
}

GIVEN: Final = frozenset({State.ACCEPTED, State.BOUNCED, State.SKIPPED})
"""States in which nothing more of this edition is owed; else the next edition carries its stories."""

LATE_STORIES_MAX_AGE: Final = timedelta(days=14)
"""Older stories are not carried on: a mailbox that refuses for longer is not sent ever longer editions."""

WAITING: Final = frozenset({State.PLANNED, State.DEFERRED})
"""States in which a delivery may still be submitted before its edition's deadline."""


def after(state: State, event: Event) -> State:
    """The state that an event leads to; `IllegalMove` where the table has none."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove("delivery", state, event) from None


class Envelope(NamedTuple):
    """The addresses of RFC 5321: they route the message and need not stand in it."""

    bounce_to: str  # MAIL FROM: where non-delivery reports go
    recipient: str  # RCPT TO: who gets this copy


class Message(NamedTuple):
    """A message of RFC 5322 as it goes over the wire, and its envelope."""

    envelope: Envelope
    wire: bytes  # CRLF line ends, no line over 998 octets, dots stuffed and the final dot there

    @property
    def message_id(self) -> str:
        """As its header has it, with its angle brackets."""
        _, _, rest = self.wire.partition(b"\r\nMessage-ID: ")
        return rest.partition(b"\r\n")[0].decode("ascii")

    @property
    def content(self) -> bytes:
        """What the recipient gets."""
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
    """What is known of a worker by its journal."""

    HERE = "here"  # it is this very process
    DEAD = "dead"  # it ran on this machine and has ended
    ALIVE = "alive"  # another process of this machine, which may be frozen
    ELSEWHERE = "elsewhere"  # it has no journal on this machine
    RESTARTED = "restarted"  # this machine was restarted since: its notes may not have reached the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Sending is off, mostly until an operator resumes; what is late by then comes with the next edition."""

    since: datetime  # aware, UTC
    by: str
    why: str
    in_doubt: date | None = None  # after a restore: the day whose edition may have been sent before it
    until: datetime | None = None  # when it ends by itself, aware, UTC; None: when an operator resumes


class Answer(NamedTuple):
    """What came of one phase of a submission, as an event and the relay's words."""

    event: Event
    code: int | None  # the SMTP reply code; None where there was no reply
    text: str  # one storable line; it may quote the subscriber's address, so it is never logged
    about_us: bool = False  # the relay refuses us or, after the content, this text; not the subscriber
    reached: bool = True  # False: there was no connection to the relay

    @property
    def status(self) -> str:
        return status_in(self.text)


NOT_ALLOWED: Final = Answer(event=Event.LEFT_OUT, code=None, text="not among those of relay.only_to")
"""The answer for addresses that are left out during a trial."""


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
    wait_until: datetime | None = None  # put off without a try: when to try

    @property
    def state(self) -> State:
        """`IllegalMove` where the table has none."""
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
    begun: bool  # the content was about to be sent
    answer: Answer | None  # None: no answer came; then it was begun


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the ledger says of one edition to one subscriber."""

    edition: date
    state: State
    at: datetime | None  # when it was settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an edition's deliveries are."""

    states: Mapping[State, int]
    batches: int
    open: int  # batches with something left to do
    holding: Mapping[str, int]  # batches by the worker that holds them
    untried_since: datetime | None  # when the first of those not tried yet was planned
    oldest_retry: datetime | None  # the earliest time at which one that was put off is tried again
    settled_lately: int  # deliveries settled in the last minute
    trouble: tuple[datetime, int | None] | None  # the last try that failed, and the relay's code

    @property
    def left(self) -> int:
        return sum(count for state, count in self.states.items() if state in WAITING)

    def waited(self, noon: datetime, now: datetime) -> timedelta:
        """How long the delivery that waits longest has been due; zero where none is due.

        One that was put off is due when it is to be tried again, the others from noon on.
        """
        untried = max(self.untried_since, noon) if self.untried_since else None
        due = min((at for at in (untried, self.oldest_retry) if at is not None), default=now)
        return max(now - due, timedelta())

    @property
    def seconds_left(self) -> float | None:
        """For those not tried yet, at the rate of the last minute; None where nothing was settled in it.

        Those put off are not counted: they are tried at their own times.
        """
        untried = self.states.get(State.PLANNED, 0)
        return untried * 60.0 / self.settled_lately if untried and self.settled_lately else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast we may send, all workers together; None: as the settings say or, in them, without a limit."""

    per_minute: int | None = None
    per_minute_and_domain: int | None = None
    per_connection: int | None = None  # messages before a connection is closed
    connections: int | None = None  # of one worker

    def over(self, settings: Limits) -> Limits:
        """These limits, and those of the settings where there is none here."""
        given = {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}
        return replace(settings, **given)


FIRST_WAIT: Final = timedelta(minutes=2)
# RFC 5321 section 4.5.4.1 asks for 30 minutes in general; the short first waits are for greylisting and for a
# relay of the operator's own that restarts, to which most services submit.
LONGEST_WAIT: Final = timedelta(minutes=30)


def retry_at(attempts: int, now: datetime) -> datetime:
    """When to try again after so many attempts: after 2, 4, 8, 16, then every 30 minutes."""
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
