"""Compose: an edition into email messages. Pure: the instant, the renderer and the key are given."""

from digest.compose.message import Addresses, Rendition, Tokens, read_return_path, render
from digest.compose.sender import Sender
from digest.compose.wire import wire_ready

__all__ = ["Addresses", "Rendition", "Sender", "Tokens", "read_return_path", "render", "wire_ready"]
