"""Compose: makes messages of editions and letters. It is pure: time, renderer and keys are arguments."""

from digest.compose.headers import Sender
from digest.compose.letters import Correspondence, alerted
from digest.compose.message import Addresses, Rendition, Tokens, render
from digest.compose.wire import wire_ready

__all__ = [
    "Addresses",
    "Correspondence",
    "Rendition",
    "Sender",
    "Tokens",
    "alerted",
    "render",
    "wire_ready",
]
