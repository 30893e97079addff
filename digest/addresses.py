"""Email addresses: whether one can be written to, when two are one, and how one is shown in the open."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Final

import idna

_LOCAL: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}")
_LABEL: Final = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
IN_TEXT: Final = re.compile(r"""(?:"[^"@]{0,320}"|[^\s@<>()\[\],;"'=]{1,320})@[^\s@<>()\[\],;:"'=]{1,255}""")
"""What looks like an address in a running text."""

Seal = Callable[[str], str]
"""An address as a keyed hash: the same for two spellings of one mailbox, and nobody's without the key."""


def problem_with(address: str) -> str | None:
    """Why an address cannot be written to, in an operator's words; None if nothing speaks against it."""
    local, at, domain = address.strip().rpartition("@")
    if not at:
        return "an address has an @"
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        return "what stands before the @ is not a mailbox's name"
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return "what stands after the @ is not a domain, such as example.org"
    return None


def same_key(address: str) -> str:
    """The form in which two spellings of one mailbox are equal, as far as others than its server can tell."""
    local, _, domain = unicodedata.normalize("NFC", address.strip()).casefold().rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


def limit_key(address: str) -> str:
    """Like `same_key`, and without what may be put behind a "+": one person's many spellings count as one."""
    local, _, domain = same_key(address).rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def ascii_domain(domain: str) -> str:
    """A domain as the DNS knows it (RFC 5891); as it stands where it is none."""
    if domain.isascii():
        return domain.casefold()
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain.casefold()


def sealing(key: bytes) -> Seal:
    """The seal of a key, which must be kept for as long as what is sealed with it."""

    def seal(address: str) -> str:
        return hashlib.blake2b(
            same_key(address).encode(), key=key[:64], digest_size=24, person=b"digest.suppress"
        ).hexdigest()

    return seal


def sealed(key: bytes) -> Callable[[str], str]:
    """A keyed hash of any text, under which something can be counted and nobody recognised."""

    def seal(text: str) -> str:
        octets = text.encode("utf-8", "replace")
        return hashlib.blake2b(octets, key=key[:64], digest_size=24, person=b"digest.count").hexdigest()

    return seal


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
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))
