"""Arrivals: what people ask for on pages that promise an email, each kept until it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from digest.backoff import doubling
from digest.subscriptions import Evidence, Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class ToJoin:
    """A confirmation for a new subscription."""

    kind: ClassVar[str] = "join"
    address: str
    wishes: Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class ToGetLinks:
    """The links of a subscription again."""

    kind: ClassVar[str] = "fresh-link"
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToComeBack:
    """A confirmation for a subscription that its reader has left."""

    kind: ClassVar[str] = "come-back"
    subscriber: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToGetOwnLink:
    """The link for what only the owner of the address may do."""

    kind: ClassVar[str] = "own-link"
    subscriber: int
    generation: int
    action: str  # "address", "export" or "erase"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToMove:
    """A confirmation at a new address."""

    kind: ClassVar[str] = "move"
    subscriber: int
    generation: int
    address: str


Asked = ToJoin | ToGetLinks | ToComeBack | ToGetOwnLink | ToMove

KINDS: Final[Mapping[str, type[Asked]]] = {
    one.kind: one for one in (ToJoin, ToGetLinks, ToComeBack, ToGetOwnLink, ToMove)
}
"""The types by the names that the database holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One press of a button."""

    asked: Asked
    evidence: Evidence
    asked_at: datetime  # aware, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedArrival:
    """An arrival that one worker holds."""

    id: int
    fence: int  # higher with each claim
    tries: int  # this one included
    begun_at: datetime  # when it was first tried: each try does the same as of this instant
    arrival: Arrival


LEASE: Final = timedelta(minutes=1)
"""How long a worker holds an arrival; after that, others take it for dead."""

LONGEST_WAIT: Final = timedelta(hours=1)
"""The longest wait between two tries."""

MOST_WAITING: Final = 5_000
"""With so many that wait, no further one is taken in. Each has at most the length of a form."""

TELL_AFTER: Final = 5
"""The number of tries after which operators are told."""


def next_try(claimed: ClaimedArrival, now: datetime) -> datetime:
    """When an arrival that failed is tried again."""
    return now + doubling(timedelta(seconds=5), claimed.tries, LONGEST_WAIT)
