"""Inbound: received mail into what it asks or tells. Pure; nothing in it is proven but by a token's check."""

from digest.inbound.automatic import may_answer
from digest.inbound.classify import read
from digest.inbound.entity import opened
from digest.inbound.kinds import (
    Action,
    AutoReply,
    Bounce,
    Command,
    Complaint,
    Feedback,
    Inbound,
    Letter,
    Loop,
    Own,
    Room,
    Unusable,
)

__all__ = [
    "Action",
    "AutoReply",
    "Bounce",
    "Command",
    "Complaint",
    "Feedback",
    "Inbound",
    "Letter",
    "Loop",
    "Own",
    "Room",
    "Unusable",
    "may_answer",
    "opened",
    "read",
]
