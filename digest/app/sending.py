"""Sending: the relay and its fallbacks, the signer, and the deliverer of editions."""

from __future__ import annotations

import socket

from pydantic import SecretStr

from digest.adapters.config.secrets import Secrets
from digest.adapters.journal import FileJournal
from digest.adapters.ping import Ping
from digest.adapters.signing import Signer, load_key
from digest.adapters.smtp.connect import Lifetime, RelayOptions, Timeouts
from digest.adapters.smtp.relay import SmtpRelay
from digest.app.composing import Composer
from digest.deliveries import Limits
from digest.ports import Clock
from digest.sending.deliver import Deliverer
from digest.sending.pace import Pace
from digest.sending.relay_health import RelayReporter
from digest.settings import MailServer, Settings
from digest.store.sql import SqlStore


def relay_options(settings: Settings, secrets: Secrets) -> list[RelayOptions]:
    """The relay and its fallbacks, in the order in which they are tried."""
    relay = settings.relay
    local_hostname = relay.local_hostname or socket.getfqdn()
    timeouts = Timeouts(connect=relay.timeout, command=relay.timeout)
    lifetime = Lifetime(messages=relay.per_connection)

    def options(server: MailServer, password: SecretStr | None) -> RelayOptions:
        return RelayOptions(
            server=server,
            local_hostname=local_hostname,
            password=password.get_secret_value() if password else None,
            timeouts=timeouts,
            lifetime=lifetime,
        )

    fallbacks = [options(fallback, secrets.fallback_password) for fallback in relay.fallbacks]
    return [options(relay, secrets.relay_password), *fallbacks]


def signer(settings: Settings) -> Signer | None:
    """A DKIM signer, to be entered; None where the relay signs. `ConfigError` for an unusable key."""
    dkim = settings.dkim
    if dkim is None:
        return None
    return Signer(
        load_key(dkim.key_file), domain=dkim.domain, selector=dkim.selector, processes=dkim.processes
    )


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
    """What delivers editions; `signing` must be entered."""
    limits = settings.relay
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
        pace=Pace(limits.connections),
        relays=notes,
        connections=limits.connections,
        only_to=limits.only_to,
        limits=Limits(per_minute=limits.per_minute, per_minute_and_domain=limits.per_minute_and_domain),
    )
