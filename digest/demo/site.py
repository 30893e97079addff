"""The demo's web site: a real HTTP server on loopback that shows what is published by now, and no more.

Conditional requests are answered as RFC 9110 section 13 has it: 304 exactly where nothing changed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from aiohttp import ETag, web

from digest.demo.feeds import feed
from digest.demo.world import Publication, Publisher, World
from digest.ports import Clock

HOST: Final = "127.0.0.1"


class Site:
    """The publishers' feeds and pages, as of the clock's now.

    `url` is known inside `async with`. `requests` counts every request by path, `not_modified` the 304s.
    """

    def __init__(self, world: World, clock: Clock, *, port: int = 0) -> None:
        self._world = world
        self._clock = clock
        self._port = port
        self._runner: web.AppRunner | None = None
        self.url = ""
        self.requests: Counter[str] = Counter()
        self.not_modified: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._count])
        for publisher in self._world.publishers:
            app.router.add_get(publisher.feed_path, self._feed_of(publisher))
        for publication in self._world.publications:
            app.router.add_get(publication.path, self._page_of(publication))
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, HOST, self._port)
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        port = self._runner.addresses[0][1]
        self.url = f"http://{HOST}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def feed_url(self, publisher: Publisher) -> str:
        return self.url + publisher.feed_path

    @web.middleware
    async def _count(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.requests[request.path] += 1
        response = await handler(request)
        if response.status == 304:
            self.not_modified[request.path] += 1
        return response

    def _feed_of(self, publisher: Publisher) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            out = [p for p in self._world.out(self._clock.now()) if p.publisher == publisher.key]
            body, media_type = feed(publisher, out, self.url)
            changed_at = out[-1].published_at if out else None
            return _answer(request, body, media_type, changed_at)

        return answer

    def _page_of(self, publication: Publication) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            if publication.published_at > self._clock.now():
                raise web.HTTPNotFound
            body = await asyncio.to_thread(self._world.page, publication)
            return _answer(request, body, "text/html", publication.published_at)

        return answer


def _answer(request: web.Request, body: bytes, media_type: str, changed_at: datetime | None) -> web.Response:
    """200 with the body and its validators, or 304 with the validators alone."""
    tag = ETag(hashlib.blake2b(body, digest_size=12).hexdigest())
    if _is_current(request, tag, changed_at):
        response = web.Response(status=304)
    else:
        response = web.Response(body=body, content_type=media_type, charset="utf-8")
    response.etag = tag
    response.last_modified = changed_at
    return response


def _is_current(request: web.Request, tag: ETag, changed_at: datetime | None) -> bool:
    """Whether what the client holds is what there is."""
    if request.if_none_match is not None:
        # Weak comparison, and If-Modified-Since is then ignored (RFC 9110 section 13.1.2, 13.1.3).
        return any(held.value in (tag.value, "*") for held in request.if_none_match)
    since = request.if_modified_since
    return since is not None and changed_at is not None and changed_at.replace(microsecond=0) <= since
