"""Inbound: what a received message asks or reports, as a value. Pure. Only a checked token proves who it is about."""

from digest.inbound.automatic import may_answer
from digest.inbound.classify import read_message
from digest.inbound.entity import parse_message
from digest.inbound.kinds import (
    Action,
    AddressRole,
    AutoReply,
    Bounce,
    Command,
    Complaint,
    Feedback,
    Inbound,
    Letter,
    Loop,
    OurAddresses,
    Says,
    Unusable,
)
from digest.inbound.own_words import Quotable, quotable

__all__ = [
    "Action",
    "AddressRole",
    "AutoReply",
    "Bounce",
    "Command",
    "Complaint",
    "Feedback",
    "Inbound",
    "Letter",
    "Loop",
    "OurAddresses",
    "Quotable",
    "Says",
    "Unusable",
    "may_answer",
    "parse_message",
    "quotable",
    "read_message",
]
