"""Settings for sending: the sender, the mail servers, and DKIM signing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from digest.settings.connection import Protected, Section, Tls
from digest.settings.types import (
    Address,
    Count,
    Domain,
    Duration,
    Host,
    Line,
    Paragraph,
    Port,
    expected,
    within,
)


class SenderSettings(Section):
    """The sender of the messages."""

    name: Line
    """The sender's name, as mail programs show it."""
    address: Address
    """The sender's address."""
    reply_to: Address | None = None
    """The address for replies; left out, the sender's address."""
    bounces: Address
    """The address to which mail servers return undelivered messages."""
    postal_address: Paragraph | None = None
    """A postal address for the foot of each message, where the law requires one."""


class MailServer(Section):
    """A mail server that accepts our messages and delivers them."""

    host: Host = "localhost"
    """The server's name or IP address."""
    port: Port = 25
    """The server's port: usually 25 on this machine, 587 with starttls, 465 with implicit."""
    tls: Protected = Tls.NONE
    """How the connection is protected: starttls, implicit, or none (only for a relay on this machine)."""
    username: Line | None = None
    """The account to log in with; its password is a secret, DIGEST_RELAY_PASSWORD."""
    token_file: Path | None = None
    """A file that holds the account's current OAuth token, instead of a password; read at each connection."""
    ca_file: Path | None = None
    """A file of certificates to trust instead of the system's, in PEM form."""
    client_cert: Path | None = None
    """A client certificate for a server that asks for one, in PEM form."""
    client_key: Path | None = None
    """The key of client_cert, if it is in another file."""

    @field_validator("token_file")
    @classmethod
    def _has_an_account(cls, token_file: Path | None, others: ValidationInfo) -> Path | None:
        if token_file is not None and others.data.get("username") is None:
            raise expected("username too: the token is for an account")
        return token_file

    @field_validator("client_cert")
    @classmethod
    def _has_tls(cls, client_cert: Path | None, others: ValidationInfo) -> Path | None:
        if client_cert is not None and others.data.get("tls") is Tls.NONE:
            raise expected("tls: starttls or implicit; without it nobody asks for a certificate")
        return client_cert


class RelaySettings(MailServer):
    """The mail server that accepts our messages, and how fast to send to it."""

    timeout: Annotated[Duration, within("1s", "10m")] = timedelta(seconds=60)
    """How long to wait for each reply."""
    connections: Annotated[Count, Field(ge=1, le=100)] = 4
    """The most connections to keep open at once; fewer while the server is slow or refuses connections."""
    per_connection: Annotated[Count, Field(ge=1)] = 500
    """How many messages to send on one connection before it is closed."""
    per_minute: Annotated[Count, Field(ge=1)] | None = None
    """How many messages to send a minute, all workers together; left out, there is no limit."""
    per_minute_and_domain: Annotated[Count, Field(ge=1)] | None = None
    """How many messages a minute to send to addresses of any one domain."""
    local_hostname: Host | None = None
    """The host name in our greeting (EHLO); left out, this machine's name."""
    only_to: tuple[Line, ...] = ()
    """Send only to these addresses, or domains such as "@example.org": for a trial with real data."""
    fallbacks: tuple[MailServer, ...] = ()
    """Other mail servers to use while this one cannot be reached, in order."""

    @field_validator("only_to")
    @classmethod
    def _are_addresses_or_domains(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [one for one in given if one.count("@") != 1 or one.endswith("@")]
        if wrong:
            raise expected(f'addresses, or domains such as "@example.org"; "{wrong[0]}" is neither')
        return given


class DkimSettings(Section):
    """DKIM signing by this service, for a relay that does not sign (RFC 6376); RSA only."""

    domain: Domain
    """The signing domain: the sender's domain or one above it."""
    selector: Domain
    """The name before "._domainkey." and the domain, under which the public key is published."""
    key_file: Path
    """A file with the private RSA key in PEM form, which only its owner may read."""
    processes: Annotated[Count, Field(ge=1, le=64)] = 2
    """How many processes sign at once."""
