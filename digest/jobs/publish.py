"""At the cut-off: assemble the day's edition, seal it, and plan its deliveries."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta

from digest.changes import SAME_INSPECTION_WITHIN
from digest.edition import Edition, SourceNote
from digest.edition_assembly import Assembly, assemble
from digest.errors import Overtaken
from digest.health import facts_of
from digest.ports import Clock, Store
from digest.schedule import Timetable
from digest.sources import Source

log = logging.getLogger(__name__)


async def publish(
    day: date, *, timetable: Timetable, sources: Iterable[Source], store: Store, clock: Clock
) -> Edition:
    """Seal the day's edition and plan its deliveries; returns the edition. A second call changes nothing."""
    edition = await store.editions.sealed(day)
    if edition is None:
        edition = await _seal(day, timetable, sources, store, clock)
    for missed in await store.editions.unplanned(day):
        # A crash or a full disk kept it from being planned in time. Once planned, its stories come with this
        # edition.
        await _plan(missed, timetable, store, clock)
    if not await store.editions.planned(day):
        await _plan(edition, timetable, store, clock)
    return edition


async def draft(
    day: date, *, timetable: Timetable, sources: Iterable[Source], store: Store, until: datetime
) -> Assembly:
    """The day's edition, assembled from what was found before `until`. Nothing is stored."""
    return assemble(
        day,
        timetable,
        waiting=await store.editions.waiting(until),
        told=await store.editions.told(day - SAME_INSPECTION_WITHIN),
        sources=await notes(sources, store),
    )


async def upcoming(
    *, timetable: Timetable, sources: Iterable[Source], store: Store, now: datetime
) -> Edition:
    """The next edition that is not sealed, as it would be now. Nothing is stored."""
    day = timetable.day_of(now)
    if await store.editions.sealed(day) is not None or timetable.cutoff_of(day) <= now:
        day += timedelta(days=1)
    return (await draft(day, timetable=timetable, sources=sources, store=store, until=now)).edition


async def _seal(
    day: date, timetable: Timetable, sources: Iterable[Source], store: Store, clock: Clock
) -> Edition:
    cutoff, edition = timetable.cutoff_of(day), None
    while edition is None:
        decisions = await store.editions.decisions()
        assembly = await draft(day, timetable=timetable, sources=sources, store=store, until=cutoff)
        with suppress(Overtaken):  # an operator has decided a case meanwhile: assemble the edition again
            edition = await store.editions.seal(assembly, clock.now(), decisions=decisions)
    log.info("edition sealed", extra={"edition": day.isoformat(), "stories": len(edition.stories)})
    return edition


async def _plan(edition: Edition, timetable: Timetable, store: Store, clock: Clock) -> None:
    resumed = await store.subscriptions.resume_due(edition.day, clock.now())
    if resumed:
        log.info("pauses ended", extra={"edition": edition.day.isoformat(), "subscriptions": resumed})
    # Only subscribers who joined before the cut-off, even if the edition is planned later.
    # An empty edition is sent only to subscribers who are owed an earlier one.
    planned = await store.deliveries.plan(
        edition.day,
        since=edition.cutoff,
        everybody=not edition.empty,
        now=clock.now(),
        noon=timetable.noon_of(edition.day),
    )
    log.info("deliveries planned", extra={"edition": edition.day.isoformat(), "planned": planned})


async def notes(sources: Iterable[Source], store: Store) -> tuple[SourceNote, ...]:
    """A note on each source's health, in the order of the operator's file."""
    memory = {polled.source: polled for polled in await store.sources.polled()}
    known = [(source, facts_of(memory.get(source.id))) for source in sources]
    return tuple(
        SourceNote(name=source.name, checked_at=facts.checked_at, trouble=facts.trouble)
        for source, facts in known
    )
