"""The ledger's promises: one delivery a day, one owner at a time, and nothing forgotten."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from store_values import DAY, MINUTE, NOON, an_assembly

from digest.deliveries import Answer, Delivery, Event, State
from digest.errors import LeaseLost
from digest.store.sql import SqlStore
from digest.store.tables import attempts
from digest.subscriptions import Wishes

TOMORROW = DAY + timedelta(days=1)
TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 queued as 1A2B")
PUT_OFF = Answer(event=Event.PUT_OFF, code=452, text="4.2.2 mailbox full")
REJECTED = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")


async def claim(
    store: SqlStore, *, day: date = DAY, limit: int = 10, later: timedelta = 0 * MINUTE
) -> list[Delivery]:
    return await store.deliveries.claim(day, limit=limit, owner="w", now=NOON + later, lease=5 * MINUTE)


async def begin(store: SqlStore, delivery: Delivery, *, later: timedelta = 0 * MINUTE) -> Delivery:
    return await store.deliveries.begin(delivery, "<1@example.org>", now=NOON + later, lease=12 * MINUTE)


async def give(store: SqlStore, answer: Answer, *, day: date = DAY) -> None:
    """Settle everything that waits with one answer of the relay."""
    for delivery in await claim(store, day=day):
        await store.deliveries.settle(await begin(store, delivery), answer, now=NOON)


async def test_planning_twice_plans_once(store: SqlStore, planned: list[int]) -> None:
    """F40."""
    assert await store.deliveries.plan(DAY, planned, NOON) == 0
    assert await store.deliveries.tally(DAY) == {State.PLANNED: 5}


async def test_somebody_who_joins_after_the_plan_is_not_added_by_a_second_one(
    store: SqlStore, planned: list[int]
) -> None:
    late = await store.subscriptions.add("late@example.org", Wishes(), NOON)

    await store.deliveries.plan(DAY, [*planned, late.subscriber], NOON)

    assert await store.deliveries.tally(DAY) == {State.PLANNED: 5}


async def test_planners_on_two_machines_plan_once(store: SqlStore, planned: list[int]) -> None:
    await store.editions.seal(an_assembly(TOMORROW), NOON)

    counts = await asyncio.gather(*(store.deliveries.plan(TOMORROW, planned, NOON) for _ in range(6)))

    assert sorted(counts) == [0, 0, 0, 0, 0, 5]


async def test_no_two_workers_claim_the_same_delivery(store: SqlStore, planned: list[int]) -> None:
    claims = await asyncio.gather(*(claim(store, limit=2) for _ in range(8)))

    claimed = [d.subscriber for one in claims for d in one]
    assert sorted(claimed) == sorted(planned)


async def test_a_dead_workers_claim_runs_out(store: SqlStore, planned: list[int]) -> None:
    first = await claim(store)

    assert await claim(store, later=4 * MINUTE) == []
    again = await claim(store, later=6 * MINUTE)
    assert [d.subscriber for d in again] == [d.subscriber for d in first]
    assert all(a.fence > f.fence for a, f in zip(again, first, strict=True))


async def test_a_worker_that_lost_its_claim_to_another_may_not_begin(
    store: SqlStore, planned: list[int]
) -> None:
    stale = (await claim(store, limit=1))[0]
    await claim(store, limit=1, later=6 * MINUTE)

    with pytest.raises(LeaseLost):
        await begin(store, stale, later=7 * MINUTE)


async def test_a_worker_that_slept_past_its_lease_may_not_begin(store: SqlStore, planned: list[int]) -> None:
    stale = (await claim(store, limit=1))[0]

    with pytest.raises(LeaseLost):
        await begin(store, stale, later=6 * MINUTE)
    assert await store.deliveries.tally(DAY) == {State.PLANNED: 5}


async def test_a_claim_given_back_can_be_had_at_once(store: SqlStore, planned: list[int]) -> None:
    for delivery in await claim(store):
        await store.deliveries.release(delivery)

    assert len(await claim(store)) == 5


async def test_what_the_relay_took_is_never_claimed_again(store: SqlStore, planned: list[int]) -> None:
    await give(store, TAKEN)

    assert await store.deliveries.tally(DAY) == {State.ACCEPTED: 5}
    assert await claim(store, later=timedelta(days=1)) == []


async def test_what_was_put_off_waits_and_comes_back(store: SqlStore, planned: list[int]) -> None:
    """F41."""
    await give(store, PUT_OFF)

    assert await store.deliveries.tally(DAY) == {State.DEFERRED: 5}
    assert await claim(store, later=1 * MINUTE) == []
    assert len(await claim(store, later=3 * MINUTE)) == 5


async def test_a_recipient_refused_before_the_message_began_is_settled(
    store: SqlStore, planned: list[int]
) -> None:
    """F57."""
    delivery = (await claim(store, limit=1))[0]

    assert await store.deliveries.settle(delivery, REJECTED, now=NOON) is State.REFUSED
    assert await store.deliveries.tally(DAY) == {State.REFUSED: 1, State.PLANNED: 4}


async def test_every_attempt_is_kept_with_the_relays_words(store: SqlStore, planned: list[int]) -> None:
    delivery = (await claim(store, limit=1))[0]
    await store.deliveries.settle(delivery, PUT_OFF, now=NOON)
    again = (await claim(store, limit=1, later=3 * MINUTE))[0]
    assert again.subscriber == delivery.subscriber
    begun = await begin(store, again, later=3 * MINUTE)
    await store.deliveries.settle(begun, TAKEN, now=NOON + 3 * MINUTE)

    query = select(attempts.c.number, attempts.c.event, attempts.c.code).order_by(attempts.c.number)
    async with store.database.read() as connection:
        rows = [tuple(row) for row in await connection.execute(query)]
    assert rows == [(1, Event.PUT_OFF, 452), (2, Event.TAKEN, 250)]


async def test_a_message_left_in_the_middle_is_unknown_and_never_sent_again(
    store: SqlStore, planned: list[int]
) -> None:
    """F55."""
    begun = await begin(store, (await claim(store, limit=1))[0])

    assert await store.deliveries.sweep(NOON + 11 * MINUTE) == 0
    assert await store.deliveries.sweep(NOON + 12 * MINUTE) == 1

    assert begun.subscriber not in {d.subscriber for d in await claim(store, later=13 * MINUTE)}
    with pytest.raises(LeaseLost):
        await store.deliveries.settle(begun, TAKEN, now=NOON + 13 * MINUTE)
    assert await store.deliveries.tally(DAY) == {State.UNKNOWN: 1, State.PLANNED: 4}


async def test_what_was_not_surely_given_comes_with_the_next_edition(
    store: SqlStore, planned: list[int]
) -> None:
    refused, left, *rest = await claim(store)
    await store.deliveries.settle(refused, REJECTED, now=NOON)
    await begin(store, left)
    await store.deliveries.sweep(NOON + 20 * MINUTE)
    for delivery in rest[:2]:
        await store.deliveries.settle(await begin(store, delivery), TAKEN, now=NOON)
    # and the last one was claimed, and never tried

    owed = {refused.subscriber, left.subscriber, rest[2].subscriber}
    assert await store.deliveries.owed(TOMORROW) == owed

    await store.editions.seal(an_assembly(TOMORROW), NOON)
    await store.deliveries.plan(TOMORROW, planned, NOON + timedelta(days=1))
    missed = {s: await store.deliveries.missed(TOMORROW, s) for s in planned}
    assert {s for s, days in missed.items() if days} == owed
    assert missed[left.subscriber] == [DAY]
    assert await store.deliveries.owed(TOMORROW) == set()


async def test_an_edition_carried_on_is_no_longer_sent_by_itself(store: SqlStore, planned: list[int]) -> None:
    claimed = (await claim(store, limit=1))[0]
    await store.editions.seal(an_assembly(TOMORROW), NOON)
    await store.deliveries.plan(TOMORROW, planned, NOON)

    assert await claim(store, later=6 * MINUTE) == []
    with pytest.raises(LeaseLost):
        await begin(store, claimed)


async def test_an_outage_of_days_is_carried_through(store: SqlStore, planned: list[int]) -> None:
    days = [DAY + timedelta(days=n) for n in range(4)]
    for day in days[1:]:
        await store.editions.seal(an_assembly(day), NOON)
        await store.deliveries.plan(day, planned, NOON)

    assert await store.deliveries.missed(days[3], planned[0]) == days[:3]


async def test_an_accepted_edition_is_never_repeated_by_a_later_one(
    store: SqlStore, planned: list[int]
) -> None:
    days = [DAY + timedelta(days=n) for n in range(3)]
    await store.editions.seal(an_assembly(days[1]), NOON)
    await store.deliveries.plan(days[1], planned, NOON)
    await give(store, TAKEN, day=days[1])
    await store.editions.seal(an_assembly(days[2]), NOON)
    await store.deliveries.plan(days[2], planned, NOON)

    assert await store.deliveries.missed(days[1], planned[0]) == [DAY]
    assert await store.deliveries.missed(days[2], planned[0]) == []


async def test_somebody_without_an_edition_today_stays_owed(store: SqlStore, planned: list[int]) -> None:
    await store.editions.seal(an_assembly(TOMORROW), NOON)
    await store.deliveries.plan(TOMORROW, planned[1:], NOON)

    assert await store.deliveries.owed(TOMORROW + timedelta(days=1)) >= {planned[0]}
    assert await store.deliveries.missed(TOMORROW, planned[0]) == []
