"""A release over noon is noticed soon, also by processes that only share the database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from builders import a_timetable
from clocks import Clock
from store_values import DAY, NOON
from test_interventions_are_kept import an_act, free, sealed

from digest.errors import StoreError
from digest.interventions import Act
from digest.jobs.releases import Releases
from digest.store.sql import SqlStore

LONG, SOON = timedelta(hours=9), timedelta(milliseconds=2)
HOLD_ENDS = NOON + timedelta(hours=3)


def watch(store: SqlStore, clock: Clock) -> Releases:
    return Releases(editions=store.editions, timetable=a_timetable(), clock=clock, every=SOON)


async def test_who_waits_hears_of_a_release_that_another_process_makes(store: SqlStore) -> None:
    await sealed(store, "a")
    await store.editions.intervene(an_act(Act.HOLD, until=HOLD_ENDS), free)
    waiting = asyncio.create_task(watch(store, Clock(NOON)).within(LONG))
    await asyncio.sleep(20 * SOON.total_seconds())
    assert not waiting.done()

    await store.editions.intervene(an_act(Act.RELEASE), free)

    async with asyncio.timeout(30):
        assert await waiting


async def test_a_hold_that_ends_by_itself_is_noticed_too(store: SqlStore) -> None:
    await store.editions.intervene(an_act(Act.HOLD, until=HOLD_ENDS), free)
    clock = Clock(NOON)
    waiting = asyncio.create_task(watch(store, clock).within(LONG))
    await asyncio.sleep(5 * SOON.total_seconds())
    clock.at = HOLD_ENDS

    async with asyncio.timeout(30):
        assert await waiting


async def test_nobody_waits_beyond_noon_for_it_may_be_held_from_then_on(store: SqlStore) -> None:
    await store.editions.intervene(an_act(Act.HOLD, until=HOLD_ENDS), free)
    clock = Clock(NOON - 3 * SOON)

    async with asyncio.timeout(30):
        assert not await watch(store, clock).within(LONG)


async def test_the_database_is_left_alone_while_nothing_is_held() -> None:
    looks: list[object] = []

    class Counted:
        async def hold(self, *asked: object) -> None:
            looks.append(asked)

    clock = Clock(NOON)
    found = Releases(editions=Counted(), timetable=a_timetable(), clock=clock, every=SOON)  # type: ignore[arg-type]
    assert not await found.within(20 * SOON)
    assert looks == [(DAY, NOON)]


async def test_a_database_that_is_away_leaves_it_to_the_next_look() -> None:
    class Away:
        async def hold(self, *_: object) -> None:
            raise StoreError("the database is away")

    found = Releases(editions=Away(), timetable=a_timetable(), clock=Clock(NOON), every=SOON)  # type: ignore[arg-type]
    assert not await found.within(3 * SOON)
