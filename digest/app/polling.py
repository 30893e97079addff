"""Polling: who looks at the sources, and how their servers are asked."""

from __future__ import annotations

from digest.adapters.http.fetcher import HttpFetcher
from digest.adapters.workers import ProcessWorkers
from digest.jobs.poll import Poller
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
        inspectorates=settings.inspectorates,
        zone=settings.edition.zone,
        store=store,
        fetcher=asking,
        workers=workers,
        clock=clock,
    )
