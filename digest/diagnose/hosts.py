"""Hosts: where mail to us goes, the names of the addresses that we send from, and the relay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from digest.diagnose import Check, Inquiry, Kind, Silence
from digest.diagnose.checks import ASK_AGAIN, IPAddress, addresses, ask, each, unknown, warning, well, wrong
from digest.settings import Tls
from digest.settings.sending import SenderSettings
from digest.settings.types import loopback

_SOON: Final = timedelta(days=14)  # a certificate that expires within this is warned of
_USEFUL: Final = {
    "PIPELINING": "several times as many messages a second",
    "SIZE": "a message that is too large is refused before it is sent",
    "SMTPUTF8": "addresses that are not ASCII can be written to",
}


# -- names ----------------------------------------------------------------------------------------------


def senders(relay: str) -> Inquiry[Sequence[IPAddress]]:
    """The addresses that mail probably leaves from: those of the relay's host.

    None if the relay is on this machine: which address it sends from cannot be seen here.
    """
    if loopback(relay):
        return ()
    try:
        return (ip_address(relay),)
    except ValueError:
        answer = yield from addresses(relay)
        return () if isinstance(answer, Silence) else tuple(map(ip_address, answer.values))


def exchanges(sender: SenderSettings) -> Mapping[str, str]:
    """The domains that mail to us goes to, each with what we need it for."""
    purposes = {_domain(sender.bounces): "mail that comes back", _domain(sender.address): "answers"}
    if sender.reply_to is not None:
        purposes[_domain(sender.reply_to)] = "answers, and leaving by mail"
    return purposes


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def inspect_exchanges(domain: str, purpose: str) -> Inquiry[list[Check]]:
    """Whether mail to a domain arrives anywhere (RFC 5321 section 5.1)."""
    name, expected = f"MX of {domain}", f"a mail exchange, for {purpose}"
    publish = "publish an MX record with the name of a real mail server"
    answer = yield from ask(domain, Kind.MX)
    if isinstance(answer, Silence):
        return [unknown(name, answer.why, expected, ASK_AGAIN)]
    if answer.values == (".",):
        # RFC 7505 section 3: a domain that says it takes no mail.
        return [wrong(name, "a null MX", expected, publish)]
    hosts = answer.values or (domain,)
    dead = []
    for host in hosts:
        reached = yield from addresses(host)
        if isinstance(reached, Silence):
            return [unknown(name, f"{host}: {reached.why}", expected, ASK_AGAIN)]
        if not reached.values:
            dead.append(host)
    if len(dead) == len(hosts):
        found = f"{', '.join(dead)} {'have' if len(dead) > 1 else 'has'} no address"
        found = found if answer.values else "neither an MX record nor an address"
        return [wrong(name, found, expected, publish)]
    if not answer.values:
        found = "no MX record; mail goes to the domain's own address"
        return [warning(name, found, expected, "publish an MX record: some receivers ask for one")]
    return [well(name, ", ".join(host for host in hosts if host not in dead))]


def inspect_names(senders: Sequence[IPAddress], *, certain: bool) -> Inquiry[list[Check]]:
    """Whether the addresses we send from have names that lead back to them (RFC 1912 section 2.1).

    `certain` as for `spf.inspect`: without it, nothing is worse than a warning.
    """
    name, expected = "reverse name", "the address has a name, and the name has the address"
    public = [address for address in senders if address.is_global]
    if not public:
        found = "no public address of the relay's is known here"
        advice = "name the addresses your mail leaves from: digest doctor --sends-from ADDRESS"
        return [unknown(name, found, expected, advice)]
    return (yield from each(_named(address, certain=certain) for address in public))


def _named(address: IPAddress, *, certain: bool) -> Inquiry[Check]:
    name, expected = f"reverse name of {address}", "a name that leads back to the address"
    bad = wrong if certain else warning
    advice = "ask the provider of the address to set its reverse name; large receivers refuse mail without"
    answer = yield from ask(address.reverse_pointer, Kind.PTR)
    if isinstance(answer, Silence):
        return unknown(name, answer.why, expected, ASK_AGAIN)
    if not answer.values:
        return bad(name, "none", expected, advice)
    kind = Kind.A if address.version == 4 else Kind.AAAA
    for host in answer.values:
        back = yield from ask(host, kind)
        if isinstance(back, Silence):
            return unknown(name, f"{host}: {back.why}", expected, ASK_AGAIN)
        if str(address) in back.values:
            return well(name, f"{host.rstrip('.')}, and back")
    return bad(name, f"{', '.join(answer.values)}, which does not lead back", expected, advice)


# -- the relay ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFound:
    """The result of connecting to the relay; fields that were not reached keep their defaults."""

    address: str  # host:port
    tls: Tls
    trouble: str | None = None  # why we could not connect
    certificate_trouble: str | None = None  # likewise, where its certificate is the reason
    expires: datetime | None = None
    extensions: frozenset[str] = frozenset()
    login: str | None = None  # the account tried; None if none is set
    login_trouble: str | None = None


def judge_relay(found: RelayFound, now: datetime) -> list[Check]:
    """The connection, the certificate, the extensions that help us, and the login."""
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
    text = f"{found.tls}, verified; the certificate runs out in {days} days, on {found.expires:%d %b %Y}"
    if found.expires - now < _SOON:
        advice = "renew the relay's certificate, or see why that does not happen by itself"
        return warning(name, text, f"a certificate for {_SOON.days} days at least", advice)
    return well(name, text)


def _offers(name: str, found: RelayFound) -> Check:
    has = ", ".join(extension for extension in _USEFUL if extension in found.extensions)
    lacks = ", ".join(extension for extension in _USEFUL if extension not in found.extensions)
    if "PIPELINING" not in found.extensions:
        expected = f"PIPELINING: {_USEFUL['PIPELINING']}"
        text = f"{has or 'none of what is of use'}; not {lacks}"
        return warning(name, text, expected, "a relay that offers it, if it is too slow")
    return well(name, has + (f"; not {lacks}" if lacks else ""))


def _login(name: str, found: RelayFound) -> Check:
    expected = f"{found.login} is let in"
    if found.login_trouble is None:
        return well(name, expected)
    return wrong(name, found.login_trouble, expected, "correct relay.username and its password or token")
