"""What came back and what was received, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

from store_values import DAY, MINUTE, NOON, an_assembly, plan

from digest.deliveries import Answer, Event, Settled, State
from digest.ports import Parked, Refusal, Returned
from digest.smtp_verdicts import Verdict
from digest.store.sql import SqlStore

BACK = (Verdict.HARD, Verdict.SOFT, Verdict.ABOUT_US)
TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 ok")
GONE = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")


def a_return(subscriber: int, day: date = DAY, verdict: Verdict = Verdict.HARD, name: str = "") -> Returned:
    return Returned(
        edition=day,
        subscriber=subscriber,
        verdict=verdict,
        at=NOON,
        status="5.1.1",
        code=550,
        text="no such user",
        fingerprint=name or f"{day} {subscriber} {verdict}",
    )


async def settle(store: SqlStore, answers: dict[int, Answer], day: date = DAY) -> None:
    """Let the relay answer for a day's deliveries; it takes those that are not named."""
    at = NOON + (day - DAY)
    while batch := await store.deliveries.claim(day, owner="a worker", now=at, lease=MINUTE):
        settled = []
        for due in await store.deliveries.due_in(batch):
            answer = answers.get(due.delivery.subscriber, TAKEN)
            settled.append(
                Settled(delivery=due.delivery, answer=answer, at=at, begun=answer.event is Event.TAKEN)
            )
        await store.deliveries.record(batch, settled, now=at, lease=None)


async def test_a_report_lets_an_accepted_delivery_be_bounced_once(
    store: SqlStore, planned: list[int]
) -> None:
    one, other, *_ = planned
    await settle(store, {})

    assert await store.mail.returned(a_return(one))
    assert not await store.mail.returned(a_return(one))

    assert await store.deliveries.state(DAY, one) is State.BOUNCED
    assert await store.deliveries.state(DAY, other) is State.ACCEPTED
    assert await store.mail.verdicts(one) == [(DAY, Verdict.HARD)]


async def test_a_delay_is_kept_and_changes_nothing(store: SqlStore, planned: list[int]) -> None:
    one, *_ = planned
    await settle(store, {})

    assert await store.mail.returned(a_return(one, verdict=Verdict.DELAYED))

    assert await store.deliveries.state(DAY, one) is State.ACCEPTED
    assert await store.mail.came_back([DAY], BACK) == {}


async def test_a_report_on_a_delivery_that_never_was_is_not_kept(store: SqlStore, planned: list[int]) -> None:
    assert not await store.mail.returned(a_return(planned[0], DAY + timedelta(days=1)))
    assert not await store.mail.returned(a_return(10_000))
    assert await store.mail.verdicts(planned[0]) == []


async def test_the_same_report_twice_at_once_is_kept_once(store: SqlStore, planned: list[int]) -> None:
    await settle(store, {})

    kept = await asyncio.gather(*(store.mail.returned(a_return(planned[0])) for _ in range(4)))

    assert sorted(kept) == [False, False, False, True]


async def test_what_came_back_is_counted_by_subscriber(store: SqlStore, planned: list[int]) -> None:
    one, other, third, *_ = planned
    await settle(store, {})
    for returned in (
        a_return(one),
        a_return(one, verdict=Verdict.SOFT),
        a_return(other, verdict=Verdict.ABOUT_US),
        a_return(third, verdict=Verdict.DELAYED),
    ):
        await store.mail.returned(returned)

    assert await store.mail.came_back([DAY, DAY - timedelta(days=1)], BACK) == {DAY: 2}
    assert await store.mail.came_back([], BACK) == {}
    assert await store.mail.sent(DAY) == 5


async def test_refusals_are_listed_until_they_are_noted(store: SqlStore, planned: list[int]) -> None:
    one, other, *_ = planned
    await settle(store, {one: GONE, other: GONE})
    refused = [Refusal(subscriber=who, code=550, text="5.1.1 no such user") for who in (one, other)]
    assert await store.mail.refusals(DAY) == refused

    assert await store.mail.returned(a_return(one, name=f"refused {DAY} {one}"))

    assert await store.mail.refusals(DAY) == refused[1:]
    assert await store.deliveries.state(DAY, one) is State.REFUSED


async def test_editions_that_were_sent_are_those_that_left_us(store: SqlStore, planned: list[int]) -> None:
    one, other, *_ = planned
    await settle(store, {one: GONE})
    tomorrow = DAY + timedelta(days=1)
    await store.editions.seal(an_assembly(tomorrow), NOON + timedelta(days=1))
    await plan(store, tomorrow)

    assert await store.mail.editions_sent_to(one) == [DAY]
    assert await store.mail.editions_sent_to(other) == [DAY]


async def test_parked_mail_is_kept_once_and_whole_until_it_is_dropped(store: SqlStore) -> None:
    parked = Parked(
        at=NOON, sent_to="help@x.example", why="words", fingerprint="aa", content=b"\x00\xff" * 99
    )
    later = replace(parked, fingerprint="bb", content=b"")

    assert await store.mail.park(parked)
    assert not await store.mail.park(replace(parked, why="another"))
    assert await store.mail.park(later)

    assert await store.mail.parked() == [parked, later]
    assert await store.mail.parked_count() == 2
    assert await store.mail.drop("aa")
    assert not await store.mail.drop("aa")
    assert await store.mail.parked() == [later]
