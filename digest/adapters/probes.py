"""Probes: the relay and the public pages, dialled once to see how they are. No message is sent."""

from __future__ import annotations

import ssl
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import aiohttp
from aiosmtplib import SMTP, SMTPException

from digest.adapters.http.status import http_date, why
from digest.adapters.smtp.connect import RelayOptions, tls_context
from digest.diagnose.hosts import RelayFound
from digest.diagnose.one_click import PageFound
from digest.settings import Tls

PATIENCE: Final = 10.0
"""Seconds for each step; an operator waits at a terminal."""

_TROUBLE: Final = (SMTPException, OSError, ValueError)  # ValueError: a host name that is none


async def probe_relay(options: RelayOptions) -> RelayFound:
    """Connect, secure and greet as for mail; log in if an account is set; leave."""
    address, tls, login = options.address, options.server.tls, options.server.username
    try:
        client = _client(options)
    except OSError as error:
        return RelayFound(address=address, tls=tls, trouble=f"a certificate file: {error}")
    try:
        await client.connect(timeout=PATIENCE)
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
    except _TROUBLE as error:
        client.close()
        if certificate := _certificate_trouble(error):
            return RelayFound(address=address, tls=tls, certificate_trouble=certificate)
        return RelayFound(address=address, tls=tls, trouble=_words(error))
    try:
        return RelayFound(
            address=address,
            tls=tls,
            expires=_expires(client),
            extensions=frozenset(name.upper() for name in client.esmtp_extensions),
            login=login,
            login_trouble=await _login(client, options, login) if login else None,
        )
    finally:
        with suppress(*_TROUBLE):
            await client.quit(timeout=PATIENCE)
        client.close()


def _client(options: RelayOptions) -> SMTP:
    return SMTP(
        hostname=options.server.host,
        port=options.server.port,
        local_hostname=options.local_hostname,
        timeout=PATIENCE,
        use_tls=options.server.tls is Tls.IMPLICIT,
        start_tls=options.server.tls is Tls.STARTTLS,
        tls_context=tls_context(options.server),
    )


async def _login(client: SMTP, options: RelayOptions, account: str) -> str | None:
    """Why we are not let in; None if we are."""
    try:
        if options.server.token_file is not None:
            await client.auth_xoauth2(account, await options.token())
        else:
            await client.login(account, options.password or "")
    except _TROUBLE as error:
        return _words(error)
    return None


def _expires(client: SMTP) -> datetime | None:
    certificate = client.get_transport_info("peercert") or {}
    until = certificate.get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC) if until else None


def _certificate_trouble(error: BaseException | None) -> str | None:
    """What the library's errors hide: why a certificate was not believed."""
    while error is not None:
        # aiohttp's own error is one by its class, and has no message of its own.
        if isinstance(error, ssl.SSLCertVerificationError) and (said := getattr(error, "verify_message", "")):
            return str(said)
        error = error.__cause__ or error.__context__
    return None


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


async def probe_page(url: str) -> PageFound:
    """GET an address; redirects are told, not followed."""
    patience = aiohttp.ClientTimeout(total=PATIENCE)
    trusted = ssl.create_default_context()  # aiohttp's own is made when it is imported
    try:
        async with (
            aiohttp.ClientSession(timeout=patience) as session,
            session.get(url, allow_redirects=False, ssl=trusted) as answer,
        ):
            return PageFound(
                url=url,
                status=answer.status,
                location=answer.headers.get("Location"),
                date=http_date(answer.headers.get("Date", "")),
            )
    except TimeoutError:
        return PageFound(url=url, trouble="no answer")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return PageFound(url=url, trouble=_certificate_trouble(error) or why(error))
