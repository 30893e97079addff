"""Dialling a relay: the library connects, secures, greets and logs in, as the options say."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
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
from digest.settings import MailServer, Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a relay may take."""

    connect: timedelta = timedelta(seconds=30)
    command: timedelta = timedelta(minutes=5)  # RFC 5321 section 4.5.3.2, MAIL and RCPT
    final: timedelta = timedelta(minutes=10)  # RFC 5321 section 4.5.3.2.6, after the final dot


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """How long one connection is used before it is closed and another one opened."""

    messages: int = 500  # messages that were offered, taken or not
    idle: timedelta = timedelta(seconds=30)
    age: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """One relay, how we greet it, and how we use it."""

    server: MailServer  # with absolute paths; TLS as set, because an attacker can remove the relay's offer
    local_hostname: str  # for EHLO; set here to save a DNS lookup for each connection
    password: str | None = field(default=None, repr=False)  # used unless the server has a token file
    timeouts: Timeouts = field(default_factory=Timeouts)
    lifetime: Lifetime = field(default_factory=Lifetime)
    connect_attempts: int = 3
    rest: timedelta = timedelta(seconds=30)  # after a relay could not be reached, before it is dialled again
    pipelining: bool = True  # where the relay offers it

    @property
    def address(self) -> str:
        return f"{self.server.host}:{self.server.port}"

    async def token(self) -> str:
        """The account's current token for XOAUTH2; read each time, because it expires in an hour."""
        file = self.server.token_file
        return (await asyncio.to_thread(file.read_text, "utf-8")).strip() if file is not None else ""


PASSING: Final = (SMTPConnectError, SMTPServerDisconnected, SMTPTimeoutError)
"""Errors after which another attempt may succeed. Not a refused login: three may lock the account."""

TROUBLE: Final = (SMTPException, OSError, UnicodeError)  # UnicodeError: a host name that cannot be looked up

PAUSE: Final = wait_random_exponential(multiplier=1, max=10)
"""Seconds between attempts: random, so that connections that failed together do not come back together."""


def tls_context(server: MailServer) -> ssl.SSLContext | None:
    """The TLS settings, None without TLS; `OSError` if a certificate's file cannot be read."""
    if server.tls is Tls.NONE:
        return None
    # One for all connections: building it takes 40 ms, and the library would build one for each.
    context = ssl.create_default_context(cafile=server.ca_file)
    if server.client_cert is not None:
        context.load_cert_chain(server.client_cert, server.client_key)
    return context


async def _dial_once(options: RelayOptions, tls: ssl.SSLContext | None) -> SMTP:
    """Connect, secure, greet and log in, as the options say."""
    server, has_token = options.server, options.server.token_file is not None
    client = SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=None if has_token else options.password,
        oauth_token_generator=options.token if has_token else None,
        local_hostname=options.local_hostname,
        timeout=options.timeouts.command.total_seconds(),
        use_tls=server.tls is Tls.IMPLICIT,
        start_tls=server.tls is Tls.STARTTLS,
        tls_context=tls,
    )
    await client.connect(timeout=options.timeouts.connect.total_seconds())
    try:
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
    except BaseException:
        client.close()
        raise
    return client


async def dial(options: RelayOptions, tls: ssl.SSLContext | None, pause: wait_base) -> SMTP:
    """A connection, after several attempts if need be; raises the last error, one of `TROUBLE`.

    All attempts together take at most as long as that many connect timeouts.
    """
    longest = options.timeouts.connect.total_seconds() * options.connect_attempts
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(PASSING),
        stop=stop_after_attempt(options.connect_attempts) | stop_after_delay(longest),
        wait=pause,
        reraise=True,
    )
    return await retrying(_dial_once, options, tls)


def reply_in(trouble: BaseException) -> Reply:
    """The reply inside an exception of the library; rely on its code, not on the exception's class."""
    if isinstance(trouble, SMTPResponseException):
        return Reply(code=trouble.code, text=trouble.message)
    return Reply(code=None, text=f"{type(trouble).__name__}: {trouble}")
