"""How things stand, for Prometheus: asked of the store at each scrape, so every process tells the same."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from digest.deliveries import State
from digest.ports import Clock, Store
from digest.schedule import Timetable


class Metrics:
    """The text of one scrape. No address is in it, nor anything that names a subscriber."""

    def __init__(self, *, store: Store, timetable: Timetable, clock: Clock) -> None:
        self._store = store
        self._timetable = timetable
        self._clock = clock

    async def text(self) -> bytes:
        registry = CollectorRegistry()
        now = self._clock.now()
        day = self._timetable.day_of(now)

        def gauge(name: str, about: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(f"digest_{name}", about, labels, registry=registry)

        sealed = await self._store.editions.sealed(day)
        gauge("edition_sealed", "Whether today's edition is assembled.").set(sealed is not None)
        gauge("edition_stories", "Stories in today's edition.").set(len(sealed.stories) if sealed else 0)
        progress = await self._store.deliveries.progress(day, now)
        states = gauge("deliveries", "Deliveries of today's edition, by state.", ("state",))
        for state in State:
            states.labels(state.value).set(progress.states.get(state, 0))
        gauge("deliveries_settled_last_minute", "Deliveries settled in the last minute.").set(
            progress.settled_lately
        )
        gauge("batches_open", "Batches with something left to do.").set(progress.open)
        gauge("workers", "Workers that hold a batch.").set(len(progress.holding))
        gauge("sending_paused", "Whether sending is paused.").set(
            await self._store.pauses.current() is not None
        )
        age = gauge("source_age_seconds", "Since a source was last read well.", ("source",))
        trouble = gauge("source_trouble", "Whether a source is in trouble.", ("source",))
        for polled in await self._store.sources.polled():
            trouble.labels(polled.source).set(bool(polled.trouble))
            if polled.checked_at is not None:
                age.labels(polled.source).set((now - polled.checked_at).total_seconds())
        return generate_latest(registry)
