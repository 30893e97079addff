"""The queue: which copy is submitted next, and when the limits allow it."""

from __future__ import annotations

import asyncio
from typing import Final

from digest.deliveries import Answer, Event, Limits
from digest.sending.copies import Composed, Composing, Rendered
from digest.sending.outbox import LOOK_EVERY, Outbox
from digest.sending.pace import Domains, RateLimit

LONGEST_HOLD_SECONDS: Final = 5.0
"""How long a copy stays in hand, and its batch with it, until its domain may be written to; else put off."""


class CopyQueue:
    """Takes copies of one run from its outbox, in the order in which the limits let them go."""

    def __init__(self, outbox: Outbox, composing: Composing) -> None:
        self._outbox = outbox
        self._composing = composing
        self._domains = Domains(None)
        self._rate = RateLimit(None)
        self._clock = asyncio.get_running_loop().time

    def limit(self, limits: Limits, workers: int) -> None:
        """Follow these limits from now on; that many workers share them."""
        per_minute, per_domain = limits.per_minute, limits.per_minute_and_domain
        self._rate.limit(per_minute / workers if per_minute else None)
        self._domains.limit(per_domain / workers if per_domain else None)

    def expects_returns(self) -> bool:
        """Whether copies that a limit put off are due again soon enough for this run to wait for them."""
        return self._clock() < self._domains.last_return_at + LONGEST_HOLD_SECONDS

    def note(self, copy: Composed, answer: Answer, now: float) -> None:
        """Learn from an answer how the domain is doing; `now` in seconds of the event loop's clock."""
        self._domains.note(copy.claimed.domain, answer, now)

    def following(self) -> Composed | None:
        """A copy that may go right behind another one on the same connection, if one may go now."""
        if self._composing.sign is not None:
            return None  # signing is asynchronous, and the content before must not wait for it
        now = self._clock()
        if self._rate.wait(now) > 0 or (copy := self._outbox.take()) is None:
            return None
        if self._domains.wait(copy.claimed.domain, now, counted=copy.counted) > 0:
            self._outbox.put_back(copy)
            return None
        composed = self._composing.compose(copy)
        if isinstance(composed, Answer):
            self._outbox.settle(copy.claimed, composed)
            return None
        self._count(copy, now)
        return composed

    async def next(self) -> Composed | None:
        """The next copy, once it may go; None when there is nothing more for this connection."""
        while (copy := await self._outbox.next()) is not None:
            if self._must_wait(copy):
                continue
            while (pause := self._rate.wait(self._clock())) > 0:
                await asyncio.sleep(min(pause, LOOK_EVERY))
                if self._outbox.closed:
                    return None
            composed = await self._composing.compose_signed(copy)
            if isinstance(composed, Answer):
                self._outbox.settle(copy.claimed, composed)
                continue
            self._count(copy, self._clock())
            return composed
        return None

    def _must_wait(self, copy: Rendered) -> bool:
        """Whether its domain may not be written to yet; then it is put back for a moment, or put off."""
        now, domain = self._clock(), copy.claimed.domain
        wait = self._domains.wait(domain, now, counted=copy.counted)
        if wait > max(LONGEST_HOLD_SECONDS, 2 * self._domains.interval):
            text = "its domain is left alone for a while"
            wait = self._domains.retry_in(domain, now, LONGEST_HOLD_SECONDS)
            self._outbox.settle(copy.claimed, Answer(event=Event.PUT_OFF, code=None, text=text), wait)
        elif wait > 0:
            if not copy.counted:
                self._domains.count(domain, now)
            self._outbox.put_back(copy._replace(counted=True), wait)
        return wait > 0

    def _count(self, copy: Rendered, now: float) -> None:
        self._rate.count(now)
        if not copy.counted:
            self._domains.count(copy.claimed.domain, now)
