"""Processes with one role each, sharing the work through PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from journey_place import SUBSCRIBERS, Place


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


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_role_without_pages_says_that_it_lives_and_how_things_stand(place: Place) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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
            while True:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with client.get(path) as answer:
                        assert answer.status == 200, path
                        said = await answer.text()
                        break
                await asyncio.sleep(0.05)
        async with client.get("/") as answer:
            assert answer.status == 404

    assert "digest_sending_paused 0.0" in said


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
