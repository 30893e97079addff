"""Metrics for Prometheus, read from the store at each scrape: every process reports the same values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from digest.deliveries import State
from digest.health import Health
from digest.jobs.bounces import braked_day
from digest.jobs.channels import PING, dead_channels
from digest.jobs.config_trouble import about_config
from digest.jobs.monitor import canary_trouble
from digest.jobs.standings import standings
from digest.membership.limits import Limits
from digest.ports import Clock, Store
from digest.relays import health
from digest.schedule import Timetable
from digest.sending.operator_mail import MAIL
from digest.sources import Source

Make = Callable[..., Gauge]
"""Makes a gauge from a name, its help text and its labels."""


class Metrics:
    """The text of one scrape. It holds no address and nothing that names a subscriber."""

    def __init__(
        self,
        *,
        store: Store,
        timetable: Timetable,
        clock: Clock,
        canary: str | None = None,
        ping: str | None = None,
        mail: bool = False,
        sources: Iterable[Source] = (),
        silences: Iterable[date] = (),
        received: Mapping[str, int] | None = None,
        limits: Limits | None = None,
        webhooks: Iterable[str] = (),
    ) -> None:
        """`ping` is the host that pings go to; None if there is none. `mail` says whether operators get mail.

        `silences` are days on which no source is expected to publish, besides bank holidays.
        `received` counts the mail that this process took in, by kind; None if it takes none.
        `limits` knows how many letters people have asked for. `webhooks` are the ids of the settings' own.
        """
        self._store = store
        self._timetable = timetable
        self._clock = clock
        self._canary = canary
        self._ping = ping
        self._mail = mail
        self._sources_polled = tuple(sources)
        self._silences = frozenset(silences)
        self._received = received
        self._limits = limits
        self._webhooks = tuple(webhooks)

    async def text(self) -> bytes:
        registry = CollectorRegistry()
        now = self._clock.now()
        day = self._timetable.day_of(now)

        def gauge(name: str, about: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(f"digest_{name}", about, labels, registry=registry)

        await self._edition(gauge, day, now)
        await self._relays(gauge)
        await self._sources(gauge, now)
        await self._troubles(gauge, now)
        await self._hooks(gauge, now)
        gauge("items_parked", "Items of sources that cannot be read and are not tried again.").set(
            await self._store.items.parked_count()
        )
        gauge("mail_parked", "Received mail that waits for an operator.").set(
            await self._store.mail.parked_count()
        )
        gauge("review_open", "Reports in doubt that wait for an operator's decision.").set(
            await self._store.review.count()
        )
        gauge("requests_waiting", "Requests from pages that are kept and not done yet.").set(
            await self._store.arrivals.waiting()
        )
        await self._letters(gauge, day, now)
        self._counted(registry)
        return generate_latest(registry)

    async def _letters(self, gauge: Make, day: date, now: datetime) -> None:
        if self._limits is None:
            return
        asked = gauge("letters_asked", "Letters written today, by the way they were asked for.", ("way",))
        about = "Letters asked for today that nobody got: their way's share of the day was used up."
        refused = gauge("letters_refused", about, ("way",))
        for one in await self._limits.shares(day, now):
            asked.labels(one.share.value).set(one.used)
            refused.labels(one.share.value).set(one.refused)

    def _counted(self, registry: CollectorRegistry) -> None:
        if self._received is None:
            return
        about = "Mail that this process took in, by what it was."
        counted = Counter("digest_mail_received", about, ("kind",), registry=registry)
        for kind, count in self._received.items():
            counted.labels(kind).inc(count)

    async def _edition(self, gauge: Make, day: date, now: datetime) -> None:
        sealed = await self._store.editions.sealed(day)
        gauge("edition_sealed", "Whether today's edition is assembled.").set(sealed is not None)
        gauge("edition_stories", "Stories in today's edition.").set(len(sealed.stories) if sealed else 0)
        held = await self._store.editions.hold(day, now)
        gauge("edition_held", "Whether operators hold today's edition back.").set(held is not None)
        progress = await self._store.deliveries.progress(day, now)
        complete = progress.left == 0 and await self._store.editions.planned(day)
        gauge("edition_complete", "Whether nothing of today's edition is left to do.").set(complete)
        gauge("edition_deadline_timestamp_seconds", "After this, today's edition is no longer sent.").set(
            self._timetable.deadline_of(day).timestamp()
        )
        states = gauge("deliveries", "Deliveries of today's edition, by state.", ("state",))
        for state in State:
            states.labels(state.value).set(progress.states.get(state, 0))
        gauge("deliveries_settled_last_minute", "Deliveries settled in the last minute.").set(
            progress.settled_lately
        )
        gauge("oldest_waiting_seconds", "How long the delivery that waits longest has been due.").set(
            progress.waited(self._timetable.noon_of(day), now).total_seconds()
        )
        gauge("batches_open", "Batches with something left to do.").set(progress.open)
        gauge("workers", "Workers that hold a batch.").set(len(progress.holding))
        gauge("sending_paused", "Whether sending is paused.").set(
            await self._store.pauses.current() is not None
        )
        missed = complete and await canary_trouble(self._store, self._canary, day) is not None
        gauge("canary_missed", "Whether today's edition is complete and the canary was not sent it.").set(
            missed
        )

    async def _troubles(self, gauge: Make, now: datetime) -> None:
        troubles = await self._store.troubles.all()
        braked = [one for one in troubles if braked_day(one)]
        gauge("brakes", "Editions of which so much came back that it counts against nobody.").set(len(braked))
        wrong = [one for one in troubles if about_config(one, now)]
        gauge(
            "config_wrong", "Directories whose config files are wrong: the last good ones are in force."
        ).set(len(wrong))
        waiting = [one for one in await self._store.configs.all() if one.waits(now)]
        gauge("config_needs_restart", "Processes that read some changed settings only at a restart.").set(
            len(waiting)
        )
        up = gauge("ping_up", "Whether the last ping to operators was heard.", ("ping",))
        since = gauge("ping_unheard_since_timestamp_seconds", "Since when no ping was heard.", ("ping",))
        dead = {one.name: one for one in await dead_channels(self._store, now)}
        if self._ping is not None:
            up.labels(self._ping).set(PING not in dead)
            if (trouble := dead.get(PING)) is not None:
                since.labels(self._ping).set(trouble.since.timestamp())
        mailed = gauge("operators_mail_up", "Whether mail to operators is sent.", ("way",))
        if self._mail:
            mailed.labels("mail").set(MAIL not in dead)

    async def _hooks(self, gauge: Make, now: datetime) -> None:
        up = gauge("webhook_up", "Whether a webhook is on and took the last post.", ("webhook",))
        if not self._webhooks:
            return
        known = await self._store.webhooks.look(until=date.min, now=now)
        for id in self._webhooks:
            if id in known:
                state = known[id].state
                up.labels(id).set(state.off is None and state.failing_since is None)

    async def _relays(self, gauge: Make) -> None:
        up = gauge("relay_up", "Whether all who dialled a relay lately could have it.", ("relay",))
        for relay in health(await self._store.relays.reports()).values():
            up.labels(relay.relay).set(relay.up)

    async def _sources(self, gauge: Make, now: datetime) -> None:
        age = gauge("source_age_seconds", "Time since the last good look at a source.", ("source",))
        state = gauge("source_state", "1 for the state that a source is in.", ("source", "state"))
        parked = gauge("source_parked", "Items of a source that cannot be read.", ("source",))
        held = gauge("source_held", "Items of a source that wait for an operator.", ("source",))
        for one in await standings(self._sources_polled, self._store, now, self._silences):
            for each in Health:
                state.labels(one.source.id, each.value).set(one.health is each)
            parked.labels(one.source.id).set(one.facts.parked)
            held.labels(one.source.id).set(one.facts.held)
            if one.facts.checked_at is not None:
                age.labels(one.source.id).set((now - one.facts.checked_at).total_seconds())
