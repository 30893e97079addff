"""Email addresses: whether one can be written to, and how one is shown where it must not stand in clear."""

from __future__ import annotations

import re
from typing import Final

_LOCAL: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}")
_LABEL: Final = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")


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


def mask(address: str) -> str:
    """Enough of an address for its owner to know it, and nobody else: m…@example.org."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


_IN_TEXT: Final = re.compile(r"""("[^"@]*"|[^\s@<>()\[\],;"'=]+)@([^\s@<>()\[\],;:"'=]+)""")


def masked(text: str) -> str:
    """A text with every address in it masked; what only looks like one is masked too."""
    return _IN_TEXT.sub(lambda found: mask(found[0].strip('"')), text) if "@" in text else text
