"""What the store promises of editions and subscriptions, on either database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from builders import a_filing, a_story, an_edition
from store_values import DAY, MINUTE, NOON, an_assembly, plan
from test_sources_and_items import PAGE, READING, list_items

from digest.edition import Assembly, Doubt, StoryKey
from digest.errors import IllegalMove
from digest.store.sql import SqlStore
from digest.subscriptions import Standing, Step, Subscription, Wishes

TOMORROW = DAY + timedelta(days=1)


async def file(store: SqlStore, name: str, *, found: timedelta = -60 * MINUTE) -> StoryKey:
    """One official filing, found so long before noon."""
    item = (await list_items(store, name))[-1].id
    await store.items.file(item, PAGE, READING, [a_filing(item, found_at=NOON + found)])
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


async def test_sealing_settles_its_filings_and_no_others(store: SqlStore) -> None:
    taken, left = await file(store, "a"), await file(store, "b")

    await store.editions.seal(Assembly(edition=an_edition(day=DAY), settled=(taken,), doubts=()), NOON)

    assert [f.key for f in await store.editions.waiting(NOON)] == [left]
    assert [(f.key, f.told_on) for f in await store.editions.told(DAY)] == [(taken, DAY)]
    assert await store.editions.told(TOMORROW) == []


async def test_the_first_edition_of_a_day_stands_and_a_second_settles_nothing(store: SqlStore) -> None:
    """F40: two processes assemble; one of them a moment later, with more in hand."""
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


# -- subscriptions --------------------------------------------------------------------------------------


async def test_one_mailbox_has_one_subscription_however_it_is_typed(store: SqlStore) -> None:
    first = await store.subscriptions.add("Ana@Example.org", Wishes(), NOON)

    again = await store.subscriptions.add(" ana@example.ORG ", Wishes(movements_only=True), NOON + MINUTE)

    assert again.subscriber == first.subscriber
    assert (again.address, again.generation, again.since) == ("Ana@Example.org", 1, NOON)
    assert again.wishes.movements_only
    assert await store.subscriptions.find("ANA@example.org") == again
    assert await store.subscriptions.all() == [again]


async def test_people_who_join_at_once_with_one_address_join_once(store: SqlStore) -> None:
    joined = await asyncio.gather(
        *(store.subscriptions.add("a@example.org", Wishes(), NOON) for _ in range(5))
    )

    assert {s.subscriber for s in joined} == {joined[0].subscriber}
    assert len(await store.subscriptions.all()) == 1


async def test_who_joined_after_the_cutoff_waits_for_tomorrow(store: SqlStore) -> None:
    early = await store.subscriptions.add("early@example.org", Wishes(), NOON)
    await store.subscriptions.add("late@example.org", Wishes(), NOON + MINUTE)

    assert await store.subscriptions.active(NOON) == [early]


@pytest.mark.parametrize("step", [Step.LEFT, Step.REMOVED])
async def test_an_ended_subscription_is_kept_with_its_reason(store: SqlStore, step: Step) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)

    assert await store.subscriptions.end(one.subscriber, 1, step, NOON)
    assert not await store.subscriptions.end(one.subscriber, 1, step, NOON)

    kept = await store.subscriptions.get(one.subscriber)
    assert kept is not None
    assert (kept.standing, kept.ended_reason) == (Standing.ENDED, step)
    assert await store.subscriptions.active(NOON) == []


async def test_a_link_of_an_earlier_subscription_cannot_end_a_later_one(store: SqlStore) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)
    await store.subscriptions.end(one.subscriber, one.generation, Step.LEFT, NOON)

    again = await store.subscriptions.add("a@example.org", Wishes(), NOON + MINUTE)

    assert (again.subscriber, again.generation, again.since) == (one.subscriber, 2, NOON + MINUTE)
    assert again.ended_reason is None
    assert not await store.subscriptions.end(one.subscriber, 1, Step.LEFT, NOON + MINUTE)
    assert await store.subscriptions.get(one.subscriber) == again


async def test_nobody_is_confirmed_out_of_a_subscription(store: SqlStore) -> None:
    one = await store.subscriptions.add("a@example.org", Wishes(), NOON)

    with pytest.raises(IllegalMove):
        await store.subscriptions.end(one.subscriber, 1, Step.CONFIRMED, NOON)
    assert await store.subscriptions.active(NOON) == [one]


async def test_whom_we_never_knew_we_do_not_find(store: SqlStore) -> None:
    assert await store.subscriptions.find("nobody@example.org") is None
    assert await store.subscriptions.get(4711) is None
    assert not await store.subscriptions.end(4711, 1, Step.LEFT, NOON)
