"""The section of `sources.yaml` for a mailbox to which newsletters come."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from digest.settings.connection import Protected, Section, Tls
from digest.settings.source_kinds import Expression, SecretName
from digest.settings.types import Duration, Host, Line, Port, expected, within
from digest.source_specs import MailboxSpec


def _sender(given: str) -> str:
    if re.fullmatch(r"(?:[^\s@]{1,64}@)?[A-Za-z0-9.-]{1,253}\.[A-Za-z0-9-]{2,63}", given) is None:
        raise expected("an address or a domain, such as news@inspectorate.example or inspectorate.example")
    return given.lower()


Sender = Annotated[str, AfterValidator(_sender)]


class MailboxSection(Section):
    """The mailbox, whose messages count, and what stands in them."""

    host: Host
    """The IMAP server's name or address."""
    port: Port = 993
    """Its port: 993 with implicit, 143 with starttls or none."""
    tls: Protected = Tls.IMPLICIT
    """How the connection is protected: implicit, starttls, or none (only for a server on this machine)."""
    username: Line
    """The account."""
    password: SecretName
    """The name of the secret with its password: DIGEST_SOURCE_..."""
    folder: Line = "INBOX"
    """The folder to read. Nothing in it is changed."""
    senders: Annotated[tuple[Sender, ...], Field(min_length=1)]
    """Addresses or domains: only messages that are From one of them are read."""
    server: Line | None = None
    """The name by which your own mail server marks its results in Authentication-Results (authserv-id)."""
    links: Expression | None = None
    """A regular expression: links to the publisher's site with it are reports; without it, messages are."""
    tracking: Expression | None = None
    """Likewise: links of another server that are followed, because they may lead to reports."""
    look_back: Annotated[Duration, within("2d", "60d")] = timedelta(days=30)
    """How old a message may be and still be looked at."""

    def spec(self) -> MailboxSpec:
        return MailboxSpec(**self.model_dump() | {"tls": str(self.tls)})
