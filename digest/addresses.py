"""Email addresses: which are valid, which are equal, and how they are masked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network
from typing import Final

import idna

_LOCAL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")  # RFC 5322 section 3.2.3
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1035 section 2.3.1
_LONGEST: Final = 254  # characters: a path of 256 (RFC 5321 section 4.5.3.1.3) without its brackets
_DOTS_ASIDE: Final = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
"""Domains that ignore dots before the @, with the domain that stands for them all."""
_WITH_PORT: Final = re.compile(r"^(?:\[([^\]]*)\]|([0-9.]+))(?::\d{1,5})?$")
IN_TEXT: Final = re.compile(r"""(?:"[^"@]{0,320}"|[^\s@<>()\[\],;"'=]{1,320})@[^\s@<>()\[\],;:"'=]{1,255}""")
"""Matches what looks like an address in a text."""


def problem_with(address: str) -> str | None:
    """Why we cannot write to an address, in words for operators; None if it is valid."""
    local, at, domain = address.strip().rpartition("@")
    if not at:
        return "an address has an @"
    if not local.isascii() and all(c.isalnum() or c in "._-+" for c in local):
        return "what stands before the @ has letters that few mail servers take; we write to plain ones alone"
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        return "what stands before the @ is not a mailbox's name"
    if "%" in local or "!" in local:
        # Old routes (RFC 5321 appendix C): some servers pass them on, so one mailbox would have many names.
        return "what stands before the @ has a % or a !, which says how to pass mail on; we write to no such"
    labels = ascii_domain(domain).split(".")
    # No top-level domain is a number (RFC 3696 section 2): that would be a machine's address.
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        return "what stands after the @ is not a domain, such as example.org"
    if len(local) + 1 + len(".".join(labels)) > _LONGEST:
        return f"an address has at most {_LONGEST} characters"
    return None


def same_key(address: str) -> str:
    """A form that is equal for two spellings of an address if any server must treat them as one mailbox."""
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local.casefold()}@{ascii_domain(domain)}"


def same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses are surely one mailbox: equal but for spelling, and dots that mean nothing."""
    return _without_dots(one) == _without_dots(other)


def allowed_by(only_to: Iterable[str]) -> Callable[[str], bool]:
    """A test whether mail to an address is allowed: one of these addresses, or at one of these "@domain"s.

    If `only_to` is empty, every address is allowed.
    """
    allowed = frozenset(one.strip().casefold() for one in only_to)

    def allows(address: str) -> bool:
        own = address.casefold()
        return not allowed or own in allowed or own[own.rfind("@") :] in allowed

    return allows


def limit_key(address: str) -> str:
    """Like `same_key`, but without meaningless dots and without the part after a "+"; for request limits."""
    local, _, domain = _without_dots(address).rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def suppression_keys(address: str) -> tuple[str, str, str]:
    """The three keys under which a suppression of this address may be stored: two its own, one its mailbox's.

    A suppression of ada@example.org also covers ada+news@example.org, but not the other way round.
    """
    return _without_dots(address), same_key(address), limit_key(address)


def _without_dots(address: str) -> str:
    local, _, domain = same_key(address).rpartition("@")
    if domain not in _DOTS_ASIDE:
        return f"{local}@{domain}"
    name, plus, tag = local.partition("+")
    return f"{name.replace('.', '') or name}{plus}{tag}@{_DOTS_ASIDE[domain]}"


def ascii_domain(domain: str) -> str:
    """A domain in ASCII as the DNS has it (RFC 5891); in lower case but unchanged if it is no domain.

    The rules of IDNA 2008 apply: those of 2003 turn "ß" into "ss", which is another owner's domain.
    """
    if domain.isascii():
        return domain.casefold()
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain.casefold()


def mask(address: str) -> str:
    """The first letter and the domain of an address, so that only its owner recognises it: m…@example.org."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def masked(text: str) -> str:
    """A text with every address in it masked, for logs and screens; operators still see the domain.

    Text that only looks like an address is masked too.
    """
    return IN_TEXT.sub(lambda found: mask(found[0].strip('"')), text) if "@" in text else text


def without_addresses(text: str) -> str:
    """A text with every address in it replaced by "…@…", for records that stay when a subscriber is erased.

    `masked` is not enough there: a first letter and somebody's own domain identify them.
    """
    return IN_TEXT.sub("…@…", text)


def truncated(host: str) -> str:
    """The network of an IP address, too large to identify a household: /24 of IPv4, /48 of IPv6.

    Empty if `host` is no IP address.
    """
    return next((one for one in networks(host) if one.endswith(("/24", "/48"))), "")


def networks(host: str) -> tuple[str, ...]:
    """The networks that an IP address is in, the narrowest first: /24, /16 of IPv4; /56, /48, /32 of IPv6.

    `host` may be a network as well; then it is in those that are not narrower. Empty if it is neither.
    """
    host = _WITH_PORT.sub(r"\1\2", host.partition("%")[0])  # some proxies add a port; a zone is dropped
    try:
        given = ip_network(host, strict=False)
    except ValueError:
        return ()
    if isinstance(given, IPv6Network) and (inner := _ipv4_in(given.network_address)) is not None:
        given = ip_network(inner)
    around = (given.supernet(new_prefix=n) for n in _COUNTED[given.version] if n <= given.prefixlen)
    return tuple(str(one) for one in around)


_COUNTED: Final = {4: (24, 16), 6: (56, 48, 32)}
"""By version: the lengths of the prefixes by which requests are counted, the narrowest network first."""
_NAT64: Final = ip_network("64:ff9b::/96")  # RFC 6052 section 2.1


def _ipv4_in(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for: mapped (RFC 4291), NAT64 or 6to4; None if none."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
