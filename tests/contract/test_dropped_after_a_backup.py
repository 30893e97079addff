"""A restore does not tell what operators dropped after the backup was taken, on either database."""

from __future__ import annotations

from pathlib import Path

from builders import a_candidate, a_story, an_edition
from sqlalchemy import update
from store_values import DAY, MINUTE, NOON
from test_interventions_are_kept import an_act, free, sealed
from test_sources_and_items import PAGE, READING, list_items

from digest.deliveries import Pause
from digest.edition import StoryKey
from digest.edition_assembly import Assembly
from digest.interventions import Act
from digest.store.backup import back_up, check_backup
from digest.store.restoring import Restored, restore
from digest.store.sql import SqlStore
from digest.store.tables import interventions, items
from digest.tokens import address_seal

BACKUP, AFTER = NOON - 20 * MINUTE, NOON + 60 * MINUTE


async def backed_up(store: SqlStore, folder: Path) -> Path:
    await back_up(store.database, folder / "b.gz", BACKUP, lambda *_: None)
    return folder / "b.gz"


async def put_back(store: SqlStore, file: Path, *, nothing_since: bool = False) -> Restored:
    pause = Pause(since=AFTER, by="restore", why="restored")
    return await restore(
        store.database,
        check_backup(file),
        pause,
        lambda *_: None,
        seal=address_seal(b"a key of the tests"),
        nothing_since=nothing_since,
    )


async def drop(store: SqlStore, key: StoryKey) -> None:
    assert await store.editions.intervene(an_act(Act.DROP, story=key), free) is None


async def test_an_edition_that_is_open_again_goes_without_the_story(store: SqlStore, tmp_path: Path) -> None:
    _, (key, other) = await sealed(store, "a", "b")
    file = await backed_up(store, tmp_path)
    await drop(store, key)
    await store.editions.close(DAY, NOON)

    restored = await put_back(store, file)

    assert ([one.key for one in restored.withheld], restored.found_since) == ([key], ())
    hand = await store.editions.in_hand(DAY)
    assert (hand.closed_at, list(hand.drops)) == (None, [key])
    assert hand.drops[key].words == "a reason"
    await store.editions.close(DAY, AFTER)
    went = await store.editions.sealed(DAY)
    assert went is not None
    assert [one.key for one in went.stories] == [other]
    assert [case.key for case in await store.review.open()] == [key]


async def test_a_story_of_an_edition_that_the_backup_does_not_know_waits_for_a_decision(
    store: SqlStore, tmp_path: Path
) -> None:
    item = (await list_items(store, "a"))[-1].id
    found = a_candidate(item, found_at=NOON - 60 * MINUTE)
    await store.items.file(item, PAGE, READING, [found])
    file = await backed_up(store, tmp_path)
    edition = an_edition(a_story(item), day=DAY)
    await store.editions.seal(Assembly(edition=edition, settled=(found.key,), doubts=()), NOON - 10 * MINUTE)
    await drop(store, found.key)
    await store.editions.close(DAY, NOON)

    restored = await put_back(store, file)

    assert [one.key for one in restored.withheld] == [found.key]
    assert await store.editions.waiting(AFTER) == [], "no edition tells it"
    [case] = await store.review.open()
    assert (case.key, case.withheld) == (found.key, True)
    assert f"dropped from the edition of {DAY} by ada: a reason" in case.doubts


async def test_a_story_that_was_found_after_the_backup_is_named(store: SqlStore, tmp_path: Path) -> None:
    file = await backed_up(store, tmp_path)
    _, (key,) = await sealed(store, "a")
    await drop(store, key)

    restored = await put_back(store, file)

    assert restored.withheld == ()
    assert [(one.title, one.act.by) for one in restored.found_since] == [("a", "ada")]


async def test_another_item_that_has_the_number_now_is_left_alone(store: SqlStore, tmp_path: Path) -> None:
    """The backup may be of another service."""
    _, (key,) = await sealed(store, "a")
    await drop(store, key)
    file = await backed_up(store, tmp_path)
    await put_back(store, file)
    async with store.database.write() as connection:
        await connection.execute(update(items).where(items.c.id == key.item).values(title="another"))
        await connection.execute(update(interventions).values(at=AFTER))

    restored = await put_back(store, file)

    assert (restored.withheld, [one.title for one in restored.found_since]) == ((), ["another"])


async def test_what_was_restored_or_dropped_before_does_not_count(store: SqlStore, tmp_path: Path) -> None:
    _, (early, late) = await sealed(store, "a", "b")
    before = an_act(Act.DROP, story=early, at=BACKUP - MINUTE)
    assert await store.editions.intervene(before, free) is None
    file = await backed_up(store, tmp_path)
    await drop(store, late)
    back = an_act(Act.RESTORE, story=late, at=NOON - MINUTE)
    assert await store.editions.intervene(back, free) is None

    restored = await put_back(store, file)

    assert (restored.withheld, restored.found_since) == ((), ())
    assert list((await store.editions.in_hand(DAY)).drops) == [early]


async def test_where_nothing_happened_since_nothing_is_carried_over(store: SqlStore, tmp_path: Path) -> None:
    _, (key,) = await sealed(store, "a")
    file = await backed_up(store, tmp_path)
    await drop(store, key)

    restored = await put_back(store, file, nothing_since=True)

    assert (restored.withheld, (await store.editions.in_hand(DAY)).acts) == ((), ())
