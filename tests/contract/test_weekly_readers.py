"""Weekly readers: their editions wait for their own day, and each is given exactly once, whatever happens."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from store_values import DAY, NOON, an_assembly, plan

from digest.deliveries import Answer, Event, Settled
from digest.ports import Due
from digest.schedule import Weekday
from digest.store.sql import SqlStore
from digest.subscriptions import Channel, Evidence, Step, Subscription, Wishes

ONE_DAY = timedelta(days=1)
LEASE = timedelta(minutes=5)
BY_WEB = Evidence(channel=Channel.WEB)
TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 queued")
LOST = Answer(event=Event.LOST, code=None, text="the connection was lost")
REFUSED = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")
RHYTHMS = (None, *Weekday)


async def joined(store: SqlStore, weekly: Weekday | None, name: str = "w") -> Subscription:
    return await store.subscriptions.add(
        f"{name}@example.org", Wishes(weekly=weekly), NOON - timedelta(days=30)
    )


async def change(store: SqlStore, one: Subscription, weekly: Weekday | None) -> None:
    await store.subscriptions.take(
        one.subscriber, one.generation, Step.WISHED, BY_WEB, NOON, wishes=Wishes(weekly=weekly)
    )


async def noon_of(store: SqlStore, day: date, *answers: Answer | None, news: bool = True) -> list[Due]:
    """Seal and plan a day, and answer its deliveries in subscribers' order; None leaves one waiting."""
    await store.editions.seal(an_assembly(day), NOON + (day - DAY))
    await plan(store, day, everybody=news)
    now = NOON + (day - DAY)
    found = []
    while batch := await store.deliveries.claim(day, owner="w", now=now, lease=LEASE):
        due = await store.deliveries.due_in(batch)
        said = zip(due, answers or [TAKEN] * len(due), strict=False)
        settled = [
            Settled(one.delivery, answer, now, begun=answer.event is not Event.REJECTED)
            for one, answer in said
            if answer is not None
        ]
        await store.deliveries.record(batch, settled, now=now, lease=LEASE)
        found += due
    return found


def days(first: int, last: int) -> tuple[date, ...]:
    return tuple(DAY + n * ONE_DAY for n in range(first, last + 1))


async def test_a_weekly_reader_gets_all_of_the_week_on_their_own_day_and_none_of_it_late(
    store: SqlStore,
) -> None:
    await joined(store, Weekday.of(DAY + 6 * ONE_DAY))

    for day in days(0, 5):
        assert await noon_of(store, day) == []
        assert await store.deliveries.tally(day) == {}, "the ledger plans nothing that is not sent"
    [one] = await noon_of(store, DAY + 6 * ONE_DAY)

    assert (one.kept, one.missed) == (days(0, 5), ())
    for day in days(7, 12):
        await noon_of(store, day)
    [one] = await noon_of(store, DAY + 13 * ONE_DAY)
    assert (one.kept, one.missed) == (days(7, 12), ()), "nothing comes twice"


@pytest.mark.parametrize("outcome", [LOST, REFUSED, None])
async def test_a_week_that_was_not_surely_given_comes_late_with_the_next_one(
    store: SqlStore, outcome: Answer | None
) -> None:
    await joined(store, Weekday.of(DAY + 6 * ONE_DAY))
    for day in days(0, 5):
        await noon_of(store, day)
    await noon_of(store, DAY + 6 * ONE_DAY, outcome)
    for day in days(7, 12):
        assert await noon_of(store, day) == []

    [one] = await noon_of(store, DAY + 13 * ONE_DAY)

    assert (one.missed, one.kept) == (days(0, 6), days(7, 12))


async def test_on_a_day_without_news_a_weekly_reader_gets_what_waited(store: SqlStore) -> None:
    await joined(store, Weekday.of(DAY + ONE_DAY))
    quiet = await joined(store, Weekday.of(DAY + 2 * ONE_DAY), "quiet")
    await noon_of(store, DAY)

    [one] = await noon_of(store, DAY + ONE_DAY, news=False)
    assert one.kept == (DAY,)
    [other] = await noon_of(store, DAY + 2 * ONE_DAY, news=False)
    assert (other.delivery.subscriber, other.kept) == (quiet.subscriber, (DAY,))
    for day in days(3, 9):
        assert await noon_of(store, day, news=False) == [], "a week without news brings nothing"


async def test_who_changes_to_daily_gets_what_waited_with_their_next_edition(store: SqlStore) -> None:
    one = await joined(store, Weekday.of(DAY + 6 * ONE_DAY))
    await noon_of(store, DAY)
    await noon_of(store, DAY + ONE_DAY)
    await change(store, one, None)

    [due] = await noon_of(store, DAY + 2 * ONE_DAY)

    assert (due.kept, due.missed) == (days(0, 1), ())


async def test_who_left_and_comes_back_gets_nothing_of_the_time_before(store: SqlStore) -> None:
    one = await joined(store, Weekday.of(DAY + 6 * ONE_DAY))
    await noon_of(store, DAY)
    await store.subscriptions.take(one.subscriber, one.generation, Step.LEFT, BY_WEB, NOON)
    await joined(store, Weekday.of(DAY + 6 * ONE_DAY))
    for day in days(1, 5):
        await noon_of(store, day)

    [due] = await noon_of(store, DAY + 6 * ONE_DAY)

    assert due.kept == days(1, 5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
async def test_each_edition_is_accepted_exactly_once_whatever_is_refused_or_changed(
    store: SqlStore, seed: int
) -> None:
    """Two weeks of changes and trouble, then a week in which all goes well."""
    chance = random.Random(seed)
    people = [await joined(store, RHYTHMS[n % len(RHYTHMS)], f"p{n}") for n in range(9)]
    wishes = {one.subscriber: one.wishes for one in people}
    given: Counter[tuple[int, date]] = Counter()
    late: set[tuple[int, date]] = set()  # what a delivery that failed was to bring
    told = []
    for n in range(20):
        day, calm = DAY + n * ONE_DAY, n >= 13
        for one in people if not calm else ():
            if chance.random() < 0.15:
                weekly = chance.choice(RHYTHMS)
                await change(store, one, weekly)
                wishes[one.subscriber] = replace(wishes[one.subscriber], weekly=weekly)
        news = chance.random() < 0.8
        told += [day] if news else []
        answers = [TAKEN if calm else chance.choice([TAKEN, TAKEN, LOST, REFUSED, None]) for _ in people]
        for due, answer in zip(await noon_of(store, day, *answers, news=news), answers, strict=False):
            subscriber = due.delivery.subscriber
            assert wishes[subscriber].edition_on(day), "only on a day of their own"
            assert {(subscriber, one) for one in due.missed} <= late
            assert not {(subscriber, one) for one in due.kept} & late
            brought = {(subscriber, one) for one in (*due.missed, *due.kept, day)}
            if answer is TAKEN:
                given.update(brought)
            else:
                late |= brought

    calm_week = days(13, 19)
    last = {id: max(filter(own.edition_on, calm_week)) for id, own in wishes.items()}
    owed = {(id, day) for id in wishes for day in told if day <= last[id]}
    assert owed <= given.keys(), "nothing is lost"
    assert max(given.values()) == 1, "nothing comes twice"
