"""What a person sees and what is kept when something fails at the moment when they press a button.

Each cell of the table in docs/what-is-kept.md is tried: on `digest run` as a process that is killed, stopped,
or has its disk, database or file taken away, and on the same pages with a clock that is set back. The page in
the docs must be what is seen; `make kept` rewrites it.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from clocks import Clock
from journey_place import Place
from servers.ports import free_port, until_closed, until_open
from sqlalchemy import func, select
from troubles import locked, removed

from digest.app.directory import configured, open_database
from digest.app.service import Service, service
from digest.deliveries import Pause, State
from digest.letter_kinds import move_number
from digest.serving import serve_readers
from digest.store.sql import SqlStore
from digest.store.tables import letters
from digest.subscriptions import Channel, Evidence, Standing, Wishes
from digest.tokens import Purpose
from digest.web.server import listen

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux", reason="limits and connections of a process as Linux has them"
    ),
]

PAGE: Final = Path(__file__).parents[2] / "docs" / "what-is-kept.md"
BEGIN, END = "<!-- table:begin -->\n", "<!-- table:end -->\n"
WEB: Final = Evidence(channel=Channel.WEB, wording="Join")
BACK: Final = timedelta(hours=3)
SETTLED: Final = 40.0
"""Seconds that the service has for what it has taken in."""

Looking = Callable[[SqlStore], Awaitable[str]]


@pytest.fixture
def kind() -> str:
    return "sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One button on one page, pressed by somebody of whom nobody else knows anything."""

    step: str
    path: str
    form: str = ""
    kept: Looking  # what the state says about it
    brings: tuple[str, str]  # the letter that it brings: its kind and address


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    fault: str
    step: str
    page: str
    kept: str
    again: str  # the page when the button is pressed again afterwards; empty: no need

    def __str__(self) -> str:
        return f"| {self.fault} | {self.step} | {self.page} | {self.kept} | {self.again or 'no need'} |"


# -- the five buttons --------------------------------------------------------------------------------------


async def buttons(it: Service, name: str) -> list[Press]:
    """The five buttons, each for a person of its own, before they are pressed."""
    return [
        _join(f"join-{name}@example.org"),
        await _confirm(it, f"confirm-{name}@example.org"),
        await _leave(it, f"leave-{name}@example.org"),
        await _ask(it, f"ask-{name}@example.org", f"asked-{name}@example.org"),
        await _move(it, f"move-{name}@example.org", f"moved-{name}@example.org"),
    ]


def _join(address: str) -> Press:
    async def kept(store: SqlStore) -> str:
        found = await store.subscriptions.find(address)
        if found is None:
            return "nothing"
        assert found.standing is Standing.PENDING
        return await _with(store, "the request", "confirm", address)

    return Press(step="join", path="/join", form=f"address={address}", kept=kept, brings=("confirm", address))


async def _confirm(it: Service, address: str) -> Press:
    await it.membership.enrolment.join(address, Wishes(), WEB)
    found = await it.store.subscriptions.find(address)
    assert found is not None

    async def kept(store: SqlStore) -> str:
        now = await store.subscriptions.get(found.subscriber)
        if now == found:
            return "the request, to be confirmed"
        assert now is not None
        assert now.standing is Standing.ACTIVE
        return await _with(store, "the subscription", "welcome", address)

    token = it.composer.links.tokens.sign(Purpose.CONFIRM, found.subscriber, found.generation)
    return Press(step="confirm", path=f"/confirm/{token}", kept=kept, brings=("welcome", address))


async def _leave(it: Service, address: str) -> Press:
    found = await it.store.subscriptions.add(address, Wishes(), it.clock.now())

    async def kept(store: SqlStore) -> str:
        now = await store.subscriptions.get(found.subscriber)
        if now == found:
            return "the subscription"
        assert now is not None
        assert now.standing is Standing.ENDED
        return await _with(store, "the end", "left", address)

    token = it.composer.links.tokens.sign(Purpose.ONE_CLICK, found.subscriber, found.generation)
    return Press(step="leave", path=f"/one-click/{token}", kept=kept, brings=("left", address))


async def _ask(it: Service, address: str, new: str) -> Press:
    found = await it.store.subscriptions.add(address, Wishes(), it.clock.now())

    async def kept(store: SqlStore) -> str:
        if await store.requests.get(found.subscriber) is None:
            return "nothing"
        return await _with(store, "the request", "confirm-move", new)

    until = it.clock.now() + timedelta(hours=20)
    token = it.composer.links.tokens.sign_expiring(Purpose.ADDRESS, found.subscriber, found.generation, until)
    return Press(
        step="ask to move",
        path=f"/address/{token}",
        form=f"address={new}",
        kept=kept,
        brings=("confirm-move", new),
    )


async def _move(it: Service, address: str, new: str) -> Press:
    found = await it.store.subscriptions.add(address, Wishes(), it.clock.now())
    own = (found.subscriber, found.generation)
    await it.membership.address_changes.ask(*own, new)
    request = await it.store.requests.get(found.subscriber)
    assert request is not None

    async def kept(store: SqlStore) -> str:
        now = await store.subscriptions.get(found.subscriber)
        if now == found:
            return "the old address"
        assert now is not None
        assert now.address == new
        return await _with(store, "the new address", "moved", address)

    token = it.composer.links.tokens.sign(Purpose.MOVE, found.subscriber, move_number(request.asked_at))
    return Press(step="move", path=f"/move/{token}", kept=kept, brings=("moved", address))


async def _with(store: SqlStore, what: str, kind: str, address: str) -> str:
    query = select(func.count()).where(letters.c.kind == kind, letters.c.address == address)
    async with store.database.read() as connection:
        written = (await connection.execute(query)).scalar_one()
    return {0: what, 1: f"{what}; its email comes"}.get(written, f"{what}; {written} emails come")


# -- pressing them -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pressed:
    """A request that is under way."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def page(self) -> str:
        try:
            said = (await self.reader.read()).decode()
        except ConnectionError:
            said = ""
        self.writer.close()
        heading = re.search(r"<h1>(.*?)</h1>", said)
        return f"{said.split()[1]} “{heading[1]}”" if heading else said or "no answer"


async def press(port: int, one: Press) -> Pressed:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {one.path} HTTP/1.1\r\nHost: digest.example.org\r\nConnection: close\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(one.form)}\r\n\r\n"
    writer.write((head + one.form).encode())
    await writer.drain()
    return Pressed(reader, writer)


async def press_all(port: int, some: list[Press]) -> list[str]:
    return [await under_way.page() for under_way in [await press(port, one) for one in some]]


async def until_read(port: int) -> None:
    """Until a process has read all that was sent to a port, as the system's table of connections says."""
    async with asyncio.timeout(20):
        while True:
            lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
            ours = [line for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "01"]
            if ours and all(line[4].endswith(":00000000") for line in ours):
                return
            await asyncio.sleep(0.01)


# -- the service -------------------------------------------------------------------------------------------


@asynccontextmanager
async def running(place: Place, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """`digest run` as a process, killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "digest", "run", "--config", str(place.config)),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"service started" not in (line := await process.stderr.readline()):
            assert line, "it ended"
    drain = asyncio.create_task(process.stderr.read())
    await until_open(port)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await drain


async def settled(place: Place) -> None:
    """Until all that the pages have taken in is done."""
    async with asyncio.timeout(SETTLED), place.opened() as store:
        while await store.arrivals.waiting():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def seen(place: Place, fault: str, some: list[Press], pages: list[str]) -> list[Row]:
    async with place.opened() as store:
        return [
            Row(fault=fault, step=one.step, page=page, kept=await one.kept(store), again="")
            for one, page in zip(some, pages, strict=True)
        ]


@contextmanager
def no_room(process: asyncio.subprocess.Process, state: Path) -> Iterator[None]:
    """No file of the process grows beyond what the journal has now: the disk is full."""
    most = state.with_name(f"{state.name}-wal").stat().st_size
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    yield
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


async def again(port: int, place: Place, some: list[Press], rows: list[Row]) -> list[Row]:
    """The same rows, with the pages that come when the buttons are pressed again, which all work."""
    pages = await press_all(port, some)
    await settled(place)
    async with place.opened() as store:
        assert all([(await one.kept(store)).endswith("; its email comes") for one in some])
    return [
        Row(fault=row.fault, step=row.step, page=row.page, kept=row.kept, again=page)
        for row, page in zip(rows, pages, strict=True)
    ]


# -- the faults --------------------------------------------------------------------------------------------


async def observe(place: Place) -> list[Row]:
    """Every fault with every button, in the order of the table."""
    port = free_port()
    _configure(place.config, port)
    settings, secrets = configured(place.config)
    names = ("killed-before", "killed", "stopped", "full", "locked", "removed")
    async with service(settings, secrets, directory=place.config) as it:
        # Until the end no letter leaves: one that is handed over when we kill would be of unknown state.
        await it.store.pauses.pause(Pause(since=it.clock.now(), by="ada", why="a test"))
        people = {name: await buttons(it, name) for name in names}
    back, pressed_at_last = await _clock_back(place, port)
    people["back"] = pressed_at_last

    async with running(place, port) as process:
        meanwhile = await _in_trouble(place, process, port, people)
        with _locked(place):
            under_way = [await press(port, one) for one in people["killed-before"]]
            await until_read(port)
            process.kill()
            killed_before = [await one.page() for one in under_way]
    async with running(place, port) as process:
        rows = await seen(place, "killed (`kill -9`) before the page", people["killed-before"], killed_before)
        before = await again(port, place, people["killed-before"], rows)
        killed = await press_all(port, people["killed"])
        process.kill()
    _let_leases_run_out(place)
    async with running(place, port) as process:
        await settled(place)
        after = await seen(place, "killed (`kill -9`) after the page", people["killed"], killed)
        with _locked(place):
            under_way = [await press(port, one) for one in people["stopped"]]
            await until_read(port)
            process.send_signal(signal.SIGTERM)
            await until_closed(port)
        stopped = [await one.page() for one in under_way]
        assert await process.wait() == 0
    async with place.opened() as store:
        await store.pauses.resume()
    async with running(place, port):
        await settled(place)
        ended = await seen(place, "stopped (SIGTERM) before the page", people["stopped"], stopped)
        await _everybody_has_one_letter(place, [one for some in people.values() for one in some])
    return [*before, *after, *ended, *meanwhile, *back]


async def _in_trouble(
    place: Place, process: asyncio.subprocess.Process, port: int, people: dict[str, list[Press]]
) -> list[Row]:
    """The faults that the process outlives."""
    settings, secrets = configured(place.config)
    database = open_database(settings, secrets, place.config)
    assert database.file is not None
    faults = {
        "full": ("the disk is full", no_room(process, database.file)),
        "locked": ("the database is locked", locked(database)),
        "removed": ("the database file is moved away", removed(database)),
    }
    rows = []
    for name, (fault, trouble) in faults.items():
        with trouble:
            pages = await press_all(port, people[name])
        rows += await again(port, place, people[name], await seen(place, fault, people[name], pages))
    return rows


async def _clock_back(place: Place, port: int) -> tuple[list[Row], list[Press]]:
    """The pages of the service in this process, whose clock is set back once all is prepared."""
    settings, secrets = configured(place.config)
    clock = Clock(datetime.now(UTC) + BACK)
    stop = asyncio.Event()
    async with service(settings, secrets, directory=place.config, clock=clock) as it:
        some = await buttons(it, "back")
        clock.at -= BACK
        serving = asyncio.create_task(serve_readers(it, listen("127.0.0.1", port), stop))
        await until_open(port)
        pages = await press_all(port, some)
        await settled(place)
        stop.set()
        await serving
    return await seen(place, "the clock is set back 3 hours", some, pages), some


def _locked(place: Place) -> AbstractContextManager[None]:
    settings, secrets = configured(place.config)
    return locked(open_database(settings, secrets, place.config))


def _let_leases_run_out(place: Place) -> None:
    """As after a minute: the process may have been killed with a request in its hands."""
    settings, secrets = configured(place.config)
    file = open_database(settings, secrets, place.config).file
    assert file is not None
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE arrivals SET lease_until = NULL")
    connection.close()


async def _everybody_has_one_letter(place: Place, some: list[Press]) -> None:
    """Until the relay has taken the letter that each button brings; and none was sent twice."""
    wanted = sorted(one.brings for one in some)
    query = select(letters.c.kind, letters.c.address).where(letters.c.state == State.ACCEPTED)
    async with asyncio.timeout(SETTLED), place.opened() as store:
        while True:
            async with store.database.read() as connection:
                taken = [tuple(row) for row in await connection.execute(query)]
            if sorted(one for one in taken if one in wanted) == wanted:
                break
            await asyncio.sleep(0.1)
    received = Counter(message.recipients[0] for message in place.server.messages)
    assert {address: received[address] for _, address in wanted} == {address: 1 for _, address in wanted}


def _configure(config: Path, port: int) -> None:
    file = config / "digest.yaml"
    text = re.sub(r"(?m)^  port: 8080", f"  port: {port}", file.read_text())
    file.write_text(re.sub(r"(?m)^  per_network: \S+", "  per_network: 1000", text))
    (config / "sources.yaml").write_text(
        "sources:\n  - {id: nobody, name: Nobody, url: 'http://127.0.0.1:9/feed', authority: blog}\n"
    )


# -- the page in the docs ----------------------------------------------------------------------------------


def table(rows: list[Row]) -> str:
    head = "| When | Step | The page | What is kept | Pressed again |\n|---|---|---|---|---|\n"
    return head + "".join(f"{row}\n" for row in rows)


async def test_the_page_in_the_docs_says_what_is_seen_and_kept(place: Place) -> None:
    rows = await observe(place)

    assert all(row.kept.endswith("; its email comes") for row in rows if row.page.startswith("200"))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    written, _, after = rest.partition(END)
    if os.environ.get("DIGEST_TESTS_WRITE"):
        PAGE.write_text(f"{before}{BEGIN}{table(rows)}{END}{after}", encoding="utf-8")
        return
    assert table(rows) == written
