"""What all sections of the settings share, and how a connection to a mail server is protected."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, model_validator

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


class Section(BaseModel):
    """A group of keys. An empty value counts as not given; an unknown key is an error."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        return {k: v for k, v in given.items() if v is not None or k not in cls.model_fields}
