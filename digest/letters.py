"""Letters: messages to one person that are no editions: confirmations, answers, notices, alerts.

They live as deliveries do (`deliveries.MOVES`); few as they are, each is committed by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from digest.deliveries import Answer, Event, State, after, retry_at


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
HELP: Final = "help"
ALERT: Final = "alert"
PROOF_OF_LIFE: Final = "proof-of-life"

ANSWER: Final = "answer"
"""In a letter's content: it answers a message, so no machine may answer it in turn."""
