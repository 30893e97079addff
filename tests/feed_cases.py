"""Cases of publishers that fool a poller, played against the real poller on a clock of its own.

`fixtures/feeds/cases/cases.jsonl` says what the publisher answers, and when; a folder for each case holds the
files. `Stage` plays a case and shows what has become of the items and sources.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from builders import DAY, a_timetable, inspectorates
from clocks import Clock
from mailed import mailed
from servers.publisher import Act, Publisher, drop, raw, say
from sqlalchemy import select

from digest.adapters.http.fetcher import HttpFetcher
from digest.adapters.newsletters import ImapFolders
from digest.edition import Story
from digest.edition_assembly import assemble
from digest.jobs.poll import Poller, Polling
from digest.jobs.read import Reader
from digest.jobs.source_kinds import listers
from digest.ratings import Inspectorates
from digest.sources import Authority, Polled, Source
from digest.store.sql import SqlStore
from digest.store.tables import items

T = TypeVar("T")

CASES: Final = Path(__file__).parent / "fixtures" / "feeds" / "cases"
HERE: Final = "127.0.0.1"
ELSEWHERE: Final = "localhost"  # the same publisher under another name
BEGIN: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
_UNITS: Final = {"m": MINUTE, "h": 60 * MINUTE, "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One poll of a case: how long after the first, and the routes that the publisher has from then on."""

    after: timedelta
    routes: Mapping[str, Mapping[str, Any]]


def cases() -> dict[str, dict[str, Any]]:
    """Every case by its id."""
    lines = (CASES / "cases.jsonl").read_text("utf-8").splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


def looks(case: Mapping[str, Any]) -> Iterator[Look]:
    """The polls of a case, in order: "31m", "60d (disabled between)", "every 31m to 25h"."""
    for poll in case["polls"]:
        times = [int(n) * _UNITS[unit] for n, unit in re.findall(r"\b(\d+)([mhd])\b", poll["after"])]
        if not times:
            raise ValueError(f"when is {poll['after']!r}?")
        if poll["after"].startswith("every"):
            every, until = times
            for number in range(2, until // every):
                yield Look(after=number * every, routes=poll["routes"])
        else:
            yield Look(after=times[0], routes=poll["routes"])


class Inline:
    """Workers that do their work here and now."""

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return function(*args, **kwargs)


async def not_at_all(_: float) -> None:
    """A pause that takes no time."""


def a_source(id: str, url: str, **facts: Any) -> Source:
    usual = {
        "id": id,
        "name": id.title(),
        "url": url,
        "authority": Authority.OFFICIAL,
        "inspectorate": None,
        "every": timedelta(minutes=30),
        "recent": timedelta(days=14),
        "pages": 20,
    }
    return Source(**(usual | facts))


@dataclass(kw_only=True)
class Stage:
    """A publisher, the real poller with its reader, lister and fetcher, and their clock."""

    case: str
    publisher: Publisher
    pages_on: str  # the host that `{P}` in a file stands for
    store: SqlStore
    clock: Clock
    poller: Poller
    begin: datetime = BEGIN
    asked: list[tuple[datetime, str]] = field(default_factory=list)  # every request: when, and which path

    async def look(self, at: datetime, routes: Mapping[str, Mapping[str, Any]]) -> tuple[Polling, ...]:
        """Change the routes, put the clock to `at`, and poll what is due."""
        for name, answer in routes.items():
            self.publisher.routes[f"/{name.strip('/')}"] = self.act(answer)
        return await self.poll(at)

    async def poll(self, at: datetime) -> tuple[Polling, ...]:
        self.clock.at = at
        before = len(self.publisher.requests)
        try:
            return await self.poller.poll()
        finally:
            self.asked += [(at, head.split(" ")[1]) for head in self.publisher.requests[before:]]

    async def play(self) -> None:
        """Play all polls of the case."""
        for look in looks(cases()[self.case]):
            await self.look(self.begin + look.after, look.routes)

    def act(self, answer: Mapping[str, Any]) -> Act:
        """What the publisher does for an answer of `cases.jsonl`."""
        if not answer["status"]:
            return drop()
        body = self.body(answer["file"]) if answer["file"] else b""
        headers = {name: _long(value) for name, value in answer["headers"].items()}
        if headers.pop("Content_Length", None) == "given twice, equal":
            length = f"Content-Length: {len(body)}\r\n"
            return raw(f"HTTP/1.1 200 OK\r\n{length}{length}Connection: close\r\n\r\n".encode(), body)
        return say(answer["status"], body, **headers)

    def body(self, file: str) -> bytes:
        """A file of the case. The pages that it links to and the case does not name are ordinary reports."""
        here = self.publisher.url("", host=self.pages_on)
        body = (CASES / self.case / file).read_bytes().replace(b"{P}", here.encode())
        for title, path in re.findall(
            rf"<title>([^<]*)</title><link>{re.escape(here)}(/[^<#]*)", body.decode()
        ):
            self.publisher.routes.setdefault(path, say(200, a_report(title), Content_Type="text/html"))
        return body

    async def items(self) -> list[tuple[str, str]]:
        """The title and the state of every stored item, sorted."""
        async with self.store.database.read() as connection:
            rows = (await connection.execute(select(items.c.title, items.c.state))).all()
        return sorted((row.title, row.state.value) for row in rows)

    async def polled(self, source: str = "feed") -> Polled:
        return next(one for one in await self.store.sources.polled() if one.source == source)

    def asked_for(self, path: str) -> list[timedelta]:
        """When a path was asked for, counted from the first poll."""
        return [at - self.begin for at, asked in self.asked if asked == path]

    async def stories(self) -> tuple[Story, ...]:
        """What would be told of all that was polled so far, and was not mailed."""
        waiting = await self.store.editions.waiting(self.clock.now() + timedelta(hours=1))
        return assemble(DAY, a_timetable(), waiting=waiting, told=(), sources=()).edition.stories

    async def mail(self) -> str | None:
        """What today's message tells, with "http://publisher" for the publisher's address; see `mailed`."""
        text = await mailed(self.store, self.poller.sources, self.clock.now())
        here = (self.publisher.url("", host=host) for host in (HERE, ELSEWHERE))
        for address in here if text else ():
            text = text.replace(address, "http://publisher")
        return text


def _long(value: str) -> str:
    times = re.fullmatch(r"(.) \* (\d+)", value)
    return times[1] * int(times[2]) if times else value


def a_feed(*names: str) -> bytes:
    """A feed with an item for each name, whose page is at the path of that name."""
    entries = (f"<item><title>{n}</title><link>/{n}</link><guid>{n}</guid></item>" for n in names)
    return f"<rss version='2.0'><channel><title>Visits</title>{''.join(entries)}</channel></rss>".encode()


def a_report(title: str) -> bytes:
    """The page of an ordinary report."""
    words = (
        "Inspectors visited the unit for three days in October. They spoke with staff and with the people "
        "who live there, read records, and watched how the days go. Leaders know their service well and act "
        "on what they learn. Rooms are clean, and meals are served on time. Training for new staff begins "
        "late, and some records are not complete. Leaders are asked to mend this before the next visit."
    )
    return f"<!doctype html><title>{title}</title><main><h1>{title}</h1><p>{words}</p></main>".encode()


def a_poller(
    sources: tuple[Source, ...],
    store: SqlStore,
    fetcher: HttpFetcher,
    clock: Clock,
    known: Inspectorates | None = None,
    keys: Mapping[str, str] | None = None,
) -> Poller:
    """The real poller, which does all its work in this process. `known` are the inspectorates."""
    workers, known = Inline(), known or inspectorates()
    return Poller(
        sources=sources,
        listers=listers(
            fetcher=fetcher,
            workers=workers,
            data_workers=workers,
            zone=ZoneInfo("Europe/London"),
            records=store.records,
            inspectorates=known,
            clock=clock,
            keys=keys or {},
            folders=ImapFolders(),
            newsletters=store.newsletters,
        ),
        reader=Reader(inspectorates=known, store=store, fetcher=fetcher, workers=workers, clock=clock),
        store=store,
        clock=clock,
        hosts=fetcher,
    )


@asynccontextmanager
async def stage(
    case: str,
    store: SqlStore,
    *,
    sources: Mapping[str, str] | None = None,
    pages_on: str = HERE,
    path: str | None = None,
    known: Inspectorates | None = None,
    keys: Mapping[str, str] | None = None,
    begin: datetime = BEGIN,
    **facts: Any,
) -> AsyncIterator[Stage]:
    """A stage for a case. `sources` maps each source's name, which is also its path, to its host.

    Without it there is one source, "feed". `path` is its path, if not its name. `facts` are those of every
    source that differ from `a_source`, `known` the inspectorates, and `keys` the
    secrets that servers want. `begin` is when it is polled first.
    """
    clock = Clock(begin)
    async with (
        Publisher() as publisher,
        HttpFetcher(
            contact="https://digest.example.org/about",
            clock=clock,
            pause=timedelta(0),
            allow_private=True,
            sleep=not_at_all,
            hosts=store.hosts,
        ) as fetcher,
    ):
        polled = tuple(
            a_source(name, publisher.url(path or f"/{name}", host=host), **facts)
            for name, host in (sources or {"feed": HERE}).items()
        )
        poller = a_poller(polled, store, fetcher, clock, known, keys)
        yield Stage(
            case=case,
            publisher=publisher,
            pages_on=pages_on,
            store=store,
            clock=clock,
            poller=poller,
            begin=begin,
        )
