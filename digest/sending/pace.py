"""The pace: how many connections to use, how fast, and which domains to leave alone for a while.

Decided from what the relay answers and how soon, within the limits that operators set. Nothing here waits or
knows the time by itself: `now` is seconds on any one clock.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from digest.deliveries import Answer, Event

FIRST_CONNECTIONS: Final = 4

GROWTH: Final = 4
"""Good answers for each open connection before another one is opened."""

SLOW: Final = 15.0
"""Seconds to a good answer that count as slowness; what a relay needs for a scan is less."""

CALM: Final = 5.0
"""Seconds after one halving before the next: what was under way then says the same thing."""

STRIKES: Final = 3
"""Messages in a row that a domain puts off before it is left alone."""

FIRST_REST: Final = 120.0
LONGEST_REST: Final = 1800.0

CONTENT_FOR: Final = 300.0
"""Seconds before a relay is asked for more connections than it gave."""

SOON: Final = 90.0
"""Seconds between two turns for which those who wait are worth waiting for."""

LONGEST_AWAY: Final = 900.0
"""Seconds for which a limit sends anybody away: it may be lifted meanwhile."""

OURS: Final = 5
"""Refusals in a row that are about us before sending is paused."""


class Pace:
    """How many connections may work now: more while all is well, half when the relay shows strain."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.connections = min(FIRST_CONNECTIONS, most)
        self._good = 0
        self._halved_at = float("-inf")
        self._refusals = 0
        self._given = most  # connections that the relay gave, when it gave no more
        self._content_until = float("-inf")
        self.unwanted = False
        """The relay refuses us, time after time: going on would only make it worse."""

    def limit(self, most: int) -> None:
        self.most = most
        self.connections = max(1, min(self.connections, most))

    def forgive(self) -> None:
        """Operators know now: their resuming starts afresh."""
        self._refusals, self.unwanted = 0, False

    def full(self, given: int, now: float) -> None:
        """The relay gives no more connections than so many: that is its limit, and no strain."""
        self._given = self.connections = max(1, min(given, self.most))
        self._good, self._content_until = 0, now + CONTENT_FOR

    def note(self, answer: Answer, took: float, now: float) -> None:
        self._refusals = self._refusals + 1 if answer.about_us else 0
        if self._refusals >= OURS:
            self.unwanted = True  # whatever good news is still under way
        if answer.event is Event.TAKEN and took < SLOW:
            self._good += 1
            most = self._given if now < self._content_until else self.most
            if self._good >= GROWTH * self.connections and self.connections < most:
                self.connections += 1
                self._good = 0
        elif _strained(answer, took) and now - self._halved_at >= CALM:
            self.connections = max(1, self.connections // 2)
            self._good, self._halved_at = 0, now


def _strained(answer: Answer, took: float) -> bool:
    """Whether it speaks of a relay with too much to do: 421, silence, a connection cut, or slowness."""
    if answer.code is None and answer.event in {Event.REJECTED, Event.LEFT_OUT}:
        return False  # settled by us, without asking
    return answer.code in {None, 421} or took >= SLOW


class Allowance:
    """So many a minute, evenly, with a second's worth in hand; None: as many as wanted."""

    def __init__(self, per_minute: float | None) -> None:
        self.per_minute = per_minute
        self._next = 0.0
        self._taken_at = float("-inf")

    def limit(self, per_minute: float | None) -> None:
        """From now on; who waits for the next one by a stricter limit waits no longer."""
        if per_minute == self.per_minute:
            return
        self.per_minute = per_minute
        if per_minute:
            self._next = min(self._next, self._taken_at + 60.0 / per_minute)

    def wait(self, now: float) -> float:
        """Seconds until the next one may go."""
        return max(0.0, self._next - now) if self.per_minute else 0.0

    def take(self, now: float) -> None:
        if self.per_minute:
            self._next = max(self._next, now - 1.0) + 60.0 / self.per_minute
            self._taken_at = now


@dataclass(slots=True)
class _Domain:
    allowance: Allowance
    strikes: int = 0
    rests: int = 0
    until: float = 0.0
    last_turn: float = 0.0  # of those that were sent away until their turn comes


class Domains:
    """What each destination domain bears."""

    def __init__(self, per_minute: float | None) -> None:
        self.back_by = float("-inf")
        """When the last of those is to ask again that limits sent away, one soon after the other."""
        self._per_minute = per_minute
        self._domains: dict[str, _Domain] = defaultdict(lambda: _Domain(Allowance(self._per_minute)))

    def limit(self, per_minute: float | None) -> None:
        if per_minute != self._per_minute:
            self._per_minute = per_minute
            for domain in self._domains.values():
                domain.allowance.limit(per_minute)

    @property
    def interval(self) -> float:
        """Seconds between two messages to one domain that the limit asks for."""
        return 60.0 / self._per_minute if self._per_minute else 0.0

    def wait(self, name: str, now: float, *, has_turn: bool = False) -> float:
        """Seconds until the domain may be written to; whoever `has_turn` has its place in line already."""
        if name not in self._domains and self._per_minute is None:
            return 0.0
        domain = self._domains[name]
        return max(domain.until - now, 0.0 if has_turn else domain.allowance.wait(now), 0.0)

    def come_back_in(self, name: str, now: float, patience: float) -> float:
        """Seconds after which one that would wait too long should ask again: behind all who were told so.

        Some get the same answer, half of `patience` apart, so that they are fetched together. Those whose
        turn is far off all ask again at once, and are told anew.
        """
        domain, step = self._domains[name], patience / 2
        turn = max(domain.last_turn + self.interval, now + self.wait(name, now))
        if turn - now <= LONGEST_AWAY:
            domain.last_turn = turn
        wait = math.ceil(min(turn - now, LONGEST_AWAY) / step) * step
        if domain.until <= now and self.interval <= SOON:
            self.back_by = max(self.back_by, now + wait)
        return wait

    def take(self, name: str, now: float) -> None:
        if self._per_minute is not None:
            self._domains[name].allowance.take(now)

    def note(self, name: str, answer: Answer, now: float) -> None:
        """A domain that puts one message off after another rests, longer each time."""
        if answer.event is not Event.PUT_OFF:
            if name in self._domains:
                self._domains[name].strikes = self._domains[name].rests = 0
        elif _about_the_domain(answer):
            domain = self._domains[name]
            domain.strikes += 1
            if domain.strikes >= STRIKES and domain.until <= now:
                domain.until = now + min(FIRST_REST * (1 << min(domain.rests, 10)), LONGEST_REST)
                domain.rests += 1


def _about_the_domain(answer: Answer) -> bool:
    """Not about one mailbox (x.1 and x.2 of RFC 3463), nor about our connection to the relay."""
    if answer.about_us or answer.code is None or not 400 <= answer.code < 500 or answer.code == 421:
        return False
    return not answer.status or answer.status.split(".")[1] not in {"1", "2"}
