"""Plays a plan against the real poller, with crashes, and judges what the editions told."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from clocks import Clock
from feed_cases import a_poller, a_source, not_at_all

from digest.adapters.http.fetcher import HttpFetcher
from digest.edition import Edition
from digest.jobs.poll import Poller
from digest.jobs.publish import publish
from digest.providers import Provider, provider_id
from digest.schedule import Timetable
from digest.sources import Authority, Source
from digest.store.sql import SqlStore
from soak.site import Site
from soak.world import BEGIN, Plan

_QUIET_AFTER: Final = timedelta(hours=30)
"""So long nothing goes wrong at the end: whatever waits to be asked again is asked by then."""

_CRASHES: Final = 0.03
"""How many looks end in the middle, with all that was in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the editions told, against the plan."""

    reports: int  # that were to be told
    polls: int
    crashes: int
    requests: int
    lost: tuple[str, ...]  # units whose report was told by no edition
    twice: tuple[str, ...]
    false: tuple[str, ...]  # units that were told of and are in no report

    @property
    def kept(self) -> bool:
        return not (self.lost or self.twice or self.false)


async def play(
    plan: Plan, store: SqlStore, *, every: timedelta, seed: int, tell: Callable[[int], None] = lambda _: None
) -> Verdict:
    """Poll from `BEGIN` until everything had its time, and seal an edition each day."""
    chance = random.Random(seed)
    await store.providers.load(
        [_unit(one.place) for source in plan.sources for one in source.publications], ()
    )
    timetable = Timetable(
        zone=ZoneInfo("Europe/London"), cutoff=time(11, 30), noon=time(12), lateness=timedelta(hours=6)
    )
    clock = Clock(BEGIN)
    end = plan.until + _QUIET_AFTER
    polls = crashes = 0
    async with Site(plan, clock, seed=seed) as site:
        sources = tuple(
            a_source(
                one.id,
                site.feed_url(one),
                every=every,
                authority=Authority.OFFICIAL if one.official else Authority.BLOG,
                inspectorate="hmi-probation",
            )
            for one in plan.sources
        )
        while clock.now() < end:
            async with _process(sources, store, clock) as poller:  # until it crashes
                while clock.now() < end:
                    polls += 1
                    tell(polls)
                    if chance.random() < _CRASHES:
                        crashes += 1
                        await _cut_off(poller, site, after=chance.randrange(1, 2 * len(sources)))
                        break
                    await poller.poll()
                    await _publish(timetable, sources, store, clock)
                    clock.at += every / 4
            clock.on(minutes=1)
        last = timetable.day_of(end) + timedelta(days=1)
        clock.at = timetable.cutoff_of(last)
        await publish(last, timetable=timetable, sources=sources, store=store, clock=clock)
        told = await _told(store, timetable.day_of(BEGIN), last)
        requests = site.requests
    wanted = Counter(f"{report.place} PDU" for report in plan.reports())
    return Verdict(
        reports=wanted.total(),
        polls=polls,
        crashes=crashes,
        requests=requests,
        lost=tuple(sorted(wanted - told)),
        twice=tuple(sorted(name for name, count in told.items() if count > 1)),
        false=tuple(sorted(name for name in told if name not in wanted)),
    )


def _unit(place: str) -> Provider:
    name = f"{place} PDU"
    return Provider(id=provider_id(name), name=name, kind="PDU", inspectorate="hmi-probation")


@asynccontextmanager
async def _process(sources: tuple[Source, ...], store: SqlStore, clock: Clock) -> AsyncIterator[Poller]:
    """A poller with a memory of its own, as a process has it."""
    async with HttpFetcher(
        contact="https://digest.example.org/about",
        clock=clock,
        pause=timedelta(0),
        allow_private=True,
        sleep=not_at_all,
    ) as fetcher:
        yield a_poller(sources, store, fetcher, clock)


async def _cut_off(poller: Poller, site: Site, *, after: int) -> None:
    """Begin a look, and end it when the publishers were asked for so much."""
    look = asyncio.ensure_future(poller.poll())
    asked = asyncio.ensure_future(site.asked(after).wait())
    await asyncio.wait({look, asked}, return_when=asyncio.FIRST_COMPLETED)
    for task in (asked, look):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _publish(timetable: Timetable, sources: tuple[Source, ...], store: SqlStore, clock: Clock) -> None:
    day = timetable.day_of(clock.now())
    if clock.now() >= timetable.cutoff_of(day) and await store.editions.sealed(day) is None:
        await publish(day, timetable=timetable, sources=sources, store=store, clock=clock)


async def _told(store: SqlStore, first: date, last: date) -> Counter[str]:
    """How often each unit was told of with a movement or a rating."""
    told: Counter[str] = Counter()
    day = first
    while day <= last:
        edition = await store.editions.sealed(day)
        told.update(_names(edition) if edition else ())
        day += timedelta(days=1)
    return told


def _names(edition: Edition) -> list[str]:
    """The units that an edition says something of: a movement or a rating."""
    return [story.provider_name or story.title for story in edition.stories if story.summary]
