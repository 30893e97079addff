"""Connection: how one to a mail server is protected; by something, unless the server is this machine."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from digest.settings.types import expected, loopback


class Tls(StrEnum):
    """How the connection to a mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


def _is_protected_outside(tls: Tls, others: ValidationInfo) -> Tls:
    host = others.data.get("host")
    if tls is Tls.NONE and host is not None and not loopback(host):
        raise expected(
            f"starttls or implicit: {host} is not this machine, so the connection needs protection"
        )
    return tls


Protected = Annotated[Tls, AfterValidator(_is_protected_outside)]
"""How the connection to `host`, a key before this one, is protected: `none` is for this machine alone."""
