"""Who the messages come from, in the addresses and words of the operator's settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The service as its readers meet it."""

    name: str  # in From, beside the address
    address: str  # From; its domain also names the list and every Message-ID
    reply_to: str | None  # a mailbox that somebody, or a robot, reads
    bounces: str  # the envelope's return path
    service_name: str
    service_url: str
    contact: str  # an address or a page, as readers should see it
    postal_address: str | None
    commands: str | None = None  # a domain whose leave+TOKEN@ and confirm+TOKEN@ a robot of ours reads
