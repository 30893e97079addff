"""An envelope as commands: MAIL and RCPT as a relay takes them, or why they cannot be said to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aiosmtplib.email import quote_address

from digest.deliveries import Answer, Envelope, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What the relay offers in its reply to EHLO, as far as we take it up."""

    pipelining: bool = False  # RFC 2920
    size: bool = False  # RFC 1870
    utf8: bool = False  # SMTPUTF8, RFC 6531


def commands(envelope: Envelope, size: int, offers: Offers) -> list[bytes] | Answer:
    """MAIL and RCPT, or both and DATA in one where they go out together; `size` in octets."""
    sender, recipient = envelope
    options = f" SIZE={size}" if offers.size else ""
    if not (sender.isascii() and recipient.isascii()):
        if not offers.utf8:
            return Answer(event=Event.REJECTED, code=None, text="the relay does not offer SMTPUTF8")
        options += " SMTPUTF8"
    mail, rcpt = f"MAIL FROM:<{sender}>{options}\r\n", f"RCPT TO:<{recipient}>\r\n"
    if offers.pipelining:
        return [f"{mail}{rcpt}DATA\r\n".encode()]
    return [mail.encode(), rcpt.encode()]


def misfit(envelope: Envelope) -> Answer | None:
    """An answer for addresses that cannot stand in a command; they are told without being quoted."""
    if not _fits(envelope.bounce_to):
        return Answer(event=Event.PUT_OFF, code=None, text="our bounce address cannot stand in MAIL")
    if not envelope.recipient or not _fits(envelope.recipient):
        return Answer(event=Event.REJECTED, code=None, text="the address cannot stand in RCPT")
    return None


_PLAIN: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)


def _fits(address: str) -> bool:
    """Whether the library would send exactly this address: it reads leniently and drops what does not fit."""
    if _PLAIN.fullmatch(address) and ".." not in address and not address.startswith("."):
        return True  # asking costs as much as sending
    try:
        return address.isprintable() and quote_address(address) == f"<{address}>"
    except ValueError:
        return False
