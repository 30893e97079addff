"""Turns: the manners towards each host."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from digest.adapters.http.politeness import Turns


async def not_at_all(_: float) -> None:
    await asyncio.sleep(0)


async def test_hosts_that_want_nothing_of_us_are_forgotten():
    """Blogs link to a thousand hosts a year; one that asked us to wait is remembered all the same."""
    turns = Turns(pause=timedelta(0), sleep=not_at_all)
    turns.shut("asked.example.org", timedelta(hours=1))
    for number in range(1500):
        async with turns.turn(f"host{number}.example.org"):
            pass

    assert len(turns._hosts) <= 1001
    async with turns.turn("asked.example.org") as shut:
        assert shut is not None


async def test_the_longer_of_two_waits_counts():
    turns = Turns(pause=timedelta(0), sleep=not_at_all)
    turns.shut("example.org", timedelta(hours=2))
    turns.shut("example.org", timedelta(seconds=1))

    async with turns.turn("example.org") as shut:
        assert shut is not None
        assert shut > timedelta(hours=1)


async def test_a_turn_that_fails_is_given_back():
    turns = Turns(pause=timedelta(0), sleep=not_at_all)

    with pytest.raises(TimeoutError):
        async with turns.turn("example.org"), asyncio.timeout(0):
            await asyncio.Event().wait()

    async with turns.turn("example.org") as shut:
        assert shut is None
