"""What the store promises of watching, alerts and the weekly proof of life, on either database."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from builders import an_alerted_story
from sqlalchemy import select, update
from store_values import DAY, MINUTE, NOON, an_assembly, plan

from digest.alerts import Alert
from digest.deliveries import State
from digest.edition import StoryKey
from digest.letter_kinds import Alert as AlertLetter
from digest.letter_kinds import ProofOfLife, QuietWeek
from digest.letters import Letter
from digest.store.sql import SqlStore
from digest.store.tables import deliveries, letters, watches
from digest.subscriptions import Channel, Evidence, Standing, Step, Subscription, Wishes

KENT, KSS = "kent-pdu", "kss-crc"
WEB = Evidence(channel=Channel.WEB)
WATCHING = Wishes(watched=(KENT,), alerts=True)
MIDNIGHT = NOON - timedelta(hours=12)
LATER = NOON + timedelta(days=1)


def an_alert(item: int = 1, *providers: str) -> Alert:
    return Alert(
        key=StoryKey(item=item, place=0),
        providers=frozenset(providers or {KENT}),
        expires_at=LATER,
    )


async def a_reader(store: SqlStore, name: str, wishes: Wishes = WATCHING) -> Subscription:
    return await store.subscriptions.add(f"{name}@example.org", wishes, NOON - timedelta(days=30))


async def alert(store: SqlStore, one: Alert, *, per_day: int = 3, limit: int = 100, **more: Any) -> int:
    given: dict[str, Any] = {"now": NOON, "since": MIDNIGHT}
    return await store.watches.alert(one, an_alerted_story(), per_day=per_day, limit=limit, **given | more)


async def written(store: SqlStore) -> list[tuple[str, str]]:
    async with store.database.read() as connection:
        rows = await connection.execute(select(letters.c.key, letters.c.address).order_by(letters.c.id))
        return [(row.key, row.address) for row in rows]


# -- watching ---------------------------------------------------------------------------------------------


async def test_watchers_with_alerts_on_are_written_to_and_nobody_else(store: SqlStore) -> None:
    ada = await a_reader(store, "ada")
    await a_reader(store, "ben", Wishes(watched=(KENT,)))
    await a_reader(store, "cleo", Wishes(providers=(KENT,), alerts=True))
    await a_reader(store, "dan", Wishes(watched=("surrey-pdu",), alerts=True))

    assert await alert(store, an_alert()) == 1

    assert await written(store) == [(f"alert 1.0 {ada.subscriber}", "ada@example.org")]
    claimed = await store.letters.claim(NOON, MINUTE)
    assert claimed is not None
    assert claimed.letter == Letter(
        content=AlertLetter(
            subscriber=ada.subscriber, generation=1, about=an_alert().key, story=an_alerted_story()
        ),
        address=ada.address,
        expires_at=LATER,
    )


async def test_people_who_watch_a_body_are_told_once_of_the_one_that_followed_it(store: SqlStore) -> None:
    await a_reader(store, "ada", Wishes(watched=(KSS,), alerts=True))
    await a_reader(store, "ben", Wishes(watched=(KSS, KENT), alerts=True))

    assert await alert(store, an_alert(1, KENT, KSS)) == 2


@pytest.mark.parametrize("step", [Step.LEFT, Step.PAUSED, Step.REMOVED, Step.ERASED])
async def test_who_has_left_or_pauses_is_not_written_to(store: SqlStore, step: Step) -> None:
    one = await a_reader(store, "ada")
    await store.subscriptions.take(one.subscriber, 1, step, WEB, NOON, until=DAY + timedelta(days=9))

    assert not await store.watches.has_readers(an_alert(), since=MIDNIGHT, per_day=3)
    assert await alert(store, an_alert()) == 0


async def test_who_has_not_confirmed_is_not_written_to(store: SqlStore) -> None:
    asked = await store.subscriptions.ask("ada@example.org", WATCHING, WEB, NOON)
    assert await alert(store, an_alert()) == 0

    await store.subscriptions.take(asked.subscriber, 1, Step.CONFIRMED, WEB, NOON)
    assert await alert(store, an_alert()) == 1


async def watched(store: SqlStore) -> list[tuple[str, bool]]:
    async with store.database.read() as connection:
        rows = await connection.execute(select(watches).order_by(watches.c.provider_id))
        return [(row.provider_id, row.alerts) for row in rows]


async def test_whom_somebody_watches_changes_with_their_wishes_whichever_way_they_come(
    store: SqlStore,
) -> None:
    one = await a_reader(store, "ada", Wishes(watched=(KENT, KSS, KENT)))
    assert await watched(store) == [(KENT, False), (KSS, False)]

    await store.subscriptions.take(one.subscriber, 1, Step.WISHED, WEB, NOON, wishes=WATCHING)
    assert await watched(store) == [(KENT, True)]

    await store.subscriptions.take(one.subscriber, 1, Step.MOVED, WEB, NOON, address="new@example.org")
    assert await watched(store) == [(KENT, True)]

    await store.subscriptions.add("new@example.org", Wishes(), NOON)
    assert await watched(store) == []


async def test_who_comes_back_watches_what_they_ask_for_now(store: SqlStore) -> None:
    one = await a_reader(store, "ada")
    await store.subscriptions.take(one.subscriber, 1, Step.LEFT, WEB, NOON)

    await store.subscriptions.ask("ada@example.org", Wishes(watched=(KSS,)), WEB, NOON)

    assert await watched(store) == [(KSS, False)]


async def test_of_who_is_forgotten_nobody_knows_whom_they_watched(store: SqlStore) -> None:
    one = await a_reader(store, "ada")

    await store.subscriptions.take(one.subscriber, 1, Step.ERASED, WEB, NOON)

    assert await watched(store) == []


# -- once, and not too often --------------------------------------------------------------------------------


async def test_one_story_is_alerted_once_however_many_look(store: SqlStore) -> None:
    for n in range(5):
        await a_reader(store, f"p{n}")

    counts = await asyncio.gather(*(alert(store, an_alert()) for _ in range(4)))

    assert sum(counts) == 5
    assert len(await written(store)) == 5
    assert not await store.watches.has_readers(an_alert(), since=MIDNIGHT, per_day=3)


async def test_many_are_written_to_a_part_at_a_time(store: SqlStore) -> None:
    for n in range(5):
        await a_reader(store, f"p{n}")

    assert [await alert(store, an_alert(), limit=2) for _ in range(4)] == [2, 2, 1, 0]


async def test_nobody_gets_more_in_a_day_than_the_cap_allows(store: SqlStore) -> None:
    await a_reader(store, "ada")

    today = [await alert(store, an_alert(item), per_day=2) for item in (1, 2, 3)]
    assert today == [1, 1, 0]
    assert not await store.watches.has_readers(an_alert(3), since=MIDNIGHT, per_day=2)

    morrow = {"now": LATER, "since": MIDNIGHT + timedelta(days=1)}
    assert await alert(store, an_alert(3), per_day=2, **morrow) == 1


async def test_the_cap_holds_where_several_look_at_once(store: SqlStore) -> None:
    await a_reader(store, "ada")

    await asyncio.gather(*(alert(store, an_alert(item), per_day=2) for item in range(1, 7)))

    assert len(await written(store)) == 2


# -- the weekly proof of life -------------------------------------------------------------------------------

PROOF = Wishes(proof_of_life=True)
WEEK = DAY - timedelta(days=6)


async def unheard(store: SqlStore, *, after: int = 0, limit: int = 100, **more: Any) -> list[str]:
    given: dict[str, Any] = {"since": NOON - timedelta(days=7), "prefix": "proof 2020-W10 "}
    found = await store.watches.without_edition(WEEK, DAY, after=after, limit=limit, **given | more)
    return [one.address.partition("@")[0] for one in found]


async def test_who_asked_for_a_sign_of_life_is_found_a_part_at_a_time(store: SqlStore) -> None:
    first, *_ = [await a_reader(store, name, PROOF) for name in ("ada", "ben", "cleo")]
    await a_reader(store, "dan", Wishes())

    assert await unheard(store) == ["ada", "ben", "cleo"]
    assert await unheard(store, after=first.subscriber, limit=1) == ["ben"]
    [one, *_] = await store.watches.without_edition(WEEK, DAY, since=NOON, prefix="proof ", after=0, limit=1)
    assert (one.subscriber, one.generation, one.wishes) == (first.subscriber, 1, PROOF)


async def test_who_joined_this_week_or_pauses_is_not_told_of_it(store: SqlStore) -> None:
    await store.subscriptions.add("new@example.org", PROOF, NOON - timedelta(days=2))
    away = await a_reader(store, "away", PROOF)
    await store.subscriptions.take(away.subscriber, 1, Step.PAUSED, WEB, NOON, until=DAY)

    assert await unheard(store) == []


async def test_who_has_the_letter_is_not_found_again(store: SqlStore) -> None:
    one = await a_reader(store, "ada", PROOF)
    week = QuietWeek(sources=7, troubled=(), first=date(2020, 2, 29), last=date(2020, 3, 6))
    content = ProofOfLife(subscriber=one.subscriber, generation=1, week=week, narrowed=False)
    proof = Letter(content=content, address=one.address, expires_at=LATER)

    await store.letters.write_all([proof, proof], NOON)
    await store.letters.write_all([], NOON)

    assert await unheard(store) == []
    assert await unheard(store, prefix="proof 2020-W11 ") == ["ada"]
    assert [letter.kind for letter in await store.letters.of(one.subscriber)] == [ProofOfLife.kind]


@pytest.mark.parametrize("state", State)
async def test_only_who_was_left_out_of_an_edition_counts_as_unheard(store: SqlStore, state: State) -> None:
    """Who is owed an edition has news to come: silence would be a lie."""
    await a_reader(store, "ada", PROOF)
    await store.editions.seal(an_assembly(), NOON)
    await plan(store, DAY)
    async with store.database.write() as connection:
        await connection.execute(update(deliveries).values(state=state))

    assert await unheard(store) == (["ada"] if state is State.SKIPPED else [])


async def test_an_edition_of_the_week_before_does_not_count(store: SqlStore) -> None:
    await a_reader(store, "ada", PROOF)
    day = WEEK - timedelta(days=1)
    await store.editions.seal(an_assembly(day), NOON)
    await plan(store, day)

    assert await unheard(store) == ["ada"]
    found = await store.subscriptions.find("ada@example.org")
    assert found is not None
    assert found.standing is Standing.ACTIVE
