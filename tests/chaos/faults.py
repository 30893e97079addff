"""What goes wrong in one noon: drawn from a seed, and nothing of it happens here."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

T = TypeVar("T")


class Lie(StrEnum):
    """What the relay may do instead of its duty, named as the table at the end names it."""

    HANG_UP = "hung up on connecting"
    GREET_421 = "421 instead of a greeting"
    GREET_GARBAGE = "garbage instead of a greeting"
    EHLO_GARBAGE = "garbage instead of a reply to EHLO"
    BREAK_TLS = "TLS handshake broken"
    REFUSE_TLS = "454 to STARTTLS"
    MAIL_421 = "421 in mid-batch"
    MAIL_354 = "354 to MAIL"
    RCPT_450 = "450 to RCPT"
    RCPT_550 = "550 to RCPT"
    DATA_250 = "250 to DATA"
    DATA_451 = "451 to DATA"
    DATA_NOBODY = "354 with no recipient left"
    DATA_CUT = "cut after DATA"
    CONTENT_CUT = "cut in mid-content"
    DOT_CUT_UNTAKEN = "cut after the dot, not taken"
    DOT_CUT_TAKEN = "cut after the dot, taken"
    DOT_SILENT = "no reply after the dot, taken"
    DOT_421 = "421 after the dot, not taken"
    DOT_451 = "451 after the dot, not taken"
    DOT_554 = "554 after the dot, not taken"
    DOT_451_TAKEN = "451 after the dot, though taken"
    DOT_554_TAKEN = "554 after the dot, though taken"
    DOT_354_TAKEN = "354 after the dot, taken"
    DOT_GARBAGE_TAKEN = "garbage after the dot, taken"
    GARBAGE = "garbage instead of a reply"
    LATE = "late reply"
    TOO_LATE = "reply after our patience"
    DRIBBLE = "reply octet by octet"


DENIALS: Final = frozenset({Lie.DOT_451_TAKEN, Lie.DOT_554_TAKEN})
"""The relay says that it did not take what it took: what follows from that is the relay's doing."""


class Trouble(StrEnum):
    """What happens to the machines."""

    KILL = "kill -9"
    FREEZE = "frozen past the lease"
    TWIN = "a twin started"
    CUT = "database cut"
    FORWARD = "clock forward"
    PAST_DEADLINE = "clock past the deadline"
    BACKWARD = "clock backward"
    SKEW = "one clock skewed"
    AWAY = "relay not listening"


class Kind(StrEnum):
    """Noons of few faults tell causes apart."""

    CALM = "calm"
    KILLS = "kills only"
    LIES = "lies only"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One trouble, when so many things have happened at the relay, and then so many seconds later."""

    trouble: Trouble
    after: int  # moments of dialogue since the noon began
    pause: float
    amount: float  # minutes of clock, or seconds of a cut; see `_AMOUNTS`
    choice: float  # 0 <= choice < 1: which of the workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A noon to come."""

    kind: Kind
    workers: int
    connections: int
    starttls: bool
    pipelining: float  # the share of connections that are offered it
    lies: tuple[tuple[Lie, float], ...]  # and how likely each is where it can happen
    faults: tuple[Fault, ...]
    seed: int  # of what the relay draws


_KINDS: Final = {Kind.CALM: 1, Kind.KILLS: 5, Kind.LIES: 4, Kind.MIXED: 14}
_TROUBLES: Final = {
    Trouble.KILL: 8,
    Trouble.FREEZE: 5,
    Trouble.TWIN: 3,
    Trouble.CUT: 3,
    Trouble.FORWARD: 3,
    Trouble.PAST_DEADLINE: 1,
    Trouble.BACKWARD: 2,
    Trouble.SKEW: 2,
    Trouble.AWAY: 1,
}
_AMOUNTS: Final = {
    Trouble.FREEZE: (6.0, 45.0),  # minutes: from just past the lease of a claim to past that of a message
    Trouble.CUT: (0.1, 1.2),  # seconds that a lock is held
    Trouble.FORWARD: (3.0, 150.0),  # minutes
    Trouble.BACKWARD: (1.0, 20.0),  # minutes
    Trouble.SKEW: (-9.0, 9.0),  # seconds
    Trouble.AWAY: (0.05, 0.6),  # seconds
}
_MOMENTS: Final = 5  # of one message's dialogue


def draw(dice: random.Random, *, subscribers: int, workers: int) -> Plan:
    """The next noon; `workers` is how many there mostly are."""
    kind = _pick(dice, _KINDS)
    lies: dict[Lie, float] = {}
    if kind in {Kind.LIES, Kind.MIXED}:
        for lie in dice.sample(list(Lie), dice.randint(1, 5)):
            lies[lie] = dice.choice((0.03, 0.1, 0.3))
    troubles: list[Trouble] = []
    if kind is Kind.KILLS:
        troubles = [Trouble.KILL] * dice.choice((1, 1, 2, 4))
    elif kind is Kind.MIXED:
        troubles = [_pick(dice, _TROUBLES) for _ in range(dice.randint(1, 5))]
    twin = workers == 1 and kind is not Kind.KILLS and dice.random() < 0.25
    tls = {Lie.BREAK_TLS, Lie.REFUSE_TLS} & lies.keys()
    return Plan(
        kind=kind,
        workers=2 if twin else workers,
        connections=dice.choice((1, 1, 2, 4)),
        starttls=bool(tls) or dice.random() < 0.1,
        pipelining=dice.choice((0.0, 0.5, 1.0, 1.0)),
        lies=tuple(lies.items()),
        faults=_faults(dice, troubles, _MOMENTS * subscribers),
        seed=dice.getrandbits(32),
    )


def _faults(dice: random.Random, troubles: list[Trouble], moments: int) -> tuple[Fault, ...]:
    faults = [
        Fault(
            trouble=trouble,
            after=dice.randint(0, moments),
            pause=dice.choice((0.0, dice.uniform(0, 0.02), dice.uniform(0, 0.2))),
            amount=dice.uniform(*_AMOUNTS.get(trouble, (0.0, 1.0))),
            choice=dice.random(),
        )
        for trouble in troubles
    ]
    return tuple(sorted(faults, key=lambda fault: fault.after))


def _pick(dice: random.Random, weights: Mapping[T, int]) -> T:
    return dice.choices(list(weights), list(weights.values()))[0]
