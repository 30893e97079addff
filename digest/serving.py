"""Serving: runs the service until it is told to stop, as one process or as several with one role each."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from digest.adapters.config.secrets import Secrets
from digest.adapters.config.watching import LOOK_EVERY, Notices
from digest.adapters.imap import ImapMailbox
from digest.adapters.logs import settle_logs
from digest.adapters.stopping import Stopping, cancelled
from digest.adapters.timer import RECOVERY_TICK, Timer
from digest.adapters.wakeups import Wakeups
from digest.adapters.work_loop import Work, WorkLoop
from digest.app.composing import sender
from digest.app.edges import imap_mailbox, lmtp_server
from digest.app.live import live_config
from digest.app.service import Service, service
from digest.app.website import Website
from digest.errors import MailboxError, Refused
from digest.jobs.failures import Failures
from digest.ports import Mail, Reception
from digest.ratings import initials
from digest.roles import Role
from digest.settings import Settings
from digest.tokens import KeyUse, text_seal
from digest.web import build_health
from digest.web.health import Readiness
from digest.web.metrics import Metrics
from digest.web.operators import Doors, OperatorSite
from digest.web.server import listen, serve_pages

log = logging.getLogger(__name__)

LOGS_EVERY: Final = 10.0
"""Seconds between two looks for troubles that are over."""


async def serve(
    settings: Settings,
    secrets: Secrets,
    *,
    directory: Path,
    role: Role = Role.ALL,
    health: tuple[str, int] | None = None,
    stopping: Stopping | None = None,
    look_every: float = LOOK_EVERY,
) -> bool:
    """Run a role until SIGINT or SIGTERM, then finish what is under way; False if some of it was cut off.

    A role with web pages serves the health pages with them. Any other role serves the health pages alone, at
    the host and port in `health`, or not at all. `Refused` if the role needs PostgreSQL or the `receiving`
    section and the settings have none.

    When the files in `directory` change, the service goes on with the new settings as far as it can; they are
    looked at every `look_every` seconds, also if the file system tells of no change.
    """
    stop = asyncio.Event()
    stopping = stopping or Stopping()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _tell_to_stop, stop, stopping)
    with stopping.part("connections"):
        async with service(settings, secrets, directory=directory) as running:
            run = _Run(stop=stop, stopping=stopping, notices=Notices(directory, every=look_every))
            await _run(running, role, run, health)
    stopping.say()
    return not stopping.cut


def _tell_to_stop(stop: asyncio.Event, stopping: Stopping) -> None:
    stop.set()
    stopping.begin()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run: when it is told to stop, and how it ends."""

    stop: asyncio.Event
    stopping: Stopping
    notices: Notices | None = None  # of changed config files; None: nobody looks


async def _run(running: Service, role: Role, run: _Run, health: tuple[str, int] | None) -> None:
    settings = running.settings
    if role is not Role.ALL and running.edges.wakeups is None:
        raise Refused(
            f"--role {role}: several processes share one state on PostgreSQL only; set store.url, "
            "or run everything in one process with --role all"
        )
    if role is Role.RECEIVE and settings.receiving is None:
        raise Refused("--role receive: `receiving` in digest.yaml does not say how mail comes in")
    # First, so that a process that cannot serve its pages sends nothing.
    listener = _listener(settings, role, health)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_listening_for_wakeups(running, role, run.stopping))
        await stack.enter_async_context(_settling_logs())
        await stack.enter_async_context(_meanwhile(*_looks(running, role)))
        timer = await stack.enter_async_context(_timer(running, role, run.stopping))
        if role.delivers:
            await stack.enter_async_context(_meanwhile(_letting_go(running, timer)))
        # Called before the timer waits, also if what follows fails.
        stack.callback(running.deliverer.stopping.set)
        await stack.enter_async_context(_sending_letters(running, role, run))
        await stack.enter_async_context(_working_off(running, run))
        await stack.enter_async_context(_posting_to_webhooks(running, role, run))
        await stack.enter_async_context(_receiving(running, role, run.stopping))
        await stack.enter_async_context(_following_the_files(running, role, timer, run.notices))
        log.info("service started", extra={"role": role.value, "sources": len(settings.sources)})
        waiting = asyncio.create_task(_stop_sending_when(running, run.stop))
        try:
            with run.stopping.part("pages"):
                await _serve_pages(running, role, listener, run.stop)
        finally:
            # However serving ends: messages under way are finished, and no further one begins.
            run.stopping.begin()
            running.deliverer.stopping.set()
            waiting.cancel()


async def serve_readers(running: Service, listener: socket.socket, stop: asyncio.Event) -> None:
    """Serve the pages for readers, and send the letters that these write, until `stop` is set."""
    run = _Run(stop=stop, stopping=Stopping())
    async with (
        _meanwhile(running.keep_public()),
        _sending_letters(running, Role.ALL, run),
        _working_off(running, run),
    ):
        await _serve_pages(running, Role.ALL, listener, stop)


def _timer(running: Service, role: Role, stopping: Stopping) -> Timer:
    parts = {"publishing": role.publishes, "delivering": role.delivers}

    async def recover() -> None:
        failures = Failures()
        with failures.contain("recover"):
            await running.recover(**parts)
        if running.edges.wakeups is not None and role.delivers:
            with failures.contain("reap rings"):
                await running.edges.wakeups.retry_stalled()
        if role.publishes:
            with failures.contain("prune"):
                await running.prune()
        failures.raise_first()

    return Timer(
        running.settings.edition.timetable,
        poll=running.poll if role.polls else None,
        recover=recover if role.publishes or role.delivers else None,
        meanwhile=partial(running.run_urgent_jobs, **parts),
        stopping=stopping,
    )


async def _letting_go(running: Service, timer: Timer) -> None:
    """Let a held edition go as soon as it may, until cancelled."""
    while True:
        if await running.now.releases.within(RECOVERY_TICK):
            await timer.recover_now()


@asynccontextmanager
async def _settling_logs() -> AsyncIterator[None]:
    """Log when troubles are over; at the end, also how many lines were left out of those that go on."""

    async def settle() -> None:
        while True:
            await asyncio.sleep(LOGS_EVERY)
            settle_logs()

    settling = asyncio.create_task(settle())
    try:
        yield
    finally:
        await cancelled([settling])
        settle_logs(closing=True)


def _looks(running: Service, role: Role) -> Iterator[Coroutine[Any, Any, None]]:
    """What looks at the database regularly, until it is cancelled."""
    yield running.store_watch.run()
    if role.publishes:
        yield running.keep_public()


@asynccontextmanager
async def _meanwhile(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do work that goes on until it is cancelled."""
    working = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        await cancelled(working)


@asynccontextmanager
async def _following_the_files(
    running: Service, role: Role, timer: Timer, notices: Notices | None
) -> AsyncIterator[None]:
    """Take changed config files over meanwhile."""
    if notices is None:
        yield
        return

    async def applied(now: Service) -> None:
        await timer.follow(now.settings.edition.timetable)

    live = live_config(running, applied, role=role)
    following = asyncio.create_task(live.run(notices))
    try:
        yield
    finally:
        await cancelled([following])
        await live.leave()


@asynccontextmanager
async def _sending_letters(running: Service, role: Role, run: _Run) -> AsyncIterator[None]:
    """Send letters meanwhile, in a role that delivers; at the end, the letter under way is finished."""
    if not role.delivers:
        yield
        return
    async with _working("letters", running.letter_loop, running.send_letters, run):
        yield


def _working_off(running: Service, run: _Run) -> AbstractAsyncContextManager[None]:
    """Do meanwhile what pages have promised, in every role; at the end, the request under way is finished."""
    return _working("requests", running.request_loop, running.do_requests, run)


@asynccontextmanager
async def _posting_to_webhooks(running: Service, role: Role, run: _Run) -> AsyncIterator[None]:
    """Post to webhooks meanwhile, in a role that delivers; at the end, posts under way are finished."""
    if not role.delivers:
        yield
        return
    loop = WorkLoop(trouble="webhooks wait; tried again in a moment")
    try:
        async with _working("webhooks", loop, running.post_to_webhooks, run):
            yield
    finally:
        await run.stopping.finish("webhooks", running.webhooks.under_way.values())


@asynccontextmanager
async def _working(name: str, loop: WorkLoop, work: Work, run: _Run) -> AsyncIterator[None]:
    working = asyncio.create_task(loop.run(work, run.stop))
    try:
        yield
    finally:
        run.stop.set()
        loop.wake()
        await run.stopping.finish(name, [working])


@asynccontextmanager
async def _listening_for_wakeups(running: Service, role: Role, stopping: Stopping) -> AsyncIterator[None]:
    """Listen for wake-ups meanwhile, if the role delivers and the database is PostgreSQL."""
    if running.edges.wakeups is None or not role.delivers:
        yield
        return
    async with running.edges.wakeups.connected():
        listening = asyncio.create_task(_listen_for_wakeups(running, running.edges.wakeups))
        try:
            yield
        finally:
            listening.cancel()  # it still finishes the messages under way
            await stopping.finish("wake-ups", [listening])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Receiver:
    """A `ports.Receiving`: the receiver that is in force when a message comes."""

    running: Service

    def ours(self, address: str) -> bool:
        receiver = self.running.now.receiver
        return receiver is not None and receiver.ours(address)

    async def receive(self, mail: Mail) -> Reception:
        receiver = self.running.now.receiver
        return Reception.LATER if receiver is None else await receiver.receive(mail)


@asynccontextmanager
async def _receiving(running: Service, role: Role, stopping: Stopping) -> AsyncIterator[None]:
    """Receive mail meanwhile, if the role receives and the settings say how."""
    receiving = running.settings.receiving
    if receiving is None or running.receiver is None or not role.receives:
        yield
        return
    receiver = _Receiver(running=running)
    async with AsyncExitStack() as stack:
        server = lmtp_server(running.settings, receiver, stopping)
        if server is not None:
            await stack.enter_async_context(server)
            log.info("mail is taken in", extra={"host": server.host, "port": server.port})
        mailbox = imap_mailbox(running.settings, running.edges.secrets, receiver)
        if mailbox is not None and receiving.imap is not None:
            reading = asyncio.create_task(_read_mailbox_regularly(mailbox, receiving.imap.every))
            stack.push_async_callback(cancelled, [reading])
        yield


async def _read_mailbox_regularly(mailbox: ImapMailbox, every: timedelta) -> None:
    """Read a mailbox every so often, until cancelled. Trouble is logged when it begins and when it ends."""
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


async def _listen_for_wakeups(running: Service, wakeups: Wakeups) -> None:
    """Recover at each wake-up, until cancelled. If listening fails, the timer still recovers regularly."""
    task = asyncio.current_task()
    # The library turns a cancellation into an error of its own if the database is away.
    while task is not None and not task.cancelling():
        try:
            await wakeups.listen(partial(running.recover, publishing=False))
        except Exception:
            log.exception("the doorbell is out of order; asked again in a minute")
            if task.cancelling():
                return
        await asyncio.sleep(60)


async def _stop_sending_when(running: Service, stop: asyncio.Event) -> None:
    """Let no further message begin once `stop` is set, however long the pages take to close."""
    await stop.wait()
    running.deliverer.stopping.set()


def _listener(settings: Settings, role: Role, health: tuple[str, int] | None) -> socket.socket | None:
    """The socket on which the role serves its pages; None if it serves none."""
    if role.serves:
        return listen(settings.web.host, settings.web.port)
    return listen(*health, named="--health") if health is not None else None


async def _serve_pages(
    running: Service, role: Role, listener: socket.socket | None, stop: asyncio.Event
) -> None:
    """Serve the role's pages until `stop` is set; wait for that if the role has none."""
    ready = Readiness(write=running.store.database.check_writes)

    def pages(now: Service) -> ASGIApp:
        return _pages(now, ready) if role.serves else build_health(ready=ready, metrics=_metrics(now))

    if listener is None:
        await stop.wait()
    else:
        proxies = running.settings.web.proxies if role.serves else ()
        await serve_pages(_Pages(running=running, build=pages), listener, stop, proxies)


@dataclass(slots=True, kw_only=True)
class _Pages:
    """An ASGI application: the pages that are in force when a request comes."""

    running: Service
    build: Callable[[Service], ASGIApp]
    _of: Service | None = None
    _built: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        now = self.running.now
        if self._built is None or self._of is not now:
            self._of, self._built = now, self.build(now)
        await self._built(scope, receive, send)


def _pages(running: Service, ready: Readiness) -> ASGIApp:
    settings = running.settings
    return Website(
        store=running.store,
        links=running.composer.links,
        renderer=running.composer.renderer,
        clock=running.clock,
        ready=ready,
        sender=sender(settings),
        metrics=_metrics(running),
        membership=running.membership,
        inspectorates={i.key: i.name for i in settings.inspectorates},
        initials=initials(settings.inspectorates),
        timetable=settings.edition.timetable,
        retention=settings.retention.kept,
        operators=_operators(running),
    ).application()


def _operators(running: Service) -> OperatorSite:
    """The operators' pages. They have no route unless the settings or the secrets open a way in."""
    settings, secrets = running.settings, running.edges.secrets
    own = settings.web.operators
    return OperatorSite(
        doors=Doors(
            key=secrets.operators_key,
            seal=text_seal(secrets.derived(KeyUse.COUNTS)),
            counts=running.store.counts,
            clock=running.clock,
            secret=secrets.operators_secret.get_secret_value() if secrets.operators_secret else None,
            login_header=own.login_header,
            session=own.session,
        ),
        store=running.store,
        clock=running.clock,
        timetable=settings.edition.timetable,
        sources=settings.sources,
        silences=settings.silent_days,
        inspectorates=settings.inspectorates,
        renderer=running.composer.renderer,
        sender=sender(settings),
    )


def _metrics(running: Service) -> Callable[[], Awaitable[bytes]] | None:
    """The metrics, if the settings want them."""
    settings = running.settings
    if not settings.web.metrics:
        return None
    return Metrics(
        store=running.store,
        timetable=settings.edition.timetable,
        clock=running.clock,
        canary=settings.operators.canary,
        ping=settings.operators.ping_host,
        mail=bool(settings.operators.mail),
        sources=settings.sources,
        silences=settings.silent_days,
        limits=running.membership.enrolment.limits,
        webhooks=[one.id for one in settings.webhooks],
        received=running.receiver.kinds if running.receiver is not None else None,
    ).text
