"""Subscriptions: the lifecycle, the wishes, and what each step changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final, assert_never

from digest.addresses import same_key
from digest.schedule import Weekday


class Standing(StrEnum):
    """The states of a subscription."""

    PENDING = "pending"  # asked for, not confirmed
    ACTIVE = "active"
    PAUSED = "paused"  # by its subscriber
    ENDED = "ended"  # for a reason that is stored; the row is never deleted


class Step(StrEnum):
    """What can happen to a subscription. Every step is stored with its evidence."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    WISHED = "wished"  # the subscriber changed their wishes
    MOVED = "moved"  # the subscriber confirmed another address
    PAUSED = "paused"
    RESUMED = "resumed"  # by the subscriber, or because the pause is over
    LEFT = "left"
    LAPSED = "lapsed"  # it was not confirmed in time
    BOUNCED = "bounced"  # mail to the address bounced repeatedly
    COMPLAINED = "complained"  # the subscriber marked our mail as spam
    REMOVED = "removed"  # by an operator
    ERASED = "erased"  # the address was erased, as the subscriber wanted
    RESTORED = "restored"  # an operator undid the ending


AGREED: Final = (Standing.ACTIVE, Standing.PAUSED)
"""The states of a subscription that is confirmed and has not ended."""
_LIVE: Final = (Standing.PENDING, *AGREED)
_ENDINGS: Final = (Step.LEFT, Step.BOUNCED, Step.COMPLAINED, Step.REMOVED, Step.ERASED)

MOVES: Final[Mapping[tuple[Standing, Step], Standing]] = {
    (Standing.PENDING, Step.ASKED): Standing.PENDING,
    (Standing.PENDING, Step.CONFIRMED): Standing.ACTIVE,
    (Standing.PENDING, Step.LAPSED): Standing.ENDED,
    (Standing.ACTIVE, Step.PAUSED): Standing.PAUSED,
    (Standing.PAUSED, Step.PAUSED): Standing.PAUSED,
    (Standing.PAUSED, Step.RESUMED): Standing.ACTIVE,
    **{(standing, step): standing for standing in AGREED for step in (Step.WISHED, Step.MOVED)},
    **{(standing, step): Standing.ENDED for standing in _LIVE for step in _ENDINGS},
    (Standing.ENDED, Step.ERASED): Standing.ENDED,
    (Standing.ENDED, Step.ASKED): Standing.PENDING,  # a new generation, as for other wishes while pending
    (Standing.ENDED, Step.RESTORED): Standing.ACTIVE,
}

_LEADS_TO: Final[Mapping[Step, Standing]] = {
    step: to for (_, step), to in MOVES.items() if step not in (Step.WISHED, Step.MOVED)
}
"""The state after a step, which is the same from every state. `WISHED` and `MOVED` keep the state."""

ENDINGS: Final = frozenset(step for (_, step), to in MOVES.items() if to is Standing.ENDED)
"""The steps that end a subscription."""

DEPARTURES: Final = frozenset({Step.LEFT, Step.COMPLAINED, Step.ERASED})
"""The endings that the subscriber wanted. After these, only they themselves can subscribe again."""


def table() -> str:
    """The lifecycle as a table in Markdown."""
    rows = [f"| {standing} | {step} | {to} |" for (standing, step), to in MOVES.items()]
    return "\n".join(["| From | On | To |", "|---|---|---|", *rows])


def diagram() -> str:
    """The lifecycle as a Mermaid state diagram, printed from the table."""
    rows = [f"    {standing} --> {to}: {step}" for (standing, step), to in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> pending", *rows])


class Channel(StrEnum):
    """How a step was asked for."""

    WEB = "web"
    MAIL = "mail"
    OPERATOR = "operator"
    IMPORT = "import"
    SERVICE = "service"  # the service itself did it, because of a date or a bounce


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The evidence that a step was wanted. It is stored with the step."""

    channel: Channel
    wording: str = ""  # the words that the person saw or sent, or the operator's reason
    origin: str = ""  # the network address, truncated
    by: str = ""  # the operator's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step in a subscription's history."""

    generation: int
    step: Step
    at: datetime  # aware, UTC
    evidence: Evidence
    before: Standing | None = None  # the state before it; None: there was none, or it is not known
    until: date | None = None  # the end of the pause that it began or cut short
    bulk: int | None = None  # the number of the bulk that it was part of


def standing_at(history: Sequence[Taken], moment: datetime) -> Standing | None:
    """The state of a subscription at an instant, from its history; None if there was no subscription."""
    led = (_LEADS_TO[one.step] for one in reversed(history) if one.at <= moment and one.step in _LEADS_TO)
    return next(led, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a subscriber wants to get; the default is everything."""

    inspectorates: tuple[str, ...] = ()  # keys; empty: all
    areas: tuple[str, ...] = ()  # places in the names of providers; empty: everywhere
    kinds: tuple[str, ...] = ()  # of providers; empty: all
    providers: tuple[str, ...] = ()  # ids; empty: all
    watched: tuple[str, ...] = ()  # ids of providers whose stories always come, and as alerts if on
    movements_only: bool = False
    commentary: bool = True
    alerts: bool = False  # a mail at once when a watched provider moves or gets the lowest grade
    proof_of_life: bool = False  # a weekly mail if the week had no edition for them
    weekly: Weekday | None = None  # editions come once a week, on this day; None: every day
    brief: bool = False  # an edition names its stories in a line or two each, and tells none in full

    @property
    def everything(self) -> bool:
        """Whether the subscriber gets every story of an edition unchanged."""
        return replace(self.of_editions, watched=(), weekly=None, brief=False) == Wishes()

    @property
    def of_editions(self) -> Wishes:
        """The wishes that decide on an edition: equal ones give the same edition."""
        return replace(self, alerts=False, proof_of_life=False)

    def edition_on(self, day: date) -> bool:
        """Whether a day is one of their days for an edition."""
        return self.weekly is None or self.weekly is Weekday.of(day)


EVERYTHING: Final = Wishes()
"""The wishes of somebody who has chosen nothing: all stories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscriber's agreement to get editions."""

    subscriber: int
    address: str  # as typed, with the domain in lower case; empty once erased
    standing: Standing
    generation: int  # links of an earlier generation do not work
    wishes: Wishes
    since: datetime  # aware, UTC: when it became active, or was asked for while pending
    paused_until: date | None = None  # the first day with an edition after the pause
    ended_at: datetime | None = None
    ended_reason: Step | None = None

    @property
    def live(self) -> bool:
        return self.standing is not Standing.ENDED

    @property
    def agreed(self) -> bool:
        return self.standing in AGREED


def begun(subscriber: int, address: str, wishes: Wishes, now: datetime) -> Subscription:
    """A new subscriber's subscription, pending."""
    return Subscription(
        subscriber=subscriber,
        address=address,
        standing=Standing.PENDING,
        generation=1,
        wishes=wishes,
        since=now,
    )


def taken(
    before: Subscription,
    step: Step,
    now: datetime,
    *,
    wishes: Wishes | None = None,
    address: str | None = None,
    until: date | None = None,
) -> Subscription | None:
    """The subscription after a step; None if the step is not possible, or the address is erased.

    `ASKED` and `WISHED` need `wishes`, `MOVED` needs `address`. `PAUSED` takes `until`, the first day with an
    edition after the pause; None means until the subscriber resumes.
    """
    standing = MOVES.get((before.standing, step))
    if standing is None or (standing is not Standing.ENDED and not before.address):
        return None
    after = partial(replace, before, standing=standing)
    match step:
        case Step.ASKED:
            # A letter confirms the wishes that it was written for: others need one of their own.
            other = wishes is not None and wishes != before.wishes
            return after(
                generation=before.generation + (other or before.standing is Standing.ENDED),
                wishes=before.wishes if wishes is None else wishes,
                since=now,
                ended_at=None,
                ended_reason=None,
            )
        case Step.CONFIRMED:
            return after(since=now)
        case Step.WISHED:
            return after(wishes=before.wishes if wishes is None else wishes)
        case Step.MOVED:
            return after(address=before.address if address is None else address)
        case Step.PAUSED | Step.RESUMED:
            return after(paused_until=until if step is Step.PAUSED else None)
        case Step.RESTORED:
            return after(ended_at=None, ended_reason=None)
        case Step.LEFT | Step.LAPSED | Step.BOUNCED | Step.COMPLAINED | Step.REMOVED | Step.ERASED:
            address = "" if step is Step.ERASED else before.address
            if not before.live:
                return after(address=address)  # the time and the reason of the ending stay
            return after(address=address, ended_at=now, ended_reason=step, paused_until=None)
        case _:
            assert_never(step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A subscription before and after one or more steps, and the new entries of its history."""

    before: Subscription | None  # None: there was none
    after: Subscription
    history: tuple[Taken, ...]


def transition(
    before: Subscription,
    step: Step,
    evidence: Evidence,
    now: datetime,
    *,
    wishes: Wishes | None = None,
    address: str | None = None,
    until: date | None = None,
    bulk: int | None = None,
) -> Transition | None:
    """One step, as in `taken`, with its entry in the history.

    None if the step is not possible, or changes nothing: a button pressed twice is one step.
    """
    after = taken(before, step, now, wishes=wishes, address=address, until=until)
    if after is None or after == before:
        return None
    noted = _noted(before, after, step, evidence, now, bulk=bulk)
    return Transition(before=before, after=after, history=(noted,))


def joined(
    before: Subscription | None,
    asked: Subscription,
    step: Step,
    evidence: Evidence,
    *,
    bulk: int | None = None,
) -> Transition | None:
    """The transition when somebody asks to join (`ASKED`), or an operator subscribes them (`CONFIRMED`).

    `asked` is the new subscription, for a subscriber who has none yet. `CONFIRMED` asks and confirms at once,
    as one step of the history. None if the subscription is active or paused already.
    """
    now = asked.since
    pending = asked if before is None else taken(before, Step.ASKED, now, wishes=asked.wishes)
    after = taken(pending, Step.CONFIRMED, now) if pending and step is Step.CONFIRMED else pending
    if after is None:
        return None
    noted = _noted(before, after, step, evidence, now, bulk=bulk)
    return Transition(before=before, after=after, history=(noted,))


def restored(before: Subscription, ending: Taken, evidence: Evidence, now: datetime) -> Transition | None:
    """The transition when an operator undoes an ending. A pause that the ending cut short goes on.

    None if the subscription was not confirmed before the ending, or its address is erased.
    """
    after = taken(before, Step.RESTORED, now)
    if after is None or ending.before not in AGREED:
        return None
    history = [_noted(before, after, Step.RESTORED, evidence, now, bulk=ending.bulk)]
    if ending.before is Standing.PAUSED:
        paused = taken(after, Step.PAUSED, now, until=ending.until)
        assert paused is not None  # what is active can be paused
        history.append(_noted(after, paused, Step.PAUSED, evidence, now, bulk=ending.bulk))
        after = paused
    return Transition(before=before, after=after, history=tuple(history))


def _noted(
    before: Subscription | None,
    after: Subscription,
    step: Step,
    evidence: Evidence,
    now: datetime,
    *,
    bulk: int | None,
) -> Taken:
    pause = after if step is Step.PAUSED else before
    return Taken(
        generation=after.generation,
        step=step,
        at=now,
        evidence=evidence,
        before=before.standing if before else None,
        until=pause.paused_until if pause else None,
        bulk=bulk,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that we must not write to. Its keyed hash is stored, also after the address is erased."""

    why: str
    since: datetime
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that a person is to confirm. A subscriber has one at most, the newest.

    It stays for a while after the confirmation, so that its code may be typed twice.
    """

    subscriber: int
    generation: int
    address: str  # the address to confirm; for a change of address, the new one
    code: str = field(repr=False)  # can be typed instead of following the link
    asked_at: datetime
    expires_at: datetime
    tries: int = 0  # how many wrong codes were typed
    reference: str = ""  # a keyed hash of the address, for the public form that takes codes; empty: none

    def open(self, now: datetime) -> bool:
        return now < self.expires_at

    def waits(self, one: Subscription) -> bool:
        """Whether its subscriber, whose subscription is given, has still to confirm it."""
        done = one.agreed and same_key(one.address) == same_key(self.address)
        return one.live and one.generation == self.generation and not done


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The subscriptions that an operator selects: those that meet every condition that is not None."""

    standing: Standing | None = None
    domain: str | None = None
    reason: Step | None = None  # of the ending
    since: date | None = None  # active, or asked for, since this day (UTC) or later
    before: date | None = None  # active, or asked for, since a day before this one (UTC)
    bulk: int | None = None  # with a step of this bulk

    @property
    def everybody(self) -> bool:
        return self == Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One operator's action on many subscriptions."""

    id: int
    what: str
    at: datetime
    by: str
    why: str
    undone_at: datetime | None = None

    @property
    def undoable_until(self) -> datetime:
        return self.at + UNDO_WITHIN


UNDO_WITHIN: Final = timedelta(days=28)
"""How long after a bulk it can be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A person on the list that an operator imports."""

    address: str
    wishes: Wishes


class Entry(StrEnum):
    """What an import does with a newcomer. It never changes an existing subscription."""

    NEW = "new"
    KNOWN = "subscribed or asked before; left as is"
    ENDED = "ended before; left as is"
    SUPPRESSED = "must not be written to"


DOUBLE_PRESS_WITHIN: Final = timedelta(minutes=1)
"""A request within this time of the last one counts as a button pressed twice."""


def renewed(before: Request | None, asked: Request, *, lost: bool = False) -> Request:
    """The request to store when a confirmation is asked for, perhaps again.

    If the earlier request is still open, its code stays valid and the wrong tries still count. A request of
    a later generation is not replaced. `lost`: the letter of the earlier request may not have arrived, so
    this is no button pressed twice.
    """
    if before is not None and before.generation > asked.generation:
        return before
    if before is None or (before.generation, before.reference) != (asked.generation, asked.reference):
        return asked
    if not before.open(asked.asked_at):
        return asked
    if lost:
        another = max(asked.asked_at, before.asked_at + timedelta(seconds=1))  # for a letter of its own
        return replace(asked, code=before.code, tries=before.tries, asked_at=another)
    if asked.asked_at < before.asked_at + DOUBLE_PRESS_WITHIN:
        return before
    return replace(asked, code=before.code, tries=before.tries)


def in_place_of(before: Request | None, asked: Request) -> Request:
    """The request to change the address to store in place of an earlier one.

    Links name such a request by its second: with another address it gets another second, or the link that was
    sent to one address would confirm the other.
    """
    if before is None or same_key(before.address) == same_key(asked.address):
        return asked
    if before.reference:  # a request to join; its links name the generation
        return asked
    return replace(asked, asked_at=max(asked.asked_at, before.asked_at + timedelta(seconds=1)))


MOST_TRIES: Final = 5
"""After so many wrong codes, a request accepts no code. Its link still works."""


def code_fits(request: Request | None, code: str, now: datetime) -> bool:
    """Whether a typed code confirms the request."""
    digits = "".join(c for c in code if c.isdigit())
    return request is not None and request.open(now) and request.tries < MOST_TRIES and digits == request.code
