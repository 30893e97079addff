"""Who we are: whose name and addresses stand on what goes out, and which mail is for us."""

from __future__ import annotations

from digest.compose import Sender
from digest.inbound import OurAddresses
from digest.present.times import time_words
from digest.settings import Settings


def sender(settings: Settings) -> Sender:
    return Sender(
        name=settings.sender.name,
        address=settings.sender.address,
        reply_to=settings.sender.reply_to,
        bounces=settings.sender.bounces,
        service_name=settings.service.name,
        service_url=str(settings.service.url),
        contact=settings.service.contact,
        postal_address=settings.sender.postal_address,
        daily_at=time_words(settings.edition.noon, settings.edition.zone),
        commands=commands_domain(settings),
    )


def our_addresses(settings: Settings) -> OurAddresses:
    """The addresses that we receive mail at and write from."""
    sender, contact = settings.sender, settings.service.contact
    general = {sender.address, *([sender.reply_to] if sender.reply_to else [])}
    return OurAddresses(
        bounces=sender.bounces,
        domain=commands_domain(settings) or "",
        general=frozenset(general if "/" in contact else {*general, contact}),
        senders=frozenset({sender.address}),
    )


def commands_domain(settings: Settings) -> str | None:
    """Where join@, leave@, help@ and confirm@ are; None if no mail to them is read."""
    said = settings.receiving
    return (said.domain or settings.sender.bounces.rpartition("@")[2]) if said is not None else None
