"""Submitting one message to the relay at once, for a person who waits for its answer."""

from __future__ import annotations

from digest.adapters.config.secrets import Secrets
from digest.adapters.smtp.relay import SmtpRelay
from digest.app.edges import relay_options, signer
from digest.compose import wire_ready
from digest.deliveries import Answer, Event, Message
from digest.settings import Settings


async def submit_now(message: Message, settings: Settings, secrets: Secrets) -> Answer:
    """The relay's answer. The message is signed here if the settings say so; no ledger notes it."""
    wire = message.wire
    if (signing := signer(settings)) is not None:
        async with signing:
            wire = wire_ready(await signing.sign(message.content))
    async with SmtpRelay(relay_options(settings, secrets)).session() as session:
        answer = await session.offer(message.envelope, len(wire))
        return await session.hand_over(wire) if answer.event is Event.BEGUN else answer
