"""Claims: batches are claimed ahead of the connections, and their copies rendered into the outbox.

A copy that is not to be sent is settled here, with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from digest.addresses import allowed_by
from digest.backoff import doubling
from digest.deliveries import NOT_ALLOWED, Answer, Event
from digest.errors import ComposeError
from digest.ports import Clock, DeliveryStore, Due, Journal
from digest.sending.copies import Claimed, OpenBatch, Rendered, Renditions
from digest.sending.outbox import LEASE, LOOK_EVERY, Outbox
from digest.sending.queue import CopyQueue
from digest.subscriptions import Standing

FIRST_REST_SECONDS: Final = 0.05
"""Before asking for a batch again when there was none and our copies are not all settled; then doubled."""

_ENDED: Final = Answer(event=Event.LEFT_OUT, code=None, text="the subscription is not active")
_NOTHING: Final = Answer(event=Event.LEFT_OUT, code=None, text="nothing in it was wished for")

_ACTIVE: Final = Standing.ACTIVE  # on Python 3.11 looking up a member of an enum is slow


class Claimer:
    """Fills one worker's outbox until nothing is left to claim."""

    def __init__(
        self,
        day: date,
        outbox: Outbox,
        queue: CopyQueue,
        *,
        deliveries: DeliveryStore,
        journal: Journal,
        clock: Clock,
        renditions: Renditions,
        only_to: Iterable[str],
        is_open: Callable[[], bool],
    ) -> None:
        """`only_to`: addresses, or domains with "@" before them; empty: everybody. `is_open`: may we send."""
        self._day = day
        self._outbox = outbox
        self._queue = queue
        self._deliveries = deliveries
        self._journal = journal
        self._clock = clock
        self._renditions = renditions
        self._allows = allowed_by(only_to)
        self._is_open = is_open
        self.stray_batch = False
        """Whether the ledger may hold a batch under our name that is not in the outbox."""
        self.trouble = ""
        """Why the edition cannot be rendered for some subscribers, until an operator mends it; else empty."""

    async def claim_ahead(self) -> None:
        """Claim batches before the connections need them; close the outbox when nothing is left."""
        outbox, empty_claims = self._outbox, 0
        while self._may_claim():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await outbox.wants_batch.wait()
            if not outbox.wants_batch.is_set() or not self._may_claim():
                continue
            if await self._claim():
                empty_claims = 0
            elif outbox.empty and not self._queue.expects_returns():
                break
            else:
                # Other workers may give batches back, and copies of ours may be put off.
                empty_claims += 1
                await asyncio.sleep(doubling(FIRST_REST_SECONDS, empty_claims, LOOK_EVERY))
        outbox.close()

    def _may_claim(self) -> bool:
        return not self._outbox.closed and self._is_open()

    async def _claim(self) -> bool:
        """Whether there was a batch to claim."""
        try:
            claim = await self._claimed()
            if claim is None:
                return False
            batch, copies = claim
            rendered, refused = await self._rendered(copies)
        except BaseException:
            self.stray_batch = True  # the ledger may have recorded the claim although its answer was lost
            raise
        self._outbox.add(batch, rendered)
        for copy, answer in refused:
            self._outbox.settle(copy, answer)
        return True

    async def _claimed(self) -> tuple[OpenBatch, list[Claimed]] | None:
        journal, now = self._journal, self._clock.now()
        batch = await self._deliveries.claim(self._day, owner=journal.owner, now=now, lease=LEASE)
        if batch is None:
            return None
        due = await self._deliveries.due_in(batch)
        page = journal.page(batch, [one.delivery.subscriber for one in due])
        held = OpenBatch(batch=batch, page=page, left=len(due), until=now + LEASE)
        return held, [Claimed(one, held, _domain(one)) for one in due]

    async def _rendered(
        self, copies: Sequence[Claimed]
    ) -> tuple[list[Rendered], list[tuple[Claimed, Answer]]]:
        """Copies to be sent, and those that are not, with the reason."""
        rendered: list[Rendered] = []
        refused: list[tuple[Claimed, Answer]] = []
        for copy in copies:
            if self._outbox.closed:
                break  # nothing more is sent, and the batch is given back as it is
            match await self._render(copy):
                case Rendered() as made:
                    rendered.append(made)
                case Answer() as answer:
                    refused.append((copy, answer))
        return rendered, refused

    async def _render(self, copy: Claimed) -> Rendered | Answer:
        due = copy.due
        if due.standing is not _ACTIVE:
            return _ENDED
        if not self._allows(due.address):
            return NOT_ALLOWED
        try:
            rendition = await self._renditions.of(due.wishes, due.missed, due.kept)
        except ComposeError as error:
            self.trouble = self.trouble or str(error)
            return Answer(event=Event.PUT_OFF, code=None, text=f"not composed: {error}")
        return _NOTHING if rendition is None else Rendered(copy, rendition)


def _domain(due: Due) -> str:
    return due.address.rpartition("@")[2].casefold()
