"""Wiring: builds everything from the operator's files; the only file that knows all edges."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from digest.adapters.clock import SystemClock
from digest.adapters.doorbell import Doorbell
from digest.adapters.fetcher import HttpFetcher
from digest.adapters.imap import ImapMailbox, ImapOptions
from digest.adapters.journal import FileJournal
from digest.adapters.letter_links import LetterLinks
from digest.adapters.links import MAIL_TOKEN_LENGTH, TOKEN_LENGTH, Purpose, SignedLinks
from digest.adapters.lmtp import LmtpServer
from digest.adapters.packaged import packaged
from digest.adapters.ping import Ping
from digest.adapters.relay import RelayOptions, SmtpRelay
from digest.adapters.secrets import IMAP_PASSWORD, Secrets, load_secrets, six_digits
from digest.adapters.settings_files import load
from digest.adapters.signing import Signer, load_key
from digest.adapters.templates import TemplateRenderer
from digest.adapters.workers import ProcessWorkers
from digest.addresses import sealed, sealing
from digest.alerts import Hours
from digest.compose import Addresses, Correspondence, Rendition, Sender, Tokens, render
from digest.deliveries import Limits
from digest.edition import Edition
from digest.errors import ConfigError, Problem, TokenError
from digest.inbound import Action, Own
from digest.jobs.alert import Alerter
from digest.jobs.deliver import Deliverer
from digest.jobs.enrol import Enrolment
from digest.jobs.pace import Pace
from digest.jobs.poll import Poller, Polling
from digest.jobs.post import Post
from digest.jobs.prove import Prover
from digest.jobs.prune import prune_daily
from digest.jobs.quotas import Quotas
from digest.jobs.receive import Receiver
from digest.jobs.recover import recover
from digest.jobs.relays import RelayNotes
from digest.jobs.remind import Reminder
from digest.jobs.score import Scorer, score_refusals
from digest.jobs.takeover import TakeOver
from digest.jobs.watch import Watch
from digest.jobs.writing import Writing
from digest.ports import Clock
from digest.providers import Register
from digest.settings import MailServer, Settings, Weekday
from digest.store.database import Database
from digest.store.seals import check_seal
from digest.store.sql import SqlStore
from digest.subscriptions import Wishes

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The running service: everything built, nothing started."""

    settings: Settings
    store: SqlStore
    clock: Clock
    links: SignedLinks
    renderer: TemplateRenderer
    journal: FileJournal
    poller: Poller
    deliverer: Deliverer
    watch: Watch
    takeover: TakeOver
    enrolment: Enrolment
    post: Post
    scorer: Scorer
    receiver: Receiver | None  # None: no mail comes here
    alerter: Alerter
    reminder: Reminder
    prover: Prover
    doorbell: Doorbell | None  # between machines; None on SQLite
    recovering: asyncio.Lock = field(default_factory=asyncio.Lock)
    polling: asyncio.Lock = field(default_factory=asyncio.Lock)
    pruning: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def poll(self) -> tuple[Polling, ...]:
        async with self.polling:
            polled = await self.poller.poll()
        if any(polling.filings for polling in polled):
            await self.alerter.look()
        return polled

    async def prune(self) -> None:
        """What the day's pruning is, if it is due; a nudge that comes meanwhile has nothing to add."""
        if self.pruning.locked():
            return
        async with self.pruning:
            await prune_daily(
                self.settings.retention.kept,
                self.settings.edition.timetable,
                store=self.store.pruning,
                clock=self.clock,
            )

    async def recover(self, *, publishing: bool = True, delivering: bool = True) -> None:
        # One at a time in this process: a nudge that comes meanwhile looks again afterwards.
        async with self.recovering:
            await recover(
                timetable=self.settings.edition.timetable,
                sources=self.settings.sources,
                store=self.store,
                deliverer=self.deliverer,
                takeover=self.takeover,
                clock=self.clock,
                publishing=publishing,
                delivering=delivering,
            )
            if publishing:
                await score_refusals(self.scorer)
            if delivering:
                await self.watch.look()
            if publishing:
                await self.alerter.look()
                await self.prover.look()
                await self.reminder.look()


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
        await check_seal(database, secrets.seal)
        url = database.postgres_url
        doorbell = Doorbell(url) if url else None
        store = SqlStore(database, doorbell.ring if doorbell else None, seal=secrets.seal)
        fetcher = await stack.enter_async_context(_fetcher(settings, clock))
        workers = await stack.enter_async_context(ProcessWorkers())
        signing = signer(settings, directory)
        if signing is not None:
            await stack.enter_async_context(signing)
        renderer = TemplateRenderer(template_directories(directory))
        key = secrets.secret_key.get_secret_value()
        links = SignedLinks(str(settings.service.url), key)
        composing = _composer(settings, secrets.derived("deliveries"), renderer, links, clock)
        journal = FileJournal(directory / settings.store.journal)
        operators = Ping(str(settings.operators.ping) if settings.operators.ping else None)
        stack.callback(journal.close)
        post = Post(
            store=store,
            relay=SmtpRelay(relay_options(settings, secrets, directory)),
            compose=_correspondence(settings, secrets, renderer, links).compose,
            clock=clock,
            only_to=settings.relay.only_to,
            sign=signing.sign if signing is not None else None,
        )
        scorer = Scorer(timetable=settings.edition.timetable, store=store, operators=operators, clock=clock)
        enrolling = enrolment(settings, secrets, store, clock=clock, call=operators.call, wrote=post.ring)
        receiver = None
        if settings.receiving is not None:
            receiver = Receiver(
                own=own(settings),
                key=composing.key,
                read_token=partial(read_mail_token, links),
                wishes=partial(wishes_of, settings),
                store=store,
                workers=workers,
                enrolment=enrolling,
                scorer=scorer,
                clock=clock,
            )
        yield Service(
            settings=settings,
            store=store,
            clock=clock,
            links=links,
            renderer=renderer,
            journal=journal,
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
                relay=SmtpRelay(relay_options(settings, secrets, directory)),
                render=composing.render,
                tokens=composing.tokens,
                journal=journal,
                sign=signing.sign if signing is not None else None,
                call=operators.call,
                clock=clock,
                pace=Pace(settings.relay.connections),
                relays=RelayNotes(store.relays, clock),
                connections=settings.relay.connections,
                only_to=settings.relay.only_to,
                limits=Limits(
                    per_minute=settings.relay.per_minute,
                    per_minute_and_domain=settings.relay.per_minute_and_domain,
                ),
            ),
            enrolment=enrolling,
            post=post,
            doorbell=doorbell,
            takeover=TakeOver(deliveries=store.deliveries, journal=journal, clock=clock),
            scorer=scorer,
            receiver=receiver,
            reminder=reminder(enrolling),
            alerter=alerter(settings, store, clock),
            prover=prover(settings, store, clock),
            watch=Watch(
                timetable=settings.edition.timetable,
                store=store,
                clock=clock,
                operators=operators,
                canary=settings.operators.canary,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Editions as messages, in this service's name."""

    sender: Sender
    zone: ZoneInfo
    inspectorates: Mapping[str, str]  # names by key
    renderer: TemplateRenderer
    links: SignedLinks
    clock: Clock
    key: bytes  # keeps Message-IDs and return paths from being guessed

    def render(self, edition: Edition, wishes: Wishes, register: Register) -> Rendition:
        return render(
            edition,
            wishes,
            at=self.clock.now(),
            sender=self.sender,
            addresses=Addresses(
                leave=self.links.address(Purpose.LEAVE, ""),
                one_click=self.links.address(Purpose.ONE_CLICK, ""),
                manage=self.links.address(Purpose.MANAGE, ""),
                share=self.links.home(f"edition/{edition.day}"),
                leave_mail=(self.sender.commands, MAIL_TOKEN_LENGTH) if self.sender.commands else None,
            ),
            token_length=TOKEN_LENGTH,
            renderer=self.renderer,
            zone=self.zone,
            key=self.key,
            names=self.inspectorates,
            register=register,
        )

    def tokens(self, subscriber: int, generation: int) -> Tokens:
        of = self.links.tokens(subscriber, generation)
        mail = self.links.mail_token(Purpose.LEAVE, subscriber, generation) if self.sender.commands else ""
        return Tokens(
            leave=of[Purpose.LEAVE],
            one_click=of[Purpose.ONE_CLICK],
            manage=of[Purpose.MANAGE],
            leave_mail=mail,
        )


def enrolment(
    settings: Settings,
    secrets: Secrets,
    store: SqlStore,
    *,
    clock: Clock,
    call: Callable[[str], Awaitable[None]],
    wrote: Callable[[], None] = lambda: None,
) -> Enrolment:
    """How people join, change and leave; `wrote` wakes whoever sends letters, if that is this process."""
    said = settings.subscribing
    return Enrolment(
        store=store,
        clock=clock,
        timetable=settings.edition.timetable,
        quotas=Quotas(
            counts=store.counts,
            seal=sealed(secrets.derived("counts")),
            call=call,
            per_address=said.per_address,
            per_network=said.per_network,
            per_day=said.per_day,
        ),
        code=six_digits,
        reference=sealing(secrets.derived("references")),
        wrote=wrote,
        reminds=said.remind,
    )


def reminder(of: Enrolment) -> Reminder:
    """Who reminds those that asked: by the same means and limits."""
    return Reminder(**{field.name: getattr(of, field.name) for field in fields(Writing)})


def _correspondence(
    settings: Settings, secrets: Secrets, renderer: TemplateRenderer, links: SignedLinks
) -> Correspondence:
    of = sender(settings)
    return Correspondence(
        sender=of,
        renderer=renderer,
        links=LetterLinks(links=links, mail_domain=of.commands),
        zone=settings.edition.zone,
        key=secrets.derived("letters"),
    )


def composer(settings: Settings, secrets: Secrets, directory: Path, clock: Clock) -> Composer:
    """What composes this operator's editions, for those who only want to look."""
    key = secrets.secret_key.get_secret_value()
    links = SignedLinks(str(settings.service.url), key)
    renderer = TemplateRenderer(template_directories(directory))
    return _composer(settings, secrets.derived("deliveries"), renderer, links, clock)


def _composer(
    settings: Settings, key: bytes, renderer: TemplateRenderer, links: SignedLinks, clock: Clock
) -> Composer:
    return Composer(
        sender=sender(settings),
        zone=settings.edition.zone,
        inspectorates={i.key: i.name for i in settings.inspectorates},
        renderer=renderer,
        links=links,
        clock=clock,
        key=key,
    )


def sender(settings: Settings) -> Sender:
    return Sender(
        name=settings.sender.name,
        address=settings.sender.address,
        reply_to=settings.sender.reply_to,
        bounces=settings.sender.bounces,
        service_name=settings.service.name,
        service_url=str(settings.service.url),
        contact=settings.service.contact,
        postal_address=settings.sender.postal_address,
        commands=commands_domain(settings),
    )


def own(settings: Settings) -> Own:
    """Which addresses are ours."""
    sender, contact = settings.sender, settings.service.contact
    general = {sender.address, *([sender.reply_to] if sender.reply_to else [])}
    return Own(
        bounces=sender.bounces,
        domain=commands_domain(settings) or "",
        general=frozenset(general if "/" in contact else {*general, contact}),
        senders=frozenset({sender.address}),
    )


def commands_domain(settings: Settings) -> str | None:
    """Where join@, leave@, help@ and confirm@ are; None if no mail to them is read."""
    said = settings.receiving
    return (said.domain or settings.sender.bounces.rpartition("@")[2]) if said is not None else None


_PURPOSES: Final = {Action.LEAVE: Purpose.LEAVE, Action.CONFIRM: Purpose.CONFIRM}


def read_mail_token(links: SignedLinks, action: Action, token: str) -> tuple[int, int] | None:
    """The subscriber and generation that a token for an action names; None if it is none of ours."""
    try:
        return links.read_mail_token(token, _PURPOSES[action]) if action in _PURPOSES else None
    except TokenError:
        return None


def wishes_of(settings: Settings, detail: str) -> Wishes:
    """What somebody asks for who writes to `join+...`: an inspectorate by its key, else everything."""
    key = detail.lower()
    known = any(one.key == key for one in settings.inspectorates)
    return Wishes(inspectorates=(key,)) if known else Wishes()


def lmtp_server(settings: Settings, receiver: Receiver) -> LmtpServer | None:
    """What a mail server hands messages to, to be entered; None where none does."""
    said = settings.receiving.lmtp if settings.receiving else None
    return LmtpServer(receiver, host=said.host, port=said.port, max_bytes=said.max_bytes) if said else None


def imap_mailbox(
    settings: Settings, secrets: Secrets, directory: Path, receiver: Receiver
) -> ImapMailbox | None:
    """The mailbox to read; None where there is none."""
    said = settings.receiving.imap if settings.receiving else None
    if said is None or secrets.imap_password is None:
        return None
    options = ImapOptions(
        host=said.host,
        port=said.port,
        tls=said.tls,
        username=said.username,
        password=secrets.imap_password.get_secret_value(),
        folder=said.folder,
        handled=said.handled,
        ca_file=_below(directory, said.ca_file),
    )
    return ImapMailbox(options, receiver)


def alerter(settings: Settings, store: SqlStore, clock: Clock) -> Alerter:
    said = settings.alerts
    return Alerter(
        timetable=settings.edition.timetable,
        hours=Hours(zone=settings.edition.zone, earliest=said.earliest, latest=said.latest),
        per_day=said.per_day,
        inspectorates=settings.inspectorates,
        store=store,
        clock=clock,
    )


def prover(settings: Settings, store: SqlStore, clock: Clock) -> Prover:
    return Prover(
        timetable=settings.edition.timetable,
        weekday=list(Weekday).index(settings.proof_of_life.day),
        at=settings.proof_of_life.at,
        sources=settings.sources,
        store=store,
        clock=clock,
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


def signer(settings: Settings, directory: Path) -> Signer | None:
    """What signs here, to be entered; None where the relay signs. `ConfigError` for a key of no use."""
    said = settings.dkim
    if said is None:
        return None
    key = load_key(directory / said.key_file)
    return Signer(key, domain=said.domain, selector=said.selector, processes=said.processes)


def relay_options(settings: Settings, secrets: Secrets, directory: Path) -> list[RelayOptions]:
    """How to reach the relay and those that stand in for it, in their order."""
    relay = settings.relay
    servers: list[tuple[MailServer, SecretStr | None]] = [(relay, secrets.relay_password)]
    servers += [(fallback, secrets.fallback_password) for fallback in relay.fallbacks]

    def options(server: MailServer, password: SecretStr | None) -> RelayOptions:
        return RelayOptions(
            host=server.host,
            port=server.port,
            tls=server.tls,
            local_hostname=relay.local_hostname or socket.getfqdn(),
            username=server.username,
            password=password.get_secret_value() if password and not server.token_file else None,
            token=_token(directory / server.token_file) if server.token_file else None,
            ca_file=_below(directory, server.ca_file),
            client_cert=_below(directory, server.client_cert),
            client_key=_below(directory, server.client_key),
            connect_timeout=relay.timeout,
            command_timeout=relay.timeout,
            max_messages=relay.per_connection,
        )

    return [options(server, password) for server, password in servers]


def _below(directory: Path, file: Path | None) -> Path | None:
    return directory / file if file else None


def _token(file: Path) -> Callable[[], Awaitable[str]]:
    async def token() -> str:
        return (await asyncio.to_thread(file.read_text, "utf-8")).strip()

    return token


def open_database(settings: Settings, secrets: Secrets, directory: Path) -> Database:
    """The database that the settings name, or the secret address that overrides them."""
    url = secrets.database_url.get_secret_value() if secrets.database_url else settings.store.url
    return Database(url, directory=directory)


def plain_text(edition: Edition, settings: Settings, directory: Path) -> str:
    """An edition's plain-text part as everybody gets it, for an operator; its links open nothing."""
    renderer = TemplateRenderer(template_directories(directory))
    links = SignedLinks(str(settings.service.url), "a preview")
    preview = _composer(settings, b"a preview", renderer, links, SystemClock())
    rendition = preview.render(edition, Wishes(), Register())
    copy = rendition.copy_for(0, settings.sender.address, preview.tokens(0, 0))
    message = message_from_bytes(copy.content, policy=default)
    part = message.get_body(("plain",))
    return str(part.get_content()) if part else ""


def template_directories(directory: Path) -> list[Path]:
    """The operator's own templates first, then ours."""
    return [directory / "templates", packaged("templates")]


def configured(directory: Path, environ: Mapping[str, str] = os.environ) -> tuple[Settings, Secrets]:
    """The operator's files and secrets; `ConfigError` names everything wrong in either."""
    settings, secrets = load(directory), load_secrets(directory, environ)
    if settings.dkim is not None:
        load_key(directory / settings.dkim.key_file)  # a bad key is told now, not at noon
    if settings.receiving and settings.receiving.imap and secrets.imap_password is None:
        wanted = "the password of receiving.imap.username, there or in secrets.env"
        where = "the environment"
        raise ConfigError(
            [Problem(file=where, line=None, key=IMAP_PASSWORD, found="nothing", expected=wanted)]
        )
    return settings, secrets
