"""The demo's own world, a clock that stands where it is put, and a site that shows the one by the other."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from clocks import Clock

from digest.demo.site import Site
from digest.demo.world import World
from digest.demo.world_file import load_world

WORLD_FILE = Path(__file__).parents[3] / "seeds" / "world" / "world.yaml"


@pytest.fixture(scope="session")
def world() -> World:
    return load_world(WORLD_FILE)


@pytest.fixture
def clock(world) -> Clock:
    return Clock(world.days[-1].publications[-1].published_at + timedelta(hours=1))


@pytest.fixture
async def site(world, clock):
    async with Site(world, clock) as site:
        yield site


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session
