"""Dialling a relay: connect, secure, greet and log in, as the options say; the library does each of them."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)
from tenacity.wait import wait_base

from digest.adapters.smtp.replies import Reply
from digest.settings import Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """Where the relay is and how patient we are with it."""

    host: str
    port: int
    tls: Tls  # as said, never "if it happens to be offered": an offer can be stripped on the way
    local_hostname: str  # what EHLO says; given, because asking the resolver costs every connection a lookup
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: Callable[[], Awaitable[str]] | None = field(default=None, repr=False)  # for XOAUTH2, asked anew
    ca_file: Path | None = None  # trusted instead of the system's authorities
    client_cert: Path | None = None  # shown to a relay that wants one, with its key
    client_key: Path | None = None
    connect_timeout: timedelta = timedelta(seconds=30)
    command_timeout: timedelta = timedelta(minutes=5)  # RFC 5321 section 4.5.3.2, MAIL and RCPT
    final_timeout: timedelta = timedelta(minutes=10)  # RFC 5321 section 4.5.3.2.6, after the final dot
    connect_attempts: int = 3
    rest: timedelta = timedelta(seconds=30)  # after a relay could not be had, before it is dialled again
    max_messages: int = 500  # offers on one connection
    max_idle: timedelta = timedelta(seconds=30)
    max_age: timedelta = timedelta(minutes=10)
    pipelining: bool = True  # where it is offered


PASSING: Final = (SMTPConnectError, SMTPServerDisconnected, SMTPTimeoutError)
"""What dialling again may cure. A refused login is not among them: asking thrice locks accounts."""

TROUBLE: Final = (SMTPException, OSError, UnicodeError)  # UnicodeError: a host name that cannot be looked up

PAUSE: Final = wait_random_exponential(multiplier=1, max=10)


def tls_context(options: RelayOptions) -> ssl.SSLContext | None:
    """What the connection is secured with; `OSError` if a certificate's file cannot be read."""
    if options.tls is Tls.NONE:
        return None
    # One for all connections: building it costs 40 ms, and the library would build one for each.
    context = ssl.create_default_context(cafile=options.ca_file)
    if options.client_cert is not None:
        context.load_cert_chain(options.client_cert, options.client_key)
    return context


async def _dial_once(options: RelayOptions, tls: ssl.SSLContext | None) -> SMTP:
    """Connect, secure, greet and log in, as the options say."""
    client = SMTP(
        hostname=options.host,
        port=options.port,
        username=options.username,
        password=options.password,
        oauth_token_generator=options.token,
        local_hostname=options.local_hostname,
        timeout=options.command_timeout.total_seconds(),
        use_tls=options.tls is Tls.IMPLICIT,
        start_tls=options.tls is Tls.STARTTLS,
        tls_context=tls,
    )
    await client.connect(timeout=options.connect_timeout.total_seconds())
    try:
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
    except BaseException:
        client.close()
        raise
    return client


async def dial(options: RelayOptions, tls: ssl.SSLContext | None, pause: wait_base) -> SMTP:
    """A connection, with patience: by name, by count and by the clock; one of `TROUBLE`, as it was last."""
    patience = options.connect_timeout.total_seconds() * options.connect_attempts
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(PASSING),
        stop=stop_after_attempt(options.connect_attempts) | stop_after_delay(patience),
        wait=pause,
        reraise=True,
    )
    return await retrying(_dial_once, options, tls)


def reply_in(trouble: BaseException) -> Reply:
    """The reply inside an exception of the library, whose class says nothing reliable and whose code does."""
    if isinstance(trouble, SMTPResponseException):
        return Reply(code=trouble.code, text=trouble.message)
    return Reply(code=None, text=f"{type(trouble).__name__}: {trouble}")
