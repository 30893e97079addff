"""The ledger's promises: one delivery a day, one owner at a time, and nothing forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from store_values import DAY, MINUTE, NOON, an_assembly, plan

from digest.deliveries import Answer, Batch, Delivery, Event, Settled, State
from digest.errors import LeaseLost
from digest.ports import Due
from digest.store.sending import planning
from digest.store.sql import SqlStore
from digest.store.tables import attempts
from digest.subscriptions import Channel, Evidence, Step, Wishes

BY_WEB = Evidence(channel=Channel.WEB)
TOMORROW = DAY + timedelta(days=1)
LEASE = 5 * MINUTE
TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 queued as 1A2B")
PUT_OFF = Answer(event=Event.PUT_OFF, code=452, text="4.2.2 mailbox full")
REJECTED = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")
LOST = Answer(event=Event.LOST, code=None, text="the connection was lost")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two: five people are three of them."""
    monkeypatch.setattr(planning, "BATCH", 2)


async def claim(store: SqlStore, *, day: date = DAY, later: timedelta = 0 * MINUTE) -> Batch | None:
    return await store.deliveries.claim(day, owner="w", now=NOON + later, lease=LEASE)


async def all_of(store: SqlStore, *, day: date = DAY, later: timedelta = 0 * MINUTE) -> list[Due]:
    """Everything there is to do, claimed."""
    found = []
    while batch := await claim(store, day=day, later=later):
        found += await store.deliveries.due_in(batch)
    return found


def settled(delivery: Delivery, answer: Answer, at: datetime = NOON, *, begun: bool = True) -> Settled:
    return Settled(delivery=delivery, answer=answer, at=at, begun=begun)


async def give(
    store: SqlStore, answers: Answer | Sequence[Answer], *, day: date = DAY, later: timedelta = 0 * MINUTE
) -> None:
    """Answer everything of the one batch that waits, in subscribers' order, and give it back."""
    batch = await claim(store, day=day, later=later)
    assert batch is not None
    due = await store.deliveries.due_in(batch)
    said = [answers] * len(due) if isinstance(answers, Answer) else answers
    found = [
        settled(one.delivery, answer, NOON + later, begun=answer.event is not Event.REJECTED)
        for one, answer in zip(due, said, strict=False)
    ]
    await store.deliveries.record(batch, found, now=NOON + later, lease=None)


async def missed(store: SqlStore, day: date) -> dict[int, tuple[date, ...]]:
    batch = await claim(store, day=day, later=timedelta(days=9))
    assert batch is not None
    found = {due.delivery.subscriber: due.missed for due in await store.deliveries.due_in(batch)}
    await store.deliveries.record(batch, [], now=NOON, lease=None)
    return found


async def test_planning_twice_plans_once(store: SqlStore, planned: list[int]) -> None:
    assert await plan(store, DAY) == 0
    assert await store.deliveries.tally(DAY) == {State.PLANNED: 5}


async def test_the_plan_is_everyone_active_at_the_cut_off(store: SqlStore, planned: list[int]) -> None:
    late = await store.subscriptions.add("late@example.org", Wishes(), NOON + 2 * timedelta(days=1))
    gone = await store.subscriptions.get(planned[0])
    assert gone is not None
    await store.subscriptions.take(gone.subscriber, gone.generation, Step.LEFT, BY_WEB, NOON)
    await store.editions.seal(an_assembly(TOMORROW), NOON)

    assert await plan(store, TOMORROW) == 4
    due = await all_of(store, day=TOMORROW)
    assert [one.delivery.subscriber for one in due] == planned[1:]
    assert late.subscriber not in planned


async def test_planners_on_two_machines_plan_once(store: SqlStore, planned: list[int]) -> None:
    await store.editions.seal(an_assembly(TOMORROW), NOON)

    counts = await asyncio.gather(*(plan(store, TOMORROW) for _ in range(6)))

    assert sorted(counts) == [0, 0, 0, 0, 0, 5]


@pytest.mark.usefixtures("small_batches")
async def test_no_two_workers_claim_the_same_batch(store: SqlStore, subscribers: list[object]) -> None:
    await store.editions.seal(an_assembly(), NOON)
    await plan(store, DAY)

    claims = await asyncio.gather(*(claim(store) for _ in range(8)))

    assert sorted(batch.number for batch in claims if batch) == [0, 1, 2]
    assert sum(batch.size for batch in claims if batch) == 5


@pytest.mark.usefixtures("small_batches")
async def test_like_wishes_are_planned_together(store: SqlStore) -> None:
    """They get the same text, so the worker with their batch renders it once."""
    kinds = [Wishes(), Wishes(brief=True)]
    for n in range(8):
        await store.subscriptions.add(f"p{n}@example.org", kinds[n % 2], NOON - MINUTE)
    await store.editions.seal(an_assembly(), NOON)
    await plan(store, DAY)

    wishes = []
    while batch := await claim(store):
        wishes.append({due.wishes for due in await store.deliveries.due_in(batch)})
    assert [len(of_batch) for of_batch in wishes] == [1, 1, 1, 1]


async def test_a_batch_that_is_held_stays_held_until_it_is_given_back(
    store: SqlStore, planned: list[int]
) -> None:
    """A lease that ran out is for `take_over` to judge: what was begun must not begin again."""
    batch = await claim(store)
    assert batch is not None

    assert await claim(store, later=60 * MINUTE) is None
    (held,) = await store.deliveries.held()
    assert (held.batch, held.owner, held.until) == (batch, "w", NOON + LEASE)

    await store.deliveries.record(batch, [], now=NOON, lease=None)
    again = await claim(store)
    assert again is not None
    assert again.fence > batch.fence


async def test_a_worker_that_lost_its_batch_to_another_writes_nothing(
    store: SqlStore, planned: list[int]
) -> None:
    stale = await claim(store)
    assert stale is not None
    due = await store.deliveries.due_in(stale)
    await store.deliveries.record(stale, [], now=NOON, lease=None)
    assert await claim(store) is not None

    for lease in (LEASE, None):
        with pytest.raises(LeaseLost):
            await store.deliveries.record(stale, [settled(due[0].delivery, TAKEN)], now=NOON, lease=lease)
    assert await store.deliveries.tally(DAY) == {State.PLANNED: 5}


async def test_a_commit_is_a_sign_of_life(store: SqlStore, planned: list[int]) -> None:
    batch = await claim(store)
    assert batch is not None
    due = await store.deliveries.due_in(batch)

    await store.deliveries.record(
        batch, [settled(due[0].delivery, TAKEN)], now=NOON + 4 * MINUTE, lease=LEASE
    )

    (held,) = await store.deliveries.held()
    assert held.until == NOON + 9 * MINUTE
    assert await store.deliveries.tally(DAY) == {State.ACCEPTED: 1, State.PLANNED: 4}
    assert [one.delivery.subscriber for one in await store.deliveries.due_in(batch)] == planned[1:]


async def test_what_the_relay_took_is_never_claimed_again(store: SqlStore, planned: list[int]) -> None:
    await give(store, TAKEN)

    assert await store.deliveries.tally(DAY) == {State.ACCEPTED: 5}
    assert await claim(store, later=timedelta(hours=5)) is None
    assert await store.deliveries.done(DAY) == (5, 5)


async def test_what_was_put_off_waits_and_comes_back(store: SqlStore, planned: list[int]) -> None:
    await give(store, [PUT_OFF, TAKEN, PUT_OFF, TAKEN, TAKEN])

    assert await store.deliveries.tally(DAY) == {State.DEFERRED: 2, State.ACCEPTED: 3}
    assert await claim(store, later=1 * MINUTE) is None
    again = await all_of(store, later=3 * MINUTE)
    assert [(one.delivery.subscriber, one.delivery.attempts) for one in again] == [
        (planned[0], 1),
        (planned[2], 1),
    ]


async def test_what_was_put_off_untried_waits_its_time_and_counts_no_attempt(
    store: SqlStore, planned: list[int]
) -> None:
    batch = await claim(store)
    assert batch is not None
    first = (await store.deliveries.due_in(batch))[0].delivery
    rests = Settled(delivery=first, answer=PUT_OFF, at=NOON, begun=False, wait_until=NOON + 10 * MINUTE)
    await store.deliveries.record(batch, [rests], now=NOON, lease=None)

    assert len(await all_of(store, later=9 * MINUTE)) == 4
    (held,) = await store.deliveries.held()
    await store.deliveries.record(held.batch, [], now=NOON, lease=None)
    due = await all_of(store, later=11 * MINUTE)
    assert {one.delivery.subscriber: one.delivery.attempts for one in due}[first.subscriber] == 0


async def test_a_recipient_refused_before_the_content_is_settled(store: SqlStore, planned: list[int]) -> None:
    await give(store, [REJECTED])

    assert await store.deliveries.tally(DAY) == {State.REFUSED: 1, State.PLANNED: 4}


async def test_every_try_that_failed_is_kept_with_the_relays_words(
    store: SqlStore, planned: list[int]
) -> None:
    await give(store, [PUT_OFF, *[TAKEN] * 4])
    await give(store, LOST, later=3 * MINUTE)

    query = select(attempts.c.number, attempts.c.event, attempts.c.code).order_by(attempts.c.number)
    async with store.database.read() as connection:
        rows = [tuple(row) for row in await connection.execute(query)]
    assert rows == [(1, Event.PUT_OFF, 452), (2, Event.LOST, None)]


async def test_what_is_in_doubt_is_never_sent_again(store: SqlStore, planned: list[int]) -> None:
    await give(store, [LOST, TAKEN, TAKEN, TAKEN, TAKEN])

    assert await store.deliveries.tally(DAY) == {State.UNKNOWN: 1, State.ACCEPTED: 4}
    assert await claim(store, later=timedelta(hours=5)) is None


async def test_what_was_not_surely_given_comes_with_the_next_edition(
    store: SqlStore, planned: list[int]
) -> None:
    await give(store, [REJECTED, LOST, TAKEN, TAKEN])  # and the last one was never tried

    await store.editions.seal(an_assembly(TOMORROW), NOON)
    assert await plan(store, TOMORROW) == 5
    carried = await missed(store, TOMORROW)

    owed = {planned[0], planned[1], planned[4]}
    assert {subscriber for subscriber, days in carried.items() if days} == owed
    assert carried[planned[1]] == (DAY,)


async def test_an_empty_edition_goes_to_those_alone_who_are_owed_an_earlier_one(
    store: SqlStore, planned: list[int]
) -> None:
    await give(store, [TAKEN, LOST, TAKEN, REJECTED, TAKEN])
    await store.editions.seal(an_assembly(TOMORROW), NOON)

    assert await plan(store, TOMORROW, everybody=False) == 2
    assert await missed(store, TOMORROW) == {planned[1]: (DAY,), planned[3]: (DAY,)}

    await give(store, TAKEN, day=TOMORROW)
    third = TOMORROW + timedelta(days=1)
    await store.editions.seal(an_assembly(third), NOON)
    assert await plan(store, third, everybody=False) == 0


async def test_an_edition_carried_on_is_no_longer_sent_by_itself(store: SqlStore, planned: list[int]) -> None:
    await store.editions.seal(an_assembly(TOMORROW), NOON)
    await plan(store, TOMORROW)

    assert await claim(store) is None


async def test_an_outage_of_days_is_carried_through(store: SqlStore, planned: list[int]) -> None:
    days = [DAY + timedelta(days=n) for n in range(4)]
    for day in days[1:]:
        await store.editions.seal(an_assembly(day), NOON)
        await plan(store, day)

    assert (await missed(store, days[3]))[planned[0]] == tuple(days[:3])


async def test_an_accepted_edition_is_never_repeated_by_a_later_one(
    store: SqlStore, planned: list[int]
) -> None:
    days = [DAY + timedelta(days=n) for n in range(3)]
    await store.editions.seal(an_assembly(days[1]), NOON)
    await plan(store, days[1])
    assert set((await missed(store, days[1])).values()) == {(DAY,)}
    await give(store, TAKEN, day=days[1])
    await store.editions.seal(an_assembly(days[2]), NOON)
    await plan(store, days[2])

    assert set((await missed(store, days[2])).values()) == {()}


async def test_how_a_run_stands_can_be_asked_at_any_time(store: SqlStore, planned: list[int]) -> None:
    batch = await claim(store)
    assert batch is not None
    due = await store.deliveries.due_in(batch)
    await store.deliveries.record(batch, [settled(due[0].delivery, TAKEN)], now=NOON, lease=LEASE)

    progress = await store.deliveries.progress(DAY, NOON)

    assert progress.states == {State.ACCEPTED: 1, State.PLANNED: 4}
    assert (progress.batches, progress.open, progress.holding) == (1, 1, {"w": 1})
    assert progress.settled_lately == 1


async def test_what_waits_longest_is_known(store: SqlStore, planned: list[int]) -> None:
    """From noon on, or from the time at which what was put off is to be asked again."""
    noon = NOON + 15 * MINUTE

    async def waited(later: timedelta) -> timedelta:
        return (await store.deliveries.progress(DAY, NOON + later)).waited(noon, NOON + later)

    assert await waited(10 * MINUTE) == timedelta()
    assert await waited(20 * MINUTE) == 5 * MINUTE

    await give(store, [PUT_OFF, TAKEN, TAKEN, TAKEN, TAKEN])  # asked again two minutes later
    assert await waited(1 * MINUTE) == timedelta()
    assert await waited(5 * MINUTE) == 3 * MINUTE

    await give(store, TAKEN, later=5 * MINUTE)
    assert await waited(30 * MINUTE) == timedelta()
