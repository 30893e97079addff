"""Sending: the relay and those that stand in for it, what signs, and who delivers the edition."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from pydantic import SecretStr

from digest.adapters.config.secrets import Secrets
from digest.adapters.journal import FileJournal
from digest.adapters.ping import Ping
from digest.adapters.signing import Signer, load_key
from digest.adapters.smtp.connect import RelayOptions
from digest.adapters.smtp.relay import SmtpRelay
from digest.app.composing import Composer
from digest.app.directory import below
from digest.deliveries import Limits
from digest.ports import Clock
from digest.sending.deliver import Deliverer
from digest.sending.pace import Pace
from digest.sending.relay_health import RelayReporter
from digest.settings import MailServer, Settings
from digest.store.sql import SqlStore


def relay_options(settings: Settings, secrets: Secrets, directory: Path) -> list[RelayOptions]:
    """How to reach the relay and those that stand in for it, in their order."""
    relay = settings.relay
    servers: list[tuple[MailServer, SecretStr | None]] = [(relay, secrets.relay_password)]
    servers += [(fallback, secrets.fallback_password) for fallback in relay.fallbacks]

    def options(server: MailServer, password: SecretStr | None) -> RelayOptions:
        return RelayOptions(
            host=server.host,
            port=server.port,
            tls=server.tls,
            local_hostname=relay.local_hostname or socket.getfqdn(),
            username=server.username,
            password=password.get_secret_value() if password and not server.token_file else None,
            token=_token(directory / server.token_file) if server.token_file else None,
            ca_file=below(directory, server.ca_file),
            client_cert=below(directory, server.client_cert),
            client_key=below(directory, server.client_key),
            connect_timeout=relay.timeout,
            command_timeout=relay.timeout,
            max_messages=relay.per_connection,
        )

    return [options(server, password) for server, password in servers]


def _token(file: Path) -> Callable[[], Awaitable[str]]:
    async def token() -> str:
        return (await asyncio.to_thread(file.read_text, "utf-8")).strip()

    return token


def signer(settings: Settings, directory: Path) -> Signer | None:
    """What signs here, to be entered; None where the relay signs. `ConfigError` for a key of no use."""
    said = settings.dkim
    if said is None:
        return None
    key = load_key(directory / said.key_file)
    return Signer(key, domain=said.domain, selector=said.selector, processes=said.processes)


def deliverer(
    settings: Settings,
    relay: SmtpRelay,
    signing: Signer | None,
    *,
    store: SqlStore,
    composing: Composer,
    journal: FileJournal,
    operators: Ping,
    notes: RelayReporter,
    clock: Clock,
) -> Deliverer:
    """Who gives the edition to everybody; `signing` must be entered."""
    said = settings.relay
    return Deliverer(
        timetable=settings.edition.timetable,
        store=store,
        relay=relay,
        render=composing.render,
        tokens=composing.tokens,
        journal=journal,
        sign=signing.sign if signing is not None else None,
        call=operators.call,
        clock=clock,
        pace=Pace(said.connections),
        relays=notes,
        connections=said.connections,
        only_to=said.only_to,
        limits=Limits(per_minute=said.per_minute, per_minute_and_domain=said.per_minute_and_domain),
    )
