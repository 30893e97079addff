"""Processes with one role each, sharing the work through PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import aiohttp
import pytest
from journey_place import SUBSCRIBERS, Place
from servers.ports import free_port

from digest.adapters.wakeups import Wakeups
from digest.app.directory import configured
from digest.interventions import Act, Intervention
from digest.store.sql import SqlStore


@asynccontextmanager
async def running(
    place: Place, *arguments: str, said: list[str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`digest run` with these arguments, told to stop at the end; its log lines come to stand in `said`."""
    lines = said if said is not None else []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "digest", "run", "--config", str(place.config), *arguments),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(60):
            while b"service started" not in (line := await process.stderr.readline()):
                assert line, "it ended"
                lines.append(line.decode())
            lines.append(line.decode())
        drain = asyncio.create_task(process.stderr.read())
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            lines.extend((await drain).decode().splitlines())
            assert await process.wait() == 0


def let_noon_be_now(place: Place) -> None:
    """In a zone where it is about midday, so that the day is not over before the test is."""
    now = datetime.now(UTC)
    ahead = 12 - now.hour
    local = now + timedelta(hours=ahead)
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^  zone:.*$", f"  zone: Etc/GMT{-ahead:+d}", text)
    text = re.sub(r"(?m)^  noon:.*$", f'  noon: "{local:%H:%M}"', text)
    text = re.sub(r"(?m)^  cutoff:.*$", f'  cutoff: "{local:%H:%M}"', text)
    config.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_one_process_publishes_and_others_deliver_at_its_ring(place: Place) -> None:
    """They were there before there was anything to do, and do not look again for minutes."""
    let_noon_be_now(place)
    await place.file(1, datetime.now(UTC) - timedelta(hours=1))

    async with running(place, "--role", "deliver"), running(place, "--role", "deliver"):
        assert place.server.messages == []
        async with running(place, "--role", "publish"):
            async with asyncio.timeout(60):
                for count in range(1, len(SUBSCRIBERS) + 1):
                    await place.server.until(count)

    assert sorted(m.recipients[0] for m in place.server.messages) == sorted(SUBSCRIBERS)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_an_edition_released_by_command_goes_at_once(place: Place) -> None:
    """The service looks for other work every five minutes; a release does not wait for that."""
    let_noon_be_now(place)
    now = datetime.now(UTC)
    await place.file(1, now - timedelta(hours=1))
    config = place.config / "digest.yaml"
    text = re.sub(r"(?m)^  port: 8080.*$", f"  port: {free_port()}", config.read_text(encoding="utf-8"))
    config.write_text(text, encoding="utf-8")
    settings, _ = configured(place.config)
    day = settings.edition.timetable.day_of(now)
    until = settings.edition.timetable.hold_end_of(day)
    held = Intervention(day=day, act=Act.HOLD, by="ada", at=now, words="we ask them", until=until)
    async with place.opened() as store:
        assert await store.editions.intervene(held, lambda *_: None) is None

    async with running(place), place.opened() as store:
        await planned(store, day)
        assert place.server.messages == []
        await asyncio.to_thread(place.digest, "edition", "release")
        await place.server.until(len(SUBSCRIBERS))


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_role_without_pages_says_that_it_lives_and_how_things_stand(place: Place) -> None:
    port = free_port()
    where = f"127.0.0.1:{port}"
    config = place.config / "digest.yaml"
    text = re.sub(r"(?m)^  # metrics:.*$", "  metrics: true", config.read_text(encoding="utf-8"))
    config.write_text(text, encoding="utf-8")
    async with (
        running(place, "--role", "deliver", "--health", where),
        aiohttp.ClientSession(f"http://{where}") as client,
        asyncio.timeout(60),
    ):
        for path in ("/health/live", "/health/ready", "/metrics"):
            status, said = await answered(client, path)
            assert status == 200, path
        assert (await answered(client, "/"))[0] == 404

    assert "digest_sending_paused 0.0" in said


async def planned(store: SqlStore, day: date) -> None:
    """Wait until another process has planned the deliveries of a day."""
    async with asyncio.timeout(60):
        while True:
            if await store.editions.planned(day):
                return
            await asyncio.sleep(0.2)


async def answered(client: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    """A page's status and text, as soon as somebody listens."""
    while True:
        with contextlib.suppress(aiohttp.ClientConnectionError):
            async with client.get(path) as answer:
                return answer.status, await answer.text()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_role_alone_wants_postgresql(place: Place) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "digest", "run", "--config", str(place.config), "--role", "deliver"),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()

    assert process.returncode == 2
    assert b"PostgreSQL" in said
    assert b"--role all" in said


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_each_role_does_its_part_and_no_other(place: Place) -> None:
    """The processes that poll and that serve pages make no edition, though one is due."""
    let_noon_be_now(place)
    await place.file(1, datetime.now(UTC) - timedelta(hours=1))
    port = free_port()
    config = place.config / "digest.yaml"
    text = re.sub(r"(?m)^  port: 8080.*$", f"  port: {port}", config.read_text(encoding="utf-8"))
    config.write_text(text, encoding="utf-8")
    settings, _ = configured(place.config)
    async with place.opened() as store:
        async with (
            running(place, "--role", "poll"),
            running(place, "--role", "web"),
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
            asyncio.timeout(60),
        ):
            assert (await answered(client, "/"))[0] == 200
            while len(await store.sources.polled()) < len(settings.sources):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
            said = await asyncio.to_thread(place.digest, "status")
        assert [line for line in said.splitlines() if "NO PROCESS" in line] == [
            "NO PROCESS RUNS WITH --role publish or all: "
            "no edition is assembled, and the public site stays as it is",
            "NO PROCESS RUNS WITH --role deliver or all: nothing is sent",
        ]
        assert "THE PUBLIC SITE IS BEHIND: it shows no edition and no service yet" in said
        assert await store.editions.sealed(settings.edition.timetable.day_of(datetime.now(UTC))) is None


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_the_ring_of_a_worker_that_died_is_answered_by_another(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library leaves a wake-up with the worker that took it, even if that worker died."""
    _, secrets = configured(place.config)
    assert secrets.database_url is not None
    url = secrets.database_url.get_secret_value()
    died = await asyncio.create_subprocess_exec(sys.executable, "-c", DIES_ON_THE_RING, url)
    assert await died.wait() == -signal.SIGKILL
    monkeypatch.setattr("digest.adapters.wakeups._STALLED", 0.0)
    wakeups, heard = Wakeups(url), asyncio.Event()

    async def look() -> None:
        heard.set()

    async with wakeups.connected(), asyncio.timeout(60):
        answering = asyncio.create_task(wakeups.listen(look))
        await wakeups.retry_stalled()
        await heard.wait()
        answering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await answering


DIES_ON_THE_RING = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from digest.adapters.wakeups import Wakeups
from digest.store.database import Database

async def look():
    os.kill(os.getpid(), signal.SIGKILL)

async def main(url):
    wakeups, database = Wakeups(url), Database(url, directory=Path())
    async with database.write() as connection:
        await wakeups.notify(connection, 1, datetime.now(UTC))
    async with wakeups.connected():
        await wakeups.listen(look)

asyncio.run(main(sys.argv[1]))
"""
