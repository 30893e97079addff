"""Settings for the service itself: its name, database, pages and operators."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, field_validator

from digest.settings.connection import Section
from digest.settings.types import (
    Address,
    Contact,
    Created,
    DatabaseUrl,
    Duration,
    HeaderName,
    Host,
    Line,
    Port,
    Switch,
    WebAddress,
    expected,
    loopback,
    within,
)


class ServiceSettings(Section):
    """The service's name and address."""

    name: Line
    """The name of the service, as subscribers read it."""
    url: AnyHttpUrl
    """The public web address of the service; the links in every message begin with it."""
    contact: Contact
    """A mail or web address for publishers and readers; all our requests and messages show it."""

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: AnyHttpUrl) -> AnyHttpUrl:
        if url.username or url.password or url.query is not None or url.fragment is not None:
            raise expected('an address without name, password, "?" and "#"')
        # One-click links must be https (RFC 8058 section 3.1), except for a trial on this machine.
        if url.scheme != "https" and not loopback(url.host):
            raise expected('an address that begins with "https://" (only a trial on localhost may use http)')
        return url


class StoreSettings(Section):
    """The database."""

    url: DatabaseUrl = "sqlite:///var/digest.db"
    """"sqlite:///" and a file name, counted from the config directory; or "postgresql://...", no password."""
    journal: Annotated[Path, Created] = Path("var/journal")
    """A folder on a local disk where workers note what they are doing, for recovery after a crash."""


_NO_LOGINS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "host", "user-agent", "accept", "accept-language"}
    | {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "referer", "via"}
)
"""Headers that come with every visitor, or that hold a password: none says who has logged in."""


class OperatorPagesSettings(Section):
    """The operators' pages, at /operators: on by the secret DIGEST_OPERATORS_SECRET or by `login_header`."""

    login_header: HeaderName | None = None
    """The header in which a proxy of web.proxies says who has logged in; it must remove it from visitors."""
    session: Annotated[Duration, within("5m", "30d")] = timedelta(hours=12)
    """How long an operator stays signed in who gave the secret."""

    @field_validator("login_header")
    @classmethod
    def _names_somebody(cls, given: str | None) -> str | None:
        if given is not None and given.lower() in _NO_LOGINS:
            raise expected(
                f'the header in which your proxy says who has logged in; "{given}" does not say it'
            )
        return given


class WebSettings(Section):
    """The web server for subscribers' pages and metrics."""

    host: Host = "127.0.0.1"
    """The address to listen on; a reverse proxy in front provides https."""
    port: Port = 8080
    """The port to listen on."""
    proxies: tuple[Line, ...] = ("127.0.0.1", "::1")
    """Reverse proxies (addresses or networks) that we trust to name the visitor; limits count visitors."""
    metrics: Switch = False
    """Whether to serve /metrics for Prometheus; make sure that the proxy does not pass it on to everybody."""
    operators: OperatorPagesSettings = OperatorPagesSettings()

    @field_validator("proxies")
    @classmethod
    def _are_numbers(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            try:
                network = ip_network(one)
            except ValueError:
                raise expected(
                    f'numbers of machines or networks, such as "10.0.0.1" or "10.0.0.0/8"; "{one}" is neither'
                ) from None
            if network.prefixlen == 0:
                raise expected(f'your own proxies alone; "{one}" is everybody, who may give any address')
        return given


class OperatorsSettings(Section):
    """How operators learn that something needs them."""

    ping: WebAddress | None = None
    """An address to call after each complete edition; with "/fail" added if something needs a person."""
    mail: tuple[Address, ...] = ()
    """Addresses that get one mail when something needs a person, and a summary once a week."""
    canary: Address | None = None
    """One of our own subscribers who must get each edition; operators are called if that fails."""

    @property
    def ping_host(self) -> str | None:
        """The host of `ping`. The rest of the address is a secret."""
        return urlsplit(self.ping).hostname if self.ping else None
