"""The service: everything built, and put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from digest.adapters.clock import SystemClock
from digest.adapters.config.secrets import Secrets
from digest.adapters.journal import FileJournal
from digest.adapters.ping import Ping
from digest.adapters.smtp.relay import SmtpRelay
from digest.adapters.templates import TemplateRenderer
from digest.adapters.wakeups import Wakeups
from digest.adapters.workers import ProcessWorkers
from digest.app.composing import composer
from digest.app.joining import membership_for
from digest.app.letters import alerter, letter_sender, weekly
from digest.app.polling import fetcher, poller
from digest.app.receiving import receiver
from digest.app.sending import deliverer, relay_options, signer
from digest.app.state import checked_database
from digest.jobs.alert import Alerter
from digest.jobs.bounces import DeliveryBounces, score_refusals
from digest.jobs.failures import Failures
from digest.jobs.monitor import Monitor
from digest.jobs.operator_alerts import OperatorAlerts
from digest.jobs.poll import Poller, Polling
from digest.jobs.prune import prune_daily
from digest.jobs.receive import Receiver
from digest.jobs.recover import recover
from digest.jobs.weekly import WeeklyMail
from digest.membership import Membership
from digest.ports import Clock
from digest.present.links import SignedLinks
from digest.sending.deliver import Deliverer
from digest.sending.letters import LetterSender
from digest.sending.recovery import Recovery
from digest.sending.relay_health import RelayReporter
from digest.settings import Settings
from digest.store.sql import SqlStore


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
    monitor: Monitor
    recovery: Recovery
    membership: Membership
    letter_sender: LetterSender
    bounces: DeliveryBounces
    receiver: Receiver | None  # None: no mail comes here
    alerter: Alerter
    weekly: WeeklyMail
    wakeups: Wakeups | None  # between machines; None on SQLite
    recovering: asyncio.Lock = field(default_factory=asyncio.Lock)
    polling: asyncio.Lock = field(default_factory=asyncio.Lock)
    pruning: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def poll(self) -> tuple[Polling, ...]:
        """What each source brought; alerts that cannot be written now wait for the next look."""
        async with self.polling:
            polled = await self.poller.poll()
        if any(polling.candidates for polling in polled):
            with Failures().contain("alert"):
                await self.alerter.write_due()
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
            failures = Failures()
            with failures.contain("recover"):
                await recover(
                    timetable=self.settings.edition.timetable,
                    sources=self.settings.sources,
                    store=self.store,
                    deliverer=self.deliverer,
                    recovery=self.recovery,
                    clock=self.clock,
                    publishing=publishing,
                    delivering=delivering,
                )
            await self._look_after(failures, publishing=publishing, delivering=delivering)
            failures.raise_first()

    async def meanwhile(self, *, publishing: bool = True, delivering: bool = True) -> None:
        """What does not wait for the end of a `recover` whose run takes hours.

        A batch whose worker died has the same deadline, and of a relay that answers nobody a person is to
        know while there is time.
        """
        failures = Failures()
        await self._look_after(failures, publishing=publishing, delivering=delivering)
        with failures.contain("take over"):
            await self.recovery.settle_lost_batches()
        failures.raise_first()

    async def _look_after(self, failures: Failures, *, publishing: bool, delivering: bool) -> None:
        looks: list[tuple[str, bool, Callable[[], Awaitable[object]]]] = [
            ("score refusals", publishing, partial(score_refusals, self.bounces)),
            ("watch", delivering, self.monitor.check_editions),
            ("alert", publishing, self.alerter.write_due),
            ("prove", publishing, self.weekly.write_due),
            ("remind", publishing, self.membership.reminders.write_due),
        ]
        for name, ours, look in looks:
            if ours:
                with failures.contain(name):
                    await look()


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
        database = await stack.enter_async_context(checked_database(settings, secrets, directory))
        url = database.postgres_url
        wakeups = Wakeups(url) if url else None
        store = SqlStore(database, wakeups.notify if wakeups else None, seal=secrets.seal)
        asking = await stack.enter_async_context(fetcher(settings, clock))
        workers = await stack.enter_async_context(ProcessWorkers())
        signing = signer(settings)
        if signing is not None:
            await stack.enter_async_context(signing)
        composing = composer(settings, secrets, directory, clock)
        journal = FileJournal(directory / settings.store.journal)
        stack.callback(journal.close)
        operators = Ping(str(settings.operators.ping) if settings.operators.ping else None)
        relays = relay_options(settings, secrets)
        notes = RelayReporter(store.relays, clock)
        letters = letter_sender(
            settings,
            secrets,
            SmtpRelay(relays),
            signing,
            store=store,
            composing=composing,
            note_relays=lambda found: notes.report(journal.owner, found),
            clock=clock,
        )
        calls = OperatorAlerts(counts=store.counts, call=operators.call, clock=clock)
        members = membership_for(
            settings, secrets, store, clock=clock, calls=calls, letter_written=letters.wake
        )
        bounces = DeliveryBounces(
            timetable=settings.edition.timetable, store=store, alerts=calls, clock=clock
        )
        yield Service(
            settings=settings,
            store=store,
            clock=clock,
            links=composing.links,
            renderer=composing.renderer,
            journal=journal,
            poller=poller(settings, store=store, asking=asking, workers=workers, clock=clock),
            deliverer=deliverer(
                settings,
                SmtpRelay(relays),
                signing,
                store=store,
                composing=composing,
                journal=journal,
                operators=operators,
                notes=notes,
                clock=clock,
            ),
            membership=members,
            letter_sender=letters,
            wakeups=wakeups,
            recovery=Recovery(deliveries=store.deliveries, journal=journal, clock=clock),
            bounces=bounces,
            receiver=receiver(
                settings,
                secrets,
                composing,
                members.enrolment,
                bounces,
                store=store,
                workers=workers,
                clock=clock,
            ),
            alerter=alerter(settings, store, clock),
            weekly=weekly(settings, store, clock),
            monitor=Monitor(
                timetable=settings.edition.timetable,
                store=store,
                clock=clock,
                operators=operators,
                canary=settings.operators.canary,
            ),
        )
