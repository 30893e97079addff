"""At the cut-off: assemble the day's edition, seal it, and plan its deliveries."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from digest.changes import SAME_INSPECTION_WITHIN
from digest.edition import NO_ENDING, Edition, Ending, SourceNote, UnopenedPage
from digest.edition_assembly import Assembly, assemble
from digest.edition_history import providers_with_history, with_history
from digest.errors import Overtaken
from digest.health import facts_of
from digest.interventions import altered
from digest.jobs.ending import with_ending
from digest.ports import Clock, Store
from digest.ratings import NO_INSPECTORATES, Inspectorates
from digest.schedule import Timetable
from digest.sources import Authority, Source, in_shadow
from digest.subscriptions import EVERYTHING, Wishes

log = logging.getLogger(__name__)


NAMED_WITHIN: Final = timedelta(days=7)
"""A page that cannot be opened is named once, by the first edition within so long of its listing."""


async def publish(
    day: date,
    *,
    timetable: Timetable,
    sources: Iterable[Source],
    store: Store,
    clock: Clock,
    inspectorates: Inspectorates = NO_INSPECTORATES,
    ending: Ending = NO_ENDING,
) -> Edition:
    """Seal the day's edition and plan its deliveries; returns the edition. A second call changes nothing.

    Stories have a history, and the edition its `ending`, only on the scales of these `inspectorates`.
    """
    # As it was assembled: a story that is dropped now may be restored until the edition goes.
    edition = (await store.editions.in_hand(day)).assembled
    if edition is None:
        edition = await _seal(day, timetable, sources, store, clock, inspectorates, ending)
    for missed in await store.editions.unplanned(day):
        # A crash or a full disk kept it from being planned in time. Once planned, its stories come with this
        # edition.
        await _plan(missed, timetable, store, clock)
    if not await store.editions.planned(day):
        await _plan(edition, timetable, store, clock)
    return edition


async def draft(
    day: date,
    *,
    timetable: Timetable,
    sources: Iterable[Source],
    store: Store,
    until: datetime,
    inspectorates: Inspectorates = NO_INSPECTORATES,
    ending: Ending = NO_ENDING,
) -> Assembly:
    """The day's edition, assembled from what was found before `until`. Nothing is stored."""
    assembly = assemble(
        day,
        timetable,
        waiting=await store.editions.waiting(until),
        told=await store.editions.told(day - SAME_INSPECTION_WITHIN),
        sources=await notes(sources, store, until, named=await _named(day, store)),
    )
    compared = providers_with_history(assembly.edition) if inspectorates.all else ()
    ratings = {provider: await store.providers.history(provider) for provider in compared}
    assembly = replace(assembly, edition=with_history(assembly.edition, ratings, inspectorates))
    return replace(assembly, edition=await with_ending(assembly, ending, store, inspectorates))


async def upcoming(
    *,
    timetable: Timetable,
    sources: Iterable[Source],
    store: Store,
    now: datetime,
    inspectorates: Inspectorates = NO_INSPECTORATES,
    wishes: Wishes = EVERYTHING,
    ending: Ending = NO_ENDING,
) -> Edition:
    """The next edition that is not sealed, on a day of these wishes, as it would be now."""
    day = timetable.day_of(now)
    if await store.editions.sealed(day) is not None or timetable.cutoff_of(day) <= now:
        day += timedelta(days=1)
    while not wishes.edition_on(day):
        day += timedelta(days=1)
    assembly = await draft(
        day,
        timetable=timetable,
        sources=sources,
        store=store,
        until=now,
        inspectorates=inspectorates,
        ending=ending,
    )
    return altered(assembly.edition, (await store.editions.in_hand(day)).alteration)


async def _seal(  # noqa: PLR0917 -- one call, above
    day: date,
    timetable: Timetable,
    sources: Iterable[Source],
    store: Store,
    clock: Clock,
    inspectorates: Inspectorates,
    ending: Ending,
) -> Edition:
    cutoff, edition = timetable.cutoff_of(day), None
    while edition is None:
        decisions = await store.editions.decisions()
        assembly = await draft(
            day,
            timetable=timetable,
            sources=sources,
            store=store,
            until=cutoff,
            inspectorates=inspectorates,
            ending=ending,
        )
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


async def notes(
    sources: Iterable[Source], store: Store, now: datetime, *, named: Collection[int] = ()
) -> tuple[SourceNote, ...]:
    """A note on each source's health, in the order of the operator's file; none on sources in shadow.

    Pages that could not be read are in it, without those of the items in `named`.
    """
    memory = {polled.source: polled for polled in await store.sources.polled()}
    aside = await store.items.set_aside()
    unopened: dict[str, list[UnopenedPage]] = {}
    for one in await store.items.unopened(now - NAMED_WITHIN):
        if one.id not in named:
            page = UnopenedPage(item=one.id, title=one.title, link=one.link)
            unopened.setdefault(one.source, []).append(page)
    found = []
    for source in sources:
        polled = memory.get(source.id)
        if in_shadow(source, polled, now):
            continue
        facts = facts_of(polled)
        note = SourceNote(
            name=source.name,
            checked_at=facts.checked_at,
            trouble=facts.trouble,
            official=source.authority is Authority.OFFICIAL,
            paused=polled is not None and polled.paused(now),
            held=aside[source.id].held if source.id in aside else 0,
            unopened=tuple(unopened.get(source.id, ())),
        )
        found.append(note)
    return tuple(found)


async def _named(day: date, store: Store) -> frozenset[int]:
    """The items whose pages the editions before this day have named as unopened to their readers."""
    editions = [await store.editions.sealed(day - timedelta(days=n)) for n in range(1, NAMED_WITHIN.days + 1)]
    return frozenset(
        page.item
        for edition in editions
        if edition is not None and not edition.empty
        for note in edition.sources
        for page in note.unopened
    )
