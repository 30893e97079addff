"""Email addresses: whether one can be written to, when two are one, and how one is shown in the open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Final

import idna

_LOCAL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")  # RFC 5322 section 3.2.3
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1035 section 2.3.1
_LONGEST: Final = 254  # characters: a path of 256 (RFC 5321 section 4.5.3.1.3) without its brackets
_DOTS_ASIDE: Final = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
"""Domains at which dots before the @ are known to mean nothing, and the one that they all are."""
_WITH_PORT: Final = re.compile(r"^(?:\[([^\]]*)\]|([0-9.]+))(?::\d{1,5})?$")
IN_TEXT: Final = re.compile(r"""(?:"[^"@]{0,320}"|[^\s@<>()\[\],;"'=]{1,320})@[^\s@<>()\[\],;:"'=]{1,255}""")
"""What looks like an address in a running text."""


def problem_with(address: str) -> str | None:
    """Why an address cannot be written to, in an operator's words; None if nothing speaks against it."""
    local, at, domain = address.strip().rpartition("@")
    if not at:
        return "an address has an @"
    if not local.isascii() and all(c.isalnum() or c in "._-+" for c in local):
        return "what stands before the @ has letters that few mail servers take; we write to plain ones alone"
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        return "what stands before the @ is not a mailbox's name"
    labels = ascii_domain(domain).split(".")
    # No top-level domain is a number (RFC 3696 section 2): that would be a machine's address.
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        return "what stands after the @ is not a domain, such as example.org"
    if len(local) + 1 + len(".".join(labels)) > _LONGEST:
        return f"an address has at most {_LONGEST} characters"
    return None


def same_key(address: str) -> str:
    """The form in which two spellings of one mailbox are equal, as far as others than its server can tell."""
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local.casefold()}@{ascii_domain(domain)}"


def allowed_by(only_to: Iterable[str]) -> Callable[[str], bool]:
    """Whether an address is among these: addresses, or domains with "@" before them; none: everybody is."""
    allowed = frozenset(one.strip().casefold() for one in only_to)

    def allows(address: str) -> bool:
        own = address.casefold()
        return not allowed or own in allowed or own[own.rfind("@") :] in allowed

    return allows


def limit_key(address: str) -> str:
    """Like `same_key`, and without what may be put behind a "+": one person's many spellings count as one."""
    local, _, domain = _without_dots(address).rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def suppression_keys(address: str) -> tuple[str, str, str]:
    """Under which a suppression may be that means this address: two are its own, the last its mailbox's.

    Who must not be written to is not written to at ada+news@example.org either; who must not be at that one
    still is at ada@example.org.
    """
    return _without_dots(address), same_key(address), limit_key(address)


def _without_dots(address: str) -> str:
    local, _, domain = same_key(address).rpartition("@")
    if domain not in _DOTS_ASIDE:
        return f"{local}@{domain}"
    name, plus, tag = local.partition("+")
    return f"{name.replace('.', '') or name}{plus}{tag}@{_DOTS_ASIDE[domain]}"


def ascii_domain(domain: str) -> str:
    """A domain as the DNS knows it (RFC 5891); as it stands where it is none.

    By the rules of 2008 alone: those of 2003 make "ss" of an "ß", which is somebody else's domain.
    """
    if domain.isascii():
        return domain.casefold()
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain.casefold()


def mask(address: str) -> str:
    """Enough of an address for its owner to know it, and nobody else: m…@example.org."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def masked(text: str) -> str:
    """A text with every address in it masked, for logs and screens: whoever mends things sees which domain.

    What only looks like an address is masked too.
    """
    return IN_TEXT.sub(lambda found: mask(found[0].strip('"')), text) if "@" in text else text


def without_addresses(text: str) -> str:
    """Another's words without the addresses in them, for what is kept when its subscriber is erased.

    Not `masked`: a first letter and a domain of one's own name their owner.
    """
    return IN_TEXT.sub("…@…", text)


def truncated(host: str) -> str:
    """A network address without what names a single household: /24 of IPv4, /48 of IPv6; else empty."""
    host = _WITH_PORT.sub(r"\1\2", host.partition("%")[0])  # as some proxies write it; no zone
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))
