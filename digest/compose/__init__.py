"""Compose: an edition into email messages. Pure: the instant, the renderer and the key are given."""

from digest.compose.headers import Sender
from digest.compose.letters import Correspondence, alerted
from digest.compose.message import (
    Addresses,
    Rendition,
    Tokens,
    as_page,
    render,
)
from digest.compose.wire import wire_ready

__all__ = [
    "Addresses",
    "Correspondence",
    "Rendition",
    "Sender",
    "Tokens",
    "alerted",
    "as_page",
    "render",
    "wire_ready",
]
