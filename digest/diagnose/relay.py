"""The relay as it was found: connection, certificate, what it offers, and whether it lets us in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digest.diagnose.checks import Check, unknown, warning, well, wrong
from digest.settings import Tls

SOON: Final = timedelta(days=14)
USEFUL: Final = {
    "PIPELINING": "several times as many messages a second",
    "SIZE": "a message that is too large is refused before it is sent",
    "SMTPUTF8": "addresses that are not ASCII can be written to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFound:
    """What dialling the relay showed; later fields are as they were where it did not come so far."""

    address: str  # host:port
    tls: Tls
    trouble: str | None = None  # why there is no conversation
    certificate_trouble: str | None = None  # likewise, if its certificate is why
    expires: datetime | None = None
    extensions: frozenset[str] = frozenset()
    login: str | None = None  # the account tried; None: none is set
    login_trouble: str | None = None


def judge_relay(found: RelayFound, now: datetime) -> list[Check]:
    name = f"relay {found.address}"
    if found.certificate_trouble is not None:
        expected = "a certificate for this name, by an authority that this machine trusts, in its dates"
        advice = "correct relay.host or the relay's certificate, or name its authority in relay.ca_file"
        return [wrong(f"{name}: TLS", found.certificate_trouble, expected, advice)]
    if found.trouble is not None:
        expected = f"a mail server that speaks with us (tls: {found.tls})"
        return [wrong(name, found.trouble, expected, "correct relay.host, port and tls, or start the relay")]
    checks = [_secured(f"{name}: TLS", found, now), _offers(f"{name}: offers", found)]
    if found.login is not None:
        checks.append(_login(f"{name}: login", found))
    return checks


def _secured(name: str, found: RelayFound, now: datetime) -> Check:
    if found.tls is Tls.NONE:
        return well(name, "none, for a relay on this machine")
    if found.expires is None:
        return unknown(name, "no date on its certificate", "a date", "look at the certificate itself")
    days = (found.expires - now).days
    said = f"{found.tls}, verified; the certificate runs out in {days} days, on {found.expires:%d %b %Y}"
    if found.expires - now < SOON:
        expected = f"a certificate for {SOON.days} days at least"
        return warning(
            name, said, expected, "renew the relay's certificate, or see why that does not happen by itself"
        )
    return well(name, said)


def _offers(name: str, found: RelayFound) -> Check:
    has = [offer for offer in USEFUL if offer in found.extensions]
    lacks = [offer for offer in USEFUL if offer not in found.extensions]
    if "PIPELINING" in lacks:
        said = f"{', '.join(has) or 'none of what is of use'}; not {', '.join(lacks)}"
        return warning(
            name, said, f"PIPELINING: {USEFUL['PIPELINING']}", "a relay that offers it, if it is too slow"
        )
    return well(name, f"{', '.join(has)}" + (f"; not {', '.join(lacks)}" if lacks else ""))


def _login(name: str, found: RelayFound) -> Check:
    if found.login_trouble is None:
        return well(name, f"{found.login} is let in")
    expected = f"{found.login} is let in"
    return wrong(name, found.login_trouble, expected, "correct relay.username and its password or token")
