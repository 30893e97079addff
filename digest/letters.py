"""Letters: messages to one person that are no editions: confirmations, answers, notices, alerts.

They live as deliveries do (`deliveries.MOVES`); few as they are, each is committed by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from digest.addresses import same_key
from digest.deliveries import Answer, Event, State, after, retry_at
from digest.subscriptions import AGREED, Standing, Step, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be said, and to whom; its words are in the template of its kind."""

    key: str  # what it is about: a letter of one key is written once, however often it is asked for
    kind: str  # the template, below mail/
    subscriber: int | None  # None: to somebody we hold nothing of
    address: str
    content: Mapping[str, Any]  # what its template needs; plain values, as JSON holds them
    expires_at: datetime  # aware, UTC: after it, it is of no use to anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A letter that is ours to send until the lease runs out."""

    id: int
    fence: int
    letter: Letter
    state: State
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a letter's row says after an answer."""

    state: State
    attempts: int
    ready_at: datetime | None  # when to try again; None: it is settled


def settlement(claimed: Claimed, answer: Answer, *, begun: bool, now: datetime) -> Settlement:
    """What an answer makes of a letter; one that would be tried again too late is given up."""
    state = after(after(claimed.state, Event.BEGUN) if begun else claimed.state, answer.event)
    attempts = claimed.attempts + 1
    if state is not State.DEFERRED:
        return Settlement(state=state, attempts=attempts, ready_at=None)
    again = retry_at(attempts, now)
    if again >= claimed.letter.expires_at:
        return Settlement(state=State.SKIPPED, attempts=attempts, ready_at=None)
    return Settlement(state=state, attempts=attempts, ready_at=again)


CONFIRM: Final = "confirm"
"""The kinds of letters, each a folder of templates."""
REMINDER: Final = "reminder"
WELCOME: Final = "welcome"
LEFT: Final = "left"
MOVED: Final = "moved"
CONFIRM_MOVE: Final = "confirm-move"
FRESH_LINK: Final = "fresh-link"
OWN_LINK: Final = "own-link"
UNCONFIRMED: Final = "unconfirmed"
HELP: Final = "help"
ALERT: Final = "alert"
PROOF_OF_LIFE: Final = "proof-of-life"

ANSWER: Final = "answer"
"""In a letter's content: it answers a message, so no machine may answer it in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a subscription must be like for a letter about it to be worth sending still."""

    standings: Collection[Standing]
    moves: bool = False  # it goes to an address that the subscription does not have yet
    also: Callable[[Subscription], bool] = lambda _: True


USES: Final[Mapping[str, Use]] = {
    CONFIRM: Use(standings=(Standing.PENDING,)),
    REMINDER: Use(standings=(Standing.PENDING,)),
    UNCONFIRMED: Use(standings=(Standing.PENDING,)),
    WELCOME: Use(standings=AGREED),
    FRESH_LINK: Use(standings=AGREED),
    OWN_LINK: Use(standings=AGREED),
    CONFIRM_MOVE: Use(standings=AGREED, moves=True),
    LEFT: Use(standings=(Standing.ENDED,), also=lambda it: it.ended_reason is Step.LEFT),
    ALERT: Use(standings=(Standing.ACTIVE,), also=lambda it: it.wishes.alerts),
    PROOF_OF_LIFE: Use(standings=(Standing.ACTIVE,), also=lambda it: it.wishes.proof_of_life),
}
"""By kind. What is absent is always of use: help is about nobody, and of a move the old address must hear."""


def wanted(letter: Letter, subscription: Subscription | None) -> bool:
    """Whether a letter is worth sending still, now that its subscriber's subscription is this one.

    It may have waited: behind a pause, a relay that put it off, a process that died. One about an earlier
    agreement is worth nothing, and its links open nothing.
    """
    use = USES.get(letter.kind)
    if use is None or letter.subscriber is None:
        return True
    return (
        subscription is not None
        and subscription.standing in use.standings
        and subscription.generation == letter.content.get("generation")
        and use.moves is not (same_key(subscription.address) == same_key(letter.address))
        and use.also(subscription)
    )
