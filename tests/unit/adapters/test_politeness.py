"""Turns: the manners towards each host."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from clocks import Clock

from digest.adapters.http.politeness import Turns

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def not_at_all(_: float) -> None:
    await asyncio.sleep(0)


async def test_hosts_that_want_nothing_of_us_are_forgotten():
    """Blogs link to a thousand hosts a year; one that asked us to wait is remembered all the same."""
    turns = Turns(pause=timedelta(0), sleep=not_at_all, clock=Clock(NOW))
    await turns.shut("asked.example.org", timedelta(hours=1))
    for number in range(1500):
        async with turns.turn(f"host{number}.example.org"):
            pass

    assert len(turns._hosts) <= 1001
    async with turns.turn("asked.example.org") as shut:
        assert shut is not None


async def test_the_longer_of_two_waits_counts():
    turns = Turns(pause=timedelta(0), sleep=not_at_all, clock=Clock(NOW))
    await turns.shut("example.org", timedelta(hours=2))
    await turns.shut("example.org", timedelta(seconds=1))

    async with turns.turn("example.org") as shut:
        assert shut is not None
        assert shut.wait > timedelta(hours=1)


async def test_a_turn_that_fails_is_given_back():
    turns = Turns(pause=timedelta(0), sleep=not_at_all, clock=Clock(NOW))

    with pytest.raises(TimeoutError):
        async with turns.turn("example.org"), asyncio.timeout(0):
            await asyncio.Event().wait()

    async with turns.turn("example.org") as shut:
        assert shut is None


async def test_a_wait_ends_after_a_day_and_with_a_clock_that_was_set_back():
    clock = Clock(NOW)
    turns = Turns(pause=timedelta(0), sleep=not_at_all, clock=clock)
    await turns.shut("example.org", timedelta(days=30))

    for at, left in [
        (NOW, timedelta(days=1)),
        (NOW + timedelta(hours=23), timedelta(hours=1)),
        (NOW + timedelta(hours=24), None),
        (NOW - timedelta(days=365), None),
    ]:
        clock.at = at
        async with turns.turn("example.org") as shut:
            assert (shut and shut.wait) == left
