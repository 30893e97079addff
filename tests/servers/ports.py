"""Ports of this machine: which are free, and when somebody listens at one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

HOST: Final = "127.0.0.1"
PATIENCE: Final = 60.0
"""Seconds until a server listens, or listens no longer."""


def free_port() -> int:
    """A port at which nobody listens."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Different ports at which nobody listens."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


async def until_open(
    port: int, process: asyncio.subprocess.Process | None = None, log: Callable[[], str] = str
) -> None:
    """Until somebody listens at a port. If `process` is to do so, it must not end before; `log` says why."""
    async with asyncio.timeout(PATIENCE):
        while not await _is_open(port):
            assert process is None or process.returncode is None, log()
            await asyncio.sleep(0.02)


async def until_closed(port: int) -> None:
    """Until nobody listens at a port."""
    async with asyncio.timeout(PATIENCE):
        while await _is_open(port):  # noqa: ASYNC110 - a port tells nobody
            await asyncio.sleep(0.02)


async def _is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True
