"""What the store promises of sources, items and the register, on either database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import KENT, PROBATION, a_candidate, a_post, a_provider, a_rating, admitting
from store_values import MINUTE, NOON

from digest.changes import Movement
from digest.edition import StoryKey
from digest.identity import Fresh, Known
from digest.items import Item, Page
from digest.ports import Unread
from digest.ratings import OVERALL, Precision
from digest.reports import Kind, Reading
from digest.sources import Polled, Validators
from digest.store.sql import SqlStore

PAGE = Page(url="https://inspectorate.example/1", body=b"<p>Kent.</p>", content_type=None, fetched_at=NOON)
READING = Reading(
    kind=Kind.INSPECTION, inspectorate="hmi-probation", published=None, title="Kent", reports=()
)


def polled(source: str = "hmip", **facts: object) -> Polled:
    return Polled(**({"source": source, "next_poll_at": NOON} | facts))  # type: ignore[arg-type]


def fresh(name: str) -> Fresh:
    return Fresh(
        item=Item(title=name, guid=name, link=f"https://inspectorate.example/{name}"),
        keys=(f"id:{name}", f"link:{name}"),
    )


async def list_items(store: SqlStore, *names: str, source: str = "hmip") -> list[Unread]:
    """The named items, listed by a source and waiting to be read."""
    listed = [fresh(name) for name in names]
    await store.sources.take_in(source, listed, admitting(polled(source), listed), now=NOON)
    return await store.items.unread(source, limit=100, now=NOON)


# -- sources --------------------------------------------------------------------------------------------


async def test_a_poll_is_remembered_whole(store: SqlStore) -> None:
    memory = polled(
        validators=Validators(etag='"v1"', last_modified="Tue, 03 Mar 2020 09:00:00 GMT"),
        baselined_at=NOON - 5 * MINUTE,
        checked_at=NOON,
        full_at=NOON,
        failures=3,
        trouble="it answered 503",
    )
    await store.sources.record("hmip", lambda _: polled())
    await store.sources.record("hmip", lambda _: memory)

    assert await store.sources.polled() == [memory]


async def test_a_new_source_floods_nobody(store: SqlStore) -> None:
    """Its first items are known from then on, and none of them waits to be read."""
    old = [fresh("a"), fresh("b")]

    await store.sources.take_in("hmip", old, admitting(polled(), old, known=old), now=NOON)

    assert await store.items.unread("hmip", limit=10, now=NOON) == []
    assert set((await store.sources.seen("hmip")).keys) == {"id:a", "link:a", "id:b", "link:b"}


async def test_every_key_of_an_item_leads_to_it(store: SqlStore) -> None:
    [one] = await list_items(store, "a")

    assert (await store.sources.seen("hmip")).keys == {"id:a": one.id, "link:a": one.id}
    assert one.item == fresh("a").item


async def test_new_items_are_counted_by_day_and_baselines_are_none(store: SqlStore) -> None:
    """A day begins at midnight in UTC, and an item counts whether it is read or parked by now."""
    midnight = NOON.replace(hour=0, minute=0)
    for at, names in (
        (midnight - MINUTE, ["a"]),
        (midnight, ["b", "c"]),
        (NOON, ["d"]),
        (NOON - timedelta(days=500), ["e"]),
    ):
        listed = [fresh(name) for name in names]
        await store.sources.take_in("hmip", listed, admitting(polled(), listed), now=at)
    blog = [fresh("b")]
    await store.sources.take_in("blog", blog, admitting(polled("blog"), blog), now=NOON)
    known = [fresh(name) for name in "xyz"]
    await store.sources.take_in("hmip", known, admitting(polled(), known, known=known), now=NOON)
    [first, *_] = await store.items.unread("hmip", limit=9, now=NOON)
    await store.items.park(first.id, "404")

    days = {NOON.date() - timedelta(days=1): 1, NOON.date(): 3}
    since = NOON - timedelta(days=400)
    assert await store.sources.new_by_day(since) == {"hmip": days, "blog": {NOON.date(): 1}}
    assert await store.sources.new_by_day(since, source="hmip") == {"hmip": days}


async def test_two_sources_may_list_the_same_address(store: SqlStore) -> None:
    await list_items(store, "a")

    assert len(await list_items(store, "a", source="notebook")) == 1
    assert len((await store.sources.seen("hmip")).keys) == 2


async def test_two_workers_that_poll_one_source_take_each_item_in_once(store: SqlStore) -> None:
    listed = [fresh("a"), fresh("b")]

    counts = await asyncio.gather(
        *(store.sources.take_in("hmip", listed, admitting(polled(), listed), now=NOON) for _ in range(4))
    )

    assert sum(count.listed for count in counts) == 2
    assert [w.item.title for w in await store.items.unread("hmip", limit=10, now=NOON)] == ["a", "b"]


async def test_an_item_that_lost_one_key_to_another_is_left_out(store: SqlStore) -> None:
    await list_items(store, "a")
    changed = Fresh(
        item=Item(title="a again", link="https://inspectorate.example/a"), keys=("link:a", "id:z")
    )

    assert (
        await store.sources.take_in("hmip", [changed], admitting(polled(), [changed]), now=NOON)
    ).listed == 0
    assert "id:z" not in (await store.sources.seen("hmip")).keys


async def test_what_is_kept_of_listed_items_tells_whether_they_are_listed_again(store: SqlStore) -> None:
    [one] = await list_items(store, "a")
    await list_items(store, "b")

    seen = await store.sources.seen("hmip", {"id:a", "id:c"})

    assert seen.keys == {"id:a": one.id}
    assert [(kept.title, kept.guid, kept.link) for kept in seen.items.values()] == [
        ("a", "a", "https://inspectorate.example/a")
    ]


async def test_a_known_item_learns_keys_and_the_key_that_showed_it_is_kept(store: SqlStore) -> None:
    [one, two] = await list_items(store, "a", "b")
    known = Known(item=one.item, id=one.id, by="id:a", keys=("page:moved", "link:b"))

    await store.sources.learn("hmip", [known], now=NOON)

    assert (await store.sources.seen("hmip")).keys | {"page:moved": one.id, "link:b": two.id} == (
        await store.sources.seen("hmip")
    ).keys
    assert {key.key: key.by for key in await store.items.keys(one.id)} == {
        "id:a": None,
        "link:a": None,
        "page:moved": "id:a",
    }


async def test_an_item_whose_source_writes_new_ids_each_time_has_24_keys_at_most(store: SqlStore) -> None:
    [one] = await list_items(store, "a")

    for build in range(30):
        known = Known(item=one.item, id=one.id, by="link:a", keys=(f"guid:build-{build}",))
        await store.sources.learn("hmip", [known], now=NOON)

    assert len(await store.items.keys(one.id)) == 24


# -- items ----------------------------------------------------------------------------------------------


async def test_items_wait_in_the_order_they_were_listed(store: SqlStore) -> None:
    await list_items(store, "b", "a", "c")

    first = await store.items.unread("hmip", limit=2, now=NOON)
    assert [w.item.title for w in first] == ["b", "a"]


async def test_an_item_put_off_comes_back_in_its_time(store: SqlStore) -> None:
    [one] = await list_items(store, "a")

    await store.items.put_off(one.id, "it answered 503", until=NOON + 30 * MINUTE)

    assert await store.items.unread("hmip", limit=10, now=NOON + 29 * MINUTE) == []
    [again] = await store.items.unread("hmip", limit=10, now=NOON + 30 * MINUTE)
    assert (again.id, again.attempts) == (one.id, 1)


async def test_a_parked_item_does_not_come_back_and_stays_known(store: SqlStore) -> None:
    [one] = await list_items(store, "a")

    await store.items.park(one.id, "no text in it")

    assert await store.items.unread("hmip", limit=10, now=NOON + timedelta(days=9)) == []
    assert await list_items(store, "a") == []


async def test_an_item_is_read_once_by_any_process(store: SqlStore) -> None:
    [one] = await list_items(store, "a")
    candidate = a_candidate(one.id)

    done = await asyncio.gather(*(store.items.file(one.id, PAGE, READING, [candidate]) for _ in range(3)))

    assert sorted(done) == [False, False, True]
    assert await store.items.unread("hmip", limit=10, now=NOON) == []
    assert len(await store.providers.history(KENT)) == 1


async def test_what_was_read_is_not_parked_by_a_slower_worker(store: SqlStore) -> None:
    [one] = await list_items(store, "a")
    await store.items.file(one.id, PAGE, READING, [a_candidate(one.id, found_at=NOON)])

    await store.items.park(one.id, "too slow")
    await store.items.put_off(one.id, "too slow", until=NOON)

    assert await store.items.unread("hmip", limit=10, now=NOON + MINUTE) == []
    assert len(await store.editions.waiting(NOON + MINUTE)) == 1


# -- the history ----------------------------------------------------------------------------------------


async def test_an_official_candidate_enters_the_history_aspect_by_aspect(store: SqlStore) -> None:
    [one] = await list_items(store, "a")
    candidate = a_candidate(one.id, aspects={"staff": ("inadequate", Movement.DOWNGRADE)})

    await store.items.file(one.id, PAGE, READING, [candidate])

    held = {r.aspect: (r.grade, r.published_on, r.link) for r in await store.providers.history(KENT)}
    assert held == {
        OVERALL: ("good", candidate.published, candidate.link),
        "staff": ("inadequate", candidate.published, candidate.link),
    }


@pytest.mark.parametrize("precision", Precision)
async def test_the_history_keeps_how_much_is_known_of_a_date(store: SqlStore, precision: Precision) -> None:
    held = a_rating("good", date(2018, 1, 1), published_precision=precision)

    await store.providers.load([a_provider()], [held])

    assert await store.providers.history(KENT) == [held]


async def test_a_blog_never_enters_the_history(store: SqlStore) -> None:
    [one] = await list_items(store, "a", source="notebook")

    await store.items.file(one.id, PAGE, READING, [a_post(one.id)])

    assert await store.providers.history(KENT) == []
    assert len(await store.editions.waiting(NOON + timedelta(days=9999))) == 1


async def test_a_provider_we_did_not_know_is_proposed_not_merged(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [])
    [one] = await list_items(store, "a")
    candidate = a_candidate(one.id, provider="medway-pdu", provider_name="Medway PDU")

    await store.items.file(one.id, PAGE, READING, [candidate])

    register = await store.providers.register()
    proposed = register.get("medway-pdu")
    assert proposed is not None
    assert (proposed.name, proposed.inspectorate) == ("Medway PDU", "hmi-probation")
    assert register.get(KENT) == a_provider()


async def test_laying_the_register_down_again_keeps_what_was_read(store: SqlStore) -> None:
    """An operator's correction of the register takes nothing from the history that reports made."""
    await store.providers.load([a_provider()], [a_rating("inadequate")])
    [one] = await list_items(store, "a")
    await store.items.file(one.id, PAGE, READING, [a_candidate(one.id)])

    await store.providers.load([a_provider(name="Kent unit")], [a_rating("requires improvement")])

    assert {r.grade for r in await store.providers.history(KENT)} == {"requires improvement", "good"}
    kent = (await store.providers.register()).get(KENT)
    assert kent is not None
    assert kent.name == "Kent unit"


async def test_several_reports_of_one_page_keep_their_places(store: SqlStore) -> None:
    [one] = await list_items(store, "a")
    both = [
        a_candidate(one.id, 0, found_at=NOON),
        a_candidate(one.id, 1, provider="essex-pdu", grade="inadequate", found_at=NOON),
    ]

    await store.items.file(one.id, PAGE, READING, both)

    waiting = await store.editions.waiting(NOON + MINUTE)
    assert [w.key for w in waiting] == [StoryKey(item=one.id, place=0), StoryKey(item=one.id, place=1)]
    assert waiting == [replace(one, doubted=True) for one in both]  # the register has neither provider
    assert [r.scale for r in await store.providers.history("essex-pdu")] == [PROBATION]
