"""`digest bench send`: a whole noon run against a mail server, from planning to the last delivery."""

from __future__ import annotations

import resource
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.common import AsJson, Exit, complain, host_and_port, say, say_json, serving, waiting

if TYPE_CHECKING:
    from digest.adapters.config.secrets import Secrets
    from digest.app.composing import Composer
    from digest.edition_assembly import Assembly
    from digest.settings import Settings
    from digest.store.sql import SqlStore

DAY: Final = date(2020, 3, 3)
_CHUNK: Final = 10_000
_MOST_STORIES: Final = 100
_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)


def send(  # noqa: PLR0917 - typer's options
    smtp: Annotated[str, typer.Option(metavar="HOST:PORT", help="The mail server; only on this machine.")],
    recipients: Annotated[int, typer.Option(metavar="N", help="The number of subscribers.", min=1)] = 10_000,
    connections: Annotated[
        int, typer.Option(metavar="N", help="The most connections of each worker.", min=1)
    ] = 20,
    workers: Annotated[int, typer.Option(metavar="N", help="The number of worker processes.", min=1)] = 1,
    size: Annotated[
        int, typer.Option(metavar="N", help="About how many octets a message has.", min=1)
    ] = 10_000,
    dkim_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Sign messages with this key. Default: they are not signed.",
        ),
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="An empty PostgreSQL database. Default: SQLite.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how fast an edition is sent to made-up people.

    For each recipient it is planned, composed, submitted and recorded, exactly as at a real noon. The state
    is deleted afterwards.

    Example: digest bench send --recipients 100000 --smtp 127.0.0.1:2525
    """
    import tempfile

    host, port = host_and_port(smtp) or ("", 0)
    if host not in {"127.0.0.1", "localhost", "::1"}:
        complain(f"--smtp {smtp}: expected a server on this machine, such as 127.0.0.1:2525")
        raise typer.Exit(Exit.WRONG)
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        bench = Bench(
            directory=Path(folder),
            host=host,
            port=port,
            connections=connections,
            database=database,
            dkim_key=dkim_key.absolute() if dkim_key else None,
        )
        found = waiting(_send(bench, recipients, workers, size))
    if as_json:
        say_json(found)
    else:
        say("\n".join(_table(found)))
    if found["states"] != {"accepted": recipients}:
        raise typer.Exit(Exit.WRONG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The settings of one run."""

    directory: Path
    host: str
    port: int
    connections: int
    database: str | None
    dkim_key: Path | None = None

    def configured(self) -> tuple[Settings, Secrets]:
        from pydantic import SecretStr

        from digest.app.directory import configured
        from digest.settings import DkimSettings

        settings, secrets = configured(self.directory)
        if self.dkim_key:
            domain = settings.sender.address.rpartition("@")[2]
            dkim = DkimSettings(domain=domain, selector="bench", key_file=self.dkim_key)
            settings = settings.model_copy(update={"dkim": dkim})
        relay = settings.relay.model_copy(
            update={"host": self.host, "port": self.port, "connections": self.connections}
        )
        if self.database:
            secrets = secrets.model_copy(update={"database_url": SecretStr(self.database)})
        return settings.model_copy(update={"relay": relay}), secrets


class _NoonClock:
    """A clock that shows noon of `DAY` at `began`, in seconds since 1970, and runs on from there."""

    def __init__(self, began: float) -> None:
        noon = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
        self._ahead = noon - datetime.fromtimestamp(began, UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


async def _send(bench: Bench, recipients: int, workers: int, size: int) -> dict[str, Any]:
    from digest.adapters.config.packaged import copy_config
    from digest.app.composing import composer
    from digest.app.directory import open_database
    from digest.store.sql import SqlStore

    copy_config(bench.directory)
    settings, secrets = bench.configured()
    database = open_database(settings, secrets, bench.directory)
    try:
        await database.create()
        store = SqlStore(database, seal=secrets.seal)
        await subscribe(store, recipients)
        compose = composer(settings, secrets, bench.directory)
        octets = await seal_edition(store, compose, size)
        edition = await store.editions.sealed(DAY)
        assert edition is not None
        async with _workers(bench, workers) as crew:
            began, now = time.perf_counter(), _NoonClock(time.time()).now()
            await store.deliveries.plan(DAY, since=edition.cutoff, everybody=True, now=now, noon=now)
            planned = time.perf_counter()
            crew.go.set()
            await _watch(store, recipients, crew)
            ended = time.perf_counter()
        states = await store.deliveries.tally(DAY)
    finally:
        await database.dispose()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "recipients": recipients,
        "message_octets": octets,
        "database": "postgresql" if bench.database else "sqlite",
        "workers": workers,
        "connections": bench.connections,
        "signed_here": bench.dkim_key is not None,
        "seconds": round(ended - began, 2),
        "planning_seconds": round(planned - began, 2),
        "messages_a_second": round(recipients / (ended - began)),
        "processor_microseconds_a_message": round((used.ru_utime + used.ru_stime) / recipients * 1e6, 1),
        "peak_memory_mb": used.ru_maxrss // 1024,
        "states": {state.value: count for state, count in states.items()},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crew:
    """The worker processes, and the signals between them and this one."""

    processes: list[Any]
    go: Any  # an event: the workers may start
    said: Any  # a semaphore: each worker releases it when it is ready and when it is done

    async def spoken(self, patience: float) -> bool:
        """Wait up to so many seconds for a worker's signal; whether one came."""
        import asyncio

        return await asyncio.to_thread(self.said.acquire, timeout=patience)

    def check(self) -> None:
        """End the command if a worker failed."""
        failed = [process.exitcode for process in self.processes if process.exitcode]
        if failed:
            complain(f"a worker ended with {failed[0]}")
            raise typer.Exit(Exit.FAILED)


@asynccontextmanager
async def _workers(bench: Bench, count: int) -> AsyncIterator[_Crew]:
    """Start `count` workers, and wait until each is ready to send."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    go, said = context.Event(), context.Semaphore(0)
    processes: list[Any] = [context.Process(target=_worker, args=(bench, go, said)) for _ in range(count)]
    crew = _Crew(processes=processes, go=go, said=said)
    for process in processes:
        process.start()
    try:
        for _ in processes:
            while not await crew.spoken(0.5):
                crew.check()
        yield crew
    finally:
        for process in processes:
            process.join(5)
            process.terminate()
            process.join()


def _worker(bench: Bench, go: Any, said: Any) -> None:
    from digest.app.service import service

    serving(_deliver(service, bench, go, said))


async def _deliver(service: Callable[..., Any], bench: Bench, go: Any, said: Any) -> None:
    import asyncio

    settings, secrets = bench.configured()
    clock = _NoonClock(time.time())
    async with service(settings, secrets, directory=bench.directory, clock=clock) as it:
        said.release()
        await asyncio.to_thread(go.wait)
        await it.deliverer.deliver(DAY)
        said.release()


async def _watch(store: SqlStore, recipients: int, crew: _Crew) -> None:
    """Show progress until every worker is done."""
    import sys

    left, seen = len(crew.processes), 0
    with typer.progressbar(length=recipients, label="sending", file=sys.stderr) as bar:
        while left:
            if await crew.spoken(0.5):
                left -= 1
            else:
                crew.check()
            if sys.stderr.isatty():
                done, _ = await store.deliveries.done(DAY)
                bar.update(done - seen)
                seen = done


def _table(found: dict[str, Any]) -> list[str]:
    return [
        f"{found['messages_a_second']} messages a second: {found['recipients']} in {found['seconds']} s, "
        f"{found['planning_seconds']} s of them planning",
        f"{found['message_octets']} octets each; {found['database']}, {found['workers']} worker(s), "
        f"{found['connections']} connections each" + (", signed here" if found["signed_here"] else ""),
        f"{found['processor_microseconds_a_message']} µs of processor a message, "
        f"peak memory {found['peak_memory_mb']} MB",
        ", ".join(f"{count} {state}" for state, count in found["states"].items()),
    ]


# -- made-up subscribers, and an edition with messages of a given size --------------------------------------


async def subscribe(store: SqlStore, count: int) -> None:
    """Store `count` made-up subscribers, all active."""
    from sqlalchemy import insert

    from digest.store.codec import WISHES
    from digest.store.tables import subscribers, subscriptions
    from digest.subscriptions import Standing, Wishes

    for first in range(1, count + 1, _CHUNK):
        numbers = range(first, min(first + _CHUNK, count + 1))
        people = [
            {
                "id": n,
                "address": f"reader{n}@inbox{n % 97}.example",
                "address_key": f"reader{n}@inbox{n % 97}.example",
                "created_at": _SINCE,
            }
            for n in numbers
        ]
        agreed = {
            "standing": Standing.ACTIVE,
            "generation": 1,
            "wishes": WISHES.dump(Wishes()),
            "since": _SINCE,
        }
        async with store.database.write() as connection:
            await connection.execute(insert(subscribers), people)
            await connection.execute(insert(subscriptions), [{"subscriber_id": n, **agreed} for n in numbers])


async def seal_edition(store: SqlStore, compose: Composer, size: int) -> int:
    """Seal an edition of `DAY` with messages of about `size` octets; returns the octets that they have."""
    from digest.providers import Register
    from digest.subscriptions import Wishes

    def octets_with(stories: int) -> int:
        rendition = compose.render(_assembly(stories).edition, Wishes(), Register(), _SINCE)
        return len(rendition.copy_for(1, "reader1@inbox1.example", compose.tokens(1, 1)).wire)

    stories = 1
    while stories < _MOST_STORIES and octets_with(stories + 1) <= size:
        stories += 1
    await store.editions.seal(_assembly(stories), _SINCE)
    return octets_with(stories)


def _assembly(count: int) -> Assembly:
    """An edition of `count` short stories."""
    from digest.edition import Edition, Section, SectionKind, Story, StoryKey
    from digest.edition_assembly import Assembly

    stories = tuple(
        Story(
            key=StoryKey(item=n, place=0),
            section=SectionKind.NEWS,
            title=f"An inspectorate says something in general for the {n}th time",
            link=f"https://inspectorate.example/news/{n}/",
            source_name="An inspectorate",
            inspectorate=None,
            inspectorate_name=None,
            provider=None,
            provider_name=None,
            published=DAY,
            found_at=datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC),
        )
        for n in range(1, count + 1)
    )
    edition = Edition(
        day=DAY,
        cutoff=datetime(DAY.year, DAY.month, DAY.day, 11, 45, tzinfo=UTC),
        sections=(Section(kind=SectionKind.NEWS, stories=stories),),
    )
    return Assembly(edition=edition, settled=(), doubts=())
