"""Runs uvicorn inside our process; signals are handled elsewhere."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn

from digest.errors import DigestError
from digest.web.proxies import ForwardedHeaders


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal again at its end and stop us before our jobs have finished.
        yield


def listen(host: str, port: int, *, named: str = "web.host and web.port") -> socket.socket:
    """A listening socket. `DigestError` if we cannot listen there; `named` is the setting that says where."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:  # OverflowError: the port number is too large
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise DigestError(f"cannot listen on {host}:{port} ({named}): {reason}") from error
    return listener


async def serve_pages(
    app: Any, listener: socket.socket, stop: asyncio.Event, proxies: Sequence[str] = ()
) -> None:
    """Serve an ASGI app until `stop` is set; responses under way are finished first.

    Forwarded headers count only from the addresses in `proxies`.
    """
    config = uvicorn.Config(
        ForwardedHeaders(app, proxies),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        proxy_headers=False,  # `ForwardedHeaders` reads them
    )
    server = _Server(config)

    async def _watch() -> None:
        await stop.wait()
        server.should_exit = True

    watch = asyncio.create_task(_watch())
    try:
        await server.serve(sockets=[listener])
    finally:
        watch.cancel()
        listener.close()
