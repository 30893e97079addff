"""Polling: the poller with its listers and its reader, and the fetcher they share."""

from __future__ import annotations

from digest.adapters.http.fetcher import HttpFetcher
from digest.adapters.workers import ProcessWorkers
from digest.jobs.listers import listers
from digest.jobs.poll import Poller
from digest.jobs.read import Reader
from digest.ports import Clock
from digest.settings import Settings
from digest.store.sql import SqlStore


def fetcher(settings: Settings, clock: Clock) -> HttpFetcher:
    return HttpFetcher(
        contact=settings.service.contact,
        clock=clock,
        timeout=settings.fetch.timeout,
        max_bytes=settings.fetch.max_bytes,
        max_redirects=settings.fetch.max_redirects,
        pause=settings.fetch.per_host,
        allow_private=settings.fetch.allow_private,
    )


def poller(
    settings: Settings, *, store: SqlStore, asking: HttpFetcher, workers: ProcessWorkers, clock: Clock
) -> Poller:
    return Poller(
        sources=settings.sources,
        listers=listers(asking, workers, settings.edition.zone),
        reader=Reader(
            inspectorates=settings.inspectorates, store=store, fetcher=asking, workers=workers, clock=clock
        ),
        store=store,
        clock=clock,
    )
