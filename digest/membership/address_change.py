"""A change of address: the owner of the new one says yes, and the old one is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from digest.addresses import mask, same_key
from digest.errors import Refused
from digest.letter_kinds import ConfirmMove, Moved, in_minute, move_number
from digest.letters import Letter
from digest.membership.letters import (
    CONFIRM_WITHIN,
    EXPIRES_AFTER,
    SENT_WITHIN,
    LetterWriter,
    fit,
    subscription_of,
)
from digest.membership.limits import Limits
from digest.ports import Clock, Joined, Store
from digest.subscriptions import Evidence, Request, Step, Subscription

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChanges:
    """Asks at the new address, and changes it once that is confirmed."""

    store: Store
    clock: Clock
    limits: Limits
    letters: LetterWriter
    new_code: Callable[[], str]

    async def ask(self, subscriber: int, generation: int, address: str) -> Joined:
        """Ask the owner of a new address; nothing changes before they confirm.

        `OwnerLinks.count` limits how often; here the new address has its limits.
        """
        now = self.clock.now()
        found = await subscription_of(self.store, subscriber, generation)
        if not fit(address) or found is None or not found.agreed:
            return Joined.UNFIT
        # Stored whether or not we know that address: one person's export must not tell who else is here.
        request = await self.store.requests.put(await self._request(found, address.strip(), now))
        if request is None:
            return Joined.UNFIT
        if await self.store.subscriptions.suppressed(address) is not None:
            return Joined.SUPPRESSED
        other = await self.store.subscriptions.find(address)
        if other is not None and other.agreed:
            return Joined.KNOWN
        letter = ConfirmMove(
            subscriber=subscriber,
            generation=generation,
            asked_at=request.asked_at,
            occasion=in_minute(now),
            old=mask(found.address),
        )
        charge = self.letters.charge_to_move(request.address)
        written = await self.letters.write_within_limits(
            letter, request.address, charge, expires_at=now + SENT_WITHIN
        )
        return Joined.ASKED if written else Joined.LIMITED

    async def _request(self, found: Subscription, address: str, now: datetime) -> Request:
        """The request to store; for an address that was asked before, earlier links keep working."""
        before = await self.store.requests.get(found.subscriber)
        if (
            before is not None
            and before.generation == found.generation
            and before.open(now)
            and same_key(before.address) == same_key(address)
        ):
            return replace(before, address=address, expires_at=now + CONFIRM_WITHIN)
        return Request(
            subscriber=found.subscriber,
            generation=found.generation,
            address=address,
            code=self.new_code(),
            asked_at=now,
            expires_at=now + CONFIRM_WITHIN,
        )

    async def confirm(self, subscriber: int, number: int, evidence: Evidence) -> bool:
        """Change the address and tell the old one; `number` names the request (`letter_kinds.move_number`).

        True as well where it was changed before.
        """
        now = self.clock.now()
        request = await self.store.requests.get(subscriber)
        before = await self.store.subscriptions.get(subscriber)
        if request is None or before is None or not request.open(now):
            return False
        if move_number(request.asked_at) != number:
            return False
        if same_key(before.address) == same_key(request.address):
            return before.live
        told = Moved(
            subscriber=subscriber,
            generation=request.generation,
            asked_at=request.asked_at,
            new=mask(request.address),
        )

        def telling(one: Subscription) -> Letter:  # after the step nobody knows the old address
            return Letter(content=told, address=one.address, expires_at=now + EXPIRES_AFTER)

        own = (subscriber, request.generation)
        try:
            moved = await self.store.subscriptions.take(
                *own, Step.MOVED, evidence, now, address=request.address, telling=telling
            )
        except Refused:
            return False
        if moved:
            await self.limits.confirmed(request.address, now)
            log.info("subscription moved", extra={"subscriber": subscriber})
            self.letters.letter_written()
            return True
        found = await subscription_of(self.store, *own)  # it may have been pressed twice at once
        return found is not None and found.agreed and same_key(found.address) == same_key(request.address)
