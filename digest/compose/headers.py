"""Header fields, written to the octet.

The standard library folds an unbreakable List-Unsubscribe into encoded words that no mail program undoes, and
loses spaces between the encoded words of long subjects (one in ten random ones, on CPython 3.11): so the
header block is written here, and every field is checked.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from digest.addresses import ascii_domain
from digest.errors import ComposeError

LONGEST_LINE: Final = 998  # octets without CRLF, RFC 5322 section 2.1.1
WIDTH: Final = 78  # likewise: what a line should keep to
# Encoded words of 64: with "Subject: " before the first, lines keep under the 76 of RFC 2047 section 2.
_WORD_OCTETS: Final = 39
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}$)(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}"
)
# What nearly all addresses are, and what the long way round leaves as it is.
_PLAIN_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}"
)


def field(name: str, value: str) -> str:
    """One header field with its CRLF, folded at spaces only; `ComposeError` where it cannot be written.

    The first word stays on the field's first line: some receivers do not read on from an empty one.
    """
    if not value or not all(" " <= c <= "~" for c in value):
        raise ComposeError(f"{name} holds characters that no header may carry")
    first, *words = value.split(" ")
    lines = [f"{name}: {first}"]
    for word in words:
        # RFC 5322 section 3.2.2: a line of white space only is no fold, so empty words stay where they are.
        if word and len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    if any(len(line) > LONGEST_LINE for line in lines):
        raise ComposeError(f"{name} has a line of more than {LONGEST_LINE} octets")
    return "".join(f"{line}\r\n" for line in lines)


def text(words: str) -> str:
    """Unstructured text: as it is where a header can carry it, else in encoded words (RFC 2047)."""
    ascii_only = all(" " <= c <= "~" for c in words)
    foldable = all(len(word) <= WIDTH - 10 for word in words.split(" "))
    return words if ascii_only and foldable and "=?" not in words else _encoded(words)


def mailbox(name: str, address: str) -> str:
    """A display name and its address."""
    if all(" " <= c <= "~" for c in name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{ascii_address(address)}>'
    return f"{_encoded(name)} <{ascii_address(address)}>"


def ascii_address(address: str) -> str:
    """An address as it goes over the wire, its domain in ASCII; `ComposeError` where it has no such form."""
    if _PLAIN_ADDRESS.fullmatch(address) is not None:
        return address
    local, _, domain = address.rpartition("@")
    written = f"{local}@{ascii_domain(domain)}"
    if _ADDRESS.fullmatch(written) is None:
        raise ComposeError("an address is not one that a header may carry")
    return written


def _encoded(words: str) -> str:
    """Encoded words, cut between characters: a decoder joins them without the spaces between."""
    chunks = [""]
    for c in words:
        if len((chunks[-1] + c).encode()) > _WORD_OCTETS:
            chunks.append("")
        chunks[-1] += c
    return " ".join(f"=?utf-8?b?{base64.b64encode(chunk.encode()).decode('ascii')}?=" for chunk in chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The service as its readers meet it."""

    name: str  # in From, beside the address
    address: str  # From; its domain also names the list and every Message-ID
    reply_to: str | None  # a mailbox that somebody, or a robot, reads
    bounces: str  # the envelope's return path
    service_name: str
    service_url: str
    contact: str  # an address or a page, as readers should see it
    postal_address: str | None
    daily_at: str = "noon"  # when the edition comes, in words that stand behind "at"
    commands: str | None = None  # a domain whose leave+TOKEN@ and confirm+TOKEN@ a robot of ours reads
