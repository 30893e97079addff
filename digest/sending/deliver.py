"""The noon run: submit each subscriber's copy to the relay, and know at any moment who surely has it.

The order matters. The relay is asked first (MAIL, RCPT). Then the journal notes that the content is about to
be sent. Then the content is handed over, its answer is noted, and later a batch of answers goes into the
ledger. A process that dies between any two steps leaves a journal that says exactly what is known.
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
from digest.sending.claims import Claimer
from digest.sending.copies import Composed, Composing, Render, Renditions
from digest.sending.outbox import LOOK_EVERY, Outbox
from digest.sending.pace import Pace
from digest.sending.queue import CopyQueue
from digest.sending.relay_health import RelayReporter

log = logging.getLogger(__name__)

_BEGUN: Final = Event.BEGUN
_PUT_OFF: Final = Event.PUT_OFF

BY_SERVICE: Final = "the service"
"""The `by` of a pause that no person asked for."""

Call = Callable[[str], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """Delivers editions: the ports and settings for it, in one value."""

    timetable: Timetable
    store: Store
    relay: Relay
    render: Render
    tokens: Callable[[int, int], Tokens]  # of a subscriber and generation
    journal: Journal
    clock: Clock
    pace: Pace  # kept from run to run: after a slow run the next one starts slowly
    relays: RelayReporter
    connections: int  # at the most
    only_to: tuple[str, ...] = ()  # addresses, or domains with "@" before them; empty: everybody
    limits: Limits = field(default_factory=Limits)  # of the settings; operators may set others
    sign: Callable[[bytes], Awaitable[bytes]] | None = None  # DKIM; None: the relay signs
    call: Call | None = None  # calls the operator about trouble that needs a person; whether it was heard
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    told: set[tuple[str, datetime | None]] = field(default_factory=set)  # troubles already called about

    async def deliver(self, day: date) -> None:
        """Submit what waits of the day's edition, while the day's sending window is open."""
        if await self.store.editions.sealed(day) is None:
            return
        if pause := await self.store.pauses.current():
            log.warning("sending is paused", extra={"by": pause.by, "since": pause.since.isoformat()})
            if pause.by == BY_SERVICE:
                await self.tell_of(pause)  # the process that paused it may not have reached the operator
            return
        if (closed := await self._closed(day)) is not None:
            await _Run(self, *closed, await self.store.providers.register()).run()

    async def _closed(self, day: date) -> tuple[Edition, datetime] | None:
        """The day's edition, which does not change from now on, and since when; None while it is held."""
        if day in await self.store.editions.close(day, self.clock.now()):
            log.info("the edition is held", extra={"edition": day.isoformat()})
            return None
        hand = await self.store.editions.in_hand(day)
        if (hold := hand.forgotten) is not None:
            what = f"nobody released the edition of {day}, which {hold.by} held ({hold.words}): it goes now"
            await self.tell_once(what, since=hold.at)
        assert hand.edition is not None
        assert hand.closed_at is not None
        return hand.edition, hand.closed_at

    async def lift_pause(self) -> None:
        """End a pause that had an end and is past it."""
        if await self.store.pauses.lift(self.clock.now()):
            log.info("the pause is over")

    async def tell_of(self, pause: Pause) -> None:
        await self.tell_once(f"sending is paused: {pause.why}", since=pause.since)

    async def tell_once(self, what: str, *, since: datetime | None = None) -> None:
        """Call the operator about a trouble, unless this process has done so already."""
        if (what, since) not in self.told and self.call is not None and await self.call(what):
            self.told.add((what, since))

    def open(self, day: date) -> bool:
        return self.clock.now() in self.timetable.sending_of(day) and not self.stopping.is_set()


class _Run:
    """One worker's share of one edition, until nothing is left to claim."""

    def __init__(self, deliverer: Deliverer, edition: Edition, at: datetime, register: Register) -> None:
        self._d = deliverer
        self._edition = edition
        deadline = deliverer.timetable.deadline_of(edition.day)
        self._outbox = Outbox(deliverer.store.deliveries, deliverer.clock, deadline)
        composing = Composing(tokens=deliverer.tokens, sign=deliverer.sign)
        self._queue = CopyQueue(self._outbox, composing)
        self._claimer = Claimer(
            edition.day,
            self._outbox,
            self._queue,
            deliveries=deliverer.store.deliveries,
            journal=deliverer.journal,
            clock=deliverer.clock,
            renditions=Renditions(edition, at, register, deliverer.store.editions, deliverer.render),
            only_to=deliverer.only_to,
            is_open=lambda: deliverer.open(edition.day),
        )
        self._pace = deliverer.pace
        self._working = 0
        self._clock = asyncio.get_running_loop().time
        self._refusal = ""  # the latest that is about us
        self._trouble: Exception | None = None
        self._told_of_trouble = False
        self._tasks = asyncio.TaskGroup()

    async def run(self) -> None:
        self._d.journal.start_run()
        await self._follow_limits()
        worker = self._d.journal.owner
        committing = asyncio.create_task(self._outbox.commit_regularly())
        try:
            async with self._tasks as tasks:
                watching = tasks.create_task(self._contained(self._watch()))
                claiming = tasks.create_task(self._contained(self._claimer.claim_ahead()))
                claiming.add_done_callback(lambda _: watching.cancel())
                self._grow()
        finally:
            self._outbox.close()
            self._outbox.stop_committing()
            await asyncio.shield(self._give_back(committing))
        await self._d.relays.report(worker, self._d.relay.health())
        await self._tell_of_trouble()
        if self._pace.refused:
            await self._pause()
        if self._trouble is not None:
            raise self._trouble

    async def _give_back(self, committing: asyncio.Task[None]) -> None:
        await committing
        written = await self._outbox.give_back()
        if not written or self._claimer.stray_batch or self._outbox.shut_out:
            # Recovery finds the rest under the old name, and reads exactly what happened in the journal.
            self._d.journal.change_owner()

    async def _contained(self, work: Coroutine[Any, Any, None]) -> None:
        """Keep an error until the end of the run: cutting off other connections leaves copies in doubt."""
        try:
            await work
        except Exception as trouble:  # noqa: BLE001 - raised again at the end of the run
            self._trouble = self._trouble or trouble
            self._outbox.close()

    async def _watch(self) -> None:
        """Follow the clock, the pause and the limits every second, whatever else takes its time."""
        while not self._outbox.closed:
            await asyncio.sleep(LOOK_EVERY)
            await self._follow_limits()
            self._grow()
            await self._d.relays.report(self._d.journal.owner, self._d.relay.health())
            self._start_telling_of_trouble()
            paused = await self._d.store.pauses.current() is not None
            if paused or not self._d.open(self._edition.day):
                self._outbox.close()

    # -- copies out ----------------------------------------------------------------------------------

    def _grow(self) -> None:
        """Open as many connections as the pace allows."""
        while self._working < self._pace.connections and not self._outbox.closed:
            self._working += 1
            self._tasks.create_task(self._contained(self._connection()))

    async def _connection(self) -> None:
        counted = True
        try:
            async with self._d.relay.session() as session:
                copy = await self._queue.next()
                while copy is not None:
                    copy = await self._deliver(copy, session)
                    if self._working > self._pace.connections:
                        if copy is not None:
                            self._outbox.put_back(copy.as_rendered)
                        # Counted before QUIT, which takes a while: else other connections would leave too.
                        self._working, counted = self._working - 1, False
                        break
        finally:
            if counted:
                self._working -= 1

    async def _deliver(self, copy: Composed, session: Session) -> Composed | None:
        """Submit one copy; the next copy for this connection, or None when it is to be closed."""
        message = copy.message
        began = self._clock()
        following = None
        answer = await session.offer(message.envelope, len(message.wire))
        if not answer.reached and not answer.about_us and not self._d.relay.away:
            # The relay serves our other connections, so it has no room for this one.
            self._pace.relay_is_full(self._working - 1, self._clock())
            self._outbox.put_back(copy.as_rendered)
            return None
        if answer.event is _BEGUN:
            if not self._outbox.begin(copy.claimed):
                await session.withdraw()
                return await self._queue.next()
            following = self._queue.following() if self._working <= self._pace.connections else None
            then = (following.message.envelope, len(following.message.wire)) if following else None
            answer = await session.hand_over(message.wire, then)
        now = self._clock()
        self._pace.note(answer, now - began, now)
        self._queue.note(copy, answer, now)
        if answer.about_us:
            self._refusal = f"{answer.code or ''} {answer.status}".strip()
        self._outbox.settle(copy.claimed, answer)
        if self._pace.refused or (answer.event is _PUT_OFF and self._d.relay.away):
            self._outbox.close()  # going on would only put off one copy after another
        elif self._working < self._pace.connections:
            self._grow()
        return following or await self._queue.next()

    # -- limits and trouble --------------------------------------------------------------------------

    async def _follow_limits(self) -> None:
        """Use the limits that an operator set last, else those of the settings; all workers share them."""
        limits = (await self._d.store.limits.current()).over(self._d.limits)
        others = {held.owner for held in await self._d.store.deliveries.held()} - {self._d.journal.owner}
        self._queue.limit(limits, 1 + len(others))
        self._pace.limit(limits.connections or self._d.connections)
        self._d.relay.per_connection = limits.per_connection

    def _start_telling_of_trouble(self) -> None:
        """Call the operator during the run, which may take hours; in a task, as a call may take a minute."""
        if self._claimer.trouble and not self._told_of_trouble:
            self._told_of_trouble = True
            self._tasks.create_task(self._contained(self._tell_of_trouble()))

    async def _tell_of_trouble(self) -> None:
        if self._claimer.trouble:
            what = f"the edition of {self._edition.day} cannot be composed: {self._claimer.trouble}"
            await self._d.tell_once(what)

    async def _pause(self) -> None:
        """Pause sending, because the relay refuses us and would refuse every further copy."""
        why = f"the relay refuses us: {self._refusal}"
        pause = Pause(since=self._d.clock.now(), by=BY_SERVICE, why=why)
        self._pace.forget_refusals()
        if await self._d.store.pauses.pause(pause):
            log.error("sending paused: the relay refuses us", extra={"code": self._refusal})
            await self._d.tell_of(pause)
