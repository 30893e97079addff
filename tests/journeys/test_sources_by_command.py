"""`digest sources` and `digest status`: an operator sees what cannot be read, and has it read again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from feed_cases import BEGIN, HERE, Stage, a_feed, a_report, a_source, stage
from journey_place import TWO_SOURCES, Place
from servers.publisher import say

from digest.adapters.clock import SystemClock
from digest.jobs.not_read import TRIES
from digest.sources import failed, succeeded

SOURCE = "hmi-probation"
SEVEN_HOURS = timedelta(hours=7)


async def park(made: Stage, *names: str) -> datetime:
    """Items whose pages are gone are tried until they are parked; the time after that."""
    made.publisher.routes[f"/{SOURCE}"] = say(200, a_feed("Known"))
    await made.poll(BEGIN)
    made.publisher.routes[f"/{SOURCE}"] = say(200, a_feed(*names, "Known"))
    for tries in range(1, TRIES + 1):
        await made.poll(BEGIN + tries * SEVEN_HOURS)
    return BEGIN + (TRIES + 1) * SEVEN_HOURS


@pytest.fixture(autouse=True)
def _two_sources(place: Place) -> None:
    (place.config / "sources.yaml").write_text(TWO_SOURCES)


async def test_parked_items_are_listed_and_counted_and_one_is_read_again(place: Place) -> None:
    assert place.digest("sources", "parked") == "no item is parked\n"
    async with place.opened() as store, stage("baseline-lost", store, sources={SOURCE: HERE}) as made:
        later = await park(made, "a", "b")

        assert "items that cannot be read: 2 (`digest sources parked`)" in place.digest("status")
        listed = json.loads(place.digest("sources", "parked", "--json"))
        assert [(one["title"], one["source"], one["tries"], one["trouble"]) for one in listed] == [
            (name, SOURCE, TRIES, "404 Not Found") for name in ("b", "a")
        ]
        assert f"{listed[1]['item']}  {SOURCE}  a\n" in place.digest("sources", "parked")

        said = place.digest("sources", "retry", str(listed[1]["item"]))
        assert said == "1 item is read again with the next poll\n"
        made.publisher.routes["/a"] = say(200, a_report("a"), Content_Type="text/html")
        await made.poll(later)
        assert await made.items() == [("Known", "baseline"), ("a", "read"), ("b", "parked")]
        assert json.loads(place.digest("status", "--json"))["parked_items"] == 1


async def test_the_list_says_where_the_feeds_words_stand_in(place: Place) -> None:
    async with place.opened() as store, stage("baseline-lost", store, sources={SOURCE: HERE}) as made:
        made.publisher.routes["/a"] = say(200, b"<h1>Our site is resting</h1>", Content_Type="text/html")
        await park(made, "a")

        [parked] = json.loads(place.digest("sources", "parked", "--json"))
        assert (parked["trouble"], parked["stands_in"]) == ("no report: an error or maintenance notice", True)
        assert parked["retry_at"] is not None
        said = place.digest("sources", "parked")
        assert "the feed's own words stand in for the page" in said
        assert "the page is asked for again after " in said


async def test_all_parked_items_are_retried_at_once_and_nothing_else_is(place: Place) -> None:
    async with place.opened() as store, stage("baseline-lost", store, sources={SOURCE: HERE}) as made:
        later = await park(made, "a", "b")

        assert json.loads(place.digest("sources", "retry", "--all", "--json")) == {"retried": 2}
        assert json.loads(place.digest("sources", "retry", "--all", "--json")) == {"retried": 0}
        await made.poll(later)
        assert await made.items() == [("Known", "baseline"), ("a", "listed"), ("b", "listed")]

    for words in (["999"], ["-1"], ["x"], [], ["1", "--all"]):
        place.digest("sources", "retry", *words, expect=2)


async def test_status_says_that_our_own_line_seems_to_be_down(place: Place) -> None:
    now = SystemClock().now()
    source = a_source(SOURCE, "https://probation.example/feed")
    blog = a_source("russell-webster", "https://blog.example/feed")
    async with place.opened() as store:
        for one in (source, blog):
            good = partial(succeeded, one, validators=None, now=now - timedelta(hours=2))
            await store.sources.record(one.id, good)
        assert "OUR OWN LINE" not in place.digest("status")

        for one in (source, blog):
            after = partial(failed, one, trouble="no answer", now=now - timedelta(hours=1), answered=False)
            await store.sources.record(one.id, after)

    since = (now - timedelta(hours=2)).astimezone(UTC)
    said = (
        f"OUR OWN LINE SEEMS TO BE DOWN: no source has answered since {since:%a %d %b %H:%M UTC}; 2 sources"
    )
    assert said in place.digest("status")
    assert json.loads(place.digest("status", "--json"))["line"]["silent"] == 2


async def test_an_item_that_moved_says_by_which_key_it_is_known(place: Place) -> None:
    async with place.opened() as store, stage("baseline-lost", store, sources={SOURCE: HERE}) as made:
        made.publisher.routes[f"/{SOURCE}"] = say(200, a_feed("Marsh"))
        await made.poll(BEGIN)
        moved = a_feed("Marsh").replace(b"<link>/", b"<link>/moved/")
        made.publisher.routes[f"/{SOURCE}"] = say(200, moved)
        await made.poll(BEGIN + SEVEN_HOURS)

        [id] = (await store.sources.seen(SOURCE)).items
        first, page, learnt = json.loads(place.digest("sources", "item", str(id), "--json"))["keys"]
        assert (first["key"], first["by"]) == ("guid:marsh", None)
        assert (learnt["key"], learnt["by"]) == (page["key"].replace("/Marsh", "/moved/Marsh"), "guid:marsh")
        assert "by guid:marsh\n" in place.digest("sources", "item", str(id))

    for words in (["999"], ["x"]):
        place.digest("sources", "item", *words, expect=2)


async def test_an_item_that_was_edited_is_counted_and_shows_what_it_said(place: Place) -> None:
    async with place.opened() as store, stage("baseline-lost", store, sources={SOURCE: HERE}) as made:
        made.publisher.routes[f"/{SOURCE}"] = say(200, a_feed("Known"))
        await made.poll(BEGIN)
        made.publisher.routes |= {"/Beck": say(200, a_report("Beck"), Content_Type="text/html")}
        made.publisher.routes[f"/{SOURCE}"] = say(200, a_feed("Beck"))
        await made.poll(BEGIN + SEVEN_HOURS)
        renamed = a_feed("Beck").replace(b"<title>Beck", b"<title>Beck and Marsh")
        made.publisher.routes[f"/{SOURCE}"] = say(200, renamed)
        await made.poll(SystemClock().now())

        [id] = {id for key, id in (await store.sources.seen(SOURCE)).keys.items() if key == "guid:beck"}
        [version] = json.loads(place.digest("sources", "item", str(id), "--json"))["versions"]
        assert (version["what"], version["title"]) == ("entry", "Beck and Marsh")
        assert "entry edited, noticed " in place.digest("sources", "item", str(id))
        assert json.loads(place.digest("status", "--json"))["edited"] == 1
        assert "items that were edited in the last seven days: 1" in place.digest("status")
