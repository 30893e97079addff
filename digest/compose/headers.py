"""Header fields as octets.

They are written here because the standard library folds a long List-Unsubscribe into encoded words that no
mail program decodes, and loses spaces between the encoded words of long subjects (in one of ten random
subjects, on CPython 3.11). Every field is checked.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from digest.addresses import ascii_domain
from digest.errors import ComposeError

LONGEST_LINE: Final = 998  # the most octets of a line, without CRLF (RFC 5322 section 2.1.1)
WIDTH: Final = 78  # the octets that a line should have at most (RFC 5322 section 2.1.1)
# An encoded word has 64 octets then: with "Subject: " its line has fewer than 76 (RFC 2047 section 2).
_WORD_OCTETS: Final = 39
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}$)(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}"
)
# The form of nearly all addresses, which `ascii_address` would not change: a short cut.
_PLAIN_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}"
)


def field(name: str, value: str) -> str:
    """One header field with its CRLF, folded at spaces only. `ComposeError` if it cannot be written.

    The first word is on the field's first line: some receivers ignore the rest after an empty first line.
    """
    if not value or not all(" " <= c <= "~" for c in value):
        raise ComposeError(f"{name} holds characters that no header may carry")
    first, *words = value.split(" ")
    lines = [f"{name}: {first}"]
    for word in words:
        # A folded line must not be white space only (RFC 5322 section 3.2.2), so an empty word is never
        # folded.
        if word and len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    if any(len(line) > LONGEST_LINE for line in lines):
        raise ComposeError(f"{name} has a line of more than {LONGEST_LINE} octets")
    return "".join(f"{line}\r\n" for line in lines)


def text(words: str) -> str:
    """Unstructured text for a header: unchanged if it can be, else in encoded words (RFC 2047)."""
    ascii_only = all(" " <= c <= "~" for c in words)
    foldable = all(len(word) <= WIDTH - 10 for word in words.split(" "))
    return words if ascii_only and foldable and "=?" not in words else _encoded(words)


def mailbox(name: str, address: str) -> str:
    """A display name with its address, for From. `ComposeError` as for `ascii_address`."""
    if all(" " <= c <= "~" for c in name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{ascii_address(address)}>'
    return f"{_encoded(name)} <{ascii_address(address)}>"


def ascii_address(address: str) -> str:
    """An address with its domain in ASCII. `ComposeError` for an address that no header can carry."""
    if _PLAIN_ADDRESS.fullmatch(address) is not None:
        return address
    local, _, domain = address.rpartition("@")
    written = f"{local}@{ascii_domain(domain)}"
    if _ADDRESS.fullmatch(written) is None:
        raise ComposeError("an address is not one that a header may carry")
    return written


def _encoded(words: str) -> str:
    """Encoded words, cut between characters. A decoder joins them without the spaces."""
    chunks = [""]
    for c in words:
        if len((chunks[-1] + c).encode()) > _WORD_OCTETS:
            chunks.append("")
        chunks[-1] += c
    return " ".join(f"=?utf-8?b?{base64.b64encode(chunk.encode()).decode('ascii')}?=" for chunk in chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """How the service names itself in messages and on pages."""

    name: str  # the display name in From
    address: str  # the address in From; its domain is also in List-Id and every Message-ID
    reply_to: str | None  # a mailbox that a person or a program reads
    bounces: str  # the envelope's return path, without a token
    service_name: str
    service_url: str
    contact: str  # an address or the URL of a page, for readers
    postal_address: str | None
    daily_at: str = "noon"  # when the edition comes, in words that follow "at"
    commands: str | None = None  # the domain whose leave+TOKEN@ and confirm+TOKEN@ we read; None: none
