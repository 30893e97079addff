"""Subscriptions: the standing agreement with an address, what it wishes, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final, assert_never


class Standing(StrEnum):
    """Where a subscription is in its life."""

    PENDING = "pending"  # asked, not yet confirmed
    ACTIVE = "active"
    PAUSED = "paused"  # by its subscriber, until a day
    ENDED = "ended"  # with its reason; never deleted in silence


class Step(StrEnum):
    """What happens to a subscription; each is kept, with its evidence."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    WISHED = "wished"  # for something else than before
    MOVED = "moved"  # to another address, which was confirmed
    PAUSED = "paused"
    RESUMED = "resumed"  # by the subscriber, or because the day came
    LEFT = "left"
    LAPSED = "lapsed"  # never confirmed
    BOUNCED = "bounced"  # mail came back again and again
    COMPLAINED = "complained"  # called our mail spam
    REMOVED = "removed"  # by an operator
    ERASED = "erased"  # the subscriber wants to be forgotten
    RESTORED = "restored"  # an operator takes an ending back


AGREED: Final = (Standing.ACTIVE, Standing.PAUSED)
"""The standings of those who have confirmed and not left."""
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
    (Standing.ENDED, Step.ASKED): Standing.PENDING,  # a new generation: links of the earlier one stay dead
    (Standing.ENDED, Step.RESTORED): Standing.ACTIVE,
}

ENDINGS: Final = frozenset(step for (_, step), to in MOVES.items() if to is Standing.ENDED)
"""Steps that are a reason for having ended."""

DEPARTURES: Final = frozenset({Step.LEFT, Step.COMPLAINED, Step.ERASED})
"""Endings that the person wanted: only their own word brings the address back."""


def table() -> str:
    """The lifecycle as a table in Markdown."""
    rows = [f"| {standing} | {step} | {to} |" for (standing, step), to in MOVES.items()]
    return "\n".join(["| From | On | To |", "|---|---|---|", *rows])


def diagram() -> str:
    """The lifecycle as a Mermaid state diagram, printed from the table."""
    rows = [f"    {standing} --> {to}: {step}" for (standing, step), to in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> pending", *rows])


class Channel(StrEnum):
    """How a step came to us."""

    WEB = "web"
    MAIL = "mail"
    OPERATOR = "operator"
    IMPORT = "import"
    SERVICE = "service"  # a day came, or mail came back


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What shows that a step was wanted: kept with it for as long as the step is."""

    channel: Channel
    wording: str = ""  # the words the person saw or sent, or an operator's basis for it
    origin: str = ""  # a truncated network address; never a whole one
    by: str = ""  # the operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One step of a subscription's history."""

    generation: int
    step: Step
    at: datetime  # aware, UTC
    evidence: Evidence
    before: Standing | None = None  # the standing it was taken from; None: there was none, or it is not known
    until: date | None = None  # of a pause; of an ending, the pause that it cut short
    bulk: int | None = None  # the action on many that it was part of


def standing_at(history: Sequence[Taken], moment: datetime) -> Standing | None:
    """How a subscription stood at an instant, by its history; None: there was none."""
    standing: Standing | None = None
    for taken in history:
        if taken.at > moment:
            break
        if taken.step is Step.ASKED:
            standing = Standing.PENDING
        elif taken.step is Step.CONFIRMED:
            standing = Standing.ACTIVE
        elif standing is not None:
            standing = MOVES.get((standing, taken.step), standing)
    return standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a subscriber wants to hear of; the default is everything."""

    inspectorates: tuple[str, ...] = ()  # keys; empty: all
    areas: tuple[str, ...] = ()  # names of places, as providers' names hold them; empty: everywhere
    kinds: tuple[str, ...] = ()  # of providers; empty: all
    providers: tuple[str, ...] = ()  # register ids; empty: all
    watched: tuple[str, ...] = ()  # register ids: always told, and at once where `alerts` is on
    movements_only: bool = False
    commentary: bool = True
    alerts: bool = False  # a mail at once when a watched provider moves or falls to the lowest grade
    proof_of_life: bool = False  # a mail a week when there was no edition in it

    @property
    def everything(self) -> bool:
        """Whether every story of an edition is wanted as it is."""
        return replace(self.of_editions, watched=()) == Wishes()

    @property
    def of_editions(self) -> Wishes:
        """What of it an edition is told by: whoever agrees in this reads the same."""
        return replace(self, alerts=False, proof_of_life=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscriber's standing agreement."""

    subscriber: int
    address: str  # as typed; the domain in lower case; empty once it is erased
    standing: Standing
    generation: int  # links of an earlier generation do not act on this one
    wishes: Wishes
    since: datetime  # aware, UTC: when it became active, or was asked for while pending
    paused_until: date | None = None  # the first day on which editions come again
    ended_at: datetime | None = None
    ended_reason: Step | None = None

    @property
    def live(self) -> bool:
        return self.standing is not Standing.ENDED

    @property
    def agreed(self) -> bool:
        return self.standing in AGREED


def begun(subscriber: int, address: str, wishes: Wishes, now: datetime) -> Subscription:
    """The first subscription of a subscriber: somebody has asked for it."""
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
    """The subscription after a step; None where the table has no such move, or the address is erased already.

    `ASKED` and `WISHED` bring new wishes, `MOVED` a new address, `PAUSED` the first day on which editions
    come again (None: when the subscriber says so).
    """
    standing = MOVES.get((before.standing, step))
    if standing is None or (standing is not Standing.ENDED and not before.address):
        return None
    after = partial(replace, before, standing=standing)
    match step:
        case Step.ASKED:
            return after(
                generation=before.generation + (before.standing is Standing.ENDED),
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
                return after(address=address)  # it keeps the day and the reason of its ending
            return after(address=address, ended_at=now, ended_reason=step, paused_until=None)
        case _:
            assert_never(step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What one or more steps make of a subscription, with what its history notes of them."""

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
    """One step, as in `taken`; None where the table has no such move."""
    after = taken(before, step, now, wishes=wishes, address=address, until=until)
    if after is None:
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
    """Somebody asks to join (`ASKED`), or an operator vouches that they agreed (`CONFIRMED`).

    `asked` is what stands where there was nothing before. `CONFIRMED` asks and confirms at once; the history
    notes it as one step. None where they have agreed already.
    """
    now = asked.since
    pending = asked if before is None else taken(before, Step.ASKED, now, wishes=asked.wishes)
    after = taken(pending, Step.CONFIRMED, now) if pending and step is Step.CONFIRMED else pending
    if after is None:
        return None
    noted = _noted(before, after, step, evidence, now, bulk=bulk)
    return Transition(before=before, after=after, history=(noted,))


def restored(before: Subscription, ending: Taken, evidence: Evidence, now: datetime) -> Transition | None:
    """An operator takes an ending back: a pause that it cut short goes on, also one without an end.

    None where nothing was confirmed before the ending, or nobody knows the address any more.
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
    """An address that we must not write to, kept as a keyed hash: it outlives the address."""

    why: str
    since: datetime
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What waits for a person's confirmation: one for each subscriber, the newest."""

    subscriber: int
    generation: int
    address: str  # whose owner is to confirm; for a change of address the new one
    code: str = field(repr=False)  # to type instead of following the link
    asked_at: datetime
    expires_at: datetime
    tries: int = 0  # wrong codes typed
    reference: str = ""  # under which a code is typed in public: a keyed hash of the address; empty: none is

    def open(self, now: datetime) -> bool:
        return now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which subscriptions an operator means; what is not given does not narrow it."""

    standing: Standing | None = None
    domain: str | None = None
    reason: Step | None = None  # for which it ended
    since: date | None = None  # active, or asked for, on this day (UTC) or later
    before: date | None = None  # active, or asked for, before this day
    bulk: int | None = None  # touched by this action on many

    @property
    def everybody(self) -> bool:
        return self == Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """An action on many subscriptions."""

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
"""For so long an action on many can be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody whom an import names."""

    address: str
    wishes: Wishes


class Entry(StrEnum):
    """What an import makes of a newcomer; it never raises a standing that there is."""

    NEW = "new"
    KNOWN = "subscribed or asked before; left as is"
    ENDED = "ended before; left as is"
    SUPPRESSED = "must not be written to"


A_MOMENT: Final = timedelta(minutes=1)
"""Who asks again within it has pressed a button twice."""


def renewed(before: Request | None, asked: Request) -> Request:
    """What stands once a confirmation is asked for. Again: its code holds, and tries at it still count."""
    if before is None or (before.generation, before.reference) != (asked.generation, asked.reference):
        return asked
    if not before.open(asked.asked_at):
        return asked
    if asked.asked_at < before.asked_at + A_MOMENT:
        return before
    return replace(asked, code=before.code, tries=before.tries)


MOST_TRIES: Final = 5
"""Wrong codes before a request takes none any more; its link still works."""


def fits(request: Request | None, code: str, now: datetime) -> bool:
    """Whether a typed code confirms the request."""
    digits = "".join(c for c in code if c.isdigit())
    return request is not None and request.open(now) and request.tries < MOST_TRIES and digits == request.code
