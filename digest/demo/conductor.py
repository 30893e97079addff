"""The demo: a week of the world in `seeds/`, run through the service's own code on a simulated clock.

Nothing stands in for anything but the clock: feeds and pages come over HTTP, messages leave by SMTP, the
state is a real database. It ends by comparing every edition and every mailbox with what the world expects.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from digest.app.directory import configured, open_database
from digest.app.service import Service, service
from digest.demo import account
from digest.demo.clock import SimulatedClock
from digest.demo.files import ELSEWHERE, write_files
from digest.demo.mailboxes import HOST, Mailboxes
from digest.demo.site import Site
from digest.demo.verdict import misses
from digest.demo.world import World, instant_of
from digest.edition import SectionKind
from digest.jobs.poll import Polling
from digest.serving import serve_readers
from digest.store.sql import SqlStore
from digest.web.server import listen

STEP = timedelta(minutes=15)
LAST_LOOK = time(20, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What the demo leaves: the folder, and where reality and expectation differ."""

    directory: Path
    misses: tuple[str, ...]


@asynccontextmanager
async def played(
    world: World, directory: Path, say: Callable[[str], None], *, serve: bool = False
) -> AsyncIterator[Played]:
    """Run the whole story below `directory`, which must be empty or absent; `say` gets one line at a time.

    With `serve`, the links in the messages lead to this machine, and work until the block ends.
    """
    config = directory / "config"
    config.mkdir(parents=True)
    clock = SimulatedClock(world.opens_at)
    listener = listen(HOST, 0) if serve else None
    pages_url = "http://{}:{}".format(*listener.getsockname()) if listener else ELSEWHERE
    async with Site(world, clock) as site, Mailboxes(directory / "mailboxes") as mailboxes:
        write_files(
            config,
            world,
            site_url=site.url,
            pages_url=pages_url,
            smtp_host=mailboxes.host,
            smtp_port=mailboxes.port,
        )
        await _prepare(config, world, clock)
        stage = _Stage(world=world, config=config, clock=clock, mailboxes=mailboxes, say=say)
        found = [*await stage.week(), *await stage.again()]
        lead = _lead(world, mailboxes)
        if lead is not None:
            _keep(lead, directory)
        result = Played(directory=directory, misses=tuple(found))
        if listener is None:
            yield result
            return
        async with stage.pages(listener):
            yield result


async def _prepare(config: Path, world: World, clock: SimulatedClock) -> None:
    """What `digest init` and `digest subscribers add` do for an operator."""
    settings, secrets = configured(config)
    database = open_database(settings, secrets, config)
    try:
        await database.create()
        store = SqlStore(database, seal=secrets.seal)
        await store.providers.load(world.providers, world.history)
        for subscriber in world.subscribers:
            await store.subscriptions.add(subscriber.address, subscriber.wishes, clock.now())
    finally:
        await database.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    world: World
    config: Path
    clock: SimulatedClock
    mailboxes: Mailboxes
    say: Callable[[str], None]

    async def week(self) -> list[str]:
        """Every day of the story, in order; what went otherwise than expected."""
        for subscriber in self.world.subscribers:
            self.say(f"{subscriber.name} subscribes to {subscriber.wants}.")
        found: list[str] = []
        async with self._service(self.clock) as it:
            for day in self.world.days:
                before = self._counts()
                polled = await self._day(it, day.date)
                edition = await it.store.editions.sealed(day.date)
                got = {key: count - before[key] for key, count in self._counts().items()}
                for line in account.of_day(self.world, day, polled, edition, got):
                    self.say(line)
                found += misses(self.world, day, edition, got)
        return found

    async def again(self) -> list[str]:
        """Start the service anew at each day's noon, as if the week had not been: nothing may be sent."""
        before = self._counts()
        for day in self.world.days:
            clock = SimulatedClock(instant_of(day.date, time(12), self.world.zone))
            async with self._service(clock) as it:
                await it.poll()
                await it.recover()
        sent = sum(self._counts().values()) - sum(before.values())
        self.say("")
        self.say(f"Running every noon of the week again sent {sent or 'nothing'}.")
        return [f"running the week again sent {sent} messages"] if sent else []

    @asynccontextmanager
    async def pages(self, listener: socket.socket) -> AsyncIterator[None]:
        """Serve the readers' pages as of the end of the week, and send the letters that these write."""
        stop = asyncio.Event()
        async with self._service(self.clock) as it:
            serving = asyncio.create_task(serve_readers(it, listener, stop))
            try:
                yield
            finally:
                stop.set()
                await serving

    def _service(self, clock: SimulatedClock) -> AbstractAsyncContextManager[Service]:
        settings, secrets = configured(self.config)
        return service(settings, secrets, directory=self.config, clock=clock)

    async def _day(self, it: Service, day: date) -> list[Polling]:
        polled: list[Polling] = []
        instant = instant_of(day, self.world.opens, self.world.zone)
        while instant <= instant_of(day, LAST_LOOK, self.world.zone):
            self.clock.move_to(instant)
            polled += await it.poll()
            await it.recover()
            instant += STEP
        return polled

    def _counts(self) -> dict[str, int]:
        return {s.key: len(self.mailboxes.of(s.address)) for s in self.world.subscribers}


def _lead(world: World, mailboxes: Mailboxes) -> Path | None:
    """The message a newcomer should look at first: the first reader's, on the day of the upgrade."""
    reader = world.subscribers[0]
    days = [day for day in world.days if reader.key in day.readers]
    for day, path in zip(days, mailboxes.of(reader.address), strict=False):
        sections = {p.expect.section for p in day.publications if p.expect}
        if SectionKind.UPGRADES in sections:
            return path
    return None


def _keep(lead: Path, directory: Path) -> None:
    """Leave the message's two parts beside the mailboxes, to open in a browser or an editor."""
    message = message_from_bytes(lead.read_bytes(), policy=policy.default)
    for kind, name in (("html", "edition.html"), ("plain", "edition.txt")):
        part = message.get_body((kind,))
        if part is not None:
            (directory / name).write_text(part.get_content(), encoding="utf-8")
