"""Serving: the service in one process with every role, or in many with one each, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from digest.adapters.config.secrets import Secrets
from digest.adapters.imap import ImapMailbox
from digest.adapters.timer import Timer
from digest.adapters.wakeups import Doorbell
from digest.app.identity import sender
from digest.app.receiving import imap_mailbox, lmtp_server
from digest.app.service import Service, service
from digest.errors import MailboxError, Refused, StoreError
from digest.jobs.failures import Failures
from digest.ratings import initials
from digest.roles import Role
from digest.settings import Settings
from digest.store.database import Database
from digest.web import build, build_health
from digest.web.metrics import Metrics
from digest.web.server import listen, serve_pages

log = logging.getLogger(__name__)

PATIENCE: Final = timedelta(seconds=30)
"""For messages and pages under way, once we are told to stop."""


async def serve(
    settings: Settings,
    secrets: Secrets,
    *,
    directory: Path,
    role: Role = Role.ALL,
    health: tuple[str, int] | None = None,
) -> None:
    """Run a role until SIGINT or SIGTERM; messages begun by then are finished first.

    The web pages hold the health pages too; another role serves those alone, at `health` if that is given.
    `Refused` for a role that needs PostgreSQL, or a `receiving` section, where there is none.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with service(settings, secrets, directory=directory) as it:
        if role is not Role.ALL and it.doorbell is None:
            raise Refused(
                f"--role {role}: several processes share one state on PostgreSQL only; set store.url, "
                "or run everything in one process with --role all"
            )
        if role is Role.RECEIVE and settings.receiving is None:
            raise Refused("--role receive: `receiving` in digest.yaml does not say how mail comes in")
        # First: who cannot serve should not begin to send.
        listener = _listener(settings, role, health)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_at_the_door(it, role))
            await stack.enter_async_context(_timer(it, role))
            stack.callback(it.deliverer.stopping.set)  # before the timer waits, also if what follows fails
            await stack.enter_async_context(_sending_letters(it, role, stop))
            await stack.enter_async_context(_receiving(it, secrets, directory, role))
            log.info("service started", extra={"role": role.value, "sources": len(settings.sources)})
            ending = asyncio.create_task(_begin_no_more(it, stop))
            try:
                await _pages(it, role, listener, stop)
            finally:
                # Whatever ended us: what is under way is finished, and nothing more is begun.
                it.deliverer.stopping.set()
                ending.cancel()
        log.info("service stopped")


async def serve_readers(it: Service, listener: socket.socket, stop: asyncio.Event) -> None:
    """Serve the pages for readers, and send the letters that these write, until `stop` is set."""
    async with _sending_letters(it, Role.ALL, stop):
        await _pages(it, Role.ALL, listener, stop)


def _timer(it: Service, role: Role) -> Timer:
    ours = {"publishing": role.publishes, "delivering": role.delivers}

    async def look() -> None:
        failures = Failures()
        with failures.contain("recover"):
            await it.recover(**ours)
        if it.doorbell is not None and role.delivers:
            with failures.contain("reap rings"):
                await it.doorbell.reap()
        if role.publishes:
            with failures.contain("prune"):
                await it.prune()
        failures.raise_first()

    return Timer(
        it.settings.edition.timetable,
        poll=it.poll if role.polls else None,
        recover=look if role.publishes or role.delivers else None,
        meanwhile=partial(it.meanwhile, **ours),
        patience=PATIENCE,
    )


@asynccontextmanager
async def _sending_letters(it: Service, role: Role, stop: asyncio.Event) -> AsyncIterator[None]:
    """Send letters meanwhile, in a role that delivers; at the end, the letter under way is finished."""
    if not role.delivers:
        yield
        return
    sending = asyncio.create_task(it.letter_sender.run(stop))
    try:
        yield
    finally:
        stop.set()
        it.letter_sender.wake()
        await asyncio.wait({sending}, timeout=PATIENCE.total_seconds())
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending


@asynccontextmanager
async def _at_the_door(it: Service, role: Role) -> AsyncIterator[None]:
    """Answer the doorbell meanwhile, where there is one and we deliver."""
    if it.doorbell is None or not role.delivers:
        yield
        return
    async with it.doorbell.within_earshot():
        answering = asyncio.create_task(_answer(it, it.doorbell))
        try:
            yield
        finally:
            await _end(answering)


@asynccontextmanager
async def _receiving(it: Service, secrets: Secrets, directory: Path, role: Role) -> AsyncIterator[None]:
    """Take mail in meanwhile, where the settings say how and we are to."""
    said = it.settings.receiving
    if said is None or it.receiver is None or not role.receives:
        yield
        return
    async with AsyncExitStack() as stack:
        server = lmtp_server(it.settings, it.receiver)
        if server is not None:
            await stack.enter_async_context(server)
            log.info("mail is taken in", extra={"host": server.host, "port": server.port})
        mailbox = imap_mailbox(it.settings, secrets, directory, it.receiver)
        if mailbox is not None and said.imap is not None:
            looking = asyncio.create_task(_look(mailbox, said.imap.every))
            stack.push_async_callback(_end, looking)
        yield


async def _look(mailbox: ImapMailbox, every: timedelta) -> None:
    """Look into a mailbox again and again; trouble is told when it comes and when it goes."""
    troubled = False
    while True:
        try:
            await mailbox.look()
        except MailboxError as error:
            if not troubled:
                log.error("the mailbox cannot be read", extra={"why": str(error)})  # noqa: TRY400 - it says it all
            troubled = True
        except Exception:
            log.exception("the mailbox was not read to the end")
            troubled = True
        else:
            if troubled:
                log.info("the mailbox is read again")
            troubled = False
        await asyncio.sleep(every.total_seconds())


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _answer(it: Service, doorbell: Doorbell) -> None:
    """Where the doorbell fails, the timer's looks still come."""
    while True:
        try:
            await doorbell.answer(partial(it.recover, publishing=False))
        except Exception:
            log.exception("the doorbell is out of order; asked again in a minute")
        await asyncio.sleep(60)


async def _begin_no_more(it: Service, stop: asyncio.Event) -> None:
    """Begin no more messages as soon as we are told to stop, however long the pages take to close."""
    await stop.wait()
    it.deliverer.stopping.set()


def _listener(settings: Settings, role: Role, health: tuple[str, int] | None) -> socket.socket | None:
    """Where the role serves its pages, if it does."""
    if role.serves:
        return listen(settings.web.host, settings.web.port)
    return listen(*health, named="--health") if health is not None else None


async def _pages(it: Service, role: Role, listener: socket.socket | None, stop: asyncio.Event) -> None:
    """Serve what the role serves until it is to stop."""
    settings = it.settings
    ready = _ready(it.store.database)
    metrics = _metrics(it) if settings.web.metrics else None
    if listener is None:
        await stop.wait()
    elif role.serves:
        pages = build(
            store=it.store,
            links=it.links,
            renderer=it.renderer,
            clock=it.clock,
            ready=ready,
            sender=sender(settings),
            metrics=metrics,
            membership=it.membership,
            inspectorates={i.key: i.name for i in settings.inspectorates},
            initials=initials(settings.inspectorates),
            timetable=settings.edition.timetable,
        )
        await serve_pages(pages, listener, stop, settings.web.proxies)
    else:
        await serve_pages(build_health(ready=ready, metrics=metrics), listener, stop)


def _metrics(it: Service) -> Callable[[], Awaitable[bytes]]:
    settings = it.settings
    return Metrics(
        store=it.store,
        timetable=settings.edition.timetable,
        clock=it.clock,
        canary=settings.operators.canary,
        received=it.receiver.kinds if it.receiver is not None else None,
    ).text


def _ready(database: Database) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        try:
            await database.check()
        except StoreError:
            return False
        return True

    return ready
