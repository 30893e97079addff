"""What `digest bench poll` measures: our polls and those of the PyPI package `reader`, of the same feeds.

Each runs in a process of its own: every feed for the first time, then unchanged (304), then with one new
entry. What counts is processor time, because other work on the machine hardly changes that.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from digest.jobs.poll import Poller
    from digest.sources import Source
    from digest.store.sql import SqlStore

P = TypeVar("P")
T = TypeVar("T")

PHASES: Final = ("first", "unchanged", "changed")
_HOSTS: Final = 200
_LONG: Final = "/feed/long"
_BEGIN: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is polled, and where the state is kept."""

    folder: str
    place: _Place
    feeds: int

    def urls(self) -> list[str]:
        return [self.place.url(f"/feed/{n}", n) for n in range(self.feeds)]


# -- processes of their own -----------------------------------------------------------------------------


def apart(work: Callable[[P], Any], plan: P) -> Any:
    """The result of work in a process of its own, so that memory and first uses are its own too."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, plan).result()


def processor_seconds() -> float:
    """Of this process and of its workers that still run."""
    used = time.process_time()
    ticks = os.sysconf("SC_CLK_TCK")
    for pid in our_workers():
        with contextlib.suppress(OSError):
            used += (
                sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])) / ticks
            )
    return used


def our_workers() -> list[int]:
    """The ids of this process's workers (`ProcessWorkers`) that still run."""
    children = Path("/proc/self/task").glob("*/children")
    pids = [int(pid) for one in children for pid in one.read_text().split()]
    return [pid for pid in pids if _is_worker(pid)]


def _is_worker(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"anyio" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measured(phases: Mapping[str, Callable[[], object]], feeds: int) -> dict[str, float]:
    """Processor milliseconds of each phase and feed, and the peak of memory."""
    found = {}
    for name, phase in phases.items():
        before = processor_seconds()
        phase()
        found[name] = (processor_seconds() - before) * 1000 / feeds
    return found | {"memory": _memory_mb()}


# -- a publisher ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the publisher is: one port of many addresses of this machine, each a host of its own."""

    port: int

    def url(self, path: str, host: int = 0) -> str:
        number = 1 + host % _HOSTS
        return f"http://127.0.0.{number}:{self.port}{path}"

    def publish(self, version: int) -> None:
        """Let each feed have so many more entries."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(f"GET /version/{version} HTTP/1.0\r\n\r\n".encode())
            while connection.recv(1024):
                pass


@contextlib.contextmanager
def publishing(entries: int, long: int) -> Iterator[_Place]:
    from multiprocessing import get_context

    context = get_context("spawn")
    port = context.Value("i", 0)
    ready = context.Event()
    server = context.Process(target=_serve, args=(entries, long, port, ready), daemon=True)
    server.start()
    try:
        if not ready.wait(60):
            raise RuntimeError("the publisher does not start")
        yield _Place(port=port.value)
    finally:
        server.terminate()
        server.join()


def _serve(entries: int, long: int, port: Any, ready: Any) -> None:
    asyncio.run(_publish(entries, long, port, ready))


async def _publish(entries: int, long: int, port: Any, ready: Any) -> None:
    version = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal version
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ")[1]
                if path.startswith("/version/"):
                    version = int(path.rpartition("/")[2])
                    writer.write(b"HTTP/1.0 204 No Content\r\n\r\n")
                    break
                writer.write(_answer(path, head, long if path == _LONG else entries, version))
                await writer.drain()
        writer.close()

    listening = []
    for number in range(1, _HOSTS + 1):
        one = socket.create_server((f"127.0.0.{number}", port.value), backlog=1000)
        port.value = one.getsockname()[1]
        listening.append(await asyncio.start_server(answer, sock=one))
    ready.set()
    await asyncio.gather(*(one.serve_forever() for one in listening))


def _answer(path: str, head: str, entries: int, version: int) -> bytes:
    if not path.startswith("/feed/"):
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    number = path.rpartition("/")[2]
    tag = f'"{number}-{version}"'
    if f"if-none-match: {tag}" in head.lower():
        return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
    body = feed(number, entries, version)
    kind = "Content-Type: application/rss+xml; charset=utf-8"
    return f"HTTP/1.1 200 OK\r\n{kind}\r\nETag: {tag}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def feed(name: str, entries: int, version: int) -> bytes:
    """A feed of a blog of ordinary length, with the newest entry first."""
    items = []
    for n in range(entries + version, version, -1):
        at = _BEGIN - timedelta(days=30) + timedelta(minutes=n)
        items.append(
            f"<item><title>Visit {n} of unit {name}</title><link>http://127.0.0.1/{name}/{n}</link>"
            f'<guid isPermaLink="false">{name}-{n}</guid><pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate>'
            "<dc:creator>An inspector</dc:creator><category>Visits</category>"
            f"<description>{_TEXT}</description></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>Unit {name}</title><link>http://127.0.0.1/</link>{''.join(items)}</channel></rss>"
    ).encode()


_TEXT: Final = (
    "&lt;p&gt;Inspectors visited the unit for three days and spoke with staff and with the people who live "
    "there. Leaders know their service well and act on what they learn. &lt;a href='/x'&gt;Read on&lt;/a&gt;"
) * 2


# -- our poller -----------------------------------------------------------------------------------------


class _Clock:
    def __init__(self) -> None:
        self.at = _BEGIN

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class _NoPages:
    """In place of the reader of pages: it looks what waits, and reads none. That is measured elsewhere."""

    store: SqlStore
    clock: _Clock

    async def read_waiting(self, source: Source, *_: Any) -> Any:
        from digest.jobs.read import Filed

        await self.store.items.unread(source.id, limit=source.pages, now=self.clock.now())
        return Filed()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ours:
    poller: Poller
    store: SqlStore
    clock: _Clock

    async def poll(self) -> None:
        self.clock.at += timedelta(minutes=31)
        for polling in await self.poller.poll():
            if polling.trouble:
                raise RuntimeError(f"{polling.source.url}: {polling.trouble}")


@contextlib.asynccontextmanager
async def _ours(plan: Plan, urls: list[str]) -> Any:
    from zoneinfo import ZoneInfo

    from digest.adapters.http.fetcher import HttpFetcher
    from digest.adapters.newsletters import ImapFolders
    from digest.adapters.workers import ProcessWorkers
    from digest.jobs.poll import Poller
    from digest.jobs.source_kinds import listers
    from digest.ratings import Inspectorates
    from digest.sources import Authority, Source
    from digest.store.database import Database
    from digest.store.sql import SqlStore
    from digest.tokens import address_seal

    clock = _Clock()
    with tempfile.TemporaryDirectory(dir=plan.folder) as folder:
        database = Database("sqlite:///state.db", directory=Path(folder))
        await database.create()
        store = SqlStore(database, seal=address_seal(b"a key for a bench"))
        async with (
            HttpFetcher(
                contact="https://digest.example.org/",
                clock=clock,
                pause=timedelta(0),
                allow_private=True,
                hosts=store.hosts,
            ) as fetcher,
            ProcessWorkers() as workers,
        ):
            sources = tuple(
                Source(
                    id=f"s{n}",
                    name=f"Source {n}",
                    url=url,
                    authority=Authority.BLOG,
                    inspectorate=None,
                    every=timedelta(minutes=30),
                    recent=timedelta(days=14),
                    pages=20,
                )
                for n, url in enumerate(urls)
            )
            reader: Any = _NoPages(store=store, clock=clock)
            poller = Poller(
                sources=sources,
                listers=listers(
                    fetcher=fetcher,
                    workers=workers,
                    data_workers=workers,
                    zone=ZoneInfo("Europe/London"),
                    records=store.records,
                    inspectorates=Inspectorates(all=()),
                    clock=clock,
                    keys={},
                    folders=ImapFolders(),
                    newsletters=store.newsletters,
                ),
                reader=reader,
                store=store,
                clock=clock,
                hosts=fetcher,
            )
            yield _Ours(poller=poller, store=store, clock=clock)
        await database.dispose()


def poll_ours(plan: Plan) -> dict[str, float]:
    async def run() -> dict[str, float]:
        plan.place.publish(0)
        urls = plan.urls()
        async with _ours(plan, [plan.place.url(f"/feed/warm{n}", n) for n in range(4)]) as warm:
            await warm.poll()
            found = {}
            async with _ours(plan, urls) as ours:
                for name in PHASES:
                    plan.place.publish(int(name == "changed"))
                    before = processor_seconds()
                    await ours.poll()
                    found[name] = (processor_seconds() - before) * 1000 / plan.feeds
        return found | {"memory": _memory_mb()}

    return in_loop(run)


def in_loop(run: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The result of a coroutine, in an event loop as the service has it."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


def poll_with_reader(plan: Plan) -> dict[str, float]:
    if find_spec("sgmllib") is None:
        # reader's own copy of feedparser wants it, and a new feedparser brings it under another name.
        sys.modules["sgmllib"] = importlib.import_module("feedparser_sgmllib")
    make_reader = importlib.import_module("reader").make_reader

    with tempfile.TemporaryDirectory(dir=plan.folder) as folder:
        plan.place.publish(0)
        warm = make_reader(f"{folder}/warm.db")
        warm.add_feed(plan.place.url("/feed/warm"))
        warm.update_feeds()
        theirs = make_reader(f"{folder}/reader.db")
        for url in plan.urls():
            theirs.add_feed(url)

        def update(version: int) -> None:
            plan.place.publish(version)
            theirs.update_feeds(scheduled=False)

        versions = {"first": 0, "unchanged": 0, "changed": 1}
        return _measured({name: partial(update, version) for name, version in versions.items()}, plan.feeds)


def poll_long_list(plan: Plan) -> dict[str, float]:
    from zoneinfo import ZoneInfo

    from digest.parse import parse_feed

    async def run() -> dict[str, float]:
        plan.place.publish(0)
        body, zone = feed("long", plan.feeds, 0), ZoneInfo("Europe/London")
        parse_feed(feed("warm", 2, 0), content_type=None, url="http://127.0.0.1/", zone=zone)
        began = time.process_time()
        parse_feed(body, content_type=None, url="http://127.0.0.1/", zone=zone)
        parsed = time.process_time() - began
        async with _ours(plan, [plan.place.url(_LONG)]) as ours:
            waits: list[float] = []
            writing = asyncio.create_task(_keep_writing(ours.store, waits))
            began = time.perf_counter()
            await ours.poll()
            seconds = time.perf_counter() - began
            writing.cancel()
            await asyncio.wait([writing])
        return {
            "entries": plan.feeds,
            "parse_seconds": parsed,
            "seconds": seconds,
            "longest_wait_ms": max(waits) * 1000,
        }

    return in_loop(run)


async def _keep_writing(store: SqlStore, waits: list[float]) -> None:
    while True:
        began = time.perf_counter()
        try:
            async with store.database.write():
                pass
        finally:
            waits.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)


def poll_one_turn(plan: Plan) -> dict[str, float]:
    async def run() -> dict[str, float]:
        plan.place.publish(0)
        async with _ours(plan, plan.urls()) as ours:
            seconds = []
            for _ in range(2):
                began = time.perf_counter()
                await ours.poll()
                seconds.append(time.perf_counter() - began)
            before = _memory_mb()
            for _ in range(5):
                await ours.poll()
        first, again = seconds
        return {
            "sources": plan.feeds,
            "seconds": first,
            "again_seconds": again,
            "grown_mb": _memory_mb() - before,
        }

    return in_loop(run)
