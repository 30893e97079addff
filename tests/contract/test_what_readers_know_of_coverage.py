"""What readers know of what no source covers, on both databases."""

from __future__ import annotations

from datetime import timedelta

from store_values import NOON

from digest.letter_kinds import CoverageChanged
from digest.letters import Letter
from digest.store.sql import SqlStore
from digest.subscriptions import Channel, Evidence, Step, Subscription, Wishes

HOUR = timedelta(hours=1)
PRISONS = "inspectorate hmi-prisons"
WEB = Evidence(channel=Channel.WEB)


async def a_reader(store: SqlStore, name: str) -> Subscription:
    wishes = Wishes(inspectorates=("hmi-prisons",))
    return await store.subscriptions.add(f"{name}@example.org", wishes, NOON)


def a_letter(reader: Subscription, occasion: str = "on 2026-03-10") -> Letter:
    content = CoverageChanged(
        subscriber=reader.subscriber,
        generation=reader.generation,
        occasion=occasion,
        uncovered=("HM Inspectorate of Prisons",),
    )
    return Letter(content=content, address=reader.address, expires_at=NOON + 24 * HOUR)


async def known(store: SqlStore) -> dict[str, frozenset[str]]:
    return {one.address: one.known for one in await store.gaps.readers(after=0, limit=10)}


async def test_since_when_something_is_covered_stays_until_something_else_is(store: SqlStore) -> None:
    first = await store.gaps.look("hmi-probation", NOON)
    assert (first.mark, first.since, first.told_at) == ("hmi-probation", NOON, None)

    await store.gaps.told("hmi-probation", NOON + HOUR)
    again = await store.gaps.look("hmi-probation", NOON + 2 * HOUR)
    assert (again.since, again.told_at) == (NOON, NOON + HOUR)

    other = await store.gaps.look("", NOON + 3 * HOUR)
    assert (other.mark, other.since, other.told_at) == ("", NOON + 3 * HOUR, None)


async def test_a_process_with_older_settings_does_not_note_that_readers_were_told(store: SqlStore) -> None:
    await store.gaps.look("hmi-prisons", NOON)
    await store.gaps.told("hmi-probation", NOON)

    assert (await store.gaps.look("hmi-prisons", NOON)).told_at is None


async def test_what_a_letter_tells_is_noted_with_it_and_once(store: SqlStore) -> None:
    ada = await a_reader(store, "ada")

    assert await store.gaps.tell(a_letter(ada), {PRISONS}, NOON)
    assert not await store.gaps.tell(a_letter(ada), (), NOON)  # the letter of that day says otherwise
    assert await known(store) == {ada.address: frozenset({PRISONS})}

    assert await store.gaps.tell(a_letter(ada, "on 2026-03-11"), (), NOON)
    assert await known(store) == {ada.address: frozenset()}


async def test_readers_come_page_by_page_and_only_those_who_get_editions(store: SqlStore) -> None:
    ada, ben, cleo = [await a_reader(store, name) for name in ("ada", "ben", "cleo")]
    await store.subscriptions.take(ben.subscriber, 1, Step.PAUSED, WEB, NOON)
    await store.gaps.note(cleo.subscriber, 1, {PRISONS})

    [first] = await store.gaps.readers(after=0, limit=1)
    [second] = await store.gaps.readers(after=first.subscriber, limit=1)

    assert (first.address, first.wishes, first.known) == (ada.address, ada.wishes, frozenset())
    assert (second.address, second.known) == (cleo.address, {PRISONS})
    assert await store.gaps.readers(after=second.subscriber, limit=1) == []


async def test_who_comes_back_after_leaving_knows_nothing_of_what_was_said_before(store: SqlStore) -> None:
    ada = await a_reader(store, "ada")
    await store.gaps.note(ada.subscriber, 1, {PRISONS})
    await store.subscriptions.take(ada.subscriber, 1, Step.LEFT, WEB, NOON)
    again = await a_reader(store, "ada")

    assert again.generation == 2
    assert await known(store) == {ada.address: frozenset()}
