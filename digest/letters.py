"""Letters: messages to one person that are no editions, such as confirmations, answers, notices and alerts.

A letter has the states of a delivery (`deliveries.MOVES`). Each letter is committed by itself: letters are
few.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digest import letter_kinds
from digest.addresses import same_key
from digest.deliveries import Answer, Event, State, after, retry_at
from digest.letter_kinds import Content
from digest.subscriptions import AGREED, Request, Standing, Step, Subscription
from digest.tokens import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one letter says, and to which address."""

    content: Content
    address: str
    expires_at: datetime  # aware, UTC: it is not sent at this instant or later

    @property
    def key(self) -> str:
        """What the letter is about. Only the first letter with a key is written."""
        return self.content.key

    @property
    def kind(self) -> str:
        return self.content.kind

    @property
    def subscriber(self) -> int | None:
        """None if the reader may be no subscriber."""
        return self.content.subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A letter that this worker may send until its lease ends."""

    id: int
    fence: int
    letter: Letter
    state: State
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is written to a letter's row after an answer."""

    state: State
    attempts: int
    ready_at: datetime | None  # when to try again, aware, UTC; None: it is settled


Telling = Callable[[Subscription], Letter | None]
"""The letter that tells somebody of a step, made of the subscription as it was before; None: no letter."""

LOST: Final = frozenset({State.REFUSED, State.UNKNOWN, State.SKIPPED, State.BOUNCED})
"""The states in which a letter has surely or perhaps not reached its reader, and is not tried again."""

LONGEST_LEASE: Final = timedelta(minutes=15)
"""The longest that a worker holds a letter: while the relay may take to answer for its content."""

HANDED_OVER_WITHIN: Final = timedelta(minutes=1)
"""How long a letter waits for the outcome of the one that it repeats, if that is just being handed over.

After a crash there is no outcome: both may arrive then.
"""


def settlement(claimed: Claimed, answer: Answer, *, begun: bool, now: datetime) -> Settlement:
    """What to write after an answer. A letter that would be tried again only after it expires is skipped."""
    state = after(after(claimed.state, Event.BEGUN) if begun else claimed.state, answer.event)
    attempts = claimed.attempts + 1
    if state is not State.DEFERRED:
        return Settlement(state=state, attempts=attempts, ready_at=None)
    again = retry_at(attempts, now)
    if again >= claimed.letter.expires_at:
        return Settlement(state=State.SKIPPED, attempts=attempts, ready_at=None)
    return Settlement(state=state, attempts=attempts, ready_at=again)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a subscription must be like for a letter about it to be useful."""

    standings: Collection[Standing]
    elsewhere: bool = False  # the letter goes to an address that the subscription does not have yet
    also: Callable[[Subscription], bool] = lambda _: True
    later: Collection[Standing] = ()  # what a later generation may be like: else its letters say nothing true


_OVER: Final = (Standing.PENDING, Standing.ENDED)
"""If somebody asks for a new subscription before a letter leaves, its reader's own is over all the same."""

_ERASING: Final = Use(standings=tuple(Standing), later=tuple(Standing))
"""The link to erase everything works whatever has become of the subscription."""

USES: Final[Mapping[type[Content], Use]] = {
    letter_kinds.Confirm: Use(standings=(Standing.PENDING,)),
    letter_kinds.Reminder: Use(standings=(Standing.PENDING,)),
    letter_kinds.Unconfirmed: Use(standings=(Standing.PENDING,)),
    letter_kinds.Welcome: Use(standings=AGREED),
    letter_kinds.FreshLink: Use(standings=AGREED),
    letter_kinds.OwnLink: Use(standings=AGREED),
    letter_kinds.ConfirmMove: Use(standings=AGREED, elsewhere=True),
    letter_kinds.Left: Use(
        standings=(Standing.ENDED,),
        also=lambda one: one.ended_reason is Step.LEFT,
        later=_OVER,
    ),
    letter_kinds.Reported: Use(
        standings=(Standing.ENDED,),
        also=lambda one: one.ended_reason is Step.COMPLAINED,
        later=_OVER,
    ),
    letter_kinds.Alert: Use(standings=(Standing.ACTIVE,), also=lambda one: one.wishes.alerts),
    letter_kinds.CoverageChanged: Use(standings=(Standing.ACTIVE,)),
    letter_kinds.ProofOfLife: Use(standings=(Standing.ACTIVE,), also=lambda one: one.wishes.proof_of_life),
}
"""By kind. Kinds that are not listed are always sent: `Help` and letters to operators are about nobody's
subscription, and `Moved` must reach the old address."""


def wanted(letter: Letter, subscription: Subscription | None, request: Request | None = None) -> bool:
    """Whether to send a letter, given its subscriber's subscription and request as they are now.

    The letter may have waited, and the subscription may have changed since it was written. A letter about an
    earlier generation is mostly not sent: its links do nothing.
    """
    content = letter.content
    erasing = isinstance(content, letter_kinds.OwnLink) and content.to == Purpose.ERASE
    use = _ERASING if erasing else USES.get(type(content))
    if use is None:
        return True
    if subscription is None:
        return False
    if isinstance(content, letter_kinds.ConfirmMove) and not _waits(request, content):
        return False
    if use.elsewhere is (same_key(subscription.address) == same_key(letter.address)):
        return False
    if subscription.generation != content.generation:
        return subscription.standing in use.later
    return subscription.standing in use.standings and use.also(subscription)


def _waits(request: Request | None, letter: letter_kinds.ConfirmMove) -> bool:
    """Whether the change of address that a letter asks for can still be confirmed by its link."""
    return request is not None and letter_kinds.move_number(request.asked_at) == letter.move


def unasked(content: Content) -> bool:
    """Whether the reader may never have agreed to hear from us: then the letter must let them stop us."""
    if isinstance(content, letter_kinds.Help):
        return not content.subscribed
    return isinstance(
        content,
        letter_kinds.Confirm | letter_kinds.Reminder | letter_kinds.Unconfirmed | letter_kinds.ConfirmMove,
    )
