"""Wiring: builds everything from the operator's files; the only file that knows all edges."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.adapters.clock import SystemClock
from digest.adapters.fetcher import HttpFetcher
from digest.adapters.links import SignedLinks
from digest.adapters.packaged import packaged
from digest.adapters.relay import RelayOptions, SmtpRelay
from digest.adapters.secrets import Secrets, load_secrets
from digest.adapters.settings_files import load
from digest.adapters.templates import TemplateRenderer
from digest.adapters.timer import Timer
from digest.adapters.workers import ProcessWorkers
from digest.compose import Sender, compose
from digest.deliveries import Message
from digest.edition import Edition
from digest.errors import StoreError
from digest.jobs.deliver import Deliverer
from digest.jobs.poll import Poller, Polling
from digest.jobs.recover import recover
from digest.ports import Clock
from digest.settings import Settings
from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.subscriptions import Standing, Subscription, Wishes
from digest.web import build
from digest.web.server import listen, serve_pages

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The running service: everything built, nothing started."""

    settings: Settings
    store: SqlStore
    clock: Clock
    links: SignedLinks
    renderer: TemplateRenderer
    poller: Poller
    deliverer: Deliverer
    recovering: asyncio.Lock = field(default_factory=asyncio.Lock)
    polling: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def poll(self) -> tuple[Polling, ...]:
        async with self.polling:
            return await self.poller.poll()

    async def recover(self) -> None:
        # One at a time in this process: a nudge that comes meanwhile looks again afterwards.
        async with self.recovering:
            await recover(
                timetable=self.settings.edition.timetable,
                sources=self.settings.sources,
                store=self.store,
                deliverer=self.deliverer,
                clock=self.clock,
            )


@asynccontextmanager
async def service(
    settings: Settings,
    secrets: Secrets,
    *,
    directory: Path,
    clock: Clock | None = None,
) -> AsyncIterator[Service]:
    """Build the service on its state in `directory`; a state that is missing or not ours is refused.

    `clock` stands in for the real one where a simulation needs its own.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        database = open_database(settings, secrets, directory)
        stack.push_async_callback(database.dispose)
        await database.check()
        store = SqlStore(database)
        fetcher = await stack.enter_async_context(_fetcher(settings, clock))
        workers = await stack.enter_async_context(ProcessWorkers())
        renderer = TemplateRenderer(template_directories(directory))
        key = secrets.secret_key.get_secret_value()
        links = SignedLinks(str(settings.service.url), key)
        yield Service(
            settings=settings,
            store=store,
            clock=clock,
            links=links,
            renderer=renderer,
            poller=Poller(
                sources=settings.sources,
                inspectorates=settings.inspectorates,
                zone=settings.edition.zone,
                store=store,
                fetcher=fetcher,
                workers=workers,
                clock=clock,
            ),
            deliverer=Deliverer(
                timetable=settings.edition.timetable,
                store=store,
                relay=_relay(settings, secrets, directory),
                compose=_composer(settings, key.encode(), renderer, links, clock),
                clock=clock,
                owner=f"{socket.gethostname()}/{os.getpid()}",
                connections=settings.relay.connections,
                only_to=settings.relay.only_to,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """One subscriber's edition as a message, in this service's name."""

    sender: Sender
    zone: ZoneInfo
    inspectorates: Mapping[str, str]  # names by key
    renderer: TemplateRenderer
    links: SignedLinks
    clock: Clock
    key: bytes  # keeps Message-IDs from being guessed

    def __call__(self, edition: Edition, subscription: Subscription, names: Mapping[str, str]) -> Message:
        return compose(
            edition,
            subscription,
            at=self.clock.now(),
            sender=self.sender,
            leave_url=self.links.leave(subscription),
            one_click_url=self.links.one_click(subscription),
            renderer=self.renderer,
            zone=self.zone,
            key=self.key,
            names={**self.inspectorates, **names},
        )


def _composer(
    settings: Settings, key: bytes, renderer: TemplateRenderer, links: SignedLinks, clock: Clock
) -> Composer:
    return Composer(
        sender=_sender(settings),
        zone=settings.edition.zone,
        inspectorates={i.key: i.name for i in settings.inspectorates},
        renderer=renderer,
        links=links,
        clock=clock,
        key=key,
    )


def _sender(settings: Settings) -> Sender:
    return Sender(
        name=settings.sender.name,
        address=settings.sender.address,
        reply_to=settings.sender.reply_to,
        bounces=settings.sender.bounces,
        service_name=settings.service.name,
        service_url=str(settings.service.url),
        contact=settings.service.contact,
        postal_address=settings.sender.postal_address,
    )


def _fetcher(settings: Settings, clock: Clock) -> HttpFetcher:
    return HttpFetcher(
        contact=settings.service.contact,
        clock=clock,
        timeout=settings.fetch.timeout,
        max_bytes=settings.fetch.max_bytes,
        max_redirects=settings.fetch.max_redirects,
        pause=settings.fetch.per_host,
        allow_private=settings.fetch.allow_private,
    )


def _relay(settings: Settings, secrets: Secrets, directory: Path) -> SmtpRelay:
    password = secrets.relay_password
    ca_file = settings.relay.ca_file
    return SmtpRelay(
        RelayOptions(
            host=settings.relay.host,
            port=settings.relay.port,
            tls=settings.relay.tls,
            local_hostname=settings.relay.local_hostname or socket.getfqdn(),
            username=settings.relay.username,
            password=password.get_secret_value() if password else None,
            ca_file=directory / ca_file if ca_file else None,
            connect_timeout=settings.relay.timeout,
            command_timeout=settings.relay.timeout,
        )
    )


def open_database(settings: Settings, secrets: Secrets, directory: Path) -> Database:
    """The database that the settings name, or the secret address that overrides them."""
    url = secrets.database_url.get_secret_value() if secrets.database_url else settings.store.url
    return Database(url, directory=directory)


def plain_text(edition: Edition, settings: Settings, directory: Path) -> str:
    """An edition's plain-text part as everybody gets it, for an operator; its links open nothing."""
    nobody = Subscription(
        subscriber=0,
        address=settings.sender.address,
        standing=Standing.ACTIVE,
        generation=0,
        wishes=Wishes(),
        since=edition.cutoff,
    )
    renderer = TemplateRenderer(template_directories(directory))
    links = SignedLinks(str(settings.service.url), "a preview")
    composer = _composer(settings, b"a preview", renderer, links, SystemClock())
    message = message_from_bytes(composer(edition, nobody, {}).content, policy=default)
    part = message.get_body(("plain",))
    return str(part.get_content()) if part else ""


def template_directories(directory: Path) -> list[Path]:
    """The operator's own templates first, then ours."""
    return [directory / "templates", packaged("templates")]


def configured(directory: Path, environ: Mapping[str, str] = os.environ) -> tuple[Settings, Secrets]:
    """The operator's files and secrets; `ConfigError` names everything wrong in either."""
    return load(directory), load_secrets(directory, environ)


async def serve(settings: Settings, secrets: Secrets, *, directory: Path) -> None:
    """Run the service until SIGINT or SIGTERM; messages begun by then are finished first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    listener = listen(settings.web.host, settings.web.port)
    async with service(settings, secrets, directory=directory) as it:
        pages = build(
            store=it.store.subscriptions,
            links=it.links,
            renderer=it.renderer,
            clock=it.clock,
            ready=_ready(it.store.database),
            sender=_sender(settings),
        )
        timer = Timer(
            settings.edition.timetable, poll=it.poll, recover=it.recover, patience=timedelta(seconds=30)
        )
        async with timer:
            log.info("service started", extra={"sources": len(settings.sources)})
            await serve_pages(pages, listener, stop)
            it.deliverer.stopping.set()
        log.info("service stopped")


def _ready(database: Database) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        try:
            await database.check()
        except StoreError:
            return False
        return True

    return ready
