"""A host of pages that hangs does not hold up the pages that its source has on other hosts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from feed_cases import BEGIN, ELSEWHERE, MINUTE, Stage, a_feed, a_report, stage
from servers.publisher import drop, say, when

from digest.store.sql import SqlStore

LATER = BEGIN + 30 * MINUTE


@pytest.fixture
async def made(store: SqlStore) -> AsyncIterator[Stage]:
    """A source that has listed its baseline, and now lists two pages of a host that hangs before one here."""
    async with stage("baseline-lost", store) as made:
        made.publisher.routes["/feed"] = say(200, a_feed("Known"))
        await made.poll(BEGIN)
        there = made.publisher.url("", host=ELSEWHERE)
        listed = a_feed("x", "y", "here", "Known")
        for name in ("x", "y"):
            listed = listed.replace(f"<link>/{name}".encode(), f"<link>{there}/{name}".encode())
        made.publisher.routes["/feed"] = say(200, listed)
        yield made


async def test_a_page_elsewhere_is_read_while_a_host_hangs(made: Stage) -> None:
    asked = asyncio.Event()

    async def here(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await say(200, a_report("here"), Content_Type="text/html")(reader, writer)

    # This host answers once the other one was asked: one after the other, nothing would end.
    for name in ("x", "y"):
        made.publisher.routes[f"/{name}"] = when(asked, say(200, a_report(name), Content_Type="text/html"))
    made.publisher.routes["/here"] = here
    async with asyncio.timeout(25):
        await made.poll(LATER)

    assert await made.items() == [("Known", "baseline"), ("here", "read"), ("x", "read"), ("y", "read")]


async def test_a_host_that_has_hung_long_enough_is_left_for_the_poll_and_the_others_cost_no_try(
    made: Stage,
) -> None:
    made.poller = replace(made.poller, reader=replace(made.poller.reader, hangs=0.0))
    made.publisher.routes |= {
        "/x": drop(),
        "/y": drop(),
        "/here": say(200, a_report("here"), Content_Type="text/html"),
    }
    await made.poll(LATER)

    assert made.asked_for("/y") == []
    left = await made.store.items.unread("feed", limit=20, now=LATER + 60 * MINUTE)
    assert [(one.item.title, one.attempts) for one in left] == [("y", 0), ("x", 1)]
    assert ("here", "read") in await made.items()
