"""Runs uvicorn inside our process; signals are handled elsewhere.

uvicorn waits without end for the rest of a request, and for a client that reads nothing; and it takes as many
clients as come. Here each has a limit, and one network may not take the place of all others.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import h11
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from digest.addresses import networks
from digest.errors import DigestError
from digest.web.proxies import ForwardedHeaders, among


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLimits:
    """What one client may take of the web server."""

    request: float = 20.0  # seconds for a whole request to arrive, its body included
    answer: float = 60.0  # seconds for the client to take what we have said
    idle: float = 5.0  # seconds between two requests on one connection
    connections: int = 300  # at the same time; a proxy in front needs few
    from_one_network: int = 50  # of these, from one /24 of IPv4 or /56 of IPv6 that is no proxy of ours


_LIMITS: Final = WebLimits()
_CROWDED: Final = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class _Config(uvicorn.Config):
    limits: WebLimits = _LIMITS
    is_proxy: Callable[[str], bool]
    from_networks: Counter[str]  # connections that are open now, by network; those of proxies are left out


class _Connection(H11Protocol):
    _late: asyncio.TimerHandle | None = None  # runs while the client owes us the rest of a request
    _unread: asyncio.TimerHandle | None = None  # runs while the client has not taken all that we said
    _network: str = ""  # where the client is; empty for a proxy, behind which there are many

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # so that `pause_writing` tells of all that is not taken
        self._count(transport)
        if self._too_many():
            transport.write(_CROWDED)
            transport.close()
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        self._taken()
        if self._network:
            self._leave()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        # Not `close`: that would wait for the client to take the rest.
        self._unread = self.loop.call_later(self._limits.answer, self.transport.abort)

    def resume_writing(self) -> None:
        self._taken()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def send_400_response(self, msg: str) -> None:
        self._disown()
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # the request has an answer already; its body is what is broken
            self.transport.close()

    @property
    def _limits(self) -> WebLimits:
        assert isinstance(self.config, _Config)
        return self.config.limits

    def _count(self, transport: asyncio.Transport) -> None:
        assert isinstance(self.config, _Config)
        host = (transport.get_extra_info("peername") or ("",))[0]
        if not self.config.is_proxy(host):
            self._network = next(iter(networks(host)), "")
        if self._network:
            self.config.from_networks[self._network] += 1

    def _leave(self) -> None:
        assert isinstance(self.config, _Config)
        self.config.from_networks[self._network] -= 1
        if not self.config.from_networks[self._network]:
            del self.config.from_networks[self._network]

    def _too_many(self) -> bool:
        assert isinstance(self.config, _Config)
        here = self.config.from_networks[self._network] if self._network else 0
        return len(self.connections) > self._limits.connections or here > self._limits.from_one_network

    def _watch(self) -> None:
        """Let the time run while a request is incomplete; further pieces of it gain no time."""
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}:
            self._stop_watching()
        elif self._late is None:
            self._late = self.loop.call_later(self._limits.request, self._close_late)

    def _taken(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _stop_watching(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _close_late(self) -> None:
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_TOO_SLOW)
        self._disown()
        self.transport.close()

    def _disown(self) -> None:
        """Tell a page that is being made that nobody waits for it: its answer would be an error."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()


class _OneLength:
    """Refuses a request that gives the length of its body in two ways, and closes its connection.

    A proxy in front may have gone by the other one, and take what follows for somebody else's request (RFC
    9112 section 6.1).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope.get("headers", ())}:
            refused = PlainTextResponse("two lengths", status_code=400, headers={"Connection": "close"})
            await refused(scope, receive, send)
        else:
            await self._app(scope, receive, send)


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
    app: Any,
    listener: socket.socket,
    stop: asyncio.Event,
    proxies: Sequence[str] = (),
    limits: WebLimits = _LIMITS,
) -> None:
    """Serve an ASGI app until `stop` is set; responses under way are finished first.

    Forwarded headers count only from the addresses in `proxies`.
    """
    config = _Config(
        _OneLength(ForwardedHeaders(app, proxies)),
        http=_Connection,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        proxy_headers=False,  # `ForwardedHeaders` reads them
    )
    config.limits = limits
    config.is_proxy = among(proxies)
    config.from_networks = Counter()
    config.timeout_keep_alive = limits.idle  # type: ignore[assignment]
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
