"""What `digest bench data` measures: a large file, loaded and polled, each in a process of its own."""

from __future__ import annotations

import contextlib
import csv
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

from digest.cli.polls_measured import in_loop, our_workers, processor_seconds

if TYPE_CHECKING:
    from digest.adapters.workers import ProcessWorkers
    from digest.sources import Source
    from digest.store.sql import SqlStore

_Costs = dict[str, dict[str, float]]

_BEGIN: Final = datetime(2026, 11, 2, 8, tzinfo=UTC)
_CHANGED: Final = 100  # one row in so many
_ASPECTS: Final = ("quality of education", "behaviour and attitudes", "leadership and management")
_HEADINGS: Final = (
    *("URN", "Name", "Phase", "Area", "Link", "Number", "Inspected", "Published", "overall", *_ASPECTS),
    *(f"Figure {n}" for n in range(60)),  # publishers' files have many columns that nobody wants
)
_GRADES: Final = ("Good", "Outstanding", "Requires improvement", "Inadequate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which file is read, and where it and the state are kept."""

    folder: str
    rows: int

    def file(self, month: int) -> Path:
        return Path(self.folder) / f"month-{month}.csv"

    @property
    def warming(self) -> Plan:
        """A small file, which is read first, so that work that is done once does not count."""
        return Plan(folder=f"{self.folder}/warming", rows=_CHANGED)


def write_files(plan: Plan) -> int:
    """Write the files of both months, small ones too; the size of the first in bytes."""
    for one in (plan.warming, plan):
        Path(one.folder).mkdir(exist_ok=True)
        for month in (0, 1):
            _write(one.file(month), one.rows, month)
    return plan.file(0).stat().st_size


def _write(path: Path, rows: int, month: int) -> None:
    """Write the file of a month. One row in a hundred of month 1 has a new inspection."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(_HEADINGS)
        for n in range(rows):
            visit = month if n % _CHANGED == 0 else 0
            day = date(2026, 10, 1) if visit else date(2022, 1, 1) + timedelta(days=n % 1_000)
            grade, number = _GRADES[(n + visit) % 4], f"1{n:07}{visit}"
            own = (f"{100_000 + n}", f"St Mary’s School {n}", "Primary", f"Area {n % 150}")
            link = f"https://reports.example.org/provider/21/{100_000 + n}"
            days = (f"{day:%d/%m/%Y}", f"{day + timedelta(days=30):%d/%m/%Y}")
            more = ("NULL", "No", days[0], grade)
            figures = (n * m % 997 if m % 3 else more[(n * m // 3) % 4] for m in range(60))
            writer.writerow([*own, link, number, *days, grade, *[grade] * 3, *figures])


def _source(url: str) -> Source:
    from digest.ratings import OVERALL
    from digest.source_specs import AspectColumns, DatasetSpec, RatingColumns
    from digest.sources import Authority, Source

    aspects = [AspectColumns(aspect=OVERALL, grade=("overall",))]
    aspects += [AspectColumns(aspect=one, grade=(one,)) for one in _ASPECTS]
    rating = RatingColumns(
        scale="ofsted-4",
        number=("Number",),
        inspected=("Inspected",),
        published=("Published",),
        aspects=tuple(aspects),
    )
    spec = DatasetSpec(
        key=("URN",),
        name=("Name",),
        provider_kind=("Phase",),
        area=("Area",),
        link=("Link",),
        ratings=(rating,),
    )
    return Source(
        id="schools",
        name="Ofsted",
        url=url,
        authority=Authority.OFFICIAL,
        inspectorate="ofsted",
        every=timedelta(hours=6),
        recent=timedelta(days=90),
        pages=20,
        spec=spec,
    )


# -- what it costs --------------------------------------------------------------------------------------


def _measured(run: Callable[[Plan], Coroutine[Any, Any, _Costs]], plan: Plan) -> _Costs:
    in_loop(partial(run, plan.warming))
    return in_loop(partial(run, plan))


async def _costs(work: Callable[[], Awaitable[object]]) -> dict[str, float]:
    """What work costs this process and its workers."""
    with contextlib.suppress(OSError):  # proc(5): 5 makes the peak begin again
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    began, used = time.perf_counter(), processor_seconds()
    with _watched() as memory:
        await work()
    return {
        "seconds": time.perf_counter() - began,
        "processor_seconds": processor_seconds() - used,
        "main_mb": _kilobytes("/proc/self/status", "VmHWM") / 1024,
        "all_mb": memory.peak / 1024,
    }


@dataclass(slots=True)
class _Memory:
    peak: int = 0  # kB


@contextmanager
def _watched() -> Iterator[_Memory]:
    """The peak of what this process and its workers have together; what they share counts once."""
    memory, over = _Memory(), Event()

    def look() -> None:
        while True:
            files = [f"/proc/{pid}/smaps_rollup" for pid in (os.getpid(), *our_workers())]
            memory.peak = max(memory.peak, sum(_kilobytes(file, "Pss") for file in files))
            if over.wait(0.2):
                return

    looking = Thread(target=look, daemon=True)
    looking.start()
    try:
        yield memory
    finally:
        over.set()
        looking.join()


def _kilobytes(file: str, name: str) -> int:
    """A line of a file of /proc; 0 if the process is gone."""
    with contextlib.suppress(OSError):
        for line in Path(file).read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0


@asynccontextmanager
async def _state(plan: Plan) -> AsyncIterator[tuple[SqlStore, ProcessWorkers]]:
    from digest.adapters.workers import ProcessWorkers
    from digest.store.database import Database
    from digest.store.sql import SqlStore
    from digest.tokens import address_seal

    with tempfile.TemporaryDirectory(dir=plan.folder) as folder:
        database = Database("sqlite:///state.db", directory=Path(folder))
        await database.create()
        try:
            async with ProcessWorkers() as workers:
                yield SqlStore(database, seal=address_seal(b"a key for a bench")), workers
        finally:
            await database.dispose()


class _Clock:
    def __init__(self) -> None:
        self.at = _BEGIN

    def now(self) -> datetime:
        return self.at


# -- the two ways ---------------------------------------------------------------------------------------


def load(plan: Plan) -> _Costs:
    """What `digest register load` of the files costs."""
    return _measured(_load, plan)


async def _load(plan: Plan) -> _Costs:
    from digest.adapters.workers import DATA_LIMIT
    from digest.cli.read import known_scales
    from digest.jobs.load_register import OnDisk, RegisterLoader

    async with _state(plan) as (store, workers):
        loader = RegisterLoader(
            store=store,
            fetcher=OnDisk("", b""),
            workers=workers.with_limit(DATA_LIMIT),
            inspectorates=known_scales(),
            clock=_Clock(),
        )

        async def one(month: int) -> None:
            file = plan.file(month)
            loaded = await loader.load(_source(file.as_uri()), file=OnDisk(file.as_uri(), file.read_bytes()))
            expected = plan.rows // (_CHANGED if month else 1)
            if isinstance(loaded, str) or loaded.changed != expected:
                raise RuntimeError(f"{expected} rows should have changed: {loaded}")

        return {name: await _costs(partial(one, month)) for month, name in enumerate(("first", "month"))}


def poll(plan: Plan) -> _Costs:
    """What polls of the files cost: of the first, of the same again (304), and of the second."""
    return _measured(_poll, plan)


async def _poll(plan: Plan) -> _Costs:
    from zoneinfo import ZoneInfo

    from digest.adapters.http.fetcher import HttpFetcher
    from digest.adapters.newsletters import ImapFolders
    from digest.adapters.workers import DATA_LIMIT
    from digest.cli.read import known_scales
    from digest.jobs.poll import Poller
    from digest.jobs.read import Reader
    from digest.jobs.source_kinds import listers

    clock, inspectorates = _Clock(), known_scales()
    with _publishing(plan) as url:
        fetching = HttpFetcher(
            contact="https://digest.example.org/", clock=clock, pause=timedelta(0), allow_private=True
        )
        async with _state(plan) as (store, workers), fetching as fetcher:
            poller = Poller(
                sources=(_source(url),),
                listers=listers(
                    fetcher=fetcher,
                    workers=workers,
                    data_workers=workers.with_limit(DATA_LIMIT),
                    zone=ZoneInfo("Europe/London"),
                    records=store.records,
                    inspectorates=inspectorates,
                    clock=clock,
                    keys={},
                    folders=ImapFolders(),
                    newsletters=store.newsletters,
                ),
                reader=Reader(
                    inspectorates=inspectorates,
                    store=store,
                    fetcher=fetcher,
                    workers=workers,
                    clock=clock,
                ),
                store=store,
                clock=clock,
                hosts=fetcher,
            )

            async def one() -> None:
                clock.at += timedelta(hours=7)  # within a day, a poll asks whether the file has changed
                [polling] = await poller.poll()
                if polling.trouble:
                    raise RuntimeError(polling.trouble)

            found = {"first": await _costs(one), "unchanged": await _costs(one)}
            _publish(plan, 1)
            return found | {"month": await _costs(one)}


def _publish(plan: Plan, month: int) -> None:
    """Let the publisher have the file of a month."""
    published = Path(plan.folder) / "published.csv"
    next_one = published.with_suffix(".next")
    next_one.hardlink_to(plan.file(month))
    os.utime(next_one, (_BEGIN.timestamp() + month,) * 2)
    next_one.replace(published)


@contextmanager
def _publishing(plan: Plan) -> Iterator[str]:
    """The address of a publisher on this machine with the file of month 0, in a process of its own."""
    from multiprocessing import get_context

    _publish(plan, 0)
    context = get_context("spawn")
    ours, its = context.Pipe()
    server = context.Process(target=_serve, args=(plan.folder, its), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/published.csv"
    finally:
        server.terminate()
        server.join()


def _serve(folder: str, port: Any) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        port.send(server.server_port)
        server.serve_forever()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the terminal."""
