"""What the store promises of editions and subscriptions, on either database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from builders import a_candidate, a_story, an_edition
from store_values import DAY, MINUTE, NOON, an_assembly, plan
from test_sources_and_items import PAGE, READING, list_items

from digest.edition import StoryKey
from digest.edition_assembly import Assembly, Doubt
from digest.store.sql import SqlStore
from digest.subscriptions import Subscription

TOMORROW = DAY + timedelta(days=1)


async def file(store: SqlStore, name: str, *, found: timedelta = -60 * MINUTE) -> StoryKey:
    """One official candidate, found so long before noon."""
    item = (await list_items(store, name))[-1].id
    await store.items.file(item, PAGE, READING, [a_candidate(item, found_at=NOON + found)])
    return StoryKey(item=item, place=0)


# -- editions -------------------------------------------------------------------------------------------


async def test_what_is_found_at_the_cutoff_waits_for_tomorrow(store: SqlStore) -> None:
    before = await file(store, "a", found=-MINUTE)
    await file(store, "b", found=0 * MINUTE)

    assert [f.key for f in await store.editions.waiting(NOON)] == [before]


async def test_a_sealed_edition_reads_as_it_was_sealed(store: SqlStore) -> None:
    edition = an_edition(a_story(1), a_story(2), day=DAY)

    await store.editions.seal(Assembly(edition=edition, settled=(), doubts=()), NOON)

    assert await store.editions.sealed(DAY) == edition
    assert await store.editions.sealed(TOMORROW) is None


async def test_sealing_settles_its_candidates_and_no_others(store: SqlStore) -> None:
    taken, left = await file(store, "a"), await file(store, "b")

    await store.editions.seal(Assembly(edition=an_edition(day=DAY), settled=(taken,), doubts=()), NOON)

    assert [f.key for f in await store.editions.waiting(NOON)] == [left]
    assert [(f.key, f.told_on) for f in await store.editions.told(DAY)] == [(taken, DAY)]
    assert await store.editions.told(TOMORROW) == []


async def test_the_first_edition_of_a_day_stands_and_a_second_settles_nothing(store: SqlStore) -> None:
    """Two processes assemble; one of them a moment later, with more in hand."""
    first, second = an_edition(a_story(1), day=DAY), an_edition(a_story(2), day=DAY)
    key = await file(store, "a")
    await store.editions.seal(Assembly(edition=first, settled=(), doubts=()), NOON)

    stands = await store.editions.seal(Assembly(edition=second, settled=(key,), doubts=()), NOON + MINUTE)

    assert stands == first
    assert [f.key for f in await store.editions.waiting(NOON)] == [key]


async def test_processes_that_seal_at_once_agree_on_one_edition(store: SqlStore) -> None:
    offers = [an_edition(a_story(n), day=DAY) for n in range(1, 6)]

    stands = await asyncio.gather(
        *(store.editions.seal(Assembly(edition=e, settled=(), doubts=()), NOON) for e in offers)
    )

    assert all(edition == stands[0] for edition in stands)
    assert await store.editions.sealed(DAY) == stands[0]


async def test_a_doubt_raised_twice_is_kept_once(store: SqlStore) -> None:
    doubt = Doubt(key=await file(store, "a"), reason="the text says upgrade; we hold good")

    for day in (DAY, TOMORROW):
        edition = an_edition(day=day)
        await store.editions.seal(Assembly(edition=edition, settled=(), doubts=(doubt,)), NOON)

    assert await store.editions.sealed(TOMORROW) is not None


async def test_a_day_counts_as_planned_once_its_deliveries_are(
    store: SqlStore, subscribers: list[Subscription]
) -> None:
    await store.editions.seal(an_assembly(), NOON)
    assert not await store.editions.planned(DAY)

    await plan(store, DAY)
    assert await store.editions.planned(DAY)
