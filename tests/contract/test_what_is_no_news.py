"""What a source lists and nobody is told: baselines, held batches, moves, shadow; and its history."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from builders import KENT, a_candidate, a_provider, admitting
from feed_cases import BEGIN, HERE, MINUTE, Stage, a_feed, a_report, stage
from servers.publisher import say
from sqlalchemy import select

from digest.admission import Fate, Look, admit
from digest.health import Health, Watched
from digest.identity import Fresh
from digest.items import Item, Page
from digest.jobs.publish import notes
from digest.letters import Letter
from digest.reports import Kind, Reading
from digest.sources import Polled, Validators, paused, released, rested, resumed, succeeded
from digest.store.sources import AT_ONCE, _together
from digest.store.sql import SqlStore
from digest.store.tables import changes, doubts, items, ratings, reports

HALF_AN_HOUR, HOUR, DAY = 30 * MINUTE, timedelta(hours=1), timedelta(days=1)
LATER = BEGIN + 31 * MINUTE
PAGE = Page(url="https://inspectorate.example/1", body=b"<p>Kent.</p>", content_type=None, fetched_at=BEGIN)
READING = Reading(
    kind=Kind.INSPECTION, inspectorate="hmi-probation", published=None, title="Kent", reports=()
)
MANY = [f"Old-{n}" for n in range(12)]


def feed(store: SqlStore) -> AbstractAsyncContextManager[Stage]:
    return stage("baseline-lost", store, sources={"feed": HERE})


def answers(made: Stage, *names: str, path: str = "feed") -> None:
    """From now on the feed lists the names, each with a page of its own."""
    made.publisher.routes[f"/{path}"] = say(200, a_feed(*names))
    for name in names:
        made.publisher.routes[f"/{name}"] = say(200, a_report(name), Content_Type="text/html")


def with_facts(made: Stage, **facts: Any) -> None:
    """From now on the source is as the operator has changed it in the file."""
    [source] = made.poller.sources
    made.poller = replace(made.poller, sources=(replace(source, **facts),))


async def states(made: Stage) -> Counter[str]:
    return Counter(state for _, state in await made.items())


def fresh(name: str) -> Fresh:
    return Fresh(item=Item(title=name), keys=(f"guid:{name}",))


# -- baselines ----------------------------------------------------------------------------------------


async def test_two_pollers_at_once_make_one_baseline_and_what_only_one_of_them_saw_is_news(
    store: SqlStore,
) -> None:
    """One of them has asked a moment later, when the source listed one item more."""
    async with feed(store) as made:
        [source] = made.poller.sources

    async def poll(*names: str) -> None:
        new = [fresh(name) for name in names]
        look = Look(source=source, fresh=new, known=[], at=BEGIN)
        good = partial(succeeded, source, validators=Validators(), now=BEGIN)
        await store.sources.take_in(source.id, new, partial(admit, look, after=good), now=BEGIN)

    await asyncio.gather(poll("a", "b"), poll("a", "b", "c"))

    async with store.database.read() as connection:
        rows = (await connection.execute(select(items.c.title, items.c.state))).all()
    found = {row.title: row.state.value for row in rows}
    assert (found["a"], found["b"]) == ("baseline", "baseline")
    assert found["c"] in {"baseline", "listed"}  # whichever of them came first
    [memory] = await store.sources.polled()
    assert memory.baselined_at == BEGIN


async def test_a_source_that_failed_at_first_begins_with_a_baseline(store: SqlStore) -> None:
    async with feed(store) as made:
        made.publisher.routes["/feed"] = say(503)
        await made.poll(BEGIN)
        answers(made, "a", "b")
        await made.poll(BEGIN + 7 * HOUR)

        assert (await states(made), (await made.polled()).trouble) == ({"baseline": 2}, None)


async def test_a_source_that_was_paused_for_two_months_begins_anew(store: SqlStore) -> None:
    async with feed(store) as made:
        answers(made, "Known")
        await made.poll(BEGIN)
        await store.sources.record("feed", partial(paused, "feed", now=BEGIN, until=BEGIN + 60 * DAY))
        answers(made, "a", "b", "Known")
        await made.poll(LATER)
        assert await states(made) == {"baseline": 1}

        await made.poll(BEGIN + 60 * DAY)

        assert await states(made) == {"baseline": 3}
        assert [one.why for one in await store.admissions.set_aside("feed", since=BEGIN, limit=9)] == [
            "the source was not listed for 60 days"
        ] * 2


# -- held ---------------------------------------------------------------------------------------------


async def test_a_batch_is_held_with_a_sample_until_it_is_released(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with feed(store) as made:
        answers(made, "Known")
        await made.poll(BEGIN)
        answers(made, *MANY, "Known")
        for looks in range(3):
            await made.poll(LATER + looks * HALF_AN_HOUR)

        held = (await store.admissions.held())["feed"]
        assert (held.count, held.since, [item.title for item in held.sample]) == (12, LATER, MANY[:5])
        assert held.why == "12 new items at once, where 10 are likely"
        assert [r.getMessage() for r in caplog.records if "held" in r.getMessage()] == ["new items are held"]

        answers(made, "News", *MANY, "Known")
        await made.poll(LATER + 3 * HALF_AN_HOUR)
        assert await states(made) == {"baseline": 1, "held": 12, "read": 1}

        await store.sources.record("feed", partial(released, "feed", now=made.clock.now()))
        assert await store.admissions.release("feed", now=made.clock.now()) == 12
        await made.poll(made.clock.now())
        assert await states(made) == {"baseline": 1, "read": 13}
        assert await store.admissions.held() == {}


async def test_a_flood_fills_nothing_and_what_was_left_out_comes_after_the_decision(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.jobs.poll.MOST_HELD", 12)
    async with feed(store) as made:
        answers(made, "Known")
        await made.poll(BEGIN)
        answers(made, *MANY, "Known")
        await made.poll(LATER)
        late = [f"Late-{n}" for n in range(5)]
        answers(made, *MANY, *late, "Known")
        await made.poll(LATER + HOUR)

        assert await states(made) == {"baseline": 1, "held": 12}

        await store.admissions.baseline("feed", why="it has moved")
        await made.poll(LATER + 2 * HOUR)

        assert await states(made) == {"baseline": 13, "read": 5}


async def test_a_held_item_is_read_as_it_is_listed_when_it_is_released(store: SqlStore) -> None:
    async with feed(store) as made:
        answers(made, "Known")
        await made.poll(BEGIN)
        answers(made, *MANY, "Known")
        await made.poll(LATER)
        edited = a_feed(*MANY, "Known").replace(b"<title>Old-3</title>", b"<title>Old-3, mended</title>")
        made.publisher.routes["/feed"] = say(200, edited)
        await made.poll(LATER + HALF_AN_HOUR)

        assert ("Old-3, mended", "held") in await made.items()


async def test_a_batch_that_an_operator_knows_is_never_read(store: SqlStore) -> None:
    async with feed(store) as made:
        answers(made, "Known")
        await made.poll(BEGIN)
        answers(made, *MANY, "Known")
        await made.poll(LATER)

        assert await store.admissions.baseline("feed", why="it has moved") == 12
        await made.poll(LATER + HOUR)
        assert await states(made) == {"baseline": 13}
        assert await store.sources.new_by_day(BEGIN - DAY) == {}


async def test_only_what_one_source_holds_is_released(store: SqlStore) -> None:
    for source in ("one", "other"):
        new = [fresh("a")]
        memory = Polled(source=source, next_poll_at=BEGIN)
        await store.sources.take_in(source, new, admitting(memory, new, held=new), now=BEGIN)

    assert await store.admissions.release("one", now=BEGIN) == 1
    assert list(await store.admissions.held()) == ["other"]


async def test_what_is_left_of_a_batch_after_a_crash_is_held_like_the_rest(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long list is stored in parts, and what is left of this one would be few enough to be news."""
    archive = [f"Old-{n}" for n in range(AT_ONCE + 5)]
    async with feed(store) as made:
        answers(made, "Known")
        await made.poll(BEGIN)
        answers(made, *archive, "Known")
        with monkeypatch.context() as crash:
            written = iter([_together])

            def once(*given: Any) -> Any:
                return next(written)(*given)

            crash.setattr("digest.store.sources._together", once)
            await made.poll(LATER)
        assert await states(made) == {"baseline": 1, "held": AT_ONCE}

        await made.poll(LATER + HOUR)
        assert await states(made) == {"baseline": 1, "held": AT_ONCE + 5}


async def test_no_edition_notes_a_source_in_shadow(store: SqlStore) -> None:
    async with feed(store) as made:
        with_facts(made, shadow=14 * DAY)
        answers(made, "Known")
        await made.poll(BEGIN)

        assert await notes(made.poller.sources, store, LATER) == ()
        assert len(await notes(made.poller.sources, store, BEGIN + 14 * DAY)) == 1


# -- moves --------------------------------------------------------------------------------------------


async def test_a_source_that_gets_another_address_tells_no_old_news(store: SqlStore) -> None:
    """Its items are listed there under new addresses and ids, as the platform of the new site makes them."""
    async with feed(store) as made:
        answers(made, "Marsh", "Beck")
        await made.poll(BEGIN)
        [source] = made.poller.sources
        with_facts(made, url=source.url.replace("/feed", "/moved"))
        moved = (
            a_feed("Marsh", "Beck", "Ford")
            .replace(b"<link>/", b"<link>/site/")
            .replace(b"<guid>", b"<guid>x")
        )
        made.publisher.routes["/moved"] = say(200, moved)
        await made.poll(LATER)

        assert await states(made) == {"baseline": 5}
        polled = await made.polled()
        assert (polled.url, polled.baselined_at) == (made.poller.sources[0].url, BEGIN)

        answers(made, "Marsh", "Beck", "Ford", "News", path="moved")
        await made.poll(LATER + HALF_AN_HOUR)
        assert ("News", "read") in await made.items()


async def test_what_one_address_gave_as_validators_is_not_sent_to_another(store: SqlStore) -> None:
    async with feed(store) as made:
        made.publisher.routes["/feed"] = say(200, a_feed("Marsh"), ETag='"1"')
        await made.poll(BEGIN)
        with_facts(made, url=made.poller.sources[0].url.replace("/feed", "/moved"))
        made.publisher.routes["/moved"] = say(200, a_feed("Marsh"), ETag='"1"')
        await made.poll(LATER)

        assert not any("If-None-Match" in head for head in made.publisher.requests)


# -- shadow -------------------------------------------------------------------------------------------


async def test_a_source_in_shadow_is_read_and_nobody_but_operators_is_told(store: SqlStore) -> None:
    async with feed(store) as made:
        with_facts(made, shadow=14 * DAY)
        answers(made, "Known")
        await made.poll(BEGIN)
        answers(made, "Marsh", "Known")
        await made.poll(LATER)

        assert await made.items() == [("Known", "baseline"), ("Marsh", "read")]
        assert [one.title for one in await store.admissions.in_shadow("feed")] == ["Marsh"]
        assert await store.editions.waiting(LATER + DAY) == []

        answers(made, "Beck", "Marsh", "Known")
        await made.poll(BEGIN + 14 * DAY)
        assert [one.title for one in await store.editions.waiting(BEGIN + 15 * DAY)] == ["Beck"]
        assert [one.title for one in await store.admissions.in_shadow("feed")] == ["Marsh"]


async def test_what_is_listed_in_shadow_stays_in_shadow_also_if_it_is_read_later(store: SqlStore) -> None:
    async with feed(store) as made:
        with_facts(made, shadow=14 * DAY, pages=1)
        answers(made, "Known")
        await made.poll(BEGIN)
        answers(made, "Marsh", "Beck", "Known")
        await made.poll(BEGIN + 14 * DAY - HOUR)
        await made.poll(BEGIN + 14 * DAY)

        assert await states(made) == {"baseline": 1, "read": 2}
        assert await store.editions.waiting(BEGIN + 20 * DAY) == []


async def test_an_official_candidate_in_shadow_moves_no_history_and_asks_no_operator(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [])
    new = [fresh("a")]
    memory = Polled(source="feed", next_poll_at=BEGIN)

    def decide(_: Any) -> Any:
        return replace(admitting(memory, new)(_), shadow=True)

    await store.sources.take_in("feed", new, decide, now=BEGIN)
    [one] = await store.items.unread("feed", limit=1, now=BEGIN)
    unknown = a_candidate(one.id, provider="nobody-knows-it", provider_name="Nobody knows it")
    assert await store.items.file(
        one.id, PAGE, READING, [a_candidate(one.id), replace(unknown, key=replace(unknown.key, place=1))]
    )

    assert await store.providers.history(KENT) == []
    assert (await store.providers.register()).get("nobody-knows-it") is None
    async with store.database.read() as connection:
        for table in (reports, changes, ratings, doubts):
            assert (await connection.execute(select(table))).first() is None
    assert len(await store.admissions.in_shadow("feed")) == 2


# -- histories ----------------------------------------------------------------------------------------


async def listed(store: SqlStore, source: str, *names: str, fate: Fate = Fate.NEWS) -> None:
    new = [fresh(name) for name in names]
    memory = Polled(source=source, next_poll_at=BEGIN, baselined_at=BEGIN, held_at=None)
    known = new if fate is Fate.KNOWN else []
    await store.sources.take_in(source, new, admitting(memory, new, known=known), now=BEGIN)


async def test_a_source_keeps_its_history_under_a_new_id(store: SqlStore) -> None:
    await listed(store, "old", "a", "b")
    seen = await store.sources.seen("old")

    assert await store.histories.move("old", "new", LATER) == 2

    assert await store.sources.seen("new") == seen
    [memory] = await store.sources.polled()
    assert (memory.source, memory.baselined_at, memory.next_poll_at) == ("new", BEGIN, LATER)
    assert await store.histories.move("old", "new", LATER) is None


async def known_health(store: SqlStore, sources: list[str], *changed: Watched) -> list[Watched]:
    """What operators know of these sources, after it was changed."""
    known: list[Watched] = []

    def decide(before: Mapping[str, Watched]) -> tuple[list[Watched], list[Letter]]:
        known.extend((before | {one.source: one for one in changed}).values())
        return known, []

    await store.known_health.change(sources, decide, LATER)
    return sorted(known, key=lambda one: one.source)


async def test_what_operators_know_of_a_sources_health_goes_along_also_if_the_service_looked_meanwhile(
    store: SqlStore,
) -> None:
    await listed(store, "old", "a")
    told = Watched(source="old", known=Health.BLOCKED, told_at=BEGIN, fell_at=BEGIN)
    await known_health(store, ["old"], told)
    await known_health(store, ["new"], Watched(source="new", known=Health.SLOW))

    await store.histories.move("old", "new", LATER)

    assert await known_health(store, ["new"]) == [replace(told, source="new")]
    await store.histories.forget("new", LATER)
    assert await known_health(store, ["new"]) == [Watched(source="new")]


async def test_earlier_pauses_are_remembered_with_the_source(store: SqlStore) -> None:
    await listed(store, "old", "a")
    for at, after in ((BEGIN, paused), (BEGIN + 9 * DAY, resumed)):
        await store.sources.record("old", partial(after, "old", now=at))
    await store.histories.move("old", "new", LATER)

    [memory] = await store.sources.polled()
    assert len(rested(memory, BEGIN + 30 * DAY)) == 8


async def test_what_the_new_id_has_listed_already_stays_as_the_old_one_knew_it(store: SqlStore) -> None:
    """The file was edited first, and the source polled under its new id: that made a baseline."""
    await listed(store, "old", "a", "b")
    [one, _] = await store.items.unread("old", limit=9, now=BEGIN)
    await store.items.file(one.id, PAGE, READING, [a_candidate(one.id)])
    await listed(store, "new", "a", "b", "c", fate=Fate.KNOWN)

    await store.histories.move("old", "new", LATER)

    async with store.database.read() as connection:
        found = (await connection.execute(select(items.c.title, items.c.state).order_by(items.c.title))).all()
    assert [(row.title, row.state.value) for row in found] == [
        ("a", "read"),
        ("b", "listed"),
        ("c", "baseline"),
    ]
    assert len((await store.sources.seen("new")).keys) == 3


async def test_a_source_that_is_forgotten_leaves_what_editions_tell_of(store: SqlStore) -> None:
    await listed(store, "old", "a", "b")
    await listed(store, "other", "a")
    [one, _] = await store.items.unread("old", limit=9, now=BEGIN)
    await store.items.file(one.id, PAGE, READING, [a_candidate(one.id)])

    done = await store.histories.forget("old", LATER)

    assert done is not None
    assert (done.items, done.kept) == (1, 1)
    assert [c.key.item for c in await store.editions.waiting(LATER + DAY)] == [one.id]
    assert (await store.sources.seen("old")).keys == {"guid:a": one.id}
    assert len((await store.sources.seen("other")).keys) == 1
    assert {memory.source: memory.baselined_at for memory in await store.sources.polled()} == {
        "old": None,
        "other": BEGIN,
    }


async def test_a_source_without_reports_is_forgotten_whole(store: SqlStore) -> None:
    await listed(store, "old", "a", "b")

    await store.histories.forget("old", LATER)

    assert await store.sources.polled() == []
    assert (await store.sources.seen("old")).keys == {}
    assert await store.histories.forget("old", LATER) is None
