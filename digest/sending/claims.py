"""The supply of a run: batches claimed ahead of the connections, each copy with what its reader is to read.

A copy that is not to be sent is settled here, with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from digest.addresses import allowed_by
from digest.deliveries import NOT_ALLOWED, Answer, Event
from digest.errors import ComposeError
from digest.ports import Clock, DeliveryStore, Due, Journal
from digest.sending.outbox import LEASE, LOOK_EVERY, Copy, Hand, Outbox
from digest.sending.queue import Line
from digest.sending.renditions import Renditions
from digest.subscriptions import Standing

SHORT_REST: Final = 0.05
"""Seconds before asking again for a batch, when there was none and ours are not done; then ever longer."""

_ENDED: Final = Answer(event=Event.LEFT_OUT, code=None, text="the subscription is not active")
_NOTHING: Final = Answer(event=Event.LEFT_OUT, code=None, text="nothing in it was wished for")

_ACTIVE: Final = Standing.ACTIVE  # looking a member up by its class takes its time on Python 3.11


class Supply:
    """Fills one worker's outbox until nothing is left to claim."""

    def __init__(
        self,
        day: date,
        outbox: Outbox,
        line: Line,
        *,
        deliveries: DeliveryStore,
        journal: Journal,
        clock: Clock,
        renditions: Renditions,
        only_to: Iterable[str],
        is_open: Callable[[], bool],
    ) -> None:
        """`only_to`: addresses, or domains with "@" before them; empty: everybody. `is_open`: the window."""
        self._day = day
        self._outbox = outbox
        self._line = line
        self._deliveries = deliveries
        self._journal = journal
        self._clock = clock
        self._renditions = renditions
        self._allows = allowed_by(only_to)
        self._is_open = is_open
        self.stranded = False
        """Whether a batch may be claimed that no hand holds."""
        self.trouble = ""
        """Why some cannot be given the edition until an operator mends it; empty: nothing is known."""

    async def claim_ahead(self) -> None:
        """Claim ahead of the connections; close the outbox when nothing is left."""
        outbox, rest = self._outbox, SHORT_REST
        while self._may_claim():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await outbox.wanting.wait()
            if not outbox.wanting.is_set() or not self._may_claim():
                continue
            if await self._claim():
                rest = SHORT_REST
            elif outbox.empty and not self._line.awaits():
                break
            else:
                await asyncio.sleep(rest)  # others may give batches back, and ours are under way
                rest = min(2 * rest, LOOK_EVERY)
        outbox.close()

    def _may_claim(self) -> bool:
        return not self._outbox.closed and self._is_open()

    async def _claim(self) -> bool:
        """Whether there was a batch to claim."""
        try:
            hand, due = await self._claimed()
            if hand is None:
                return False
            copies, refused = await self._laid_out(hand, due)
        except BaseException:
            self.stranded = True  # it may be claimed all the same: an answer can be lost on its way to us
            raise
        self._outbox.add(hand, copies)
        for copy, answer in refused:
            self._outbox.settle(copy, answer)
        return True

    async def _claimed(self) -> tuple[Hand | None, list[Due]]:
        journal, now = self._journal, self._clock.now()
        batch = await self._deliveries.claim(self._day, owner=journal.owner, now=now, lease=LEASE)
        if batch is None:
            return None, []
        due = await self._deliveries.in_hand(batch)
        leaf = journal.leaf(batch, [one.delivery.subscriber for one in due])
        return Hand(batch=batch, leaf=leaf, left=len(due), until=now + LEASE), due

    async def _laid_out(self, hand: Hand, due: Sequence[Due]) -> tuple[list[Copy], list[tuple[Copy, Answer]]]:
        """Copies to be sent, and those that are not to be; once the outbox is closed nobody needs either."""
        copies: list[Copy] = []
        refused: list[tuple[Copy, Answer]] = []
        for one in due:
            domain = one.address.rpartition("@")[2].casefold()
            copy = Copy(0.0, one.delivery.subscriber, one, hand, domain)
            reason = None if self._outbox.closed else await self._rendition(copy)
            if reason is None:
                copies.append(copy)
            else:
                refused.append((copy, reason))
        return copies, refused

    async def _rendition(self, copy: Copy) -> Answer | None:
        """Give the copy its rendition, or say why it is not to be sent."""
        due = copy.due
        if due.standing is not _ACTIVE:
            return _ENDED
        if not self._allows(due.address):
            return NOT_ALLOWED
        try:
            copy.rendition = await self._renditions.of(due.wishes, due.missed)
        except ComposeError as error:
            self.trouble = self.trouble or str(error)
            return Answer(event=Event.PUT_OFF, code=None, text=f"not composed: {error}")
        return _NOTHING if copy.rendition is None else None
