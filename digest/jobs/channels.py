"""The ways to reach operators: the log, the ping and mail.

Each call goes by all of them. If one does not work, the others name it. A call that nobody received is kept
in the database and made again, also by another process after a restart.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from digest.addresses import without_addresses
from digest.jobs.operator_alerts import OperatorAlerts
from digest.ports import Clock, Operators, Store, Trouble
from digest.sending.operator_mail import MAIL, UNHEARD_AFTER, OperatorMail, unheard_mail

log = logging.getLogger(__name__)

PING: Final = "ping"
"""The name of the trouble that the ping is not heard."""

PATIENCE: Final = 5.0
"""Seconds that a job waits for a call to be received: noon must not wait for a ping that nobody answers."""

KEPT: Final = timedelta(days=7)
"""How long a call that nobody received is kept."""

AGAIN_AFTER: Final = timedelta(minutes=15)
"""How long nobody has made such a call again before it is made from what is kept: many who call try again."""

_UNHEARD: Final = "unheard call "
"""How the names of kept calls begin, among the troubles."""

_NAMES: Final = {PING: "the ping", MAIL: MAIL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """`ports.Operators` by all ways at once. A way that is not set up is left out."""

    ping: Operators | None
    mail: OperatorMail
    store: Store
    clock: Clock
    _under_way: set[asyncio.Task[bool]] = field(default_factory=set)

    async def well(self, what: str) -> bool:
        """Report that all is well: to the log and by ping. Mail comes once a week."""
        log.info("all well", extra={"what": what})
        return self.ping is None or await self._in_time(self.ping.well(what))

    async def call(self, what: str) -> bool:
        """Report that something needs a person; whether it was received by ping or is kept as mail.

        If neither is set up, the log is all there is, and it counts as received.
        """
        log.error("an operator is needed", extra={"what": what})
        heard = await self.send(what)
        await self._keep(what, heard)
        return heard

    async def send(self, what: str, *, without: str = "") -> bool:
        """Send by ping and mail, or by one of them without the other."""
        said = "".join((what, *(f"; {dead}" for dead in await self._dead() if dead not in what)))
        ways = []
        if without != MAIL and self.mail.addresses:
            ways.append(self.mail.call(what))  # without the rest: the same words are mailed once a day
        if without != PING and self.ping is not None:
            ways.append(self.ping.call(said))
        return not ways or any([await self._in_time(way) for way in ways])

    async def _keep(self, what: str, heard: bool) -> None:
        """Keep a call that nobody received, until it is received."""
        name, now = f"{_UNHEARD}{hashlib.sha256(what.encode()).hexdigest()[:16]}", self.clock.now()
        try:
            if heard:
                await self.store.troubles.end(name)
            else:
                said = without_addresses(what)
                await self.store.troubles.begin(Trouble(name=name, since=now, said=said, until=now + KEPT))
        except Exception as error:  # noqa: BLE001 - a call raises nothing
            log.warning("a call to operators was not kept", extra={"error": type(error).__name__})

    async def _call_again(self, now: datetime) -> None:
        """Make the calls again that nobody received and nobody repeats, such as those before a restart."""
        for one in await self.store.troubles.all():
            if not one.name.startswith(_UNHEARD) or one.until is None or not one.lasts(now):
                continue
            if one.until - KEPT + AGAIN_AFTER > now:
                continue
            if await self.send(f"{one.said} (first called on {one.since:%a %d %b %H:%M} UTC)"):
                await self.store.troubles.end(one.name)

    async def _in_time(self, way: Coroutine[Any, Any, bool]) -> bool:
        """Whether a call is received in time. One that takes longer goes on, and holds up nothing."""
        task = asyncio.create_task(way)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        return bool(done) and task.result()

    async def _dead(self) -> list[str]:
        """What to say of ways that do not work; nothing if the database cannot say."""
        try:
            return [told_of(one) for one in await dead_channels(self.store, self.clock.now())]
        except Exception as error:  # noqa: BLE001 - a call raises nothing
            log.warning("the ways to operators were not looked at", extra={"error": type(error).__name__})
            return []

    async def look(self) -> None:
        """Name a way that has not worked for a while, by the others; make calls again that none heard."""
        now = self.clock.now()
        await self._call_again(now)
        for dead in await dead_channels(self.store, now):
            if now - dead.since < UNHEARD_AFTER:
                continue
            told = told_of(dead)

            async def by_the_others(what: str, dead: Trouble = dead) -> bool:
                log.error("a way to operators does not work", extra={"what": what})
                return await self.send(what, without=dead.name)

            alerts = OperatorAlerts(counts=self.store.counts, call=by_the_others, clock=self.clock)
            await alerts.send_once(f"dead {dead.name}", dead.since, told)


def told_of(dead: Trouble) -> str:
    """What is said of a way that does not work."""
    verb = "is not heard" if dead.name == PING else "fails"
    return f"{_NAMES[dead.name]} {verb} since {dead.since:%a %d %b %H:%M} UTC: {dead.said}"


async def dead_channels(store: Store, now: datetime) -> tuple[Trouble, ...]:
    """The ways to operators that do not work, as far as anybody has tried."""
    pinged = [one for one in await store.troubles.all() if one.name == PING]
    mailed = await unheard_mail(store.letters, now)
    return (*pinged, *([mailed] if mailed is not None else []))
