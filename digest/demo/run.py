"""The run of the demo: the service's own code plays the story in `seeds/world/` on a simulated clock.

Only the clock is simulated: feeds and pages come over HTTP, messages leave by SMTP, the database is real. At
the end every edition and mailbox is compared with what the story expects.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from digest.adapters.config.packaged import copy_config
from digest.app.directory import configured, open_database
from digest.app.service import Service, service
from digest.demo.mailboxes import HOST, Mailboxes
from digest.demo.outcome import day_summary, differences, kinds_summary
from digest.demo.site import Site
from digest.demo.site_files import SiteCopy, SiteFiles, lead_day, write_site
from digest.demo.world import SimulatedClock, World, instant_of
from digest.edition import Story
from digest.jobs.poll import Polling
from digest.serving import serve_readers
from digest.store.sql import SqlStore
from digest.web.server import listen

STEP = timedelta(minutes=15)
LAST_LOOK = time(20, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What differs from the story, in words; the public site as files, and where it is served."""

    differences: tuple[str, ...]
    files: SiteFiles
    address: str | None  # of the site while the demo serves it; None: it does not


@asynccontextmanager
async def run_demo(
    world: World, directory: Path, say: Callable[[str], None], *, serve: bool = False
) -> AsyncIterator[DemoResult]:
    """Play the whole story in `directory`, which must be empty or absent. `say` gets one line at a time.

    With `serve`, the links in the messages lead to this machine and work until the block ends.
    """
    config = directory / "config"
    config.mkdir(parents=True)
    clock = SimulatedClock(world.opens_at)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(closing(listen(HOST, 0)))
        address = "http://{}:{}".format(*listener.getsockname())
        public = address if serve else ELSEWHERE
        site = await stack.enter_async_context(Site(world, clock))
        mailboxes = await stack.enter_async_context(Mailboxes(directory / "mailboxes"))
        write_files(
            config,
            world,
            site_url=site.url,
            pages_url=public,
            smtp_host=mailboxes.host,
            smtp_port=mailboxes.port,
        )
        await _prepare(config, world, clock, site.url)
        week = _Week(world=world, config=config, clock=clock, mailboxes=mailboxes, say=say)
        found = (*await week.play(), *await week.repeat_noons())
        _keep_lead(world, mailboxes, directory)
        async with week.pages(listener) as store:
            copy = SiteCopy(base=f"{address}/", public=f"{public}/", publishers=f"{site.url}/")
            files = await write_site(copy, store.public, world, directory)
            if serve:
                yield DemoResult(differences=found, files=files, address=address)
                return
        yield DemoResult(differences=found, files=files, address=None)


async def _prepare(config: Path, world: World, clock: SimulatedClock, site_url: str) -> None:
    """Do what `digest init` and `digest subscribers add` do."""
    settings, secrets = configured(config)
    database = open_database(settings, secrets, config)
    try:
        await database.create()
        store = SqlStore(database, seal=secrets.seal)
        providers = [*world.providers, *(one for data in world.data for one in data.providers())]
        ratings = [*world.history, *(one for data in world.data for one in data.ratings(site_url))]
        await store.providers.load(providers, ratings)
        for subscriber in world.subscribers:
            await store.subscriptions.add(subscriber.address, subscriber.wishes, clock.now())
    finally:
        await database.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    world: World
    config: Path
    clock: SimulatedClock
    mailboxes: Mailboxes
    say: Callable[[str], None]

    async def play(self) -> list[str]:
        """Play every day of the story in order; returns what differs from it."""
        for subscriber in self.world.subscribers:
            self.say(f"{subscriber.name} subscribes to {subscriber.wants}.")
        found: list[str] = []
        told: list[Story] = []
        async with self._service(self.clock) as running:
            for day in self.world.days:
                before = self._counts()
                polled = await self._poll_day(running, day.date)
                edition = await running.store.editions.sealed(day.date)
                got = {key: count - before[key] for key, count in self._counts().items()}
                for line in day_summary(self.world, day, polled, edition, got):
                    self.say(line)
                found += differences(self.world, day, edition, got)
                told += edition.stories if edition else ()
        for line in kinds_summary(self.world, told):
            self.say(line)
        return found

    async def repeat_noons(self) -> list[str]:
        """Start the service again at each day's noon; returns a line if it sends anything a second time."""
        before = self._counts()
        for day in self.world.days:
            clock = SimulatedClock(instant_of(day.date, time(12), self.world.zone))
            async with self._service(clock) as running:
                await running.poll()
                await running.recover()
        sent = sum(self._counts().values()) - sum(before.values())
        self.say("")
        self.say(f"Running every noon of the week again sent {sent or 'nothing'}.")
        return [f"running the week again sent {sent} messages"] if sent else []

    @asynccontextmanager
    async def pages(self, listener: socket.socket) -> AsyncIterator[SqlStore]:
        """Serve the readers' pages at the end of the week, and send the letters that follow from them."""
        stop = asyncio.Event()
        async with self._service(self.clock) as running:
            await running.public_keeper.keep()
            serving = asyncio.create_task(serve_readers(running, listener, stop))
            try:
                yield running.store
            finally:
                stop.set()
                await serving

    def _service(self, clock: SimulatedClock) -> AbstractAsyncContextManager[Service]:
        settings, secrets = configured(self.config)
        return service(settings, secrets, directory=self.config, clock=clock)

    async def _poll_day(self, running: Service, day: date) -> list[Polling]:
        polled: list[Polling] = []
        instant = instant_of(day, self.world.opens, self.world.zone)
        while instant <= instant_of(day, LAST_LOOK, self.world.zone):
            self.clock.move_to(instant)
            polled += await running.poll()
            await running.recover()
            instant += STEP
        return polled

    def _counts(self) -> dict[str, int]:
        return {s.key: len(self.mailboxes.of(s.address)) for s in self.world.subscribers}


def _keep_lead(world: World, mailboxes: Mailboxes, directory: Path) -> None:
    """Copy the parts of the message to look at first: the first subscriber's, on the day of the upgrade."""
    reader = world.subscribers[0]
    days = [day.date for day in world.days if reader.key in day.readers]
    own = dict(zip(days, mailboxes.of(reader.address), strict=False))
    if (lead := own.get(lead_day(world))) is not None:
        _keep(lead, directory)


def _keep(lead: Path, directory: Path) -> None:
    """Copy the message's two parts into `directory`, to open in a browser or an editor."""
    message = message_from_bytes(lead.read_bytes(), policy=policy.default)
    for kind, name in (("html", "edition.html"), ("plain", "edition.txt")):
        part = message.get_body((kind,))
        if part is not None:
            (directory / name).write_text(part.get_content(), encoding="utf-8")


ELSEWHERE: Final = "https://digest.example.org"
"""The address of the readers' pages if they are not served."""


def write_files(
    directory: Path, world: World, *, site_url: str, pages_url: str, smtp_host: str, smtp_port: int
) -> None:
    """Write a config directory that polls the demo's site and submits to the demo's mailboxes.

    `pages_url` is where the links for readers lead to.
    """
    copy_config(directory)
    _change(
        directory / "digest.yaml",
        {
            "service": {
                "name": "The Noon Digest",
                "url": pages_url,
                "contact": "https://digest.example.org/about",
            },
            "edition": {"zone": world.zone.key, "cutoff": "11:45", "noon": "12:00", "lateness": "6h"},
            "sender": {
                "name": "The Noon Digest",
                "address": "noon@digest.example.org",
                "reply_to": "help@digest.example.org",
                "bounces": "bounces@digest.example.org",
            },
            "relay": {"host": smtp_host, "port": smtp_port, "tls": "none", "local_hostname": "localhost"},
            "fetch": {"allow_private": True, "per_host": "0s"},
        },
    )
    sources = [
        {
            "id": publisher.key,
            "name": publisher.name,
            "url": f"{site_url}{publisher.feed_path}",
            "authority": str(publisher.authority),
            "every": "30m",
        }
        | ({"inspectorate": publisher.inspectorate} if publisher.inspectorate else {})
        for publisher in world.publishers
    ]
    sources += [publisher.source(site_url) for publisher in world.data]
    _write(directory / "sources.yaml", {"sources": sources})


def _change(path: Path, changes: dict[str, dict[str, Any]]) -> None:
    yaml = YAML()
    content = yaml.load(path)
    for section, values in changes.items():
        content.setdefault(section, {}).update(values)
    yaml.dump(content, path)


def _write(path: Path, content: dict[str, Any]) -> None:
    YAML().dump(content, path)
