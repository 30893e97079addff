"""A publisher's web server on loopback that misbehaves on request, down to the bytes it sends.

    async with Publisher(say(200, b"<rss/>"), drop()) as publisher:
        ...fetch publisher.url("/feed")...
        assert publisher.requests[0].startswith("GET /feed ")

Each connection is answered by the next of its acts; the last one serves for all that follow. A path in
`routes` always has its own act; without acts, every other path is 404. Nothing here sleeps: an act that holds
its answer back does so until the client goes away, or for an event of the test's.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from ssl import SSLContext
from types import TracebackType
from typing import Self, TypeAlias

Act: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Publisher:
    """`requests` holds the heads of those it got, `most_at_once` how many of them it ever held together."""

    def __init__(self, *acts: Act, tls: SSLContext | None = None) -> None:
        self._acts = list(acts) or [say(404)]
        self.routes: dict[str, Act] = {}  # a test may change it at any time
        self.everything: Act | None = None  # the act of every path without a route, in place of the others
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._at_once = 0
        self.most_at_once = 0
        self.connections = 0
        self.requests: list[str] = []
        self.port = 0

    def url(self, path: str = "/feed", *, host: str = "127.0.0.1") -> str:
        return f"http{'s' if self._tls else ''}://{host}:{self.port}{path}"

    async def __aenter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self._server = await asyncio.start_server(self._serve, sock=listening, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task.get_name() == self._name]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @property
    def _name(self) -> str:
        return f"publisher on {self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name(self._name)
        act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
        self.connections += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.requests.append(head)
                await self.routes.get(head.split(" ")[1], self.everything or act)(reader, writer)
        finally:
            self._at_once -= 1
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()


def raw(*pieces: bytes) -> Act:
    """Send exactly these bytes, and close."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return act


def say(status: int, body: bytes = b"", /, **headers: str) -> Act:
    """A sound answer; `Retry_After="5"` stands for the header of that name."""
    return raw(_head(status, {"Content-Length": str(len(body))} | _named(headers)), body)


def drop() -> Act:
    """Close the connection with a reset, as a crashed server does."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)

    return act


def drip(*pieces: bytes) -> Act:
    """Send these bytes, and then nothing for as long as the client waits."""

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await raw(*pieces)(reader, writer)
        await reader.read()

    return act


def endless(piece: bytes, /, **headers: str) -> Act:
    """A body without an end, sent for as long as the client takes it."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, _named(headers)))
        while True:
            writer.write(piece)
            await writer.drain()

    return act


def when(event: asyncio.Event, act: Act) -> Act:
    """The act, once the test sets the event."""

    async def waiting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await event.wait()
        await act(reader, writer)

    return waiting


def _head(status: int, headers: dict[str, str]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unheard Of"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("utf-8", "surrogateescape")


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
