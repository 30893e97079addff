"""The service: its jobs, built from the settings and the edges, and how they run together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from digest.adapters.config.secrets import Secrets, six_digits
from digest.adapters.http.hook_post import HttpPost
from digest.adapters.newsletters import ImapFolders
from digest.adapters.ping import Ping
from digest.adapters.smtp.relay import SmtpRelay
from digest.adapters.work_loop import WorkLoop
from digest.adapters.workers import DATA_LIMIT
from digest.alerts import Hours
from digest.app.composing import Composer, composer, our_addresses
from digest.app.edges import Edges, open_edges, relay_options
from digest.app.webhooks import event_writer, hooks_of
from digest.compose import Correspondence
from digest.deliveries import Limits as SendingLimits
from digest.errors import TokenError
from digest.inbound import Action, Quotable, quotable
from digest.jobs.alert import Alerter
from digest.jobs.bounces import DeliveryBounces, score_refusals
from digest.jobs.channels import PING, Channels
from digest.jobs.failures import Failures
from digest.jobs.interventions import EditionDesk
from digest.jobs.keep_public import PublicKeeper
from digest.jobs.monitor import Monitor
from digest.jobs.newsletters import NewsletterIntake
from digest.jobs.operator_alerts import OperatorAlerts
from digest.jobs.poll import Poller, Polling
from digest.jobs.preview_mail import PreviewMail
from digest.jobs.prune import prune_daily
from digest.jobs.read import Reader
from digest.jobs.receive import Receiver
from digest.jobs.recover import recover
from digest.jobs.releases import Releases
from digest.jobs.source_kinds import NOT_RECEIVED, NoNewsletters, listers
from digest.jobs.source_watch import SourceWatch
from digest.jobs.store_watch import StoreWatch
from digest.jobs.webhooks import Webhooks
from digest.jobs.weekly import WeeklyMail
from digest.letter_kinds import Confirm, Reminder
from digest.letters import Letter
from digest.membership import Membership, membership
from digest.membership.limits import Limits
from digest.ports import Clock, Operators, Trouble
from digest.present.links import LetterLinks
from digest.schedule import Weekday
from digest.sending.deliver import Deliverer
from digest.sending.letters import LetterSender
from digest.sending.operator_mail import OperatorMail
from digest.sending.pace import Pace
from digest.sending.recovery import Recovery
from digest.settings import Settings
from digest.store.sql import SqlStore
from digest.tokens import KeyUse, LinkTokens, Purpose, address_seal, mailbox_seal, text_seal


@dataclass(slots=True)
class InForce:
    """Which jobs are in force: those of the last settings that were taken over."""

    service: Service | None = None  # None: those that were built first


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The jobs of the service, built and not started, and the edges that they share.

    When settings change, other jobs come in force. The methods of any service run those that are in force
    when they begin, to their end.
    """

    settings: Settings
    edges: Edges
    composer: Composer
    poller: Poller
    deliverer: Deliverer
    monitor: Monitor
    recovery: Recovery
    membership: Membership
    letter_sender: LetterSender
    letter_loop: WorkLoop  # sends letters
    request_loop: WorkLoop  # does what pages have promised
    bounces: DeliveryBounces
    receiver: Receiver | None  # None: no mail is received
    alerter: Alerter
    weekly: WeeklyMail
    store_watch: StoreWatch
    operators: Channels
    preview_mail: PreviewMail
    source_watch: SourceWatch
    public_keeper: PublicKeeper
    releases: Releases
    webhooks: Webhooks
    in_force: InForce = field(default_factory=InForce)
    recovering: asyncio.Lock = field(default_factory=asyncio.Lock)
    alerting: asyncio.Lock = field(default_factory=asyncio.Lock)
    pruning: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def store(self) -> SqlStore:
        return self.edges.store

    @property
    def clock(self) -> Clock:
        return self.edges.clock

    @property
    def now(self) -> Service:
        """The service that is in force: this one, or one that was built after it from newer settings."""
        return self.in_force.service or self

    def with_settings(self, settings: Settings) -> Service:
        """The jobs built again from new settings, on the same edges, with what the old ones have learned.

        They are in force once `put_in_force` is called. Old and new jobs may run at the same time: they share
        their locks, and one `stopping` ends the sending of both.
        """
        built = build_service(settings, self.edges, letters=self.letter_loop, requests=self.request_loop)
        old, receiver = self.deliverer, self.receiver
        return replace(
            built,
            deliverer=replace(built.deliverer, pace=old.pace, stopping=old.stopping, told=old.told),
            receiver=built.receiver and receiver and built.receiver.after(receiver),
            monitor=built.monitor.after(self.monitor),
            store_watch=self.store_watch,  # it knows since when the database is in trouble
            recovery=self.recovery,  # it counts how long a batch of another machine is overdue
            in_force=self.in_force,
            recovering=self.recovering,
            poller=replace(built.poller, under_way=self.poller.under_way),
            alerting=self.alerting,
            pruning=self.pruning,
            webhooks=replace(built.webhooks, under_way=self.webhooks.under_way),
        )

    def put_in_force(self) -> None:
        """Let each job that begins from now on be one of these. A job under way goes on as it began."""
        self.in_force.service = self
        self.store_watch.call = self.operators.call

    async def poll(self) -> tuple[Polling, ...]:
        """Poll the sources that are due and are not polled already, also while other polls go on."""
        return await self.now.poller.poll(self._write_alerts)

    async def _write_alerts(self, polling: Polling) -> None:
        """Write the alerts of a poll. Those that cannot be written now are written by `recover`."""
        if polling.candidates:
            with Failures().contain("alert"):
                async with self.alerting:
                    await self.now.alerter.write_due()

    async def send_letters(self, stop: asyncio.Event) -> None:
        """Send the letters that wait, until `stop` is set."""
        await self.now.letter_sender.send(stop)

    async def do_requests(self, stop: asyncio.Event) -> None:
        """Do what pages have promised, until `stop` is set."""
        await self.now.membership.intake.work_off(stop)

    async def post_to_webhooks(self, stop: asyncio.Event) -> None:
        """Begin to post the stories that wait for webhooks."""
        await self.now.webhooks.look(stop)

    async def keep_public(self) -> None:
        """Keep what the public site reads, until cancelled."""
        while True:
            wait = await self.now.public_keeper.look()
            await self.now.releases.within(wait)

    async def prune(self) -> None:
        """Do the day's pruning if it is due and not under way."""
        if self.pruning.locked():
            return
        async with self.pruning:
            settings = self.now.settings
            await prune_daily(
                settings.retention.kept,
                settings.edition.timetable,
                store=self.store.pruning,
                clock=self.clock,
            )

    async def recover(self, *, publishing: bool = True, delivering: bool = True) -> None:
        """Do everything that is due; one call at a time in this process, and others wait for it."""
        async with self.recovering:
            await _do_all(self.now, publishing=publishing, delivering=delivering)

    async def run_urgent_jobs(self, *, publishing: bool = True, delivering: bool = True) -> None:
        """Do what cannot wait for a `recover` that takes hours.

        A dead worker's batch has the same deadline as the others, and operators must learn of a relay that
        does not answer while they can still act.
        """
        failures = Failures()
        await _run_small_jobs(self.now, failures, publishing=publishing, delivering=delivering)
        with failures.contain("take over"):
            await self.recovery.settle_lost_batches()
        failures.raise_first()


async def _do_all(service: Service, *, publishing: bool, delivering: bool) -> None:
    failures = Failures()
    with failures.contain("recover"):
        await recover(
            timetable=service.settings.edition.timetable,
            sources=service.settings.sources,
            store=service.store,
            deliverer=service.deliverer,
            recovery=service.recovery,
            clock=service.clock,
            inspectorates=service.settings.inspectorates,
            ending=service.settings.edition.ending,
            publishing=publishing,
            delivering=delivering,
        )
    await _run_small_jobs(service, failures, publishing=publishing, delivering=delivering)
    failures.raise_first()


async def _run_small_jobs(
    service: Service, failures: Failures, *, publishing: bool, delivering: bool
) -> None:
    jobs: list[tuple[str, bool, Callable[[], Awaitable[object]]]] = [
        ("score refusals", publishing, partial(score_refusals, service.bounces)),
        ("watch", delivering, service.monitor.check_editions),
        ("alert", publishing, service.alerter.write_due),
        ("prove", publishing, service.weekly.write_due),
        ("remind", publishing, service.membership.reminders.write_due),
        ("tell coverage", publishing, service.membership.coverage_letters.write_due),
        ("watch sources", publishing, service.source_watch.look),
        ("preview", publishing, service.preview_mail.write_due),
        ("watch channels", publishing, service.operators.look),
    ]
    for name, ours, job in jobs:
        if ours:
            with failures.contain(name):
                await job()


@asynccontextmanager
async def service(
    settings: Settings, secrets: Secrets, *, directory: Path, clock: Clock | None = None
) -> AsyncIterator[Service]:
    """Open the edges and build the jobs. `StoreError` if the database is missing or not ours.

    `clock` replaces the system's clock in a simulation.
    """
    async with open_edges(settings, secrets, directory, clock) as edges:
        yield build_service(settings, edges)


def build_service(
    settings: Settings, edges: Edges, *, letters: WorkLoop | None = None, requests: WorkLoop | None = None
) -> Service:
    """Build every job from the settings. The loops are those that run already, if any do."""
    composing = composer(settings, edges.secrets, edges.directory)
    letters = letters or WorkLoop(trouble="the post is in trouble; tried again in a moment")
    sender = _letter_sender(settings, edges, composing)
    operators = operators_for(
        settings, edges.secrets, edges.store, edges.clock, submit=sender.submit, letter_written=letters.wake
    )
    alerts = OperatorAlerts(counts=edges.store.counts, call=operators.call, clock=edges.clock)
    requests = requests or WorkLoop(trouble="requests wait; tried again in a moment")
    members = membership_for(
        settings,
        edges.secrets,
        edges.store,
        clock=edges.clock,
        alerts=alerts,
        letter_written=letters.wake,
        request_kept=requests.wake,
    )
    timetable = settings.edition.timetable
    bounces = DeliveryBounces(timetable=timetable, store=edges.store, alerts=alerts, clock=edges.clock)
    return Service(
        settings=settings,
        edges=edges,
        composer=composing,
        poller=_poller(settings, edges),
        deliverer=_deliverer(settings, edges, composing, operators),
        membership=members,
        letter_sender=sender,
        letter_loop=letters,
        request_loop=requests,
        recovery=Recovery(deliveries=edges.store.deliveries, journal=edges.journal, clock=edges.clock),
        bounces=bounces,
        receiver=_receiver(settings, edges, composing, members, bounces),
        alerter=_alerter(settings, edges),
        weekly=_weekly(settings, edges, members, operators.mail),
        operators=operators,
        preview_mail=_preview_mail(settings, edges, operators.mail),
        source_watch=SourceWatch(
            sources=settings.sources,
            silences=settings.silent_days,
            zone=settings.edition.zone,
            store=edges.store,
            clock=edges.clock,
            operators=operators,
        ),
        public_keeper=PublicKeeper(
            store=edges.store.public_model,
            editions=edges.store.editions,
            inspectorates=settings.inspectorates,
            timetable=timetable,
            clock=edges.clock,
        ),
        releases=Releases(editions=edges.store.editions, timetable=timetable, clock=edges.clock),
        webhooks=_webhooks(settings, edges, composing, alerts),
        store_watch=StoreWatch(
            write=edges.store.database.check_writes,
            reconcile=edges.reconcile_record,
            untold=edges.found_at_start,
            call=operators.call,
            clock=edges.clock,
        ),
        monitor=Monitor(
            timetable=timetable,
            store=edges.store,
            clock=edges.clock,
            operators=operators,
            canary=settings.operators.canary,
        ),
    )


async def _submit_nothing(_: Letter) -> bool:
    return False


def operators_for(
    settings: Settings,
    secrets: Secrets,
    store: SqlStore,
    clock: Clock,
    *,
    submit: Callable[[Letter], Awaitable[bool]] = _submit_nothing,
    letter_written: Callable[[], None] = lambda: None,
) -> Channels:
    """The ways to reach operators. `submit` hands over a letter that the database cannot keep."""

    async def note(reason: str | None) -> None:
        if reason is None:
            await store.troubles.end(PING)
        else:
            await store.troubles.begin(Trouble(name=PING, since=clock.now(), said=reason))

    return Channels(
        ping=Ping(settings.operators.ping, note) if settings.operators.ping else None,
        mail=OperatorMail(
            addresses=settings.operators.mail,
            store=store.letters,
            clock=clock,
            reference=address_seal(secrets.derived(KeyUse.REFERENCES)),
            submit=submit,
            written=letter_written,
        ),
        store=store,
        clock=clock,
    )


def membership_for(
    settings: Settings,
    secrets: Secrets,
    store: SqlStore,
    *,
    clock: Clock,
    alerts: OperatorAlerts,
    letter_written: Callable[[], None] = lambda: None,
    request_kept: Callable[[], None] = lambda: None,
) -> Membership:
    """How people join, change and leave.

    `letter_written` is called after each letter, to send it at once, and `request_kept` after each request of
    a page, to do it at once.
    """
    subscribing = settings.subscribing
    return membership(
        store=store,
        clock=clock,
        timetable=settings.edition.timetable,
        limits=Limits(
            counts=store.counts,
            seal=text_seal(secrets.derived(KeyUse.COUNTS)),
            alert_operators=alerts.send_once,
            per_address=subscribing.per_address,
            per_week=subscribing.per_week,
            per_network=subscribing.per_network,
            per_wide_network=subscribing.per_wide_network,
            per_day=subscribing.per_day,
        ),
        inspectorates=settings.inspectorates,
        sources=settings.sources,
        new_code=six_digits,
        reference=address_seal(secrets.derived(KeyUse.REFERENCES)),
        letter_written=letter_written,
        request_kept=request_kept,
        reminds=subscribing.remind,
    )


def _poller(settings: Settings, edges: Edges) -> Poller:
    return Poller(
        sources=settings.sources,
        listers=listers(
            fetcher=edges.fetcher,
            workers=edges.workers,
            data_workers=edges.workers.with_limit(DATA_LIMIT),
            zone=settings.edition.zone,
            records=edges.store.records,
            inspectorates=settings.inspectorates,
            clock=edges.clock,
            folders=ImapFolders(),
            newsletters=edges.store.newsletters if settings.receiving else NoNewsletters(NOT_RECEIVED),
            keys=edges.secrets.source_keys,
        ),
        reader=Reader(
            inspectorates=settings.inspectorates,
            store=edges.store,
            fetcher=edges.fetcher,
            workers=edges.workers,
            clock=edges.clock,
        ),
        store=edges.store,
        clock=edges.clock,
        hosts=edges.fetcher,
    )


def _deliverer(settings: Settings, edges: Edges, composing: Composer, operators: Operators) -> Deliverer:
    relay = settings.relay
    return Deliverer(
        timetable=settings.edition.timetable,
        store=edges.store,
        relay=SmtpRelay(relay_options(settings, edges.secrets)),
        render=composing.render,
        tokens=composing.tokens,
        journal=edges.journal,
        sign=edges.signer.sign if edges.signer is not None else None,
        call=operators.call,
        clock=edges.clock,
        pace=Pace(relay.connections),
        relays=edges.relay_reporter,
        connections=relay.connections,
        only_to=relay.only_to,
        limits=SendingLimits(per_minute=relay.per_minute, per_minute_and_domain=relay.per_minute_and_domain),
    )


def _correspondence(edges: Edges, composing: Composer) -> Correspondence:
    return Correspondence(
        sender=composing.sender,
        renderer=composing.renderer,
        links=LetterLinks(
            links=composing.links,
            mail_domain=composing.sender.commands,
            mailbox_seal=mailbox_seal(edges.secrets.seal),
        ),
        zone=composing.zone,
        key=edges.secrets.derived(KeyUse.LETTERS),
    )


def _letters_to_confirm(correspondence: Correspondence, now: datetime) -> tuple[Quotable, ...]:
    """The letters that ask for a confirmation, in each of their forms, as an answer may quote them."""
    ask = Confirm(subscriber=0, generation=0, occasion="", code="000000")
    letters = (
        ask,
        replace(ask, reminder=True),
        replace(ask, invited=True),
        Reminder(subscriber=0, generation=0, code="000000", until=now),
    )
    wires = (
        correspondence.compose(Letter(content=one, address="a@example.org", expires_at=now), now, 0).content
        for one in letters
    )
    return tuple(map(quotable, wires))


def _letter_sender(settings: Settings, edges: Edges, composing: Composer) -> LetterSender:
    correspondence = _correspondence(edges, composing)
    return LetterSender(
        store=edges.store,
        relay=SmtpRelay(relay_options(settings, edges.secrets)),
        compose=correspondence.compose,
        clock=edges.clock,
        note_relays=lambda found: edges.relay_reporter.report(edges.journal.owner, found),
        only_to=settings.relay.only_to,
        sign=edges.signer.sign if edges.signer is not None else None,
    )


def _alerter(settings: Settings, edges: Edges) -> Alerter:
    alerts = settings.alerts
    return Alerter(
        timetable=settings.edition.timetable,
        hours=Hours(zone=settings.edition.zone, earliest=alerts.earliest, latest=alerts.latest),
        per_day=alerts.per_day,
        inspectorates=settings.inspectorates,
        store=edges.store,
        clock=edges.clock,
    )


def _webhooks(settings: Settings, edges: Edges, composing: Composer, alerts: OperatorAlerts) -> Webhooks:
    return Webhooks(
        hooks=hooks_of(settings.webhooks, edges.secrets),
        store=edges.store.webhooks,
        public=edges.store.public,
        pauses=edges.store.pauses,
        register=edges.store.providers.register,
        write=event_writer(settings, composing.renderer).of,
        post=HttpPost(contact=settings.service.contact, clock=edges.clock),
        alerts=alerts,
        timetable=settings.edition.timetable,
        clock=edges.clock,
    )


def _weekly(settings: Settings, edges: Edges, members: Membership, operators: OperatorMail) -> WeeklyMail:
    return WeeklyMail(
        timetable=settings.edition.timetable,
        weekday=list(Weekday).index(settings.proof_of_life.day),
        at=settings.proof_of_life.at,
        sources=settings.sources,
        store=edges.store,
        clock=edges.clock,
        operators=operators,
        covering=members.covering,
        silences=settings.silent_days,
    )


def _preview_mail(settings: Settings, edges: Edges, operators: OperatorMail) -> PreviewMail:
    desk = EditionDesk(
        timetable=settings.edition.timetable, sources=settings.sources, store=edges.store, clock=edges.clock
    )
    shown = edges.secrets.operators_secret is not None or settings.web.operators.login_header is not None
    return PreviewMail(at=settings.edition.preview_at, desk=desk, operators=operators, pages=shown)


def _receiver(
    settings: Settings,
    edges: Edges,
    composing: Composer,
    members: Membership,
    bounces: DeliveryBounces,
) -> Receiver | None:
    if settings.receiving is None:
        return None
    return Receiver(
        addresses=our_addresses(settings),
        letters=_letters_to_confirm(_correspondence(edges, composing), edges.clock.now()),
        key=composing.key,
        letter_key=edges.secrets.derived(KeyUse.LETTERS),
        read_token=partial(_read_mail_token, composing.links.tokens),
        wishes=members.covering.wishes_named,
        store=edges.store,
        workers=edges.workers,
        enrolment=members.enrolment,
        bounces=bounces,
        newsletters=NewsletterIntake(store=edges.store.newsletters, workers=edges.workers, clock=edges.clock),
        clock=edges.clock,
    )


_PURPOSES: Final = {Action.LEAVE: Purpose.LEAVE, Action.CONFIRM: Purpose.CONFIRM}


def _read_mail_token(tokens: LinkTokens, action: Action, token: str) -> tuple[int, int] | None:
    """The subscriber and generation that a token for an action names; None if the token is not ours."""
    try:
        return tokens.read_from_mail(token, _PURPOSES[action]) if action in _PURPOSES else None
    except TokenError:
        return None
