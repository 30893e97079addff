"""The pace: how many connections to use, how fast to send, and which domains to leave alone for a while.

Decided from what the relay answers and how fast, within the limits that operators set. Nothing here waits or
reads a clock: `now` is in seconds of one clock of the caller's choice.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from digest.backoff import doubling
from digest.deliveries import Answer, Event

FIRST_CONNECTIONS: Final = 4

GOOD_ANSWERS_TO_GROW: Final = 4
"""Good answers for each open connection before one more connection is opened."""

SLOW_SECONDS: Final = 15.0
"""A good answer that takes so long is a sign of strain; a relay that scans a message needs less."""

HALVE_AGAIN_AFTER_SECONDS: Final = 5.0
"""After halving the connections, answers to messages that were already under way do not halve them again."""

DEFERRALS_BEFORE_REST: Final = 3
"""Messages in a row that a domain puts off before it is left alone."""

FIRST_REST_SECONDS: Final = 120.0
LONGEST_REST_SECONDS: Final = 1800.0
"""How long such a domain is left alone: at first, and at the most."""

ASK_FOR_MORE_AFTER_SECONDS: Final = 300.0
"""A relay that refused a connection because it is full is not asked for more connections before that."""

SHORT_INTERVAL_SECONDS: Final = 90.0
"""A run waits for copies that a limit put off where the limit lets one go at least this often."""

LONGEST_LIMIT_WAIT_SECONDS: Final = 900.0
"""A limit puts no copy off for longer, because an operator may lift the limit meanwhile."""

REFUSALS_BEFORE_PAUSE: Final = 5
"""Refusals in a row that are about us, not about a subscriber, before sending is paused."""


class Pace:
    """How many connections to use now: more while answers are good, half when the relay shows strain."""

    def __init__(self, most: int) -> None:
        """`most`: connections, at the most."""
        self.most = most
        self.connections = min(FIRST_CONNECTIONS, most)
        self._good = 0  # answers since the number of connections changed
        self._halved_at = float("-inf")
        self._refusals = 0  # about us, in a row
        self._given = most  # connections that a full relay gave
        self._full_until = float("-inf")
        self.refused = False
        """Whether the relay keeps refusing us, so that sending must be paused."""

    def limit(self, most: int) -> None:
        """Use so many connections at the most from now on."""
        self.most = most
        self.connections = max(1, min(self.connections, most))

    def forget_refusals(self) -> None:
        """Count from zero again: sending is paused, and an operator decides when it goes on."""
        self._refusals, self.refused = 0, False

    def relay_is_full(self, given: int, now: float) -> None:
        """The relay has a limit of so many connections; that is no strain."""
        self._given = self.connections = max(1, min(given, self.most))
        self._good, self._full_until = 0, now + ASK_FOR_MORE_AFTER_SECONDS

    def note(self, answer: Answer, took: float, now: float) -> None:
        """Learn from an answer that took so many seconds."""
        self._refusals = self._refusals + 1 if answer.about_us else 0
        if self._refusals >= REFUSALS_BEFORE_PAUSE:
            self.refused = True  # a good answer that arrives later does not change that
        if answer.event is Event.TAKEN and took < SLOW_SECONDS:
            self._good += 1
            most = self._given if now < self._full_until else self.most
            if self._good >= GOOD_ANSWERS_TO_GROW * self.connections and self.connections < most:
                self.connections += 1
                self._good = 0
        elif _strained(answer, took) and now - self._halved_at >= HALVE_AGAIN_AFTER_SECONDS:
            self.connections = max(1, self.connections // 2)
            self._good, self._halved_at = 0, now


def _strained(answer: Answer, took: float) -> bool:
    """Whether the relay has too much to do: it says 421, is slow or silent, or cuts the connection."""
    if answer.code is None and answer.event in {Event.REJECTED, Event.LEFT_OUT}:
        return False  # settled by us, and the relay was not asked
    return answer.code in {None, 421} or took >= SLOW_SECONDS


class RateLimit:
    """So many messages a minute, evenly spaced, and up to a second's worth at once; None: no limit."""

    def __init__(self, per_minute: float | None) -> None:
        self.per_minute = per_minute
        self._next = 0.0  # when the next message may go
        self._counted_at = float("-inf")

    def limit(self, per_minute: float | None) -> None:
        """Use this limit from now on, also for the message that waits for its turn already."""
        if per_minute == self.per_minute:
            return
        self.per_minute = per_minute
        if per_minute:
            self._next = min(self._next, self._counted_at + 60.0 / per_minute)

    def wait(self, now: float) -> float:
        """Seconds until the next message may go."""
        return max(0.0, self._next - now) if self.per_minute else 0.0

    def count(self, now: float) -> None:
        """Count one message that goes now, or as soon as it may."""
        if self.per_minute:
            self._next = max(self._next, now - 1.0) + 60.0 / self.per_minute
            self._counted_at = now


@dataclass(slots=True)
class _Domain:
    rate: RateLimit
    deferrals: int = 0  # in a row
    rests: int = 0  # without a good answer in between
    rests_until: float = 0.0
    last_turn: float = 0.0  # the latest turn given to a copy that the limit put off


class Domains:
    """How fast each destination domain may be written to, and which are left alone for a while."""

    def __init__(self, per_minute: float | None) -> None:
        """`per_minute`: messages to any one domain; None: no limit."""
        self.last_return_at = float("-inf")
        """When the last copy that a limit put off for a short time is due again."""
        self._per_minute = per_minute
        self._domains: dict[str, _Domain] = defaultdict(lambda: _Domain(RateLimit(self._per_minute)))

    def limit(self, per_minute: float | None) -> None:
        """Use this limit from now on."""
        if per_minute != self._per_minute:
            self._per_minute = per_minute
            for domain in self._domains.values():
                domain.rate.limit(per_minute)

    @property
    def interval(self) -> float:
        """Seconds between two messages to one domain under the limit; 0 without one."""
        return 60.0 / self._per_minute if self._per_minute else 0.0

    def wait(self, name: str, now: float, *, counted: bool = False) -> float:
        """Seconds until the domain may be written to.

        A message that the limit has `counted` already waits for a rest of the domain only.
        """
        if name not in self._domains and self._per_minute is None:
            return 0.0
        domain = self._domains[name]
        return max(domain.rests_until - now, 0.0 if counted else domain.rate.wait(now), 0.0)

    def retry_in(self, name: str, now: float, hold: float) -> float:
        """Seconds after which a copy that would wait too long is tried again, after those put off before it.

        Waits are rounded up to half of `hold` seconds, so that several copies are claimed again together.
        Copies whose turn is beyond `LONGEST_LIMIT_WAIT_SECONDS` all come back then, and get a new turn.
        """
        domain, step = self._domains[name], hold / 2
        turn = max(domain.last_turn + self.interval, now + self.wait(name, now))
        if turn - now <= LONGEST_LIMIT_WAIT_SECONDS:
            domain.last_turn = turn
        wait = math.ceil(min(turn - now, LONGEST_LIMIT_WAIT_SECONDS) / step) * step
        if domain.rests_until <= now and self.interval <= SHORT_INTERVAL_SECONDS:
            self.last_return_at = max(self.last_return_at, now + wait)
        return wait

    def count(self, name: str, now: float) -> None:
        """Count one message to the domain that goes now, or as soon as it may."""
        if self._per_minute is not None:
            self._domains[name].rate.count(now)

    def note(self, name: str, answer: Answer, now: float) -> None:
        """Learn from an answer: a domain that puts off one message after another rests, longer each time."""
        if answer.event is not Event.PUT_OFF:
            if name in self._domains:
                self._domains[name].deferrals = self._domains[name].rests = 0
        elif _about_the_domain(answer):
            domain = self._domains[name]
            domain.deferrals += 1
            if domain.deferrals >= DEFERRALS_BEFORE_REST and domain.rests_until <= now:
                domain.rests += 1
                domain.rests_until = now + doubling(FIRST_REST_SECONDS, domain.rests, LONGEST_REST_SECONDS)


def _about_the_domain(answer: Answer) -> bool:
    """Whether it is about neither one mailbox (x.1 and x.2 of RFC 3463) nor our connection to the relay."""
    if answer.about_us or answer.code is None or not 400 <= answer.code < 500 or answer.code == 421:
        return False
    return not answer.status or answer.status.split(".")[1] not in {"1", "2"}
