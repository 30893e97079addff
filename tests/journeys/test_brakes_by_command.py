"""An operator holds, releases, pauses, renames and forgets sources by command, and sees how each is."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from builders import a_candidate, admitting
from feed_cases import BEGIN, HERE, Stage, a_feed, a_report, stage
from journey_place import TWO_SOURCES, Place
from servers.publisher import Publisher, say

from digest.adapters.clock import SystemClock
from digest.identity import Fresh
from digest.items import Item
from digest.sources import Polled
from digest.store.candidates import write_in_shadow
from digest.store.sql import SqlStore

SOURCE, BLOG = "hmi-probation", "russell-webster"
MANY = [f"Old-{n}" for n in range(12)]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def answers(made: Stage, *names: str) -> None:
    made.publisher.routes[f"/{SOURCE}"] = say(200, a_feed(*names))
    for name in names:
        made.publisher.routes[f"/{name}"] = say(200, a_report(name), Content_Type="text/html")


def edit(place: Place, old: str, new: str, *, file: str = "sources.yaml") -> None:
    text = (place.config / file).read_text()
    assert old in text
    (place.config / file).write_text(text.replace(old, new))


def asked(place: Place, *words: str) -> Any:
    return json.loads(place.digest("sources", *words, "--json"))


async def poll(store: SqlStore, source: str, *names: str, held: bool = False) -> None:
    """A poll just now, which brought these items."""
    now = SystemClock().now()
    new = [Fresh(item=Item(title=name), keys=(f"guid:{name}",)) for name in names]
    memory = Polled(source=source, next_poll_at=now, checked_at=now, full_at=now, began_at=now)
    decide = admitting(memory, new, held=new if held else ())
    await store.sources.take_in(source, new, decide, now=now)


@pytest.fixture(autouse=True)
def _two_sources(place: Place) -> None:
    (place.config / "sources.yaml").write_text(TWO_SOURCES)


async def test_a_moved_archive_is_held_shown_and_released_by_one_command(place: Place) -> None:
    async with place.opened() as store, stage("baseline-lost", store, sources={SOURCE: HERE}) as made:
        answers(made, "Known")
        await made.poll(BEGIN)
        answers(made, *MANY, "Known")
        await made.poll(BEGIN + HOUR)

        shown = place.digest("sources", "show", SOURCE)
        assert "12 items, 12 new items at once, where 10 are likely\n  Old-0 (undated) http" in shown
        assert f"`digest sources release {SOURCE}`" in shown
        assert "12 items are held" in place.digest("sources", "list")
        assert asked(place, "show", SOURCE)["held"] == 12
        assert [one["held"] for one in asked(place, "list")] == [12, 0]

        assert place.digest("sources", "release", SOURCE) == (
            f"{SOURCE}: 12 items are released, and read with the next poll\n"
        )
        assert asked(place, "release", SOURCE) == {"source": SOURCE, "released": 0}
        await made.poll(SystemClock().now())
        assert {state for _, state in await made.items()} == {"baseline", "read"}


async def test_a_source_whose_server_has_moved_for_good_is_shown_with_its_new_address(place: Place) -> None:
    new, now = "https://new.example/feed", SystemClock().now()
    async with place.opened() as store:
        await store.sources.record(
            SOURCE, lambda _: Polled(source=SOURCE, next_poll_at=now, checked_at=now, moved_to=new)
        )

    assert f"it has moved for good to {new}: change its url" in place.digest("sources", "show", SOURCE)
    assert asked(place, "show", SOURCE)["moved_to"] == new


async def test_a_moved_archive_is_known_only_by_one_command(place: Place) -> None:
    async with place.opened() as store:
        await poll(store, SOURCE, *MANY, held=True)

        assert asked(place, "baseline", SOURCE) == {"source": SOURCE, "known": 12, "next_list": False}
        [first, *_] = asked(place, "show", SOURCE)["no_news"]
        assert (first["state"], first["why"]) == ("baseline", "an operator made it known only")

        asked(place, "baseline", SOURCE, "--next")
        [memory] = await store.sources.polled()
        assert memory.baselined_at is None


async def test_what_comes_new_is_held_until_it_is_released(place: Place) -> None:
    async with place.opened() as store, stage("baseline-lost", store, sources={SOURCE: HERE}) as made:
        answers(made, "Known")
        await made.poll(BEGIN)
        assert asked(place, "hold", SOURCE) == {"source": SOURCE, "holding": True}
        answers(made, "Marsh", "Known")
        await made.poll(BEGIN + HOUR)
        assert ("Marsh", "held") in await made.items()
        assert "all that is new is held since" in place.digest("sources", "list")

        place.digest("sources", "release", SOURCE)
        answers(made, "Beck", "Marsh", "Known")
        await made.poll(SystemClock().now())
        assert await made.items() == [("Beck", "read"), ("Known", "baseline"), ("Marsh", "read")]


async def test_what_an_operator_makes_known_ends_the_holding_as_a_release_does(place: Place) -> None:
    async with place.opened() as store, stage("baseline-lost", store, sources={SOURCE: HERE}) as made:
        answers(made, "Known")
        await made.poll(BEGIN)
        for options in ((), ("--next",)):
            place.digest("sources", "hold", SOURCE)
            place.digest("sources", "baseline", SOURCE, *options)
            assert (await made.polled(SOURCE)).held_at is None


async def test_a_source_is_paused_and_resumed_without_an_edit_of_a_file(place: Place) -> None:
    async with place.opened() as store:
        await poll(store, SOURCE, "a")
        day = (SystemClock().now() + 3 * DAY).date()

        assert asked(place, "pause", SOURCE, "--until", str(day))["until"].startswith(str(day))
        place.digest("sources", "pause", BLOG)
        assert [(one["health"], one["paused"]) for one in asked(place, "list")] == [("paused", True)] * 2
        assert "paused until you resume it" in place.digest("sources", "show", BLOG)

        assert asked(place, "resume", SOURCE) == {"source": SOURCE, "paused": False}
        assert [one["paused"] for one in asked(place, "list")] == [False, True]
    place.digest("sources", "pause", SOURCE, "--until", "soon", expect=2)
    place.digest("sources", "pause", SOURCE, "--until", "2020-01-01", expect=2)


async def test_a_source_keeps_its_history_under_a_new_id(place: Place) -> None:
    async with place.opened() as store:
        await poll(store, BLOG, "a", "b")
        place.digest("sources", "move", BLOG, "webster", expect=2)
        edit(place, f"id: {BLOG}", "id: webster")

        assert asked(place, "move", BLOG, "webster") == {"from": BLOG, "to": "webster", "items": 2}
        assert set((await store.sources.seen("webster")).keys) == {"guid:a", "guid:b"}
        place.digest("sources", "move", BLOG, "webster", expect=2)


async def test_a_source_is_forgotten_once_it_is_gone_from_the_file(place: Place) -> None:
    with (place.config / "sources.yaml").open("a") as file:
        file.write(
            "  - {id: ofsted, name: Ofsted, url: 'https://gov.example/o', authority: blog, enabled: false}\n"
        )
    async with place.opened() as store:
        await poll(store, "gone", "a")
        await poll(store, "ofsted", "a")

        assert asked(place, "forget", "gone", "--yes") == {"source": "gone", "deleted": 1, "kept": 0}
        assert [memory.source for memory in await store.sources.polled()] == ["ofsted"]
        for id in ("gone", SOURCE, "ofsted"):  # the last is switched off, and in the file
            place.digest("sources", "forget", id, "--yes", expect=2)
        assert len((await store.sources.seen("ofsted")).keys) == 1


async def test_a_source_in_shadow_shows_operators_what_it_would_have_told(place: Place) -> None:
    edit(place, f"id: {SOURCE}", f"id: {SOURCE}\n    shadow: 14d")
    async with place.opened() as store:
        assert asked(place, "show", SOURCE)["shadow"] is True
        await poll(store, SOURCE, "Marsh")
        now = SystemClock().now()
        [item] = await store.items.unread(SOURCE, limit=1, now=now)
        async with store.database.write() as connection:
            await write_in_shadow(connection, a_candidate(item.id, provider="marsh-pdu"))
        shown = place.digest("sources", "show", SOURCE)
        assert "Marsh Pdu: upgrade requires improvement to good" in shown
        assert "only once you accept it: Marsh Pdu is not in the register" in shown
        begun = Polled(source=SOURCE, next_poll_at=now, began_at=now - 13 * DAY, checked_at=now)
        await store.sources.record(SOURCE, lambda _: begun)
        assert asked(place, "show", SOURCE)["health"] == "shadow"
        assert "only operators see what it lists" in place.digest("sources", "list")

        await store.sources.record(SOURCE, partial(_begun, at=now - 14 * DAY))
        assert asked(place, "show", SOURCE)["shadow"] is False


def _begun(before: Polled | None, at: Any) -> Polled:
    assert before is not None
    return Polled(source=before.source, next_poll_at=at, began_at=at)


async def test_an_address_is_asked_and_nothing_is_stored(place: Place) -> None:
    edit(place, "allow_private: false", "allow_private: true", file="digest.yaml")
    async with Publisher() as publisher:
        publisher.routes["/feed"] = say(200, a_feed("Marsh"), ETag='"1"', Content_Type="application/rss+xml")
        publisher.routes["/robots.txt"] = say(200, b"User-agent: *\nDisallow: /Marsh\n")
        edit(place, "https://www.russellwebster.com/feed/", publisher.url("/feed"))

        said = await asyncio.to_thread(asked, place, "check", BLOG)
        assert (said["items"], said["etag"], said["trouble"]) == (1, '"1"', None)
        assert said["page"]["answer"].endswith("forbids this page")

        publisher.routes["/feed"] = say(200, b"<p>Sorry.</p>")
        said = await asyncio.to_thread(place.digest, "sources", "check", BLOG, expect=1)
        assert "it cannot be listed" in said
    async with place.opened() as store:
        assert await store.sources.polled() == []


def test_an_unknown_id_is_refused(place: Place) -> None:
    for command in ("show", "check", "hold", "release", "baseline", "pause", "resume", "forget"):
        place.digest("sources", command, "nobody", *(["--yes"] if command == "forget" else []), expect=2)
