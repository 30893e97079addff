"""Subscriptions: the standing agreement with an address, what it wishes, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from digest.errors import IllegalMove


class Standing(StrEnum):
    """Where a subscription is in its life."""

    PENDING = "pending"  # asked, not yet confirmed
    ACTIVE = "active"
    ENDED = "ended"  # with its reason; never deleted in silence


class Step(StrEnum):
    CONFIRMED = "confirmed"
    LEFT = "left"
    REMOVED = "removed"  # by an operator


MOVES: Final[Mapping[tuple[Standing, Step], Standing]] = {
    (Standing.PENDING, Step.CONFIRMED): Standing.ACTIVE,
    (Standing.PENDING, Step.LEFT): Standing.ENDED,
    (Standing.PENDING, Step.REMOVED): Standing.ENDED,
    (Standing.ACTIVE, Step.LEFT): Standing.ENDED,
    (Standing.ACTIVE, Step.REMOVED): Standing.ENDED,
}


def after(standing: Standing, step: Step) -> Standing:
    """The standing that a step leads to; `IllegalMove` where the table has none."""
    try:
        return MOVES[standing, step]
    except KeyError:
        raise IllegalMove("subscription", standing, step) from None


def diagram() -> str:
    """The lifecycle as a Mermaid state diagram, printed from the table."""
    rows = [f"    {standing} --> {to}: {step}" for (standing, step), to in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> pending", *rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a subscriber wants to hear of; the default is everything."""

    inspectorates: tuple[str, ...] = ()  # keys; empty: all
    providers: tuple[str, ...] = ()  # register ids; empty: all
    movements_only: bool = False
    commentary: bool = True

    @property
    def everything(self) -> bool:
        return self == Wishes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscriber's standing agreement."""

    subscriber: int
    address: str  # as typed; the domain in lower case
    standing: Standing
    generation: int  # links of an earlier generation do not act on this one
    wishes: Wishes
    since: datetime  # aware, UTC: when it became active, or was asked for while pending
    ended_reason: Step | None = None
