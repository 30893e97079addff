"""The edges that live as long as the process: they stay when the jobs are built again from new settings."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from digest.adapters.clock import SystemClock
from digest.adapters.config.secrets import Secrets
from digest.adapters.http.fetcher import HttpFetcher
from digest.adapters.imap import ImapMailbox, ImapOptions
from digest.adapters.journal import FileJournal
from digest.adapters.lmtp import LmtpServer
from digest.adapters.signing import Signer, load_key
from digest.adapters.smtp.connect import Lifetime, RelayOptions, Timeouts
from digest.adapters.stopping import Stopping
from digest.adapters.wakeups import Wakeups
from digest.adapters.workers import ProcessWorkers
from digest.app.directory import checked_database, reconcile_record
from digest.ports import Clock, HostStore, Receiving
from digest.sending.relay_health import RelayReporter
from digest.settings import MailServer, Settings
from digest.store.sql import SqlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """What the jobs use of the outside world. What differs in the settings for them needs a restart."""

    directory: Path
    secrets: Secrets
    clock: Clock
    store: SqlStore
    wakeups: Wakeups | None  # between machines; None on SQLite
    fetcher: HttpFetcher
    workers: ProcessWorkers
    signer: Signer | None  # None: the relay signs
    journal: FileJournal
    relay_reporter: RelayReporter  # knows the last report on each relay
    reconcile_record: Callable[[], Awaitable[str | None]]  # as in `directory`
    found_at_start: str | None  # what it said when the database was opened


@asynccontextmanager
async def open_edges(
    settings: Settings, secrets: Secrets, directory: Path, clock: Clock | None = None
) -> AsyncIterator[Edges]:
    """Open the edges until the end. `StoreError` if the database is missing or not ours.

    `clock` replaces the system's clock in a simulation.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        found: list[str] = []
        opening = checked_database(settings, secrets, directory, clock, tell=found.append)
        database = await stack.enter_async_context(opening)
        wakeups = Wakeups(database.postgres_url) if database.postgres_url else None
        store = SqlStore(database, wakeups.notify if wakeups else None, seal=secrets.seal)
        web = await stack.enter_async_context(fetcher(settings, clock, store.hosts))
        workers = await stack.enter_async_context(ProcessWorkers())
        signing = signer(settings)
        if signing is not None:
            await stack.enter_async_context(signing)
        _check_journal(settings.store.journal)
        journal = FileJournal(settings.store.journal)
        stack.callback(journal.close)
        yield Edges(
            directory=directory,
            secrets=secrets,
            clock=clock,
            store=store,
            wakeups=wakeups,
            fetcher=web,
            workers=workers,
            signer=signing,
            journal=journal,
            relay_reporter=RelayReporter(store.relays, clock),
            reconcile_record=partial(reconcile_record, database, secrets, settings, clock),
            found_at_start=found[0] if found else None,
        )


def _check_journal(directory: Path) -> None:
    """`OSError` if the journal cannot be written there: that is told at the start, not at noon."""
    if not directory.exists():
        return  # it is made when something is sent
    if not directory.is_dir():
        raise NotADirectoryError(
            errno.ENOTDIR, "the journal (store.journal) must be a directory", str(directory)
        )
    if not os.access(directory, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "the journal (store.journal) cannot be written", str(directory))


def fetcher(settings: Settings, clock: Clock, hosts: HostStore | None = None) -> HttpFetcher:
    """The HTTP client, to be entered. With `hosts`, it is polite together with other processes."""
    return HttpFetcher(
        contact=settings.service.contact,
        clock=clock,
        timeout=settings.fetch.timeout,
        max_bytes=settings.fetch.max_bytes,
        max_redirects=settings.fetch.max_redirects,
        pause=settings.fetch.per_host,
        allow_private=settings.fetch.allow_private,
        hosts=hosts,
    )


def relay_options(settings: Settings, secrets: Secrets) -> list[RelayOptions]:
    """The relay and its fallbacks, in the order in which they are tried."""
    relay = settings.relay
    local_hostname = relay.local_hostname or socket.getfqdn()
    timeouts = Timeouts(connect=relay.timeout, command=relay.timeout)
    lifetime = Lifetime(messages=relay.per_connection)

    def options(server: MailServer, password: SecretStr | None) -> RelayOptions:
        return RelayOptions(
            server=server,
            local_hostname=local_hostname,
            password=password.get_secret_value() if password else None,
            timeouts=timeouts,
            lifetime=lifetime,
        )

    fallbacks = [options(fallback, secrets.fallback_password) for fallback in relay.fallbacks]
    return [options(relay, secrets.relay_password), *fallbacks]


def signer(settings: Settings) -> Signer | None:
    """A DKIM signer, to be entered; None where the relay signs. `ConfigError` for an unusable key."""
    dkim = settings.dkim
    if dkim is None:
        return None
    return Signer(
        load_key(dkim.key_file), domain=dkim.domain, selector=dkim.selector, processes=dkim.processes
    )


def lmtp_server(settings: Settings, receiver: Receiving, stopping: Stopping) -> LmtpServer | None:
    """The server that a mail server hands messages to, to be entered; None if there is none."""
    lmtp = settings.receiving.lmtp if settings.receiving else None
    if lmtp is None:
        return None
    return LmtpServer(receiver, host=lmtp.host, port=lmtp.port, max_bytes=lmtp.max_bytes, stopping=stopping)


def imap_mailbox(settings: Settings, secrets: Secrets, receiver: Receiving) -> ImapMailbox | None:
    """The mailbox to read; None if there is none."""
    imap = settings.receiving.imap if settings.receiving else None
    if imap is None or secrets.imap_password is None:
        return None
    options = ImapOptions(
        host=imap.host,
        port=imap.port,
        tls=imap.tls,
        username=imap.username,
        password=secrets.imap_password.get_secret_value(),
        folder=imap.folder,
        handled=imap.handled,
        ca_file=imap.ca_file,
    )
    return ImapMailbox(options, receiver)
