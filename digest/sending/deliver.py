"""From noon: hand each subscriber's copy to the relay, and know at every instant who surely has it.

The order is the promise: the relay is asked first (MAIL, RCPT), that the content is about to flow is noted
next, the content is handed over after that, its answer is noted, and a batch of answers goes into the ledger.
A process that dies between any two of these leaves a journal that says exactly what is known.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from digest.compose import Tokens
from digest.deliveries import Event, Limits, Pause
from digest.edition import Edition
from digest.ports import Clock, Journal, Relay, Session, Store
from digest.providers import Register
from digest.schedule import Timetable
from digest.sending.claims import Supply
from digest.sending.outbox import LOOK_EVERY, Copy, Outbox
from digest.sending.pace import Pace
from digest.sending.queue import Line
from digest.sending.relay_health import RelayNotes
from digest.sending.renditions import Render, Renditions

log = logging.getLogger(__name__)

_BEGUN: Final = Event.BEGUN
_PUT_OFF: Final = Event.PUT_OFF

BY_SERVICE: Final = "the service"
"""Who pauses sending, where it is no person."""

Call = Callable[[str], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """The ports and settings that delivering needs, in one value."""

    timetable: Timetable
    store: Store
    relay: Relay
    render: Render
    tokens: Callable[[int, int], Tokens]  # of a subscriber and generation
    journal: Journal
    clock: Clock
    pace: Pace  # kept from run to run: a relay that was slow an hour ago is not hurried now
    relays: RelayNotes
    connections: int
    only_to: tuple[str, ...] = ()  # addresses, or domains with "@" before them; empty: everybody
    limits: Limits = field(default_factory=Limits)  # where the operator set none since
    sign: Callable[[bytes], Awaitable[bytes]] | None = None  # DKIM, if the relay does not do it
    call: Call | None = None  # the operator, about trouble that needs a person
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    told: set[tuple[str, datetime | None]] = field(default_factory=set)  # what was heard of this process

    async def deliver(self, day: date) -> None:
        """Submit what waits of the day's edition, as long as the day's sending window is open."""
        edition = await self.store.editions.sealed(day)
        if edition is None:
            return
        if pause := await self.store.pauses.current():
            log.warning("sending is paused", extra={"by": pause.by, "since": pause.since.isoformat()})
            if pause.by == BY_SERVICE:
                await self.tell_of(pause)  # whoever paused it may not have been heard
            return
        await _Run(self, edition, await self.store.providers.register()).run()

    async def lift(self) -> None:
        """Send again, if the pause that stands is over by itself."""
        if await self.store.pauses.lift(self.clock.now()):
            log.info("the pause is over")

    async def tell_of(self, pause: Pause) -> None:
        await self.tell_once(f"sending is paused: {pause.why}", since=pause.since)

    async def tell_once(self, what: str, *, since: datetime | None = None) -> None:
        """Tell operators of a trouble, unless they have heard of it from this process."""
        if (what, since) not in self.told and self.call is not None and await self.call(what):
            self.told.add((what, since))

    def open(self, day: date) -> bool:
        return self.clock.now() in self.timetable.sending_of(day) and not self.stopping.is_set()


class _Run:
    """One worker's share of one edition, until nothing is left to claim."""

    def __init__(self, deliverer: Deliverer, edition: Edition, register: Register) -> None:
        self._d = deliverer
        self._edition = edition
        deadline = deliverer.timetable.deadline_of(edition.day)
        self._outbox = Outbox(deliverer.store.deliveries, deliverer.clock, deadline)
        self._line = Line(self._outbox, deliverer.tokens, deliverer.sign)
        self._supply = Supply(
            edition.day,
            self._outbox,
            self._line,
            deliveries=deliverer.store.deliveries,
            journal=deliverer.journal,
            clock=deliverer.clock,
            renditions=Renditions(edition, register, deliverer.store.editions, deliverer.render),
            only_to=deliverer.only_to,
            is_open=lambda: deliverer.open(edition.day),
        )
        self._pace = deliverer.pace
        self._working = 0
        self._clock = asyncio.get_running_loop().time
        self._policy_trouble = ""
        self._trouble: Exception | None = None
        self._told_of_trouble = False
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        self._d.journal.settle_in()
        await self._heed_limits()
        worker = self._d.journal.owner
        books = asyncio.create_task(self._outbox.keep_books())
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                watching = group.create_task(self._contained(self._watch()))
                supplying = group.create_task(self._contained(self._supply.claim_ahead()))
                supplying.add_done_callback(lambda _: watching.cancel())
                self._grow()
        finally:
            self._outbox.close()
            self._outbox.end_books()
            await asyncio.shield(self._close_books(books))
        await self._d.relays.tell(worker, self._d.relay.health())
        await self._tell_of_trouble()
        if self._pace.unwanted:
            await self._pause()
        if self._trouble is not None:
            raise self._trouble

    async def _close_books(self, books: asyncio.Task[None]) -> None:
        await books
        settled = await self._outbox.settle_up()
        if not settled or self._supply.stranded or self._outbox.shut_out:
            # The next look finds what is left under the old name, and the journal tells it exactly.
            self._d.journal.renounce()

    async def _contained(self, work: Coroutine[Any, Any, None]) -> None:
        """Trouble waits for the end of the run: what is under way, cut off, would be left in doubt."""
        try:
            await work
        except Exception as trouble:  # noqa: BLE001 - raised again at the end of the run
            self._trouble = self._trouble or trouble
            self._outbox.close()

    async def _watch(self) -> None:
        """Heed the clock, the pause and the limits every second, whatever else takes its time."""
        while not self._outbox.closed:
            await asyncio.sleep(LOOK_EVERY)
            await self._heed_limits()
            await self._d.relays.tell(self._d.journal.owner, self._d.relay.health())
            self._heed_trouble()
            paused = await self._d.store.pauses.current() is not None
            if paused or not self._d.open(self._edition.day):
                self._outbox.close()

    # -- copies out ----------------------------------------------------------------------------------

    def _grow(self) -> None:
        """As many connections as the pace allows."""
        while self._working < self._pace.connections and not self._outbox.closed:
            self._working += 1
            assert self._group is not None
            self._group.create_task(self._contained(self._connection()))

    async def _connection(self) -> None:
        counted = True
        try:
            async with self._d.relay.session() as session:
                copy = await self._line.next()
                while copy is not None:
                    copy = await self._deliver(copy, session)
                    if self._working > self._pace.connections:
                        if copy is not None:
                            self._outbox.put_back(copy)
                        # Before it says goodbye, which takes a while: the others need not go as well.
                        self._working, counted = self._working - 1, False
                        break
        finally:
            if counted:
                self._working -= 1

    async def _deliver(self, copy: Copy, session: Session) -> Copy | None:
        """Make one delivery; the next copy for this connection."""
        message = copy.message
        assert message is not None
        began = self._clock()
        then = None
        answer = await session.offer(message.envelope, len(message.wire))
        if not answer.reached and not answer.about_us and not self._d.relay.away:
            self._pace.full(self._working - 1, self._clock())  # others have their connections
            self._outbox.put_back(copy)
            return None
        if answer.event is _BEGUN:
            if not self._outbox.begin(copy):
                await session.withdraw()
                return await self._line.next()
            then = self._line.behind() if self._working <= self._pace.connections else None
            following = (then.message.envelope, len(then.message.wire)) if then and then.message else None
            answer = await session.hand_over(message.wire, following)
        now = self._clock()
        self._pace.note(answer, now - began, now)
        self._line.note(copy, answer, now)
        if answer.about_us:
            self._policy_trouble = f"{answer.code or ''} {answer.status}".strip()
        self._outbox.settle(copy, answer)
        copy.message = None
        if self._pace.unwanted or (answer.event is _PUT_OFF and self._d.relay.away):
            self._outbox.close()  # asking for one after the other would only put them all off
        elif self._working < self._pace.connections:
            self._grow()
        return then or await self._line.next()

    # -- limits and trouble --------------------------------------------------------------------------

    async def _heed_limits(self) -> None:
        """What the operator set last, else what the settings say; limits are shared among the workers."""
        limits = (await self._d.store.limits.current()).over(self._d.limits)
        others = {held.owner for held in await self._d.store.deliveries.held()} - {self._d.journal.owner}
        self._line.limit(limits, 1 + len(others))
        self._pace.limit(limits.connections or self._d.connections)
        self._d.relay.per_connection = limits.per_connection
        if self._group is not None:
            self._grow()

    def _heed_trouble(self) -> None:
        """Tell it at once, for a run may take hours; and beside all else, for a ping may take a minute."""
        if self._supply.trouble and not self._told_of_trouble and self._group is not None:
            self._told_of_trouble = True
            self._group.create_task(self._contained(self._tell_of_trouble()))

    async def _tell_of_trouble(self) -> None:
        """Some cannot be given the edition until somebody mends it."""
        if self._supply.trouble:
            what = f"the edition of {self._edition.day} cannot be composed: {self._supply.trouble}"
            await self._d.tell_once(what)

    async def _pause(self) -> None:
        """The relay refuses us: nobody is served by asking a million times."""
        why = f"the relay refuses us: {self._policy_trouble}"
        pause = Pause(since=self._d.clock.now(), by=BY_SERVICE, why=why)
        self._pace.forgive()
        if await self._d.store.pauses.pause(pause):
            log.error("sending paused: the relay refuses us", extra={"code": self._policy_trouble})
            await self._d.tell_of(pause)
