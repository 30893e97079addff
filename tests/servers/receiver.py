"""An operator's own system on loopback that takes webhooks, and misbehaves on request.

    async with Receiver(status(500), status(200)) as receiver:
        ...post to receiver.url...
        assert receiver.ids == ["crm_1", "crm_1"]

Each post is answered by the next of its acts; the last one serves for all that follow.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ssl import SSLContext
from types import TracebackType
from typing import Any, Self, TypeAlias

from aiohttp import web

Act: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One post, as it came; headers have names in small letters."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """`posts` holds what came, in order."""

    def __init__(self, *acts: Act, tls: SSLContext | None = None) -> None:
        self._acts = list(acts) or [status(204)]
        self._tls = tls
        self.posts: list[Posted] = []
        self.came = asyncio.Event()  # a post is here

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(application, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls)
        await site.start()
        self.port: int = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}/hooks/a-secret-path"

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.posts]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.posts.append(Posted(path=request.path, headers=headers, body=await request.read()))
        self.came.set()
        act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
        return await act(request)


def status(code: int, text: str = "", /, **headers: str) -> Act:
    """A whole answer; `Retry_After="5"` stands for the header of that name."""

    async def act(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=code, text=text or None, headers=named)

    return act


def hang() -> Act:
    """No answer, for as long as the client waits."""

    async def act(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    return act


def slow_body() -> Act:
    """An answer that says 200, and whose body never ends."""

    async def act(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=200)
        await response.prepare(request)
        await response.write(b"it was ")
        await asyncio.Event().wait()
        raise AssertionError

    return act
