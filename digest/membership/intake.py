"""The intake: pages answer once a request is kept, and it is done afterwards, by any process.

Keeping it is one insert, the same for every address, so that its time tells nothing. Doing may take as long
as it takes. A process that dies meanwhile leaves the request to others: they do it as of the instant at which
it was first tried, so the keys of its letters are the same and nobody gets one twice. What earlier tries have
counted against the limits is allowed for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, assert_never

from digest.arrivals import (
    LEASE,
    MOST_WAITING,
    TELL_AFTER,
    Arrival,
    Asked,
    ClaimedArrival,
    ToComeBack,
    ToGetLinks,
    ToGetOwnLink,
    ToJoin,
    ToMove,
    next_try,
)
from digest.errors import DayUsedUp, StoreUnavailable, TooManyWait
from digest.membership.limits import Limits, Share
from digest.ports import Clock, Joined, Store
from digest.subscriptions import Evidence

if TYPE_CHECKING:
    from digest.membership import Membership

log = logging.getLogger(__name__)

_BY_ANYBODY: Final = (ToJoin, ToGetLinks, ToComeBack)
"""What is asked for by forms whose letters count as `Share.WEB`."""

AsOf = Callable[[datetime, int], "Membership"]
"""Everything about subscribing as if it were an instant, with limits so much wider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Keeps requests and does them; any number of processes may do both at once."""

    store: Store
    clock: Clock
    as_of: AsOf
    limits: Limits
    day_of: Callable[[datetime], date]
    request_kept: Callable[[], None] = lambda: None  # called after each
    _full: asyncio.Event = field(default_factory=asyncio.Event)  # a request could not be kept

    async def keep(self, asked: Asked, evidence: Evidence, *, network: str = "") -> bool:
        """Keep a request; it is committed when this returns. `StoreError` if it cannot be kept.

        `DayUsedUp` if the forms that anybody can fill in have used up their share of the day's letters: then
        nobody gets a letter. False if `network` has asked too often; then nothing is kept. Without a network
        there is no such limit.
        """
        now = self.clock.now()
        if not await self.limits.count_request(network, now):
            return False
        if isinstance(asked, _BY_ANYBODY) and await self.limits.used_up(Share.WEB, self.day_of(now), now):
            raise DayUsedUp
        arrival = Arrival(asked=asked, evidence=evidence, asked_at=now)
        if not await self.store.arrivals.add(arrival, MOST_WAITING):
            self._full.set()
            raise TooManyWait(MOST_WAITING)
        self.request_kept()
        return True

    async def work_off(self, stop: asyncio.Event | None = None) -> int:
        """Do the requests that wait, one after the other until `stop` is set; how many were tried."""
        tried = 0
        if self._full.is_set():
            self._full.clear()
            await self._tell("arrivals full", f"{TooManyWait(MOST_WAITING)}. Somebody may be flooding us.")
        while not (stop is not None and stop.is_set()):
            claimed = await self.store.arrivals.claim(self.clock.now(), LEASE)
            if claimed is None:
                break
            await self._one(claimed)
            tried += 1
        return tried

    async def _one(self, claimed: ClaimedArrival) -> None:
        try:
            outcome = await self._do(claimed.arrival, self.as_of(claimed.begun_at, claimed.tries - 1))
        except StoreUnavailable:
            raise  # no fault of the request: it is free again when the lease runs out
        except Exception:
            log.exception("what a page promised could not be done", extra={"tries": claimed.tries})
            await self._put_off(claimed)
        else:
            await self.store.arrivals.done(claimed)
            log.info("asked by web", extra={"outcome": str(outcome)})

    async def _do(self, arrival: Arrival, members: Membership) -> Joined | None:
        evidence, asked = arrival.evidence, arrival.asked
        enrolment = members.enrolment
        match asked:
            case ToJoin():
                return await enrolment.join(asked.address, asked.wishes, evidence)
            case ToGetLinks():
                return await enrolment.fresh_link(asked.address, evidence)
            case ToComeBack():
                own = (asked.subscriber, asked.generation)
                return await enrolment.undo_leave(*own, evidence)
            case ToGetOwnLink():
                own = (asked.subscriber, asked.generation)
                return await members.owner_links.send(*own, asked.action)
            case ToMove():
                own = (asked.subscriber, asked.generation)
                return await members.address_changes.ask(*own, asked.address)
            case _:
                assert_never(asked)

    async def _put_off(self, claimed: ClaimedArrival) -> None:
        await self.store.arrivals.put_off(claimed, next_try(claimed, self.clock.now()))
        if claimed.tries >= TELL_AFTER:
            await self._tell(
                "arrivals",
                "what a page has promised cannot be done, for a reason that the log says. It is tried again "
                "every hour until retention.unconfirmed is over.",
            )

    async def _tell(self, scope: str, text: str) -> None:
        """Tell operators, once a day (UTC)."""
        since = self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        await self.limits.alert_operators(scope, since, text)
