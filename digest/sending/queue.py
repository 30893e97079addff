"""The line: whose copy goes next, when the limits let it, composed as it comes to its turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from digest.compose import Tokens, wire_ready
from digest.deliveries import Answer, Event, Limits
from digest.errors import ComposeError
from digest.sending.outbox import LOOK_EVERY, Copy, Outbox
from digest.sending.pace import Allowance, Domains

log = logging.getLogger(__name__)

PATIENT: Final = 5.0
"""Seconds that a copy waits in hand for its domain's turn, its batch with it; beyond them it is put off."""


class Line:
    """Copies of one run's outbox, in the order in which they may go."""

    def __init__(
        self,
        outbox: Outbox,
        tokens: Callable[[int, int], Tokens],
        sign: Callable[[bytes], Awaitable[bytes]] | None,
    ) -> None:
        self._outbox = outbox
        self._tokens = tokens
        self._sign = sign
        self._domains = Domains(None)
        self._allowance = Allowance(None)
        self._clock = asyncio.get_running_loop().time

    def limit(self, limits: Limits, share: int) -> None:
        """Heed these from now on; `share` workers have them together."""
        per_minute, per_domain = limits.per_minute, limits.per_minute_and_domain
        self._allowance.limit(per_minute / share if per_minute else None)
        self._domains.limit(per_domain / share if per_domain else None)

    def awaits(self) -> bool:
        """Whether what a limit sent away is to come back while this run is there: a look is minutes away."""
        return self._clock() < self._domains.back_by + PATIENT

    def note(self, copy: Copy, answer: Answer, now: float) -> None:
        """Heed what came of a copy; `now` in seconds of the event loop's clock."""
        self._domains.note(copy.domain, answer, now)

    def behind(self) -> Copy | None:
        """The copy to follow right behind another, if there is one that may go now."""
        if self._sign is not None:
            return None
        now = self._clock()
        if self._allowance.wait(now) > 0 or (copy := self._outbox.take()) is None:
            return None
        if self._domains.wait(copy.domain, now, has_turn=copy.has_turn) > 0:
            self._outbox.put_back(copy)
            return None
        if not self._compose(copy):
            return None
        self._count(copy, now)
        return copy

    async def next(self) -> Copy | None:
        """The next copy when it may go, composed; None when there is nothing more for this connection."""
        while (copy := await self._outbox.next()) is not None:
            now = self._clock()
            wait = self._domains.wait(copy.domain, now, has_turn=copy.has_turn)
            if wait > max(PATIENT, 2 * self._domains.interval):
                text = "its domain is left alone for a while"
                wait = self._domains.come_back_in(copy.domain, now, PATIENT)
                self._outbox.settle(copy, Answer(event=Event.PUT_OFF, code=None, text=text), wait)
                continue
            if wait > 0:
                self._take_turn(copy, now)
                self._outbox.put_back(copy, wait)
                continue
            while (pause := self._allowance.wait(self._clock())) > 0:
                await asyncio.sleep(min(pause, LOOK_EVERY))
                if self._outbox.closed:
                    return None
            if not self._compose(copy) or not await self._signed(copy):
                continue
            self._count(copy, self._clock())
            return copy
        return None

    async def _signed(self, copy: Copy) -> bool:
        """Sign it, if that is ours to do; a copy that cannot be signed is put off, never sent without."""
        if self._sign is None:
            return True
        assert copy.message is not None
        try:
            signed = await self._sign(copy.message.content)
        except Exception as error:
            log.exception("signing failed", extra={"subscriber": copy.due.delivery.subscriber})
            copy.message = None
            self._settle(copy, Event.PUT_OFF, f"not signed: {error}")
            return False
        copy.message = copy.message._replace(wire=wire_ready(signed))
        return True

    def _compose(self, copy: Copy) -> bool:
        """Fill the rendition's gaps; a copy that cannot be made is settled."""
        due, subscriber = copy.due, copy.due.delivery.subscriber
        assert copy.rendition is not None
        try:
            tokens = self._tokens(subscriber, due.generation)
            copy.message = copy.rendition.copy_for(subscriber, due.address, tokens)
        except ComposeError as error:  # asking again would compose it from the same
            log.warning("a copy cannot be composed", extra={"subscriber": subscriber})
            self._settle(copy, Event.REJECTED, f"not composed: {error}")
            return False
        except Exception as error:
            log.exception("composing failed", extra={"subscriber": subscriber})
            self._settle(copy, Event.PUT_OFF, f"not composed: {error}")
            return False
        return True

    def _settle(self, copy: Copy, event: Event, text: str) -> None:
        self._outbox.settle(copy, Answer(event=event, code=None, text=text))

    def _count(self, copy: Copy, now: float) -> None:
        self._allowance.take(now)
        self._take_turn(copy, now)

    def _take_turn(self, copy: Copy, now: float) -> None:
        if not copy.has_turn:
            self._domains.take(copy.domain, now)
            copy.has_turn = True
