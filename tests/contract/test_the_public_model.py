"""What the public site reads, on either database: nothing before its noon, and nothing that is in doubt."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from builders import (
    DAY,
    KENT,
    a_candidate,
    a_provider,
    a_rating,
    a_timetable,
    inspectorates,
)
from test_sources_and_items import PAGE, READING, list_items

from digest.changes import Movement
from digest.edition import Candidate
from digest.edition_assembly import assemble
from digest.jobs.keep_public import PublicKeeper
from digest.ports.public import Service, StoryFilter
from digest.store.sql import SqlStore

YESTERDAY = DAY - timedelta(days=1)
TOMORROW = DAY + timedelta(days=1)
KENT_ONLY = StoryFilter(services=(KENT,))


class Clock:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


async def keep(store: SqlStore, now: datetime) -> int:
    keeper = PublicKeeper(
        store=store.public_model, inspectorates=inspectorates(), timetable=a_timetable(), clock=Clock(now)
    )
    return await keeper.keep()


def at(hour: int, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


async def tell(store: SqlStore, *candidates: Candidate, day: date = DAY) -> None:
    """File candidates and seal the day's edition with them."""
    for candidate in candidates:
        await store.items.file(candidate.key.item, PAGE, READING, [candidate])
    await seal(store, day)


async def seal(store: SqlStore, day: date) -> None:
    waiting = await store.editions.waiting(at(23, day))
    told = await store.editions.told(day - timedelta(days=60))
    await store.editions.seal(
        assemble(day, a_timetable(), waiting=waiting, told=told, sources=()), at(11, day)
    )


async def a_kent_story(store: SqlStore, name: str = "a", **facts: Any) -> Candidate:
    item = (await list_items(store, name))[-1].id
    return a_candidate(item, **facts)


async def kent(store: SqlStore, id: str = KENT) -> Service:
    found = await store.public.service(id)
    assert found is not None
    return found


@pytest.fixture
async def told(store: SqlStore) -> SqlStore:
    """Kent was rated in 2024, and today's edition tells that it went up."""
    await store.providers.load([a_provider(area="Kent")], [a_rating("requires improvement")])
    await tell(store, await a_kent_story(store))
    return store


async def test_nobody_sees_an_edition_before_its_noon(told: SqlStore) -> None:
    assert await keep(told, at(11)) == 1

    assert (await kent(told)).grade == "requires improvement"
    assert await told.public.stories(until=YESTERDAY) == ()
    assert await told.public.stories_of(DAY, until=YESTERDAY) == ()
    assert await told.public.span(until=YESTERDAY) is None
    assert await told.public.days(DAY, DAY, until=YESTERDAY) == ()
    assert (await told.public.search("Release", until=YESTERDAY)).stories == ()

    assert await keep(told, at(12)) == 1

    now = await kent(told)
    assert (now.grade, now.before, now.movement) == ("good", "requires improvement", Movement.UPGRADE)
    assert (now.told_on, now.moved_on, now.rank) == (DAY, DAY, 1)
    [story] = await told.public.stories(until=DAY)
    assert (story.service, story.kind, story.area, story.movement) == (KENT, "PDU", "Kent", Movement.UPGRADE)
    assert story.anchor == f"story-{story.story.key.item}-0"
    assert await told.public.span(until=DAY) == (DAY, DAY)
    [day] = await told.public.days(DAY, DAY, until=DAY)
    assert (day.stories, day.up, day.down) == (1, 1, 0)
    assert await told.public.moves(DAY, until=DAY) == {DAY: {Movement.UPGRADE: 1}}
    assert [one.story for one in (await told.public.search("Release", until=DAY)).stories] == [story]


async def test_a_second_look_writes_nothing(told: SqlStore) -> None:
    await keep(told, at(12))

    assert await keep(told, at(13)) == 0
    assert await told.public_model.days_to_tell() == ()


async def test_a_rating_that_no_edition_has_told_is_not_public(told: SqlStore) -> None:
    await keep(told, at(12))
    later = await a_kent_story(told, "b", grade="inadequate", published=TOMORROW)
    await told.items.file(later.key.item, PAGE, READING, [later])

    await keep(told, at(13))

    assert (await kent(told)).grade == "good"
    record = await told.public.record(KENT)
    assert record is not None
    assert [one.grade for one in record.periods] == ["requires improvement", "good"]
