"""Publishers that fool a poller: each case of `fixtures/feeds/cases`, and what must come of it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import pytest
from feed_cases import BEGIN, CASES, ELSEWHERE, HERE, MINUTE, cases, stage
from servers.publisher import say, when
from sqlalchemy import event

from digest.adapters.http import address_guard
from digest.store.database import Database
from digest.store.sources import AT_ONCE
from digest.store.sql import SqlStore

KNOWN: Final = ("Known", "baseline")
BOTH_READ: Final = [("Beck visit", "read"), KNOWN, ("Marsh visit", "read")]
PUT_OFF: Final = [("Beck visit", "read"), KNOWN, ("Marsh visit", "listed")]

# The items of a case at its end, with their states. Those of other cases are checked by tests of their own.
ITEMS: Final[dict[str, list[list[tuple[str, str]]]]] = {  # any of several, where the case leaves it open
    "page-charset-undefined": [BOTH_READ],
    "page-charset-punycode": [BOTH_READ],
    "page-charset-utf-7": [BOTH_READ, PUT_OFF],
    "page-nul-postgres": [BOTH_READ],
    "page-is-a-challenge": [PUT_OFF],
    "page-is-an-apology-200": [PUT_OFF],
    "feed-charset-undefined": [[KNOWN]],
    "feed-says-utf-16": [[("Café", "baseline")]],
    "retry-after-2099": [PUT_OFF],
    "page-asks-for-a-day": [[KNOWN, ("Marsh visit", "read")]],
    "first-answer-empty": [sorted((f"Old {n}", "baseline") for n in range(30))],
    "back-after-60-days": [[*sorted((f"Mid {n}", "baseline") for n in range(25)), ("Old", "baseline")]],
    "moved-and-respelt-dates": [[(f"P{n}", "baseline") for n in range(3)]],
    "new-but-dated-old": [[("Drafted long ago, out today", "read"), KNOWN]],
    "same-title-same-day": [[("Report published", "baseline"), ("Report published", "read")]],
    "one-guid-no-date": [[("First", "baseline"), ("Second", "read")]],
    "fragments-of-one-page": [[("Note one", "baseline"), ("Note two", "read")]],
    "listed-twice-retitled": [[("A", "baseline")]],
    "header-of-9000-bytes": [[KNOWN]],
    "header-twice-same-length": [[KNOWN]],
    "baseline-lost": [[KNOWN, ("Marsh visit", "read")]],
}
ALONE: Final = frozenset(
    {"rebuilt-undated", "failure-not-recorded", "archive-of-5000", "one-host-first", "https-in-capitals"}
    | {"own-line-down"}
)
PAGES_ON: Final = {"page-asks-for-a-day": ELSEWHERE}


def not_yet(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, reason=reason)


def test_every_case_is_played() -> None:
    assert set(cases()) == set(ITEMS) | ALONE


@pytest.mark.parametrize("case", ITEMS)
async def test_a_publisher_fools_nobody(case: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    if case == "baseline-lost":
        _raise_once(monkeypatch, store.items, "unread")
    async with stage(case, store, pages_on=PAGES_ON.get(case, HERE)) as played:
        await played.play()

        assert await played.items() in ITEMS[case]


def _raise_once(monkeypatch: pytest.MonkeyPatch, port: object, name: str) -> None:
    """The first call of a method fails."""
    method = getattr(port, name)
    failed: list[bool] = []

    async def once(*args: Any, **facts: Any) -> Any:
        if not failed:
            failed.append(True)
            raise RuntimeError("a fault of ours")
        return await method(*args, **facts)

    monkeypatch.setattr(port, name, once)


async def test_the_wait_that_a_server_asks_for_ends_after_a_day(store: SqlStore) -> None:
    async with stage("retry-after-2099", store) as played:
        await played.play()

        assert played.asked_for("/2") == [31 * MINUTE, timedelta(hours=25), timedelta(hours=49)]
        assert played.asked_for("/3") == [31 * MINUTE]
        assert played.asked_for("/feed") == [
            timedelta(0),
            31 * MINUTE,
            timedelta(hours=25),
            timedelta(hours=49),
        ]


async def test_an_outage_of_our_own_line_costs_minutes(store: SqlStore) -> None:
    """F23: every connection is reset from 02:00 to 10:00, and the source is read long before the cut-off."""
    begin = BEGIN.replace(hour=2)
    down, up = cases()["own-line-down"]["polls"]
    async with stage("own-line-down", store) as played:
        await played.look(begin, down["routes"])
        for tick in range(1, 8 * 12):
            await played.poll(begin + tick * 5 * MINUTE)
        await played.look(BEGIN.replace(hour=10), up["routes"])
        for tick in range(1, 11):
            await played.poll(BEGIN.replace(hour=10) + tick * MINUTE)

        assert (await played.polled()).checked_at is not None


async def test_a_rebuilt_site_is_held_for_an_operator(store: SqlStore) -> None:
    async with stage("rebuilt-undated", store) as played:
        await played.play()

        assert [path for _, path in played.asked if path.startswith("/new/")] == []
        assert Counter(state for _, state in await played.items()) == {"baseline": 120, "held": 120}


async def test_a_failure_that_cannot_be_recorded_ends_no_turn(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = store.sources.record

    async def refuses(source: str, after: Any) -> None:
        if source == "bad":
            raise RuntimeError("it cannot be written")
        await record(source, after)

    monkeypatch.setattr(store.sources, "record", refuses)
    async with stage("failure-not-recorded", store, sources={"bad": HERE, "good": HERE}) as played:
        await played.play()

        assert await played.items() == [KNOWN]
        assert (await played.polled("good")).trouble is None


ARCHIVE: Final = 5000  # entries


async def test_a_long_list_keeps_no_other_writer_waiting(store: SqlStore) -> None:
    head, entry, *foot = (CASES / "archive-of-5000" / "item.xml").read_text("utf-8").splitlines()[1:]
    async with stage("archive-of-5000", store) as played:
        here = played.publisher.url("")
        entries = [entry.replace("{n}", str(n)).replace("{P}", here) for n in range(ARCHIVE)]
        played.publisher.routes["/feed"] = say(200, "\n".join([head, *entries, *foot]).encode())
        written = _items_by_transaction(store.database)
        await played.poll(BEGIN)

        assert sum(written) == ARCHIVE
        assert max(written) <= AT_ONCE


def _items_by_transaction(database: Database) -> list[int]:
    """How many items each transaction stores from now on."""
    counts = [0]
    engine = database.engine.sync_engine

    @event.listens_for(engine, "before_cursor_execute")
    def _count(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO items "):
            counts[-1] += len(re.findall(r"\((?:\?|%\()", statement))  # one for each row

    @event.listens_for(engine, "commit")
    def _next(_: Any) -> None:
        counts.append(0)

    return counts


async def test_a_slow_host_keeps_no_other_waiting(store: SqlStore) -> None:
    sources = {f"a{n}": HERE for n in range(40)} | {f"b{n}": ELSEWHERE for n in range(4)}
    over = asyncio.Event()
    async with stage("one-host-first", store, sources=sources) as played:
        answer = say(200, played.body("1.xml"))
        for name, host in sources.items():
            played.publisher.routes[f"/{name}"] = answer if host == ELSEWHERE else when(over, answer)
        turn = asyncio.create_task(played.poll(BEGIN))
        with suppress(TimeoutError):
            async with asyncio.timeout(20):  # the end of a test that fails
                while sum(" /b" in head for head in played.publisher.requests) < 4:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        asked = sum(" /b" in head for head in played.publisher.requests)
        over.set()
        await turn

        assert asked == 4


def test_a_redirect_from_https_in_capitals_to_http_is_refused() -> None:
    assert address_guard.objection("http://b.example/", came_from="HTTPS://a.example/") is not None
