"""What `digest bench site` measures: the real application, served in a process of its own over loopback.

A page is first asked for when nothing of it is kept, as after each change of what the site shows. Then many
ask for the kept pages at the same time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from digest.cli.polls_measured import apart, in_loop
from digest.cli.site_addresses import feeds, lists, searches, service_pages, tables
from digest.cli.site_world import World, build

if TYPE_CHECKING:
    from digest.adapters.config.secrets import Secrets
    from digest.providers import Provider
    from digest.settings import Settings
    from digest.store.database import Database

_AT_ONCE: Final = 8  # connections that ask for kept pages
_ADDRESSES: Final = 20  # of each kind of page

Step = Callable[[], None]
"""Called after each step, for the progress that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One world, where its state is kept, and how long it is measured."""

    folder: str
    database: str | None  # the URL of a PostgreSQL; None: SQLite
    providers: int
    rounds: int
    seconds: float

    def configured(self) -> tuple[Settings, Secrets]:
        from pydantic import SecretStr

        from digest.app.directory import configured

        settings, secrets = configured(Path(self.folder))
        if self.database:
            secrets = secrets.model_copy(update={"database_url": SecretStr(self.database)})
        return settings, secrets


def measured(plan: Plan, step: Step) -> dict[str, Any]:
    """All figures of one world. Its state is made in an empty directory or database, left empty."""
    return in_loop(partial(_measured, plan, step))


async def _measured(plan: Plan, step: Step) -> dict[str, Any]:
    async with _opened(plan) as (world, database):
        try:
            made = await _made(plan, world, database, step)
            async with served(plan) as server:
                pages = await _pages(plan, world, database, server, step)
                memory = server.memory_mb()
        finally:
            if plan.database:
                await empty(database)
    return {"providers": plan.providers, **made, "memory_mb": memory, "pages": pages}


async def ready(plan: Plan) -> None:
    """Make the world of a plan, and what the site reads of it."""
    async with _opened(plan) as (world, database):
        await _made(plan, world, database, lambda: None)


@asynccontextmanager
async def _opened(plan: Plan) -> AsyncIterator[tuple[World, Database]]:
    from digest.adapters.clock import SystemClock
    from digest.adapters.config.packaged import copy_config
    from digest.app.directory import open_database

    copy_config(Path(plan.folder))
    settings, secrets = plan.configured()
    database = open_database(settings, secrets, Path(plan.folder))
    until = settings.edition.timetable.told_until(SystemClock().now())
    world = World(providers=plan.providers, until=until, inspectorates=settings.inspectorates)
    try:
        await database.create()
        yield world, database
    finally:
        await database.dispose()


async def _made(plan: Plan, world: World, database: Database, step: Step) -> dict[str, Any]:
    began = time.perf_counter()
    rows = await build(world, database)
    built = time.perf_counter() - began
    step()
    filled = await asyncio.to_thread(apart, fill, plan)
    await _settle(database)
    step()
    return {"rows": rows, "built_seconds": built, **filled}


async def _settle(database: Database) -> None:
    """What PostgreSQL does by itself soon after many rows were written."""
    from sqlalchemy import text

    if not database.file:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))


async def empty(database: Database) -> None:
    """Take all rows out of a PostgreSQL database."""
    from sqlalchemy import text

    from digest.store.tables import metadata

    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    async with database.write() as connection:
        await connection.execute(text(f"TRUNCATE {names} CASCADE"))


# -- the model ------------------------------------------------------------------------------------------


def fill(plan: Plan) -> dict[str, float]:
    """What it costs to make what the site reads, and to look at it again when nothing has changed."""
    return in_loop(partial(_fill, plan))


async def _fill(plan: Plan) -> dict[str, float]:
    from digest.app.service import service

    settings, secrets = plan.configured()
    async with service(settings, secrets, directory=Path(plan.folder)) as running:
        began, used = time.perf_counter(), time.process_time()
        await running.public_keeper.keep()
        filled, filled_used = time.perf_counter(), time.process_time()
        if await running.public_keeper.keep():
            raise RuntimeError("a second look should find nothing to write")
        return {
            "filled_seconds": filled - began,
            "filled_processor_seconds": filled_used - used,
            "looked_processor_seconds": time.process_time() - filled_used,
        }


# -- the pages ------------------------------------------------------------------------------------------


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


KINDS: Final = 14  # of pages


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


# -- the server -----------------------------------------------------------------------------------------

_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The service in its process, and the port of its pages."""

    port: int
    pid: int

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """The peak."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

    async def until_open(self) -> None:
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    async with self.connected():
                        return
                await asyncio.sleep(0.02)

    async def get(self, address: str) -> int:
        async with self.connected() as get:
            return int(await get(address))

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Callable[[str], Any]]:
        """A connection: give it an address, and it returns the bytes of the page. Only 200 is right."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)

        async def get(address: str) -> int:
            writer.write(f"GET {address} HTTP/1.1\r\nHost: bench.example\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"{address}: {head.decode('latin-1').splitlines()[0]}")
            size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(size)
            return size

        try:
            yield get
        finally:
            writer.close()


@asynccontextmanager
async def served(plan: Plan) -> AsyncIterator[Server]:
    """The service in a process of its own, until the end."""
    from multiprocessing import get_context

    context = get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve, args=(plan, its), daemon=True)
    process.start()
    its.close()
    try:
        port = await asyncio.to_thread(ours.recv)
        assert process.pid is not None
        server = Server(port=port, pid=process.pid)
        await server.until_open()
        yield server
    finally:
        ours.close()  # which tells it to stop
        await asyncio.to_thread(process.join, 30)
        process.kill()
        process.join()


def _serve(plan: Plan, pipe: Any) -> None:
    from digest.app.service import service
    from digest.cli.common import serving
    from digest.serving import serve_readers
    from digest.web.server import listen

    async def run() -> None:
        settings, secrets = plan.configured()
        listener = listen("127.0.0.1", 0)
        stop = asyncio.Event()
        async with service(settings, secrets, directory=Path(plan.folder)) as running:
            pages = asyncio.create_task(serve_readers(running, listener, stop))
            pipe.send(listener.getsockname()[1])
            await asyncio.to_thread(pipe.poll, None)  # until the other end is closed
            stop.set()
            await pages

    serving(run())
