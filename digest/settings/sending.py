"""Sending: in whose name, by which mail servers, and who signs."""

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
    """Who the messages come from."""

    name: Line
    """The sender's name, as mail programs show it."""
    address: Address
    """The sender's address."""
    reply_to: Address | None = None
    """Where answers go; left out, they go to the sender's address."""
    bounces: Address
    """Where mail servers return what they could not deliver."""
    postal_address: Paragraph | None = None
    """A postal address for the foot of each message, where the law asks for one."""


class MailServer(Section):
    """A mail server that takes our messages and carries them on."""

    host: Host = "localhost"
    """Its name or number."""
    port: Port = 25
    """Its port: mostly 25 on this machine, 587 with starttls, 465 with implicit."""
    tls: Protected = Tls.NONE
    """How the connection is protected: starttls, implicit, or none (only for a relay on this machine)."""
    username: Line | None = None
    """The account to sign in with; its password is a secret, DIGEST_RELAY_PASSWORD."""
    token_file: Path | None = None
    """A file that holds the account's current OAuth token, instead of a password; read at each connection."""
    ca_file: Path | None = None
    """A file of certificates to trust instead of the system's, in PEM form."""
    client_cert: Path | None = None
    """A certificate to show to a server that asks for one, in PEM form."""
    client_key: Path | None = None
    """The key of client_cert, if it is not in the same file."""

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
    """The mail server that takes our messages and carries them on, and how we treat it."""

    timeout: Annotated[Duration, within("1s", "10m")] = timedelta(seconds=60)
    """How long to wait for each answer."""
    connections: Annotated[Count, Field(ge=1, le=100)] = 4
    """How many connections to keep open at once, at the most; fewer while it is slow or turns us away."""
    per_connection: Annotated[Count, Field(ge=1)] = 500
    """How many messages to send on one connection before it is closed."""
    per_minute: Annotated[Count, Field(ge=1)] | None = None
    """How many messages to send a minute, all workers together; left out, as fast as it goes."""
    per_minute_and_domain: Annotated[Count, Field(ge=1)] | None = None
    """How many messages a minute to send to addresses of any one domain."""
    local_hostname: Host | None = None
    """The name we greet the relay with; left out, this machine's own."""
    only_to: tuple[Line, ...] = ()
    """Send to nobody but these addresses, or domains such as "@example.org": for a trial with real data."""
    fallbacks: tuple[MailServer, ...] = ()
    """Other mail servers for when this one is not to be had, in the order in which to try them."""

    @field_validator("only_to")
    @classmethod
    def _are_addresses_or_domains(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [one for one in given if one.count("@") != 1 or one.endswith("@")]
        if wrong:
            raise expected(f'addresses, or domains such as "@example.org"; "{wrong[0]}" is neither')
        return given


class DkimSettings(Section):
    """Signing in this process, for a relay that does not sign (RFC 6376); RSA only."""

    domain: Domain
    """The domain that signs: the sender's, or one above it."""
    selector: Domain
    """The name under which the public key is published, in front of "._domainkey." and the domain."""
    key_file: Path
    """The private key, RSA in PEM form, that only its owner may read; counted from the config directory."""
    processes: Annotated[Count, Field(ge=1, le=64)] = 2
    """How many processes sign at once."""
