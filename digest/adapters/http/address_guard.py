"""The address guard: which links we follow, and which machines we connect to (against SSRF).

Strangers write feeds and redirects, so these must not lead us into our own network. The text of a link is
checked before each request; the IP address is checked when we connect, whatever led to it. A check of names
alone would miss addresses in links, and a name can resolve to another address between check and connection.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

_PORTS: Final = frozenset({80, 443, 8080, 8443})

# `allow_private` allows this machine and private networks. Link-local addresses are never allowed:
# 169.254.169.254 gives out a cloud machine's credentials.
_PRIVATE: Final = tuple(
    ip_network(block)
    for block in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address reached


SETTING: Final = " (if it is meant to be, set fetch.allow_private in digest.yaml)"
"""What an operator can do about a refused address."""


class AddressRefused(OSError):
    """We must not connect to this address.

    It is an `OSError`, so that aiohttp tries the host's other addresses; its text is the same for every
    address, so that asyncio raises it unchanged when all of them are refused.
    """

    def __init__(self, address: str) -> None:
        super().__init__("the address is not a public one")
        self.address = address

    @property
    def advice(self) -> str:
        """What would let us connect, in brackets; empty if nothing does."""
        return SETTING if reachable(self.address, allow_private=True) else ""


def objection(url: str, *, came_from: str | None = None, allow_private: bool = False) -> str | None:
    """Why we do not follow this link; None if we may. `came_from` is the link that redirected to it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the link cannot be read"
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme or 'a link without a scheme'} is not http or https"
    if not parts.hostname:
        return "the link names no host"
    if parts.username is not None or parts.password is not None:
        return "the link carries a user name or password"
    if port is not None and port not in _PORTS and not allow_private:
        return f"port {port} is not one that web servers use{SETTING}"
    if parts.scheme == "http" and came_from is not None and came_from.lower().startswith("https:"):
        # Without TLS, an attacker on the way could change the ratings.
        return "it redirects from https to http"
    return None


def reachable(address: str, *, allow_private: bool = False) -> bool:
    """Whether we may connect to this IP address."""
    return all(
        _is_public(ip) or (allow_private and any(ip in block for block in _PRIVATE)) for ip in _meant(address)
    )


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    return ip.is_global and not (
        ip.is_multicast or ip.is_reserved or ip.is_link_local or getattr(ip, "is_site_local", False)
    )


def _meant(address: str) -> Iterator[IPv4Address | IPv6Address]:
    """The addresses that packets to this one reach: IPv6 addresses can contain an IPv4 address."""
    ip = ip_address(address.partition("%")[0])  # "%eth0": a scope, not part of the address
    if isinstance(ip, IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in _NAT64:
            embedded = IPv4Address(int(ip) & 0xFFFFFFFF)
        if embedded:
            yield embedded
            return
    yield ip


def guarded_sockets(*, allow_private: bool = False) -> Callable[[tuple[Any, ...]], socket.socket]:
    """A socket factory for aiohttp's connector, which calls it with each address before it connects."""

    def make(found: tuple[Any, ...]) -> socket.socket:
        family, type_, proto, _, address = found
        if not reachable(str(address[0]), allow_private=allow_private):
            raise AddressRefused(str(address[0]))
        return socket.socket(family=family, type=type_, proto=proto)

    return make
