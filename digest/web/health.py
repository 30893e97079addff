"""Health pages: is the process alive, is it ready to work, and metrics for Prometheus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

Ready = Callable[[], Awaitable[bool]]
Scrape = Callable[[], Awaitable[bytes]]


def build_health(*, ready: Ready, metrics: Scrape | None) -> ASGIApp:
    """An application with only the health pages, for a process that serves no others."""
    return Starlette(routes=health_routes(ready, metrics))


def health_routes(ready: Ready, metrics: Scrape | None) -> list[Route]:
    """The routes of the health pages. `ready` says whether the store can be reached."""

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
