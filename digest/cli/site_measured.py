"""What `digest bench site` measures: the real application, served in a process of its own over loopback.

A page is first asked for when nothing of it is kept, as after each change of what the site shows. Then many
ask for the kept pages at the same time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, Final

from digest.cli.polls_measured import in_loop
from digest.cli.site_addresses import feeds, lists, searches, service_pages, tables
from digest.cli.site_server import Server, served
from digest.cli.site_state import Plan, Step, empty, made, opened

if TYPE_CHECKING:
    from digest.cli.site_world import World
    from digest.providers import Provider
    from digest.store.database import Database

_AT_ONCE: Final = 8  # connections that ask for kept pages
_ADDRESSES: Final = 20  # of each kind of page


def measured(plan: Plan, step: Step) -> dict[str, Any]:
    """All figures of one world. Its state is made in an empty directory or database, left empty."""
    return in_loop(partial(_measured, plan, step))


async def _measured(plan: Plan, step: Step) -> dict[str, Any]:
    async with opened(plan) as (world, database):
        try:
            figures = await made(plan, world, database, step)
            async with served(plan) as server:
                pages = await _pages(plan, world, database, server, step)
                memory = server.memory_mb()
        finally:
            if plan.database:
                await empty(database)
    return {"providers": plan.providers, **figures, "memory_mb": memory, "pages": pages}


def addresses(world: World) -> Mapping[str, Sequence[str]]:
    """The addresses of each kind of page."""
    some = _spread(world)
    return {
        "home": ["/"],
        "edition": [f"/edition/{world.until}"],
        **tables(world, some),
        **lists(some),
        "service": service_pages(some),
        **searches(some),
        **feeds(some),
    }


KINDS: Final = 15  # of pages


def _spread(world: World) -> list[Provider]:
    step = max(1, world.providers // _ADDRESSES) | 1  # odd, as the inspectorates take turns
    return list(islice(world.each(), 0, step * _ADDRESSES, step))


async def _pages(
    plan: Plan, world: World, database: Database, server: Server, step: Step
) -> dict[str, dict[str, Any]]:
    asked = addresses(world)
    for address in (each[0] for each in asked.values()):  # work that is done once, on first use
        await server.get(address)
    found = {}
    for kind, each in asked.items():
        first = await _first(plan, database, server, each)
        kept = await _kept(plan, server, each)
        found[kind] = {"addresses": len(each), **first, **kept}
        step()
    return found


async def _first(plan: Plan, database: Database, server: Server, each: Sequence[str]) -> dict[str, Any]:
    """How long each page takes while nothing is kept, one after the other."""
    times, sizes = [], []
    rounds = plan.rounds * max(1, _ADDRESSES // len(each))
    used = server.processor_seconds()
    for _ in range(rounds):
        await _change(database)
        for address in each:
            began = time.perf_counter()
            sizes.append(await server.get(address))
            times.append(time.perf_counter() - began)
    used = server.processor_seconds() - used
    return {
        "bytes": max(sizes),
        "first_ms": _percentiles(times),
        "first_processor_ms": used / len(times) * 1000,
    }


async def _change(database: Database) -> None:
    """Count a write of the model, so that no kept page is good any more."""
    from sqlalchemy import update

    from digest.store.tables import public_version

    async with database.write() as connection:
        own = public_version
        await connection.execute(update(own).values(writes=own.c.writes + 1))


async def _kept(plan: Plan, server: Server, each: Sequence[str]) -> dict[str, Any]:
    """How many kept pages a second several visitors get together, and how long each waits."""
    times: list[float] = []
    ends = time.perf_counter() + plan.seconds

    async def visit(number: int) -> None:
        async with server.connected() as get:
            for address in cycle([*each[number % len(each) :], *each[: number % len(each)]]):
                began = time.perf_counter()
                await get(address)
                now = time.perf_counter()
                times.append(now - began)
                if now >= ends:
                    return

    began, used = time.perf_counter(), server.processor_seconds()
    await asyncio.gather(*(visit(number) for number in range(_AT_ONCE)))
    used = server.processor_seconds() - used
    return {
        "kept_ms": _percentiles(times),
        "kept_a_second": len(times) / (time.perf_counter() - began),
        "kept_processor_ms": used / len(times) * 1000,
    }


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """The median and the 99th percentile, in milliseconds."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000

    return {"p50": at(0.5), "p99": at(0.99)}
