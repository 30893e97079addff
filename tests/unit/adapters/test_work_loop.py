"""Work that this process leaves is done at once; trouble ends no loop, and what is under way is finished."""

from __future__ import annotations

import asyncio

import pytest

from digest.adapters import work_loop
from digest.adapters.work_loop import WorkLoop


@pytest.fixture
def loop() -> WorkLoop:
    return WorkLoop(trouble="work waits")


async def test_work_that_fails_is_logged_and_done_when_somebody_leaves_more(
    loop: WorkLoop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(work_loop, "LOOK_EVERY", 600.0)
    stop, failed, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(_: asyncio.Event) -> None:
        if not failed.is_set():
            failed.set()
            raise OSError("the database is away")
        done.set()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(loop.run(work, stop))
        await failed.wait()
        loop.wake()
        await done.wait()
        stop.set()
        loop.wake()

    assert [record.getMessage() for record in caplog.records] == ["work waits"]


async def test_what_other_processes_left_is_found_with_the_next_look(
    loop: WorkLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_loop, "LOOK_EVERY", 0.01)
    stop, looks = asyncio.Event(), 0

    async def work(stop: asyncio.Event) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            stop.set()

    async with asyncio.timeout(10):
        await loop.run(work, stop)

    assert looks == 3


async def test_who_is_told_to_stop_finishes_what_is_under_way_and_begins_nothing_more(
    loop: WorkLoop,
) -> None:
    stop, begun, finish, done = asyncio.Event(), asyncio.Event(), asyncio.Event(), []

    async def work(_: asyncio.Event) -> None:
        begun.set()
        await finish.wait()
        done.append("under way")

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(loop.run(work, stop))
        await begun.wait()
        stop.set()
        loop.wake()
        finish.set()

    assert done == ["under way"]
