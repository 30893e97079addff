"""Where a visitor comes from, as far as we look."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from digest.addresses import networks

UNKNOWN_NETWORK: Final = "nowhere"
"""Stands for the network of a visitor whose address is not known."""


def network(request: Request) -> str:
    """The visitor's network, as it is counted and not stored: /24 of IPv4, /56 of IPv6.

    Visitors without an address count as one network: hiding it must not lift the limits.
    """
    around = networks(request.client.host) if request.client is not None else ()
    return around[0] if around else UNKNOWN_NETWORK
