"""Who asks: the visitor's address and scheme, from the word of reverse proxies that the operator named.

`web.proxies` names them. What anybody else says in a forwarded header is ignored: a visitor could give any
address, and so get round the limits.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from digest.addresses import truncated

log = logging.getLogger(__name__)

_FORWARDED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-proto"})
_FOR: Final = re.compile(r'(?:^|[;,])\s*for=("[^"]*"|[^;,\s]*)', re.IGNORECASE)
_PROTO: Final = re.compile(r'(?:^|[;,])\s*proto="?(https?)\b', re.IGNORECASE)

BY_PROXY: Final = "digest.by_proxy"
"""In a request's scope: whether a proxy that the operator named handed it over."""

_MOST_TOLD: Final = 8
"""So many peers are logged, each once; a flood from many addresses must not fill the log."""


def among(proxies: Sequence[str]) -> Callable[[str], bool]:
    """A test whether a peer, given by its address, is one of these proxies: addresses or networks."""
    networks = tuple(ip_network(one) for one in proxies)

    def is_proxy(host: str) -> bool:
        peer = _address(host)
        return peer is not None and any(peer in network for network in networks)

    return is_proxy


class ForwardedHeaders:
    """Sets a request's client and scheme as its proxies say, if `proxies` holds the one that hands it over.

    `proxies` are addresses or networks. Of several proxies in a row, each adds who asked it to
    X-Forwarded-For: the visitor is the last one there that is no proxy of ours. Forwarded (RFC 7239) counts
    if there is no X-Forwarded-For. A header from a peer that is not in `proxies` is ignored, and logged once
    for each peer.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self._app = app
        self._is_proxy = among(proxies)
        self._believing = ProxyHeadersMiddleware(app, trusted_hosts=list(proxies))  # type: ignore[arg-type]
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope.get("client"):
            await self._app(scope, receive, send)
            return
        peer = _address(scope["client"][0])
        names = {name for name, _ in scope["headers"]} & _FORWARDED
        if peer is not None:
            scope["client"] = (str(peer), scope["client"][1])
        scope[BY_PROXY] = peer is not None and self._is_proxy(str(peer))
        if scope[BY_PROXY]:
            if b"forwarded" in names and b"x-forwarded-for" not in names:
                scope["headers"] = [*scope["headers"], *_as_x_forwarded(scope)]
            await self._believing(scope, receive, send)  # type: ignore[arg-type]
            return
        if names:
            self._tell(peer)
        await self._app(scope, receive, send)

    def _tell(self, peer: IPv4Address | IPv6Address | None) -> None:
        # A proxy mostly has a private address; any other may be a visitor's, which no log holds.
        shown = "" if peer is None else str(peer) if peer.is_private else truncated(str(peer))
        if shown in self._told or len(self._told) >= _MOST_TOLD:
            return
        self._told.add(shown)
        log.warning(
            "a forwarded header is ignored: all visitors of this peer count as one",
            extra={"peer": shown, "to_believe_it": "name it in web.proxies"},
        )


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The address of a peer; IPv4 as such where the socket takes both kinds."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _as_x_forwarded(scope: Scope) -> list[tuple[bytes, bytes]]:
    """What Forwarded says, as the headers that the library reads; the last proxy's scheme counts."""
    said = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"forwarded")
    hops = ", ".join(hop.strip('"') for hop in _FOR.findall(said))
    found = [(b"x-forwarded-for", hops.encode("latin-1"))] if hops else []
    schemes = _PROTO.findall(said)
    return found + ([(b"x-forwarded-proto", schemes[-1].lower().encode())] if schemes else [])
