"""Moving: another address, and what else only the owner of the present one may do."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from digest import letters
from digest.addresses import mask, same_key
from digest.errors import Refused
from digest.letters import Letter
from digest.membership.asking import Asking
from digest.membership.letters import A_WEEK, PATIENCE, fit, minute_of
from digest.ports import Joined
from digest.subscriptions import Evidence, Request, Step, Subscription

log = logging.getLogger(__name__)

OWN_LINK_LASTS: Final = timedelta(hours=24)
"""How long a link is good that lets somebody do what an edition's must not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving(Asking):
    """What goes by a letter to one address or the other."""

    async def ask_move(
        self, subscriber: int, generation: int, address: str, evidence: Evidence, *, network: str
    ) -> Joined:
        """Ask the owner of a new address; nothing is changed before they say yes."""
        now = self.clock.now()
        found = await self.standing_of(subscriber, generation)
        if not fit(address) or found is None or not found.agreed:
            return Joined.UNFIT
        if not await self.quotas.network(network, now):
            return Joined.LIMITED
        # Noted whatever we know of that address: what is held of one person must not tell who else is here.
        request = await self._move_request(found, address.strip(), now)
        await self.store.requests.put(request)
        if await self.store.subscriptions.suppressed(address) is not None:
            return Joined.SUPPRESSED
        other = await self.store.subscriptions.find(address)
        if other is not None and other.agreed:
            return Joined.KNOWN
        content = {"move": number_of(request), "old": mask(found.address)}
        key = f"confirm-move {subscriber} {generation} {request.asked_at.isoformat()} {minute_of(now)}"
        there = await self.write_within_limits(
            letters.CONFIRM_MOVE, key, found, content, address=request.address
        )
        return Joined.ASKED if there else Joined.LIMITED

    async def _move_request(self, found: Subscription, address: str, now: datetime) -> Request:
        """What is asked of a new address's owner; asked again, its earlier link still holds."""
        before = await self.store.requests.get(found.subscriber)
        if (
            before is not None
            and before.generation == found.generation
            and before.open(now)
            and same_key(before.address) == same_key(address)
        ):
            return replace(before, address=address, expires_at=now + PATIENCE)
        return Request(
            subscriber=found.subscriber,
            generation=found.generation,
            address=address,
            code=self.code(),
            # Its second is the request's number: a link must not confirm what was asked for after it.
            asked_at=max(now, before.asked_at + timedelta(seconds=1)) if before else now,
            expires_at=now + PATIENCE,
        )

    async def confirm_move(self, subscriber: int, number: int, evidence: Evidence) -> bool:
        """Change the address, and tell the old one; `number` is of the request that is confirmed."""
        now = self.clock.now()
        request = await self.store.requests.get(subscriber)
        before = await self.store.subscriptions.get(subscriber)
        if request is None or before is None or number_of(request) != number or not request.open(now):
            return False
        if same_key(before.address) == same_key(request.address):
            return before.live  # it was done before
        # With the step: afterwards nobody could say any more which address is to be told.
        telling = Letter(
            key=f"moved {subscriber} {request.generation} {request.asked_at.isoformat()}",
            kind=letters.MOVED,
            subscriber=subscriber,
            address=before.address,
            content={"generation": request.generation, "new": mask(request.address)},
            expires_at=now + A_WEEK,
        )
        own = (subscriber, request.generation)
        try:
            moved = await self.store.subscriptions.take(
                *own, Step.MOVED, evidence, now, address=request.address, telling=telling
            )
        except Refused:
            return False
        if moved:
            log.info("subscription moved", extra={"subscriber": subscriber})
            self.wrote()
        return moved

    # -- what only the owner may -----------------------------------------------------------------------

    async def ask_owner(self, subscriber: int, generation: int, what: str, *, network: str) -> Joined:
        """Write the address's owner a link to do `what`: an edition's may be in anybody's hands (F83)."""
        now = self.clock.now()
        found = await self.standing_of(subscriber, generation)
        if found is None or not found.agreed:
            return Joined.UNFIT
        if await self.store.subscriptions.suppressed(found.address) is not None:
            return Joined.SUPPRESSED
        if not await self.quotas.network(network, now):
            return Joined.LIMITED
        until = now + OWN_LINK_LASTS
        key = f"own-link {what} {subscriber} {generation} {minute_of(now)}"
        content = {"to": what, "until": until.isoformat()}
        there = await self.write_within_limits(letters.OWN_LINK, key, found, content, lasts=OWN_LINK_LASTS)
        return Joined.ASKED if there else Joined.LIMITED

    async def owner(self, subscriber: int, generation: int, until: datetime) -> Subscription | None:
        """Whose link it is that is good until an instant; None where it opens nothing any more."""
        found = await self.standing_of(subscriber, generation)
        if found is None or not found.agreed or self.clock.now() >= until:
            return None
        # It went to the address of then: once that has changed, whoever reads there is somebody else.
        history = await self.store.subscriptions.history(subscriber)
        moved = (t.at for t in history if t.step is Step.MOVED and t.generation == generation)
        return None if any(at > until - OWN_LINK_LASTS for at in moved) else found


def number_of(request: Request) -> int:
    """What a link that confirms a change of address names the request by."""
    return int(request.asked_at.timestamp())
