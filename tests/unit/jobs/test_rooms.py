"""Rooms: hosts that hang keep no other host waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from digest.jobs.rooms import Rooms, UnderWay


@asynccontextmanager
async def hanging(rooms: Rooms, *hosts: str, slow: bool = False) -> AsyncIterator[list[str]]:
    """Polls of these hosts that never end; the names of those that have a room."""
    inside: list[str] = []

    async def hang(host: str) -> None:
        async with rooms.of(host, slow=slow):
            inside.append(host)
            await asyncio.Event().wait()

    polls = [asyncio.create_task(hang(host)) for host in hosts]
    for _ in range(20):
        await asyncio.sleep(0)
    try:
        yield inside
    finally:
        for poll in polls:
            poll.cancel()
        await asyncio.wait(polls)


async def enter(rooms: Rooms, host: str) -> None:
    async with asyncio.timeout(10), rooms.of(host):
        pass


async def test_one_host_has_two_rooms_at_most() -> None:
    rooms = Rooms(rooms=3)
    async with hanging(rooms, *["a"] * 40) as inside:
        assert inside == ["a", "a"]
        await enter(rooms, "b")


async def test_a_poll_that_takes_long_moves_and_frees_its_room() -> None:
    rooms = Rooms(rooms=2, slow_rooms=2, long=0.01)
    async with hanging(rooms, "a", "b"):
        await enter(rooms, "c")


async def test_hosts_that_were_slow_share_the_slow_rooms_and_never_hold_the_others() -> None:
    rooms = Rooms(rooms=1, slow_rooms=2, long=0.01)
    for host in ("a", "b", "c", "d"):
        async with rooms.of(host):
            await asyncio.sleep(0.02)

    async with hanging(rooms, "a", "b", "c", "d") as inside:
        assert inside == ["a", "b"]
        await enter(rooms, "quick")


async def test_hosts_that_failed_before_begin_in_slow_rooms() -> None:
    rooms = Rooms(rooms=1, slow_rooms=1)
    async with hanging(rooms, "a", "b", slow=True) as inside:
        assert inside == ["a"]
        await enter(rooms, "quick")


async def test_a_poll_moves_once_a_slow_room_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.jobs.rooms._LOOK_AGAIN", 0.01)
    rooms = Rooms(rooms=1, slow_rooms=1, long=0.01)
    async with hanging(rooms, "slow", slow=True), hanging(rooms, "a"):
        await asyncio.sleep(0.03)
        waiting = asyncio.create_task(enter(rooms, "b"))
        await asyncio.sleep(0.03)
        assert not waiting.done()
        waiting.cancel()
    async with hanging(rooms, "a"):
        await enter(rooms, "b")


async def test_all_rooms_come_back_whatever_happens_in_them() -> None:
    rooms = Rooms(rooms=1, slow_rooms=1, long=0.01)
    for seconds in (0, 0.02):
        for host in ("a", "b", "c"):
            with pytest.raises(ValueError, match="odd"):
                async with rooms.of(host):
                    await asyncio.sleep(seconds)
                    raise ValueError("odd")
        async with hanging(rooms, "a", "b", "c"):
            pass

    for host in ("a", "b", "c", "d"):
        await enter(rooms, host)
    assert rooms._hosts == {}


async def test_a_poll_is_under_way_until_its_task_ends() -> None:
    under_way = UnderWay()
    poll = asyncio.create_task(asyncio.sleep(3600))
    under_way.begin("hmip", "example.org", poll)
    assert "hmip" in under_way
    assert under_way.hosts == {"example.org"}

    poll.cancel()  # before its first step
    await asyncio.wait([poll])
    await asyncio.sleep(0)
    assert "hmip" not in under_way
