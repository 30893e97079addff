"""Health pages: is the process alive, is it ready to work, and metrics for Prometheus."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

log = logging.getLogger(__name__)

Ready = Callable[[], Awaitable[bool]]
Scrape = Callable[[], Awaitable[bytes]]

TRIED_EVERY: Final = 5.0
"""Seconds for which one try answers all who ask."""

PATIENCE: Final = 3.0
"""Seconds that a try may take before the answer is no; a locked database makes it wait for longer."""


@dataclass(slots=True, kw_only=True)
class Readiness:
    """Whether the database takes writes: tried by a real one, at most one at a time and one in 5 seconds."""

    write: Callable[[], Awaitable[None]]  # raises if the database takes no writes
    _trying: asyncio.Task[bool] | None = field(default=None, init=False)
    _good_until: float = field(default=0.0, init=False)  # of the event loop's time

    async def __call__(self) -> bool:
        now = asyncio.get_running_loop().time()
        if self._trying is None or (self._trying.done() and now >= self._good_until):
            self._trying = asyncio.create_task(self._try())
        trying = self._trying
        await asyncio.wait({trying}, timeout=PATIENCE)
        return trying.done() and trying.result()

    async def _try(self) -> bool:
        try:
            await self.write()
        except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready
            log.warning("not ready", extra={"why": str(error)})
            return False
        else:
            return True
        finally:
            self._good_until = asyncio.get_running_loop().time() + TRIED_EVERY


def build_health(*, ready: Ready, metrics: Scrape | None) -> ASGIApp:
    """An application with only the health pages, for a process that serves no others."""
    return Starlette(routes=health_routes(ready, metrics))


def health_routes(ready: Ready, metrics: Scrape | None) -> list[Route]:
    """The routes of the health pages. `ready` says whether the store takes writes."""

    async def is_ready(_: Request) -> Response:
        well = await ready()
        return PlainTextResponse("ready" if well else "not ready", status_code=200 if well else 503)

    async def scrape(_: Request) -> Response:
        assert metrics is not None
        return Response(await metrics(), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health/live", _is_live),
        Route("/health/ready", is_ready),
        *([Route("/metrics", scrape)] if metrics is not None else []),
    ]


async def _is_live(_: Request) -> Response:
    return PlainTextResponse("live")
