"""A publisher's data in shadow: operators see what it would tell, and nothing else knows of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import DAY, a_timetable
from feed_cases import BEGIN, Stage
from test_an_api_of_records import ELM, OAK, location, publish_list, stage_of_list

from digest.changes import Movement
from digest.edition import Story
from digest.edition_assembly import assemble
from digest.ratings import OVERALL
from digest.sources import held
from digest.store.records import SqlRecords
from digest.store.sql import SqlStore

A_DAY = timedelta(days=1)
SHADOW = 14 * A_DAY
GOOD = location(OAK, "Good", "2026-11-20")
FELL = location(OAK, "Inadequate", "2026-11-25")


async def poll(made: Stage, days: int) -> None:
    [polling] = await made.poll(BEGIN + days * A_DAY)
    assert polling.trouble is None


async def stories(made: Stage) -> list[Story]:
    waiting = await made.store.editions.waiting(made.clock.now() + A_DAY)
    return list(assemble(DAY, a_timetable(), waiting=waiting, told=(), sources=()).edition.stories)


async def known(store: SqlStore, id: str = OAK) -> list[str] | None:
    """The overall grades in the history of a provider; None: the register does not have it."""
    if (await store.providers.register()).get(f"cqc:{id}") is None:
        return None
    return [one.grade for one in await store.providers.history(f"cqc:{id}") if one.aspect == OVERALL]


async def test_in_shadow_operators_see_what_data_would_tell_and_the_register_learns_nothing(
    store: SqlStore,
) -> None:
    async with stage_of_list(store, shadow=SHADOW) as made:
        publish_list(made, GOOD)
        await poll(made, 0)
        publish_list(made, FELL)
        await poll(made, 3)

        [seen] = await store.admissions.in_shadow("feed")
        assert [(one.before, one.after) for one in seen.changes][:1] == [("good", "inadequate")]
        assert await known(store) is None
        assert await stories(made) == []


async def test_after_the_shadow_the_register_has_what_the_data_states_and_only_what_comes_then_is_told(
    store: SqlStore,
) -> None:
    async with stage_of_list(store, shadow=SHADOW) as made:
        publish_list(made, GOOD, location(ELM, "Good", "2026-11-20"))
        await poll(made, 0)
        publish_list(made, FELL, location(ELM, "Good", "2026-11-20"))
        await poll(made, 3)
        publish_list(made, FELL, location(ELM, "Outstanding", "2026-12-07"))
        await poll(made, 15)

        assert await known(store) == ["inadequate"]
        [story] = await stories(made)
        assert story.change is not None
        assert (story.provider, story.change.movement, story.change.before) == (
            f"cqc:{ELM}",
            Movement.UPGRADE,
            "good",
        )
        await poll(made, 16)
        assert await known(store) == ["inadequate"]
        assert len(await stories(made)) == 1


async def test_held_news_of_a_shadow_that_becomes_the_baseline_waits_for_its_end_too(
    store: SqlStore,
) -> None:
    async with stage_of_list(store, shadow=SHADOW) as made:
        publish_list(made, GOOD)
        await poll(made, 0)
        await store.sources.record("feed", lambda one: held("feed", one, BEGIN))
        publish_list(made, FELL)
        await poll(made, 3)

        assert await store.admissions.baseline("feed", why="an operator has said so") == 1
        assert await known(store) is None
        await poll(made, 15)
        assert await known(store) == ["inadequate"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)  # the parts are the same on the other
async def test_more_records_than_one_transaction_has_enter_all(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.store.records.AT_ONCE", 2)
    async with stage_of_list(store, shadow=SHADOW) as made:
        publish_list(made, *(location(f"1-{n}", "Good", "2026-11-20") for n in range(5)))
        await poll(made, 0)

        assert await SqlRecords(store.database).enter("feed", now=BEGIN) == 5
        assert [await known(store, f"1-{n}") for n in range(5)] == [["good"]] * 5
        assert await SqlRecords(store.database).enter("feed", now=BEGIN) == 0
