"""The service as `digest bench site` asks it: in a process of its own, over loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from digest.cli.site_state import Plan

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
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


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
