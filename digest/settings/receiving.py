"""Settings for receiving mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from digest.settings.connection import Protected, Section, Tls
from digest.settings.types import Domain, Duration, Host, Line, Port, Size, Switch, expected, loopback, within


class LmtpSettings(Section):
    """A port for a mail server on this machine to hand messages to (LMTP, RFC 2033)."""

    anywhere: Switch = False
    """Whether `host` may be outside this machine: there is no login, so a firewall must protect it."""
    host: Host = "127.0.0.1"
    """The address to listen on."""
    port: Port = 8024
    """The port to listen on."""
    max_bytes: Annotated[Size, Field(ge=100_000, le=10**9)] = 32_000_000
    """The largest message to accept."""

    @field_validator("host")
    @classmethod
    def _is_this_machine(cls, host: str, others: ValidationInfo) -> str:
        if not loopback(host) and not others.data.get("anywhere"):
            raise expected("an address of this machine alone, such as 127.0.0.1, or anywhere: true")
        return host


class ImapSettings(Section):
    """A mailbox to read, where no mail server hands messages over."""

    host: Host
    """The mail server's name or address."""
    port: Port = 993
    """The server's port: 993 with implicit, 143 with starttls or none."""
    tls: Protected = Tls.IMPLICIT
    """How the connection is protected: implicit, starttls, or none (only for a server on this machine)."""
    username: Line
    """The account; its password is a secret, DIGEST_IMAP_PASSWORD."""
    ca_file: Path | None = None
    """A file of certificates to trust instead of the system's, in PEM form; counted from this directory."""
    folder: Line = "INBOX"
    """The folder to read."""
    handled: Line = "Digest"
    """The folder for messages that are handled; nothing is ever deleted."""
    every: Annotated[Duration, within("10s", "1h")] = timedelta(minutes=1)
    """How often to read the mailbox."""

    @field_validator("handled")
    @classmethod
    def _is_another_folder(cls, handled: str, others: ValidationInfo) -> str:
        if handled == others.data.get("folder"):
            raise expected("another folder than `folder`: what was dealt with must leave it")
        return handled


class ReceivingSettings(Section):
    """How mail reaches the service: by LMTP, by IMAP, or both."""

    domain: Domain | None = None
    """The domain of join@, leave@, help@ and confirm@; left out, the domain of sender.bounces."""
    lmtp: LmtpSettings | None = None
    """A port for a mail server to hand messages to."""
    imap: ImapSettings | None = None
    """A mailbox to read."""

    @model_validator(mode="after")
    def _comes_in(self) -> Self:
        if self.lmtp is None and self.imap is None:
            raise expected("lmtp, imap or both: how mail comes in")
        return self
