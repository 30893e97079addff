"""SIGTERM ends the service in time, whatever its database does, and the last line tells what was cut off."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from journey_place import SUBSCRIBERS, Place
from servers.ports import free_port
from servers.postgres import PostgresServer
from test_many_machines import let_noon_be_now, running

pytestmark = pytest.mark.slow

HURRIED: Final = """
from functools import partial
from digest.adapters import stopping
stopping.Stopping, stopping.LAST_RESORT = partial(stopping.Stopping, patience=0.3), 1.5
from digest.__main__ import main
main()
"""
"""The service with less patience than real ones have."""


@asynccontextmanager
async def hurried(place: Place) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[str]]]:
    """The running service, and its log as soon as it has ended."""
    port = free_port()
    text = (place.config / "digest.yaml").read_text(encoding="utf-8")
    (place.config / "digest.yaml").write_text(re.sub(r"(?m)^  port: 8080", f"  port: {port}", text))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HURRIED, "run", "--config", str(place.config)),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    lines: list[str] = []
    try:
        assert process.stderr is not None
        async with asyncio.timeout(60):
            while b"service started" not in (line := await process.stderr.readline()):
                assert line, "it ended"
        yield process, lines
        async with asyncio.timeout(30):
            lines += (await process.stderr.read()).decode().splitlines()
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@contextmanager
def locked(place: Place) -> Iterator[None]:
    with sqlite3.connect(place.config / "var" / "digest.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
    other.close()


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [("postgresql", "frozen"), ("postgresql", "away"), ("sqlite", "locked")],
    indirect=["kind"],
)
async def test_the_service_ends_in_time_whatever_the_database_does(
    place: Place, trouble: str, kind: str, request: pytest.FixtureRequest
) -> None:
    async with hurried(place) as (process, lines):
        if kind == "sqlite":
            broken = locked(place)
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            broken = getattr(server, trouble)()
        with broken:
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 30)

    last = lines[-1]
    assert process.returncode == (1 if "the service was cut off unfinished=" in last else 0)
    assert process.returncode == 1 or "service stopped" in last
    assert process.returncode == 1 or trouble != "frozen"
    assert "Traceback" not in "".join(lines)
    assert len(lines) < 12, lines


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_noon_run_that_is_cut_off_sends_nothing_twice_and_loses_nothing(
    place: Place, postgres_server: PostgresServer
) -> None:
    let_noon_be_now(place)
    await place.file(1, datetime.now(UTC) - timedelta(hours=1))

    async with hurried(place) as (process, lines):
        await place.server.until(1)
        with postgres_server.frozen():
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 30)
    assert process.returncode == (1 if "the service was cut off" in lines[-1] else 0)

    async with running(place):
        for count in range(1, len(SUBSCRIBERS) + 1):
            await place.server.until(count)
    assert sorted(m.recipients[0] for m in place.server.messages) == sorted(SUBSCRIBERS)
