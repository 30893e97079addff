"""Compose: one subscriber's edition into one email message. Pure: the instant and the renderer are given."""

from digest.compose.message import compose
from digest.compose.sender import Sender

__all__ = ["Sender", "compose"]
